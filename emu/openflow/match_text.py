"""A match in text, as match_format(), lib/match.c, writes it."""

from collections.abc import Iterator
from typing import Final

from emu.openflow import layout
from emu.openflow.layout import Slot
from emu.openflow.match import Match
from emu.openflow.ports import NO_NAMES, PortNames
from emu.openflow.values import (
    CT_STATE_ALL,
    CT_STATES,
    FRAGMENTS,
    TCP_FLAGS,
    TCP_FLAGS_ALL,
    TUNNEL_FLAGS,
    render_ethernet,
    render_flags,
    render_hex,
    render_ipv4,
    render_ipv6,
)

DEFAULT_PRIORITY: Final = 32768  # OFP_DEFAULT_PRIORITY

PROTOCOLS: Final = {  # keyword: type, protocol (0: any); ofp_parse_protocol()
    "ip": (layout.ETH_TYPE_IP, 0),
    "icmp": (layout.ETH_TYPE_IP, layout.IPPROTO_ICMP),
    "tcp": (layout.ETH_TYPE_IP, layout.IPPROTO_TCP),
    "udp": (layout.ETH_TYPE_IP, layout.IPPROTO_UDP),
    "sctp": (layout.ETH_TYPE_IP, layout.IPPROTO_SCTP),
    "ipv6": (layout.ETH_TYPE_IPV6, 0),
    "icmp6": (layout.ETH_TYPE_IPV6, layout.IPPROTO_ICMPV6),
    "tcp6": (layout.ETH_TYPE_IPV6, layout.IPPROTO_TCP),
    "udp6": (layout.ETH_TYPE_IPV6, layout.IPPROTO_UDP),
    "sctp6": (layout.ETH_TYPE_IPV6, layout.IPPROTO_SCTP),
    "arp": (layout.ETH_TYPE_ARP, 0),
    "rarp": (layout.ETH_TYPE_RARP, 0),
    "mpls": (layout.ETH_TYPE_MPLS, 0),
    "mplsm": (layout.ETH_TYPE_MPLS_MCAST, 0),
    # Other names of some, which are never printed
    "ipv4": (layout.ETH_TYPE_IP, 0),
    "ip4": (layout.ETH_TYPE_IP, 0),
    "ip6": (layout.ETH_TYPE_IPV6, 0),
}
_KEYWORDS: Final = {pair: word for word, pair in reversed(PROTOCOLS.items())}
_ARP: Final = (layout.ETH_TYPE_ARP, layout.ETH_TYPE_RARP)


def render_match(
    match: Match, ports: PortNames = NO_NAMES, priority: int = DEFAULT_PRIORITY
) -> str:
    """Return the match, and the priority if it is not the default, in ovs-ofctl's words."""
    parts = [] if priority == DEFAULT_PRIORITY else [f"priority={priority}"]
    parts += _parts(match, ports)
    return ",".join(parts)


def _parts(match: Match, ports: PortNames) -> Iterator[str]:
    yield from _metadata(match, ports)
    keyword, type_is_told, protocol_is_told = _keyword(match)
    if keyword:
        yield keyword
    for n in range(16):
        yield from _hex(match, f"reg{n}", layout.register(n))
    yield from _tunnel(match)
    yield from _hex(match, "metadata", layout.METADATA)
    if match.asks(layout.IN_PORT):
        yield f"in_port={ports.name(match.get(layout.IN_PORT))}"
    yield from _vlan(match)
    yield from _ethernet(match, "dl_src", layout.DL_SRC)
    yield from _ethernet(match, "dl_dst", layout.DL_DST)
    if not type_is_told:
        yield f"dl_type=0x{match.get(layout.DL_TYPE):04x}"
    yield from _network(match, protocol_is_told=protocol_is_told)
    yield from _mpls(match)
    if mask := match.asks(layout.NW_FRAG):
        words = {(bits, value): word for word, bits, value in FRAGMENTS}
        yield f"nw_frag={words.get((mask & 3, match.get(layout.NW_FRAG)), '<error>')}"
    yield from _transport(match)


def _keyword(match: Match) -> tuple[str, bool, bool]:
    """Return the word for type and protocol, and which of the two need not be told any more."""
    if not match.asks(layout.DL_TYPE):
        return "", True, not match.asks(layout.NW_PROTO)
    dl_type, protocol = match.get(layout.DL_TYPE), match.get(layout.NW_PROTO)
    if match.asks(layout.NW_PROTO) and protocol:
        word = _KEYWORDS.get((dl_type, protocol))
        if word is not None:
            return word, True, True
    word = _KEYWORDS.get((dl_type, 0), "")
    return word, bool(word), not match.asks(layout.NW_PROTO)


def _hex(match: Match, name: str, slot: Slot) -> Iterator[str]:
    mask = match.asks(slot)
    if mask:
        tail = "" if mask == slot.ones else f"/{mask:#x}"
        yield f"{name}={render_hex(match.get(slot))}{tail}"


def _decimal(match: Match, name: str, slot: Slot) -> Iterator[str]:
    mask = match.asks(slot)
    if mask == slot.ones:
        yield f"{name}={match.get(slot)}"
    elif mask:
        yield f"{name}=0x{match.get(slot):x}/0x{mask:x}"


def _ethernet(match: Match, name: str, slot: Slot) -> Iterator[str]:
    if mask := match.asks(slot):
        yield f"{name}={render_ethernet(match.get(slot), mask)}"


def _ipv4(match: Match, name: str, slot: Slot) -> Iterator[str]:
    if mask := match.asks(slot):
        yield f"{name}={render_ipv4(match.get(slot), mask)}"


def _ipv6(match: Match, name: str, slot: Slot) -> Iterator[str]:
    if mask := match.asks(slot):
        yield f"{name}={render_ipv6(match.get(slot), mask)}"


def _metadata(match: Match, ports: PortNames) -> Iterator[str]:
    yield from _hex(match, "pkt_mark", layout.PKT_MARK)
    yield from _hex(match, "recirc_id", layout.RECIRC_ID)
    yield from _hex(match, "dp_hash", layout.DP_HASH)
    if match.asks(layout.CONJ_ID):
        yield f"conj_id={match.get(layout.CONJ_ID)}"
    yield from _hex(match, "skb_priority", layout.SKB_PRIORITY)
    if match.asks(layout.ACTSET_OUTPUT):
        yield f"actset_output={ports.name(match.get(layout.ACTSET_OUTPUT))}"
    if mask := match.asks(layout.CT_STATE):
        flags = render_flags(CT_STATES, match.get(layout.CT_STATE), mask, CT_STATE_ALL)
        yield f"ct_state={flags}"
    yield from _decimal(match, "ct_zone", layout.CT_ZONE)
    yield from _hex(match, "ct_mark", layout.CT_MARK)
    yield from _hex(match, "ct_label", layout.CT_LABEL)
    yield from _ipv4(match, "ct_nw_src", layout.CT_NW_SRC)
    yield from _ipv6(match, "ct_ipv6_src", layout.CT_IPV6_SRC)
    yield from _ipv4(match, "ct_nw_dst", layout.CT_NW_DST)
    yield from _ipv6(match, "ct_ipv6_dst", layout.CT_IPV6_DST)
    if match.asks(layout.CT_NW_PROTO):
        yield f"ct_nw_proto={match.get(layout.CT_NW_PROTO)}"
        yield from _decimal(match, "ct_tp_src", layout.CT_TP_SRC)
        yield from _decimal(match, "ct_tp_dst", layout.CT_TP_DST)


def _tunnel(match: Match) -> Iterator[str]:
    yield from _hex(match, "tun_id", layout.TUN_ID)
    yield from _ipv4(match, "tun_src", layout.TUN_SRC)
    yield from _ipv4(match, "tun_dst", layout.TUN_DST)
    yield from _ipv6(match, "tun_ipv6_src", layout.TUN_IPV6_SRC)
    yield from _ipv6(match, "tun_ipv6_dst", layout.TUN_IPV6_DST)
    yield from _decimal(match, "tun_gbp_id", layout.TUN_GBP_ID)
    if match.asks(layout.TUN_GBP_FLAGS):
        yield f"tun_gbp_flags={render_hex(match.get(layout.TUN_GBP_FLAGS))}"
    if match.asks(layout.TUN_TOS):
        yield f"tun_tos={match.get(layout.TUN_TOS):x}"
    if match.asks(layout.TUN_TTL):
        yield f"tun_ttl={match.get(layout.TUN_TTL)}"
    if mask := match.asks(layout.TUN_FLAGS):
        yield f"tun_flags={render_flags(TUNNEL_FLAGS, match.get(layout.TUN_FLAGS), mask, 0x1F)}"


def _vlan(match: Match) -> Iterator[str]:
    tci, mask = match.get(layout.VLAN_TCI), match.asks(layout.VLAN_TCI)
    vid, pcp = mask & layout.VLAN_VID_MASK, mask & layout.VLAN_PCP_MASK
    tagged = mask & tci & layout.VLAN_CFI
    if tagged and vid in (0, layout.VLAN_VID_MASK) and pcp in (0, layout.VLAN_PCP_MASK):
        if vid:
            yield f"dl_vlan={tci & layout.VLAN_VID_MASK}"
        if pcp:
            yield f"dl_vlan_pcp={tci >> layout.VLAN_PCP_SHIFT}"
        if vid or pcp:
            return
    if mask == 0xFFFF:
        yield f"vlan_tci=0x{tci:04x}"
    elif mask:
        yield f"vlan_tci=0x{tci:04x}/0x{mask:04x}"


def _network(match: Match, *, protocol_is_told: bool) -> Iterator[str]:
    dl_type = match.get(layout.DL_TYPE)
    if dl_type == layout.ETH_TYPE_IPV6:
        yield from _ipv6(match, "ipv6_src", layout.IPV6_SRC)
        yield from _ipv6(match, "ipv6_dst", layout.IPV6_DST)
        if mask := match.asks(layout.IPV6_LABEL):
            tail = "" if mask in (0xFFFFFFFF, 0xFFFFF) else f"/0x{mask:05x}"
            yield f"ipv6_label=0x{match.get(layout.IPV6_LABEL):05x}{tail}"
    else:
        src, dst = ("arp_spa", "arp_tpa") if dl_type in _ARP else ("nw_src", "nw_dst")
        yield from _ipv4(match, src, layout.NW_SRC)
        yield from _ipv4(match, dst, layout.NW_DST)
    if not protocol_is_told:
        yield f"{'arp_op' if dl_type in _ARP else 'nw_proto'}={match.get(layout.NW_PROTO)}"
    if dl_type in _ARP:
        yield from _ethernet(match, "arp_sha", layout.ARP_SHA)
        yield from _ethernet(match, "arp_tha", layout.ARP_THA)
    tos, mask = match.get(layout.NW_TOS), match.asks(layout.NW_TOS)
    if mask & 0xFC:
        yield f"nw_tos={tos & 0xFC}"
    if mask & 3:
        yield f"nw_ecn={tos & 3}"
    if match.asks(layout.NW_TTL):
        yield f"nw_ttl={match.get(layout.NW_TTL)}"


_MPLS: Final = (  # in the order in which they are printed
    ("mpls_label", Slot(layout.MPLS_LSE.at + 12, 20)),
    ("mpls_tc", Slot(layout.MPLS_LSE.at + 9, 3)),
    ("mpls_ttl", Slot(layout.MPLS_LSE.at, 8)),
    ("mpls_bos", Slot(layout.MPLS_LSE.at + 8, 1)),
)


def _mpls(match: Match) -> Iterator[str]:
    for name, slot in _MPLS:
        if match.asks(slot):
            yield f"{name}={match.get(slot)}"


def _transport(match: Match) -> Iterator[str]:
    dl_type, protocol = match.get(layout.DL_TYPE), match.get(layout.NW_PROTO)
    is_icmp = (dl_type, protocol) == (layout.ETH_TYPE_IP, layout.IPPROTO_ICMP)
    is_icmp6 = (dl_type, protocol) == (layout.ETH_TYPE_IPV6, layout.IPPROTO_ICMPV6)
    names = ("icmp_type", "icmp_code") if is_icmp or is_icmp6 else ("tp_src", "tp_dst")
    yield from _decimal(match, names[0], layout.TP_SRC)
    yield from _decimal(match, names[1], layout.TP_DST)
    if is_icmp6:
        yield from _ipv6(match, "nd_target", layout.ND_TARGET)
        yield from _ethernet(match, "nd_sll", layout.ARP_SHA)
        yield from _ethernet(match, "nd_tll", layout.ARP_THA)
        yield from _decimal(match, "nd_reserved", layout.IGMP_GROUP)
        yield from _decimal(match, "nd_options_type", layout.TCP_FLAGS)
    elif mask := match.asks(layout.TCP_FLAGS):
        flags = match.get(layout.TCP_FLAGS)
        yield f"tcp_flags={render_flags(TCP_FLAGS, flags, mask & TCP_FLAGS_ALL, TCP_FLAGS_ALL)}"
