"""Actions and instructions that steer: to other tables, into copies, through the action set."""

import re
from dataclasses import dataclass, replace
from typing import Final, final

from emu.openflow.actions.base import (
    Action,
    Actions,
    Checking,
    Fitness,
    check_actions,
    render_actions,
)
from emu.openflow.errors import BadFlow
from emu.openflow.fields import Needs
from emu.openflow.ports import OFPP_IN_PORT, PortNames
from emu.openflow.subfield import Subfield, parse_subfield
from emu.openflow.values import parse_u, parse_u_plain, render_hex
from emu.openflow.words import Word, pairs

ANY_TABLE: Final = 255  # in a resubmit, the table that it stands in
USER_TABLES: Final = 254  # those that flows can be added to are below
_TABLE: Final = "a table, 0 to 254"


def parse_table(text: str) -> int:
    """Read the number of a table; as ofputil_table_from_string()."""
    if not re.fullmatch(r"\d+", text) or int(text) > ANY_TABLE:
        raise ValueError(f'unknown table "{text}"')
    return int(text)


@final
@dataclass(frozen=True, slots=True)
class Resubmit(Action):
    """`resubmit(PORT,TABLE)`: look the packet up again, and go on here afterwards."""

    port: int = OFPP_IN_PORT
    table: int = ANY_TABLE
    ct: bool = False  # whether to look it up by the addresses of its connection

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        port = "" if self.port == OFPP_IN_PORT else ports.name(self.port)
        if port and self.table == ANY_TABLE:
            return f"resubmit:{port}"
        table = "" if self.table == ANY_TABLE else self.table
        return f"resubmit({port},{table}{',ct' if self.ct else ''})"

    def check(self, state: Checking) -> Action:
        """Demand a connection if the lookup is by one."""
        if self.ct:
            state.demand(Needs.CONNTRACK)
        return self


def parse_resubmit(value: Word, ports: PortNames, _fitness: Fitness) -> Actions:
    """Read `resubmit:PORT` or `resubmit([PORT],[TABLE][,ct])`."""
    port_text, table_text, ct_text = [*value.text.split(",", 2), "", ""][:3]
    port: int | None = OFPP_IN_PORT
    if port_text:
        port = ports.number(port_text)
    if port is None:
        raise value.bad(f"{port_text}: resubmit to unknown port", "a port's name or number")
    table = ANY_TABLE
    if table_text:
        try:
            table = parse_table(table_text)
        except ValueError:
            raise value.bad(f"{table_text}: resubmit to unknown table", _TABLE) from None
    if ct_text not in ("", "ct"):
        raise value.bad(f"{ct_text}: unknown parameter", "ct")
    if port == OFPP_IN_PORT and table == ANY_TABLE:
        words = 'at least one "in_port" or "table" must be specified on resubmit'
        raise value.bad(words)
    return (Resubmit(port, table, bool(ct_text)),)


@final
@dataclass(frozen=True, slots=True)
class GotoTable(Action):
    """`goto_table:TABLE`."""

    table: int

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        return f"goto_table:{self.table}"

    def check(self, state: Checking) -> Action:
        """Refuse to go anywhere but up."""
        below = state.table is not None and self.table <= state.table
        if below or self.table >= ANY_TABLE:
            raise BadFlow("actions are invalid with specified match (OFPBIC_BAD_TABLE_ID)")
        return self


def parse_goto_table(value: Word, _ports: PortNames, _fitness: Fitness) -> Actions:
    """Read `goto_table:TABLE`."""
    return (GotoTable(value.read(parse_table, _TABLE)),)


@final
@dataclass(frozen=True, slots=True)
class Exit(Action):
    """`exit`: end the walk, in the tables that called this one too."""

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        return "exit"


@final
@dataclass(frozen=True, slots=True)
class Clone(Action):
    """`clone(ACTIONS)`: do that with a copy."""

    actions: Actions

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        return f"clone({render_actions(self.actions, ports)})"

    def check(self, state: Checking) -> Action:
        """Check the actions on the copy."""
        return Clone(check_actions(self.actions, state))


@final
@dataclass(frozen=True, slots=True)
class WriteActions(Action):
    """`write_actions(ACTIONS)`: add them to those that are done at the end."""

    actions: Actions

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        return f"write_actions({render_actions(self.actions, ports)})"

    def check(self, state: Checking) -> Action:
        """Check the actions, but let every version carry them: nobody knows when they are done."""
        fitness, state.fitness = state.fitness, Fitness()
        actions = check_actions(self.actions, state)
        state.fitness = fitness
        return WriteActions(actions)


@final
@dataclass(frozen=True, slots=True)
class ClearActions(Action):
    """`clear_actions`: forget those that would be done at the end."""

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        return "clear_actions"


@final
@dataclass(frozen=True, slots=True)
class WriteMetadata(Action):
    """`write_metadata:VALUE[/MASK]`."""

    value: int
    mask: int = (1 << 64) - 1

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        tail = "" if self.mask == (1 << 64) - 1 else f"/{render_hex(self.mask)}"
        return f"write_metadata:{render_hex(self.value)}{tail}"


def parse_write_metadata(whole: Word, _ports: PortNames, fitness: Fitness) -> Actions:
    """Read `write_metadata:VALUE[/MASK]`."""
    value, slash, mask = whole.text.partition("/")
    number = whole.read(lambda _text: parse_u_plain(value, 64), "a number of 64 bits")
    if not slash:
        return (WriteMetadata(number),)
    del fitness  # OpenFlow 1.0 has it as an extension
    return (WriteMetadata(number, whole.read(lambda _text: parse_u_plain(mask, 64), "a mask")),)


@final
@dataclass(frozen=True, slots=True)
class Meter(Action):
    """`meter:ID`, which emu has none of: parse.py refuses it."""

    meter: int

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        return f"meter:{self.meter}"


@final
@dataclass(frozen=True, slots=True)
class Conjunction(Action):
    """`conjunction(ID,K/N)`: the flow is one way to fulfil clause K of N."""

    id: int
    clause: int  # from 0
    clauses: int

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        return f"conjunction({self.id},{self.clause + 1}/{self.clauses})"


def parse_conjunction(value: Word, _ports: PortNames, _fitness: Fitness) -> Actions:
    """Read `conjunction(ID,K/N)`."""
    number = r"(0[xX][0-9a-fA-F]+|\d+)"
    found = re.fullmatch(rf"\s*{number}\s*,\s*(\d+)\s*/\s*(\d+)\s*", value.text)
    if found is None:
        raise value.bad('"conjunction" syntax is "conjunction(id,i/n)"')
    clause, clauses = int(found[2]), int(found[3])
    if clauses < 2:
        raise value.bad("conjunction must have at least 2 clauses")
    if clauses > 64:
        raise value.bad("conjunction must have at most 64 clauses")
    if clause < 1:
        raise value.bad("clause index must be positive")
    if clause > clauses:
        raise value.bad("clause index must be less than or equal to number of clauses")
    return (Conjunction(int(found[1], 0) & 0xFFFFFFFF, clause - 1, clauses),)


@final
@dataclass(frozen=True, slots=True)
class Note(Action):
    """`note:OCTETS`: does nothing."""

    octets: bytes

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        return f"note:{self.octets.hex('.')}"


def parse_note(value: Word, _ports: PortNames, _fitness: Fitness) -> Actions:
    """Read `note:AA.BB`; what arrives is padded to the end of the message's word."""
    try:
        octets = bytes.fromhex(value.text.replace(".", " "))
    except ValueError:
        raise value.bad("bad hex digit in `note' argument", "pairs of hexadecimal digits") from None
    return (Note(octets + bytes((6 - len(octets)) % 8)),)


@final
@dataclass(frozen=True, slots=True)
class FinTimeout(Action):
    """`fin_timeout(...)`: shorten the flow's life when a connection ends."""

    idle: int = 0  # seconds
    hard: int = 0

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        idle = f"idle_timeout={self.idle}" if self.idle else ""
        hard = f"hard_timeout={self.hard}" if self.hard else ""
        return f"fin_timeout({','.join(filter(None, (idle, hard)))})"

    def check(self, state: Checking) -> Action:
        """Note whether the match is of TCP."""
        state.prefer(Needs.TCP)
        return self


def parse_fin_timeout(whole: Word, _ports: PortNames, _fitness: Fitness) -> Actions:
    """Read `fin_timeout([idle_timeout=N][,hard_timeout=N])`."""
    action = FinTimeout()
    for key, value in pairs(whole):
        name = key.text
        if name not in ("idle_timeout", "hard_timeout"):
            raise key.bad(f"invalid key '{name}' in 'fin_timeout' argument")
        seconds = parse_seconds(value, name)
        action = (
            replace(action, idle=seconds)
            if name == "idle_timeout"
            else replace(action, hard=seconds)
        )
    return (action,)


def parse_seconds(value: Word, name: str) -> int:
    """Read a timeout."""
    return value.read(lambda text: parse_u(text, name, 16), "seconds, 0 to 65535")


@final
@dataclass(frozen=True, slots=True)
class CheckPktLarger(Action):
    """`check_pkt_larger(N)->BIT`: whether the packet has more than N octets."""

    size: int  # octets
    target: Subfield

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        return f"check_pkt_larger({self.size})->{self.target}"


def parse_check_pkt_larger(value: Word, _ports: PortNames, _fitness: Fitness) -> Actions:
    """Read `check_pkt_larger(N)->BIT`."""
    size, arrow, target = value.text.partition("->")
    if not arrow:
        raise value.bad(f"{value.text}: missing `->'", "check_pkt_larger(N)->BIT")
    subfield = value.read(lambda _text: parse_subfield(target), "one bit of a field")
    if subfield.bits != 1:
        raise value.bad("Only 1-bit destination field is allowed", "one bit of a field")
    octets = value.read(lambda _text: parse_u(size.removesuffix(")"), "(null)", 16))
    return (CheckPktLarger(octets, subfield),)


@final
@dataclass(frozen=True, slots=True)
class Sample(Action):
    """`sample(...)`: for collectors, of which there are none."""

    words: str

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        return f"sample({self.words})"


def parse_sample(value: Word, _ports: PortNames, _fitness: Fitness) -> Actions:
    """Read `sample(...)`, which does nothing without a collector."""
    return (Sample(value.text),)


@final
@dataclass(frozen=True, slots=True)
class DebugRecirc(Action):
    """`debug_recirc`: put the changes onto the packet, and read it anew."""

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        return "debug_recirc"
