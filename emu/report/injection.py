"""What became of frames that were injected, in a sentence."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from emu.journal import Lost, Record
from emu.journal.words import render_outcome, render_ports
from emu.net.link import PortRef
from emu.trace.packets import INJECT, summarize
from emu.trace.stories import Descent, Hop, Stories, Story, ends, shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A packet, and what became of it."""

    name: str
    summary: str
    cause: str  # the name of the packet because of which it was sent; "" if it was injected
    fate: str


class InjectionSink:
    """Keep what becomes of the frames that are injected in the step of that number."""

    def __init__(self, step: int) -> None:
        self.packets: list[Told] = []
        self._step = step
        self._descent = Descent(INJECT)
        self._stories = Stories(self._tell)

    def write(self, record: Record) -> None:
        """Take note of `record`."""
        self._stories.write(record)

    def close(self) -> None:
        """Take note of what has not ended."""
        self._stories.close()

    def verdict(self) -> str:
        """Return what became of what was injected, and who sent something because of it."""
        fates = Counter(packet.fate for packet in self.packets if not packet.cause)
        several = fates.total() > 1
        parts = [f"{_count(n, 'frame')} " * several + fate for fate, n in fates.items()]
        senders = Counter(packet.name.partition("#")[0] for packet in self.packets if packet.cause)
        cause = "because of them" if several else "because of it"
        parts += [f"{who} sent {_count(n, 'packet')} {cause}" for who, n in senders.items()]
        return "; ".join(parts) or "nothing was injected"

    def _tell(self, story: Story) -> None:
        if story.step is None or story.step.index != self._step or story not in self._descent:
            return
        told = Told(
            name=story.name,
            summary=summarize(story.frame),
            cause=story.cause,
            fate=_fate(story),
        )
        self.packets.append(told)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _fate(story: Story) -> str:
    """Return how the ways of a packet ended, and where; normal drops only if there is no more."""
    places: dict[str, dict[str, None]] = {}
    for fate, place in _ends(story, normal=not story.matters):
        places.setdefault(fate, {})[place] = None
    return ", ".join(f"{fate} at {render_ports(where)}" for fate, where in places.items())


def _ends(place: Hop | Story, *, normal: bool) -> Iterator[tuple[str, str]]:
    left = list(reversed(shown(place.then, normal=normal)))
    while left:
        branch = left.pop()
        match branch:
            case Hop(end=None):
                yield "in flight", ends(branch)[0]
            case Hop(end=Lost(reason=reason)):
                yield f"lost {reason}", ends(branch)[0]
            case Hop():
                left += reversed(shown(branch.then, normal=normal))
            case Lost():
                yield f"lost {branch.reason}", str(PortRef(branch.device, branch.port))
            case _:
                port = PortRef(branch.device, branch.effect.port)
                yield render_outcome(branch.effect), str(port)
