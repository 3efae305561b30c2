"""What emu does in a scenario, cut into steps as a recording is."""

from dataclasses import dataclass, field
from pathlib import Path

from emu.core.time import Nanoseconds
from emu.inet.applications import Finished
from emu.journal import Record, Sent, StepBegun
from emu.net.effects import Event
from emu.scenario import load, run
from tests.lab.recorded import Timed


@dataclass(slots=True)
class EmulatedStep:
    """One step of a scenario."""

    begun: Nanoseconds
    output: tuple[str, ...] = ()
    status: int = 0


@dataclass(slots=True)
class Emulation:
    """One run of a scenario; a sink of its journal."""

    steps: dict[str, EmulatedStep] = field(default_factory=dict)
    sent: dict[str, list[tuple[Nanoseconds, bytes]]] = field(default_factory=dict)  # by end
    _current: EmulatedStep = field(default_factory=lambda: EmulatedStep(Nanoseconds(0)))

    def write(self, record: Record) -> None:
        """Take note of frames, steps and what programs ended with."""
        if isinstance(record, Sent) and record.link.captured:
            for end in (record.link.a.text, record.link.b.text):
                self.sent.setdefault(end, []).append((record.time, record.frame.wire))
        elif isinstance(record, StepBegun):
            self._current = self.steps[record.name] = EmulatedStep(record.time)
        for effect in getattr(record, "effects", ()):
            if isinstance(effect, Event) and isinstance(effect.value, Finished):
                self._current.status = effect.value.status

    def close(self) -> None:
        """Do nothing."""

    def frames(self, end: str, name: str, duration: Nanoseconds, names: list[str]) -> list[Timed]:
        """Return what the link of that end carried in a step.

        Args:
            end: of the link.
            name: of the step.
            duration: of the recorded step.
            names: of the steps that were recorded; the next of them ends this one.
        """
        begun = self.steps[name].begun
        later = [self.steps[other].begun for other in names if self.steps[other].begun > begun]
        ended = min([begun + duration, *later])
        return [
            Timed(after=Nanoseconds(time - begun), wire=wire)
            for time, wire in self.sent.get(end, ())
            if begun <= time < ended
        ]


def emulate(path: Path) -> Emulation:
    """Run the scenario of that file."""
    emulation = Emulation()
    outcome = run(load(path), sinks=[emulation])
    for step in outcome.steps:
        emulation.steps[step.title].output = step.output
    return emulation
