"""What a picture of a world shows, as values: machines, what is inside them, wires between them.

A machine is whatever has a box of its own with others inside or around it: a host, or a namespace
that is nobody's guest. In it live its netdevs, its bridges, and its guests: VMs, and the namespaces
of its scope. Between the machines are switches, hubs and bridges without a host, and the wires.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from emu.devices.namespace import Namespace
from emu.devices.switch import Access, Mode, Switch
from emu.net.device import Device
from emu.net.link import LOCAL, Link, PortRef
from emu.sim.network import Network

SEAM: Final = ":master"  # the namespace's end of the link to the bridge that its netdev is in
NO_NETWORKS: Final[Mapping[str, int]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A network of the cloud."""

    name: str
    type: str  # vlan
    number: int | None = None  # its VLAN id, or VNI
    physnet: str | None = None
    subnets: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """What a bridge of it is called."""
        return f"{self.name}: {self.what}" if self.what != self.name else self.name

    @property
    def what(self) -> str:
        """Its type, with the number."""
        words = {"vlan": "VLAN", "vxlan": "VNI", "gre": "GRE key"}
        if self.number is None:
            return self.type
        return f"{words.get(self.type, self.type)} {self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """A netdev of a machine or a guest."""

    name: str
    parent: str | None = None
    vid: int | None = None  # if it is a VLAN of its parent
    master: str | None = None  # the device that is the bridge it is in
    addresses: tuple[str, ...] = ()
    title: str = ""  # what `ip link` says of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Plug:
    """What leads from a bridge to an interface of a guest."""

    port: str  # of the bridge: tap1a2b3c4d-5e
    netdev: str  # of the guest: eth0
    bridge: str  # a device
    link: Link


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """A VM, or a namespace that a host has besides its own."""

    name: str
    is_vm: bool
    interfaces: tuple[Interface, ...]
    plugs: tuple[Plug, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridging:
    """A bridge of a host."""

    device: str
    name: str
    kind: str
    segment: int | None = None  # of the topology's segments
    label: str = ""  # what stands under its name
    addresses: tuple[str, ...] = ()  # of its own netdev


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A host, or a namespace by itself."""

    name: str
    interfaces: tuple[Interface, ...]  # without lo, and those that bridges are themselves
    bridges: tuple[Bridging, ...] = ()
    guests: tuple[Guest, ...] = ()
    ties: tuple[Link, ...] = ()  # between its bridges, or between its own interfaces


@dataclass(frozen=True, slots=True, kw_only=True)
class Core:
    """A device between machines: a switch, a hub, a bridge without a host."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cable:
    """A link between machines and cores, with what the ports of switches say of VLANs."""

    link: Link
    notes: tuple[str, str]  # of the ends a and b


@dataclass(frozen=True, slots=True, kw_only=True)
class Topology:
    """A world at one moment."""

    name: str
    segments: tuple[Segment, ...]
    cores: tuple[Core, ...]
    machines: tuple[Machine, ...]
    cables: tuple[Cable, ...]


def read_topology(
    network: Network,
    *,
    name: str = "",
    segments: tuple[Segment, ...] = (),
    segment_of: Mapping[str, int] = NO_NETWORKS,
    homes: Mapping[str, str] = MappingProxyType({}),
) -> Topology:
    """Return what there is in `network` now.

    Args:
        network: The world.
        name: What the picture is called.
        segments: The networks of the cloud, if there is one.
        segment_of: Which of them each device is of, as far as that is known.
        homes: The hosts of guests; of those that are not named, their links tell.
    """
    return _Reader(network, dict(homes), segment_of, segments).read(name)


class _Reader:
    """Sorts devices and links."""

    def __init__(
        self,
        network: Network,
        homes: dict[str, str],
        segment_of: Mapping[str, int],
        segments: tuple[Segment, ...],
    ) -> None:
        self._segments = segments
        self._devices = {device.name: device for device in network.devices}
        self._links = network.links
        self._segment_of = segment_of
        self._hosts = dict.fromkeys(
            [name.partition("/")[0] for name in self._devices if "/" in name] + list(homes.values())
        )
        self._homes = homes
        for link in self._links:
            for end, other in ((link.a, link.b), (link.b, link.a)):
                if self._is_guest(end.device) and "/" in other.device:
                    homes.setdefault(end.device, other.device.partition("/")[0])

    def read(self, name: str) -> Topology:
        """Return all of it."""
        machines = [
            self._machine(device)
            for device in self._devices.values()
            if isinstance(device, Namespace) and self._home(device.name) == device.name
        ]
        cores = [
            Core(name=device.name, kind=kind_of(device))
            for device in self._devices.values()
            if not isinstance(device, Namespace) and "/" not in device.name
        ]
        between = [link for link in self._links if not self._is_inside(link)]
        cables = [Cable(link=k, notes=(self._note(k.a), self._note(k.b))) for k in between]
        return Topology(
            name=name,
            segments=self._segments,
            cores=tuple(cores),
            machines=tuple(machines),
            cables=tuple(cables),
        )

    def _is_guest(self, name: str) -> bool:
        device = self._devices[name]
        return isinstance(device, Namespace) and "/" not in name and name not in self._hosts

    def _home(self, name: str) -> str:
        """Return the machine that the device `name` is drawn in: itself, if in none."""
        return self._homes.get(name) or name.partition("/")[0]

    def _is_inside(self, link: Link) -> bool:
        return self._home(link.a.device) == self._home(link.b.device)

    def _note(self, end: PortRef) -> str:
        """Return what a port of a switch says of VLANs."""
        device = self._devices[end.device]
        mode = device.mode(end.port) if isinstance(device, Switch) else None
        return "" if mode is None else render_mode(mode)

    # --- machines --------------------------------------------------------------------------------

    def _machine(self, root: Namespace) -> Machine:
        inside = [link for link in self._links if self._home(link.a.device) == root.name]
        inside = [link for link in inside if self._is_inside(link)]
        mine = [d for d in self._devices.values() if self._home(d.name) == root.name]
        bridges = [device for device in mine if not isinstance(device, Namespace)]
        guests = [d for d in mine if isinstance(d, Namespace) and d is not root]
        own = {link.b.port: link.a.device for link in inside if link.a.port == LOCAL}
        interfaces = self._interfaces(root)
        return Machine(
            name=root.name,
            interfaces=tuple([i for i in interfaces if i.name not in own]),
            bridges=tuple([self._bridge(device, interfaces) for device in bridges]),
            guests=tuple([self._guest(guest, inside) for guest in guests]),
            ties=tuple(_ties(root.name, [bridge.name for bridge in bridges], inside)),
        )

    def _bridge(self, device: Device, interfaces: Iterable[Interface]) -> Bridging:
        short = device.name.partition("/")[2]
        own = [netdev.addresses for netdev in interfaces if netdev.name == short]
        segment = self._segment_of.get(device.name)
        return Bridging(
            device=device.name,
            name=short,
            kind=kind_of(device),
            segment=segment,
            label=kind_of(device) if segment is None else self._segments[segment].label,
            addresses=tuple([address for addresses in own for address in addresses]),
        )

    def _guest(self, guest: Namespace, inside: Iterable[Link]) -> Guest:
        ends = [
            (link, mine, other)
            for link in inside
            for mine, other in ((link.a, link.b), (link.b, link.a))
            if mine.device == guest.name and not isinstance(self._devices[other.device], Namespace)
        ]
        plugs = [
            Plug(port=other.port, netdev=mine.port, bridge=other.device, link=link)
            for link, mine, other in ends
        ]
        return Guest(
            name=guest.name,
            is_vm="/" not in guest.name,
            interfaces=tuple(self._interfaces(guest)),
            plugs=tuple(plugs),
        )

    def _interfaces(self, device: Namespace) -> list[Interface]:
        addresses: dict[str, list[str]] = {}
        for row in device.addresses():
            addresses.setdefault(row.netdev, []).append(str(row.interface))
        return [
            Interface(
                name=row.name,
                parent=row.parent,
                vid=row.vid,
                master=f"{device.name}/{row.master}" if row.master else None,
                addresses=tuple(addresses.get(row.name, ())),
                title=_describe(row.mac.hex(":"), row.mtu, up=row.up),
            )
            for row in device.netdevs()
            if not row.loopback
        ]


def _describe(mac: str, mtu: int, *, up: bool) -> str:
    return f"{mac}, mtu {mtu}{'' if up else ', down'}"


def _ties(root: str, bridges: list[str], inside: Iterable[Link]) -> list[Link]:
    """Return the links between two of `bridges`, or between two interfaces of `root`."""
    return [
        link
        for link in inside
        if (link.a.device in bridges and link.b.device in bridges)
        or (link.a.device == link.b.device == root)
    ]


def kind_of(device: Device) -> str:
    """Return what people call such a device."""
    known = {"Bridge": "bridge", "OvsBridge": "Open vSwitch bridge"}
    kind = type(device).__name__
    return known.get(kind, kind.lower())


def render_mode(mode: Mode) -> str:
    """Return which VLANs a port of a switch is in."""
    if isinstance(mode, Access):
        return f"access {mode.vid}"
    allowed = "" if mode.allowed is None else " " + ",".join(map(str, mode.allowed))
    native = "" if mode.native is None else f", native {mode.native}"
    return f"trunk{allowed}{native}"


def render_link(link: Link) -> str:
    """Return the names of both ends; of one, if people give both one name."""
    a, b = str(link.a), str(link.b).removesuffix(SEAM)
    return a if a == b else f"{a} - {b}"
