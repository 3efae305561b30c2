"""Scenario files as tests: each is run, its expectations are judged, and its goldens compared."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from emu.core.errors import EmuError, ScenarioError
from emu.scenario.goldens import (
    FOLDER,
    GoldenCheck,
    check_goldens,
    golden_files,
    golden_folder,
    write_goldens,
)
from emu.scenario.loading import load
from emu.scenario.recording import Recording, record

SURE: Final = (".emu.yaml", ".emu.yml")  # nobody else's files end so
YAML: Final = (".yaml", ".yml")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """What became of one file."""

    path: Path
    recording: Recording | None = None  # None if it could not be run
    wrong: str = ""  # why not
    check: GoldenCheck | None = None  # None if there was nothing to compare
    updated: tuple[str, ...] = ()  # goldens that were written

    @property
    def passed(self) -> bool:
        """Whether all is as it should be."""
        ran = self.recording is not None and self.recording.outcome.passed
        return ran and (self.check is None or self.check.passed)


def is_scenario(path: Path) -> bool:
    """Whether the name of `path` says that it is one."""
    return path.name.endswith(SURE)


def find_cases(places: Iterable[Path]) -> list[Path]:
    """Return the files that are meant: those that are named, and those in folders.

    In a folder that is named every YAML file is a scenario, and in those below it every *.emu.yaml.
    """
    found = [path for place in places for path in _inside(place)]
    return list(dict.fromkeys(found))


def find_sure_cases(folder: Path) -> list[Path]:
    """Return every *.emu.yaml in `folder` and below it."""
    return [path for path in _below(folder) if is_scenario(path)]


def _inside(place: Path) -> Iterator[Path]:
    if not place.exists():
        raise EmuError(f"there is no file or folder {place}")
    if place.is_file():
        yield place
        return
    for path in _below(place):
        if is_scenario(path) or (path.parent == place and path.suffix in YAML):
            yield path


def _below(folder: Path) -> Iterator[Path]:
    """Yield the files in `folder` and below, but not those that are hidden, in order."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or (path.is_symlink() and path.is_dir()):
            continue
        if path.is_dir():
            yield from _below(path) if path.name != FOLDER else ()
        elif path.is_file():
            yield path


def run_case(path: Path, *, goldens: Path | None = None, update: bool = False) -> CaseResult:
    """Run the file `path` and compare it with its goldens, which are beside it or in `goldens`.

    With `update`, what it does becomes golden instead, if it does what it expects.
    """
    golden = golden_folder(path, goldens)
    try:
        scenario = load(path)
    except ScenarioError as error:
        return CaseResult(path=path, wrong=str(error))
    with TemporaryDirectory(prefix="emu-") as scratch:
        folder = Path(scratch, "run")
        recording = record(scenario, folder)
        if not recording.outcome.passed:
            return CaseResult(path=path, recording=recording)
        if update:
            updated = write_goldens(golden, golden_files(folder))
            return CaseResult(path=path, recording=recording, updated=updated)
        check = check_goldens(golden, folder)
        return CaseResult(path=path, recording=recording, check=check)
