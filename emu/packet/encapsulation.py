"""What tunnels put in front of a frame: VXLAN, Geneve and GRE, as far as looking at it goes."""

from typing import Final, NamedTuple

from emu.packet.malformed import Malformed

ETH_P_TEB: Final = 0x6558  # a whole Ethernet frame: include/uapi/linux/if_ether.h
TUNNEL_HLEN: Final = 8  # of VXLAN (RFC 7348, 5), and of Geneve without options (RFC 8926, 3.4)
GRE_HLEN: Final = 4  # without what its flags add

# RFC 2784, RFC 2890
GRE_CSUM: Final = 0x8000
GRE_ROUTING: Final = 0x4000
GRE_KEY: Final = 0x2000
GRE_SEQ: Final = 0x1000
GRE_VERSION: Final = 7


class TunnelHeader(NamedTuple):
    """What the header of a tunnel says."""

    ethertype: int  # of what it carries
    key: int | None  # VNI, or GRE's key if it has one
    size: int  # octets of the header


def parse_vxlan(octets: bytes) -> TunnelHeader:
    """Read a VXLAN header; `Malformed` if it is cut short."""
    if len(octets) < TUNNEL_HLEN:
        raise Malformed(f"{len(octets)} octets hold no VXLAN header", "PKT_TOO_SMALL")
    return TunnelHeader(ETH_P_TEB, int.from_bytes(octets[4:7], "big"), TUNNEL_HLEN)


def parse_geneve(octets: bytes) -> TunnelHeader:
    """Read a Geneve header with its options; `Malformed` if it is cut short."""
    if len(octets) < TUNNEL_HLEN:
        raise Malformed(f"{len(octets)} octets hold no Geneve header", "PKT_TOO_SMALL")
    size = TUNNEL_HLEN + (octets[0] & 0x3F) * 4
    ethertype, vni = int.from_bytes(octets[2:4], "big"), int.from_bytes(octets[4:7], "big")
    return TunnelHeader(ethertype, vni, size)


def parse_gre(octets: bytes) -> TunnelHeader:
    """Read a GRE header of version 0; `Malformed` if it is another, or cut short."""
    flags = int.from_bytes(octets[:2], "big")
    if flags & (GRE_ROUTING | GRE_VERSION):
        raise Malformed("GRE with routing, or of another version than 0", "UNHANDLED_PROTO")
    at = GRE_HLEN + (4 if flags & GRE_CSUM else 0)
    size = at + (4 if flags & GRE_KEY else 0) + (4 if flags & GRE_SEQ else 0)
    if len(octets) < size:
        raise Malformed(f"{len(octets)} octets hold no GRE header", "PKT_TOO_SMALL")
    key = int.from_bytes(octets[at : at + 4], "big") if flags & GRE_KEY else None
    return TunnelHeader(int.from_bytes(octets[2:4], "big"), key, size)
