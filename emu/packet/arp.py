"""ARP for IPv4 over Ethernet (RFC 826)."""

from struct import Struct
from typing import Final, NamedTuple

from emu.packet.addresses import BROADCAST, NO_MAC, MacAddress
from emu.packet.ethernet import ETH_HLEN, ETH_P_ARP, ETH_P_IP, build_ethernet
from emu.packet.malformed import Malformed

ARPHRD_ETHER: Final = 1  # include/uapi/linux/if_arp.h
ARPHRD_IEEE802: Final = 6
ARPOP_REQUEST: Final = 1
ARPOP_REPLY: Final = 2

ARP: Final = Struct("!HHBBH6s4s6s4s")  # htype, ptype, hlen, plen, then the fields of ArpHeader


class ArpHeader(NamedTuple):
    """Who says, asks or answers: RFC 826 calls the ends sender and target."""

    op: int
    sha: MacAddress  # sender's hardware address
    spa: bytes  # sender's IPv4 address
    tha: MacAddress
    tpa: bytes

    @property
    def is_gratuitous(self) -> bool:
        """Whether a station speaks of itself; as arp_is_garp(), which wants more of a reply."""
        return self.spa == self.tpa and (self.op != ARPOP_REPLY or self.sha == self.tha)


def parse_arp(wire: bytes, at: int = ETH_HLEN) -> ArpHeader:
    """Read the ARP packet at that offset; `Malformed` if it is no ARP for IPv4 over Ethernet."""
    # net/ipv4/arp.c: arp_rcv() for the sizes, arp_process() for the types
    if len(wire) < at + ARP.size:
        raise Malformed(f"{max(len(wire) - at, 0)} octets, not {ARP.size}", "PKT_TOO_SMALL")
    htype, ptype, hlen, plen, *fields = ARP.unpack_from(wire, at)
    if hlen != 6:
        raise Malformed(f"hardware addresses of {hlen} octets, not 6", "NOT_SPECIFIED")
    if plen != 4:
        raise Malformed(f"protocol addresses of {plen} octets, not 4", "NOT_SPECIFIED")
    if htype not in (ARPHRD_ETHER, ARPHRD_IEEE802):
        raise Malformed(f"hardware type {htype}, not 1 (Ethernet) or 6", "NOT_SPECIFIED")
    if ptype != ETH_P_IP:
        raise Malformed(f"protocol type 0x{ptype:04x}, not 0x0800 (IPv4)", "NOT_SPECIFIED")
    return ArpHeader._make(fields)


def build_arp(
    op: int,
    *,
    sha: MacAddress,
    spa: bytes,
    tpa: bytes,
    tha: MacAddress = NO_MAC,
    dst: MacAddress = BROADCAST,
    src: MacAddress | None = None,
) -> bytes:
    """Return a whole frame from `src`, which is `sha` unless given, as arp_create() makes it."""
    packet = ARP.pack(ARPHRD_ETHER, ETH_P_IP, 6, 4, op, sha, spa, tha, tpa)
    return build_ethernet(dst, sha if src is None else src, ETH_P_ARP, packet)
