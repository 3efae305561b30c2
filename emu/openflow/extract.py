"""The key of a frame: what OVS sees of its octets. As miniflow_extract(), lib/flow.c.

Nothing is refused. Where a header is cut short or contradicts itself, what would follow stays 0.
"""

from typing import Final

from emu.openflow import layout
from emu.packet.editing import ABSENT, Layers

_ETH_HLEN: Final = 14
_ETH_TYPE_MIN: Final = 0x600
_LLC_SNAP: Final = b"\xaa\xaa\x03\x00\x00\x00"  # IEEE 802.2 and SNAP, with the OUI of Ethernet
_MPLS_BOS: Final = 1
_ARP_ETHERNET: Final = b"\x00\x01\x08\x00\x06\x04"  # hardware, protocol, and their sizes
_IP_MF: Final = 0x2000
_IP_OFFSET: Final = 0x1FFF
_HOPOPTS, _ROUTING, _FRAGMENT, _AH, _DSTOPTS = 0, 43, 44, 51, 60

_DL_TYPE = layout.DL_TYPE.at
_MACS = layout.DL_SRC.at
_VLANS = layout.VLANS.at
_NW = layout.NW_PROTO.at  # protocol, TOS, TTL and fragment, from here up
_ADDRESSES = layout.NW_DST.at  # both of IPv4
_PORTS = layout.TP_DST.at  # both


NO_LAYERS: Final = Layers()


def extract(wire: bytes, vlan_limit: int = 1) -> tuple[int, Layers]:
    """Return the key of a frame, without metadata, and where its headers begin."""
    size = len(wire)
    if size < _ETH_HLEN:
        return 0, NO_LAYERS
    key = int.from_bytes(wire[:12], "big") << _MACS
    at, found = 12, 0
    dl_type = wire[12] << 8 | wire[13]
    while dl_type in (0x8100, 0x88A8) and found < vlan_limit and size - at >= 6:
        tci = wire[at + 2] << 8 | wire[at + 3] | layout.VLAN_CFI
        key |= (dl_type << 16 | tci) << _VLANS + 32 * found
        at += 4
        found += 1
        dl_type = wire[at] << 8 | wire[at + 1]
    at += 2
    if dl_type < _ETH_TYPE_MIN:
        dl_type, at = _llc(wire, at)
    key |= dl_type << _DL_TYPE
    if dl_type == layout.ETH_TYPE_IP:
        return _ipv4(wire, at, key)
    if dl_type == layout.ETH_TYPE_IPV6:
        return _ipv6(wire, at, key)
    if dl_type in (layout.ETH_TYPE_ARP, layout.ETH_TYPE_RARP):
        return key | _arp(wire, at), Layers(l3=at)
    if dl_type in (layout.ETH_TYPE_MPLS, layout.ETH_TYPE_MPLS_MCAST):
        labels, after = _mpls(wire, at)
        return key | labels << layout.MPLS_LSE.at, Layers(at, after)
    return key, Layers(l3=at)


def _llc(wire: bytes, at: int) -> tuple[int, int]:
    """As parse_ethertype(): 802.2 has a type only where SNAP says that it is Ethernet's."""
    if len(wire) - at < 8 or wire[at : at + 6] != _LLC_SNAP:
        return layout.ETH_TYPE_NONE, at
    dl_type = wire[at + 6] << 8 | wire[at + 7]
    return (dl_type if dl_type >= _ETH_TYPE_MIN else layout.ETH_TYPE_NONE), at + 8


def _mpls(wire: bytes, at: int) -> tuple[int, int]:
    labels = count = 0
    while len(wire) - at >= 4:
        if count < 3:
            labels |= int.from_bytes(wire[at : at + 4], "big") << 32 * count
        count += 1
        at += 4
        if wire[at - 2] & _MPLS_BOS:
            break
    return labels, at


def _arp(wire: bytes, at: int) -> int:
    header = wire[at : at + 28]
    if len(header) < 28 or header[:6] != _ARP_ETHERNET:
        return 0
    key = int.from_bytes(header[14:18], "big") << layout.NW_SRC.at
    key |= int.from_bytes(header[24:28], "big") << layout.NW_DST.at
    key |= int.from_bytes(header[8:14], "big") << layout.ARP_SHA.at
    key |= int.from_bytes(header[18:24], "big") << layout.ARP_THA.at
    if not header[6]:  # an opcode above 255 is as if it were none
        key |= header[7] << _NW
    return key


def _ipv4(wire: bytes, at: int, key: int) -> tuple[int, Layers]:
    size = len(wire) - at
    header = (wire[at] & 15) * 4 if size >= 20 else 0
    total = wire[at + 2] << 8 | wire[at + 3] if header else 0
    if header < 20 or header > total or total > size:  # ipv4_sanity_check()
        return key, Layers(l3=at)
    key |= int.from_bytes(wire[at + 12 : at + 20], "big") << _ADDRESSES
    offset = wire[at + 6] << 8 | wire[at + 7]
    fragment = 0
    if offset & (_IP_MF | _IP_OFFSET):
        fragment = layout.FRAG_ANY | (layout.FRAG_LATER if offset & _IP_OFFSET else 0)
    protocol = wire[at + 9]
    key |= (protocol | wire[at + 1] << 8 | wire[at + 8] << 16 | fragment << 24) << _NW
    l4, end = at + header, at + total
    if not fragment & layout.FRAG_LATER:
        key |= _transport(wire, l4, end, protocol)
    return key, Layers(ABSENT, at, l4, end)


def _ipv6(wire: bytes, at: int, key: int) -> tuple[int, Layers]:
    size = len(wire) - at
    if size < 40 or (payload := wire[at + 4] << 8 | wire[at + 5]) + 40 > size:
        return key, Layers(l3=at)
    key |= int.from_bytes(wire[at + 8 : at + 40], "big") << layout.IPV6_DST.at
    end = at + 40 + payload
    word = int.from_bytes(wire[at : at + 4], "big")
    protocol, l4, fragment = _extensions(wire, at + 40, end, wire[at + 6])
    if l4 == ABSENT:
        return key, Layers(ABSENT, at, ABSENT, end)
    key |= (word & 0xFFFFF) << layout.IPV6_LABEL.at
    key |= (protocol | (word >> 20 & 255) << 8 | wire[at + 7] << 16 | fragment << 24) << _NW
    if not fragment & layout.FRAG_LATER:
        key |= _transport(wire, l4, end, protocol)
    return key, Layers(ABSENT, at, l4, end)


def _extensions(wire: bytes, at: int, end: int, protocol: int) -> tuple[int, int, int]:
    """Return the protocol behind the extension headers, where it begins, and the fragment."""
    fragment = 0
    while protocol in (_HOPOPTS, _ROUTING, _FRAGMENT, _AH, _DSTOPTS):
        if end - at < 8:
            return protocol, ABSENT, fragment
        kind, protocol = protocol, wire[at]
        if kind == _FRAGMENT:
            offset = wire[at + 2] << 8 | wire[at + 3]
            at += 8
            if offset & 0xFFF8:
                return _FRAGMENT, at, layout.FRAG_ANY | layout.FRAG_LATER
            if offset:
                fragment = layout.FRAG_ANY
            continue
        units = wire[at + 1]
        at += (units + 2) * 4 if kind == _AH else (units + 1) * 8
        if at > end:
            return protocol, ABSENT, fragment
    return protocol, at, fragment


def _transport(wire: bytes, at: int, end: int, protocol: int) -> int:
    """Return the part of the key that the header of that protocol fills."""
    size = end - at
    if protocol == layout.IPPROTO_TCP:
        if size < 20 or not 20 <= (wire[at + 12] >> 4) * 4 <= size:
            return 0
        flags = (wire[at + 12] << 8 | wire[at + 13]) & 0xFFF
        ports = int.from_bytes(wire[at : at + 4], "big")
        return ports << _PORTS | flags << layout.TCP_FLAGS.at
    if protocol in (layout.IPPROTO_UDP, layout.IPPROTO_SCTP):
        if size < (8 if protocol == layout.IPPROTO_UDP else 12):
            return 0
        return int.from_bytes(wire[at : at + 4], "big") << _PORTS
    if size < 8:
        return 0
    if protocol == layout.IPPROTO_ICMP:
        return (wire[at] << 16 | wire[at + 1]) << _PORTS
    if protocol == layout.IPPROTO_ICMPV6:
        return _icmpv6(wire, at, end)
    if protocol == layout.IPPROTO_IGMP:
        group = int.from_bytes(wire[at + 4 : at + 8], "big")
        return (wire[at] << 16 | wire[at + 1]) << _PORTS | group << layout.IGMP_GROUP.at
    return 0


def _icmpv6(wire: bytes, at: int, end: int) -> int:
    """As parse_icmpv6(): neighbour discovery has a target and options."""
    kind, code = wire[at], wire[at + 1]
    key = (kind << 16 | code) << _PORTS
    if code or kind not in (layout.ND_SOLICIT, layout.ND_ADVERT):
        return key
    key |= int.from_bytes(wire[at + 4 : at + 8], "big") << layout.IGMP_GROUP.at
    at += 8
    if end - at < 16:
        return key
    target = int.from_bytes(wire[at : at + 16], "big") << layout.ND_TARGET.at
    options = _options(wire, at + 16, end)
    if options is None:  # the same one twice: neither they nor the target count
        return key
    sll, tll, first = options
    key |= sll << layout.ARP_SHA.at | tll << layout.ARP_THA.at | first << layout.TCP_FLAGS.at
    return key | target


def _options(wire: bytes, at: int, end: int) -> tuple[int, int, int] | None:
    """Return both link-layer addresses, and the type of the first; None if one comes twice."""
    found = {1: 0, 2: 0}  # source, target
    first = 0
    while end - at >= 8:
        kind, size = wire[at], wire[at + 1] * 8
        if not size or size > end - at:
            break
        if kind in found and size == 8:
            if found[kind]:
                return None
            found[kind] = int.from_bytes(wire[at + 2 : at + 8], "big")
            first = first or kind
        at += size
    return found[1], found[2], first
