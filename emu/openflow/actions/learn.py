"""`learn(...)`: a flow that makes flows. Syntax as learn_parse(), lib/learn.c."""

import re
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final, final

from emu.openflow.actions.base import Action, Actions, Checking, Fitness
from emu.openflow.actions.control import parse_table
from emu.openflow.actions.fields import parse_move_words
from emu.openflow.match import EVERYTHING, ask_subfield
from emu.openflow.match_text import DEFAULT_PRIORITY
from emu.openflow.ports import PortNames
from emu.openflow.subfield import Subfield, parse_subfield
from emu.openflow.values import integer, parse_exact, render_hex, render_masked
from emu.openflow.words import Word, pairs


@unique
class Target(StrEnum):
    """What a part of the new flow is."""

    MATCH = "match"
    LOAD = "load"
    OUTPUT = "output"


@final
@dataclass(frozen=True, slots=True)
class Spec:
    """One part of the new flow, and where its value comes from."""

    kind: Target
    target: Subfield | None  # None: the packet goes out there
    source: Subfield | int  # of the packet that teaches, or a constant

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        match self:
            case Spec(Target.OUTPUT, _, source):
                return f"output:{source}"
            case Spec(Target.LOAD, target, int(number)):
                return f"load:{render_hex(number)}->{target}"
            case Spec(Target.LOAD, target, source):
                return f"load:{source}->{target}"
            case Spec(_, Subfield() as target, int(number)) if target.is_whole:
                field = target.field
                return f"{field.name}={render_masked(field, number, field.ones, ports)}"
            case Spec(_, target, int(number)):
                return f"{target}={render_hex(number)}"
            case Spec(_, target, source):
                return f"{target}" if target == source else f"{target}={source}"
        raise AssertionError(self)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Learn(Action):
    """What the new flow is like."""

    table: int = 1
    idle_timeout: int = 0  # seconds
    hard_timeout: int = 0
    fin_idle_timeout: int = 0
    fin_hard_timeout: int = 0
    priority: int = DEFAULT_PRIORITY
    cookie: int = 0
    send_flow_rem: bool = False
    delete_learned: bool = False
    limit: int = 0  # flows with this cookie in that table; 0: any number
    result: Subfield | None = None  # where to put 1 if it was learned, 0 if not
    specs: tuple[Spec, ...] = ()

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        numbers = {
            "idle_timeout": self.idle_timeout,
            "hard_timeout": self.hard_timeout,
            "fin_idle_timeout": self.fin_idle_timeout,
            "fin_hard_timeout": self.fin_hard_timeout,
        }
        parts = [
            f"table={self.table}",
            *(f"{name}={number}" for name, number in numbers.items() if number),
            "" if self.priority == DEFAULT_PRIORITY else f"priority={self.priority}",
            "send_flow_rem" if self.send_flow_rem else "",
            "delete_learned" if self.delete_learned else "",
            f"cookie={render_hex(self.cookie)}" if self.cookie else "",
            f"limit={self.limit}" if self.limit else "",
            "" if self.result is None else f"result_dst={self.result}",
            *(spec.text(ports) for spec in self.specs),
        ]
        return f"learn({','.join(filter(None, parts))})"

    def check(self, state: Checking) -> Action:
        """Demand what sources need of the packet, and targets of the new match; learn_check()."""
        new = Checking(EVERYTHING, Fitness())
        match = EVERYTHING
        for spec in self.specs:
            if isinstance(spec.source, Subfield):
                state.demand_source(spec.source)
            if spec.target is None:
                continue
            if spec.kind is Target.LOAD:
                new.demand_target(spec.target)
                continue
            new.demand_source(spec.target)
            if isinstance(spec.source, int):
                match = ask_subfield(match, spec.target, spec.source)
                new.key = match.value
        return self


_NUMBERS: Final = {
    "priority": 0xFFFF,
    "idle_timeout": 0xFFFF,
    "hard_timeout": 0xFFFF,
    "limit": 0xFFFFFFFF,
    "fin_idle_timeout": 0xFFFF,
    "fin_hard_timeout": 0xFFFF,
    "cookie": (1 << 64) - 1,
}


def parse_learn(whole: Word, ports: PortNames, _fitness: Fitness) -> Actions:
    """Read `learn(...)`."""
    numbers: dict[str, int] = {"table": 1}
    flags: list[str] = []
    result: Subfield | None = None
    specs: list[Spec] = []
    for key, value in pairs(whole):
        name = key.text
        if name == "table":
            numbers[name] = _learn_table(value, whole)
        elif name in _NUMBERS:
            numbers[name] = _leading_number(value.text) & _NUMBERS[name]
        elif name in ("send_flow_rem", "delete_learned"):
            flags.append(name)
        elif name == "result_dst":
            result = _result(value)
        else:
            specs.append(_spec(whole, key, value, ports))
    learn = Learn(
        table=numbers["table"],
        idle_timeout=numbers.get("idle_timeout", 0),
        hard_timeout=numbers.get("hard_timeout", 0),
        fin_idle_timeout=numbers.get("fin_idle_timeout", 0),
        fin_hard_timeout=numbers.get("fin_hard_timeout", 0),
        priority=numbers.get("priority", DEFAULT_PRIORITY),
        cookie=numbers.get("cookie", 0),
        send_flow_rem="send_flow_rem" in flags,
        delete_learned="delete_learned" in flags,
        limit=numbers.get("limit", 0),
        result=result,
        specs=tuple(specs),
    )
    return (learn,)


def _learn_table(value: Word, whole: Word) -> int:
    table = value.read(parse_table, "a table, 0 to 254")
    if table == 255:
        raise value.bad(f"{whole.text}: table id 255 not valid for `learn' action")
    return table


def _leading_number(text: str) -> int:
    """As atoi(3), and strtoull(3) with base 0."""
    found = re.match(r"\s*([+-]?)(0[xX][0-9a-fA-F]+|\d+)", text)
    if found is None:
        return 0
    digits = found[2]
    number = int(digits, 16 if digits[:2].lower() == "0x" else 10)
    return -number if found[1] == "-" else number


def _result(value: Word) -> Subfield:
    subfield = value.read(parse_subfield, "one bit of a field")
    if not subfield.field.writable:
        raise value.bad(f"{value.text} is read-only")
    if subfield.bits != 1:
        raise value.bad("result_dst in 'learn' action must be a single bit")
    return subfield


def _spec(whole: Word, key: Word, value: Word, ports: PortNames) -> Spec:
    """As learn_parse_spec()."""
    name = key.text
    try:
        target = parse_subfield(name)
    except ValueError:
        if name == "load":
            return value.read(lambda text: _load(name, text), "VALUE or FIELD, ->FIELD")
        if name == "output":
            return Spec(Target.OUTPUT, None, value.read(parse_subfield, "a field"))
        words = f"{whole.text}: unknown keyword {name}"
        raise key.bad(words, "a field, load or output") from None
    if not target.field.learnable:
        raise key.bad(f"{whole.text}: experimenter OXM field '{name}' not supported")
    return value.read(lambda text: _match(whole.text, name, target, text, ports))


def _match(whole: str, name: str, target: Subfield, text: str, ports: PortNames) -> Spec:
    if not text:
        return Spec(Target.MATCH, target, target)
    try:
        source = parse_subfield(text)
    except ValueError as not_a_field:
        try:
            return Spec(Target.MATCH, target, _constant(whole, target, text, ports))
        except ValueError as not_a_number:
            both = f"a subfield ({not_a_field}) or an immediate value ({not_a_number})"
            words = f"{whole}: {name} value {text} cannot be parsed as {both}"
            raise ValueError(words) from None
    if source.bits != target.bits:
        widths = f"bit widths of {name} ({source.bits}) and {text} ({target.bits}) differ"
        raise ValueError(f"{whole}: {widths}")
    return Spec(Target.MATCH, target, source)


def _constant(whole: str, target: Subfield, text: str, ports: PortNames) -> int:
    if target.is_whole:
        # Only the octets that the bits need are kept: DIV_ROUND_UP(dst.n_bits, 8)
        octets = (target.bits + 7) // 8
        return parse_exact(target.field, text, ports) & (1 << 8 * octets) - 1
    try:
        number = integer(text, target.field.octets)
    except (ValueError, OverflowError):
        raise ValueError(f"{whole}: cannot parse integer value") from None
    if number > target.ones:
        shown = render_masked(target.field, number, target.field.ones, PortNames())
        raise ValueError(f"{whole}: value {shown} does not fit into {target.bits} bits")
    return number


def _load(name: str, text: str) -> Spec:
    source, arrow, target = text.partition("->")
    if not arrow:
        raise ValueError(f"{name}: missing `->' in `{text}'")
    if not source:
        raise ValueError(f"{name}: missing source before `->' in `{text}'")
    try:
        number = integer(source, 128)
    except (ValueError, OverflowError):
        move = parse_move_words(text)
        return Spec(Target.LOAD, move.target, move.source)
    subfield = parse_subfield(target)
    if not subfield.field.learnable:
        raise ValueError(f"{text}: experimenter OXM field '{target}' not supported")
    if number > subfield.ones:
        raise ValueError(f"{text}: value does not fit into {subfield.bits} bits")
    return Spec(Target.LOAD, subfield, number)
