"""`inject: {at: cirros-vm1/eth0, frame: ...}`: a frame of one's own making, or of a capture."""

from collections.abc import Iterator
from typing import Self

from pydantic import Field, model_validator

from emu.core.time import Nanoseconds, seconds
from emu.net.link import PortRef
from emu.packet.craft import CraftError, craft
from emu.scenario.cast import Cast
from emu.scenario.findings import Problem
from emu.scenario.replay import CaptureFile, OneSelection, Selection, find_problem, frames
from emu.scenario.shape import Shape
from emu.scenario.stage import NOBODY, Stage
from emu.scenario.texts import Duration, Positive, Text, Wrong

ALL = Selection()


class Inject(Shape):
    """Send frames from the end of a link, or make them arrive there."""

    at: Text | None = Field(None, description="The end that sends: cirros-vm1/eth0.")
    into: Text | None = Field(
        None, description="The end at which it arrives, as if the other end had sent it."
    )
    frame: Text | None = Field(
        None,
        description="Scapy: Ether(dst='ff:ff:ff:ff:ff:ff')/ARP(pdst='172.16.1.9'), or hexadecimal "
        "digits. What is given is sent as it is; addresses left out are those of the sending end.",
    )
    count: Positive = Field(1, description="How many times.")
    interval: Duration = Field(
        seconds(1), description="The time between two of them; 1s if absent."
    )
    pcap: CaptureFile | None = Field(
        None,
        description="A capture, beside the scenario file, whose frames are sent as they are, and "
        "as much later than each other as in the capture.",
    )
    frames: OneSelection = Field(ALL, description="Which of its frames: 3-9; all if absent.")

    @model_validator(mode="after")
    def _is_one_thing_at_one_place(self) -> Self:
        if (self.at is None) == (self.into is None):
            fix = "at: the end that sends it; into: the end at which it arrives"
            raise Wrong('a frame is injected either "at" an end or "into" one', fix)
        if (self.frame is None) == (self.pcap is None):
            fix = "frame: a Scapy expression or hexadecimal digits; pcap: a file"
            raise Wrong('what is injected is either a "frame" or from a "pcap"', fix)
        given = self.model_fields_set
        if self.pcap is not None and given & {"count", "interval"}:
            raise Wrong("the frames of a capture come once, and with the times of the capture")
        if self.pcap is None and "frames" in given:
            raise Wrong('"frames" are those of a "pcap", and there is none')
        return self

    def title(self) -> str:
        """Return what a step is called that has no name."""
        what = "a frame"
        if self.pcap is not None:
            several = f"frames {self.frames.written} of " if self.frames.written else ""
            what = several + self.pcap
        return f"{what} from {self.at}" if self.at else f"{what} into {self.into}"

    def problems(self, cast: Cast) -> Iterator[Problem]:
        """Yield what makes no sense among those who are there."""
        for key, end in (("at", self.at), ("into", self.into)):
            if end is not None:
                yield from cast.check_end(end, key)
        if self.pcap is not None:
            key, what, fix = find_problem(cast.folder, self.pcap, self.frames)
            if what:
                yield Problem(path=(key,), what=what, fix=fix)
        try:
            craft(self.frame or "00", NOBODY)
        except CraftError as error:
            inside = error.line, error.column
            yield Problem(path=("frame",), what=error.what, fix=error.fix, inside=inside)

    def perform(self, stage: Stage) -> None:
        """Send it."""
        link, end = stage.end(self.at or self.into or "")
        sender = end
        if self.into is not None:
            sender = link.b if end == link.a else link.a
        if self.pcap is not None:
            self._replay(stage, sender, self.pcap)
        for number in range(self.count if self.frame is not None else 0):
            if number:
                stage.network.advance(self.interval)
            stage.inject(sender, self.frame or "")

    def _replay(self, stage: Stage, sender: PortRef, pcap: str) -> None:
        """Send each frame at its time; one that the capture has too late, at once."""
        begun, first = stage.network.now, None
        for frame in frames(stage.folder, pcap, self.frames, stage.notes):
            first = frame.unix if first is None else first
            due = begun + frame.unix - first
            stage.network.advance(Nanoseconds(max(due - stage.network.now, 0)))
            stage.send(sender, frame.wire)
