"""`advance: 301s`: let time pass."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from pydantic import PlainValidator, WithJsonSchema

from emu.core.time import Nanoseconds
from emu.scenario.cast import Cast
from emu.scenario.findings import Problem
from emu.scenario.stage import Stage
from emu.scenario.texts import DURATION, duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """Let that much time pass: timers run, tables age."""

    time: Nanoseconds
    written: str

    def title(self) -> str:
        """Return what a step is called that has no name."""
        return f"{self.written} pass"

    def problems(self, cast: Cast) -> Iterator[Problem]:
        """Find nothing wrong."""
        yield from ()

    def perform(self, stage: Stage) -> None:
        """Let it pass."""
        stage.network.advance(self.time)


def advance(value: object) -> Advance:
    """Return the step that `301s` stands for."""
    return Advance(time=duration(value), written=str(value))


OneAdvance = Annotated[Advance, PlainValidator(advance), WithJsonSchema(DURATION)]
