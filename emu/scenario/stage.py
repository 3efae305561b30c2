"""The stage of a run: the network, and what the names in the steps mean in it."""

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from ipaddress import AddressValueError, IPv4Address, IPv4Interface
from pathlib import Path

from emu.core.errors import Refused
from emu.core.rng import Rng
from emu.devices.namespace import Namespace
from emu.devices.namespace.changes import Start
from emu.host import LinuxHost
from emu.inet.applications import Application
from emu.net.link import Link, PortRef
from emu.packet.addresses import NO_MAC
from emu.packet.craft import CraftError, Sender, craft
from emu.packet.frame import Frame, Origin, PacketId
from emu.scenario.byhand import plug
from emu.scenario.links import Cable
from emu.scenario.texts import meant
from emu.sim.network import Network
from emu.trace.packets import INJECT

HERE = Path()
NOBODY = Sender(mac=NO_MAC, address=IPv4Address(0))  # whose addresses are in no frame that is sent


class Stage:
    """A network on which steps are performed."""

    def __init__(self, network: Network, rng: Rng, folder: Path = HERE) -> None:
        self.network = network
        self.folder = folder  # where the scenario file lies
        self.notes: list[str] = []  # what the author of the step should know
        self._rng = rng
        self._programs = 0
        self._injected = Origin(INJECT)

    # --- what names mean -------------------------------------------------------------------------

    def link(self, end: str) -> Link:
        """Return the link that has an end of that name; `Refused` unless there is just one."""
        return self.end(end)[0]

    def end(self, name: str) -> tuple[Link, PortRef]:
        """Return the end of a link that `name` means, which may have wildcards."""
        found = [
            (link, end)
            for link in self.network.links
            if link.captured
            for end in (link.a, link.b)
            if fnmatchcase(end.text, name)
        ]
        links = dict.fromkeys([link for link, _ in found])
        if len(links) == 1:
            return found[0]
        if links:
            raise Refused(f'"{name}" names {len(links)} links: {_some(map(str, links))}')
        known = [end.text for link in self.network.links for end in (link.a, link.b)]
        raise Refused(" ".join(f'no link ends at "{name}"; {meant(name, known)}'.split()))

    def address(self, to: str, near: str) -> IPv4Address:
        """Return the address that `to` is, or that the namespace of that name has.

        Of several, one that is on a subnet of the namespace `near` is preferred.
        """
        try:
            return IPv4Address(to)
        except AddressValueError:
            pass
        theirs = [interface.ip for interface in self._interfaces(to)]
        subnets = [interface.network for interface in self._interfaces(near)]
        if not theirs:
            raise Refused(f'"{to}" has no address')
        return next((ip for ip in theirs if any(ip in subnet for subnet in subnets)), theirs[0])

    def _interfaces(self, name: str) -> list[IPv4Interface]:
        rows = self._namespace(name).addresses()
        return [row.interface for row in rows if not row.interface.is_loopback]

    def _namespace(self, name: str) -> Namespace:
        device = self.network.device(name)
        if not isinstance(device, Namespace):
            raise Refused(f'"{name}" is no Linux machine')
        return device

    def describe(self, programs: Iterable[tuple[str, Application]]) -> Iterator[str]:
        """Yield who asked whom, with names and addresses."""
        owners: dict[IPv4Address, str] = {}
        for device in self.network.devices:
            if isinstance(device, Namespace):
                for interface in self._interfaces(device.name):
                    owners.setdefault(interface.ip, device.name)
        for device_name, program in programs:
            own = [str(interface.ip) for interface in self._interfaces(device_name)]
            sender = f"{device_name} ({', '.join(own) or 'without an address'})"
            owner = owners.get(program.destination, "nobody")
            yield f"{sender} ran: {program}; {program.destination} is {owner}'s"

    # --- what steps do ---------------------------------------------------------------------------

    def start(self, device: str, application: Application) -> None:
        """Start a program; the step lasts until it ends."""
        self._programs += 1
        self.network.configure(device, Start(id=f"step-{self._programs}", application=application))

    def inject(self, sender: PortRef, text: str) -> PacketId:
        """Send the frame that `text` describes from that port, past its device."""
        interface = self.sender_at(sender)
        try:
            crafted = craft(text, interface or NOBODY)
        except CraftError as error:
            raise Refused(str(error)) from None
        if crafted.filled and interface is None:
            names = ", ".join([filled.partition("=")[0] for filled in crafted.filled])
            raise Refused(f"{names} left out, and {sender} has no address of its own to fill in")
        if crafted.filled:
            self.notes.append(f"filled in: {', '.join(crafted.filled)}")
        return self.send(sender, crafted.wire)

    def send(self, sender: PortRef, wire: bytes) -> PacketId:
        """Send a frame of those octets from that port, past its device."""
        frame = Frame.new(wire, self._injected.number())
        self.network.inject(sender.device, sender.port, frame)
        return frame.packet

    def sender_at(self, port: PortRef) -> Sender | None:
        """Return whose addresses a frame from that port has; None if nobody's."""
        device = self.network.device(port.device)
        if not isinstance(device, Namespace):
            return None
        macs = [netdev.mac for netdev in device.netdevs() if netdev.name == port.port]
        own = [row.interface.ip for row in device.addresses() if row.netdev == port.port]
        return Sender(mac=macs[0], address=own[0] if own else None) if macs else None

    def plug(self, cable: Cable) -> None:
        """Join two ports."""
        plug(self.network, cable, self._rng)

    def execute(self, name: str, command: str) -> None:
        """Type a command on the host or in the namespace of that name."""
        if all(host.name != name for host in self.network.hosts):
            self._namespace(name)
            self.network.add_host(LinuxHost(name, rng=self._rng.stream("commands", name)))
        self.network.execute(name, command)


def _some(names: Iterable[str]) -> str:
    known = list(names)
    return ", ".join(known[:8]) + (f" and {len(known) - 8} more" if len(known) > 8 else "")
