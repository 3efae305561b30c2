"""Colours, where there is a terminal that shows them and nobody said NO_COLOR."""

import os
import sys
from typing import Final

CODES: Final = {"bold": "1", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


def paint(text: str, colour: str) -> str:
    """Return `text` in that colour, or as it is (https://no-color.org)."""
    if os.environ.get("NO_COLOR") or not sys.stdout.isatty():
        return text
    return f"\x1b[{CODES[colour]}m{text}\x1b[0m"
