"""What may go wrong on a link, in the words of tc-netem(8): values that a scenario names."""

from dataclasses import dataclass
from enum import StrEnum, unique
from fractions import Fraction
from typing import Final

from emu.core.time import Nanoseconds

ALWAYS: Final = Fraction(1)
NO_TIME: Final = Nanoseconds(0)


@unique
class FaultKind(StrEnum):
    """What happens to a frame."""

    LOSS = "loss"  # it does not get there
    DELAY = "delay"  # it comes later, and those behind it wait
    CORRUPT = "corrupt"  # one bit of it is turned around
    DUPLICATE = "duplicate"  # it comes twice
    REORDER = "reorder"  # it comes later, and those behind it overtake it


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong in either direction: with every Nth frame, and then by chance."""

    kind: FaultKind
    every: int = 1  # N, from 1
    chance: Fraction = ALWAYS  # from 0 to 1
    by: Nanoseconds = NO_TIME  # how much later

    def __str__(self) -> str:
        """Return the fault as one would tell it to tc-netem(8)."""
        words: list[object] = [self.kind]
        if self.by:
            words.append(f"{self.by / 1_000_000:g}ms")
        if self.every != 1:
            words.append(f"every {self.every}")
        if self.chance != ALWAYS:
            words.append(f"{float(100 * self.chance):g}%")
        return " ".join(map(str, words))
