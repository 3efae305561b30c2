"""The timeline: one queue of what happens next, and nothing else.

It is ordered by (time, phase, serial): at one instant the ticks that are due come first, in the
order in which those who tick came into the world, then frames and messages in the order in which
they were sent. There is one pending tick for each who ticks, which may be early: he is asked again
when its time has come, and after every call.
"""

from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from itertools import count
from typing import Final, Generic, Protocol, TypeVar, cast

from emu.core.errors import EmuBug
from emu.core.time import Nanoseconds
from emu.packet.frame import Serial

BEGIN: Final = Nanoseconds(0)
TICK, PASSAGE = 0, 1  # phases

# Time, phase, serial; then what happens, where, and with what
Entry = tuple[Nanoseconds, int, int, Callable[..., None], object, object]


class Ticking(Protocol):
    """Who has timers: a device or an actor."""

    @property
    def name(self) -> str:
        """Who it is."""

    def next_deadline(self) -> Nanoseconds | None:
        """Return when it must next be ticked, None for never; may be early, not late."""


Party_co = TypeVar("Party_co", bound=Ticking, covariant=True)


class Ticker(Generic[Party_co]):
    """One who ticks: `tick` is called, with the ticker, when that may be due."""

    def __init__(self, party: Party_co, order: int, tick: Callable[..., None]) -> None:
        self.party = party
        self.order = order  # in which it came into the world
        self.tick = tick
        self.due: Nanoseconds | None = None  # the pending tick


class Halted(Exception):
    """Time has come to where somebody wanted it to stop."""


class Timeline:
    """What happens next, and the time that it is now."""

    def __init__(self, now: Nanoseconds = BEGIN) -> None:
        self.now = now
        self._queue: list[Entry] = []
        self._serials = cast("Iterator[Serial]", count(1))  # of frames and messages
        self._in_flight = 0
        self._halt: Nanoseconds | None = None

    @property
    def in_flight(self) -> int:
        """How many frames and messages are on their way."""
        return self._in_flight

    def halt_at(self, time: Nanoseconds | None) -> None:
        """Let nothing happen after `time`: whoever would run beyond it gets `Halted`."""
        self._halt = time

    def step(self, until: Nanoseconds | None = None) -> bool:
        """Let the next thing happen, if there is one and it is not after `until`."""
        queue = self._queue
        if not queue or (until is not None and queue[0][0] > until):
            return False
        self.now, _, serial, happen, where, what = heappop(queue)
        happen(where, serial, what)
        return True

    def run_until(self, done: Callable[[], bool], deadline: Nanoseconds) -> bool:
        """Run until `done()` and nothing is in flight; return whether it came to that.

        If it did not, time stands at `deadline` in the end. Timers run as long as something is not
        done, but alone they keep nothing going.
        """
        until = self._allowed(deadline)
        while self._in_flight or not done():
            if not self.step(until):
                self._wait(until, deadline)
                return False
        return True

    def settle(self, until: Nanoseconds) -> bool:
        """Run until nothing is in flight, or until that time; return whether nothing is."""
        return self.run_until(lambda: True, until)

    def advance(self, duration: Nanoseconds) -> None:
        """Let that much time pass."""
        end = Nanoseconds(self.now + duration)
        until = self._allowed(end)
        while self.step(until):
            pass
        self._wait(until, end)

    def _allowed(self, time: Nanoseconds) -> Nanoseconds:
        """Return how far towards `time` things may happen."""
        return time if self._halt is None else min(time, self._halt)

    def _wait(self, until: Nanoseconds, end: Nanoseconds) -> None:
        """Let it be `until`, before which nothing more happens; that should have been `end`."""
        self.now = max(self.now, until)
        if until < end:
            raise Halted

    def _plan(self, ticker: Ticker[Ticking]) -> None:
        """Ask when `ticker` must tick, and see that a tick is pending by then."""
        deadline = ticker.party.next_deadline()
        if deadline is not None and (ticker.due is None or deadline < ticker.due):
            ticker.due = max(deadline, self.now)
            heappush(self._queue, (ticker.due, TICK, ticker.order, ticker.tick, ticker, None))

    def _is_due(self, ticker: Ticker[Ticking]) -> bool:
        """Whether `ticker` must tick now: a tick may be early, or out of date."""
        if ticker.due != self.now:  # an earlier one took its place, or it has left the world
            return False
        ticker.due = None
        deadline = ticker.party.next_deadline()
        if deadline is None or deadline > self.now:
            self._plan(ticker)
            return False
        return True

    def _check_ticked(self, ticker: Ticker[Ticking]) -> None:
        """Raise `EmuBug` if `ticker`, which ticked just now, is due still: it would be for ever."""
        again = ticker.party.next_deadline()
        if again is not None and again <= self.now:
            name = ticker.party.name
            raise EmuBug(f"{name} is still due at {again} after its tick at {self.now}")
