"""Names of files: what people called a thing, as far as every file system can hold it."""

import re
from typing import Final

UNSAFE: Final = re.compile(r"[^A-Za-z0-9._+@-]")
LONGEST: Final = 200  # octets; with an ending it stays below the 255 of most file systems


class FileNames:
    """Gives each thing a file name of its own."""

    def __init__(self, *taken: str) -> None:
        self._taken = dict.fromkeys(taken)

    def claim(self, wish: str) -> str:
        """Return `wish`, made safe, and with a number if another thing has that name already.

        Names that differ only in case are the same to some file systems.
        """
        safe = UNSAFE.sub("_", wish)[:LONGEST]
        stem = f"_{safe}" if safe.startswith((".", "-")) or not safe else safe
        name, count = stem, 1
        while name.casefold() in self._taken:
            count += 1
            name = f"{stem}~{count}"
        self._taken[name.casefold()] = None
        return name
