"""What is forgotten when it was not heard for a time: stations, in every device that learns."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from emu.core.time import Nanoseconds

Key = TypeVar("Key")


class Ageing(Generic[Key]):
    """When each station was last heard, the one that is silent longest first."""

    def __init__(self, time: Nanoseconds) -> None:
        self.time = time  # how long a silent station is known; may change at any moment
        self._heard: OrderedDict[Key, Nanoseconds] = OrderedDict()

    def __iter__(self) -> Iterator[Key]:
        """Go through the stations, the one that is silent longest first."""
        return iter(self._heard)

    def hear(self, now: Nanoseconds, key: Key) -> None:
        """Note that `key` was heard, no earlier than any other."""
        self._heard[key] = now
        self._heard.move_to_end(key)

    def forget(self, keys: Iterable[Key]) -> None:
        """Wait for `keys` no longer, if any of them was waited for."""
        for key in keys:
            self._heard.pop(key, None)

    def next_deadline(self) -> Nanoseconds | None:
        """Return when the next station is forgotten."""
        oldest = next(iter(self._heard.values()), None)
        return None if oldest is None else Nanoseconds(oldest + self.time)

    def due(self, now: Nanoseconds) -> list[Key]:
        """Forget the stations that have been silent for too long, and return them."""
        due = list[Key]()
        while (deadline := self.next_deadline()) is not None and deadline <= now:
            due.append(self._heard.popitem(last=False)[0])
        return due
