"""IPv4 (RFC 791): the header as a value, and the edits that routers and NAT make."""

from struct import Struct
from typing import Final, NamedTuple

from emu.packet.checksum import checksum, update
from emu.packet.ethernet import ETH_HLEN
from emu.packet.malformed import Malformed

# What a packet carries: include/uapi/linux/in.h
IPPROTO_ICMP: Final = 1
IPPROTO_IPIP: Final = 4
IPPROTO_TCP: Final = 6
IPPROTO_UDP: Final = 17
IPPROTO_GRE: Final = 47

IPDEFTTL: Final = 64  # include/uapi/linux/ip.h

# The word of flags and offset: include/net/ip.h
IP_CE: Final = 0x8000  # reserved; the "evil bit"
IP_DF: Final = 0x4000
IP_MF: Final = 0x2000
IP_OFFSET: Final = 0x1FFF  # in units of 8 octets

# version and IHL, TOS, total length, id, flags and offset, TTL, protocol, checksum, src, dst
IPV4: Final = Struct("!BBHHHBBH4s4s")
IPV4_HLEN: Final = IPV4.size  # without options


class Ipv4Header(NamedTuple):
    """Every field of the header; the version is 4."""

    tos: int
    total_length: int  # octets of header and payload
    id: int
    flags_and_offset: int
    ttl: int
    protocol: int
    checksum: int
    src: bytes  # 4 octets
    dst: bytes
    options: bytes  # padded to a multiple of 4 octets

    @property
    def size(self) -> int:
        """How many octets the header has."""
        return IPV4_HLEN + len(self.options)

    @property
    def df(self) -> bool:
        """Whether it may not be fragmented."""
        return self.flags_and_offset & IP_DF != 0

    @property
    def mf(self) -> bool:
        """Whether more fragments follow."""
        return self.flags_and_offset & IP_MF != 0

    @property
    def offset(self) -> int:
        """Where in the payload of the whole packet this fragment begins, in octets."""
        return (self.flags_and_offset & IP_OFFSET) * 8

    @property
    def is_fragment(self) -> bool:
        """Whether this is a part of a packet; as ip_is_fragment()."""
        return self.flags_and_offset & (IP_MF | IP_OFFSET) != 0


def parse_ipv4(wire: bytes, at: int = ETH_HLEN) -> Ipv4Header:
    """Read the header of the packet from that offset on; `Malformed` if Linux would drop it.

    What follows `total_length`, such as the padding of a short frame, is no part of the packet.
    """
    # net/ipv4/ip_input.c, ip_rcv_core(): the order of the checks decides the reason
    header = read_ipv4(wire, at)
    size, length, there = header.size, header.total_length, len(wire) - at
    if checksum(wire[at : at + size]):
        raise Malformed("the header's checksum is wrong", "IP_CSUM")
    if length > there:
        raise Malformed(f"{there} octets of a packet of {length}", "PKT_TOO_SMALL")
    if length < size:
        raise Malformed(f"a packet of {length} octets, less than its header", "IP_INHDR")
    return header


def read_ipv4(wire: bytes, at: int = ETH_HLEN) -> Ipv4Header:
    """Read a header as it stands, of a packet that may be cut short, such as one that is quoted.

    `Malformed` if there is none.
    """
    there = len(wire) - at
    if there < IPV4_HLEN:
        raise Malformed(f"{max(there, 0)} octets hold no IPv4 header", "IP_INHDR")
    version_ihl, *fields = IPV4.unpack_from(wire, at)
    size = (version_ihl & 15) * 4
    if version_ihl >> 4 != 4:
        raise Malformed(f"IP version {version_ihl >> 4}, not 4", "IP_INHDR")
    if not IPV4_HLEN <= size <= there:
        raise Malformed(f"a header of {size} octets in {there}, not 20 or more", "IP_INHDR")
    return Ipv4Header._make((*fields, wire[at + IPV4_HLEN : at + size]))


def payload(wire: bytes, header: Ipv4Header, at: int = ETH_HLEN) -> bytes:
    """Return what the packet at that offset carries, without the padding of the frame."""
    return wire[at + header.size : at + header.total_length]


def build_ipv4(
    protocol: int,
    carried: bytes,
    *,
    src: bytes,
    dst: bytes,
    tos: int = 0,
    id: int = 0,
    flags_and_offset: int = 0,
    ttl: int = IPDEFTTL,
    options: bytes = b"",
) -> bytes:
    """Return a packet without the Ethernet header; `options` fill words of 4 octets."""
    size = IPV4_HLEN + len(options)
    fields = (0x40 | size // 4, tos, size + len(carried), id, flags_and_offset, ttl, protocol)
    check = checksum(IPV4.pack(*fields, 0, src, dst) + options)
    return IPV4.pack(*fields, check, src, dst) + options + carried


def decrement_ttl(wire: bytes, at: int = ETH_HLEN) -> bytes:
    """Return the frame with one less in TTL, which is not 0: ip_decrease_ttl()."""
    return _set(wire, at, 8, bytes((wire[at + 8] - 1, wire[at + 9])))


def set_src(wire: bytes, address: bytes, at: int = ETH_HLEN) -> bytes:
    """Return the frame with another source; checksums beyond the header's are the caller's."""
    return _set(wire, at, 12, address)


def set_dst(wire: bytes, address: bytes, at: int = ETH_HLEN) -> bytes:
    """Return the frame with another destination; checksums beyond the header's are the caller's."""
    return _set(wire, at, 16, address)


def _set(wire: bytes, at: int, field: int, new: bytes) -> bytes:
    """Put `new` at the offset `field` of the header, and keep the checksum as right as it was."""
    first, last = at + field, at + field + len(new)
    check = update(int.from_bytes(wire[at + 10 : at + 12], "big"), wire[first:last], new)
    edited = bytearray(wire)
    edited[first:last] = new
    edited[at + 10 : at + 12] = check.to_bytes(2, "big")
    return bytes(edited)
