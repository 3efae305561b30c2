"""Octets of a frame that a datapath edits, and the edits that it makes.

As lib/packets.c and lib/odp-execute.c of Open vSwitch: checksums are updated for what changed
(RFC 1624), so one that was wrong stays wrong, and an edit finds its header where it was when the
frame came in.
"""

from collections.abc import Callable
from struct import Struct
from typing import Final, NamedTuple

from emu.packet.crc32c import crc32c

ABSENT: Final = -1  # a header that was not found
_TCP, _UDP, _SCTP, _ICMPV6, _ROUTING, _FRAGMENT = 6, 17, 132, 58, 43, 44
_VLAN_TYPES: Final = (b"\x81\x00", b"\x88\xa8")
_TAG: Final = Struct("!HH")
_CSUM_OF: Final = {_TCP: 16, _UDP: 6}  # where the checksum stands in the header
_LEAST: Final = {_TCP: 20, _UDP: 8}  # octets of a header


class Layers(NamedTuple):
    """Where the headers of a frame begin, in octets."""

    l2_5: int = ABSENT  # the first MPLS label
    l3: int = ABSENT  # what follows tags and labels, whatever it is
    l4: int = ABSENT  # what follows an IP header in which nothing is wrong
    end: int = ABSENT  # where the IP packet ends and the padding of the frame begins


class Octets:
    """A frame's octets, and where its headers begin."""

    __slots__ = ("end", "l2_5", "l3", "l4", "wire")

    def __init__(self, wire: bytes, layers: Layers) -> None:
        self.wire = wire
        self.l2_5, self.l3, self.l4, self.end = layers

    @property
    def layers(self) -> Layers:
        """Where the headers begin now."""
        return Layers(self.l2_5, self.l3, self.l4, self.end)

    @property
    def l4_size(self) -> int:
        """How many octets of the IP packet are behind its header, 0 without one."""
        return self.end - self.l4 if self.l4 != ABSENT else 0

    def u8(self, at: int) -> int:
        """Return the octet there."""
        return self.wire[at]

    def u16(self, at: int) -> int:
        """Return the two octets there as a number."""
        return self.wire[at] << 8 | self.wire[at + 1]

    def put(self, at: int, octets: bytes) -> None:
        """Overwrite what is there."""
        self.wire = self.wire[:at] + octets + self.wire[at + len(octets) :]

    def resize(self, at: int, change: int, octets: bytes = b"") -> None:
        """Insert `octets` before the headers of layer 2.5 and up, or take some out."""
        self.wire = self.wire[:at] + octets + self.wire[at + max(-change, 0) :]
        self.l2_5, self.l3, self.l4, self.end = (
            place if place == ABSENT else place + change
            for place in (self.l2_5, self.l3, self.l4, self.end)
        )


Edit = Callable[[Octets, int], None]


# --- checksums -----------------------------------------------------------------------------------


def recalculate(check: int, old: bytes, new: bytes) -> int:
    """Return what the checksum becomes; as recalc_csum16() for each word in turn."""
    for at in range(0, len(old), 2):
        before = old[at] << 8 | old[at + 1]
        after = new[at] << 8 | new[at + 1]
        total = (check ^ 0xFFFF) + (before ^ 0xFFFF) + after
        total = (total & 0xFFFF) + (total >> 16)
        check = ((total & 0xFFFF) + (total >> 16) ^ 0xFFFF) & 0xFFFF
    return check


def fix(packet: Octets, at: int, old: bytes, new: bytes) -> None:
    """Update the checksum that stands at `at`."""
    packet.put(at, recalculate(packet.u16(at), old, new).to_bytes(2, "big"))


def _fix_transport(packet: Octets, protocol: int, old: bytes, new: bytes) -> None:
    """Update the checksum of TCP or UDP, if there is a header that has one."""
    if protocol not in _CSUM_OF or packet.l4_size < _LEAST[protocol]:
        return
    at = packet.l4 + _CSUM_OF[protocol]
    if protocol == _UDP and not packet.u16(at):
        return  # RFC 768: none was computed
    fix(packet, at, old, new)
    if protocol == _UDP and not packet.u16(at):
        packet.put(at, b"\xff\xff")


# --- Ethernet ------------------------------------------------------------------------------------


def set_eth_dst(packet: Octets, value: int) -> None:
    """Set the destination of the frame."""
    packet.put(0, value.to_bytes(6, "big"))


def set_eth_src(packet: Octets, value: int) -> None:
    """Set the source of the frame."""
    packet.put(6, value.to_bytes(6, "big"))


def push_vlan(packet: Octets, tag: int) -> None:
    """Put a tag (TPID << 16 | TCI) outside of those that there are; its DEI is 0."""
    packet.resize(12, 4, _TAG.pack(tag >> 16, tag & 0xEFFF))


def pop_vlan(packet: Octets, _value: int = 0) -> None:
    """Take the outermost tag off."""
    if len(packet.wire) >= 18 and packet.wire[12:14] in _VLAN_TYPES:
        packet.resize(12, -4)


def _set_ethertype(packet: Octets, ethertype: int) -> None:
    at = 12
    if packet.wire[12:14] in _VLAN_TYPES:
        at = (packet.l3 if packet.l2_5 == ABSENT else packet.l2_5) - 2
    packet.put(at, ethertype.to_bytes(2, "big"))


def push_mpls(packet: Octets, value: int) -> None:
    """Put a label on: the Ethernet type << 32 | the label stack entry."""
    if packet.l2_5 == ABSENT:
        packet.l2_5 = packet.l3
    _set_ethertype(packet, value >> 32)
    first = packet.l2_5
    packet.resize(first, 4, (value & 0xFFFFFFFF).to_bytes(4, "big"))
    packet.l2_5 = first


def pop_mpls(packet: Octets, ethertype: int) -> None:
    """Take the outermost label off; the frame is then of that type."""
    if packet.l2_5 == ABSENT or len(packet.wire) < packet.l2_5 + 4:
        return
    _set_ethertype(packet, ethertype)
    first, is_last = packet.l2_5, packet.u8(packet.l2_5 + 2) & 1
    packet.resize(first, -4)
    packet.l2_5 = ABSENT if is_last else first


def set_mpls(packet: Octets, entry: int) -> None:
    """Set the outermost label stack entry."""
    if packet.l2_5 != ABSENT:
        packet.put(packet.l2_5, entry.to_bytes(4, "big"))


# --- IPv4 ----------------------------------------------------------------------------------------


def _ipv4_address(offset: int) -> Edit:
    def edit(packet: Octets, value: int) -> None:
        at = packet.l3 + offset
        old, new = packet.wire[at : at + 4], value.to_bytes(4, "big")
        _fix_transport(packet, packet.u8(packet.l3 + 9), old, new)
        fix(packet, packet.l3 + 10, old, new)
        packet.put(at, new)

    return edit


def _ipv4_octet(offset: int) -> Edit:
    def edit(packet: Octets, value: int) -> None:
        at = packet.l3 + offset
        word = packet.l3 + (offset & ~1)
        old = packet.wire[word : word + 2]
        packet.put(at, bytes((value,)))
        fix(packet, packet.l3 + 10, old, packet.wire[word : word + 2])

    return edit


set_ipv4_src: Final = _ipv4_address(12)
set_ipv4_dst: Final = _ipv4_address(16)
set_ipv4_tos: Final = _ipv4_octet(1)
set_ipv4_ttl: Final = _ipv4_octet(8)


# --- IPv6 ----------------------------------------------------------------------------------------


def _summed_protocol(packet: Octets) -> int:
    """Return the protocol behind the extension headers, 0 if its checksum is to be left alone.

    As packet_rh_present(): it is left alone in whatever has a fragment header but is not the first
    fragment of several, and where a routing header has a segment left.
    """
    at, protocol, end = packet.l3 + 40, packet.u8(packet.l3 + 6), packet.l4
    is_summed = True
    while protocol in (0, _ROUTING, _FRAGMENT, 51, 60) and end - at >= 8:
        kind, protocol = protocol, packet.u8(at)
        if kind == _ROUTING and packet.u8(at + 3):
            return 0
        if kind == _FRAGMENT:
            is_summed = packet.u16(at + 2) & 0xFFF9 == 1
        units = packet.u8(at + 1)
        at += 8 if kind == _FRAGMENT else (units + 2) * 4 if kind == 51 else (units + 1) * 8
    return protocol if is_summed else 0


def _ipv6_address(offset: int) -> Edit:
    def edit(packet: Octets, value: int) -> None:
        at = packet.l3 + offset
        old, new = packet.wire[at : at + 16], value.to_bytes(16, "big")
        protocol = _summed_protocol(packet)
        if protocol == _ICMPV6 and packet.l4_size >= 4:
            fix(packet, packet.l4 + 2, old, new)
        else:
            _fix_transport(packet, protocol, old, new)
        packet.put(at, new)

    return edit


def _ipv6_word(mask: int, shift: int) -> Edit:
    def edit(packet: Octets, value: int) -> None:
        word = int.from_bytes(packet.wire[packet.l3 : packet.l3 + 4], "big")
        word = word & ~mask | value << shift & mask
        packet.put(packet.l3, word.to_bytes(4, "big"))

    return edit


def set_ipv6_hop_limit(packet: Octets, value: int) -> None:
    """Set the hop limit."""
    packet.put(packet.l3 + 7, bytes((value,)))


set_ipv6_src: Final = _ipv6_address(8)
set_ipv6_dst: Final = _ipv6_address(24)
set_ipv6_traffic_class: Final = _ipv6_word(0x0FF00000, 20)
set_ipv6_label: Final = _ipv6_word(0x000FFFFF, 0)


# --- what IP carries -----------------------------------------------------------------------------


def _has_header(packet: Octets, protocol: int) -> bool:
    """As dp_packet_get_tcp_payload() and its like."""
    if packet.l4_size < {_TCP: 20, _UDP: 8, _SCTP: 12}[protocol]:
        return False
    return protocol != _TCP or 20 <= (packet.u8(packet.l4 + 12) >> 4) * 4 <= packet.l4_size


def _port(protocol: int, offset: int) -> Edit:
    def edit(packet: Octets, value: int) -> None:
        if not _has_header(packet, protocol):
            return
        at = packet.l4 + offset
        old, new = packet.wire[at : at + 2], value.to_bytes(2, "big")
        if protocol == _SCTP:
            _set_sctp_port(packet, at, new)
            return
        _fix_transport(packet, protocol, old, new)
        packet.put(at, new)

    return edit


def _set_sctp_port(packet: Octets, at: int, new: bytes) -> None:
    """As packet_set_sctp_port(): what was wrong with the CRC stays wrong."""
    field = packet.l4 + 8
    before = int.from_bytes(packet.wire[field : field + 4], "big")
    packet.put(field, bytes(4))
    right = crc32c(packet.wire[packet.l4 : packet.end])
    packet.put(at, new)
    now = crc32c(packet.wire[packet.l4 : packet.end])
    packet.put(field, (before ^ right ^ now).to_bytes(4, "big"))


set_tcp_src, set_tcp_dst = _port(_TCP, 0), _port(_TCP, 2)
set_udp_src, set_udp_dst = _port(_UDP, 0), _port(_UDP, 2)
set_sctp_src, set_sctp_dst = _port(_SCTP, 0), _port(_SCTP, 2)


def set_ports(packet: Octets, protocol: int, src: int, dst: int) -> None:
    """Set both ports of TCP or UDP; the header may be cut short behind them."""
    if protocol not in _CSUM_OF:
        return
    at = packet.l4
    old, new = packet.wire[at : at + 4], src.to_bytes(2, "big") + dst.to_bytes(2, "big")
    _fix_transport(packet, protocol, old, new)
    packet.put(at, new)


def _icmp_octet(offset: int) -> Edit:
    def edit(packet: Octets, value: int) -> None:
        if packet.l4_size < 8:
            return
        old = packet.wire[packet.l4 : packet.l4 + 2]
        packet.put(packet.l4 + offset, bytes((value,)))
        fix(packet, packet.l4 + 2, old, packet.wire[packet.l4 : packet.l4 + 2])

    return edit


set_icmp_type: Final = _icmp_octet(0)
set_icmp_code: Final = _icmp_octet(1)


def _octets_at_l3(offset: int, size: int) -> Edit:
    def edit(packet: Octets, value: int) -> None:
        packet.put(packet.l3 + offset, value.to_bytes(size, "big"))

    return edit


set_arp_op: Final = _octets_at_l3(6, 2)
set_arp_sha: Final = _octets_at_l3(8, 6)
set_arp_spa: Final = _octets_at_l3(14, 4)
set_arp_tha: Final = _octets_at_l3(18, 6)
set_arp_tpa: Final = _octets_at_l3(24, 4)


def set_nd_target(packet: Octets, value: int) -> None:
    """Set the target of neighbour discovery."""
    at = packet.l4 + 8
    if packet.l4_size >= 24:
        old, new = packet.wire[at : at + 16], value.to_bytes(16, "big")
        fix(packet, packet.l4 + 2, old, new)
        packet.put(at, new)


def _nd_option(kind: int) -> Edit:
    def edit(packet: Octets, value: int) -> None:
        at, new = packet.l4 + 24, value.to_bytes(6, "big")
        while packet.end - at >= 8 and packet.u8(at + 1):
            size = packet.u8(at + 1) * 8
            if size > packet.end - at:
                return
            if packet.u8(at) in (1, 2) and size == 8:  # only the first of either is looked at
                if packet.u8(at) == kind:
                    fix(packet, packet.l4 + 2, packet.wire[at + 2 : at + 8], new)
                    packet.put(at + 2, new)
                return
            at += size

    return edit


set_nd_sll: Final = _nd_option(1)
set_nd_tll: Final = _nd_option(2)
