"""A file as a tree of texts that know their places.

A scalar stays the text that was written. What it means is for the schema to say, which knows
whether a name, a number or an address is wanted.
"""

from dataclasses import dataclass, field
from typing import cast

from emu.core.errors import Mistake

Path = tuple[str | int, ...]
Plain = None | str | list["Plain"] | dict[str, "Plain"]


@dataclass(slots=True, eq=False, kw_only=True)
class Node:
    """A place in the text; from 1."""

    line: int
    column: int
    size: int = 1  # nodes, with every alias written out
    height: int = 0  # lists and mappings in each other, with this one


@dataclass(slots=True, eq=False, kw_only=True)
class Scalar(Node):
    """A text; None is null."""

    text: str | None
    written: str  # as a key, null is a text too
    style: str = ""  # the sign that it begins with: ' " | >
    indent: int | None = None  # of the lines of a literal block, where it has some
    is_long: bool = False  # it goes over several lines

    def inside(self, line: int, column: int) -> tuple[int, int]:
        """Return the place of a character of the text; lines and columns from 1.

        Where the text is not as it stands in the file, that is the place of the whole.
        """
        if self.indent is not None:
            return self.line + line, self.indent + column
        if self.is_long or line > 1:
            return self.line, self.column
        return self.line, self.column + len(self.style) + column - 1


@dataclass(slots=True, eq=False, kw_only=True)
class Sequence(Node):
    """A list."""

    height: int = 1
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True, eq=False, kw_only=True)
class Mapping(Node):
    """A mapping; every key has a place of its own."""

    height: int = 1
    keys: dict[str, Scalar] = field(default_factory=dict)
    values: dict[str, Node] = field(default_factory=dict)


class Document:
    """A file that was read."""

    def __init__(self, file: str, root: Node) -> None:
        self.file = file
        self._root = root

    def plain(self) -> Plain:
        """Return the tree as texts, None, lists and dicts."""
        return _plain(self._root)

    def mistake(
        self,
        path: Path,
        what: str,
        fix: str = "",
        *,
        key: bool = False,
        inside: tuple[int, int] | None = None,
    ) -> Mistake:
        """Return a mistake at the value at `path`, at its key, or inside its text.

        Where the path leads on to what is not written, the mistake is at the last key that is.
        """
        place = node = self._root
        for step in path:
            if isinstance(node, Mapping) and str(step) in node.values:
                place = node.keys[str(step)]
                node = node.values[str(step)]
            elif isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
                place = node = node.items[step]
            elif isinstance(node, Scalar) and isinstance(step, int):  # a line of it
                inside = step + 1, inside[1] if inside else 1
            elif not (isinstance(node, Sequence) and isinstance(step, str)):  # a key left out
                key = True
                break
        if isinstance(node, Scalar) and inside and not key:
            line, column = node.inside(*inside)
        else:
            at = place if key or (isinstance(node, Scalar) and node.written == "") else node
            line, column = at.line, at.column
        return Mistake(file=self.file, line=line, column=column, what=what, fix=fix)


def _plain(node: Node) -> Plain:
    if isinstance(node, Sequence):
        return [_plain(item) for item in node.items]
    if isinstance(node, Mapping):
        return {key: _plain(value) for key, value in node.values.items()}
    return cast("Scalar", node).text
