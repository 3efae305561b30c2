"""ARP: answering, and learning from what others say.

Models:          net/ipv4/arp.c: arp_rcv() and arp_process(); arp_ignore 0, 1, 2, 8; arp_accept.
Does not model:  proxy ARP, arp_filter, arp_notify, drop_gratuitous_arp.
Read first:      arp_process().
"""

from emu.devices.namespace import dev
from emu.devices.namespace.neigh import Neighbours
from emu.devices.namespace.net import Net
from emu.devices.namespace.netdev import Netdev
from emu.devices.namespace.routing import LOOPBACK_NET, Routing, Way, is_multicast_inet
from emu.devices.namespace.turn import Arrival, PacketType, Turn
from emu.inet.fib import RouteType
from emu.inet.neigh.states import Happening
from emu.inet.neigh.table import UNKNOWN
from emu.net.effects import DropReason, Step, Why
from emu.packet.addresses import INADDR_ANY
from emu.packet.arp import ARPOP_REPLY, ARPOP_REQUEST, ArpHeader, build_arp, parse_arp
from emu.packet.malformed import Malformed


class Arp:
    """The ARP of a namespace."""

    def __init__(self, net: Net, routing: Routing, neighbours: Neighbours) -> None:
        self._net = net
        self._routing = routing
        self._neighbours = neighbours

    def receive(self, turn: Turn, arrival: Arrival) -> ArpHeader | None:
        """Take in an ARP packet, and return it if it is one for this host: arp_rcv()."""
        if arrival.type is PacketType.OTHERHOST:
            arrival.drop(turn, DropReason.OTHERHOST)
            return None
        try:
            arp = parse_arp(arrival.inner.wire)
        except Malformed as error:
            arrival.drop(turn, DropReason[error.reason])
            return None
        if arp.op not in (ARPOP_REQUEST, ARPOP_REPLY):
            arrival.drop(turn, DropReason.NOT_SPECIFIED)
            return None
        if is_multicast_inet(arp.tpa) or arp.tpa[0] == LOOPBACK_NET:
            arrival.drop(turn, DropReason.NOT_SPECIFIED)
        else:
            self._process(turn, arrival, arp)
        return arp

    def _process(self, turn: Turn, arrival: Arrival, arp: ArpHeader) -> None:
        """Answer, or learn: arp_process()."""
        if arp.op == ARPOP_REQUEST:
            way = self._find(arrival.netdev, arp)
            if way is not None:
                self._answer(turn, arrival, arp, way.why)
                return
        if arp.spa == INADDR_ANY:  # a probe for duplicates (RFC 5227) of somebody else's address
            arrival.drop(turn, DropReason.CONSUMED, UNKNOWN)
        else:
            self._learn(turn, arrival, arp)

    def _find(self, netdev: Netdev, arp: ArpHeader) -> Way | None:
        """Return the route that says that a request is for this host."""
        if arp.spa == INADDR_ANY:
            match = self._net.fib.lookup(arp.tpa)
            local = match is not None and match.type is RouteType.LOCAL
            return Way(RouteType.LOCAL, match, match.why) if match and local else None
        way = self._routing.input(netdev, src=arp.spa, dst=arp.tpa)
        return way if isinstance(way, Way) and way.type is RouteType.LOCAL else None

    def _answer(self, turn: Turn, arrival: Arrival, arp: ArpHeader, why: Why) -> None:
        """Answer, and remember who asked; who has no address yet is not remembered."""
        netdev = arrival.netdev
        if self._ignores(netdev, arp):
            value = self._net.sysctl.conf(netdev.name, "arp_ignore")
            step = Step("sysctl", f"net.ipv4.conf.{netdev.name}.arp_ignore = {value}")
            arrival.drop(turn, DropReason.CONSUMED, (*why, step))
            return
        table = self._net.neighbours
        if arp.spa == INADDR_ANY:
            arrival.deliver(turn, why)
        else:
            actions = table.update(turn.now, netdev.name, arp.spa, arp.sha, Happening.HEARD)
            if not table.knows(netdev.name, arp.spa):  # it is full: neigh_event_ns()
                arrival.drop(turn, DropReason.CONSUMED, (*why, *UNKNOWN))
                return
            arrival.deliver(turn, why + table.why(netdev.name, arp.spa))
            self._neighbours.carry_out(turn, actions)
        reply = build_arp(
            *(ARPOP_REPLY,), sha=netdev.mac, spa=arp.tpa, tha=arp.sha, tpa=arp.spa, dst=arp.sha
        )
        dev.transmit(turn, netdev, self._net.new_frame(reply, arrival.frame), why)

    def _ignores(self, netdev: Netdev, arp: ArpHeader) -> bool:
        """Whether sysctl arp_ignore forbids the answer: arp_ignore()."""
        match self._net.sysctl.conf(netdev.name, "arp_ignore"):
            case 1:  # "Reply only if tip is configured on the incoming interface"
                return not any(row.packed == arp.tpa for row in netdev.addresses)
            case 2:  # "and is in same subnet as sip"
                number = int.from_bytes(arp.spa, "big")
                rows = [row for row in netdev.addresses if row.packed == arp.tpa]
                return not any(row.contains(number) for row in rows)
            case 8:
                return True
            case _:
                return False

    def _learn(self, turn: Turn, arrival: Arrival, arp: ArpHeader) -> None:
        """Remember what is said of a known neighbour: the end of arp_process()."""
        netdev, table = arrival.netdev.name, self._net.neighbours
        unicast = self._net.fib.type_of(arp.spa) is RouteType.UNICAST
        gratuitous = arp.is_gratuitous and unicast and not is_multicast_inet(arp.spa)
        if not table.knows(netdev, arp.spa):
            accepts = self._net.sysctl.conf(netdev, "arp_accept")
            if not accepts or not (gratuitous or (arp.op == ARPOP_REPLY and unicast)):
                arrival.drop(turn, DropReason.CONSUMED, UNKNOWN)
                return
        # "Broadcast replies and request packets do not assert neighbour reachability."
        answered = arp.op == ARPOP_REPLY and arrival.type is PacketType.HOST
        before = table.why(netdev, arp.spa)
        actions = table.update(
            turn.now,
            netdev,
            arp.spa,
            arp.sha,
            Happening.ANSWERED if answered else Happening.HEARD,
            override=gratuitous or not table.is_locked(turn.now, netdev, arp.spa),
        )
        after = table.why(netdev, arp.spa)
        if answered or after is not before:
            arrival.deliver(turn, after)
        else:
            arrival.drop(turn, DropReason.CONSUMED, after)  # nothing new, and nothing for us
        self._neighbours.carry_out(turn, actions)
