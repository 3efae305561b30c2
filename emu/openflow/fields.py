"""The fields that flows match on and actions set: one row each.

Names, widths, prerequisites and access are those of include/openvswitch/meta-flow.h (3.1). Several
fields may be one slot of the key (`tcp_src`, `udp_src` and `icmp_type`), or parts of one (`dl_vlan`
of `vlan_tci`), as they are in OVS.

Fields of ERSPAN, GTP-U, NSH and Geneve options are not here: emu has none of these headers.
"""

from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final, final

from emu.openflow import layout as at
from emu.openflow.layout import Slot


@unique
class Form(StrEnum):
    """How a value is written."""

    DECIMAL = "a number"
    HEXADECIMAL = "a number, such as 0x1f"
    ETHERNET = "an Ethernet address, such as fa:16:3e:00:00:01"
    IPV4 = "an IPv4 address or network, such as 10.0.0.0/24"
    IPV6 = "an IPv6 address or network, such as fd00::/64"
    PORT = "a port's name or number"
    PORT_OXM = "a port's name or 32-bit number"
    FRAGMENT = "no, yes, first, later or not_later"
    TUNNEL_FLAGS = "flags, such as +oam"
    TCP_FLAGS = "flags, such as +syn-ack or syn|ack"
    CT_STATE = "flags, such as +trk-new"
    PACKET_TYPE = "(0,0), an Ethernet frame"


@unique
class Needs(StrEnum):
    """What must be known of a packet before a field means something: its prerequisite."""

    NOTHING = ""
    ETHERNET = "eth"  # as is every packet
    VLAN = "vlan_vid"
    MPLS = "mpls"
    IPV4 = "ip"
    IPV6 = "ipv6"
    IP = "ip or ipv6"
    ARP = "arp or rarp"
    TCP = "tcp or tcp6"
    UDP = "udp or udp6"
    SCTP = "sctp or sctp6"
    ICMPV4 = "icmp"
    ICMPV6 = "icmp6"
    ND = "icmp6 of type 135 or 136"
    ND_SOLICIT = "icmp6 of type 135"
    ND_ADVERT = "icmp6 of type 136"
    CONNTRACK = "a ct_state of a connection"


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Field:
    """One field, by identity."""

    name: str
    alias: str  # its other name, "" if it has none
    nxm: str  # the name that actions print, NXM before OXM; the first name if it has neither
    names: tuple[str, ...]  # all that actions take
    octets: int  # of a value
    bits: int  # of them, counted from the lowest, that actions may address
    slot: Slot  # where the value's bits stand; its width may be less than that of a value
    form: Form
    needs: Needs
    maskable: bool
    writable: bool
    legal: int  # the bits that a value to be set may have
    learnable: bool  # whether learn() can name it: it has an NXM or OXM header without vendor

    @property
    def ones(self) -> int:
        """A value in which every bit is set: the mask of an exact match."""
        return (1 << 8 * self.octets) - 1

    @property
    def is_tunnel(self) -> bool:
        """Whether it is about the outer header of a packet that came through a tunnel."""
        return self.name.startswith("tun_")

    def get(self, key: int) -> int:
        """Return the field's value."""
        return self.slot.get(key)

    def put(self, key: int, value: int) -> int:
        """Return `key` with that value in the field."""
        return self.slot.put(key, value & self.slot.ones)

    def __str__(self) -> str:
        """Return the name."""
        return self.name


# One row each: name (and other name), octets, bits, slot, form, prerequisite, flags, headers.
# Flags: m may be masked, w may be set, x has no header but of a vendor.
# Headers: N: stands for NXM_OF_, X: for NXM_NX_, O: for OXM_OF_.
_Row = tuple[str, int, int, Slot, Form, Needs, str, str]
_D, _H, _MAC, _V4, _V6 = Form.DECIMAL, Form.HEXADECIMAL, Form.ETHERNET, Form.IPV4, Form.IPV6
_ANY, _ETH, _IP = Needs.NOTHING, Needs.ETHERNET, Needs.IP
_CT = Needs.CONNTRACK
_PTYPE, _TUN, _STATE = Form.PACKET_TYPE, Form.TUNNEL_FLAGS, Form.CT_STATE
_FRAG, _TCP, _PORT, _PORT32 = Form.FRAGMENT, Form.TCP_FLAGS, Form.PORT, Form.PORT_OXM


def _part(slot: Slot, start: int, width: int) -> Slot:
    return Slot(slot.at + start, width)


_OAM: Final = Slot(at.TUN_FLAGS.at, 16, at.TUN_F_OAM)  # the one flag that flows may name
_TCP_FLAGS: Final = _part(at.TCP_FLAGS, 0, 12)
_LABEL: Final = _part(at.IPV6_LABEL, 0, 20)
_DSCP: Final = Slot(at.NW_TOS.at, 8, 0xFC)

_ROWS: Final[tuple[_Row, ...]] = (
    ("dp_hash", 4, 32, at.DP_HASH, _H, _ANY, "m", "X:DP_HASH"),
    ("recirc_id", 4, 32, at.RECIRC_ID, _D, _ANY, "", "X:RECIRC_ID"),
    ("packet_type", 4, 32, at.PACKET_TYPE, _PTYPE, _ANY, "", "O:PACKET_TYPE"),
    ("conj_id", 4, 32, at.CONJ_ID, _D, _ANY, "", "X:CONJ_ID"),
    ("tun_id tunnel_id", 8, 64, at.TUN_ID, _H, _ANY, "mw", "X:TUN_ID O:TUNNEL_ID"),
    ("tun_src", 4, 32, at.TUN_SRC, _V4, _ANY, "mw", "X:TUN_IPV4_SRC"),
    ("tun_dst", 4, 32, at.TUN_DST, _V4, _ANY, "mw", "X:TUN_IPV4_DST"),
    ("tun_ipv6_src", 16, 128, at.TUN_IPV6_SRC, _V6, _ANY, "mw", "X:TUN_IPV6_SRC"),
    ("tun_ipv6_dst", 16, 128, at.TUN_IPV6_DST, _V6, _ANY, "mw", "X:TUN_IPV6_DST"),
    ("tun_flags", 2, 1, _OAM, _TUN, _ANY, "mw", "X:TUN_FLAGS"),
    ("tun_ttl", 1, 8, at.TUN_TTL, _D, _ANY, "", ""),
    ("tun_tos", 1, 8, at.TUN_TOS, _D, _ANY, "", ""),
    ("tun_gbp_id", 2, 16, at.TUN_GBP_ID, _D, _ANY, "mw", "X:TUN_GBP_ID"),
    ("tun_gbp_flags", 1, 8, at.TUN_GBP_FLAGS, _H, _ANY, "mw", "X:TUN_GBP_FLAGS"),
    ("metadata", 8, 64, at.METADATA, _H, _ANY, "mw", "O:METADATA"),
    ("in_port", 2, 16, at.IN_PORT, _PORT, _ANY, "w", "N:IN_PORT"),
    ("in_port_oxm", 4, 32, at.IN_PORT, _PORT32, _ANY, "w", "O:IN_PORT"),
    ("actset_output", 4, 32, at.ACTSET_OUTPUT, _PORT32, _ANY, "x", "E:ACTSET_OUTPUT"),
    ("skb_priority", 4, 32, at.SKB_PRIORITY, _H, _ANY, "", ""),
    ("pkt_mark", 4, 32, at.PKT_MARK, _H, _ANY, "mw", "X:PKT_MARK"),
    ("ct_state", 4, 32, at.CT_STATE, _STATE, _ANY, "m", "X:CT_STATE"),
    ("ct_zone", 2, 16, at.CT_ZONE, _H, _ANY, "", "X:CT_ZONE"),
    ("ct_mark", 4, 32, at.CT_MARK, _H, _ANY, "mw", "X:CT_MARK"),
    ("ct_label", 16, 128, at.CT_LABEL, _H, _ANY, "mw", "X:CT_LABEL"),
    ("ct_nw_proto", 1, 8, at.CT_NW_PROTO, _D, _CT, "", "X:CT_NW_PROTO"),
    ("ct_nw_src", 4, 32, at.CT_NW_SRC, _V4, _CT, "m", "X:CT_NW_SRC"),
    ("ct_nw_dst", 4, 32, at.CT_NW_DST, _V4, _CT, "m", "X:CT_NW_DST"),
    ("ct_ipv6_src", 16, 128, at.CT_IPV6_SRC, _V6, _CT, "m", "X:CT_IPV6_SRC"),
    ("ct_ipv6_dst", 16, 128, at.CT_IPV6_DST, _V6, _CT, "m", "X:CT_IPV6_DST"),
    ("ct_tp_src", 2, 16, at.CT_TP_SRC, _D, _CT, "m", "X:CT_TP_SRC"),
    ("ct_tp_dst", 2, 16, at.CT_TP_DST, _D, _CT, "m", "X:CT_TP_DST"),
    *((f"reg{n}", 4, 32, at.register(n), _H, _ANY, "mw", f"X:REG{n}") for n in range(16)),
    *((f"xreg{n}", 8, 64, at.register(n, 2), _H, _ANY, "mw", f"O:PKT_REG{n}") for n in range(8)),
    *((f"xxreg{n}", 16, 128, at.register(n, 4), _H, _ANY, "mw", f"X:XXREG{n}") for n in range(4)),
    ("eth_src dl_src", 6, 48, at.DL_SRC, _MAC, _ETH, "mw", "N:ETH_SRC O:ETH_SRC"),
    ("eth_dst dl_dst", 6, 48, at.DL_DST, _MAC, _ETH, "mw", "N:ETH_DST O:ETH_DST"),
    ("eth_type dl_type", 2, 16, at.DL_TYPE, _H, _ETH, "", "N:ETH_TYPE O:ETH_TYPE"),
    ("vlan_tci", 2, 16, at.VLAN_TCI, _H, _ETH, "mw", "N:VLAN_TCI"),
    ("dl_vlan", 2, 12, _part(at.VLAN_TCI, 0, 12), _D, _ETH, "w", ""),
    ("vlan_vid", 2, 12, _part(at.VLAN_TCI, 0, 13), _D, _ETH, "mw", "O:VLAN_VID"),
    ("dl_vlan_pcp", 1, 3, _part(at.VLAN_TCI, 13, 3), _D, _ETH, "w", ""),
    ("vlan_pcp", 1, 3, _part(at.VLAN_TCI, 13, 3), _D, Needs.VLAN, "w", "O:VLAN_PCP"),
    ("mpls_label", 4, 20, _part(at.MPLS_LSE, 12, 20), _D, Needs.MPLS, "w", "O:MPLS_LABEL"),
    ("mpls_tc", 1, 3, _part(at.MPLS_LSE, 9, 3), _D, Needs.MPLS, "w", "O:MPLS_TC"),
    ("mpls_bos", 1, 1, _part(at.MPLS_LSE, 8, 1), _D, Needs.MPLS, "", "O:MPLS_BOS"),
    ("mpls_ttl", 1, 8, _part(at.MPLS_LSE, 0, 8), _D, Needs.MPLS, "w", "X:MPLS_TTL"),
    ("ip_src nw_src", 4, 32, at.NW_SRC, _V4, Needs.IPV4, "mw", "N:IP_SRC O:IPV4_SRC"),
    ("ip_dst nw_dst", 4, 32, at.NW_DST, _V4, Needs.IPV4, "mw", "N:IP_DST O:IPV4_DST"),
    ("ipv6_src", 16, 128, at.IPV6_SRC, _V6, Needs.IPV6, "mw", "X:IPV6_SRC O:IPV6_SRC"),
    ("ipv6_dst", 16, 128, at.IPV6_DST, _V6, Needs.IPV6, "mw", "X:IPV6_DST O:IPV6_DST"),
    ("ipv6_label", 4, 20, _LABEL, _H, Needs.IPV6, "mw", "X:IPV6_LABEL O:IPV6_FLABEL"),
    ("nw_proto ip_proto", 1, 8, at.NW_PROTO, _D, _IP, "", "N:IP_PROTO O:IP_PROTO"),
    ("nw_tos", 1, 8, _DSCP, _D, _IP, "w", "N:IP_TOS"),
    ("ip_dscp", 1, 6, _part(at.NW_TOS, 2, 6), _D, _IP, "w", "O:IP_DSCP"),
    ("nw_ecn ip_ecn", 1, 2, _part(at.NW_TOS, 0, 2), _D, _IP, "w", "X:IP_ECN O:IP_ECN"),
    ("nw_ttl", 1, 8, at.NW_TTL, _D, _IP, "w", "X:IP_TTL"),
    ("ip_frag nw_frag", 1, 2, _part(at.NW_FRAG, 0, 2), _FRAG, _IP, "m", "X:IP_FRAG"),
    ("arp_op", 2, 16, at.NW_PROTO, _D, Needs.ARP, "w", "N:ARP_OP O:ARP_OP"),
    ("arp_spa", 4, 32, at.NW_SRC, _V4, Needs.ARP, "mw", "N:ARP_SPA O:ARP_SPA"),
    ("arp_tpa", 4, 32, at.NW_DST, _V4, Needs.ARP, "mw", "N:ARP_TPA O:ARP_TPA"),
    ("arp_sha", 6, 48, at.ARP_SHA, _MAC, Needs.ARP, "mw", "X:ARP_SHA O:ARP_SHA"),
    ("arp_tha", 6, 48, at.ARP_THA, _MAC, Needs.ARP, "mw", "X:ARP_THA O:ARP_THA"),
    ("tcp_src tp_src", 2, 16, at.TP_SRC, _D, Needs.TCP, "mw", "N:TCP_SRC O:TCP_SRC"),
    ("tcp_dst tp_dst", 2, 16, at.TP_DST, _D, Needs.TCP, "mw", "N:TCP_DST O:TCP_DST"),
    ("tcp_flags", 2, 12, _TCP_FLAGS, _TCP, Needs.TCP, "m", "X:TCP_FLAGS E:TCP_FLAGS O:TCP_FLAGS"),
    ("udp_src", 2, 16, at.TP_SRC, _D, Needs.UDP, "mw", "N:UDP_SRC O:UDP_SRC"),
    ("udp_dst", 2, 16, at.TP_DST, _D, Needs.UDP, "mw", "N:UDP_DST O:UDP_DST"),
    ("sctp_src", 2, 16, at.TP_SRC, _D, Needs.SCTP, "mw", "O:SCTP_SRC"),
    ("sctp_dst", 2, 16, at.TP_DST, _D, Needs.SCTP, "mw", "O:SCTP_DST"),
    ("icmp_type", 1, 8, at.TP_SRC, _D, Needs.ICMPV4, "w", "N:ICMP_TYPE O:ICMPV4_TYPE"),
    ("icmp_code", 1, 8, at.TP_DST, _D, Needs.ICMPV4, "w", "N:ICMP_CODE O:ICMPV4_CODE"),
    ("icmpv6_type", 1, 8, at.TP_SRC, _D, Needs.ICMPV6, "w", "X:ICMPV6_TYPE O:ICMPV6_TYPE"),
    ("icmpv6_code", 1, 8, at.TP_DST, _D, Needs.ICMPV6, "w", "X:ICMPV6_CODE O:ICMPV6_CODE"),
    ("nd_target", 16, 128, at.ND_TARGET, _V6, Needs.ND, "mw", "X:ND_TARGET O:IPV6_ND_TARGET"),
    ("nd_sll", 6, 48, at.ARP_SHA, _MAC, Needs.ND_SOLICIT, "mw", "X:ND_SLL O:IPV6_ND_SLL"),
    ("nd_tll", 6, 48, at.ARP_THA, _MAC, Needs.ND_ADVERT, "mw", "X:ND_TLL O:IPV6_ND_TLL"),
    ("nd_reserved", 4, 32, at.IGMP_GROUP, _D, Needs.ND, "wx", "S:ND_RESERVED"),
    ("nd_options_type", 1, 8, at.TCP_FLAGS, _D, Needs.ND, "wx", "S:ND_OPTIONS_TYPE"),
)
_PREFIXES: Final = {
    "N:": "NXM_OF_",
    "X:": "NXM_NX_",
    "O:": "OXM_OF_",
    "E:": "ONFOXM_ET_",
    "S:": "ERICOXM_OF_ICMPV6_",
}

# What a value to be set may have, where that is less than its octets: mf_is_value_valid().
_LEGAL: Final = {
    "nw_tos": 0xFC,
    "ip_dscp": 0x3F,
    "nw_ecn": 3,
    "ip_frag": 3,
    "tcp_flags": 0xFFF,
    "arp_op": 0xFF,
    "dl_vlan": 0xFFF,
    "vlan_vid": 0x1FFF,
    "dl_vlan_pcp": 7,
    "vlan_pcp": 7,
    "ipv6_label": 0xFFFFF,
    "mpls_label": 0xFFFFF,
    "mpls_tc": 7,
    "mpls_bos": 1,
    "tun_flags": at.TUN_F_OAM,
    "ct_state": 0xFF,
}


def _field(row: _Row) -> Field:
    both, octets, bits, slot, form, needs, flags, headers = row
    name, _, alias = both.partition(" ")
    names = tuple([_PREFIXES.get(word[:2], word[:2]) + word[2:] for word in headers.split()])
    return Field(
        name=name,
        alias=alias,
        nxm=names[0] if names else name,
        names=names,
        octets=octets,
        bits=bits,
        slot=slot,
        form=form,
        needs=needs,
        maskable="m" in flags,
        writable="w" in flags,
        legal=_LEGAL.get(name, (1 << 8 * octets) - 1),
        learnable=bool(names) and "x" not in flags,
    )


ALL: Final = tuple(map(_field, _ROWS))
BY_NAME: Final = {name: field for field in ALL for name in (field.name, field.alias) if name}
BY_HEADER: Final = {name: field for field in ALL for name in field.names}

# Fields of OVS that stand for headers that emu has not.
FOREIGN: Final = (
    "tun_metadata",
    "tun_erspan_",
    "tun_gtpu_",
    "nsh_",
)


def is_foreign(name: str) -> bool:
    """Whether OVS has a field of that name for headers that emu has not."""
    return name.lower().startswith(FOREIGN)
