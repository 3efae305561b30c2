"""A socket for packets without Ethernet: it finds the way as Scapy does on a real machine."""

from ipaddress import AddressValueError, IPv4Address, IPv4Network
from typing import Final

from emu.core.errors import Refused
from emu.core.time import Nanoseconds, seconds
from emu.devices.namespace import Namespace
from emu.inet.fib import Route, RouteType, Table
from emu.lab.frames import completed, wire
from emu.lab.virtual_socket import EmuSocket
from emu.net.link import PortRef
from emu.packet.door import ARP, IP, Ether, Packet
from emu.scenario.stage import Stage

EVERYBODY: Final = "ff:ff:ff:ff:ff:ff"
ASK_FOR: Final = 2  # seconds that Scapy waits for an ARP reply: getmacbyip()
KNOWN_FOR: Final = seconds(120)  # conf.netcache.arp_cache of Scapy


class RoutedSocket(EmuSocket):
    """A socket of a machine, for IP packets: it sends by the machine's routes, and hears all NICs.

    As on a real machine, Scapy asks the kernel for the route and the source address, and asks for
    neighbours by ARP of its own; who does not answer is sent a broadcast. What the kernel knows of
    neighbours, and its netfilter, play no part.
    """

    desc = "sends and hears IP packets on a machine of emu"

    def __init__(self, stage: Stage, machine: Namespace) -> None:
        nics = [port for port in machine.ports if stage.network.link(machine.name, port)]
        super().__init__(stage, *[PortRef(machine.name, nic) for nic in nics])
        self.name = machine.name
        self._machine = machine
        self._neighbours: dict[tuple[str, IPv4Address], tuple[str, Nanoseconds]] = {}

    def prepared(self, packet: Packet) -> Packet:
        """Return `packet` with its source address."""
        route = self._route(packet)
        if packet.fields.get("src") is None:
            port = PortRef(self._machine.name, route.netdev or "")
            sender = self._stage.sender_at(port)
            source = route.source or (sender.address if sender else None)
            if source is None:
                raise Refused(f"IP.src must be given: {port} has no IPv4 address")
            packet = packet.copy()
            packet.src = str(source)
        return packet

    def _emit(self, packet: Packet) -> int:
        route = self._route(packet)
        if route.type is RouteType.LOCAL:
            return len(packet)  # what Scapy sends by lo, the kernel does not take for its own
        port = PortRef(self._machine.name, route.netdev or "")
        hop = self._hop(port, route.via or IPv4Address(packet.dst))
        frame = completed(Ether(dst=hop) / packet, port, self._stage.sender_at(port))
        self._stage.send(port, wire(frame))
        return len(packet)

    def _received(self, packet: Packet) -> Packet | None:
        """Take the Ethernet header off, as a socket does that is not for frames."""
        inner = packet.payload
        if not isinstance(packet, Ether) or not isinstance(inner, IP):
            return None
        inner.time, inner.sniffed_on = packet.time, packet.sniffed_on
        inner.direction = packet.direction
        return inner

    def _route(self, packet: Packet) -> Route:
        """Return the row of the routing table that says where `packet` goes."""
        name = self._machine.name
        if not isinstance(packet, IP):
            what = type(packet).__name__
            raise Refused(
                f'"{name}" routes packets that begin with IP, not with {what}: frames are sent '
                f'from a port, as in lab.socket("{self._ports[0] if self._ports else name}")'
            )
        try:
            destination = IPv4Network(packet.dst)
        except (AddressValueError, TypeError):
            raise Refused("IP.dst must be given: an IPv4 address") from None
        tables = [*self._machine.routes(Table.LOCAL), *self._machine.routes(Table.MAIN)]
        fitting = [row for row in tables if destination.subnet_of(row.destination)]
        best = max(fitting, key=lambda row: (row.destination.prefixlen, -row.metric), default=None)
        if best is not None and best.type is RouteType.LOCAL:
            return best
        if best is None or best.type not in (RouteType.UNICAST, RouteType.BROADCAST):
            raise Refused(f"{name} has no route to {packet.dst}")
        if best.netdev not in [port.port for port in self._ports]:
            raise Refused(f'{name} sends to {packet.dst} by "{best.netdev}", which has no wire')
        return best

    def _hop(self, port: PortRef, address: IPv4Address) -> str:
        """Return the MAC address of a neighbour: conf.neighbor.resolve() of Scapy."""
        network, key = self._stage.network, (port.port, address)
        if self._is_for_many(address, port):
            return EVERYBODY
        if address.is_multicast:  # RFC 1112, 6.4
            low = int(address) & 0x7FFFFF
            return f"01:00:5e:{low >> 16:02x}:{low >> 8 & 0xFF:02x}:{low & 0xFF:02x}"
        mac, until = self._neighbours.get(key, (EVERYBODY, network.now))
        if until <= network.now:
            with EmuSocket(self._stage, port) as socket:
                ask = Ether(dst=EVERYBODY) / ARP(op="who-has", pdst=str(address))
                answer = socket.srp1(ask, timeout=ASK_FOR)
            if answer is None:
                return EVERYBODY
            mac = str(answer[ARP].hwsrc)
            self._neighbours[key] = mac, Nanoseconds(network.now + KNOWN_FOR)
        return mac

    def _is_for_many(self, address: IPv4Address, port: PortRef) -> bool:
        rows = self._machine.routes(Table.LOCAL)
        broadcast = [row for row in rows if row.type is RouteType.BROADCAST]
        own = [row.destination.network_address for row in broadcast if row.netdev == port.port]
        return address in own or int(address) == 0xFFFFFFFF
