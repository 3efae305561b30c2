"""`link:`, `plug:` and `unplug:`: what is done to the wires."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, PlainValidator, WithJsonSchema

from emu.scenario.cast import Cast
from emu.scenario.findings import Problem
from emu.scenario.links import CARRIAGE, Cable, Carriage
from emu.scenario.stage import Stage
from emu.scenario.texts import TEXT, Text, text


class SetLink(Carriage):
    """Change how a link carries frames: cut it, mend it, make it slow."""

    at: Text = Field(description="The link, by either end: compute1/eth1.")

    def title(self) -> str:
        """Return what a step is called that has no name."""
        change = {None: "changes", True: "is up", False: "is down"}[self.up]
        return f"the link at {self.at} {change}"

    def problems(self, cast: Cast) -> Iterator[Problem]:
        """Yield what makes no sense among those who are there."""
        yield from cast.check_end(self.at, "at")
        if len(self.model_fields_set) == 1:
            what = f"nothing is changed of the link at {self.at}"
            yield Problem(what=what, fix=f"say one of {', '.join(CARRIAGE)}")

    def perform(self, stage: Stage) -> None:
        """Change it."""
        link, end = stage.end(self.at)
        settings = self.settings(stage.network.settings(link))
        stage.network.set_link(end.device, end.port, settings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plug:
    """Join two ports that have no link."""

    cable: Cable

    def title(self) -> str:
        """Return what a step is called that has no name."""
        return f"{self.cable.ends[0]} is plugged into {self.cable.ends[1]}"

    def problems(self, cast: Cast) -> Iterator[Problem]:
        """Yield what makes no sense among those who are there."""
        for index, port in enumerate(self.cable.ends):
            yield from cast.check_port(port, "ends", index)

    def perform(self, stage: Stage) -> None:
        """Join them."""
        stage.plug(self.cable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unplug:
    """Take a link away; what is in flight on it is lost."""

    at: str

    def title(self) -> str:
        """Return what a step is called that has no name."""
        return f"{self.at} is unplugged"

    def problems(self, cast: Cast) -> Iterator[Problem]:
        """Yield what makes no sense among those who are there."""
        yield from cast.check_end(self.at)

    def perform(self, stage: Stage) -> None:
        """Take it away."""
        _, end = stage.end(self.at)
        stage.network.disconnect(end.device, end.port)


OneUnplug = Annotated[
    Unplug,
    PlainValidator(lambda value: Unplug(at=text(value))),
    WithJsonSchema(TEXT),
]
