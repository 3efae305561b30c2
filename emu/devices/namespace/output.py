"""IPv4 packets on their way out.

Models:          net/ipv4/ip_output.c: ip_append_data() to ip_finish_output2(), ip_fragment();
                 ip_select_ident_segs(): which packets have an id.
Does not model:  IP options, path MTU, multicast beyond all hosts; netfilter (OUTPUT, POSTROUTING).
"""

from collections.abc import Iterator
from typing import Final

from emu.devices.namespace import dev
from emu.devices.namespace.neigh import Neighbours
from emu.devices.namespace.net import Net
from emu.devices.namespace.routing import Path, Routing, is_multicast_inet
from emu.devices.namespace.turn import Looped, Turn
from emu.inet.fib import RouteType
from emu.inet.program import Errno, Failed, PmtuDisc, Sendto
from emu.net.effects import Why
from emu.packet.addresses import BROADCAST, NO_MAC, MacAddress
from emu.packet.ethernet import ETH_P_IP, build_ethernet, set_macs
from emu.packet.frame import Frame
from emu.packet.ipv4 import IP_DF, IP_MF, IPV4_HLEN, build_ipv4

IP_MAX: Final = 0xFFFF  # octets of a packet


class Output:
    """The way from a socket to the neighbours."""

    def __init__(self, net: Net, routing: Routing, neighbours: Neighbours) -> None:
        self._net = net
        self._routing = routing
        self._neighbours = neighbours

    def send(
        self, turn: Turn, what: Sendto, *, cause: Frame | None = None, why: Why = ()
    ) -> Failed | None:
        """Send a packet; say why if it does not even leave the socket.

        Args:
            turn: what this is a part of.
            what: the packet; without a source it gets the best.
            cause: the frame that made this host send it.
            why: the steps that led to it.
        """
        path = self._routing.output(what.destination, src=what.source, netdev=what.netdev)
        if isinstance(path, Errno):
            return Failed(path)
        if path.type is RouteType.BROADCAST and not what.broadcast:
            return Failed(Errno.EACCES)
        mtu, size = path.netdev.mtu, IPV4_HLEN + len(what.carried)
        if size > (min(mtu, IP_MAX) if what.pmtudisc is PmtuDisc.DO else IP_MAX):
            return Failed(Errno.EMSGSIZE, mtu)
        first: Frame | None = None
        for part in self._build(turn, what, path):
            wire = build_ethernet(NO_MAC, path.netdev.mac, ETH_P_IP, part)
            frame = first.derive(wire) if first else self._net.new_frame(wire, cause)
            first = first or frame
            self._finish(turn, path, frame, why + path.why)
        return None

    def _build(self, turn: Turn, what: Sendto, path: Path) -> Iterator[bytes]:
        """Return the packet, or the fragments that go over the path: ip_fragment()."""
        mtu = path.netdev.mtu
        fits = IPV4_HLEN + len(what.carried) <= mtu
        df = what.pmtudisc is PmtuDisc.DO or (what.pmtudisc is PmtuDisc.WANT and fits)
        src, dst = path.src, what.destination if any(what.destination) else path.nexthop
        identity = 0
        if what.pmtudisc is not PmtuDisc.DO:  # it will never be a fragment: ignore_df is not set
            identity = self._net.ids.reserve(turn.now, src=src, dst=dst, protocol=what.protocol)
        room = len(what.carried) if fits else (mtu - IPV4_HLEN) // 8 * 8
        for offset in range(0, len(what.carried) or 1, room or 1):
            more = IP_MF if offset + room < len(what.carried) else 0
            yield build_ipv4(
                what.protocol,
                what.carried[offset : offset + room],
                src=src,
                dst=dst,
                tos=what.tos,
                id=identity,
                flags_and_offset=(IP_DF if df else 0) | more | offset // 8,
                ttl=what.ttl,
            )

    def _finish(self, turn: Turn, path: Path, frame: Frame, why: Why) -> None:
        """Send a packet along its path: ip_output(), ip_finish_output2()."""
        netdev = path.netdev
        if netdev.is_loopback:
            turn.backlog.append(Looped(frame, path.type, why))
        elif path.type is RouteType.BROADCAST:
            # ip_mc_output(): this host is one of all
            turn.backlog.append(Looped(frame, path.type, why))
            wire = set_macs(frame.wire, BROADCAST, netdev.mac)
            dev.transmit(turn, netdev, frame.derive(wire), why)
        elif is_multicast_inet(path.nexthop):
            wire = set_macs(frame.wire, _group_mac(path.nexthop), netdev.mac)
            dev.transmit(turn, netdev, frame.derive(wire), why)
        else:
            self._neighbours.output(turn, netdev, path.nexthop, frame, why)


def _group_mac(group: bytes) -> MacAddress:
    """Return the MAC of an IPv4 group: ip_eth_mc_map(), RFC 1112, 6.4."""
    return MacAddress(b"\x01\x00\x5e" + bytes((group[1] & 0x7F,)) + group[2:])
