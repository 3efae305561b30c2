"""The whole journal as JSON Lines: one object a line, for programs.

The first line is `{"format": "emu-journal", "schema_version": 1, "epoch": ...}`: the run began at
`epoch`, in nanoseconds of Unix time. Every other line is a record of `emu.journal`, with `record`
(its type), `time` (nanoseconds since the run began) and its own fields under their own names.
Within a schema version, keys are only added. What is not a number, string, truth value or null:

    link      its name, and `link_index`, since names recur; `from` and `to` are ports' names.
              `Linked` has both ends as device and port
    frame     `packet` (its name), `packet_id` (64 bits as a string: many readers of JSON round),
              `parent` (the serial of the traversal that brought it here, or null), `size`, and
              `wire` in hexadecimal. `Sent` has a `summary` as well; a `Transmit` has no `wire`,
              since `Sent` follows, and neither has `Lost` where `Sent` came before
    effects   `effect` (Transmit, Deliver, Drop, Hold, Event), and their fields. A drop's `class`
              says what it means: normal, policy, fault, misconfigured
    why       steps: `table`, `rule` (the row that answered as text, or null: none did), `fields`
              (those of the row), `before`, `after`, and `text`, all of it in words
    others    values: `type`, and their fields; octets in hexadecimal, addresses as text
"""

from collections.abc import Mapping
from dataclasses import Field, fields, is_dataclass
from enum import Enum
from functools import cache
from json import JSONEncoder
from typing import ClassVar, Final, Protocol, TextIO

from emu.core.time import EPOCH
from emu.journal import (
    Arrived,
    Configured,
    Linked,
    Lost,
    Record,
    Sent,
    StepBegun,
    StepEnded,
    Ticked,
)
from emu.journal.words import render_step, render_value
from emu.net.effects import Drop, Effect, Event, Step, Transmit, Why
from emu.net.link import Link, PortRef
from emu.packet.frame import Frame
from emu.trace.packets import PacketNames, summarize

FORMAT: Final = "emu-journal"
SCHEMA_VERSION: Final = 1
RECURRING: Final = 4096  # reasons whose form is kept

Json = dict[str, object]
encode: Final = JSONEncoder(ensure_ascii=False, check_circular=False).encode


class _Dataclass(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Field[object]]]


class JsonLinesSink:
    """Write every record to `file`, which stays open, as a line."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._names = PacketNames()
        self._why: dict[int, tuple[list[Json], Why]] = {}  # by identity: they recur
        self._line({"format": FORMAT, "schema_version": SCHEMA_VERSION, "epoch": EPOCH})

    def write(self, record: Record) -> None:
        """Write `record`."""
        self._names.write(record)
        self._line({"record": type(record).__name__, "time": record.time} | self._fields(record))
        if type(record) is StepBegun or type(record) is StepEnded:
            self._file.flush()  # who waits for the run, or finds it killed, has whole steps

    def close(self) -> None:
        """Hand over what is still kept."""
        self._file.flush()

    def _line(self, made: Json) -> None:
        self._file.write(encode(made) + "\n")

    def _fields(self, record: Record) -> Json:
        """Return what `record` says besides its time."""
        match record:
            case Sent():
                return {
                    "serial": record.serial,
                    **_traversal(record),
                    "frame": {
                        **self._frame(record.frame, wire=True),
                        "summary": summarize(record.frame),
                    },
                    "why": self._steps(record.why),
                }
            case Arrived() | Ticked() | Configured():
                effects = [self._effect(effect) for effect in record.effects]
                return _named(record, "effects") | {"effects": effects}
            case Lost():
                frame = self._frame(record.frame, wire=record.link is None)
                return _named(record, "frame") | {"frame": frame}
            case Linked(link=link):
                ends = {"a": render(link.a), "b": render(link.b), "captured": link.captured}
                return _named(record) | ends
            case _:
                return _named(record)

    def _effect(self, effect: Effect) -> Json:
        made: Json = {"effect": type(effect).__name__}
        if type(effect) is Event:
            made["value"] = render(effect.value)
        else:
            made["port"] = effect.port
            if type(effect) is Drop:
                made |= {"reason": effect.reason, "class": effect.reason.drop_class}
            made["frame"] = self._frame(effect.frame, wire=type(effect) is not Transmit)
        made["why"] = self._steps(effect.why)
        return made

    def _frame(self, frame: Frame, *, wire: bool) -> Json:
        made: Json = {
            "packet": self._names.name(frame.packet),
            "packet_id": str(frame.packet),
            "parent": frame.parent,
            "size": len(frame.wire),
        }
        return made | {"wire": frame.wire.hex()} if wire else made

    def _steps(self, why: Why) -> list[Json]:
        if (kept := self._why.get(id(why))) is not None:
            return kept[0]
        if len(self._why) >= RECURRING:
            self._why.clear()
        made = [_step(step) for step in why]
        self._why[id(why)] = made, why
        return made


def render(value: object) -> object:
    """Return `value` in the types of JSON."""
    match value:
        case Enum():
            return render(value.value)
        case None | int() | str():  # a truth value is an int
            return value
        case bytes():
            return value.hex(":")
        case Link():
            return str(value)
        case PortRef():
            return {"device": value.device, "port": value.port}
        case tuple() | list():
            return [render(one) for one in value]
        case Mapping():
            return {str(key): render(one) for key, one in value.items()}
        case _ if is_dataclass(value) and not isinstance(value, type):
            return {"type": type(value).__name__} | _named(value)
        case _:
            return str(value)


def _named(value: _Dataclass, *others: str) -> Json:
    """Return the fields of `value` but `others`; those that are links also as an index."""
    made: Json = {}
    for name in _shown_fields(type(value)):
        if name not in others:
            one = getattr(value, name)
            made[name] = render(one)
            if type(one) is Link:
                made[f"{name}_index"] = one.index
    return made


@cache
def _shown_fields(kind: type[_Dataclass]) -> tuple[str, ...]:
    return tuple([field.name for field in fields(kind) if not field.name.startswith("_")])


def _step(step: Step) -> Json:
    rule = step.rule
    return {
        "table": step.table,
        "rule": None if rule is None else render_value(rule),
        "fields": _named(rule) if is_dataclass(rule) and not isinstance(rule, type) else {},
        "before": render(step.before),
        "after": render(step.after),
        "text": render_step(step),
    }


def _traversal(sent: Sent) -> Json:
    link = sent.link
    ends = (link.a, link.b) if sent.by_a else (link.b, link.a)
    names = {"link": str(link), "link_index": link.index}
    return names | {"from": str(ends[0]), "to": str(ends[1])}
