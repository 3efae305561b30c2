"""The actions that set one field of a packet that has it: `mod_nw_src` and its like.

OpenFlow 1.2 and later have `set_field` for most of them.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, final

from emu.openflow import layout
from emu.openflow.actions.base import Action, Actions, Checking, Fitness
from emu.openflow.fields import Needs
from emu.openflow.layout import Slot
from emu.openflow.ports import PortNames
from emu.openflow.values import (
    parse_ip,
    parse_mac,
    parse_u,
    parse_u_plain,
    render_ethernet,
    render_hex,
    render_ipv4,
)
from emu.openflow.words import Word


@final
@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """What one of these actions is, by identity."""

    keyword: str  # with the delimiter of its value
    parse: Callable[[str], int]
    slot: Slot
    has: Needs  # the packet must have this, else the action does nothing
    field: str  # the field that OpenFlow 1.2 sets instead; %s: the protocol
    render: Callable[[int], str] = str


def _octet(what: str, legal: int = 0xFF) -> Callable[[str], int]:
    def parse(text: str) -> int:
        value = parse_u(text, what, 8)
        if value & ~legal:
            raise ValueError(f"{text}: not a valid {what}")
        return value

    return parse


def _port(what: str) -> Callable[[str], int]:
    return lambda text: parse_u(text, what, 16)


def _mpls(name: str, legal: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text:
            raise ValueError(f"set_mpls_{name}: expected {name}.")
        value = parse_u_plain(text, 32) if name == "label" else parse_u(text, what, 8)
        if value & ~legal:
            raise ValueError(f"{text}: not a valid {what}")
        return value

    what = "MPLS label" if name == "label" else f"MPLS {name.upper()}"
    return parse


def _tunnel(text: str) -> int:
    return parse_u_plain(text, 64)


_DSCP: Final = Slot(layout.NW_TOS.at, 8, 0xFC)
_ECN: Final = Slot(layout.NW_TOS.at, 2)
_LSE: Final = layout.MPLS_LSE.at

ETH_SRC: Final = Kind(
    "mod_dl_src:", parse_mac, layout.DL_SRC, Needs.NOTHING, "eth_src", render_ethernet
)
ETH_DST: Final = Kind(
    "mod_dl_dst:", parse_mac, layout.DL_DST, Needs.NOTHING, "eth_dst", render_ethernet
)
IPV4_SRC: Final = Kind("mod_nw_src:", parse_ip, layout.NW_SRC, Needs.IPV4, "ip_src", render_ipv4)
IPV4_DST: Final = Kind("mod_nw_dst:", parse_ip, layout.NW_DST, Needs.IPV4, "ip_dst", render_ipv4)
IP_DSCP: Final = Kind("mod_nw_tos:", _octet("TOS", 0xFC), _DSCP, Needs.IP, "nw_tos")
IP_ECN: Final = Kind("mod_nw_ecn:", _octet("ECN", 3), _ECN, Needs.IP, "nw_ecn")
IP_TTL: Final = Kind("mod_nw_ttl:", _octet("TTL"), layout.NW_TTL, Needs.IP, "nw_ttl")
L4_SRC: Final = Kind("mod_tp_src:", _port("source port"), layout.TP_SRC, Needs.IP, "%s_src")
L4_DST: Final = Kind("mod_tp_dst:", _port("destination port"), layout.TP_DST, Needs.IP, "%s_dst")
MPLS_LABEL: Final = Kind(
    "set_mpls_label(", _mpls("label", 0xFFFFF), Slot(_LSE + 12, 20), Needs.MPLS, "mpls_label"
)
MPLS_TC: Final = Kind("set_mpls_tc(", _mpls("tc", 7), Slot(_LSE + 9, 3), Needs.MPLS, "mpls_tc")
MPLS_TTL: Final = Kind("set_mpls_ttl(", _mpls("ttl", 255), Slot(_LSE, 8), Needs.MPLS, "mpls_ttl")
TUNNEL: Final = Kind("set_tunnel:", _tunnel, layout.TUN_ID, Needs.NOTHING, "tun_id", render_hex)
TUNNEL64: Final = replace(TUNNEL, keyword="set_tunnel64:")
KINDS: Final = (
    *(ETH_SRC, ETH_DST, IPV4_SRC, IPV4_DST, IP_DSCP, IP_ECN, IP_TTL, L4_SRC, L4_DST),
    *(MPLS_LABEL, MPLS_TC, MPLS_TTL, TUNNEL, TUNNEL64),
)
PROTOCOLS: Final = {
    layout.IPPROTO_TCP: "tcp",
    layout.IPPROTO_UDP: "udp",
    layout.IPPROTO_SCTP: "sctp",
}


@final
@dataclass(frozen=True, slots=True)
class Mod(Action):
    """`mod_nw_src:ADDRESS` and its like."""

    kind: Kind
    value: int
    protocol: int = 0  # of the packet, as far as the match tells

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        keyword = self.kind.keyword
        if self.kind is TUNNEL and self.value >> 32:
            keyword = TUNNEL64.keyword
        return f"{keyword}{self.kind.render(self.value)}{')' if keyword[-1] == '(' else ''}"

    def check(self, state: Checking) -> Action:
        """Note whether the match guarantees what the action needs."""
        state.prefer(self.kind.has)
        if self.kind not in (L4_SRC, L4_DST):
            return self
        protocol = layout.NW_PROTO.get(state.key)
        if protocol not in PROTOCOLS or layout.NW_FRAG.get(state.key) & layout.FRAG_LATER:
            state.fitness.lax()
        return replace(self, protocol=protocol)


def parse_mod(kind: Kind) -> Callable[[Word, PortNames, Fitness], Actions]:
    """Return what reads an action of that kind."""

    def parse(value: Word, _ports: PortNames, _fitness: Fitness) -> Actions:
        return (Mod(kind, value.read(kind.parse)),)

    return parse
