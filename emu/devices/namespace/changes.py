"""The changes that a namespace takes: each is one command of iproute2, sysctl, or a program.

A refused change raises `Refused` with the words that the real tool prints.
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from emu.inet.applications import Application
from emu.inet.fib import RouteType
from emu.packet.frame import MacAddress

__all__ = [
    "AddAddress",
    "AddNetdev",
    "AddRoute",
    "AddVlan",
    "Change",
    "DeleteAddress",
    "DeleteNeighbour",
    "DeleteNetdev",
    "DeleteRoute",
    "FlushNeighbours",
    "RouteType",
    "SetMaster",
    "SetNeighbour",
    "SetNetdev",
    "SetSysctl",
    "Start",
    "Stop",
    "master_port",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddNetdev:
    """A netdev with a port of its own: a NIC, one end of a veth pair, or a bridge's own netdev."""

    name: str
    mac: MacAddress
    mtu: int = 1500  # octets of an IP packet
    up: bool = True
    of_bridge: bool = False  # a bridge's own: br_pass_frame_up() hands up frames of any size


@dataclass(frozen=True, slots=True, kw_only=True)
class AddVlan:
    """`ip link add link PARENT name NAME type vlan id VID`: down at first, its MAC the parent's."""

    name: str
    parent: str
    vid: int  # 1 to 4094


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteNetdev:
    """`ip link del NAME`: its children, addresses and routes go with it."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetNetdev:
    """`ip link set NAME up|down`, `mtu N`, `address MAC`; None leaves a thing as it is."""

    name: str
    up: bool | None = None
    mtu: int | None = None
    mac: MacAddress | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetMaster:
    """`ip link set NAME master MASTER`, or `nomaster` if None.

    The namespace hands what the netdev receives to the port `master_port(NAME)`, which the host
    links to the bridge's port of the netdev's name.
    """

    name: str
    master: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddAddress:
    """`ip addr add INTERFACE dev NAME`; `scope` as in `ip addr show`."""

    name: str
    interface: IPv4Interface


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteAddress:
    """`ip addr del INTERFACE dev NAME`."""

    name: str
    interface: IPv4Interface


@dataclass(frozen=True, slots=True, kw_only=True)
class AddRoute:
    """`ip route add|replace [TYPE] DESTINATION [via VIA] [dev NAME] [metric N] [src SOURCE]`."""

    destination: IPv4Network
    via: IPv4Address | None = None
    name: str | None = None
    metric: int = 0
    source: IPv4Address | None = None
    type: RouteType = RouteType.UNICAST
    replace: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteRoute:
    """`ip route del DESTINATION [via VIA] [dev NAME] [metric N]`."""

    destination: IPv4Network
    via: IPv4Address | None = None
    name: str | None = None
    metric: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetNeighbour:
    """`ip neigh add|replace ADDRESS lladdr MAC dev NAME [nud permanent|reachable|stale]`."""

    name: str
    address: IPv4Address
    mac: MacAddress
    permanent: bool = True
    replace: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteNeighbour:
    """`ip neigh del ADDRESS dev NAME`."""

    name: str
    address: IPv4Address


@dataclass(frozen=True, slots=True, kw_only=True)
class FlushNeighbours:
    """`ip neigh flush dev NAME`, or `all` if None."""

    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSysctl:
    """`sysctl -w KEY=VALUE`, KEY as in `net.ipv4.conf.all.arp_ignore`."""

    key: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Start a program; its `Event`s carry `id`, which no running program has."""

    id: str
    application: Application


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Interrupt a program (SIGINT); it finishes at once."""

    id: str


Change = (
    AddNetdev
    | AddVlan
    | DeleteNetdev
    | SetNetdev
    | SetMaster
    | AddAddress
    | DeleteAddress
    | AddRoute
    | DeleteRoute
    | SetNeighbour
    | DeleteNeighbour
    | FlushNeighbours
    | SetSysctl
    | Start
    | Stop
)


def master_port(netdev: str) -> str:
    """Return the name of the port by which an enslaved netdev and its bridge meet."""
    return f"{netdev}:master"
