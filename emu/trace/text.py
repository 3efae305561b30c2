"""The trace for people, in the manner of `ovs-appctl ofproto/trace`: the whole way of each packet.

    == step 1: vm1 pings vm2 ==                       a step of the scenario, before its packets

    NAME  SUMMARY  (because of NAME)                  a packet, and the one that it answers
      PORT -> PORT                                    a hop: where it was sent, where it arrived
        DEVICE: STEP                                  why the device there sent it on as it did
      PORT                                            a hop within a host: both ends have one name
        1. PORT -> PORT                               ways that part are numbered
             => FATE at PORT (STEP)                   what became of the frame
        .. held at PORT (STEP) until TIME             a wait, before the way goes on

FATE is as in `fates.txt`. `MINIMAL` gives the line of `fates.txt` for each packet; `SUMMARY` the
step that decided each hop; `DETAILED` every step, and

        changed FIELD OLD -> NEW, +FIELD NEW          what is not as it arrived: emu.trace.changes
      PORT -> PORT
        sent TIME, arrived TIME, SIZE octets on LINK

Times are seconds since the run began. Ends that are normal drops are left out as in `fates.txt`.
"""

from collections.abc import Iterable, Iterator
from enum import IntEnum, unique
from io import StringIO
from typing import Final, TextIO

from emu.core.time import Nanoseconds
from emu.journal import Arrived, Lost, Record
from emu.journal.words import render_fate, render_step
from emu.net.link import PortRef
from emu.trace.changes import render_changes
from emu.trace.fates import ARROW, DEEPEST, LONGEST, MORE, NOTHING, render_fates
from emu.trace.packets import summarize
from emu.trace.stories import (
    Branch,
    Descent,
    Hop,
    Outcome,
    Stories,
    Story,
    ends,
    past,
    shown,
)

INDENT: Final = "  "
SECOND: Final = 1_000_000_000


@unique
class Level(IntEnum):
    """How much a trace tells."""

    MINIMAL = 0
    SUMMARY = 1
    DETAILED = 2


class TraceSink:
    """Write the trace of each packet to `file`, in the order in which packets began.

    `packet` is the name of one, as in `cirros-vm1#3`, and `step` the number of a step of the
    scenario: then only these are told. With `origin`, only its packets are, and those that others
    sent because of them. `normal`: normal drops are told too.
    """

    def __init__(
        self,
        file: TextIO,
        *,
        level: Level = Level.SUMMARY,
        packet: str | None = None,
        step: int | None = None,
        origin: str | None = None,
        normal: bool = False,
    ) -> None:
        self.told = 0  # packets
        self._file = file
        self._level = level
        self._packet = packet
        self._only = step
        self._descent = origin and Descent(origin)
        self._normal = normal
        self._step: int | None = None  # the last whose heading was written
        self._stories = Stories(self._tell)

    def write(self, record: Record) -> None:
        """Take note of `record`."""
        self._stories.write(record)

    def close(self) -> None:
        """Write what is left; the file stays open."""
        self._stories.close()

    def _tell(self, story: Story) -> None:
        if self._packet not in (None, story.name):
            return
        if self._only not in (None, story.step and story.step.index):
            return
        if self._descent and story not in self._descent:
            return
        if story.step is not None and story.step.index != self._step:
            self._step = story.step.index
            space = "\n" if self.told and self._level is Level.MINIMAL else ""
            self._file.write(f"{space}== step {story.step.index}: {story.step.name} ==\n\n")
        self.told += 1
        lines = _Tree(self._level, normal=self._normal or not story.matters).lines(story)
        self._file.writelines(f"{line}\n" for line in lines)


def render_trace(
    records: Iterable[Record],
    *,
    level: Level = Level.SUMMARY,
    packet: str | None = None,
    step: int | None = None,
    origin: str | None = None,
    normal: bool = False,
) -> str:
    """Return the trace of the packets in `records`; the options are those of `TraceSink`."""
    file = StringIO()
    sink = TraceSink(file, level=level, packet=packet, step=step, origin=origin, normal=normal)
    for record in records:
        sink.write(record)
    sink.close()
    return file.getvalue()


class _Tree:
    """The lines of one packet."""

    def __init__(self, level: Level, *, normal: bool) -> None:
        self._level = level
        self._normal = normal

    def lines(self, story: Story) -> Iterator[str]:
        """Return the lines, with an empty one after a tree."""
        if self._level is Level.MINIMAL:
            yield render_fates(story, normal=self._normal)
            return
        cause = f"  (because of {story.cause})" if story.cause else ""
        yield f"{story.name}  {summarize(story.frame)}{cause}"
        yield from _indent(self._ways(story, depth=0))
        yield ""

    def _ways(self, place: Hop | Story, *, depth: int) -> Iterator[str]:
        """Tell what became of the frame at `place`: the hops in a row, and how the row ends."""
        for _ in range(LONGEST):
            yield from _indent(map(_render_wait, past(place.then)))
            branches = shown(place.then, normal=self._normal)
            if len(branches) != 1 or not isinstance(hop := branches[0], Hop):
                yield from _indent(self._parted(place, branches, depth))
                return
            yield from _indent(self._decisions(place, hop))
            yield from self._hop(hop)
            if not isinstance(hop.end, Arrived):
                return
            place = hop
        yield INDENT + MORE

    def _parted(self, place: Hop | Story, branches: list[Branch], depth: int) -> Iterator[str]:
        """Tell of the several ways from `place`, numbered, or of the one end."""
        if not branches or depth == DEEPEST:
            yield MORE if branches else f"=> {NOTHING}"
            return
        told: list[str] = []
        for number, branch in enumerate(branches, 1):
            decisions = self._decisions(place, branch)
            if decisions != told:
                yield from decisions
                told = decisions
            head, *rest = self._branch(branch, depth)
            mark = f"{number}. " if len(branches) > 1 else ""
            yield mark + head
            yield from _indent(rest, " " * len(mark))

    def _branch(self, branch: Branch, depth: int) -> Iterator[str]:
        """Tell of one way, or end."""
        match branch:
            case Hop():
                yield from self._hop(branch)
                if isinstance(branch.end, Arrived):
                    yield from self._ways(branch, depth=depth + 1)
            case Outcome():
                yield f"=> {render_fate(branch.device, branch.effect)}"
            case Lost():
                place = PortRef(branch.device, branch.port)
                yield f"=> lost {branch.reason} at {place}: it has no link"

    def _hop(self, hop: Hop) -> Iterator[str]:
        """Tell of the way over one link, and of its end if it did not arrive."""
        yield ARROW.join(ends(hop))
        if self._level is Level.DETAILED:
            yield INDENT + _render_passage(hop)
        if isinstance(hop.end, Lost):
            yield f"{INDENT}=> lost {hop.end.reason}"
        elif hop.end is None:
            yield f"{INDENT}=> in flight"

    def _decisions(self, place: Hop | Story, branch: Branch) -> list[str]:
        """Return why the device at `place` did that, and what it changed."""
        if isinstance(branch, Lost):
            return []
        if isinstance(branch, Hop):
            sent = branch.sent
            device = (sent.link.a if sent.by_a else sent.link.b).device
            steps, frame = sent.why, sent.frame
        else:  # its last step is told with its fate
            device = branch.device
            steps, frame = branch.effect.why[:-1], branch.effect.frame
        if self._level is Level.SUMMARY:
            steps = steps[-1:] if isinstance(branch, Hop) else ()
        lines = [f"{device}: {render_step(step)}" for step in steps]
        if self._level is Level.DETAILED and isinstance(place, Hop):
            changes = render_changes(place.sent.frame.wire, frame.wire)
            lines += [f"changed {', '.join(changes)}"] if changes else []
        return lines


def _indent(lines: Iterable[str], by: str = INDENT) -> Iterator[str]:
    return (by + line for line in lines)


def _render_wait(wait: Outcome) -> str:
    until = "" if wait.until is None else f" until {_render_time(wait.until)}"
    return f".. {render_fate(wait.device, wait.effect)}{until}"


def _render_passage(hop: Hop) -> str:
    sent = hop.sent
    arrived = f", arrived {_render_time(hop.end.time)}" if isinstance(hop.end, Arrived) else ""
    size = f"{len(sent.frame.wire)} octets"
    hidden = "" if sent.link.captured else ", not captured"
    return f"sent {_render_time(sent.time)}{arrived}, {size} on {sent.link}{hidden}"


def _render_time(time: Nanoseconds) -> str:
    return f"{time // SECOND}.{time % SECOND:09d}"
