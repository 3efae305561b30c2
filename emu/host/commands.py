"""What commands ask of a host: one value for each form.

A command that asks one device for one thing is that device's change, as `ip route add` is
`AddRoute`. Those here take the host to carry out: it knows which devices an interface lies in.
"""

from dataclasses import dataclass
from ipaddress import IPv4Interface

from emu.core.time import Nanoseconds
from emu.devices.bridge import FdbState
from emu.devices.namespace.changes import (
    AddAddress,
    AddRoute,
    DeleteAddress,
    DeleteNeighbour,
    DeleteRoute,
    FlushNeighbours,
    SetNeighbour,
    SetSysctl,
)
from emu.inet.applications import Application
from emu.packet.frame import MacAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSettings:
    """What `ip link add|set` says of an interface of any kind; None leaves a thing as it is."""

    up: bool | None = None
    mtu: int | None = None  # octets
    mac: MacAddress | None = None
    master: str | None = None
    nomaster: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeSettings:
    """What `type bridge ...` says; None leaves a thing as it is."""

    ageing: Nanoseconds | None = None
    flush: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PortSettings:
    """What `bridge link set` and `type bridge_slave ...` say; None leaves a thing as it is."""

    learning: bool | None = None
    isolated: bool | None = None
    hairpin: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeKind:
    """`type bridge`."""

    settings: BridgeSettings = BridgeSettings()


@dataclass(frozen=True, slots=True, kw_only=True)
class VlanKind:
    """`link PARENT ... type vlan id VID`."""

    parent: str
    vid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VethKind:
    """`type veth peer name PEER ...`."""

    peer: str
    settings: LinkSettings = LinkSettings()  # of the peer


@dataclass(frozen=True, slots=True, kw_only=True)
class DummyKind:
    """`type dummy`."""


Kind = BridgeKind | VlanKind | VethKind | DummyKind


@dataclass(frozen=True, slots=True, kw_only=True)
class AddLink:
    """`ip link add NAME ... type KIND ...`."""

    name: str
    kind: Kind
    settings: LinkSettings = LinkSettings()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteLink:
    """`ip link del NAME`."""

    name: str
    kind: str | None = None  # `type KIND`, which it then must be


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLink:
    """`ip link set NAME ... [type bridge|bridge_slave ...]`."""

    name: str
    settings: LinkSettings = LinkSettings()
    bridge: BridgeSettings | None = None
    port: PortSettings | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceAddress:
    """`ip addr replace INTERFACE dev NAME`: add it if it is not there."""

    name: str
    interface: IPv4Interface


@dataclass(frozen=True, slots=True, kw_only=True)
class FlushAddresses:
    """`ip addr flush dev NAME`."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeNeighbour:
    """`ip neigh change ...`: as `replace`, but only a row that there is."""

    row: SetNeighbour


@dataclass(frozen=True, slots=True, kw_only=True)
class AddFdb:
    """`bridge fdb add|append|replace MAC dev NAME master|self STATE`."""

    mac: MacAddress
    name: str
    state: FdbState
    exclusive: bool  # `add`: refused if there is such a row
    own: bool = False  # `self`: NAME is the bridge


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteFdb:
    """`bridge fdb del MAC dev NAME master|self`."""

    mac: MacAddress
    name: str
    own: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SetBridgePort:
    """`bridge link set dev NAME ...`."""

    name: str
    settings: PortSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class BrctlAddBridge:
    """`brctl addbr BRIDGE`."""

    bridge: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BrctlDeleteBridge:
    """`brctl delbr BRIDGE`: it must be down."""

    bridge: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BrctlAddInterface:
    """`brctl addif BRIDGE INTERFACE`: it must be in none yet."""

    bridge: str
    interface: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BrctlDeleteInterface:
    """`brctl delif BRIDGE INTERFACE`."""

    bridge: str
    interface: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BrctlSet:
    """`brctl setageing|stp|setfd BRIDGE VALUE`."""

    bridge: str
    settings: BridgeSettings
    what: str  # what fails if there is no such bridge: "set ageing time"


Command = (
    AddLink
    | DeleteLink
    | SetLink
    | AddAddress
    | DeleteAddress
    | ReplaceAddress
    | FlushAddresses
    | AddRoute
    | DeleteRoute
    | SetNeighbour
    | ChangeNeighbour
    | DeleteNeighbour
    | FlushNeighbours
    | AddFdb
    | DeleteFdb
    | SetBridgePort
    | BrctlAddBridge
    | BrctlDeleteBridge
    | BrctlAddInterface
    | BrctlDeleteInterface
    | BrctlSet
    | SetSysctl
    | Application
)
