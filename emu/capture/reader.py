"""Reads the pcapng files that emu writes, exactly: what emu would not write is an error.

Frames come one by one, so that a capture may be larger than memory; those before a place where a
file is cut off come before the error does.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path
from typing import BinaryIO, Final

from emu.capture import pcapng
from emu.capture.pcapng import Direction
from emu.core.errors import EmuError
from emu.core.time import Nanoseconds
from emu.packet.frame import PacketId

_BLOCK: Final = struct.Struct("<II")
_OPTION: Final = struct.Struct("<HH")
_TIME: Final = struct.Struct("<III")  # interface, time (high, low)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """An interface of a capture: a link."""

    name: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressName:
    """The name of an address."""

    address: IPv4Address
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturedFrame:
    """A frame, and what the capture says of it."""

    interface: Interface
    unix: Nanoseconds  # Unix time
    wire: bytes
    comments: tuple[str, ...]
    direction: Direction
    packet: PacketId
    dropped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """How many frames an interface saw."""

    interface: Interface
    unix: Nanoseconds
    frames: int


Block = Interface | AddressName | CapturedFrame | Statistics


def read_frames(path: Path) -> Iterator[CapturedFrame]:
    """Yield the frames of the capture `path`; `EmuError` where it is not as emu writes it."""
    return (block for block in read_capture(path) if isinstance(block, CapturedFrame))


def read_capture(path: Path) -> Iterator[Block]:
    """Yield what the capture `path` holds; `EmuError` where it is not as emu writes it."""
    interfaces: list[Interface] = []
    try:
        with path.open("rb") as file:
            for kind, body in _blocks(file):
                yield from _decode(kind, body, interfaces)
    except OSError as error:
        raise EmuError(f"cannot read {path}: {error.strerror}") from error
    except (_Foreign, struct.error, LookupError, ValueError) as error:
        raise EmuError(f"{path} is not as emu writes it: {error}") from error


class _Foreign(Exception):
    """Something that emu does not write."""


def _blocks(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield type and body of each block after the section header."""
    section = pcapng.build_section()
    if file.read(len(section)) != section:
        raise _Foreign("it does not begin with emu's section header")
    while head := file.read(_BLOCK.size):
        start = file.tell() - len(head)
        kind, size = _BLOCK.unpack(head) if len(head) == _BLOCK.size else (0, 0)
        rest = file.read(max(size - _BLOCK.size, 0))
        if len(head) + len(rest) != size:
            raise _Foreign(f"it is cut off in the block at octet {start}")
        if rest[-4:] != head[4:]:
            raise _Foreign(f"the block at octet {start} has two lengths")
        yield kind, rest[:-4]


def _decode(kind: int, body: bytes, interfaces: list[Interface]) -> Iterable[Block]:
    match kind:
        case pcapng.INTERFACE_DESCRIPTION:
            interfaces.append(_interface(body))
            return [interfaces[-1]]
        case pcapng.NAME_RESOLUTION:
            return _names(body)
        case pcapng.ENHANCED_PACKET:
            return [_frame(body, interfaces)]
        case pcapng.INTERFACE_STATISTICS:
            return [_statistics(body, interfaces)]
        case _:
            raise _Foreign(f"it has a block of type {kind}")


def _options(body: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    """Yield code and value of the options, or of the names, that stand in `body` from `start`."""
    while (code_size := _OPTION.unpack_from(body, start)) != (0, 0):
        code, size = code_size
        start += _OPTION.size
        yield code, body[start : start + size]
        start += size + (-size & 3)


def _interface(body: bytes) -> Interface:
    options = dict(_options(body, 8))
    return Interface(
        name=options[pcapng.IF_NAME].decode(), description=options[pcapng.IF_DESCRIPTION].decode()
    )


def _names(body: bytes) -> Iterator[AddressName]:
    for _, record in _options(body, 0):
        yield AddressName(address=IPv4Address(record[:4]), name=record[4:-1].decode())


def _frame(body: bytes, interfaces: list[Interface]) -> CapturedFrame:
    interface, high, low = _TIME.unpack_from(body)
    size = int.from_bytes(body[12:16], "little")
    options = list(_options(body, 20 + size + (-size & 3)))
    found = dict(options)
    return CapturedFrame(
        interface=interfaces[interface],
        unix=Nanoseconds(high << 32 | low),
        wire=body[20 : 20 + size],
        comments=tuple([text.decode() for code, text in options if code == pcapng.OPT_COMMENT]),
        direction=Direction(int.from_bytes(found[pcapng.EPB_FLAGS], "little")),
        packet=PacketId(int.from_bytes(found[pcapng.EPB_PACKETID], "little")),
        dropped=pcapng.EPB_VERDICT in found,
    )


def _statistics(body: bytes, interfaces: list[Interface]) -> Statistics:
    interface, high, low = _TIME.unpack_from(body)
    frames = int.from_bytes(dict(_options(body, 12))[pcapng.ISB_IFRECV], "little")
    return Statistics(
        interface=interfaces[interface], unix=Nanoseconds(high << 32 | low), frames=frames
    )
