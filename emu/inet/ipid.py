"""The ids of IPv4 packets.

Models:          net/ipv4/route.c, ip_idents_reserve() and __ip_select_ident(): a counter for each
                 (destination, source, protocol), which leaps by as much as time has passed at most.
Does not model:  counters that several flows share because their hashes collide.
"""

from typing import Final

from emu.core.rng import Rng
from emu.core.time import Nanoseconds
from emu.inet.jiffies import jiffies
from emu.packet.addresses import render_inet

COUNTERS: Final = 2048  # IP_IDENTS_SZ, the least; the flow that was silent longest makes room


class _Counter:
    def __init__(self, rng: Rng, at: int) -> None:
        self.rng = rng
        self.id = rng.below(0x10000)
        self.at = at  # the jiffy in which it was used last


class IdGenerator:
    """The counters of one network namespace."""

    def __init__(self, *, rng: Rng) -> None:
        self._rng = rng
        self._counters: dict[tuple[bytes, bytes, int], _Counter] = {}

    def reserve(self, now: Nanoseconds, *, src: bytes, dst: bytes, protocol: int) -> int:
        """Return the id of the next packet of that kind."""
        at = jiffies(now)
        counter = self._counters.pop((src, dst, protocol), None)
        if counter is None:
            rng = self._rng.stream(render_inet(src), render_inet(dst), str(protocol))
            counter = _Counter(rng, at)
            if len(self._counters) == COUNTERS:
                del self._counters[next(iter(self._counters))]
        self._counters[src, dst, protocol] = counter
        leap = counter.rng.below(at - counter.at) if at > counter.at else 0
        counter.at = at
        counter.id = (counter.id + leap + 1) % 0x10000
        return counter.id
