"""Which tuple a packet has: conn_key_extract(), lib/conntrack.c.

A packet that contradicts itself, whose checksums are wrong, or that is a fragment has none.
"""

from typing import Final, NamedTuple

from emu.conntrack.tuples import ICMP, ICMPV6, IPV4, IPV6, TCP, UDP, Tuple, icmp_port
from emu.packet.checksum import checksum
from emu.packet.editing import ABSENT, Octets

_ECHO_REPLY, _UNREACHABLE, _QUENCH, _REDIRECT, _ECHO = 0, 3, 4, 5, 8
_EXCEEDED, _PROBLEM = 11, 12
_ANSWERS: Final = {_ECHO: _ECHO_REPLY, 13: 14, 15: 16}  # what answers a query
_OTHER_WAY: Final = _ANSWERS | {answer: query for query, answer in _ANSWERS.items()}
_ERRORS: Final = (_UNREACHABLE, _QUENCH, _REDIRECT, _EXCEEDED, _PROBLEM)
_OTHER_WAY_V6: Final = {128: 129, 129: 128}
_ERRORS_V6: Final = (1, 2, 3, 4)

_EXTENSIONS: Final = (0, 43, 51, 60)  # of IPv6, without the fragment header
_FRAGMENT: Final = 44


class Found(NamedTuple):
    """The tuple of a packet; an ICMP error has that of the packet that it tells of, reversed."""

    tuple: Tuple
    is_related: bool = False


class Network(NamedTuple):
    """What is read of an IP header."""

    version: int
    protocol: int
    src: int
    dst: int
    l4: int  # where the header ends


def read_tuple(packet: Octets, version: int, zone: int) -> Found | None:
    """Return the tuple, None if there is none."""
    if packet.l4 == ABSENT:
        return None
    network = read_network(packet.wire, version, packet.l3, packet.end)
    if network is None or not _has_right_checksums(packet, network):
        return None
    network = network._replace(l4=packet.l4)
    return _transport(packet.wire, network, packet.end, zone, is_inner=False)


def read_network(wire: bytes, version: int, at: int, end: int) -> Network | None:
    """Read an IP header; None if it is a fragment's, or wrong."""
    return (_ipv4 if version == IPV4 else _ipv6)(wire, at, end)


def _ipv4(wire: bytes, at: int, end: int) -> Network | None:
    if end - at < 20:
        return None
    header = (wire[at] & 15) * 4
    if header < 20 or end - at < header or (wire[at + 6] << 8 | wire[at + 7]) & 0x3FFF:
        return None
    src, dst = (int.from_bytes(wire[x : x + 4], "big") for x in (at + 12, at + 16))
    return Network(IPV4, wire[at + 9], src, dst, at + header)


def _ipv6(wire: bytes, at: int, end: int) -> Network | None:
    if end - at < 40:
        return None
    src, dst = (int.from_bytes(wire[x : x + 16], "big") for x in (at + 8, at + 24))
    protocol, l4 = wire[at + 6], at + 40
    while protocol in _EXTENSIONS:
        if end - l4 < 8:
            return None
        kind, protocol, units = protocol, wire[l4], wire[l4 + 1]
        l4 += (units + 2) * 4 if kind == 51 else (units + 1) * 8
        if l4 > end:
            return None
    return None if protocol == _FRAGMENT else Network(IPV6, protocol, src, dst, l4)


def _has_right_checksums(packet: Octets, network: Network) -> bool:
    """Whether the checksums are right; and the lengths that they need."""
    wire, size = packet.wire, packet.l4_size
    if network.version == IPV4 and checksum(wire[packet.l3 : network.l4]):
        return False
    if network.protocol == ICMP and network.version == IPV4:
        return not checksum(wire[packet.l4 : packet.end])
    if network.protocol == TCP:
        header = (wire[packet.l4 + 12] >> 4) * 4 if size >= 20 else 0
        return 20 <= header <= size and _is_right(packet, network)
    if network.protocol == UDP:
        length = packet.u16(packet.l4 + 4) if size >= 8 else 0
        if not 8 <= length <= size:
            return False
        none = network.version == IPV4 and not packet.u16(packet.l4 + 6)
        return none or _is_right(packet, network)
    if network.protocol == ICMPV6 and network.version == IPV6:
        return _is_right(packet, network)
    return True


def _is_right(packet: Octets, network: Network) -> bool:
    return not checksum(
        pseudo_header(packet, network.version, network.protocol)
        + packet.wire[packet.l4 : packet.end]
    )


def pseudo_header(packet: Octets, version: int, protocol: int) -> bytes:
    """Return the octets that the checksum of TCP, UDP and ICMPv6 covers besides their own."""
    first, last = (12, 20) if version == IPV4 else (8, 40)
    addresses = packet.wire[packet.l3 + first : packet.l3 + last]
    return addresses + packet.l4_size.to_bytes(4, "big") + protocol.to_bytes(4, "big")


def _transport(
    wire: bytes, network: Network, end: int, zone: int, *, is_inner: bool
) -> Found | None:
    version, protocol, src, dst, at = network
    size = end - at
    if protocol in (TCP, UDP):
        if size < (8 if protocol == UDP or (is_inner and version == IPV4) else 20):
            return None
        ports = wire[at] << 8 | wire[at + 1], wire[at + 2] << 8 | wire[at + 3]
        if not all(ports):
            return None
        return Found(Tuple(zone, version, protocol, src, ports[0], dst, ports[1]))
    if protocol == (ICMP if version == IPV4 else ICMPV6):
        return _icmp(wire, network, end, zone, is_inner=is_inner)
    return Found(Tuple(zone, version, protocol, src, 0, dst, 0))


def _icmp(wire: bytes, network: Network, end: int, zone: int, *, is_inner: bool) -> Found | None:
    version, protocol, src, dst, at = network
    if end - at < 8:
        return None
    is_v4 = version == IPV4
    kind, identifier = wire[at], wire[at + 4] << 8 | wire[at + 5]
    other_way = (_OTHER_WAY if is_v4 else _OTHER_WAY_V6).get(kind)
    if other_way is not None:
        if wire[at + 1]:  # code
            return None
        ports = icmp_port(identifier, kind), icmp_port(identifier, other_way)
        return Found(Tuple(zone, version, protocol, src, ports[0], dst, ports[1]))
    if is_inner or kind not in (_ERRORS if is_v4 else _ERRORS_V6):
        return None
    inner = read_network(wire, version, at + 8, end)
    if inner is None or inner.src != dst:
        return None
    found = _transport(wire, inner, end, zone, is_inner=True)
    return None if found is None else Found(found.tuple.reversed(), is_related=True)
