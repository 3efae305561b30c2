"""The programs that run in a namespace: what one starts them with, and what they say.

The values only; how each behaves stands in the module named after it.
"""

from dataclasses import dataclass
from ipaddress import IPv4Address

from emu.core.time import Nanoseconds, seconds

SECOND = seconds(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping:
    """`ping -n DESTINATION` of iputils."""

    destination: IPv4Address
    count: int = 3  # -c
    interval: Nanoseconds = SECOND  # -i
    size: int = 56  # -s, octets of data
    ttl: int | None = None  # -t
    pmtudisc: str = ""  # -M do|want|dont
    broadcast: bool = False  # -b
    linger: Nanoseconds = seconds(10)  # how long it waits for the last reply; -W  # noqa: RUF009
    netdev: str | None = None  # -I, a netdev
    source: IPv4Address | None = None  # -I, an address
    identifier: int | None = None  # -e; else drawn

    def __str__(self) -> str:
        """Return the command line, without what is the default."""
        words = ["ping", "-n"]
        words += ["-c", str(self.count)] if self.count else []
        words += ["-i", f"{self.interval / SECOND:g}"] if self.interval != SECOND else []
        words += ["-s", str(self.size)] if self.size != 56 else []
        words += ["-t", str(self.ttl)] if self.ttl is not None else []
        words += ["-M", self.pmtudisc] if self.pmtudisc else []
        words += ["-b"] if self.broadcast else []
        words += ["-W", f"{self.linger / SECOND:g}"] if self.linger != seconds(10) else []
        words += ["-I", self.netdev] if self.netdev is not None else []
        words += ["-I", str(self.source)] if self.source is not None else []
        words += ["-e", str(self.identifier)] if self.identifier is not None else []
        return " ".join([*words, str(self.destination)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Arping:
    """`arping -I NETDEV DESTINATION` of iputils."""

    netdev: str
    destination: IPv4Address
    count: int = 1  # -c
    unsolicited: bool = False  # -U: a request for one's own address
    answer: bool = False  # -A: the same, as a reply
    source: IPv4Address | None = None  # -s
    deadline: Nanoseconds | None = None  # -w

    def __str__(self) -> str:
        """Return the command line."""
        words = ["arping", "-I", self.netdev]
        words += ["-U"] if self.unsolicited else []
        words += ["-A"] if self.answer else []
        words += ["-c", str(self.count)] if self.count else []
        words += ["-s", str(self.source)] if self.source is not None else []
        words += ["-w", f"{self.deadline / SECOND:g}"] if self.deadline else []
        return " ".join([*words, str(self.destination)])


Application = Ping | Arping


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The last `Event` of a program: what it would exit with, and what it counted."""

    id: str
    status: int  # its exit status
    sent: int = 0
    received: int = 0
    errors: int = 0
    output: tuple[str, ...] = ()  # the lines that it would have printed


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A line that a program prints while it runs, as the real one does."""

    id: str
    line: str
