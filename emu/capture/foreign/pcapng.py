"""The format of Wireshark, draft-ietf-opsawg-pcapng: blocks, which say what they are.

Models:          sections of either byte order; interfaces with names, link types, resolutions and
                 offsets of time; enhanced, simple and obsolete packets, with comments.
Does not model:  names, statistics, secrets, custom blocks: they are passed over, as unknown ones.
Read first:      sections 4.1 to 4.4 and 4.7 of the draft.
"""

from collections.abc import Iterator
from struct import Struct
from struct import error as StructError  # noqa: N812 - it is a class
from typing import Final, Literal

from emu.capture.foreign.scan import MAX_FRAME, Damaged, ForeignFrame, ForeignInterface, Scan
from emu.capture.pcapng import (
    BYTE_ORDER,
    ENHANCED_PACKET,
    EPB_FLAGS,
    IF_NAME,
    IF_TSRESOL,
    INTERFACE_DESCRIPTION,
    OPT_COMMENT,
    SECTION_HEADER,
)

OBSOLETE_PACKET: Final = 2
SIMPLE_PACKET: Final = 3
IF_TSOFFSET: Final = 14

MAX_BLOCK: Final = 16 << 20  # octets: Wireshark's MAX_BLOCK_SIZE
SECOND: Final = 1_000_000_000
DIRECTIONS: Final = ("", "inbound", "outbound", "")  # the lowest two bits of epb_flags
ORDERS: Final[dict[bytes, Literal["<", ">"]]] = {
    BYTE_ORDER.to_bytes(4, "little"): "<",
    BYTE_ORDER.to_bytes(4, "big"): ">",
}


class _Interface(ForeignInterface):
    """An interface, and how its times are to be read."""

    def __init__(self, name: str, link_type: int, snaplen: int) -> None:
        super().__init__(name, link_type)
        self.snaplen = snaplen  # octets; 0: no limit
        self.units = 1_000_000  # in a second
        self.offset = 0  # seconds

    def unix(self, high: int, low: int) -> int:
        """Return nanoseconds."""
        return (high << 32 | low) * SECOND // self.units + self.offset * SECOND


class _Section:
    """What the blocks of a section are read by."""

    def __init__(self, order: Literal["<", ">"]) -> None:
        self.order = order
        self.word = Struct(order + "I")
        self.option = Struct(order + "HH")
        self.description = Struct(order + "HHI")  # link type, reserved, snap length
        self.enhanced = Struct(order + "IIIII")  # interface, time (high, low), captured, size
        self.obsolete = Struct(order + "HHIIII")  # the same, with a count of drops
        self.interfaces: list[_Interface] = []

    def options(self, body: bytes, start: int) -> Iterator[tuple[int, bytes]]:
        """Yield code and value of the options in `body` from `start` on."""
        while start + 4 <= len(body):
            code, size = self.option.unpack_from(body, start)
            start += 4
            if code == 0:
                return
            if start + size > len(body):
                raise Damaged("an option is longer than its block")
            yield code, body[start : start + size]
            start += size + (-size & 3)

    def remarks(self, body: bytes, start: int) -> tuple[tuple[str, ...], str]:
        """Return the comments and the direction that those options of a packet say."""
        comments: list[str] = []
        direction = ""
        for code, value in self.options(body, start):
            if code == OPT_COMMENT:
                comments.append(value.decode(errors="replace"))
            elif code == EPB_FLAGS and len(value) == 4:
                direction = DIRECTIONS[self.word.unpack(value)[0] & 3]
        return tuple(comments), direction

    def interface(self, number: int) -> _Interface:
        """Return the interface of that number."""
        if number >= len(self.interfaces):
            raise Damaged(f"a packet of interface {number}, which is not described")
        return self.interfaces[number]


def pcapng_frames(scan: Scan) -> Iterator[ForeignFrame]:
    """Yield the frames of a file that begins with a section header."""
    section = _Section("<")
    while scan.begin():
        head = scan.take(8, "the head of a block")
        if head[:4] == SECTION_HEADER.to_bytes(4, "little"):  # the same in either order
            section = _begin_section(scan, head)
            continue
        kind, size = section.word.unpack(head[:4])[0], section.word.unpack(head[4:])[0]
        body = _take_body(scan, section, size, b"")
        try:
            if frame := _decode(scan, section, kind, body):
                yield frame
        except StructError:
            raise Damaged(f"a block of type {kind} is too short") from None


def _begin_section(scan: Scan, head: bytes) -> _Section:
    mark = scan.take(4, "a section header")
    if (order := ORDERS.get(mark)) is None:
        raise Damaged("a section header without a byte order")
    section = _Section(order)
    body = _take_body(scan, section, section.word.unpack(head[4:])[0], mark)
    major = int.from_bytes(body[4:6], "little" if order == "<" else "big")
    if major != 1:
        raise Damaged(f"version {major} of pcapng is not known")
    return section


def _take_body(scan: Scan, section: _Section, size: int, taken: bytes) -> bytes:
    """Return the body of a block of `size` octets, of which `taken` are taken already."""
    least = 12 + len(taken)
    if not least <= size <= MAX_BLOCK:
        raise Damaged(f"a block of {size} octets; there can be {least} to {MAX_BLOCK}")
    rest = scan.take(size + (-size & 3) - 8 - len(taken), "a block")
    if rest[-4:] != section.word.pack(size):
        raise Damaged("a block with two lengths")
    return taken + rest[:-4]


def _decode(scan: Scan, section: _Section, kind: int, body: bytes) -> ForeignFrame | None:
    """Take note of a block; return its frame, if it has one that is wanted."""
    if kind == ENHANCED_PACKET:
        return _packet(scan, section, body, section.enhanced.unpack_from(body))
    if kind == OBSOLETE_PACKET:
        number, _, *rest = section.obsolete.unpack_from(body)
        return _packet(scan, section, body, (number, *rest))
    if kind == SIMPLE_PACKET:
        return _simple_packet(scan, section, body)
    if kind == INTERFACE_DESCRIPTION:
        interface = _describe(section, body)
        section.interfaces.append(interface)
        scan.interfaces.append(interface)
    return None


def _packet(
    scan: Scan, section: _Section, body: bytes, fields: tuple[int, ...]
) -> ForeignFrame | None:
    """Both layouts have 20 octets before the frame."""
    number, high, low, captured, size = fields
    interface = section.interface(number)
    if captured > MAX_FRAME:
        raise Damaged(f"a frame of {captured} octets; {MAX_FRAME} are the most there can be")
    if 20 + captured > len(body):
        raise Damaged("a frame is longer than its block")
    comments, direction = section.remarks(body, 20 + captured + (-captured & 3))
    wire, unix = body[20 : 20 + captured], interface.unix(high, low)
    return scan.frame(interface, unix, wire, size, comments=comments, direction=direction)


def _simple_packet(scan: Scan, section: _Section, body: bytes) -> ForeignFrame | None:
    interface = section.interface(0)
    size = section.word.unpack_from(body)[0]
    captured = min(size, interface.snaplen or size, MAX_FRAME)
    if 4 + captured > len(body):
        raise Damaged("a frame is longer than its block")
    return scan.frame(interface, None, body[4 : 4 + captured], size)


def _describe(section: _Section, body: bytes) -> _Interface:
    link_type, _, snaplen = section.description.unpack_from(body)
    interface = _Interface(f"interface {len(section.interfaces)}", link_type, snaplen)
    for code, value in section.options(body, section.description.size):
        if code == IF_NAME:
            interface.name = value.rstrip(b"\0").decode(errors="replace") or interface.name
        elif code == IF_TSRESOL and value:
            exponent = value[0] & 0x7F
            interface.units = 2**exponent if value[0] & 0x80 else 10**exponent
        elif code == IF_TSOFFSET and len(value) == 8:
            order: Literal["little", "big"] = "little" if section.order == "<" else "big"
            interface.offset = int.from_bytes(value, order, signed=True)
    return interface
