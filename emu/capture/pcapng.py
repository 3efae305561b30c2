"""The blocks of a pcapng file, as bytes.

Models:          draft-ietf-opsawg-pcapng: section header, interface description, name resolution,
                 enhanced packet, interface statistics; little endian, nanoseconds, Ethernet.
Does not model:  snap lengths, several sections, hashes, secrets: emu has no use for them.
Read first:      sections 3.5 (options) and 4.3 (enhanced packet block) of the draft.

A file is section header, then an interface description before the first packet of each interface;
other blocks may stand anywhere after that. Each block stands alone, so that whole blocks make a
readable file wherever it ends.
"""

from collections.abc import Iterable, Mapping
from enum import IntEnum, unique
from ipaddress import IPv4Address
from struct import Struct
from typing import Final

from emu.core.time import Nanoseconds

SECTION_HEADER: Final = 0x0A0D0D0A
INTERFACE_DESCRIPTION: Final = 1
NAME_RESOLUTION: Final = 4
INTERFACE_STATISTICS: Final = 5
ENHANCED_PACKET: Final = 6

OPT_COMMENT: Final = 1
SHB_USERAPPL: Final = 4
IF_NAME: Final = 2
IF_DESCRIPTION: Final = 3
IF_TSRESOL: Final = 9
NRB_RECORD_IPV4: Final = 1
EPB_FLAGS: Final = 2
EPB_PACKETID: Final = 5
EPB_VERDICT: Final = 7
ISB_IFRECV: Final = 4

BYTE_ORDER: Final = 0x1A2B3C4D
ETHERNET: Final = 1  # LINKTYPE_ETHERNET
NANOSECONDS: Final = b"\x09"  # if_tsresol: 10 to the power of -9
WRITER: Final = "emu"  # without a version, so that a release does not change every capture

# A drop, for the readers that know verdicts: type 1 (Linux_eBPF_TC) with the kernel's TC_ACT_SHOT,
# include/uapi/linux/pkt_cls.h. It has no field for the reason, which the comment gives.
DROPPED: Final = b"\x01" + (2).to_bytes(8, "little")

MAX_OPTION: Final = 0xFFFF  # octets: the length of an option has 16 bits
END: Final = bytes(4)  # opt_endofopt, and also nrb_record_end
PAD: Final = (b"", bytes(3), bytes(2), bytes(1))  # by size modulo 4

_BLOCK = Struct("<II")
_LENGTH = Struct("<I").pack
_OPTION = Struct("<HH").pack
_SECTION = Struct("<IHHq").pack
_INTERFACE = Struct("<HHI").pack
_STATISTICS = Struct("<III").pack
_FLAGS = Struct("<HHI").pack
_PACKET = Struct("<III").pack  # type, length, interface
_FRAME = Struct("<IIII").pack  # time (high, low), captured octets, original octets
_LAST = Struct("<HHQII").pack  # the packet's id, the end of the options, the length of the block
_BEGIN, _END = 12, 20  # octets of the first and the last of these


@unique
class Direction(IntEnum):
    """Bits 0 and 1 of epb_flags, seen from the interface."""

    INBOUND = 1
    OUTBOUND = 2


def build_section() -> bytes:
    """Return the block that every file begins with."""
    options = build_text(SHB_USERAPPL, WRITER) + END
    return _block(SECTION_HEADER, _SECTION(BYTE_ORDER, 1, 0, -1) + options)


def build_interface(name: str, description: str) -> bytes:
    """Return the block of the next interface; they count from 0."""
    options = build_text(IF_NAME, name) + build_text(IF_DESCRIPTION, description)
    options += build_option(IF_TSRESOL, NANOSECONDS)
    return _block(INTERFACE_DESCRIPTION, _INTERFACE(ETHERNET, 0, 0) + options + END)


def build_names(names: Mapping[IPv4Address, str]) -> bytes:
    """Return the block that tells readers the names of addresses."""
    records = [
        build_option(NRB_RECORD_IPV4, address.packed + name.encode() + b"\0")
        for address, name in names.items()
    ]
    return _block(NAME_RESOLUTION, b"".join(records) + END)


def build_statistics(interface: int, unix: Nanoseconds, frames: int) -> bytes:
    """Return the block that says how many frames `interface` saw until the Unix time `unix`."""
    options = build_option(ISB_IFRECV, frames.to_bytes(8, "little")) + END
    time = _STATISTICS(interface, unix >> 32, unix & 0xFFFFFFFF)
    return _block(INTERFACE_STATISTICS, time + options)


def build_packet(interface: int, rest: bytes) -> bytes:
    """Return the beginning of a packet's block, which is followed by `rest`."""
    return _PACKET(ENHANCED_PACKET, _BEGIN + len(rest), interface)


def build_rest(unix: Nanoseconds, wire: bytes, annotations: bytes, number: int) -> bytes:
    """Return what is the same of a packet's block, whichever interface the frame is shown on.

    `number` is the packet's id, its last option.
    """
    size = len(wire)
    head = _FRAME(unix >> 32, unix & 0xFFFFFFFF, size, size)
    body = head + wire + PAD[size & 3] + annotations
    return body + _LAST(EPB_PACKETID, 8, number, 0, _BEGIN + len(body) + _END)


def build_annotations(
    comments: Iterable[str], direction: Direction, verdict: bytes | None = None
) -> bytes:
    """Return the first options of a packet; the last is its id."""
    options = b"".join([build_text(OPT_COMMENT, comment) for comment in comments])
    options += _FLAGS(EPB_FLAGS, 4, direction)
    return options if verdict is None else options + build_option(EPB_VERDICT, verdict)


def build_option(code: int, value: bytes) -> bytes:
    """Return one option, padded to 32 bits."""
    return _OPTION(code, len(value)) + value + PAD[len(value) & 3]


def build_text(code: int, text: str) -> bytes:
    """Return one option with as much of `text` as it holds, in UTF-8."""
    value = text.encode()
    if len(value) > MAX_OPTION:
        value = value[:MAX_OPTION].decode(errors="ignore").encode()
    return build_option(code, value)


def _block(kind: int, body: bytes) -> bytes:
    size = _BLOCK.size + len(body) + 4
    return _BLOCK.pack(kind, size) + body + _LENGTH(size)
