"""Flows in text: parse_ofp_str(), lib/ofp-flow.c.

What ovs-ofctl reads is checked twice, as it is there: by the tool, and by the switch after the
message has carried it (actions/wire.py).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final, final

from emu.openflow import layout
from emu.openflow.actions.base import (
    INCONSISTENT,
    OF10,
    OF11,
    OF12,
    OF13,
    OF14,
    VERSIONS,
    Checking,
    Fitness,
    check_actions,
    match_meets,
)
from emu.openflow.actions.control import parse_seconds, parse_table
from emu.openflow.actions.parse import parse_actions, verify
from emu.openflow.actions.wire import wire_actions
from emu.openflow.errors import BadFlow
from emu.openflow.fields import BY_NAME, Field, Needs, is_foreign
from emu.openflow.flow import FLAGS, Command, Flow, FlowMod, wire_match
from emu.openflow.match import EVERYTHING, Match, ask, ask_subfield, normalise
from emu.openflow.match_text import PROTOCOLS
from emu.openflow.ports import NO_NAMES, PortNames
from emu.openflow.subfield import meets, parse_subfield
from emu.openflow.values import integer, parse_masked, parse_u, parse_u_plain, render_masked
from emu.openflow.words import Word, pairs

_ACTIONS: Final = re.compile("action[^=]*=")
_ADDS: Final = (Command.ADD, Command.MODIFY, Command.MODIFY_STRICT)
_DELETES: Final = (Command.DELETE, Command.DELETE_STRICT)
_IGNORED: Final = ("duration", "n_packets", "n_bytes", "idle_age", "hard_age")
_TRANSPORT: Final = layout.TP_SRC.mask | layout.TP_DST.mask | layout.TCP_FLAGS.mask
_WITH_PORTS: Final = (layout.IPPROTO_TCP, layout.IPPROTO_UDP, layout.IPPROTO_SCTP)
_VERSION_OF_FLAG: Final = {
    "reset_counts": OF12,
    "no_packet_counts": OF13,
    "no_byte_counts": OF13,
}
_UNSAYABLE: Final = ("skb_priority", "tun_tos", "tun_ttl")  # they have no header in any version


def parse_flow_mod(
    text: str,
    command: Command = Command.ADD,
    *,
    version: int = OF10,
    ports: PortNames = NO_NAMES,
) -> FlowMod:
    """Read what follows `ovs-ofctl [-O VERSION] add-flow BRIDGE`, or `mod-flows`, `del-flows`.

    Raises:
        BadFlow: in the words of ovs-ofctl, or with the name of the error that the switch sends.
    """
    reader = _Reader(command, ports)
    head, acts = _split_actions(text) if command in _ADDS else (Word(text, 0), None)
    if command in _ADDS and acts is None:
        raise BadFlow("must specify an action", at=len(text), expected="actions=...")
    for key, value in pairs(head):
        reader.read(key, value)
    parsed = replace(reader.mod, match=reader.match)
    if acts is not None:
        actions = parse_actions(acts, ports, reader.fitness, instructions=True)
        state = Checking(parsed.match, reader.fitness, parsed.table)
        parsed = replace(parsed, actions=check_actions(actions, state))
    _demand_version(reader.fitness, version)
    return _arrive(parsed, version)


def parse_flows(
    lines: Iterable[str], *, version: int = OF10, ports: PortNames = NO_NAMES
) -> Iterator[FlowMod]:
    """Read a file of flows, as `ovs-ofctl add-flows` does: `#` begins a comment.

    A line may begin with `add`, `modify`, `delete` and so on. What `ovs-ofctl dump-flows` prints
    can be read too: its header is passed over.
    """
    for number, line in enumerate(lines, start=1):
        text = line.partition("#")[0].strip()
        if not text or text.startswith(("NXST_FLOW reply", "OFPST_FLOW reply")):
            continue
        word, _, rest = text.partition(" ")
        known = word.rstrip(",") in list(Command)
        command = Command(word.rstrip(",")) if known else Command.ADD
        try:
            yield parse_flow_mod(rest if known else text, command, version=version, ports=ports)
        except BadFlow as error:
            error.line = number
            raise


def parse_flow(text: str, *, version: int = OF10, ports: PortNames = NO_NAMES) -> Flow:
    """Read one flow, as `ovs-ofctl add-flow` takes it or `dump-flows` prints it."""
    return parse_flow_mod(text, version=version, ports=ports).flow()


def _split_actions(text: str) -> tuple[Word, Word | None]:
    """As ofp_extract_actions()."""
    found = _ACTIONS.search(text)
    if found is None:
        return Word(text, 0), None
    return Word(text[: found.start()], 0), Word(text[found.end() :], found.end())


def _demand_version(fitness: Fitness, version: int) -> None:
    if not fitness.versions:
        raise BadFlow(f"actions are invalid with specified match ({INCONSISTENT})")
    if version not in fitness.versions:
        none = f"none of the usable flow formats ({_names(fitness.versions)})"
        allowed = _names(frozenset([version]))
        raise BadFlow(f"{none} is among the allowed flow formats ({allowed})")


def _names(versions: frozenset[int]) -> str:
    """As ofputil_protocols_to_string()."""
    oxm = [version for version in VERSIONS if version >= OF12 and version in versions]
    names = ["OXM"] if len(oxm) == len(VERSIONS) - 2 else [f"OXM-OpenFlow{v}" for v in oxm]
    names += ["OpenFlow10", "NXM"] if OF10 in versions else []
    names += ["OpenFlow11"] if OF11 in versions else []
    return ",".join(names)


def _arrive(sent: FlowMod, version: int) -> FlowMod:
    """Return the message as the switch has it; `BadFlow` if it refuses it."""
    match = normalise(wire_match(normalise(sent.match), version))
    if _asks_what_is_not_there(match):
        raise BadFlow("OFPBMC_BAD_PREREQ")
    actions = wire_actions(sent.actions, version)
    fitness = Fitness()
    checked = check_actions(actions, Checking(match, fitness, sent.table))
    verify(checked, Word("", 0), outer="", instructions=True)
    if version not in fitness.versions:
        raise BadFlow(INCONSISTENT)
    new_cookie = sent.new_cookie
    modifies = sent.command in (Command.MODIFY, Command.MODIFY_STRICT)
    may_add = modifies and not sent.cookie_mask and version <= OF11
    if modifies and version >= OF12:
        new_cookie = None  # ofputil_decode_flow_mod(): such a message cannot change it
    return replace(
        sent,
        match=match,
        actions=checked,
        new_cookie=new_cookie,
        may_add=may_add,
        importance=sent.importance if version >= OF14 else 0,
    )


def _asks_what_is_not_there(match: Match) -> bool:
    """Whether it asks for ports of later fragments; as mf_are_prereqs_ok__()."""
    is_later = match.get(layout.NW_FRAG) & layout.FRAG_LATER
    has_ports = layout.NW_PROTO.get(match.value) in _WITH_PORTS
    return bool(is_later and has_ports and meets(match.value, Needs.IP) and match.mask & _TRANSPORT)


@final
@dataclass(slots=True)
class _Reader:
    """What was read so far of one flow."""

    command: Command
    ports: PortNames
    mod: FlowMod
    match: Match
    fitness: Fitness

    def __init__(self, command: Command, ports: PortNames) -> None:
        self.command = command
        self.ports = ports
        self.mod = FlowMod(command=command)
        self.match = EVERYTHING
        self.fitness = Fitness()

    def read(self, key: Word, value: Word) -> None:
        """Take in one pair; in the order in which parse_ofp_str__() looks."""
        name = key.text
        if name in PROTOCOLS:
            self._protocol(name)
        elif name == "eth" or name in ("no_readonly_table", "allow_hidden_fields"):
            pass  # every frame is one; the others are for the switch's own flows
        elif name in FLAGS and self.command in _ADDS:
            self._flag(name)
        elif (field := BY_NAME.get(name)) is not None:
            self._field(field, value)
        elif "[" in name:
            self._subfield(key, value)
        elif is_foreign(name):
            raise key.bad(f"{name}: emu has no such header")
        elif not value.text:
            raise key.bad(f"field {name} missing value", "a value")
        else:
            self._setting(key, value)

    def _protocol(self, name: str) -> None:
        dl_type, protocol = PROTOCOLS[name]
        self.match = self.match.narrow(layout.DL_TYPE, dl_type)
        if protocol:
            self.match = self.match.narrow(layout.NW_PROTO, protocol)

    def _flag(self, name: str) -> None:
        self.fitness.since(_VERSION_OF_FLAG.get(name, OF10))
        flags = (*self.mod.flags, name)
        self.mod = replace(self.mod, flags=tuple([flag for flag in FLAGS if flag in flags]))

    def _field(self, field: Field, value: Word) -> None:
        text = value.text or "0/0"
        value = Word(text, value.at)
        number, mask = value.read(lambda t: parse_masked(field, t, self.ports), field.form)
        self._ask(field, ask(self.match, field, number, mask))

    def _ask(self, field: Field, match: Match) -> None:
        """Take `match` for what was asked so far, now that `field` is asked of it too."""
        if field.needs is Needs.CONNTRACK and not match_meets(match, field.needs):
            raise BadFlow("OFPBMC_BAD_PREREQ")  # the switch: others would have been normalised
        if field.name in _UNSAYABLE:
            self.fitness.versions = frozenset()  # no message can say it
        self.match = match

    def _subfield(self, key: Word, value: Word) -> None:
        """As parse_subfield(): `NXM_NX_REG0[0..7]=5`."""
        target = key.read(parse_subfield, "a field and a range of its bits")
        try:
            number = integer(value.text, target.field.octets)
        except (ValueError, OverflowError):
            words = f"{key.text}: cannot parse integer value: {value.text}"
            raise value.bad(words, "a number") from None
        if number > target.ones:
            shown = render_masked(target.field, number, target.field.ones, NO_NAMES)
            words = f"{key.text}: value {shown} does not fit into {target.bits} bits"
            raise value.bad(words)
        self._ask(target.field, ask_subfield(self.match, target, number))

    def _setting(self, key: Word, value: Word) -> None:
        """A part of a flow that is no match."""
        name, adds = key.text, self.command in _ADDS
        if name == "table":
            table = value.read(parse_table, "a table, 0 to 254")
            self.mod = replace(self.mod, table=None if table == 255 else table)
        elif name == "priority" and self.command not in (Command.DELETE,):
            priority = value.read(lambda text: parse_u(text, name, 16), "0 to 65535")
            self.mod = replace(self.mod, priority=priority)
        elif name == "idle_timeout" and adds:
            self.mod = replace(self.mod, idle_timeout=parse_seconds(value, name))
        elif name == "hard_timeout" and adds:
            self.mod = replace(self.mod, hard_timeout=parse_seconds(value, name))
        elif name == "importance" and self.command is Command.ADD:
            number = value.read(lambda text: parse_u(text, name, 16), "0 to 65535")
            self.mod = replace(self.mod, importance=number)
        elif name == "cookie":
            self._cookie(value)
        elif name == "out_port" and not adds:
            self._out_port(value)
        elif name == "out_group" and not adds:
            self.fitness.since(OF11)
            group = value.read(lambda text: parse_u_plain(text, 32), "a group's number")
            self.mod = replace(self.mod, out_group=group)
        elif name not in _IGNORED:
            raise key.bad(f"unknown keyword {name}", "a field of a match, or a setting of a flow")

    def _out_port(self, value: Word) -> None:
        port = self.ports.number(value.text)
        if port is None:
            words = f"{value.text} is not a valid OpenFlow port"
            raise value.bad(words, "a port's name or number")
        self.mod = replace(self.mod, out_port=port)

    def _cookie(self, whole: Word) -> None:
        value, slash, mask = whole.text.partition("/")
        cookie = whole.read(lambda _text: _parse_cookie(value), "a number of 64 bits")
        if not slash:
            if self.command in _DELETES:
                usage = f"(to match on a cookie, specify a mask, e.g. cookie={value}/-1)"
                raise whole.bad(f"cannot set cookie {usage}")
            self.mod = replace(self.mod, new_cookie=cookie)
            return
        if self.command is Command.ADD:
            raise whole.bad("flow additions cannot use a cookie mask")
        bits = whole.read(lambda _text: _parse_cookie(mask), "a mask")
        self.mod = replace(self.mod, cookie=cookie & bits, cookie_mask=bits)


def _parse_cookie(text: str) -> int:
    """As str_to_be64(): strtoull(3) takes -1."""
    if re.fullmatch(r"-\d+", text):
        return int(text) & (1 << 64) - 1
    return parse_u_plain(text, 64)
