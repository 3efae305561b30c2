"""Actions that choose by a hash of the packet: `multipath`, `bundle`, `bundle_load`."""

import re
from dataclasses import dataclass
from typing import Final, final

from emu.openflow.actions.base import Action, Actions, Checking, Fitness
from emu.openflow.errors import BadFlow
from emu.openflow.ports import OFPP_CONTROLLER, OFPP_MAX, OFPP_NONE, RESERVED, PortNames
from emu.openflow.subfield import Subfield, parse_subfield
from emu.openflow.words import Word

HASHED: Final = (  # enum nx_hash_fields
    *("eth_src", "symmetric_l4", "symmetric_l3l4", "symmetric_l3l4+udp", "nw_src", "nw_dst"),
    "symmetric_l3",
)
LINK_ALGORITHMS: Final = ("modulo_n", "hash_threshold", "hrw", "iter_hash")
MEMBER_ALGORITHMS: Final = ("active_backup", "hrw")
_SPLIT: Final = re.compile(r"[, ]+")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Multipath(Action):
    """`multipath(FIELDS,BASIS,ALGORITHM,LINKS,ARG,TARGET)`: put the number of a link there."""

    fields: str
    basis: int
    algorithm: str
    links: int
    arg: int
    target: Subfield

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        head = f"{self.fields},{self.basis},{self.algorithm},{self.links},{self.arg}"
        return f"multipath({head},{self.target})"

    def check(self, state: Checking) -> Action:
        """Demand that the field can be set."""
        state.demand_target(self.target)
        return self


def _atoi(text: str) -> int:
    found = re.match(r"\s*[+-]?\d+", text)
    return int(found[0]) if found else 0


def _one_of(words: tuple[str, ...], text: str, what: str, whole: Word) -> str:
    if text.lower() not in words:
        raise whole.bad(f"{whole.text}: unknown {what} `{text}'", ", ".join(words))
    return text.lower()


def parse_multipath(whole: Word, _ports: PortNames, _fitness: Fitness) -> Actions:
    """Read `multipath(...)`; as multipath_parse()."""
    words = [word for word in _SPLIT.split(whole.text) if word]
    if len(words) < 6:
        raise whole.bad(f"{whole.text}: not enough arguments to multipath action")
    fields, basis, algorithm, links, arg, target = words[:6]
    count = _atoi(links)
    if not 1 <= count <= 65536:
        limits = f"n_links {count} is not in valid range 1 to 65536"
        raise whole.bad(f"{whole.text}: {limits}")
    subfield = whole.read(lambda _text: parse_subfield(target), "a field and a range of its bits")
    if subfield.bits < 16 and count > 1 << subfield.bits:
        few = f"{subfield.bits}-bit destination field has {1 << subfield.bits} possible values"
        raise whole.bad(f"{whole.text}: {few}, less than specified n_links {count}")
    action = Multipath(
        fields=_one_of(HASHED, fields, "fields", whole),
        basis=_atoi(basis) & 0xFFFF,
        algorithm=_one_of(LINK_ALGORITHMS, algorithm, "algorithm", whole),
        links=count,
        arg=_atoi(arg) & 0xFFFFFFFF,
        target=subfield,
    )
    return (action,)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle(Action):
    """`bundle(...)`: send to one of some ports; `bundle_load(...)`: put its number somewhere."""

    fields: str
    basis: int
    algorithm: str
    target: Subfield | None
    members: tuple[int, ...]

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        name, target = ("bundle", "") if self.target is None else ("bundle_load", f"{self.target},")
        head = f"{self.fields},{self.basis},{self.algorithm},ofport,{target}"
        return f"{name}({head}members:{','.join(map(ports.name, self.members))})"

    def check(self, state: Checking) -> Action:
        """Demand that there can be such ports, and that the field can be set."""
        if self.target is not None:
            state.demand_target(self.target)
        for port in self.members:
            known = port < OFPP_MAX or port in RESERVED.values() or port == OFPP_NONE
            if port == OFPP_CONTROLLER or not known:
                raise BadFlow("actions are invalid with specified match (OFPBAC_BAD_OUT_PORT)")
        return self


def parse_bundle(whole: Word, ports: PortNames, _fitness: Fitness) -> Actions:
    """Read `bundle(FIELDS,BASIS,ALGORITHM,ofport,members:PORT,...)`."""
    return (_parse_bundle(whole, ports, load=False),)


def parse_bundle_load(whole: Word, ports: PortNames, _fitness: Fitness) -> Actions:
    """Read `bundle_load(FIELDS,BASIS,ALGORITHM,ofport,TARGET,members:PORT,...)`."""
    return (_parse_bundle(whole, ports, load=True),)


def _parse_bundle(whole: Word, ports: PortNames, *, load: bool) -> Bundle:
    head, colon, tail = whole.text.partition(":")
    words = [word for word in _SPLIT.split(head) if word]
    if not colon or len(words) < 5 + load:
        raise whole.bad(f"{whole.text}: not enough arguments to bundle action")
    fields, basis, algorithm, kind = words[:4]
    delimiter = words[4 + load]
    if delimiter.lower() not in ("members", "slaves"):
        missing = f"missing member delimiter, expected `members', got `{delimiter}'"
        raise whole.bad(f"{whole.text}: {missing}")
    _one_of(("ofport",), kind, "member_type", whole)
    members = []
    for name in re.split(r"[, \[\]]+", tail):
        number = ports.number(name) if name else 0
        if number is None:
            raise whole.bad(f"{name}: bad port number", "a port's name or number")
        if name:
            members.append(number)
    target = whole.read(lambda _text: parse_subfield(words[4])) if load else None
    return Bundle(
        fields=_one_of(HASHED, fields, "fields", whole),
        basis=_atoi(basis) & 0xFFFF,
        algorithm=_one_of(MEMBER_ALGORITHMS, algorithm, "algorithm", whole),
        target=target,
        members=tuple(members),
    )
