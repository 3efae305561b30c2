"""Ethernet (IEEE 802.3, 3.1.1): the first 14 octets of a frame."""

import struct
from typing import Final, NamedTuple

from emu.packet.addresses import MacAddress
from emu.packet.malformed import Malformed

# What a frame carries: include/uapi/linux/if_ether.h. Plain numbers, because a member of an Enum
# takes five times as long to look up, and every device asks.
ETH_P_IP: Final = 0x0800
ETH_P_ARP: Final = 0x0806
ETH_P_8021Q: Final = 0x8100
ETH_P_IPV6: Final = 0x86DD
ETH_P_8021AD: Final = 0x88A8
ETH_P_802_3_MIN: Final = 0x0600  # anything below is a length (IEEE 802.3, 3.2.6)

ETHERNET: Final = struct.Struct("!6s6sH")  # destination, source, type or length
ETH_HLEN: Final = ETHERNET.size


class EthernetHeader(NamedTuple):  # a frozen dataclass costs twice as much, for each new frame
    """The first 14 octets of a frame."""

    dst: MacAddress
    src: MacAddress
    ethertype: int


def parse_ethernet(wire: bytes) -> EthernetHeader:
    """Read the header of a frame; `Malformed` if it is too short for one."""
    try:
        return EthernetHeader._make(ETHERNET.unpack_from(wire))
    except struct.error:  # asking first costs more: nearly every frame is long enough
        raise Malformed(f"{len(wire)} octets hold no Ethernet header") from None


def build_ethernet(dst: MacAddress, src: MacAddress, ethertype: int, payload: bytes) -> bytes:
    """Return the octets of a frame, not padded, as virtual Ethernet devices send it."""
    return ETHERNET.pack(dst, src, ethertype) + payload


def set_macs(wire: bytes, dst: MacAddress, src: MacAddress) -> bytes:
    """Return the frame with other addresses: what a router does to one that it forwards."""
    return dst + src + wire[12:]
