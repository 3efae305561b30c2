"""When each of many things is due."""

from collections.abc import Hashable
from heapq import heappop, heappush
from typing import Generic, TypeVar

from emu.core.time import Nanoseconds

Key = TypeVar("Key", bound=Hashable)


class Deadlines(Generic[Key]):
    """A time for each key, at most one; those of one time are due in the order of setting.

    The heap keeps what was put off or cancelled until its time has come: `next` may be early.
    """

    def __init__(self) -> None:
        self._valid: dict[Key, int] = {}  # key -> serial of the one entry in the heap that counts
        self._heap: list[tuple[Nanoseconds, int, Key]] = []
        self._serial = 0

    def set(self, key: Key, at: Nanoseconds) -> None:
        """Let `key` be due at that time instead of any other."""
        self._serial += 1
        self._valid[key] = self._serial
        heappush(self._heap, (at, self._serial, key))

    def cancel(self, key: Key) -> None:
        """Let `key` not be due, which it may not have been."""
        self._valid.pop(key, None)

    def next(self) -> Nanoseconds | None:
        """Return a time before which nothing is due; None if nothing ever is."""
        return self._heap[0][0] if self._heap else None

    def pop(self, now: Nanoseconds) -> Key | None:
        """Take out the first key that is due, if one is."""
        while self._heap and self._heap[0][0] <= now:
            _, serial, key = heappop(self._heap)
            if self._valid.get(key) == serial:
                del self._valid[key]
                return key
        return None
