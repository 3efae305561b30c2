"""TCP (RFC 9293): the header, as far as looking at it goes."""

from struct import Struct
from typing import Final, NamedTuple

from emu.packet.malformed import Malformed

TCP: Final = Struct("!HHIIHHHH")
TCP_HLEN: Final = TCP.size  # without options

FLAGS: Final = ("fin", "syn", "reset", "push", "ack", "urg", "ece", "cwr")  # lowest bit first


class TcpHeader(NamedTuple):
    """The header without its options."""

    srcport: int
    dstport: int
    seq: int
    ack: int
    offset_and_flags: int
    window: int  # not scaled
    checksum: int
    urgent: int

    @property
    def size(self) -> int:
        """How many octets the header claims to have, with its options."""
        return (self.offset_and_flags >> 12) * 4

    @property
    def flags(self) -> int:
        """The 12 bits that are not the size: four reserved ones, then those in `FLAGS`."""
        return self.offset_and_flags & 0xFFF


def parse_tcp(segment: bytes) -> TcpHeader:
    """Read the header; `Malformed` if it is cut short. The checksum is not looked at."""
    if len(segment) < TCP_HLEN:
        raise Malformed(f"{len(segment)} octets hold no TCP header", "NOT_SPECIFIED")
    return TcpHeader._make(TCP.unpack_from(segment))
