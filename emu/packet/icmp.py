"""ICMP (RFC 792): echo, and the errors with what Linux quotes in them."""

from struct import Struct
from typing import Final, NamedTuple

from emu.packet.checksum import checksum
from emu.packet.ipv4 import IPV4_HLEN
from emu.packet.malformed import Malformed

# Types and codes: include/uapi/linux/icmp.h
ICMP_ECHOREPLY: Final = 0
ICMP_DEST_UNREACH: Final = 3
ICMP_SOURCE_QUENCH: Final = 4
ICMP_REDIRECT: Final = 5
ICMP_ECHO: Final = 8
ICMP_TIME_EXCEEDED: Final = 11
ICMP_PARAMETERPROB: Final = 12

ICMP_NET_UNREACH: Final = 0
ICMP_HOST_UNREACH: Final = 1
ICMP_PROT_UNREACH: Final = 2
ICMP_PORT_UNREACH: Final = 3
ICMP_FRAG_NEEDED: Final = 4
ICMP_PKT_FILTERED: Final = 13
ICMP_REDIR_HOST: Final = 1
ICMP_EXC_TTL: Final = 0
ICMP_EXC_FRAGTIME: Final = 1

ERRORS: Final = (  # net/ipv4/icmp.c, icmp_pointers[]
    ICMP_DEST_UNREACH,
    ICMP_SOURCE_QUENCH,
    ICMP_REDIRECT,
    ICMP_TIME_EXCEEDED,
    ICMP_PARAMETERPROB,
)
QUERIES: Final = (0, 8, 13, 14, 15, 16, 17, 18)  # have an id and a seq: RFC 792, RFC 950
PROBES: Final = (42, 43)  # have an id: RFC 8335
QUOTING_LIMIT: Final = 576  # octets of the whole packet: icmp_send(), RFC 1812, 4.3.2.3

ICMP: Final = Struct("!BBHI")  # type, code, checksum, and what the type makes of the rest
ICMP_HLEN: Final = ICMP.size


class IcmpHeader(NamedTuple):
    """The first 8 octets of a message; which name the rest has, its type decides."""

    type: int
    code: int
    checksum: int
    rest: int  # 32 bits

    @property
    def identifier(self) -> int:
        """The echo's id."""
        return self.rest >> 16

    @property
    def sequence(self) -> int:
        """The echo's seq."""
        return self.rest & 0xFFFF

    @property
    def mtu(self) -> int:
        """The next hop's MTU in octets, where fragmentation is needed (RFC 1191, 4)."""
        return self.rest & 0xFFFF

    @property
    def gateway(self) -> bytes:
        """The IPv4 address that a redirect points to."""
        return self.rest.to_bytes(4, "big")

    @property
    def is_error(self) -> bool:
        """Whether the message quotes a packet, and is never answered with an error."""
        return self.type in ERRORS


def parse_icmp(message: bytes) -> IcmpHeader:
    """Read the header of `message`, the payload of a packet; `Malformed` if Linux would drop it."""
    # net/ipv4/icmp.c, icmp_rcv(): the checksum first
    if checksum(message):
        raise Malformed("the message's checksum is wrong", "ICMP_CSUM")
    if len(message) < ICMP_HLEN:
        raise Malformed(f"{len(message)} octets hold no ICMP header", "NOT_SPECIFIED")
    return IcmpHeader._make(ICMP.unpack_from(message))


def build_icmp(type: int, code: int, rest: int, body: bytes = b"") -> bytes:
    """Return a message with its checksum."""
    check = checksum(ICMP.pack(type, code, 0, rest) + body)
    return ICMP.pack(type, code, check, rest) + body


def build_echo(type: int, identifier: int, sequence: int, data: bytes) -> bytes:
    """Return an echo request (type 8) or reply (type 0)."""
    return build_icmp(type, 0, identifier << 16 | sequence, data)


def echo_reply(request: bytes) -> bytes:
    """Return the answer to an echo request: all of it, but for the type."""
    _, code, _, rest = ICMP.unpack_from(request)
    return build_icmp(ICMP_ECHOREPLY, code, rest, request[ICMP_HLEN:])


def quote(packet: bytes, *, mtu: int = 1500) -> bytes:
    """Return how much of an IP packet Linux puts into an error about it.

    Args:
        packet: the IP packet as the stack holds it at that moment; no Ethernet header or padding.
        mtu: of the route that the error takes, in octets.
    """
    # net/ipv4/icmp.c, icmp_send(): `room`
    return packet[: min(mtu, QUOTING_LIMIT) - IPV4_HLEN - ICMP_HLEN]
