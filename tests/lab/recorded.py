"""Recordings of real Linux: a pcap for each netdev, and what was typed, when, and what it printed.

A folder holds `DEVICE__NETDEV.pcap` files and `traffic.json`, a list of steps: `step` (its name),
`ns` (where), `cmd`, `rc` (exit status), `start`, `settled` (Unix time in seconds), `output`.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from emu.capture import read_pcap, write_pcap
from emu.core.time import Nanoseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """A frame, and when it was seen, counted from the beginning of its step."""

    after: Nanoseconds
    wire: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedStep:
    """One step: what was typed and what came of it."""

    name: str
    command: str
    status: int
    begun: Nanoseconds  # Unix time
    ended: Nanoseconds  # when nothing had moved for a while
    output: tuple[str, ...]


class Recording:
    """One recorded run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        rows = json.loads((folder / "traffic.json").read_text())
        self.steps = {row["step"]: _step(row) for row in rows}
        self.ends = {_end(path): path for path in sorted(folder.glob("*__*.pcap"))}

    def frames(self, end: str, step: RecordedStep) -> list[Timed]:
        """Return what was seen at that netdev in that step, in order."""
        return [
            Timed(after=Nanoseconds(unix - step.begun), wire=wire)
            for unix, wire in read_pcap(self.ends[end])
            if step.begun <= unix < step.ended
        ]

    def save(self, folder: Path, ends: Iterable[str], steps: Iterable[str]) -> None:
        """Write the part that is about these ends and steps as a recording of its own."""
        wanted = [self.steps[name] for name in steps]
        folder.mkdir(parents=True, exist_ok=True)
        for end in ends:
            path = self.ends[end]
            write_pcap(
                folder / path.name,
                [
                    (unix, wire)
                    for unix, wire in read_pcap(path)
                    if any(step.begun <= unix < step.ended for step in wanted)
                ],
            )
        rows = json.loads((self._folder / "traffic.json").read_text())
        kept = [row for row in rows if row["step"] in {step.name for step in wanted}]
        (folder / "traffic.json").write_text(json.dumps(kept, indent=1) + "\n")


def _step(row: dict[str, object]) -> RecordedStep:
    return RecordedStep(
        name=str(row["step"]),
        command=str(row["cmd"]),
        status=int(str(row["rc"])),
        begun=_nanoseconds(row["start"]),
        ended=_nanoseconds(row["settled"]),
        output=tuple(str(row["output"]).removesuffix("\n").split("\n")) if row["output"] else (),
    )


def _nanoseconds(seconds: object) -> Nanoseconds:
    whole, _, rest = str(seconds).partition(".")
    return Nanoseconds(int(whole) * 1_000_000_000 + int(rest[:9].ljust(9, "0")))


def _end(path: Path) -> str:
    """Return the name that emu gives to the port of a file."""
    device, _, netdev = path.stem.partition("__")
    return f"{device}/{netdev}"
