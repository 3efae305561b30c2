"""The folder of a run: made beside its place, and put there whole when the run is done.

    emu-runs/lb-vlan.unfinished     the run as it grows, or as it was when it was killed
    emu-runs/lb-vlan                the last run that ended
    emu-runs/lb-vlan.replaced       the one before, for the blink in which the two change places

By its `index.json` a folder is known as emu's. It comes first, saying that the run is not finished,
and is replaced at the end. Only such folders are replaced, and only the files that an index lists
are ever deleted: what a user put beside them moves along.

A run that goes on locks its folder, so that another one takes no living folder for a leftover.
"""

import errno
import fcntl
import json
import os
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from stat import S_IMODE
from types import TracebackType
from typing import Final, Self, TextIO

from emu.capture.files import writing
from emu.capture.pcapng import build_section
from emu.capture.sink import RUN_FILE, Capture
from emu.core.errors import EmuError
from emu.net.link import PortRef

INDEX: Final = "index.json"
FORMAT: Final = "emu-run"
SCHEMA_VERSION: Final = 1
UNFINISHED: Final = ".unfinished"
REPLACED: Final = ".replaced"
OCCUPIED: Final = (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR)  # rename(2): something is there


class RunFolder:
    """Where a run writes: into `path`, which becomes `target` when it is finished.

    A context: if it ends before `finish`, what was written stays in `path`.
    """

    def __init__(self, target: Path, *, name: str) -> None:
        """Prepare the folder for the run `name`; `EmuError` says why `target` cannot be it."""
        self.target = target.resolve()
        self.name = name
        self._files = [RUN_FILE]
        with writing(target):
            _check(self.target, target)
            self.target.parent.mkdir(parents=True, exist_ok=True)
            _clean(self.target)
            self.path = _make(self.target)
            self._lock = _lock(self.path)
            self._write_index(finished=False)

    def __enter__(self) -> Self:
        """Return the folder."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let go of the folder; `EmuError` if the run ended because a file could not be written."""
        _unlock(self._lock)
        self._lock = None
        if self.path != self.target and [entry.name for entry in self.path.iterdir()] == [INDEX]:
            _remove(self.path)  # nothing came of it
        if isinstance(error, OSError):
            raise EmuError(f"cannot write {self.path}: {error.strerror}") from error

    def open(self, name: str) -> TextIO:
        """Begin a text file in the folder."""
        with writing(self.path / name):
            self._files.append(name)
            self._write_index(finished=False)
            return (self.path / name).open("x", encoding="utf-8", newline="\n")

    def finish(self, captures: Sequence[Capture]) -> Path | None:
        """Write the index, and put the folder in its place; the files are closed by now.

        Returns the folder that was there before, if it holds files that are not emu's and whose
        names the new one needs.
        """
        with writing(self.target):
            self._write_index(finished=True, captures=captures)
            old = None
            while not _take_place(self.path, self.target):
                old = _move_away(self.target, self.path)
            self.path = self.target
            return old and _dissolve(old, self.target)

    def _write_index(self, *, finished: bool, captures: Sequence[Capture] = ()) -> None:
        index = {
            "format": FORMAT,
            "schema_version": SCHEMA_VERSION,
            "name": self.name,
            "finished": finished,
            "run": RUN_FILE,
            "links": [_describe(capture) for capture in captures],
            "files": [*self._files, *[capture.file for capture in captures]],
        }
        fresh = self.path / f"{INDEX}.new"
        fresh.write_text(json.dumps(index, indent=2) + "\n", encoding="utf-8")
        fresh.replace(self.path / INDEX)


def read_index(folder: Path) -> dict[str, object] | None:
    """Return the index of the run in `folder`; None if emu wrote none there."""
    try:
        index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return index if isinstance(index, dict) and index.get("format") == FORMAT else None


def _describe(capture: Capture) -> dict[str, object]:
    return {
        "name": str(capture.link),
        "a": _describe_end(capture.link.a),
        "b": _describe_end(capture.link.b),
        "file": capture.file,
        "frames": {"from_a": capture.from_a, "from_b": capture.from_b},
    }


def _describe_end(end: PortRef) -> dict[str, str]:
    return {"device": end.device, "port": end.port}


# --- before a run --------------------------------------------------------------------------------


def _check(target: Path, said: Path) -> None:
    """Raise `EmuError` if a run cannot take the place of `target`, which the user called `said`."""
    if not target.exists():
        return
    if not target.is_dir():
        raise EmuError(f"{said} is not a folder")
    if target.is_mount() or Path.cwd().is_relative_to(target):
        raise EmuError(f"{said} is in use and cannot be replaced: name a folder inside it")
    if any(target.iterdir()) and read_index(target) is None:
        raise EmuError(f"{said} holds files and is no run of emu: name an empty or a new folder")


def _clean(target: Path) -> None:
    """Take away what earlier runs for `target` left, and put back what they had moved away."""
    leftover = re.compile(re.escape(target.name) + rf"({UNFINISHED}|{REPLACED})(~[0-9]+)?")
    for path in sorted(target.parent.iterdir()):
        match = leftover.fullmatch(path.name)
        if match is None or path.is_symlink() or read_index(path) is None:
            continue
        if (lock := _lock(path)) is None:  # its run lives
            continue
        if match[1] == REPLACED and not target.exists():
            path.rename(target)
        else:
            _remove(path)
        _unlock(lock)


def _make(target: Path) -> Path:
    """Make the folder for a run that shall take the place of `target`."""
    path = _sibling(target, UNFINISHED, number := 1)
    while not _is_made(path):
        path = _sibling(target, UNFINISHED, number := number + 1)
    if target.exists():
        path.chmod(S_IMODE(target.stat().st_mode))
    return path


def _is_made(path: Path) -> bool:
    """Make the folder `path`, unless there is something of that name."""
    try:
        path.mkdir()
    except FileExistsError:
        return False
    return True


# --- after a run ---------------------------------------------------------------------------------


def _take_place(path: Path, target: Path) -> bool:
    """Rename `path` to `target`, unless that holds something."""
    try:
        path.rename(target)
    except OSError as error:
        if error.errno not in OCCUPIED:
            raise
        return False
    return True


def _move_away(target: Path, fresh: Path) -> Path:
    """Give the run in `target` another name, and return that."""
    if read_index(target) is None:
        raise EmuError(f"{target} holds files now and is no run of emu: the run is in {fresh}")
    lock = _lock(target)
    old = _sibling(target, REPLACED, number := 1)
    while not _take_place(target, old):
        old = _sibling(target, REPLACED, number := number + 1)
    _unlock(lock)
    return old


def _dissolve(old: Path, target: Path) -> Path | None:
    """Move the files of a user's from `old` to `target`, delete emu's; return what is left."""
    own = _own_files(old)
    for entry in sorted(old.iterdir()):
        place = target / entry.name
        if entry.name not in own and not place.exists() and not place.is_symlink():
            entry.rename(place)
    _remove(old)
    return old if old.exists() else None


def _own_files(folder: Path) -> list[str]:
    """Return the names of the files that emu wrote into `folder`, index last."""
    index = read_index(folder) or {}
    listed = index.get("files")
    names = [name for name in listed if isinstance(name, str)] if isinstance(listed, list) else []
    if not index.get("finished"):
        names += [path.name for path in folder.glob("*.pcapng") if _is_capture(path)]
    own = [name for name in dict.fromkeys(names) if name == Path(name).name]
    return [*own, f"{INDEX}.new", INDEX]


def _is_capture(path: Path) -> bool:
    section = build_section()
    with path.open("rb") as file:
        return file.read(len(section)) == section


def _remove(folder: Path) -> None:
    """Delete what emu wrote into `folder`, and the folder, if there is nothing else in it."""
    for name in _own_files(folder):
        path = folder / name
        if path.is_file() or path.is_symlink():
            path.unlink()
    with suppress(OSError):
        folder.rmdir()


def _sibling(target: Path, ending: str, number: int) -> Path:
    return target.with_name(target.name + ending + (f"~{number}" if number > 1 else ""))


def _lock(folder: Path) -> int | None:
    """Lock `folder` while this process lives; None if another has, or the disk knows no locks."""
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle


def _unlock(lock: int | None) -> None:
    if lock is not None:
        os.close(lock)
