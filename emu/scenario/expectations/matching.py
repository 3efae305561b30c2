"""`match: {vlan.id: 100, icmp.type: 8}`: what a frame must be like, in the words of Wireshark."""

from typing import Annotated, Final

from pydantic import PlainValidator, WithJsonSchema

from emu.core.time import Nanoseconds
from emu.net.link import PortRef
from emu.packet.addresses import render_inet, render_mac
from emu.packet.dissection import Value, field_values
from emu.packet.fields import FIELDS, Kind, Match, MatchError
from emu.packet.frame import Frame
from emu.scenario.texts import Wrong, flag
from emu.scenario.watching import render_frame

NEAR: Final = 2  # frames that are shown where the right ones are missing

VALUE = {"type": ["string", "integer", "boolean", "null"]}
MATCH = {
    "type": "object",
    "description": "What a frame is like, in the words of Wireshark: {vlan.id: 100, icmp.type: 8}.",
    "additionalProperties": False,
    "properties": {
        name: {
            "description": field.meaning,
            "anyOf": [VALUE, {"type": "array", "items": VALUE, "minItems": 1}],
        }
        for name, field in FIELDS.items()
    },
}


def match(value: object) -> Match:
    """Return what `{vlan.id: 100, arp: true}` stands for."""
    if not isinstance(value, dict):
        raise Wrong("a match has fields and their values", "as in {vlan.id: 100, arp: true}")
    try:
        return Match.parse({name: _read(name, wanted) for name, wanted in value.items()})
    except MatchError as error:
        raise WrongMatch(error) from None


class WrongMatch(ValueError):
    """Several fields of a match are wrong, each at its own place."""

    def __init__(self, error: MatchError) -> None:
        super().__init__(str(error))
        self.mistakes = error.mistakes


def _read(name: str, wanted: object) -> object:
    """Return the value that a field of that kind takes; texts are for `Match` to read."""
    field = FIELDS.get(name)
    if field is None or field.kind not in (Kind.PROTOCOL, Kind.FLAG):
        return wanted
    if wanted is None:  # {arp}
        return True
    try:
        return [flag(one) for one in wanted] if isinstance(wanted, list) else flag(wanted)
    except Wrong:
        return int(wanted) if wanted in ("0", "1") else wanted


OneMatch = Annotated[Match, PlainValidator(match), WithJsonSchema({"$comment": "Match"})]

ANY: Final = Match(wanted=())  # any frame


class Nearest:
    """Tells frames that match from those that do not, and remembers the nearest of these."""

    def __init__(self, wanted: Match) -> None:
        self._wanted = wanted.wanted
        self._near: list[tuple[int, str, Frame]] = []  # how near; what to call it; which

    def matches(self, time: Nanoseconds, frame: Frame, sender: PortRef | None = None) -> bool:
        """Return whether `frame` is as wanted."""
        found = field_values(frame.wire)
        if all(wanted.accepts(found) for wanted in self._wanted):
            return True
        # a field that is there counts, one that is as wanted counts twice
        near = sum(
            wanted.accepts(found) + (wanted.field in found)
            for wanted in self._wanted
            if wanted.ranges
        )
        if near and (len(self._near) < NEAR or near > self._near[-1][0]):
            text = render_frame(time, frame, sender)
            self._near = sorted([*self._near, (near, text, frame)], key=lambda kept: -kept[0])
            del self._near[NEAR:]
        return False

    def lines(self) -> tuple[str, ...]:
        """Return the nearest frames, and what they have instead."""
        return tuple([f"nearest: {text}; {self._odd(frame)}" for _, text, frame in self._near])

    def _odd(self, frame: Frame) -> str:
        found = field_values(frame.wire)
        odd = [wanted.field for wanted in self._wanted if not wanted.accepts(found)]
        return ", ".join([f"{name} is {_shown(name, found.get(name))}" for name in odd])


def _shown(name: str, values: tuple[Value, ...] | None) -> str:
    if values is None:
        return "not there"
    render = {Kind.MAC: render_mac, Kind.INET: render_inet}.get(FIELDS[name].kind, str)
    return " and ".join(map(render, values))
