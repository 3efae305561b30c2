"""What readers of both formats need: octets that may end early, and what to tell of the file."""

from dataclasses import dataclass
from io import BufferedReader
from typing import Final

from emu.core.errors import EmuError
from emu.core.time import Nanoseconds

ETHERNET: Final = 1  # LINKTYPE_ETHERNET
MAX_FRAME: Final = 256 << 10  # octets: Wireshark's WTAP_MAX_PACKET_SIZE_STANDARD
MAX_TIME: Final = 1 << 63  # nanoseconds: the year 2262

# https://www.tcpdump.org/linktypes.html: those that people meet
LINK_TYPES: Final = {
    0: "BSD loopback",
    101: "raw IP",
    105: "IEEE 802.11",
    113: "Linux cooked capture, as of `tcpdump -i any`",
    127: "IEEE 802.11 with radiotap",
    228: "raw IPv4",
    276: "Linux cooked capture, as of `tcpdump -i any`",
}


class CaptureError(EmuError):
    """A file cannot be read as a capture of Ethernet frames at all."""


class Damaged(Exception):
    """Reading cannot go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignFrame:
    """A frame of a capture."""

    number: int  # in the file, from 1, as Wireshark counts
    interface: str
    unix: Nanoseconds  # Unix time
    wire: bytes  # what was captured of it
    size: int  # octets that it had on the wire
    comments: tuple[str, ...] = ()
    direction: str = ""  # inbound, outbound or not known

    @property
    def is_cut(self) -> bool:
        """Whether the capture holds only the beginning of it (a snap length)."""
        return len(self.wire) < self.size


class ForeignInterface:
    """An interface of a capture."""

    def __init__(self, name: str, link_type: int) -> None:
        self.name = name
        self.link_type = link_type
        self.frames = 0  # until now

    @property
    def carries(self) -> str:
        """What it carries, for people."""
        name = LINK_TYPES.get(self.link_type, "")
        return f"{name} (link type {self.link_type})" if name else f"link type {self.link_type}"


class Scan:
    """A file that is being read."""

    def __init__(self, file: BufferedReader) -> None:
        self.name = str(file.name)
        self._file = file
        self._offset = 0
        self.start = 0  # octet at which the block or the frame begins that is being read
        self.interfaces: list[ForeignInterface] = []
        self._frames = 0
        self._unix = Nanoseconds(0)  # of the frame before

    def begin(self) -> bool:
        """Begin with the next block or frame; return whether there is one."""
        self.start = self._offset
        return bool(self._file.peek(1))

    def take(self, size: int, what: str) -> bytes:
        """Return the next `size` octets, which are of `what`."""
        octets = self._file.read(size)
        self._offset += len(octets)
        if len(octets) < size:
            raise Damaged(f"the file ends inside {what}")
        return octets

    def frame(
        self,
        interface: ForeignInterface,
        unix: int | None,
        wire: bytes,
        size: int,
        *,
        comments: tuple[str, ...] = (),
        direction: str = "",
    ) -> ForeignFrame | None:
        """Return the next frame, None if its interface is to be left out.

        Without a time it gets that of the frame before.
        """
        self._frames += 1
        interface.frames += 1
        if unix is not None:
            if not 0 <= unix < MAX_TIME:
                raise Damaged(f"the time of frame {self._frames} is not one between 1970 and 2262")
            self._unix = Nanoseconds(unix)
        if interface.link_type != ETHERNET:
            return None
        return ForeignFrame(
            number=self._frames,
            interface=interface.name,
            unix=self._unix,
            wire=wire,
            size=max(size, len(wire)),
            comments=comments,
            direction=direction,
        )

    @property
    def carrying(self) -> tuple[str, ...]:
        """The names of the interfaces with Ethernet, each once."""
        names = [it.name for it in self.interfaces if it.link_type == ETHERNET]
        return tuple(dict.fromkeys(names))

    @property
    def left_out(self) -> tuple[str, ...]:
        """A sentence for each interface whose frames were left out."""
        return tuple(
            f"{it.name} carries {it.carries}, not Ethernet: "
            f"{it.frames} frame{'s are' if it.frames != 1 else ' is'} left out"
            for it in self.interfaces
            if it.link_type != ETHERNET and it.frames
        )
