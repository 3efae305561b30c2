"""Frames out of a capture that somebody made elsewhere: which ones, and whether they are there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, Final

from pydantic import PlainValidator, WithJsonSchema

from emu.capture.foreign import CaptureError, ForeignCapture, ForeignFrame
from emu.scenario.texts import Wrong, meant, shown, text

RANGE: Final = re.compile(r"([0-9]{1,9})(-([0-9]{1,9})?)?")
EXAMPLES: Final = "as in 3, 3-9, 20- or 1,4-6; frames count from 1, as in Wireshark"
LONGEST: Final = 255  # octets that most file systems allow a name
CAPTURES: Final = (".pcap", ".pcapng", ".cap")  # what is suggested


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which frames of a capture, by their numbers."""

    written: str = ""
    ranges: tuple[tuple[int, int | None], ...] = ((1, None),)  # first and last; None: all that come

    def __contains__(self, number: int) -> bool:
        """Whether the frame of that number is meant."""
        return any(a <= number and (b is None or number <= b) for a, b in self.ranges)

    @property
    def named(self) -> tuple[int, ...]:
        """The numbers that must be there: those that were written."""
        numbers = [number for ends in self.ranges for number in ends if number is not None]
        return tuple(dict.fromkeys(numbers))

    @property
    def last(self) -> int | None:
        """The number after which nothing is meant, if there is one."""
        lasts = [last for _, last in self.ranges if last is not None]
        return max(lasts) if len(lasts) == len(self.ranges) else None


def selection(value: object) -> Selection:
    """Return the frames that `3-9` or `1,4-6` means."""
    written = text(value)
    ranges: list[tuple[int, int | None]] = []
    for part in written.split(","):
        found = RANGE.fullmatch(part.strip())
        if found is None or not int(found[1]):
            raise Wrong(f'"{shown(written)}" names no frames', EXAMPLES)
        first = int(found[1])
        last = first if found[2] is None else int(found[3]) if found[3] else None
        if last is not None and last < first:
            raise Wrong(f'"{shown(part.strip())}" runs backwards', f"write {last}-{first}")
        ranges.append((first, last))
    return Selection(written=written, ranges=tuple(ranges))


def capture_path(value: object) -> str:
    """Return the path of a file that lies with the scenario, as it is written."""
    written = text(value)
    path = PurePosixPath(written)
    if "\0" in written or path.is_absolute() or ".." in path.parts:
        fix = "a capture lies beside the scenario file, or in a folder there: captures/a.pcap"
        raise Wrong(f'"{shown(written)}" leads out of the folder of the scenario', fix)
    if len(written.encode(errors="replace")) > LONGEST:
        raise Wrong(f'"{shown(written)}" is longer than the {LONGEST} octets of a file name')
    return written


def find_problem(folder: Path, written: str, wanted: Selection) -> tuple[str, str, str]:
    """Return which key is wrong, why, and a fix; three times nothing if the frames are there."""
    path = folder / written
    if not path.is_file():
        found = [str(PurePosixPath(written).parent / near.name) for near in _captures_near(path)]
        kind = "is no file" if path.exists() else "is not there"
        return "pcap", f'"{shown(written)}" {kind}', meant(written, found)
    capture = ForeignCapture(path)
    try:
        missing, seen = _missing(capture, wanted)
    except CaptureError as error:
        return "pcap", str(error), ""
    if missing:
        upto = f"; {capture.damage}" if capture.damage else ""
        plural = "s" * (seen != 1)
        what = f'"{shown(written)}" has {seen} frame{plural}, and no Ethernet frame {missing[0]}'
        return "frames", what + upto, "; ".join(capture.left_out)
    return "", "", ""


def frames(
    folder: Path, written: str, wanted: Selection, notes: list[str]
) -> Iterator[ForeignFrame]:
    """Yield the wanted frames; what there is to know of them goes to `notes`."""
    capture = ForeignCapture(folder / written)
    for frame in capture:
        if wanted.last is not None and frame.number > wanted.last:
            return
        if frame.number in wanted:
            if frame.is_cut:
                of = f"{len(frame.wire)} of its {frame.size} octets"
                notes.append(
                    f"frame {frame.number} of {written}: only {of} were captured, and sent"
                )
            yield frame
    notes += [f"{written}: {said}" for said in capture.left_out]
    if capture.damage:
        notes.append(capture.damage)


def _missing(capture: ForeignCapture, wanted: Selection) -> tuple[list[int], int]:
    """Return the numbers that are written and not there, and how many frames were looked at."""
    missing, seen = dict.fromkeys(wanted.named), 0
    for frame in capture:
        missing.pop(frame.number, None)
        seen = frame.number
        if not missing:
            break
    return list(missing), seen


def _captures_near(path: Path) -> list[Path]:
    """Return the captures in the folder where `path` should have been."""
    if not path.parent.is_dir():
        return []
    return sorted(p for p in path.parent.iterdir() if p.suffix in CAPTURES)


CaptureFile = Annotated[
    str, PlainValidator(capture_path), WithJsonSchema({"type": "string", "minLength": 1})
]
OneSelection = Annotated[
    Selection,
    PlainValidator(selection),
    WithJsonSchema({"type": ["string", "integer"], "pattern": r"^[0-9, -]+$", "minimum": 1}),
]
