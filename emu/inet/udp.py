"""What makes a UDP datagram one that a host takes in."""

from struct import Struct
from typing import Final

from emu.packet.checksum import checksum
from emu.packet.ipv4 import IPPROTO_UDP, Ipv4Header
from emu.packet.malformed import Malformed
from emu.packet.udp import UDP_HLEN, UdpHeader, parse_udp

PSEUDO: Final = Struct("!4s4sHH")  # source, destination, protocol, length: RFC 768


def check_udp(ip: Ipv4Header, datagram: bytes) -> UdpHeader:
    """Return the header of what an IPv4 packet carries; `Malformed` if Linux would drop it."""
    # net/ipv4/udp.c, __udp4_lib_rcv(): the order of the checks decides the reason
    udp = parse_udp(datagram)
    if not UDP_HLEN <= udp.length <= len(datagram):
        raise Malformed(f"a datagram of {udp.length} octets in {len(datagram)}", "PKT_TOO_SMALL")
    if udp.checksum:
        pseudo = PSEUDO.pack(ip.src, ip.dst, IPPROTO_UDP, udp.length)
        if checksum(pseudo + datagram[: udp.length]):
            raise Malformed("the datagram's checksum is wrong", "UDP_CSUM")
    return udp
