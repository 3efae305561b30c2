"""IPv4 packets on their way in.

Models:          net/ipv4/ip_input.c: ip_rcv(), ip_rcv_finish(), ip_local_deliver(); of udp.c and
                 tcp_ipv4.c what happens if nobody listens.
Does not model:  forwarding, reassembly, sockets for UDP and TCP; netfilter (PREROUTING,
                 INPUT, FORWARD).
Read first:      ip_rcv_core(), ip_protocol_deliver_rcu().
"""

from collections.abc import Callable
from typing import Final

from emu.devices.namespace.icmp import NO_SOCKET, Icmp
from emu.devices.namespace.net import Net
from emu.devices.namespace.netdev import Netdev
from emu.devices.namespace.routing import Refusal, Routing
from emu.devices.namespace.turn import Arrival, Looped, PacketType, Turn
from emu.inet.fib import RouteType
from emu.inet.ip_options import find_mistake, is_source_routed
from emu.inet.udp import IPPROTO_UDPLITE, check_udp, check_udplite
from emu.net.effects import Drop, DropReason, Step
from emu.packet.checksum import checksum
from emu.packet.icmp import (
    ICMP_DEST_UNREACH,
    ICMP_PARAMETERPROB,
    ICMP_PORT_UNREACH,
    ICMP_PROT_UNREACH,
)
from emu.packet.ipv4 import IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP, Ipv4Header, payload
from emu.packet.malformed import Malformed
from emu.packet.udp import UdpHeader

TO_HOST: Final = (RouteType.LOCAL, RouteType.BROADCAST)
IPPROTO_IGMP: Final = 2
IGMP_QUERY: Final = 0x11
IGMP_REPORTS: Final = (0x12, 0x16)  # of versions 1 and 2
IGMP_HLEN: Final = 8
NO_PROTOCOL: Final = (Step("protocol", None),)


class Input:
    """The way from a netdev to the programs."""

    def __init__(self, net: Net, routing: Routing, icmp: Icmp) -> None:
        self._net = net
        self._routing = routing
        self._icmp = icmp

    def receive(self, turn: Turn, arrival: Arrival) -> None:
        """Take in a packet: ip_rcv(), ip_rcv_finish()."""
        if arrival.type is PacketType.OTHERHOST:
            arrival.drop(turn, DropReason.OTHERHOST)
            return
        try:
            header = arrival.inner.ipv4
        except Malformed as error:
            arrival.drop(turn, DropReason[error.reason])
            return
        way = self._routing.input(arrival.netdev, src=header.src, dst=header.dst)
        if isinstance(way, Refusal):
            # That this host does not forward is found out last, by ip_error()
            late = way.reason is DropReason.IP_INADDRERRORS
            if not (late and self._minds_options(turn, arrival, header)):
                arrival.drop(turn, way.reason, way.why)
            return
        arrival.why += way.why
        arrival.route = way.type
        if self._minds_options(turn, arrival, header):
            return
        if self._is_misaddressed(arrival):
            arrival.drop(turn, DropReason.UNICAST_IN_L2_MULTICAST)
        elif way.type in TO_HOST:
            self._deliver(turn, arrival, header)
        else:
            self._forward(turn, arrival)

    def receive_looped(self, turn: Turn, lo: Netdev, looped: Looped) -> None:
        """Take in a packet that this host sent to itself, and so has routed: loopback_xmit()."""
        if looped.type not in TO_HOST:  # dst_discard(): nothing else was to come of its route
            turn.emit(Drop("lo", looped.frame, DropReason.NOT_SPECIFIED, looped.why))
            return
        arrival = Arrival("lo", looped.frame, lo, looped.frame, PacketType.HOST, ())
        arrival.route = looped.type
        arrival.looped = True
        self._deliver(turn, arrival, looped.frame.ipv4)

    def _minds_options(self, turn: Turn, arrival: Arrival, header: Ipv4Header) -> bool:
        """Drop the packet if its options are wrong, or name a way: ip_rcv_options()."""
        if not header.options:
            return False
        wrong = find_mistake(header.options)
        if wrong is not None:
            arrival.drop(turn, DropReason.IP_INHDR)
            rest = wrong << 24
            self._complain(turn, arrival, header, ICMP_PARAMETERPROB, 0, rest=rest)
        elif is_source_routed(header.options):  # sysctl accept_source_route is 0
            arrival.drop(turn, DropReason.NOT_SPECIFIED)
        else:
            return False
        return True

    def _is_misaddressed(self, arrival: Arrival) -> bool:
        """Whether a packet for one came in a frame for many, and that is forbidden."""
        if arrival.type is PacketType.HOST or arrival.route is RouteType.BROADCAST:
            return False
        netdev = arrival.netdev.name
        return bool(self._net.sysctl.conf(netdev, "drop_unicast_in_l2_multicast"))

    def _forward(self, turn: Turn, arrival: Arrival) -> None:
        """Send the packet on: ip_forward()."""
        # Differs from Linux: a namespace is no router yet, whatever its sysctls say
        arrival.drop(turn, DropReason.IP_INADDRERRORS)

    def _deliver(self, turn: Turn, arrival: Arrival, header: Ipv4Header) -> None:
        """Hand the packet to its protocol: ip_local_deliver(), ip_protocol_deliver_rcu()."""
        if header.is_fragment:
            # Differs from Linux: as if the other fragments did not come in time
            arrival.drop(turn, DropReason.FRAG_REASM_TIMEOUT)
            return
        carried = payload(arrival.inner.wire, header)
        if header.protocol == IPPROTO_ICMP:
            self._icmp.receive(turn, arrival, header, carried)
        elif header.protocol == IPPROTO_UDP:
            self._receive_udp(turn, arrival, header, carried, check_udp)
        elif header.protocol == IPPROTO_UDPLITE:
            self._receive_udp(turn, arrival, header, carried, check_udplite)
        elif header.protocol == IPPROTO_IGMP:
            _receive_igmp(turn, arrival, carried)
        elif header.protocol == IPPROTO_TCP:
            # Differs from Linux: nothing is answered with a reset
            arrival.drop(turn, DropReason.NO_SOCKET, NO_SOCKET)
        else:
            arrival.drop(turn, DropReason.IP_NOPROTO, NO_PROTOCOL)
            self._complain(turn, arrival, header, ICMP_DEST_UNREACH, ICMP_PROT_UNREACH)

    def _receive_udp(
        self,
        turn: Turn,
        arrival: Arrival,
        header: Ipv4Header,
        datagram: bytes,
        check: Callable[[Ipv4Header, bytes], UdpHeader],
    ) -> None:
        """Take in a datagram for which nobody listens: __udp4_lib_rcv()."""
        try:
            check(header, datagram)
        except Malformed as error:
            arrival.drop(turn, DropReason[error.reason])
            return
        # Differs from Linux: it names no reason for a datagram that was for many
        arrival.drop(turn, DropReason.NO_SOCKET, NO_SOCKET)
        self._complain(turn, arrival, header, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH)

    def _complain(
        self,
        turn: Turn,
        arrival: Arrival,
        header: Ipv4Header,
        type: int,
        code: int,
        *,
        rest: int = 0,
    ) -> None:
        """Tell the sender what is wrong, unless it spoke to many: icmp_send()."""
        if arrival.type is PacketType.HOST and arrival.route is not RouteType.BROADCAST:
            self._icmp.send(turn, arrival.inner, header, type, code, rest=rest)


def _receive_igmp(turn: Turn, arrival: Arrival, message: bytes) -> None:
    """Take in what is said of groups: igmp_rcv(). Of 224.0.0.1, the only one, nothing is said."""
    kind = message[0] if len(message) >= IGMP_HLEN and not checksum(message) else None
    to_many = arrival.type in (PacketType.MULTICAST, PacketType.BROADCAST)
    heard = kind == IGMP_QUERY or (kind in IGMP_REPORTS and to_many)
    arrival.drop(turn, DropReason.CONSUMED if heard else DropReason.NOT_SPECIFIED)
