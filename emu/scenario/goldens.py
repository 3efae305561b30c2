"""The goldens of a scenario: its frames and times, link by link, and the fates of its packets.

    lab/lan.yaml                    a scenario, which may also be called lan.emu.yaml
    lab/goldens/lan/LINK.pcapng     frames, times and directions of one link
    lab/goldens/lan/fates.txt       a line for each packet: its way, and how it ended

A golden capture is what `emu run` writes without the comments, which may be bettered in peace.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from emu.capture import CapturedFrame, Interface, pcapng, read_capture
from emu.capture.diff import Aspect, Comparison, Rules, compare
from emu.capture.files import writing
from emu.capture.sink import ENDING, RUN_FILE
from emu.scenario.recording import FATES

FOLDER: Final = "goldens"
SUFFIXES: Final = (".emu.yaml", ".emu.yml", ".yaml", ".yml")
WORDS_ASIDE: Final = Rules(ignored=frozenset({Aspect.COMMENT}))


def name_of(scenario: Path) -> str:
    """Return what the file `scenario` is called without its ending."""
    suffix = next((suffix for suffix in SUFFIXES if scenario.name.endswith(suffix)), "")
    return scenario.name.removesuffix(suffix)


def golden_folder(scenario: Path, goldens: Path | None = None) -> Path:
    """Return where the goldens of the file `scenario` are: in `goldens`, or beside it."""
    return (goldens or scenario.parent / FOLDER) / name_of(scenario)


def golden_files(run: Path) -> dict[str, bytes]:
    """Return what the goldens of the run in that folder must be, by file name."""
    captures = sorted(path for path in run.glob(f"*{ENDING}") if path.name != RUN_FILE)
    files = {path.name: b"".join(_plain(path)) for path in captures}
    files[FATES] = (run / FATES).read_bytes()
    return files


def _plain(path: Path) -> Iterator[bytes]:
    """Yield the blocks of a capture without comments, names and statistics."""
    yield pcapng.build_section()
    for block in read_capture(path):
        if isinstance(block, Interface):
            yield pcapng.build_interface(block.name, block.description)
        elif isinstance(block, CapturedFrame):
            rest = pcapng.build_rest(
                block.unix, block.wire, pcapng.build_annotations((), block.direction), block.packet
            )
            yield pcapng.build_packet(0, rest) + rest


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldenCheck:
    """How a run compares with its goldens."""

    golden: Path
    differing: tuple[str, ...] = ()  # files that are new, gone or have other octets
    comparison: Comparison | None = None  # None if there are no goldens, or no difference

    @property
    def is_missing(self) -> bool:
        """Whether there are no goldens."""
        return bool(self.differing) and self.comparison is None

    @property
    def passed(self) -> bool:
        """Whether the run is as its goldens are."""
        return not self.differing


def check_goldens(golden: Path, run: Path) -> GoldenCheck:
    """Compare the run in the folder `run` with the goldens in the folder `golden`."""
    files = golden_files(run)
    known = _golden_names(golden)
    if not known:
        return GoldenCheck(golden=golden, differing=tuple(files))
    differing = tuple(
        name
        for name in sorted({*files, *known})
        if name not in files or name not in known or (golden / name).read_bytes() != files[name]
    )
    if not differing:
        return GoldenCheck(golden=golden)
    comparison = compare(golden, run, WORDS_ASIDE)
    return GoldenCheck(golden=golden, differing=differing, comparison=comparison)


def _golden_names(golden: Path) -> list[str]:
    """Return the goldens that there are; other files in their folder are somebody's own."""
    found = sorted(path.name for path in golden.glob(f"*{ENDING}"))
    return [*found, FATES] if (golden / FATES).exists() else found


def write_goldens(golden: Path, files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Let `files` be the goldens in the folder `golden`; return what that changed.

    Whoever reads them meanwhile finds each file as it was or as it is. Files of other kinds stay.
    """
    known = _golden_names(golden)
    changes: list[str] = []
    fresh: list[tuple[Path, Path]] = []
    with writing(golden):
        golden.mkdir(parents=True, exist_ok=True)
        for name, octets in files.items():
            place = golden / name
            if name in known and place.read_bytes() == octets:
                continue
            beside = golden / f".{name}.new"
            beside.write_bytes(octets)
            fresh.append((beside, place))
            changes.append(f"{'changed' if name in known else 'new'}: {place}")
        for beside, place in fresh:  # all of them are whole by now
            beside.replace(place)
        for name in known:
            if name not in files:
                (golden / name).unlink()
                changes.append(f"gone: {golden / name}")
    return tuple(changes)
