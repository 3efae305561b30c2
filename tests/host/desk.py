"""A host on a real network, with VMs beside it, and what people can see of it."""

from collections.abc import Iterable

from emu.core.rng import Rng
from emu.core.time import Nanoseconds, milliseconds
from emu.devices.bridge import Bridge
from emu.devices.hub import Hub
from emu.devices.namespace import Namespace
from emu.devices.namespace.changes import AddNetdev
from emu.devices.namespace.netdev import NetdevRow
from emu.host import LinuxHost, add_host
from emu.journal import Record, Sent
from emu.net.link import PortRef
from emu.packet.addresses import BROADCAST, parse_mac, render_mac
from emu.packet.frame import Frame
from emu.sim import Network

NICS = [(f"eth{n}", parse_mac(f"02:00:00:00:0e:0{n}")) for n in (1, 2)]
VMS = {f"vm{n}": parse_mac(f"fa:16:3e:00:00:0{n}") for n in (1, 2, 3)}


class Desk:
    """Host `compute1` with eth1, eth2 on a hub, and vm1, vm2, vm3 with tap1, tap2, tap3."""

    def __init__(self, commands: Iterable[str] = (), *, rng: Rng | None = None) -> None:
        self.network = Network()
        self.host: LinuxHost = add_host(
            self.network, "compute1", rng=(rng or Rng()).stream("compute1"), nics=NICS
        )
        self.network.add(Hub("wire", ports=("eth1", "eth2")))
        for nic, _ in NICS:
            self.network.connect(("compute1", nic), ("wire", nic))
        for index, (vm, mac) in enumerate(VMS.items(), 1):
            self.network.add(Namespace(vm, rng=Rng(vm)))
            self.network.configure(vm, AddNetdev(name="eth0", mac=mac))
            self.host.plug(self.network, f"tap{index}", vm, "eth0")
        self.type(*commands)

    def type(self, *commands: str) -> None:
        """Type these commands, one after the other."""
        for command in commands:
            self.network.execute("compute1", command)

    @property
    def netdevs(self) -> list[str]:
        """What `ip link` would show, lo and NICs left out."""
        root = self.network.device("compute1")
        assert isinstance(root, Namespace)
        return [_netdev(row) for row in root.netdevs() if row.name not in ("lo", "eth1", "eth2")]

    @property
    def bridges(self) -> list[str]:
        """The bridges with their ports."""
        bridges = [device for device in self.network.devices if isinstance(device, Bridge)]
        return [f"{bridge.name}: {' '.join(bridge.ports)}" for bridge in bridges]

    @property
    def links(self) -> list[str]:
        """The links within the host and to VMs; those that no capture sees are in parentheses."""
        links = [link for link in self.network.links if link.b.device != "wire"]
        pairs = [(f"{link.a} - {_full(link.b)}", link.captured) for link in links]
        return [text if captured else f"({text})" for text, captured in pairs]

    @property
    def everything(self) -> tuple[object, ...]:
        """All that a command may change."""
        root = self.network.device("compute1")
        assert isinstance(root, Namespace)
        reach = self.reach  # first, because bridges learn from it
        tables = (root.netdevs(), root.addresses(), root.routes(), root.neighbours())
        fdbs = [device.rows() for device in self.network.devices if isinstance(device, Bridge)]
        return (reach, tables, fdbs, self.bridges, self.links)

    @property
    def reach(self) -> dict[str, list[str]]:
        """Where a broadcast of each VM comes by that has a link."""
        return {vm: self.flood(vm) for vm in VMS if self.network.link(vm, "eth0") is not None}

    def flood(self, vm: str) -> list[str]:
        """Return the ends from which a broadcast of that VM is sent on, in the order of sending."""
        seen = Seen()
        self.network.subscribe(seen)
        self.network.inject(vm, "eth0", Frame.new(BROADCAST + VMS[vm] + b"\x88\xb5" + bytes(46)))
        self.network.settle(Nanoseconds(self.network.now + milliseconds(1)))
        self.network.unsubscribe(seen)
        return seen.ends[1:]


class Seen:
    """A sink that keeps the ends from which frames were sent."""

    def __init__(self) -> None:
        self.ends: list[str] = []

    def write(self, record: Record) -> None:
        if type(record) is Sent:
            end = record.link.a if record.by_a else record.link.b
            self.ends.append(_full(end))

    def close(self) -> None:
        pass


def _netdev(row: NetdevRow) -> str:
    parent = f"@{row.parent}" if row.parent else ""
    master = f" master {row.master}" if row.master else ""
    up = "up" if row.up else "down"
    return f"{row.name}{parent} {render_mac(row.mac)} mtu {row.mtu} {up}{master}"


def _full(end: PortRef) -> str:
    return f"{end.device}[{end.port}]"
