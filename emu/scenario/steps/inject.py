"""`inject: {at: cirros-vm1/eth0, frame: ...}`: a frame of one's own making."""

from collections.abc import Iterator
from typing import Self

from pydantic import Field, model_validator

from emu.core.time import seconds
from emu.packet.craft import CraftError, craft
from emu.scenario.cast import Cast
from emu.scenario.findings import Problem
from emu.scenario.shape import Shape
from emu.scenario.stage import NOBODY, Stage
from emu.scenario.texts import Duration, Positive, Text, Wrong


class Inject(Shape):
    """Send a frame from the end of a link, or make it arrive there."""

    at: Text | None = Field(None, description="The end that sends it: cirros-vm1/eth0.")
    into: Text | None = Field(
        None, description="The end at which it arrives, as if the other end had sent it."
    )
    frame: Text = Field(
        description="Scapy: Ether(dst='ff:ff:ff:ff:ff:ff')/ARP(pdst='172.16.1.9'), or hexadecimal "
        "digits. What is given is sent as it is; addresses left out are those of the sending end."
    )
    count: Positive = Field(1, description="How many times.")
    interval: Duration = Field(
        seconds(1), description="The time between two of them; 1s if absent."
    )

    @model_validator(mode="after")
    def _has_one_place(self) -> Self:
        if (self.at is None) == (self.into is None):
            fix = "at: the end that sends it; into: the end at which it arrives"
            raise Wrong('a frame is injected either "at" an end or "into" one', fix)
        return self

    def title(self) -> str:
        """Return what a step is called that has no name."""
        return f"a frame from {self.at}" if self.at else f"a frame into {self.into}"

    def problems(self, cast: Cast) -> Iterator[Problem]:
        """Yield what makes no sense among those who are there."""
        for key, end in (("at", self.at), ("into", self.into)):
            if end is not None:
                yield from cast.check_end(end, key)
        try:
            craft(self.frame, NOBODY)
        except CraftError as error:
            inside = error.line, error.column
            yield Problem(path=("frame",), what=error.what, fix=error.fix, inside=inside)

    def perform(self, stage: Stage) -> None:
        """Send it."""
        link, end = stage.end(self.at or self.into or "")
        sender = end
        if self.into is not None:
            sender = link.b if end == link.a else link.a
        for number in range(self.count):
            if number:
                stage.network.advance(self.interval)
            stage.inject(sender, self.frame)
