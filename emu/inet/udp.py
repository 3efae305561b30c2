"""What makes a datagram of UDP, or of UDP-Lite (RFC 3828), one that a host takes in."""

from struct import Struct
from typing import Final

from emu.packet.checksum import checksum
from emu.packet.ipv4 import IPPROTO_UDP, Ipv4Header
from emu.packet.malformed import Malformed
from emu.packet.udp import UDP_HLEN, UdpHeader, parse_udp

IPPROTO_UDPLITE: Final = 136
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


def check_udplite(ip: Ipv4Header, datagram: bytes) -> UdpHeader:
    """Return the header of what an IPv4 packet carries; `Malformed` if Linux would drop it."""
    # __udp4_lib_rcv(), udplite_checksum_init(): the field for the length is the checksum's coverage
    udp = parse_udp(datagram)
    covered = udp.length or len(datagram)
    if covered > len(datagram):
        raise Malformed(f"{covered} octets covered of {len(datagram)}", "PKT_TOO_SMALL")
    pseudo = PSEUDO.pack(ip.src, ip.dst, IPPROTO_UDPLITE, len(datagram))
    if covered < UDP_HLEN or not udp.checksum or checksum(pseudo + datagram[:covered]):
        raise Malformed("the datagram's checksum is wrong", "UDP_CSUM")
    return udp
