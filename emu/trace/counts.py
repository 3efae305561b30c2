"""What each link carried and what each device dropped: the numbers that a run's table shows."""

from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

from emu.journal import Arrived, Configured, Linked, Lost, Record, Sent, Ticked
from emu.net.effects import Drop, DropReason, Effects
from emu.net.link import Link


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRow:
    """What one link carried in each direction. Lost frames are counted: they were sent.

    A link that comes again between the same ports counts on, as its capture does.
    """

    link: Link
    frames_from_a: int
    octets_from_a: int
    frames_from_b: int
    octets_from_b: int
    lost: int  # frames of either direction


class DropRow(NamedTuple):
    """How many frames a device dropped for one reason."""

    device: str
    reason: DropReason
    frames: int


class _Count:
    """What one link carried until now."""

    __slots__ = ("frames", "link", "lost", "octets")

    def __init__(self, link: Link) -> None:
        self.link = link
        self.frames = [0, 0]  # from b, from a
        self.octets = [0, 0]
        self.lost = 0


class LinkCounts:
    """Count frames and octets by link and direction, and drops by device and reason."""

    def __init__(self) -> None:
        self._counts: dict[Link, _Count] = {}
        self._by_ends: dict[tuple[str, str], _Count] = {}
        self._drops = Counter[tuple[str, DropReason]]()

    def write(self, record: Record) -> None:
        """Take note of `record`."""
        if type(record) is Sent:
            count = self._counts.get(record.link) or self._link(record.link)
            count.frames[record.by_a] += 1
            count.octets[record.by_a] += len(record.frame.wire)
        elif type(record) is Arrived or type(record) is Ticked or type(record) is Configured:
            self._drop(record.device, record.effects)
        elif type(record) is Lost:
            if record.link is not None:
                self._link(record.link).lost += 1
            else:
                self._drops[record.device, record.reason] += 1
        elif type(record) is Linked:
            self._link(record.link)

    def close(self) -> None:
        """Do nothing: the numbers stay."""

    @property
    def links(self) -> tuple[LinkRow, ...]:
        """The links, in the order in which they were made."""
        return tuple(map(_row, self._by_ends.values()))

    @property
    def drops(self) -> tuple[DropRow, ...]:
        """What was dropped, by device and reason, in alphabetical order.

        A frame that a device sent to a port without link counts as a drop of that device.
        """
        return tuple(
            sorted(DropRow(device, reason, n) for (device, reason), n in self._drops.items())
        )

    def _link(self, link: Link) -> _Count:
        """Return where the frames of `link` are counted."""
        if (count := self._counts.get(link)) is None:
            count = self._by_ends.setdefault((link.a.text, link.b.text), _Count(link))
            self._counts[link] = count
        return count

    def _drop(self, device: str, effects: Effects) -> None:
        for effect in effects:
            if type(effect) is Drop:
                self._drops[device, effect.reason] += 1


def _row(count: _Count) -> LinkRow:
    return LinkRow(
        link=count.link,
        frames_from_a=count.frames[True],
        octets_from_a=count.octets[True],
        frames_from_b=count.frames[False],
        octets_from_b=count.octets[False],
        lost=count.lost,
    )
