"""`fates.txt`: one line for each packet, in the order of sending: what it was and where it ended.

    NAME  SUMMARY | PORT -> PORT -> ... -> PORT: FATE (STEP)

The ports are all that the packet passed, sending and receiving; a name that would follow itself
(both ends of a link within a host) stands once. Where it took several ways, they stand in braces
with semicolons between them, and ports at which it ended alike share one fate:

    PORT -> {PORT -> PORT: delivered (arp: request); PORT, PORT: dropped OTHERHOST (mac)}

FATE is `delivered`, `dropped REASON`, `held` (it still waits), `lost REASON` (the link did not
carry it) or `in flight` (the run ended before it arrived). Drops of class normal, the "not for me"
of every flood, are left out unless they are all that happened to the packet.
"""

from collections.abc import Sequence
from typing import Final, TextIO

from emu.journal import Arrived, Lost, Record
from emu.journal.words import render_decision, render_outcome, render_ports
from emu.net.link import PortRef
from emu.trace.packets import summarize
from emu.trace.stories import Branch, Hop, Outcome, Stories, Story, ends, shown

LONGEST: Final = 64  # ports in a row, and DEEPEST braces in braces: frames run in circles
DEEPEST: Final = 16
MORE: Final = "..."
NOTHING: Final = "nothing"  # which is a bug of emu
ARROW: Final = " -> "


class Fates:
    """Write the fate of every packet to `file`, and check that every frame has one.

    Memory is for packets that live, and for those that began while the oldest of these did.
    """

    def __init__(self, file: TextIO, *, normal: bool = False) -> None:
        self._file = file
        self._normal = normal  # whether normal drops are written too
        self._stories = Stories(self._tell)

    @property
    def mistakes(self) -> tuple[str, ...]:
        """What emu did wrong with frames: none, or it is a bug."""
        return self._stories.mistakes

    @property
    def in_flight(self) -> int:
        """How many frames were on a link when the sink was closed."""
        return self._stories.in_flight

    @property
    def held(self) -> int:
        """How many frames were held when the sink was closed."""
        return self._stories.held

    def write(self, record: Record) -> None:
        """Take note of `record`."""
        self._stories.write(record)

    def close(self) -> None:
        """Write what is left; the file stays open."""
        self._stories.close()

    def _tell(self, story: Story) -> None:
        self._file.write(render_fates(story, normal=self._normal) + "\n")


def render_fates(story: Story, *, normal: bool) -> str:
    """Return the line of `story`; with or without its normal drops."""
    normal = normal or not story.matters
    ports, end = _ways(story.then, normal=normal, depth=0)
    return f"{story.name}  {summarize(story.frame)} | {_join(ports, end)}"


def _ways(branches: Sequence[Branch], *, normal: bool, depth: int) -> tuple[list[str], str]:
    """Return the ports that a packet passed next, and then its fate, or its ways in braces."""
    ports: list[str] = []
    left = shown(branches, normal=normal)
    while len(left) == 1 and isinstance(hop := left[0], Hop):
        if not isinstance(hop.end, Arrived) or len(ports) >= LONGEST:
            return [*ports, ends(hop)[0]], _unfinished(hop)
        ports += ends(hop)
        left = shown(hop.then, normal=normal)
    if len(left) == 1 and not isinstance(last := left[0], Hop):
        place, fate = _fate(last)
        return ports + place, fate
    if not left or depth == DEEPEST:
        return ports, MORE if left else NOTHING
    alike: dict[str, list[str]] = {}  # ways that led to the same, by what they led to
    for branch in left:
        way, end = _ways([branch], normal=normal, depth=depth + 1)
        alike.setdefault(end, []).append(ARROW.join(way))
    parts = [_join([render_ports(ways)], end) for end, ways in alike.items()]
    return ports, f"{{{'; '.join(parts)}}}"


def _fate(branch: Outcome | Lost) -> tuple[list[str], str]:
    """Return what became of a frame, and the port if its way does not end with it."""
    if isinstance(branch, Lost):  # there was no link
        return [str(PortRef(branch.device, branch.port))], f"lost {branch.reason}"
    fate = f"{render_outcome(branch.effect)}{render_decision(branch.effect.why)}"
    if isinstance(branch.above, Hop):
        return [], fate
    return [str(PortRef(branch.device, branch.effect.port))], fate


def _unfinished(hop: Hop) -> str:
    if isinstance(hop.end, Lost):
        return f"lost {hop.end.reason}"
    return MORE if hop.end else "in flight"


def _join(ports: Sequence[str], end: str) -> str:
    way = ARROW.join(filter(None, ports))
    joint = ARROW if end.startswith("{") else ": "
    return f"{way}{joint}{end}" if way else end
