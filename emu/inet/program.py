"""What a program asks of its kernel, and what the kernel tells it.

A program is a state machine without I/O: its methods return the system calls that it makes.
`Connect`, `Bind` and `OpenPacket` are answered with an outcome, any other only if it fails.
"""

from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Protocol, final

from emu.core.time import Nanoseconds
from emu.inet.applications import Finished, Printed
from emu.packet.addresses import MacAddress
from emu.packet.arp import ArpHeader
from emu.packet.icmp import IcmpHeader
from emu.packet.ipv4 import IPDEFTTL, Ipv4Header


@unique
class Errno(StrEnum):
    """Why a call failed, as strerror(3) says it."""

    EACCES = "Permission denied"
    EADDRNOTAVAIL = "Cannot assign requested address"
    EHOSTUNREACH = "No route to host"
    EINVAL = "Invalid argument"
    EMSGSIZE = "Message too long"
    ENETDOWN = "Network is down"
    ENETUNREACH = "Network is unreachable"
    ENODEV = "No such device"


@unique
class PmtuDisc(StrEnum):
    """IP_MTU_DISCOVER of a socket: ip(7)."""

    WANT = "want"  # DF, unless the packet must be fragmented
    DO = "do"  # DF, and what is too long is refused
    DONT = "dont"


@final
@dataclass(slots=True)
class Connect:
    """Ask which address packets to `destination` are sent from: connect(2), getsockname(2)."""

    destination: bytes
    netdev: str | None = None  # SO_BINDTODEVICE
    broadcast: bool = False  # SO_BROADCAST
    dontroute: bool = False  # SO_DONTROUTE: neighbours only


@final
@dataclass(slots=True)
class Bind:
    """Take `address` as one's own: bind(2)."""

    address: bytes
    netdev: str | None = None


@final
@dataclass(slots=True)
class OpenPacket:
    """Open a packet socket on `netdev`: packet(7)."""

    netdev: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Sendto:
    """Send `carried` in an IPv4 packet: sendto(2) on a raw socket."""

    destination: bytes
    protocol: int
    carried: bytes
    source: bytes | None = None  # bound to it
    netdev: str | None = None
    tos: int = 0
    ttl: int = IPDEFTTL
    pmtudisc: PmtuDisc = PmtuDisc.WANT
    broadcast: bool = False


@final
@dataclass(slots=True)
class SendArp:
    """Send an ARP packet from `netdev` to `mac`: sendto(2) on a packet socket."""

    netdev: str
    mac: MacAddress
    arp: ArpHeader


Syscall = Connect | Bind | OpenPacket | Sendto | SendArp | Printed | Finished
Syscalls = tuple[Syscall, ...]


@final
@dataclass(slots=True)
class Connected:
    """A socket has this address, which its netdev, if it is bound to one, may lack."""

    address: bytes
    elsewhere: bool = False


@final
@dataclass(slots=True)
class Opened:
    """A packet socket was opened; its netdev has this MAC."""

    mac: MacAddress


@final
@dataclass(slots=True)
class Failed:
    """A call failed; `mtu` is that of the path, if a message was too long for it."""

    errno: Errno
    mtu: int = 0


Outcome = Connected | Opened | Failed


@final
@dataclass(slots=True)
class IcmpReceived:
    """An ICMP message that arrived for this host: every raw socket gets it."""

    netdev: str
    header: Ipv4Header
    icmp: IcmpHeader
    message: bytes


@final
@dataclass(slots=True)
class ArpReceived:
    """An ARP packet that arrived at `netdev`: every packet socket on it gets it."""

    netdev: str
    arp: ArpHeader
    broadcast: bool  # whether its frame was not for this host alone


Received = IcmpReceived | ArpReceived


class Program(Protocol):
    """A program that runs."""

    @property
    def id(self) -> str:
        """What its events carry."""

    def start(self, now: Nanoseconds) -> Syscalls:
        """Begin."""

    def resume(self, now: Nanoseconds, outcome: Outcome) -> Syscalls:
        """Go on after a call."""

    def receive(self, now: Nanoseconds, received: Received) -> Syscalls | None:
        """React; None if it is not for this program."""

    def tick(self, now: Nanoseconds) -> Syscalls:
        """Run what is due at `now`; nothing may be."""

    def stop(self, now: Nanoseconds) -> Syscalls:
        """Finish: SIGINT."""

    def next_deadline(self) -> Nanoseconds | None:
        """Return when `tick` must next be called."""
