"""Reading drawings back: what is where in an SVG, and what is in the way of what."""

import re
from dataclasses import dataclass
from itertools import combinations, pairwise
from xml.etree import ElementTree as ET

NAMESPACE = "{http://www.w3.org/2000/svg}"
ADVANCE = 0.6021  # em, of DejaVu Sans Mono and Menlo: the widest of the faces


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of the drawing, and what it is."""

    left: float
    top: float
    right: float
    bottom: float
    what: str

    def overlaps(self, other: "Area") -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def holds(self, other: "Area") -> bool:
        return (
            self.left <= other.left
            and other.right <= self.right
            and self.top <= other.top
            and other.bottom <= self.bottom
        )


class Picture:
    """An SVG that was drawn."""

    def __init__(self, svg: str) -> None:
        self.root = ET.fromstring(svg)  # noqa: S314 - our own
        self.sheet = Area(
            0, 0, float(self.root.get("width", 0)), float(self.root.get("height", 0)), ""
        )

    def texts(self) -> list[Area]:
        return [_text_area(element) for element in self.root.iter(f"{NAMESPACE}text")]

    def boxes(self, *, frames: bool = False) -> list[Area]:
        """Return the boxes that hide lines; or the frames, that do not."""
        return [
            _box_area(element)
            for element in self.root.iter(f"{NAMESPACE}rect")
            if ("frame" in element.get("class", "")) == frames and element.get("class") != "paper"
        ]

    def titles(self) -> list[str]:
        return [element.text or "" for element in self.root.iter(f"{NAMESPACE}title")]

    def strokes(self) -> list[Area]:
        """Return each straight piece of each line, half a pixel thick to each side."""
        pieces = []
        for path in self.root.iter(f"{NAMESPACE}path"):
            numbers = [int(n) for n in re.findall(r"-?\d+", path.get("d", ""))]
            points = list(zip(numbers[::2], numbers[1::2], strict=True))
            for (x1, y1), (x2, y2) in pairwise(points):
                left, right = sorted((x1, x2))
                top, bottom = sorted((y1, y2))
                what = path.get("class", "")
                pieces.append(Area(left - 0.5, top - 0.5, right + 0.5, bottom + 0.5, what))
        return pieces

    def collisions(self) -> list[tuple[str, str]]:
        """Return which texts, boxes or frames are in each other's way, or outside the sheet."""
        return [
            (a.what, b.what)
            for areas in (self.texts(), self.boxes(), self.boxes(frames=True))
            for a, b in combinations(areas, 2)
            if a.overlaps(b)
        ] + [(area.what, "the edge") for area in self.texts() if not self.sheet.holds(area)]

    def struck_out(self) -> list[str]:
        """Return the texts through which a line goes, unless a box is between."""
        boxes = self.boxes()
        open_texts = [text for text in self.texts() if not any(box.holds(text) for box in boxes)]
        strokes = self.strokes()
        return [text.what for text in open_texts if any(map(text.overlaps, strokes))]

    def run_through(self) -> list[tuple[str, str]]:
        """Return the boxes through which a line goes that does not end there.

        The way to a guest may go through the name of a tap, along it.
        """
        strokes = self.strokes()
        found = []
        for element in self.root.iter(f"{NAMESPACE}rect"):
            kind = element.get("class", "")
            if "frame" in kind or kind == "paper":
                continue
            box = _box_area(element)
            inside = Area(box.left + 2, box.top + 2, box.right - 2, box.bottom - 2, box.what)
            for stroke in strokes:
                along = kind.startswith("plug") and stroke.bottom - stroke.top == 1
                if inside.overlaps(stroke) and not along:
                    found.append((box.what, stroke.what))
        return found


def _text_area(element: ET.Element) -> Area:
    text, size = element.text or "", float(element.get("font-size", 0))
    x, y = float(element.get("x", 0)), float(element.get("y", 0))
    width = len(text) * size * ADVANCE
    left = x - {"middle": width / 2, "end": width}.get(element.get("text-anchor", ""), 0)
    return Area(left, y - 0.76 * size, left + width, y + 0.23 * size, text)


def _box_area(element: ET.Element) -> Area:
    x, y = float(element.get("x", 0)), float(element.get("y", 0))
    width, height = float(element.get("width", 0)), float(element.get("height", 0))
    title = element.findtext(f"{NAMESPACE}title", element.get("class", ""))
    return Area(x, y, x + width, y + height, title)
