"""A file that somebody captured, of whichever format."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from emu.capture.foreign.pcap import MAGICS, pcap_frames
from emu.capture.foreign.pcapng import pcapng_frames
from emu.capture.foreign.scan import CaptureError, Damaged, ForeignFrame, Scan
from emu.capture.pcapng import SECTION_HEADER

GZIP: Final = b"\x1f\x8b"


class ForeignCapture:
    """The frames of a file, which is read anew by each iteration.

    The attributes tell of the last iteration, as far as it went.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damage = ""  # where and why reading ended before the end of the file
        self.interfaces: tuple[str, ...] = ()  # those that carry Ethernet, in the file's order
        self.left_out: tuple[str, ...] = ()  # what there is to say of those that do not

    def __iter__(self) -> Iterator[ForeignFrame]:
        """Yield the frames; `CaptureError` if this is no capture of Ethernet at all."""
        self.damage, self.interfaces, self.left_out = "", (), ()
        try:
            with self.path.open("rb") as file:
                scan = Scan(file)
                try:
                    yield from self._format(file.peek(4)[:4])(scan)
                except Damaged as damaged:
                    self.damage = f"{self.path} is damaged at octet {scan.start}: {damaged}"
                finally:
                    self.interfaces, self.left_out = scan.carrying, scan.left_out
        except OSError as error:
            raise CaptureError(f"cannot read {self.path}: {error.strerror}") from error

    def _format(self, magic: bytes) -> Callable[[Scan], Iterator[ForeignFrame]]:
        if magic == SECTION_HEADER.to_bytes(4, "little"):
            return pcapng_frames
        if magic in MAGICS:
            return pcap_frames
        if not magic:
            raise CaptureError(f"{self.path} is empty")
        if magic.startswith(GZIP):
            raise CaptureError(f"{self.path} is compressed: `gunzip` it first")
        raise CaptureError(f"{self.path} is neither pcap nor pcapng")


def read_foreign(path: Path) -> ForeignCapture:
    """Return the capture `path`; `CaptureError` if it is not one of Ethernet frames."""
    capture = ForeignCapture(path)
    for _ in capture:
        break
    return ForeignCapture(path)
