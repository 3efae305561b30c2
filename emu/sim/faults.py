"""Faults at work: what becomes of the frames that go one way over a link."""

from dataclasses import dataclass
from typing import assert_never, final

from emu.core.rng import Rng
from emu.core.time import Nanoseconds
from emu.net.effects import Step, Why
from emu.net.faults import ALWAYS, NO_TIME, Fault, FaultKind
from emu.packet.frame import Frame


@final
@dataclass(slots=True)
class Passage:
    """What the faults make of one frame."""

    frame: Frame
    why: Why  # it was sent, and what went wrong then
    lost: bool = False
    twice: bool = False
    late: Nanoseconds = NO_TIME
    overtaken: bool = False  # those behind it do not wait


class Faults:
    """The faults of one direction: each counts the frames that it meets, and draws by itself."""

    def __init__(self, faults: tuple[Fault, ...], rng: Rng) -> None:
        self._troubles = [_Trouble(f, rng.stream(f.kind, str(n))) for n, f in enumerate(faults)]
        self._latest = NO_TIME  # arrival of those that are not overtaken

    def meet(self, frame: Frame, why: Why) -> Passage:
        """Return what becomes of a frame that is sent now."""
        passage = Passage(frame, why)
        for trouble in self._troubles:
            if not passage.lost and trouble.strikes():
                trouble.befall(passage)
        return passage

    def arrival(self, due: Nanoseconds, passage: Passage) -> Nanoseconds:
        """Return when a frame arrives that would have been there at `due`."""
        late = Nanoseconds(due + passage.late)
        if passage.overtaken:
            return late
        self._latest = max(late, self._latest)
        return self._latest


class _Trouble:
    """One fault, and how often it has been met."""

    def __init__(self, fault: Fault, rng: Rng) -> None:
        self._fault = fault
        self._rng = rng
        self._met = 0
        self._why = (Step("netem", fault),)

    def strikes(self) -> bool:
        """Count one frame more, and return whether it is hit."""
        self._met += 1
        if self._met % self._fault.every:
            return False
        chance = self._fault.chance
        return chance == ALWAYS or self._rng.below(chance.denominator) < chance.numerator

    def befall(self, passage: Passage) -> None:
        """Do to the frame what the fault does."""
        passage.why += self._why
        match self._fault.kind:
            case FaultKind.LOSS:
                passage.lost = True
            case FaultKind.DELAY:
                passage.late = Nanoseconds(passage.late + self._fault.by)
            case FaultKind.REORDER:
                passage.late = Nanoseconds(passage.late + self._fault.by)
                passage.overtaken = True
            case FaultKind.DUPLICATE:
                passage.twice = True
            case FaultKind.CORRUPT:
                passage.frame = self._corrupted(passage.frame)
            case _:
                assert_never(self._fault.kind)

    def _corrupted(self, frame: Frame) -> Frame:
        """Turn around one bit: netem_enqueue(), net/sched/sch_netem.c."""
        wire = bytearray(frame.wire)
        if wire:
            bit = self._rng.below(8 * len(wire))
            wire[bit // 8] ^= 1 << bit % 8
        return frame.derive(bytes(wire))
