"""Classic pcap files: frames and times, and nothing else. Goldens are such files.

Little endian, nanoseconds, Ethernet: draft-ietf-opsawg-pcap.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from struct import Struct
from typing import Final

from emu.core.errors import EmuError
from emu.core.time import Nanoseconds

# Magic of nanoseconds, version 2.4, time zone, accuracy, snap length of tcpdump, Ethernet
HEADER: Final = Struct("<IHHiIII").pack(0xA1B23C4D, 2, 4, 0, 0, 262144, 1)
FRAME: Final = Struct("<IIII")  # time (seconds, nanoseconds), captured, original octets
SECOND: Final = 1_000_000_000

Timed = tuple[Nanoseconds, bytes]  # Unix time, wire


def write_pcap(path: Path, frames: Iterable[Timed]) -> None:
    """Write `frames`, each with its Unix time, to the file `path`."""
    with path.open("wb") as file:
        file.writelines(_pieces(frames))


def build_pcap(frames: Iterable[Timed]) -> bytes:
    """Return what the file of these frames holds."""
    return b"".join(_pieces(frames))


def _pieces(frames: Iterable[Timed]) -> Iterator[bytes]:
    yield HEADER
    for unix, wire in frames:
        yield FRAME.pack(*divmod(unix, SECOND), len(wire), len(wire)) + wire


def read_pcap(path: Path) -> Iterator[Timed]:
    """Yield the frames of a file that `write_pcap` wrote; `EmuError` if it is another."""
    with path.open("rb") as file:
        if file.read(len(HEADER)) != HEADER:
            raise EmuError(f"{path} is no pcap file as emu writes it")
        while head := file.read(FRAME.size):
            if len(head) < FRAME.size:
                raise EmuError(f"{path} is cut off")
            seconds, nanoseconds, size, _ = FRAME.unpack(head)
            wire = file.read(size)
            if len(wire) < size:
                raise EmuError(f"{path} is cut off")
            yield Nanoseconds(seconds * SECOND + nanoseconds), wire
