"""What a link is: values that the network, the journal and the captures share.

A device's name may have a scope, the host that it lives on: `compute1/brq5f1a2b3c-4d`. The name
that people use for a port is the scope and the port, because that is what the host calls it:
`compute1/tap1a2b3c4d-5e`, `cirros-vm1/eth0`.
"""

from dataclasses import dataclass, field
from typing import Final

from emu.core.time import Nanoseconds
from emu.net.faults import Fault

AT_ONCE: Final = Nanoseconds(0)
LOCAL: Final = "LOCAL"  # the port of a bridge that leads to the bridge's own netdev


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSettings:
    """How a link carries frames; the same in both directions."""

    latency: Nanoseconds = AT_ONCE
    bandwidth: int | None = None  # bits per second of frame octets; None: no limit
    queue: int = 1000  # frames that wait for the wire in one direction; Linux's txqueuelen
    up: bool = True
    faults: tuple[Fault, ...] = ()  # what goes wrong, one after the other


@dataclass(frozen=True, slots=True)
class PortRef:
    """One port of one device."""

    device: str
    port: str
    text: str = field(init=False, compare=False)  # the name that people use

    def __post_init__(self) -> None:
        """Settle the name: it is asked for more often than ports are made."""
        scope = self.device.partition("/")[0]
        shown = self.device if self.port == LOCAL else f"{scope}/{self.port}"
        object.__setattr__(self, "text", shown)

    def __str__(self) -> str:
        """Return the name that people use."""
        return self.text


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Link:
    """A link, by identity. `a` is the end that names it: the hypervisor's, else the first named."""

    index: int  # from 0, in the order in which links were made
    a: PortRef
    b: PortRef
    captured: bool = True  # False: a seam inside a host, where no tcpdump could listen

    def __str__(self) -> str:
        """Return the name that people use: that of its first end."""
        return self.a.text

    @property
    def file(self) -> str:
        """The name of its capture, without ending: `compute1.tap1a2b3c4d-5e`."""
        return self.a.text.replace("/", ".")
