"""What a flow matches: some bits of the key, and what they must be."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, final

from emu.openflow import layout
from emu.openflow.fields import Field
from emu.openflow.layout import Slot
from emu.openflow.subfield import Subfield


@final
@dataclass(frozen=True, slots=True)
class Match:
    """A packet matches if `key & mask == value`."""

    value: int = 0
    mask: int = 0

    def get(self, slot: Slot) -> int:
        """Return what the match asks for in `slot`, 0 where it asks nothing."""
        return slot.get(self.value)

    def asks(self, slot: Slot) -> int:
        """Return the bits of `slot` that the match looks at."""
        return slot.get(self.mask)

    def narrow(self, slot: Slot, value: int, mask: int | None = None) -> "Match":
        """Return a match that asks for that in `slot` instead of what it asked there."""
        mask = slot.ones if mask is None else mask & slot.ones
        return Match(slot.put(self.value, value & mask), slot.put(self.mask, mask))

    def is_met_by(self, key: int) -> bool:
        """Whether a packet of that key matches."""
        return key & self.mask == self.value

    def covers(self, other: "Match") -> bool:
        """Whether all that matches `other` matches this: it is as loose or looser."""
        return self.mask & ~other.mask == 0 and other.value & self.mask == self.value

    def overlaps(self, other: "Match") -> bool:
        """Whether some packet could match both."""
        return (self.value ^ other.value) & self.mask & other.mask == 0


EVERYTHING: Final = Match()


# --- fields that ask for more than their own bits: match_set_*(), lib/match.c --------------------


def _ask_tci(match: Match, value: int, mask: int, bits: int) -> Match:
    """Ask for `value` under `mask`, and leave the bits of the TCI outside of `bits` as asked."""
    tci = match.get(layout.VLAN_TCI) & ~bits | value & mask
    return match.narrow(layout.VLAN_TCI, tci, match.asks(layout.VLAN_TCI) & ~bits | mask)


def _ask_dl_vlan(match: Match, value: int, _mask: int) -> Match:
    if value == 0xFFFF:  # OFP10_VLAN_NONE: untagged
        return match.narrow(layout.VLAN_TCI, 0)
    return _ask_tci(match, value & 0xFFF | layout.VLAN_CFI, 0x1FFF, 0x1FFF)


def _ask_vlan_vid(match: Match, value: int, mask: int) -> Match:
    return _ask_tci(match, value, mask & 0x1FFF, 0x1FFF)


def _ask_vlan_pcp(match: Match, value: int, _mask: int) -> Match:
    pcp = (value & 7) << layout.VLAN_PCP_SHIFT
    return _ask_tci(match, pcp | layout.VLAN_CFI, 0xF000, 0xF000)


def _ask_byte(slot: Slot) -> Callable[[Match, int, int], Match]:
    """A value of one octet in a slot of two, all of which is asked for."""
    return lambda match, value, _mask: match.narrow(slot, value & 0xFF)


def _ask_port(slot: Slot) -> Callable[[Match, int, int], Match]:
    return lambda match, value, _mask: match.narrow(slot, value & 0xFFFF)


_ASK: Final[Mapping[str, Callable[[Match, int, int], Match]]] = {
    "dl_vlan": _ask_dl_vlan,
    "vlan_vid": _ask_vlan_vid,
    "dl_vlan_pcp": _ask_vlan_pcp,
    "vlan_pcp": _ask_vlan_pcp,
    "icmp_type": _ask_byte(layout.TP_SRC),
    "icmp_code": _ask_byte(layout.TP_DST),
    "icmpv6_type": _ask_byte(layout.TP_SRC),
    "icmpv6_code": _ask_byte(layout.TP_DST),
    "in_port_oxm": _ask_port(layout.IN_PORT),
    "actset_output": _ask_port(layout.ACTSET_OUTPUT),
}


def ask(match: Match, field: Field, value: int, mask: int) -> Match:
    """Return `match` with that asked of `field`; nothing, if the mask is 0. As mf_set()."""
    if mask == 0:
        return match.narrow(field.slot, 0, 0)
    special = _ASK.get(field.name)
    return special(match, value, mask) if special else match.narrow(field.slot, value, mask)


def ask_subfield(match: Match, subfield: Subfield, value: int) -> Match:
    """Return `match` with that asked of some bits of a field; as mf_write_subfield().

    Of a field that cannot be masked and has less bits than its octets have, OVS then asks nothing.
    """
    field = subfield.field
    mask = field.slot.get(match.mask) | subfield.mask
    if not field.maskable and mask != field.ones:
        return match
    rest = field.slot.get(match.value) & ~subfield.mask
    return ask(match, field, rest | (value & subfield.ones) << subfield.start, mask)


# --- normalisation -------------------------------------------------------------------------------

_ADDRESSES: Final = (layout.NW_SRC, layout.NW_DST)
_PORTS: Final = (layout.TP_SRC, layout.TP_DST)
_IP: Final = (layout.NW_TOS, layout.NW_TTL)
_IPV6: Final = (layout.IPV6_SRC, layout.IPV6_DST, layout.IPV6_LABEL)
_DEPENDENT: Final = (
    *(*_ADDRESSES, *_PORTS, *_IP, *_IPV6, layout.NW_PROTO),
    *(layout.ARP_SHA, layout.ARP_THA, layout.ND_TARGET, layout.MPLS_LSE),
)
_WITH_PORTS: Final = (layout.IPPROTO_TCP, layout.IPPROTO_UDP, layout.IPPROTO_SCTP)


def normalise(match: Match) -> Match:
    """Drop what has no meaning without a prerequisite; as ofputil_normalize_match()."""
    allowed = _meaningful(match)
    lost = sum(slot.mask for slot in _DEPENDENT if slot not in allowed)
    return Match(match.value & ~lost, match.mask & ~lost) if match.mask & lost else match


def _meaningful(match: Match) -> tuple[Slot, ...]:
    dl_type, protocol = match.get(layout.DL_TYPE), match.get(layout.NW_PROTO)
    if dl_type == layout.ETH_TYPE_IP:
        ports = _PORTS if protocol in (*_WITH_PORTS, layout.IPPROTO_ICMP) else ()
        return (layout.NW_PROTO, *_IP, *_ADDRESSES, *ports)
    if dl_type == layout.ETH_TYPE_IPV6:
        return (layout.NW_PROTO, *_IP, *_IPV6, *_meaningful_of_ipv6(match, protocol))
    if dl_type in (layout.ETH_TYPE_ARP, layout.ETH_TYPE_RARP):
        return (layout.NW_PROTO, *_ADDRESSES, layout.ARP_SHA, layout.ARP_THA)
    if dl_type in (layout.ETH_TYPE_MPLS, layout.ETH_TYPE_MPLS_MCAST):
        return (layout.MPLS_LSE,)
    return ()


def _meaningful_of_ipv6(match: Match, protocol: int) -> tuple[Slot, ...]:
    if protocol in _WITH_PORTS:
        return _PORTS
    if protocol != layout.IPPROTO_ICMPV6:
        return ()
    kind = match.get(layout.TP_SRC)
    if kind == layout.ND_SOLICIT:
        return (*_PORTS, layout.ND_TARGET, layout.ARP_SHA)
    if kind == layout.ND_ADVERT:
        return (*_PORTS, layout.ND_TARGET, layout.ARP_THA)
    return _PORTS
