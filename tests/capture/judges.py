"""Those who read our captures and are not us: python-pcapng and tshark."""

import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any

from pcapng import FileScanner, FileWriter, blocks  # type: ignore[import-untyped]

FIELDS = (
    "frame.interface_name",
    "frame.interface_description",
    "frame.time_epoch",
    "frame.packet_flags_direction",
    "frame.packet_id",
    "frame.verdict.ebpf_tc",
    "frame.len",
    "frame.comment",
)


class Judge:
    """A file that python-pcapng writes; `take` returns what was written since the last time."""

    def __init__(self) -> None:
        self._file = BytesIO()
        self._section = blocks.SectionHeader(endianness="<", options={"shb_userappl": "emu"})
        self._writer = FileWriter(self._file, self._section)

    def write(self, kind: str, **fields: object) -> None:
        self._writer.write_block(self._section.new_member(getattr(blocks, kind), **fields))

    def interface(self, name: str, description: str) -> None:
        options = {"if_name": name, "if_description": description, "if_tsresol": b"\x09"}
        self.write("InterfaceDescription", link_type=1, snaplen=0, options=options)

    def take(self) -> bytes:
        written = self._file.getvalue()
        self._file.seek(0)
        self._file.truncate()
        return written


def scan(capture: Path | bytes) -> list[Any]:
    """Return the blocks that python-pcapng finds."""
    octets = capture if isinstance(capture, bytes) else capture.read_bytes()
    return list(FileScanner(BytesIO(octets)))


def packets(capture: Path | bytes) -> list[Any]:
    """Return the packets that python-pcapng finds."""
    return [block for block in scan(capture) if isinstance(block, blocks.EnhancedPacket)]


def time(packet: blocks.EnhancedPacket) -> int:
    """Return the time of `packet` to the nanosecond; its own `timestamp` is a float."""
    return int(packet.timestamp_high << 32 | packet.timestamp_low)


def comments(packet: blocks.EnhancedPacket) -> tuple[str, ...]:
    """Return all comments of `packet`."""
    return tuple(packet.options.get_all("opt_comment"))


def interfaces(capture: Path | bytes) -> list[tuple[str, str]]:
    """Return name and description of the interfaces that python-pcapng finds."""
    return [
        (block.options["if_name"], block.options["if_description"])
        for block in scan(capture)
        if isinstance(block, blocks.InterfaceDescription)
    ]


def names(capture: Path | bytes) -> list[tuple[str, list[str]]]:
    """Return the names of addresses that python-pcapng finds."""
    return [
        (record["address"], record["names"])
        for block in scan(capture)
        if isinstance(block, blocks.NameResolution)
        for record in block.records
    ]


def tshark(*arguments: str) -> str:
    """Return what tshark prints; it must not complain."""
    done = subprocess.run(["tshark", *arguments], capture_output=True, text=True, check=True)
    complaints = [line for line in done.stderr.splitlines() if "Running as user" not in line]
    assert complaints == []
    return done.stdout


def rows(capture: Path) -> list[list[str]]:
    """Return what tshark says of each packet: `FIELDS`."""
    fields = [word for field in FIELDS for word in ("-e", field)]
    separators = ("-E", "separator=/t", "-E", "aggregator=|")
    printed = tshark("-n", "-r", str(capture), "-T", "fields", *separators, *fields)
    return [line.split("\t") for line in printed.splitlines()]
