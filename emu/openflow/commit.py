"""What must be done to a packet so that it becomes what a key says: commit_odp_actions().

Translation changes a key, not the packet. When the packet is sent, the difference between the two
becomes edits of the packet.
"""

from typing import Final

from emu.openflow import layout
from emu.openflow.layout import Slot
from emu.openflow.operations import Operation, Set, SetMetadata
from emu.openflow.subfield import is_ip_any, is_mpls
from emu.packet import editing
from emu.packet.editing import Edit

_Edits = tuple[tuple[Slot, Edit], ...]

_ETHERNET: Final[_Edits] = (
    (layout.DL_SRC, editing.set_eth_src),
    (layout.DL_DST, editing.set_eth_dst),
)
_IPV4: Final[_Edits] = (
    (layout.NW_SRC, editing.set_ipv4_src),
    (layout.NW_DST, editing.set_ipv4_dst),
    (layout.NW_TOS, editing.set_ipv4_tos),
    (layout.NW_TTL, editing.set_ipv4_ttl),
)
_IPV6: Final[_Edits] = (
    (layout.IPV6_SRC, editing.set_ipv6_src),
    (layout.IPV6_DST, editing.set_ipv6_dst),
    (layout.NW_TOS, editing.set_ipv6_traffic_class),
    (layout.IPV6_LABEL, editing.set_ipv6_label),
    (layout.NW_TTL, editing.set_ipv6_hop_limit),
)
_ND: Final[_Edits] = (
    (layout.ND_TARGET, editing.set_nd_target),
    (layout.ARP_SHA, editing.set_nd_sll),
    (layout.ARP_THA, editing.set_nd_tll),
)
_ARP: Final[_Edits] = (
    (layout.NW_PROTO, editing.set_arp_op),
    (layout.ARP_SHA, editing.set_arp_sha),
    (layout.NW_SRC, editing.set_arp_spa),
    (layout.ARP_THA, editing.set_arp_tha),
    (layout.NW_DST, editing.set_arp_tpa),
)
_PORTS: Final[dict[int, _Edits]] = {
    layout.IPPROTO_TCP: (
        (layout.TP_SRC, editing.set_tcp_src),
        (layout.TP_DST, editing.set_tcp_dst),
    ),
    layout.IPPROTO_UDP: (
        (layout.TP_SRC, editing.set_udp_src),
        (layout.TP_DST, editing.set_udp_dst),
    ),
    layout.IPPROTO_SCTP: (
        (layout.TP_SRC, editing.set_sctp_src),
        (layout.TP_DST, editing.set_sctp_dst),
    ),
}
_ICMP: Final[_Edits] = (
    (layout.TP_SRC, editing.set_icmp_type),
    (layout.TP_DST, editing.set_icmp_code),
)
_BESIDE: Final = layout.PKT_MARK.mask | layout.SKB_PRIORITY.mask
_LSE: Final = 0xFFFFFFFF


def commit(flow: int, base: int, operations: list[Operation]) -> int:
    """Append what turns a packet of the key `base` into one of `flow`; return the new base."""
    if flow == base:
        return base
    edits = _Committing(flow, base, operations)
    edits.put(_ETHERNET)
    was_mpls = is_mpls(base) and not is_mpls(flow)
    if was_mpls:  # before the edits of what is in it, which would otherwise find nothing
        edits.mpls()
    edits.network()
    if not was_mpls:
        edits.mpls()
    edits.vlan()
    if (flow ^ edits.base) & _BESIDE:
        operations.append(SetMetadata(flow & _BESIDE, _BESIDE))
        edits.base ^= (flow ^ edits.base) & _BESIDE
    return edits.base


class _Committing:
    def __init__(self, flow: int, base: int, operations: list[Operation]) -> None:
        self.flow = flow
        self.base = base
        self._operations = operations

    def put(self, edits: _Edits) -> None:
        """Edit each part that differs."""
        for slot, edit in edits:
            if (self.flow ^ self.base) & slot.mask:
                value = slot.get(self.flow)
                self._operations.append(Set(edit, value))
                self.base = slot.put(self.base, value)

    def network(self) -> None:
        """As commit_set_nw_action(), commit_set_port_action(), commit_set_icmp_action()."""
        protocol = layout.NW_PROTO.get(self.flow)
        base_type = layout.DL_TYPE.get(self.base)
        if protocol:
            if base_type == layout.ETH_TYPE_IP:
                self.put(_IPV4)
            elif base_type == layout.ETH_TYPE_IPV6:
                self.put(_IPV6)
                if layout.NW_PROTO.get(self.base) == layout.IPPROTO_ICMPV6:
                    self.put(_ND)
            elif base_type == layout.ETH_TYPE_ARP:
                self.put(_ARP)
        if is_ip_any(self.base):
            self.put(_PORTS.get(protocol, ()))
        dl_type = layout.DL_TYPE.get(self.flow)
        if (dl_type, protocol) in (
            (layout.ETH_TYPE_IP, layout.IPPROTO_ICMP),
            (layout.ETH_TYPE_IPV6, layout.IPPROTO_ICMPV6),
        ):
            self.put(_ICMP)

    def vlan(self) -> None:
        """Pop the tags that differ, counted from the innermost, and push those of the flow."""
        old, new = _tags(self.base), _tags(self.flow)
        while old and new and old[-1] == new[-1]:
            old.pop()
            new.pop()
        self._operations += [Set(editing.pop_vlan, 0) for _ in old]
        self._operations += [Set(editing.push_vlan, tag) for tag in reversed(new)]
        self.base = layout.VLANS.put(self.base, layout.VLANS.get(self.flow))

    def mpls(self) -> None:
        """As commit_mpls_action(): of the labels, too, the innermost are kept that agree."""
        old, new = labels(self.base), labels(self.flow)
        if old == new:
            return
        common = 0
        while common < min(len(old), len(new)) and old[-1 - common] == new[-1 - common]:
            common += 1
        dl_type = layout.DL_TYPE.get(self.flow)
        while len(old) > common:
            if len(old) - 1 == common and len(new) > common:
                old[0] = new[len(new) - len(old)]
                self._operations.append(Set(editing.set_mpls, old[0]))
                common += 1
                continue
            inner = not is_mpls(self.flow) and len(old) > 1
            popped_to = layout.ETH_TYPE_MPLS if inner else dl_type
            self._operations.append(Set(editing.pop_mpls, popped_to))
            old.pop(0)
        while len(old) < len(new):
            old.insert(0, new[len(new) - len(old) - 1])
            self._operations.append(Set(editing.push_mpls, dl_type << 32 | old[0]))
        self.base = layout.MPLS_LSE.put(self.base, layout.MPLS_LSE.get(self.flow))
        self.base = layout.DL_TYPE.put(self.base, dl_type)


def _tags(key: int) -> list[int]:
    """Return the tags, outermost first."""
    tags, found = layout.VLANS.get(key), []
    while tags & layout.VLAN_CFI:
        found.append(tags & 0xFFFFFFFF)
        tags >>= 32
    return found


def labels(key: int) -> list[int]:
    """Return the label stack entries, outermost first; as flow_count_mpls_labels()."""
    if not is_mpls(key):
        return []
    stack, found = layout.MPLS_LSE.get(key), []
    for at in (0, 32, 64):
        entry = stack >> at & _LSE
        if entry:
            found.append(entry)
        if entry & 0x100:  # bottom of stack
            break
    return found
