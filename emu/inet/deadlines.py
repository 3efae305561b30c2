"""When each of many things is due."""

from collections.abc import Hashable
from heapq import heapify, heappop, heappush
from typing import Final, Generic, TypeVar

from emu.core.time import Nanoseconds

Key = TypeVar("Key", bound=Hashable)

STALE: Final = 2  # entries of the heap that no longer count, for each that does, at most


class Deadlines(Generic[Key]):
    """A time for each key, at most one; those of one time are due in the order of setting.

    The heap keeps some of what was put off or cancelled until its time has come: `next` may be
    early. A key that is set to the time that it has already keeps its place: mod_timer().
    """

    def __init__(self) -> None:
        self._valid: dict[Key, tuple[Nanoseconds, int]] = {}  # which entry of the heap counts
        self._heap: list[tuple[Nanoseconds, int, Key]] = []
        self._serial = 0

    def set(self, key: Key, at: Nanoseconds) -> None:
        """Let `key` be due at that time instead of any other."""
        if key in self._valid and self._valid[key][0] == at:
            return
        self._serial += 1
        self._valid[key] = at, self._serial
        heappush(self._heap, (at, self._serial, key))
        self._forget_stale()

    def cancel(self, key: Key) -> None:
        """Let `key` not be due, which it may not have been."""
        if self._valid.pop(key, None) is not None:
            self._forget_stale()

    def next(self) -> Nanoseconds | None:
        """Return a time before which nothing is due; None if nothing ever is."""
        return self._heap[0][0] if self._heap else None

    def pop(self, now: Nanoseconds) -> Key | None:
        """Take out the first key that is due, if one is."""
        while self._heap and self._heap[0][0] <= now:
            at, serial, key = heappop(self._heap)
            if self._valid.get(key) == (at, serial):
                del self._valid[key]
                return key
        return None

    def _forget_stale(self) -> None:
        """Make the heap anew when most of it is stale; so each entry is moved once or twice."""
        if len(self._heap) > (STALE + 1) * len(self._valid):
            self._heap = [(at, serial, key) for key, (at, serial) in self._valid.items()]
            heapify(self._heap)
