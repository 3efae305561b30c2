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
from emu.net.effects import Deliver, Drop, DropClass
from emu.net.link import PortRef
from emu.trace.packets import summarize
from emu.trace.stories import Branch, Hop, Outcome, Stories, Story

SEAM: Final = ":master"  # the namespace's end of a link to the bridge that its netdev is in
LONGEST: Final = 64  # ports in a row, and DEEPEST braces in braces: frames run in circles
DEEPEST: Final = 16
MORE: Final = "..."
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


def show(branches: Sequence[Branch], *, normal: bool) -> list[Branch]:
    """Return the branches that are shown, with or without normal drops; a wait that ended never."""
    return [branch for branch in branches if _is_shown(branch, normal=normal)]


def _is_shown(branch: Branch, *, normal: bool) -> bool:
    if isinstance(branch, Hop):
        return normal or branch.matters
    if isinstance(branch, Lost):
        return True
    effect = branch.effect
    if isinstance(effect, Drop):
        return normal or effect.reason.drop_class is not DropClass.NORMAL
    return isinstance(effect, Deliver) or not branch.over


def _ways(branches: Sequence[Branch], *, normal: bool, depth: int) -> tuple[list[str], str]:
    """Return the ports that a packet passed next, and then its fate, or its ways in braces."""
    ports: list[str] = []
    shown = show(branches, normal=normal)
    while len(shown) == 1 and isinstance(hop := shown[0], Hop):
        if not isinstance(hop.end, Arrived) or len(ports) >= LONGEST:
            return [*ports, _ends(hop)[0]], _unfinished(hop)
        ports += _ends(hop)
        shown = show(hop.then, normal=normal)
    if len(shown) == 1 and not isinstance(last := shown[0], Hop):
        place, fate = _fate(last)
        return ports + place, fate
    if depth == DEEPEST:
        return ports, MORE
    ends: dict[str, list[str]] = {}  # ports that led to the same, by what they led to
    for branch in shown:
        way, end = _ways([branch], normal=normal, depth=depth + 1)
        ends.setdefault(end, []).append(ARROW.join(way))
    return (
        ports,
        f"{{{'; '.join([_join([render_ports(ways)], end) for end, ways in ends.items()])}}}",
    )


def _ends(hop: Hop) -> list[str]:
    """Return the ports at which `hop` began and ended; one, if people give both one name."""
    link, by_a = hop.sent.link, hop.sent.by_a
    names = [str(end).removesuffix(SEAM) for end in (link.a, link.b)]
    return list(dict.fromkeys(names if by_a else reversed(names)))


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
