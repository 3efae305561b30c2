"""Randomness that derives from the scenario: the only source of it in emu.

`Rng(seed).stream("vm1", "ping")` is a hash of the seed and the names, so that a new VM shifts
nobody's numbers, and the draws are the same on every machine and Python version.
"""

from hashlib import blake2b
from typing import final


@final
class Rng:
    """A stream of numbers: block n is BLAKE2b(key, n)."""

    def __init__(self, seed: str | bytes = "emu") -> None:
        self._key = blake2b(seed.encode() if isinstance(seed, str) else seed).digest()
        self._count = 0

    def stream(self, *names: str) -> "Rng":
        """Return the stream of that name; asking twice gives two streams with the same numbers."""
        label = b"".join(len(name.encode()).to_bytes(4, "big") + name.encode() for name in names)
        return Rng(blake2b(label, key=self._key).digest())

    def octets(self, count: int) -> bytes:
        """Draw `count` octets, 1 to 64."""
        self._count += 1
        return blake2b(self._count.to_bytes(8, "big"), key=self._key, digest_size=count).digest()

    def below(self, limit: int) -> int:
        """Draw an integer from 0 up to but not including `limit`, which is at least 1."""
        # 64 bits more than needed: the bias of the remainder is below 2**-64
        return int.from_bytes(self.octets((limit.bit_length() + 64) // 8 + 1), "big") % limit

    def between(self, low: int, high: int) -> int:
        """Draw an integer from `low` to `high`, both included."""
        return low + self.below(high - low + 1)
