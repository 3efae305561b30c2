"""How many ICMP errors one destination gets.

Models:          net/ipv4/inetpeer.c, inet_peer_xrlim_allow(): six at once, then one each second.
Does not model:  the limit for all destinations together (icmp_msgs_per_sec).
"""

from typing import Final

from emu.core.time import Nanoseconds
from emu.inet.jiffies import jiffies

XRLIM_BURST_FACTOR: Final = 6
PEERS: Final = 65_536 + 128  # destinations that are remembered: inet_peer_threshold


class RateLimit:
    """A bucket of tokens for each destination; a token is a jiffy."""

    def __init__(self) -> None:
        self._buckets: dict[bytes, tuple[int, int]] = {}  # destination -> jiffy, tokens then

    def allows(self, now: Nanoseconds, destination: bytes, cost: int) -> bool:
        """Take the `cost`, in jiffies, of one error from the bucket, if there is so much in it."""
        full = XRLIM_BURST_FACTOR * cost
        at = jiffies(now)
        then, tokens = self._buckets.pop(destination, (at, full))  # who was served last is last
        tokens = min(tokens + at - then, full)
        allowed = tokens >= cost
        self._buckets[destination] = at, tokens - cost if allowed else tokens
        if len(self._buckets) > PEERS:
            del self._buckets[next(iter(self._buckets))]
        return allowed
