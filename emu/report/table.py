"""Columns of text."""

from collections.abc import Iterable, Sequence


def render_table(rows: Sequence[Sequence[object]], *, indent: str = "  ") -> list[str]:
    """Return `rows` in aligned columns: numbers to the right, all else to the left."""
    texts = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    numeric = [_is_numeric(column) for column in zip(*rows, strict=True)]
    return [(indent + "  ".join(_pad(row, widths, numeric))).rstrip() for row in texts]


def _pad(row: Sequence[str], widths: Sequence[int], numeric: Sequence[bool]) -> list[str]:
    return [
        text.rjust(width) if right else text.ljust(width)
        for text, width, right in zip(row, widths, numeric, strict=True)
    ]


def _is_numeric(column: Iterable[object]) -> bool:
    """Whether `column` holds numbers below its heading."""
    _, *cells = column
    return bool(cells) and all(isinstance(cell, int) for cell in cells)
