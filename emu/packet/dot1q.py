"""VLAN tags: IEEE 802.1Q-2018, 9.6, and 802.1ad's with a type of its own.

A tag stands between the addresses and the type of a frame: 2 octets that say that it is one, and
2 that hold PCP, DEI and VID. The innermost is followed by the type of what the frame carries.
"""

from struct import Struct
from typing import Final, NamedTuple

from emu.packet.ethernet import ETH_HLEN, ETH_P_8021AD, ETH_P_8021Q
from emu.packet.malformed import Malformed

VLAN_HLEN: Final = 4  # include/linux/if_vlan.h
TPIDS: Final = (ETH_P_8021Q, ETH_P_8021AD)

TAG: Final = Struct("!HHH")  # TPID, TCI, type of what follows
TCI: Final = Struct("!HH")  # TPID, TCI
AT: Final = 12  # the outermost tag takes the place of the type


class VlanTag(NamedTuple):
    """One tag, and the type of what follows it."""

    tpid: int  # 0x8100, or 0x88A8 for a service provider's
    pcp: int  # priority, 0 to 7
    dei: bool  # may be dropped first
    vid: int  # 0 to 4095; 0 is no VLAN: the tag tells a priority only
    ethertype: int


def parse_vlan(wire: bytes, at: int = AT) -> VlanTag | None:
    """Read the tag at that offset; None if there is none, `Malformed` if it is cut short."""
    if int.from_bytes(wire[at : at + 2], "big") not in TPIDS:
        return None
    if len(wire) < at + TAG.size:
        raise Malformed(f"{len(wire)} octets hold no more than a part of a VLAN tag")
    tpid, tci, ethertype = TAG.unpack_from(wire, at)
    return VlanTag(tpid, tci >> 13, tci & 0x1000 != 0, tci & 0xFFF, ethertype)


def push_vlan(
    wire: bytes, vid: int, *, pcp: int = 0, dei: bool = False, tpid: int = ETH_P_8021Q
) -> bytes:
    """Return the frame with one more tag, outside of those that it has."""
    return wire[:AT] + TCI.pack(tpid, pcp << 13 | dei << 12 | vid) + wire[AT:]


def pop_vlan(wire: bytes) -> bytes:
    """Return a tagged frame without its outermost tag."""
    return wire[:AT] + wire[AT + VLAN_HLEN :]


def set_vid(wire: bytes, vid: int) -> bytes:
    """Return a tagged frame with another VID in its outermost tag; PCP and DEI stay."""
    tci = wire[ETH_HLEN] << 8 & 0xF000 | vid
    return wire[:ETH_HLEN] + tci.to_bytes(2, "big") + wire[AT + VLAN_HLEN :]
