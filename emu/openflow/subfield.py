"""Fields on a key: what they need, how they are set, and bit ranges of them.

Reads as lib/meta-flow.c: mf_are_prereqs_ok(), mf_set_flow_value(), mf_read_subfield(); the syntax
is that of mf_parse_subfield(), lib/nx-match.c.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, final

from emu.openflow import layout
from emu.openflow.fields import BY_HEADER, BY_NAME, Field, Needs, is_foreign
from emu.openflow.layout import VLAN_CFI, VLAN_TCI, VLAN_TPID

_IP_TYPES: Final = (layout.ETH_TYPE_IP, layout.ETH_TYPE_IPV6)
_ARP_TYPES: Final = (layout.ETH_TYPE_ARP, layout.ETH_TYPE_RARP)
_MPLS_TYPES: Final = (layout.ETH_TYPE_MPLS, layout.ETH_TYPE_MPLS_MCAST)
_CT_OF_CONNECTION: Final = 0x01 | 0x02 | 0x08  # new, est, rpl


def is_ip_any(key: int) -> bool:
    """Whether the packet is IPv4 or IPv6."""
    return layout.DL_TYPE.get(key) in _IP_TYPES


def is_mpls(key: int) -> bool:
    """Whether the packet has an MPLS label."""
    return layout.DL_TYPE.get(key) in _MPLS_TYPES


def _has_type(*types: int) -> Callable[[int], bool]:
    return lambda key: layout.DL_TYPE.get(key) in types


def _has_ports(protocol: int) -> Callable[[int], bool]:
    def is_ok(key: int) -> bool:
        later = layout.NW_FRAG.get(key) & layout.FRAG_LATER
        return is_ip_any(key) and layout.NW_PROTO.get(key) == protocol and not later

    return is_ok


def _is_icmp(dl_type: int, protocol: int) -> Callable[[int], bool]:
    return lambda key: layout.DL_TYPE.get(key) == dl_type and layout.NW_PROTO.get(key) == protocol


_is_icmpv6: Final = _is_icmp(layout.ETH_TYPE_IPV6, layout.IPPROTO_ICMPV6)


def _is_nd(*types: int) -> Callable[[int], bool]:
    def is_ok(key: int) -> bool:
        return _is_icmpv6(key) and not layout.TP_DST.get(key) and layout.TP_SRC.get(key) in types

    return is_ok


def _has_connection(key: int) -> bool:
    """As is_ct_valid(), lib/flow.h."""
    return bool(layout.CT_STATE.get(key) & _CT_OF_CONNECTION)


_MEETS: Final[Mapping[Needs, Callable[[int], bool]]] = {
    Needs.NOTHING: lambda _key: True,
    Needs.ETHERNET: lambda _key: True,
    Needs.VLAN: lambda key: bool(VLAN_TCI.get(key) & VLAN_CFI),
    Needs.MPLS: is_mpls,
    Needs.IPV4: _has_type(layout.ETH_TYPE_IP),
    Needs.IPV6: _has_type(layout.ETH_TYPE_IPV6),
    Needs.IP: is_ip_any,
    Needs.ARP: _has_type(*_ARP_TYPES),
    Needs.TCP: _has_ports(layout.IPPROTO_TCP),
    Needs.UDP: _has_ports(layout.IPPROTO_UDP),
    Needs.SCTP: _has_ports(layout.IPPROTO_SCTP),
    Needs.ICMPV4: _is_icmp(layout.ETH_TYPE_IP, layout.IPPROTO_ICMP),
    Needs.ICMPV6: _is_icmpv6,
    Needs.ND: _is_nd(layout.ND_SOLICIT, layout.ND_ADVERT),
    Needs.ND_SOLICIT: _is_nd(layout.ND_SOLICIT),
    Needs.ND_ADVERT: _is_nd(layout.ND_ADVERT),
    Needs.CONNTRACK: _has_connection,
}


def meets(key: int, needs: Needs) -> bool:
    """Whether a packet (or a match) of that key has what `needs` asks for."""
    return _MEETS[needs](key)


# --- set -----------------------------------------------------------------------------------------


def _assign_tci(key: int, tci: int) -> int:
    if tci and not VLAN_TPID.get(key):  # flow_fix_vlan_tpid()
        key = VLAN_TPID.put(key, layout.ETH_TYPE_VLAN)
    return VLAN_TCI.put(key, tci)


def _assign_vid(key: int, vid: int) -> int:
    if vid == 0xFFFF:  # OFP10_VLAN_NONE
        return _assign_tci(key, 0)
    tci = VLAN_TCI.get(key) & ~layout.VLAN_VID_MASK | vid & layout.VLAN_VID_MASK | VLAN_CFI
    return _assign_tci(key, tci)


def _assign_vid_and_cfi(key: int, vid: int) -> int:
    return _assign_tci(key, VLAN_TCI.get(key) & layout.VLAN_PCP_MASK | vid & 0x1FFF)


def _assign_pcp(key: int, pcp: int) -> int:
    pcp = (pcp & 7) << layout.VLAN_PCP_SHIFT
    return _assign_tci(key, VLAN_TCI.get(key) & ~layout.VLAN_PCP_MASK | pcp | VLAN_CFI)


def _assign_in_port_oxm(key: int, value: int) -> int:
    """As ofputil_port_from_ofp11(): the top of the 32 bits is the top of the 16."""
    if value < 0xFF00:
        return layout.IN_PORT.put(key, value)
    if value >= 0xFFFFFF00:
        return layout.IN_PORT.put(key, value & 0xFFFF)
    return layout.IN_PORT.put(key, 0xFFFF)  # OFPP_NONE


_ASSIGN: Final[Mapping[str, Callable[[int, int], int]]] = {
    "vlan_tci": _assign_tci,
    "dl_vlan": _assign_vid,
    "vlan_vid": _assign_vid_and_cfi,
    "dl_vlan_pcp": _assign_pcp,
    "vlan_pcp": _assign_pcp,
    "in_port_oxm": _assign_in_port_oxm,
}


def read(field: Field, key: int) -> int:
    """Return the field's value; as mf_get_value()."""
    value = field.slot.get(key)
    if field.name in ("in_port_oxm", "actset_output") and value >= 0xFF00:
        return value + 0xFFFF0000
    return value


def assign(field: Field, key: int, value: int) -> int:
    """Return the key with the field set; as mf_set_flow_value()."""
    special = _ASSIGN.get(field.name)
    return field.put(key, value) if special is None else special(key, value)


def assign_masked(field: Field, key: int, value: int, mask: int) -> int:
    """Return the key with those bits of the field set."""
    if mask != field.ones:
        value = read(field, key) & ~mask | value & mask
    return assign(field, key, value)


# --- bit ranges ----------------------------------------------------------------------------------


@final
@dataclass(frozen=True, slots=True)
class Subfield:
    """`bits` bits of a field from bit `start` on: `NXM_OF_VLAN_TCI[0..11]`."""

    field: Field
    start: int
    bits: int

    @property
    def is_whole(self) -> bool:
        """Whether it is the whole field."""
        return self.start == 0 and self.bits == self.field.bits

    @property
    def ones(self) -> int:
        """A value with every bit set."""
        return (1 << self.bits) - 1

    @property
    def mask(self) -> int:
        """The bits of the field's value that it covers."""
        return self.ones << self.start

    def get(self, key: int) -> int:
        """Return the bits as a number."""
        return read(self.field, key) >> self.start & self.ones

    def put(self, key: int, value: int) -> int:
        """Return the key with these bits set."""
        value = (value & self.ones) << self.start
        return assign(self.field, key, read(self.field, key) & ~self.mask | value)

    def __str__(self) -> str:
        """Return what ovs-ofctl prints."""
        name = self.field.nxm
        if self.is_whole:
            return f"{name}[]"
        if self.bits == 1:
            return f"{name}[{self.start}]"
        return f"{name}[{self.start}..{self.start + self.bits - 1}]"


_RANGE: Final = re.compile(r"\[\]|\[(\d+)\.\.(\d+)\]|\[(\d+)\]")
_NAME: Final = re.compile(r"[^\[-]*")


def parse_subfield(text: str) -> Subfield:
    """Read a whole `text` as a subfield; `ValueError` has the words of ovs-ofctl."""
    subfield, rest = take_subfield(text)
    if rest:
        raise ValueError(f"{text}: unexpected input following field syntax")
    return subfield


def take_subfield(text: str) -> tuple[Subfield, str]:
    """Read a subfield from the beginning of `text`, and return what follows it too."""
    name = _NAME.match(text)[0]  # type: ignore[index]  # it matches nothing at least
    field = BY_HEADER.get(name.removesuffix("_W")) or BY_NAME.get(name)
    if field is None:
        if is_foreign(name):
            raise ValueError(f"{name}: emu has no such header")
        raise ValueError(f"{text}: unknown field `{name}'")
    rest = text[len(name) :]
    start, end = 0, field.bits - 1
    if rest.startswith("["):
        found = _RANGE.match(rest)
        if found is None:
            words = "syntax error expecting [] or [<bit>] or [<start>..<end>]"
            raise ValueError(f"{text}: {words}")
        if found[1] or found[3]:
            start, end = int(found[1] or found[3]), int(found[2] or found[3])
        rest = rest[found.end() :]
    if start > end:
        raise ValueError(f"{text}: starting bit {start} is after ending bit {end}")
    for which, bit in (("starting", start), ("ending", end)):
        if bit >= field.bits:
            words = f"{which} bit {bit} is not valid because field is only {field.bits} bits wide"
            raise ValueError(f"{text}: {words}")
    return Subfield(field, start, end - start + 1), rest
