"""How the interfaces of a host hang together: which there are, and which bridge each is in.

An interface is a netdev of the host's root namespace, which is the device of the host's name: a
NIC, a VLAN, an end of a veth pair, a dummy, the own netdev of a bridge. Or it is a tap, which
belongs to no device until it has a master, and then is a port of that bridge:

    device `compute1`                               device `compute1/brq5f1a2b3c-4d`
      eth1
      eth1.100   its port eth1.100:master   <---->    eth1.100
      brq5f1a2b3c-4d                        <---->    LOCAL
                                                      tap1a2b3c4d-5e    <---->    eth0 of a VM
"""

from dataclasses import dataclass, field, replace
from typing import Final, cast

from emu.core.errors import Refused
from emu.core.time import microseconds
from emu.devices.bridge import Bridge, SetPort
from emu.devices.namespace import Namespace
from emu.devices.namespace.changes import SetMaster, SetNetdev, master_port
from emu.host.commands import DummyKind, Kind, VethKind, VlanKind
from emu.net.changes import MTU, AddPort, RemovePort
from emu.net.link import LOCAL, LinkSettings
from emu.net.world import World
from emu.packet.frame import MacAddress

TO_GUEST: Final = LinkSettings(latency=microseconds(10))  # tap, vhost and virtio: emu's own


@dataclass(frozen=True, slots=True, kw_only=True)
class Tap:
    """An interface that leads to a port of another device, as libvirt makes it for a VM."""

    device: str
    port: str
    mac: MacAddress
    mtu: int = MTU
    up: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """An interface as it is now."""

    name: str
    mac: MacAddress
    mtu: int
    up: bool


@dataclass(slots=True)
class BridgeState:
    """What a bridge was told of its own netdev, and what that was told of the bridge."""

    ports: dict[str, None] = field(default_factory=dict)  # oldest first
    up: bool = True
    mtus: tuple[int, ...] = ()  # of its ports, when its own MTU last followed theirs
    mtu_is_chosen: bool = False  # BROPT_MTU_SET_BY_USER


@dataclass(slots=True, kw_only=True)
class HostState:
    """What a host remembers; what a netdev is like now, its root namespace knows."""

    name: str
    kinds: dict[str, Kind | Tap] = field(default_factory=dict)  # of the interfaces made by commands
    bridges: dict[str, BridgeState] = field(default_factory=dict)
    masters: dict[str, str] = field(default_factory=dict)  # the bridge of each port
    told: dict[str, Interface] = field(default_factory=dict)  # each port, as its bridge knows it
    programs: int = 0  # how many were started


class Wiring:
    """The interfaces of a host, in their world."""

    def __init__(self, world: World, state: HostState) -> None:
        self.world = world
        self.state = state

    @property
    def root(self) -> Namespace:
        """The root namespace."""
        return cast("Namespace", self.world.device(self.state.name))

    # --- which there are -------------------------------------------------------------------------

    def find(self, name: str) -> Interface | None:
        """Return the interface of that name, if there is one."""
        kind = self.state.kinds.get(name)
        if isinstance(kind, Tap):
            return Interface(name=name, mac=kind.mac, mtu=kind.mtu, up=kind.up)
        if (row := self.root.netdev(name)) is None:
            return None
        return Interface(name=name, mac=row.mac, mtu=row.mtu, up=row.up)

    def need(self, name: str, missing: str = 'Cannot find device "{name}"') -> Interface:
        """Return the interface of that name; `Refused` in the words `missing` if there is none."""
        if (found := self.find(name)) is None:
            raise Refused(missing.format(name=name))
        return found

    def is_tap(self, name: str) -> bool:
        """Whether that interface is a tap."""
        return isinstance(self.state.kinds.get(name), Tap)

    def check_netdev(self, name: str) -> None:
        """Refuse a tap, which emu makes no netdev: it has no addresses, routes, VLANs."""
        if self.is_tap(name):
            raise Refused(f'emu models "{name}", a tap, as a port of a bridge only')

    def children(self, name: str) -> tuple[str, ...]:
        """Return the VLANs on that interface."""
        kinds = self.state.kinds.items()
        return tuple([n for n, kind in kinds if isinstance(kind, VlanKind) and kind.parent == name])

    def ports(self, bridge: str) -> tuple[str, ...]:
        """Return the interfaces in that bridge, oldest first."""
        state = self.state.bridges.get(bridge)
        return tuple(state.ports) if state else ()

    def device(self, bridge: str) -> str:
        """Return the name of that bridge's device."""
        return f"{self.state.name}/{bridge}"

    # --- changes ---------------------------------------------------------------------------------

    def set_root(self, change: object) -> None:
        """Change the root namespace."""
        self.world.configure(self.state.name, change)

    def set_bridge(self, bridge: str, change: object) -> None:
        """Change the device of a bridge."""
        self.world.configure(self.device(bridge), change)

    def enslave(self, name: str, bridge: str) -> None:
        """Put an interface that may be a port into a bridge, out of another if need be."""
        if self.state.masters.get(name) == bridge:
            return
        interface = self.need(name)
        self.free(name)
        kind = self.state.kinds.get(name)
        if isinstance(kind, Tap):
            self.world.connect((self.device(bridge), name), (kind.device, kind.port), TO_GUEST)
        else:
            self.set_root(SetMaster(name=name, master=bridge))
            ends = (self.device(bridge), name), (self.state.name, master_port(name))
            # an interface with a link of its own is captured there
            self.world.connect(*ends, captured=isinstance(kind, VlanKind | DummyKind))
        self.set_bridge(bridge, AddPort(port=name, mac=interface.mac, mtu=interface.mtu))
        self.state.masters[name] = bridge
        self.state.bridges[bridge].ports[name] = None
        self.state.told[name] = replace(interface, up=True)  # as a port begins
        self.settle(name)

    def free(self, name: str) -> None:
        """Take an interface out of its bridge, if it is in one: br_del_if()."""
        if (bridge := self.state.masters.pop(name, None)) is None:
            return
        del self.state.told[name], self.state.bridges[bridge].ports[name]
        self.world.disconnect(self.device(bridge), name)
        self.set_bridge(bridge, RemovePort(port=name))
        if not self.is_tap(name):
            self.set_root(SetMaster(name=name, master=None))
        self.settle(bridge)

    def settle(self, name: str) -> None:
        """Let bridges know what became of that interface, and their own netdevs what follows.

        In the kernel each such event is a call of br_device_event().
        """
        waiting = [name]
        while waiting:
            family = self._family(waiting.pop())
            for member in family:
                if (bridge := self.state.masters.get(member)) is not None:
                    self._tell(member, bridge)
            own = [member for member in family if member in self.state.bridges]
            masters = [self.state.masters.get(member) for member in family]
            bridges = dict.fromkeys([*own, *filter(None, masters)])
            waiting += [bridge for bridge in bridges if self._follow(bridge)]

    def _family(self, name: str) -> list[str]:
        """Return the interface of that name and those that go up and down with it."""
        kind = self.state.kinds.get(name)
        peers = [kind.peer] if isinstance(kind, VethKind) else []
        return [name, *self.children(name), *peers]

    def _tell(self, name: str, bridge: str) -> None:
        told, now = self.state.told[name], self._running(self.need(name))
        if now != told:
            mac = now.mac if now.mac != told.mac else None
            mtu = now.mtu if now.mtu != told.mtu else None
            up = now.up if now.up != told.up else None
            self.set_bridge(bridge, SetPort(port=name, mac=mac, mtu=mtu, up=up))
            self.state.told[name] = now

    def _running(self, interface: Interface) -> Interface:
        """Return `interface`, up only if the other end of its veth pair is up too."""
        kind = self.state.kinds.get(interface.name)
        if not isinstance(kind, VethKind):
            return interface
        peer = self.find(kind.peer)
        return replace(interface, up=interface.up and peer is not None and peer.up)

    def _follow(self, bridge: str) -> bool:
        """Let the own netdev of that bridge follow its ports; return whether it changed."""
        own, state = self.need(bridge), self.state.bridges[bridge]
        if own.up != state.up:
            self.set_bridge(bridge, SetPort(port=LOCAL, up=own.up))
            state.up = own.up
        device = cast("Bridge", self.world.device(self.device(bridge)))
        mac = device.mac or own.mac  # Differs from Linux: without ports it would be zero
        mtus, mtu = tuple([self.need(port).mtu for port in state.ports]), own.mtu
        if mtus != state.mtus and not state.mtu_is_chosen:  # br_mtu_auto_adjust()
            mtu = min(mtus, default=MTU)
        state.mtus = mtus
        if (mac, mtu) == (own.mac, own.mtu):
            return False
        self.set_root(SetNetdev(name=bridge, mac=mac, mtu=mtu))
        return True
