"""The captures of a run: one pcapng file for each link, and one with all of them.

Frames are written in the order in which they were sent, each when it is known what became of it and
of those before it; what is still on its way when the sink closes is written as "in flight". Kept
are only frames that wait, and blocks until they are worth a system call.

Files grow by whole blocks, so that the captures of a run that was killed can be read. A frame shows
in two files, and only the first 12 octets of its block differ.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path
from typing import Final

from emu.capture import pcapng
from emu.capture.annotations import Annotations
from emu.capture.files import GrowingFiles
from emu.capture.names import FileNames
from emu.core.time import EPOCH, Nanoseconds, unix
from emu.journal import Arrived, Linked, Lost, Record, Sent, StepBegun, StepEnded
from emu.net.link import Link
from emu.packet.frame import Serial

RUN: Final = "run"
ENDING: Final = ".pcapng"
RUN_FILE: Final = RUN + ENDING  # every link
BATCH: Final = 4 << 20  # octets that are kept before they are written


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """What was captured of one link."""

    link: Link
    file: str  # its name in the folder of the run
    from_a: int  # frames that the end `link.a` sent
    from_b: int


class _File:
    """A capture as it grows."""

    __slots__ = ("blocks", "path")

    def __init__(self, path: Path) -> None:
        self.path = path
        self.blocks = [pcapng.build_section()]  # not written yet


class _Tap:
    """Where the frames of one link go."""

    __slots__ = ("file", "frames", "interface", "link")

    def __init__(self, link: Link, file: _File, interface: int) -> None:
        self.link = link
        self.file = file
        self.interface = interface  # its number in the file of the whole run
        self.frames = [0, 0]  # from b, from a


class _Traversal:
    """A frame on a link, which waits until its fate is known and those before it are written."""

    __slots__ = ("rest", "sent", "tap")

    def __init__(self, sent: Sent, tap: _Tap) -> None:
        self.sent = sent
        self.tap = tap
        self.rest = b""  # most of its block; empty until its fate is known


class CaptureSink:
    """Write what every captured link carries into `folder`, which holds none of these files yet.

    `names` are shown by Wireshark in place of the addresses, if it is told to.
    """

    def __init__(self, folder: Path, *, names: Mapping[IPv4Address, str]) -> None:
        self._folder = folder
        self._files = GrowingFiles()
        self._file_names = FileNames(RUN)
        self._names = pcapng.build_names(names) if names else b""
        self._taps: dict[Link, _Tap] = {}
        self._by_ends: dict[tuple[str, str], _Tap] = {}  # oldest first
        self._flying: dict[Serial, _Traversal] = {}
        self._waiting = deque[_Traversal]()  # in the order of sending
        self._annotations = Annotations()
        self._size = 0  # of blocks that are not written yet
        self._last = Nanoseconds(0)
        self._run = self._begin(RUN)
        self._run.blocks.append(self._names)

    @property
    def captures(self) -> tuple[Capture, ...]:
        """What was captured until now, in the order in which links were made."""
        return tuple(
            Capture(
                link=tap.link, file=tap.file.path.name, from_a=tap.frames[1], from_b=tap.frames[0]
            )
            for tap in self._by_ends.values()
        )

    def write(self, record: Record) -> None:
        """Take note of `record`."""
        if type(record) is Arrived:
            if (traversal := self._flying.pop(record.serial, None)) is not None:
                self._settle(traversal, self._annotations.of_arrived(traversal.sent, record))
        elif type(record) is Sent:
            if record.link.captured:
                self._wait(record)
        elif type(record) is Lost:
            if (traversal := self._flying.pop(record.serial, None)) is not None:
                self._settle(traversal, self._annotations.of_lost(traversal.sent, record))
        elif type(record) is Linked:
            if record.link.captured:
                self._tap(record.link)
        elif type(record) is StepBegun or type(record) is StepEnded:
            self._flush()

    def close(self) -> None:
        """Write what waits, and the end of every file."""
        try:
            for traversal in self._flying.values():
                self._settle(traversal, self._annotations.of_in_flight(traversal.sent))
            self._flying.clear()
            for tap in self._by_ends.values():
                frames = sum(tap.frames)
                statistics = pcapng.build_statistics
                tap.file.blocks.append(statistics(0, unix(self._last), frames))
                self._run.blocks.append(statistics(tap.interface, unix(self._last), frames))
            self._flush()
        finally:
            self._files.close()

    # --- files -----------------------------------------------------------------------------------

    def _begin(self, name: str) -> _File:
        file = _File(self._folder / (name + ENDING))
        self._files.create(file.path)
        self._size += len(file.blocks[0])
        return file

    def _tap(self, link: Link) -> _Tap:
        """Return where frames of `link` go: that of an earlier link between its ends, or new."""
        ends = (link.a.text, link.b.text)
        if (tap := self._by_ends.get(ends)) is None:
            described = pcapng.build_interface(str(link), f"{link.a} <-> {link.b}")
            file = self._begin(self._file_names.claim(link.file))
            file.blocks += (described, self._names)
            self._run.blocks.append(described)
            tap = self._by_ends[ends] = _Tap(link, file, len(self._by_ends))
        self._taps[link] = tap
        return tap

    def _flush(self) -> None:
        """Write the blocks that are kept."""
        if not self._size:
            return
        for file in (self._run, *[tap.file for tap in self._by_ends.values()]):
            if file.blocks:
                self._files.append(file.path, b"".join(file.blocks))
                file.blocks.clear()
        self._size = 0

    # --- frames ----------------------------------------------------------------------------------

    def _wait(self, sent: Sent) -> None:
        tap = self._taps.get(sent.link) or self._tap(sent.link)
        tap.frames[sent.by_a] += 1
        self._last = sent.time
        self._flying[sent.serial] = traversal = _Traversal(sent, tap)
        self._waiting.append(traversal)

    def _settle(self, traversal: _Traversal, annotations: bytes) -> None:
        """Write `traversal`, and those that waited for it, unless it waits for another."""
        sent = traversal.sent
        frame = sent.frame
        time = Nanoseconds(EPOCH + sent.time)
        traversal.rest = pcapng.build_rest(time, frame.wire, annotations, frame.packet)
        waiting = self._waiting
        while waiting and (rest := waiting[0].rest):
            tap = waiting.popleft().tap
            tap.file.blocks += (pcapng.build_packet(0, rest), rest)
            self._run.blocks += (pcapng.build_packet(tap.interface, rest), rest)
            self._size += 2 * len(rest)
        if self._size >= BATCH:
            self._flush()
