"""Drawings: rectangles, lines and text at whole coordinates, and the SVG that they become.

Text is set in a fixed-width face, so that its width is known from its characters: nothing is
measured, no font is brought along, and what is laid out without overlap is so everywhere. Colours
are classes; a reader whose screen is dark gets the dark ones.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from html import escape
from math import ceil
from typing import Final, Self
from unicodedata import east_asian_width

FACE: Final = (
    "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace"
)
ADVANCE: Final = 0.61  # em of a character; the widest of these faces has 0.602
LARGE: Final = 17
NORMAL: Final = 12
SMALL: Final = 10

Point = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rect:
    """A box; `title` is what one sees when pointing at it."""

    x: int
    y: int
    width: int
    height: int
    kind: str
    title: str = ""
    radius: int = 4

    def moved(self, dx: int, dy: int) -> Self:
        """Return the same elsewhere."""
        return replace(self, x=self.x + dx, y=self.y + dy)

    def render(self) -> str:
        """Return the element."""
        place = f'x="{self.x}" y="{self.y}" width="{self.width}" height="{self.height}"'
        return _element("rect", f'class="{self.kind}" {place} rx="{self.radius}"', self.title)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line through `points`."""

    points: tuple[Point, ...]
    kind: str
    title: str = ""

    def moved(self, dx: int, dy: int) -> Self:
        """Return the same elsewhere."""
        return replace(self, points=tuple([(x + dx, y + dy) for x, y in self.points]))

    def render(self) -> str:
        """Return the element."""
        way = "L".join(f"{x} {y}" for x, y in self.points)
        return _element("path", f'class="{self.kind}" d="M{way}"', self.title)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """Where lines meet."""

    x: int
    y: int
    kind: str

    def moved(self, dx: int, dy: int) -> Self:
        """Return the same elsewhere."""
        return replace(self, x=self.x + dx, y=self.y + dy)

    def render(self) -> str:
        """Return the element."""
        return f'<circle class="{self.kind}" cx="{self.x}" cy="{self.y}" r="3"/>'


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A line of text; `x` is its start, middle or end, `y` its base line."""

    x: int
    y: int
    text: str
    kind: str = ""
    size: int = NORMAL
    anchor: str = "start"

    def moved(self, dx: int, dy: int) -> Self:
        """Return the same elsewhere."""
        return replace(self, x=self.x + dx, y=self.y + dy)

    def render(self) -> str:
        """Return the element."""
        anchor = "" if self.anchor == "start" else f' text-anchor="{self.anchor}"'
        kind = f' class="{self.kind}"' if self.kind else ""
        place = f'x="{self.x}" y="{self.y}" font-size="{self.size}"'
        return f"<text{kind} {place}{anchor}>{escape(self.text, quote=False)}</text>"


Shape = Rect | Line | Dot | Text


def _element(name: str, attributes: str, title: str) -> str:
    if not title:
        return f"<{name} {attributes}/>"
    return f"<{name} {attributes}><title>{escape(title, quote=False)}</title></{name}>"


def width_of(text: str, size: int = NORMAL) -> int:
    """Return how wide `text` is, in pixels; characters of East Asia are twice as wide."""
    cells = sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
    return ceil(cells * size * ADVANCE)


def widest(texts: Iterable[str], size: int = NORMAL) -> int:
    """Return the width of the widest of `texts`, 0 if there is none."""
    return max([width_of(text, size) for text in texts], default=0)


def moved(shapes: Iterable[Shape], dx: int, dy: int) -> list[Shape]:
    """Return `shapes` elsewhere."""
    return [shape.moved(dx, dy) for shape in shapes]


def render_drawing(
    shapes: Sequence[Shape], *, width: int, height: int, title: str, style: str
) -> str:
    """Return the SVG: lines below boxes below text, otherwise in the order of `shapes`."""
    layers: dict[type[Shape], list[Shape]] = {Rect: [], Line: [], Dot: [], Text: []}
    frames = [shape for shape in shapes if isinstance(shape, Rect) and "frame" in shape.kind]
    for shape in shapes:
        if shape not in frames:
            layers[type(shape)].append(shape)
    ordered = [*frames, *layers[Line], *layers[Dot], *layers[Rect], *layers[Text]]
    lines = [shape.render() for shape in ordered]
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
            f"<title>{escape(title, quote=False)}</title>",
            f"<style>text{{font-family:{FACE};pointer-events:none;white-space:pre}}{style}</style>",
            f'<rect class="paper" width="{width}" height="{height}"/>',
            *lines,
            "</svg>\n",
        ]
    )
