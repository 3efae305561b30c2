"""The key: everything that a flow can match on, and what OVS must remember of a packet, as one int.

OVS calls it `struct flow` (include/openvswitch/flow.h). Here it is one integer, in which each
member of that struct has a slot of its own, because CPython masks, compares and hashes an integer
of any width in one step: `key & mask` is the whole of a match, and a dict finds the flow.

What every packet has stands lowest and what few have highest, since an integer is as long as its
highest bit. What is not there is 0, as in OVS.
"""

from typing import Final, final


@final
class Slot:
    """Some bits of the key."""

    __slots__ = ("at", "mask", "ones")

    def __init__(self, at: int, width: int, ones: int | None = None) -> None:
        self.at = at
        self.ones = (1 << width) - 1 if ones is None else ones  # the bits of a value
        self.mask = self.ones << at

    def get(self, key: int) -> int:
        """Return the number that stands in the slot."""
        return key >> self.at & self.ones

    def put(self, key: int, value: int) -> int:
        """Return `key` with `value`, which fits, in the slot."""
        return key ^ ((key ^ value << self.at) & self.mask)


class _Allocator:
    def __init__(self) -> None:
        self._next = 0

    def take(self, width: int) -> Slot:
        slot = Slot(self._next, width)
        self._next += width
        return slot


_slot: Final = _Allocator().take

IN_PORT: Final = _slot(16)  # as OpenFlow 1.0 counts ports
DL_TYPE: Final = _slot(16)  # behind the tags
DL_SRC: Final = _slot(48)
DL_DST: Final = _slot(48)  # above the source, as on the wire
VLANS: Final = _slot(64)  # two tags, the outermost lowest; each is TPID << 16 | TCI
VLAN_TCI: Final = Slot(VLANS.at, 16)  # of the outermost, with CFI for "there is a tag"
VLAN_TPID: Final = Slot(VLANS.at + 16, 16)
VLAN_INNER: Final = Slot(VLANS.at + 32, 32)
NW_PROTO: Final = _slot(8)  # the opcode, of ARP
NW_TOS: Final = _slot(8)
NW_TTL: Final = _slot(8)
NW_FRAG: Final = _slot(8)
NW_DST: Final = _slot(32)
NW_SRC: Final = _slot(32)  # above the destination, as on the wire
TP_DST: Final = _slot(16)  # the code, of ICMP
TP_SRC: Final = _slot(16)  # the type, of ICMP
TCP_FLAGS: Final = _slot(16)  # the type of the option, of neighbour discovery
CT_STATE: Final = _slot(8)
CT_ZONE: Final = _slot(16)
CT_MARK: Final = _slot(32)
TUN_ID: Final = _slot(64)
TUN_SRC: Final = _slot(32)
TUN_DST: Final = _slot(32)
TUN_FLAGS: Final = _slot(16)
TUN_TOS: Final = _slot(8)
TUN_TTL: Final = _slot(8)
TUNNEL: Final = Slot(TUN_ID.at, TUN_TTL.at + 8 - TUN_ID.at)  # all of them
REGS: Final = _slot(512)  # reg0 is highest, so that xreg0 and xxreg0 overlay it
METADATA: Final = _slot(64)
PKT_MARK: Final = _slot(32)
ARP_SHA: Final = _slot(48)  # the source's link-layer address, of neighbour discovery
ARP_THA: Final = _slot(48)  # the target's
MPLS_LSE: Final = _slot(96)  # three labels, the outermost lowest
IPV6_DST: Final = _slot(128)
IPV6_SRC: Final = _slot(128)  # above the destination, as on the wire
IPV6_LABEL: Final = _slot(32)
ND_TARGET: Final = _slot(128)
IGMP_GROUP: Final = _slot(32)  # the reserved word, of neighbour discovery
CT_NW_PROTO: Final = _slot(8)
CT_NW_DST: Final = _slot(32)
CT_NW_SRC: Final = _slot(32)
CT_TP_DST: Final = _slot(16)
CT_TP_SRC: Final = _slot(16)
CT_LABEL: Final = _slot(128)
CT_IPV6_DST: Final = _slot(128)
CT_IPV6_SRC: Final = _slot(128)
ACTSET_OUTPUT: Final = _slot(16)
CONJ_ID: Final = _slot(32)
DP_HASH: Final = _slot(32)
SKB_PRIORITY: Final = _slot(32)
RECIRC_ID: Final = _slot(32)
TUN_GBP_ID: Final = _slot(16)
TUN_GBP_FLAGS: Final = _slot(8)
TUN_IPV6_DST: Final = _slot(128)
TUN_IPV6_SRC: Final = _slot(128)
PACKET_TYPE: Final = _slot(32)  # 0: an Ethernet frame, which all are


def register(index: int, words: int = 1) -> Slot:
    """Return register `index` of those that are `words` 32-bit registers wide."""
    return Slot(REGS.at + 512 - 32 * words * (index + 1), 32 * words)


# What a bridge forgets of a packet that it gets through a patch port: patch_port_output(),
# ofproto/ofproto-dpif-xlate.c
CONNTRACK: Final = (
    *(CT_STATE, CT_ZONE, CT_MARK, CT_LABEL),
    *(CT_NW_PROTO, CT_NW_SRC, CT_NW_DST, CT_TP_SRC, CT_TP_DST, CT_IPV6_SRC, CT_IPV6_DST),
)
CONNTRACK_MASK: Final = sum(slot.mask for slot in CONNTRACK)
TUNNEL_MASK: Final = TUNNEL.mask | sum(
    slot.mask for slot in (TUN_GBP_ID, TUN_GBP_FLAGS, TUN_IPV6_DST, TUN_IPV6_SRC)
)

# Values of slots
VLAN_CFI: Final = 0x1000
VLAN_VID_MASK: Final = 0x0FFF
VLAN_PCP_MASK: Final = 0xE000
VLAN_PCP_SHIFT: Final = 13
FRAG_ANY: Final = 1  # FLOW_NW_FRAG_ANY: a fragment
FRAG_LATER: Final = 2  # FLOW_NW_FRAG_LATER: and not the first
TUN_F_DF: Final = 1
TUN_F_CSUM: Final = 2
TUN_F_KEY: Final = 4
TUN_F_OAM: Final = 1 << 3

ETH_TYPE_IP: Final = 0x0800
ETH_TYPE_ARP: Final = 0x0806
ETH_TYPE_VLAN: Final = 0x8100
ETH_TYPE_RARP: Final = 0x8035
ETH_TYPE_IPV6: Final = 0x86DD
ETH_TYPE_MPLS: Final = 0x8847
ETH_TYPE_MPLS_MCAST: Final = 0x8848
ETH_TYPE_QINQ: Final = 0x88A8
ETH_TYPE_NONE: Final = 0x05FF  # OpenFlow's word for an 802.2 frame without a type

IPPROTO_ICMP: Final = 1
IPPROTO_IGMP: Final = 2
IPPROTO_TCP: Final = 6
IPPROTO_UDP: Final = 17
IPPROTO_ICMPV6: Final = 58
IPPROTO_SCTP: Final = 132

ND_SOLICIT: Final = 135
ND_ADVERT: Final = 136
