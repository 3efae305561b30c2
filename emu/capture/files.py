"""Many files that grow at once, through a few open handles."""

import os
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from emu.core.errors import EmuError

HANDLES: Final = 64  # open at once; many systems allow a process 256


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the system says against writing `path` into an `EmuError`."""
    try:
        yield
    except OSError as error:
        raise EmuError(f"cannot write {path}: {error.strerror}") from error


class GrowingFiles:
    """Files that get what is appended whole or not at all.

    What is appended has left the process when `append` returns: a crash of emu does not lose it.
    """

    def __init__(self, handles: int = HANDLES) -> None:
        self._limit = handles
        self._handles: OrderedDict[Path, int] = OrderedDict()  # least recently used first

    def create(self, path: Path) -> None:
        """Begin an empty file; `EmuError` if there is one of that name."""
        self._open(path, os.O_CREAT | os.O_EXCL)

    def append(self, path: Path, octets: bytes) -> None:
        """Let the file grow by `octets`; `EmuError` if it cannot, and then it is as before."""
        handle = self._handles.get(path)
        if handle is None:
            handle = self._open(path, 0)
        self._handles.move_to_end(path)
        rest = memoryview(octets)
        with writing(path):
            try:
                while rest:
                    rest = rest[os.write(handle, rest) :]
            except OSError:
                written = len(octets) - len(rest)
                os.ftruncate(handle, os.fstat(handle).st_size - written)
                raise

    def close(self) -> None:
        """Close every handle."""
        while self._handles:
            os.close(self._handles.popitem()[1])

    def _open(self, path: Path, how: int) -> int:
        if len(self._handles) >= self._limit:
            os.close(self._handles.popitem(last=False)[1])
        with writing(path):
            handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | how, 0o666)
        self._handles[path] = handle
        return handle
