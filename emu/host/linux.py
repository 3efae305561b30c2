"""A Linux host: a naming scope on which commands are typed and interfaces are plugged."""

from collections.abc import Sequence

from emu.core.rng import Rng
from emu.devices.namespace import Namespace
from emu.devices.namespace.changes import AddNetdev, Start
from emu.host.bridges import run_brctl, run_bridge
from emu.host.commands import (
    AddFdb,
    AddLink,
    BrctlAddBridge,
    BrctlAddInterface,
    BrctlDeleteBridge,
    BrctlDeleteInterface,
    BrctlSet,
    Command,
    DeleteFdb,
    DeleteLink,
    SetBridgePort,
    SetLink,
)
from emu.host.inet import run_inet
from emu.host.language import parse_command
from emu.host.links import add_link, delete_link, plug, set_link, unplug
from emu.host.rows import LinkRow, Links
from emu.host.wiring import HostState, Wiring
from emu.inet.applications import Arping, Ping
from emu.net.world import World
from emu.packet.frame import MacAddress
from emu.sim.network import Network


class LinuxHost:
    """A root namespace, which is the device of the host's name, with bridges and taps.

    The namespace is there before: a hypervisor's, a VM, or any other. `rng` gives the MAC addresses
    that the kernel would draw.
    """

    def __init__(self, name: str, *, rng: Rng) -> None:
        self.name = name
        self._rng = rng
        self._state = HostState(name=name)

    def execute(self, world: World, command: str) -> None:
        """Carry out one line of the real tool's language; `Refused` in that tool's words."""
        self._run(Wiring(world, self._state), parse_command(command))

    def plug(self, world: World, interface: str, device: str, port: str) -> None:
        """Make an interface that leads to `port` of `device`: a tap that is up, as libvirt's."""
        plug(Wiring(world, self._state), interface, device, port, self._rng)

    def unplug(self, world: World, interface: str) -> None:
        """Take that interface away."""
        unplug(Wiring(world, self._state), interface)

    def links(self, world: World) -> tuple[LinkRow, ...]:
        """Return what `ip link show` lists: netdevs and taps, oldest first."""
        return Links(Wiring(world, self._state).root, self._state).rows()

    def _run(self, wiring: Wiring, command: Command) -> None:
        match command:
            case AddLink():
                add_link(wiring, command, self._rng)
            case SetLink():
                set_link(wiring, command)
            case DeleteLink(name=name):
                delete_link(wiring, name)
            case AddFdb() | DeleteFdb() | SetBridgePort():
                run_bridge(wiring, command)
            case (
                BrctlAddBridge()
                | BrctlDeleteBridge()
                | BrctlAddInterface()
                | BrctlDeleteInterface()
                | BrctlSet()
            ):
                run_brctl(wiring, command, self._rng)
            case Ping() | Arping():
                self._state.programs += 1
                tool = type(command).__name__.lower()
                start = Start(id=f"{tool}-{self._state.programs}", application=command)
                wiring.set_root(start)
            case _:
                run_inet(wiring, command)


def add_host(
    network: Network, name: str, *, rng: Rng, nics: Sequence[tuple[str, MacAddress]] = ()
) -> LinuxHost:
    """Add a host with its root namespace and NICs to `network`; `rng` is the host's own stream."""
    network.add(Namespace(name, rng=rng.stream("namespace")))
    for netdev, mac in nics:
        network.configure(name, AddNetdev(name=netdev, mac=mac))
    host = LinuxHost(name, rng=rng)
    network.add_host(host)
    return host
