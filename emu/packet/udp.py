"""UDP (RFC 768): the header, as far as looking at it goes."""

from struct import Struct
from typing import Final, NamedTuple

from emu.packet.malformed import Malformed

# Ports that say what follows: IANA's, and the one that Linux took before there was one
VXLAN_PORTS: Final = (4789, 8472)
GENEVE_PORT: Final = 6081

UDP: Final = Struct("!HHHH")
UDP_HLEN: Final = UDP.size


class UdpHeader(NamedTuple):
    """The 8 octets of the header."""

    srcport: int
    dstport: int
    length: int  # octets of header and data
    checksum: int  # 0: none


def parse_udp(datagram: bytes) -> UdpHeader:
    """Read the header; `Malformed` if it is cut short. The checksum is not looked at."""
    if len(datagram) < UDP_HLEN:
        raise Malformed(f"{len(datagram)} octets hold no UDP header", "NOT_SPECIFIED")
    return UdpHeader._make(UDP.unpack_from(datagram))
