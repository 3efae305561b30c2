"""What a step takes note of while it runs: its programs, its drops, and what it expects.

One sink for each step. It keeps what is asked for and, of the rest, enough to say what happened
instead: the memory that it needs does not grow with the frames.
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final, Protocol

from emu.core.errors import Storm
from emu.core.time import Nanoseconds
from emu.devices.namespace.changes import Start
from emu.inet.applications import Application, Finished, Printed
from emu.journal import Arrived, Configured, Linked, Lost, Record, Sent, Ticked
from emu.journal.words import render_step
from emu.net.effects import Deliver, Drop, DropClass, DropReason, Effects, Event, Why
from emu.net.link import Link, PortRef
from emu.packet.frame import Frame, PacketId
from emu.scenario.findings import Finding
from emu.trace.packets import summarize

MOST_FRAMES: Final = 1_000_000  # of one step; who sends more has a loop
MOST_PASSAGES: Final = 1_000  # of one packet, over one link in one direction; it goes in circles
REMEMBERED: Final = 50_000  # packets on links whose passages are counted
KINDS_OF_DROPS: Final = 500  # that are told apart in one step
SHOWN_DROPS: Final = 5


@dataclass(slots=True)
class End:
    """A frame came to its end."""

    time: Nanoseconds
    place: PortRef  # the port by which it came, or by which it could not leave
    frame: Frame
    reason: DropReason | None  # None: it was delivered
    why: Why


class Watch(Protocol):
    """One expectation, while its step runs."""

    def linked(self, link: Link) -> bool:
        """Return whether the watch wants to know of the frames on `link`."""

    def sent(self, record: Sent) -> None:
        """Take note of a frame on such a link."""

    def ended(self, end: End) -> None:
        """Take note of the end of a frame, anywhere."""

    def finding(self, log: "StepLog") -> Finding:
        """Judge, when the step is over."""


class Watching:
    """A watch that takes no notice of anything; to derive from."""

    def linked(self, link: Link) -> bool:
        """Want no frames."""
        return False

    def sent(self, record: Sent) -> None:
        """Take no note."""

    def ended(self, end: End) -> None:
        """Take no note."""


class StepLog:
    """The sink of one step."""

    def __init__(self, links: tuple[Link, ...], watches: tuple[Watch, ...]) -> None:
        self.frames = 0  # that were sent, on any link
        self.refused: str | None = None  # what a tool said when it did not do what was asked
        self.notes: list[str] = []  # what the author should know
        self.failures: list[Finding] = []  # what nobody could have expected
        self.programs: list[tuple[str, Application]] = []  # that were started, and on whom
        self.running: dict[str, str] = {}  # ids of those that have not ended, and on whom
        self.result: Finished | None = None  # of the last that has
        self._printed: dict[str, list[str]] = {}  # by the programs that have not ended
        self._output: list[str] = []  # of those that have
        self._ends: dict[str, None] = {}  # of links: `cirros-vm1/eth0`
        self._watches = watches
        self._on: dict[Link, list[Watch]] = {}
        self._passages: dict[tuple[PacketId, Link, bool], int] = {}
        self._drops: dict[tuple[str, str, DropReason], tuple[int, End]] = {}
        for link in links:
            self._link(link)

    def write(self, record: Record) -> None:
        """Take note of `record`."""
        if type(record) is Sent:
            self.frames += 1
            self._heed_loops(record)
            for watch in self._on.get(record.link, ()):
                watch.sent(record)
        elif type(record) is Arrived or type(record) is Ticked:
            self._effects(record.time, record.device, record.effects)
        elif type(record) is Configured:
            if isinstance(record.change, Start):
                self._start(record.device, record.change)
            self._effects(record.time, record.device, record.effects)
        elif type(record) is Lost:
            place = PortRef(record.device, record.port)
            self._end(End(record.time, place, record.frame, record.reason, ()))
        elif type(record) is Linked:
            self._link(record.link)

    def close(self) -> None:
        """Do nothing: the numbers stay."""

    @property
    def output(self) -> tuple[str, ...]:
        """The lines that programs printed, each program's together."""
        unfinished = [line for lines in self._printed.values() for line in lines]
        return (*self._output, *unfinished)

    @property
    def ends(self) -> tuple[str, ...]:
        """The ends of all links that there are, or were in this step."""
        return tuple(self._ends)

    def findings(self) -> tuple[Finding, ...]:
        """Return what became of each expectation; nothing of those without a text."""
        found = [watch.finding(self) for watch in self._watches]
        return (*self.failures, *[finding for finding in found if finding.text])

    def drops(self) -> tuple[str, ...]:
        """Return what was dropped in this step, and by which rule; drops that matter first."""
        rows = sorted(
            self._drops.values(),
            key=lambda row: (_class(row[1]) is DropClass.NORMAL, -row[0]),
        )
        lines = [
            f"dropped {count} x {_render_fate(end)}, first {render_frame(end.time, end.frame)}"
            for count, end in rows[:SHOWN_DROPS]
        ]
        if len(rows) > SHOWN_DROPS:
            lines.append(f"and {len(rows) - SHOWN_DROPS} more kinds of drops")
        return tuple(lines)

    def _link(self, link: Link) -> None:
        if link.captured:
            self._ends.update({link.a.text: None, link.b.text: None})
        if wanting := [watch for watch in self._watches if watch.linked(link)]:
            self._on[link] = wanting

    def _effects(self, time: Nanoseconds, device: str, effects: Effects) -> None:
        for effect in effects:
            if type(effect) is Drop:
                place = PortRef(device, effect.port)
                self._end(End(time, place, effect.frame, effect.reason, effect.why))
            elif type(effect) is Deliver:
                place = PortRef(device, effect.port)
                self._end(End(time, place, effect.frame, None, effect.why))
            elif type(effect) is Event:
                self._event(effect.value)

    def _heed_loops(self, sent: Sent) -> None:
        """Raise `Storm` if frames go in circles: no Spanning Tree Protocol would stop them."""
        if self.frames > MOST_FRAMES:
            raise Storm(f"more than {MOST_FRAMES:,} frames in one step: do links form a loop?")
        if len(self._passages) > REMEMBERED:
            self._passages.clear()
        way = sent.frame.packet, sent.link, sent.by_a
        self._passages[way] = count = self._passages.get(way, 0) + 1
        if count > MOST_PASSAGES:
            ends = sent.link.a, sent.link.b
            a, b = ends if sent.by_a else reversed(ends)
            what = f"one packet went from {a} to {b} more than {MOST_PASSAGES:,} times"
            raise Storm(f"{what}: links form a loop, and nobody speaks STP")

    def _end(self, end: End) -> None:
        if end.reason is not None:
            key = end.place.device, end.place.port, end.reason
            count, first = self._drops.get(key, (0, end))
            if count or len(self._drops) < KINDS_OF_DROPS:
                self._drops[key] = count + 1, first
        for watch in self._watches:
            watch.ended(end)

    def _start(self, device: str, start: Start) -> None:
        self.running[start.id] = device
        self._printed[start.id] = []
        self.programs.append((device, start.application))

    def _event(self, value: object) -> None:
        if isinstance(value, Printed):
            self._printed.setdefault(value.id, []).append(value.line)
        elif isinstance(value, Finished):
            if self.running.pop(value.id, None) is not None:  # else it began before the step
                self.result = value
            self._output += value.output or self._printed.get(value.id, [])
            self._printed.pop(value.id, None)


def named(place: PortRef, pattern: str) -> bool:
    """Whether `pattern` means that port, or the device that it belongs to."""
    return fnmatchcase(place.text, pattern) or fnmatchcase(place.device, pattern)


def is_pattern(text: str) -> bool:
    """Whether `text` has wildcards."""
    return any(character in text for character in "*?[")


def render_end(end: End) -> str:
    """Return where and why a frame ended, and which it was."""
    return f"{_render_fate(end)} {render_frame(end.time, end.frame)}"


def render_frame(time: Nanoseconds, frame: Frame, sender: PortRef | None = None) -> str:
    """Return when a frame was somewhere, who sent it there, and what it is."""
    by = f" from {sender}" if sender else ""
    return f"at {render_time(time)}{by}: {summarize(frame)}"


def render_time(time: Nanoseconds) -> str:
    """Return a time of the run, in seconds."""
    return f"{time // 1_000_000_000}.{time % 1_000_000_000 // 1_000:06d} s"


def _render_fate(end: End) -> str:
    by = f" ({render_step(end.why[-1])})" if end.why else ""
    return f"{f'{end.reason} ' if end.reason else ''}at {end.place}{by}"


def _class(end: End) -> DropClass | None:
    return end.reason.drop_class if end.reason else None
