"""`arping: {from: cirros-vm1, to: 172.16.1.4}`: ask, or tell, who has an address."""

from collections.abc import Iterator

from pydantic import Field

from emu.inet import applications
from emu.scenario.cast import Cast
from emu.scenario.commands import as_seconds, option_problems
from emu.scenario.findings import Problem
from emu.scenario.shape import Shape
from emu.scenario.stage import Stage
from emu.scenario.texts import Address, Duration, Flag, Name, Netdev, Positive, Text


class Arping(Shape):
    """Run `arping` of iputils."""

    source: Name = Field(alias="from", description="Where it runs: a server, a host, a namespace.")
    to: Text = Field(description="The address that it asks for, or the name of who has it.")
    interface: Netdev = Field("eth0", description="The interface that it sends by: -I.")
    count: Positive = Field(1, description="How many requests: -c.")
    unsolicited: Flag = Field(False, description="Tell one's own address by a request: -U.")
    answer: Flag = Field(False, description="Tell one's own address by a reply: -A.")
    source_address: Address | None = Field(None, description="Ask from this address: -s.")
    deadline: Duration | None = Field(None, description="Give up after this time: -w.")

    def title(self) -> str:
        """Return what a step is called that has no name."""
        verb = "announces" if self.unsolicited or self.answer else "asks for"
        return f"{self.source} {verb} {self.to}"

    def problems(self, cast: Cast) -> Iterator[Problem]:
        """Yield what makes no sense among those who are there."""
        yield from cast.check_runner(self.source, "from")
        yield from cast.check_destination(self.to, "to")
        yield from option_problems("arping -I eth0 OPTION 127.0.0.1", {"count": ("-c", self.count)})
        yield from option_problems(
            "arping -I eth0 -c 1 OPTION 127.0.0.1", {"deadline": ("-w", as_seconds(self.deadline))}
        )
        if self.unsolicited and self.answer:
            yield Problem(path=("answer",), what='"unsolicited" and "answer" exclude each other')

    def perform(self, stage: Stage) -> None:
        """Start the program."""
        arping = applications.Arping(
            netdev=self.interface,
            destination=stage.address(self.to, near=self.source),
            count=self.count,
            unsolicited=self.unsolicited,
            answer=self.answer,
            source=self.source_address,
            deadline=self.deadline,
        )
        stage.start(self.source, arping)
