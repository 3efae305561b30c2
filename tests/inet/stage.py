"""A kernel that a program believes in: it answers calls as it was told to, and notes packets."""

from collections.abc import Sequence
from itertools import pairwise

from emu.core.time import Nanoseconds, milliseconds
from emu.inet.applications import Finished, Printed
from emu.inet.program import (
    Bind,
    Connect,
    OpenPacket,
    Outcome,
    Program,
    Received,
    SendArp,
    Sendto,
    Syscalls,
)


class Stage:
    """One program, and what became of its calls; time is moved by `advance`."""

    def __init__(self, program: Program, *outcomes: Outcome, at: Nanoseconds) -> None:
        """Start `program`.

        Args:
            program: who runs.
            outcomes: of `Connect`, `Bind` and `OpenPacket`, in this order.
            at: when it starts.
        """
        self.program = program
        self.now = at
        self.asked: list[Connect | Bind | OpenPacket] = []
        self.sent: list[tuple[Nanoseconds, Sendto | SendArp]] = []
        self.printed: list[str] = []
        self.finished: Finished | None = None
        self.refusals: list[Outcome] = []  # of the next packets that are sent
        self._outcomes = list(outcomes)
        self._carry_out(program.start(at))

    def advance(self, ms: int) -> None:
        """Let that much time pass."""
        end = Nanoseconds(self.now + milliseconds(ms))
        while (due := self.program.next_deadline()) is not None and due <= end:
            assert due >= self.now
            self.now = due
            self._carry_out(self.program.tick(due))
        self.now = end

    def advance_to(self, count: int) -> None:
        """Let time pass, ms by ms, until so many packets were sent."""
        while len(self.sent) < count:
            self.advance(1)

    def hear(self, received: Received) -> bool:
        """Hand something to the program; return whether it minded."""
        calls = self.program.receive(self.now, received)
        self._carry_out(calls or ())
        return calls is not None

    def stop(self) -> None:
        """Interrupt the program."""
        self._carry_out(self.program.stop(self.now))

    @property
    def gaps(self) -> Sequence[int]:
        """How many ms there were between packets."""
        times = [time for time, _ in self.sent]
        return [(b - a) // 1_000_000 for a, b in pairwise(times)]

    @property
    def status(self) -> int | None:
        """With what the program exited."""
        return self.finished.status if self.finished else None

    def _carry_out(self, calls: Syscalls) -> None:
        for call in calls:
            match call:
                case Printed(line=line):
                    self.printed.append(line)
                case Finished():
                    assert self.finished is None
                    self.finished = call
                    assert list(call.output) == self.printed
                    assert self.program.next_deadline() is None
                case Sendto() | SendArp():
                    self.sent.append((self.now, call))
                    if self.refusals:
                        self._carry_out(self.program.resume(self.now, self.refusals.pop(0)))
                case _:
                    self.asked.append(call)
                    outcome = self._outcomes.pop(0)
                    self._carry_out(self.program.resume(self.now, outcome))
