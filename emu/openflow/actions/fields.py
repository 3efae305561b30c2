"""Actions that change fields: `set_field`, `load`, `move`, and the stack."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, final

from emu.openflow import layout
from emu.openflow.actions.base import Action, Actions, Checking, Fitness
from emu.openflow.fields import BY_NAME, Field, Needs, is_foreign
from emu.openflow.ports import NO_NAMES, PortNames
from emu.openflow.subfield import Subfield, parse_subfield, take_subfield
from emu.openflow.values import integer, parse_masked, render_hex, render_masked
from emu.openflow.words import Word

WIDEST_LOAD: Final = 64  # bits that one NXAST_REG_LOAD carries


# --- set_field and load --------------------------------------------------------------------------


@final
@dataclass(frozen=True, slots=True)
class SetField(Action):
    """`set_field:VALUE[/MASK]->FIELD`, or `load:VALUE->FIELD[RANGE]`, which is the same."""

    field: Field
    value: int
    mask: int
    load: bool = False  # came as a load, and goes as one where it may
    has_vlan: bool = False  # whether the packet has a tag at this point, as far as is known

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        if self.load:
            parts = [f"load:{render_hex(value)}->{part}" for part, value in self.segments()]
            return ",".join(parts)
        value = render_masked(self.field, self.value, self.mask, ports)
        return f"set_field:{value}->{self.field.name}"

    def check(self, state: Checking) -> Action:
        """Demand the field's prerequisite; as check_SET_FIELD()."""
        state.demand(self.field.needs)
        has_vlan = bool(layout.VLAN_TCI.get(state.key) & layout.VLAN_CFI)
        if self.field.name == "vlan_vid" and not has_vlan:
            state.demand(Needs.VLAN)
        if self.field.name == "vlan_tci":
            state.key = layout.VLAN_TCI.put(state.key, self.value)
        return replace(self, has_vlan=has_vlan)

    def segments(self) -> Iterator[tuple[Subfield, int]]:
        """Yield the runs of bits that are set, lowest first; as next_load_segment()."""
        at = 0
        while rest := self.mask >> at & (1 << max(self.field.bits - at, 0)) - 1:
            at += (rest & -rest).bit_length() - 1
            run = self.mask >> at
            bits = min((run ^ run + 1).bit_length() - 1, WIDEST_LOAD, self.field.bits - at)
            yield Subfield(self.field, at, bits), self.value >> at & (1 << bits) - 1
            at += bits


def _split_arrow(value: Word) -> tuple[Word, Word]:
    text, arrow, target = value.text.partition("->")
    if not arrow:
        raise value.bad(f"{value.text}: missing `->'", "VALUE->FIELD")
    if not target:
        raise value.bad(f"{value.text}: missing field name following `->'", "VALUE->FIELD")
    return Word(text, value.at), Word(target, value.at + len(text) + 2)


def parse_set_field(whole: Word, ports: PortNames, _fitness: Fitness) -> Actions:
    """Read `set_field:VALUE[/MASK]->FIELD`."""
    value, target = _split_arrow(whole)
    field = BY_NAME.get(target.text)
    if field is None:
        words = "emu has no such header" if is_foreign(target.text) else "is not a valid OXM field"
        raise target.bad(f"{target.text} {words} name", "a field's name")
    if not field.writable:
        raise target.bad(f"{target.text} is read-only")
    number, mask = value.read(lambda text: parse_masked(field, text, ports), field.form)
    if number & ~field.legal:
        raise value.bad(f"{value.text} is not a valid value for field {target.text}")
    return (SetField(field, number, mask),)


def parse_load(whole: Word, _ports: PortNames, _fitness: Fitness) -> Actions:
    """Read `load:VALUE->FIELD[RANGE]`."""
    value, name = _split_arrow(whole)
    target = name.read(parse_subfield, "a field and a range of its bits")
    try:
        number = integer(value.text, target.field.octets)
    except (ValueError, OverflowError):
        raise value.bad(f"{whole.text}: cannot parse integer value", "a number") from None
    if number > target.ones:
        shown = render_masked(target.field, number, target.field.ones, NO_NAMES)
        words = f"value {shown} does not fit into {target.bits} bits"
        raise value.bad(f"{whole.text}: {words}")
    return (SetField(target.field, number << target.start, target.mask, load=True),)


# --- move and the stack --------------------------------------------------------------------------


@final
@dataclass(frozen=True, slots=True)
class Move(Action):
    """`move:SOURCE->TARGET`."""

    source: Subfield
    target: Subfield

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        return f"move:{self.source}->{self.target}"

    def check(self, state: Checking) -> Action:
        """Demand the prerequisites of both."""
        state.demand_source(self.source)
        state.demand_target(self.target)
        return self


def parse_move_words(text: str) -> Move:
    """Read `SOURCE->TARGET`; as nxm_parse_reg_move()."""
    source, rest = take_subfield(text)
    if not rest.startswith("->"):
        raise ValueError(f"{text}: missing `->' following source")
    target = parse_subfield(rest[2:])
    if source.bits != target.bits:
        widths = f"source field is {source.bits} bits wide but destination is {target.bits}"
        raise ValueError(f"{text}: {widths} bits wide")
    return Move(source, target)


def parse_move(value: Word, _ports: PortNames, _fitness: Fitness) -> Actions:
    """Read `move:SOURCE->TARGET`."""
    return (value.read(parse_move_words, "SOURCE[RANGE]->TARGET[RANGE]"),)


@final
@dataclass(frozen=True, slots=True)
class StackPush(Action):
    """`push:FIELD`."""

    subfield: Subfield

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        return f"push:{self.subfield}"

    def check(self, state: Checking) -> Action:
        """Demand the field's prerequisite."""
        state.demand_source(self.subfield)
        return self


@final
@dataclass(frozen=True, slots=True)
class StackPop(Action):
    """`pop:FIELD`."""

    subfield: Subfield

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        return f"pop:{self.subfield}"

    def check(self, state: Checking) -> Action:
        """Demand the field's prerequisite, and that it may be set."""
        state.demand_target(self.subfield)
        return self


def parse_push(value: Word, _ports: PortNames, _fitness: Fitness) -> Actions:
    """Read `push:FIELD`."""
    return (StackPush(value.read(parse_subfield, "a field and a range of its bits")),)


def parse_pop(value: Word, _ports: PortNames, _fitness: Fitness) -> Actions:
    """Read `pop:FIELD`."""
    return (StackPop(value.read(parse_subfield, "a field and a range of its bits")),)
