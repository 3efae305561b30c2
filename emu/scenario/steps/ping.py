"""`ping: {from: cirros-vm1, to: 172.16.1.4}`: the step that most lessons consist of."""

from collections.abc import Iterator
from enum import StrEnum, unique
from typing import Annotated

from pydantic import Field, PlainValidator, WithJsonSchema

from emu.core.time import seconds
from emu.inet import applications
from emu.scenario.cast import Cast
from emu.scenario.commands import as_seconds, option_problems
from emu.scenario.findings import Problem
from emu.scenario.shape import Shape
from emu.scenario.stage import Stage
from emu.scenario.texts import (
    Address,
    Duration,
    Flag,
    Name,
    Natural,
    Netdev,
    Positive,
    Text,
    one_of,
    words_of,
)


@unique
class PathMtuDiscovery(StrEnum):
    """Whether a packet may be cut on its way: `-M`."""

    DO = "do"
    WANT = "want"
    DONT = "dont"


Pmtudisc = Annotated[
    PathMtuDiscovery,
    PlainValidator(one_of(PathMtuDiscovery)),
    WithJsonSchema(words_of(PathMtuDiscovery)),
]


class Ping(Shape):
    """Run `ping -n` of iputils, as a guest would."""

    source: Name = Field(alias="from", description="Where it runs: a server, a host, a namespace.")
    to: Text = Field(description="The address that it asks, or the name of who has it.")
    count: Positive = Field(3, description="How many requests: -c.")
    interval: Duration = Field(
        seconds(1), description="The time between two requests: -i; 1s if absent."
    )
    size: Natural = Field(56, description="Octets of data in each: -s.")
    ttl: Positive | None = Field(None, description="The TTL: -t.")
    pmtudisc: Pmtudisc | None = Field(None, description="do: set DF, never cut: -M do.")
    broadcast: Flag = Field(False, description="Allow a broadcast address: -b.")
    interface: Netdev | None = Field(None, description="Send by this interface: -I.")
    source_address: Address | None = Field(None, description="Send from this address: -I.")
    wait: Duration = Field(seconds(10), description="How long to wait for the last reply: -W; 10s.")

    def title(self) -> str:
        """Return what a step is called that has no name."""
        return f"{self.source} pings {self.to}"

    def problems(self, cast: Cast) -> Iterator[Problem]:
        """Yield what makes no sense among those who are there."""
        yield from cast.check_runner(self.source, "from")
        yield from cast.check_destination(self.to, "to")
        yield from option_problems("ping OPTION 127.0.0.1", {"count": ("-c", self.count)})
        options = {
            "interval": ("-i", as_seconds(self.interval)),
            "size": ("-s", self.size),
            "ttl": ("-t", self.ttl),
            "wait": ("-W", as_seconds(self.wait)),
        }
        yield from option_problems("ping -c 1 OPTION 127.0.0.1", options)

    def perform(self, stage: Stage) -> None:
        """Start the program."""
        ping = applications.Ping(
            destination=stage.address(self.to, near=self.source),
            count=self.count,
            interval=self.interval,
            size=self.size,
            ttl=self.ttl,
            pmtudisc=self.pmtudisc or "",
            broadcast=self.broadcast,
            netdev=self.interface,
            source=self.source_address,
            linger=self.wait,
        )
        stage.start(self.source, ping)
