"""YAML text becomes a tree, or the mistakes in it.

None of YAML 1.1's guesses happens: `no` and `on` are words, 52:54:00:12:34:56 and 12:30:00 are no
numbers of base 60, 010 is no octal one. The tree is built from the parser's events, with limits
that are asked at each, so that a hostile file ends early: it is never composed, resolved or
constructed as a whole.
"""

import re
from collections.abc import Iterable
from typing import Final, Never, Protocol, cast

import yaml

from emu.core.errors import Mistake, ScenarioError
from emu.scenario.document import Document, Mapping, Node, Scalar, Sequence

MAX_CHARACTERS: Final = 1_000_000  # of a file
MAX_DEPTH: Final = 50  # of lists and mappings in each other; a scenario needs 7
MAX_SCALAR: Final = 50_000  # characters; a frame of 9,000 octets as hex needs 27,000
MAX_NODES: Final = 50_000  # with every alias written out; 20 hosts with 20 servers each need 8,000

# Loader is C where PyYAML was built with libyaml; both give the same events
LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
NULLS: Final = frozenset(["", "~", "null", "Null", "NULL"])  # YAML 1.2, 10.3.2
UNREADABLE: Final = re.compile(
    r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)

ASTRAY: Final = (
    "this line does not belong to the mapping before it",
    "keys of one mapping begin in one column; quote a text that goes on after a quote",
)

# Words of libyaml, and PyYAML's where they differ -> ours, and what is probably the matter
SYNTAX: Final = {
    "mapping values are not allowed": (
        'a ":" where no key can stand',
        "quote a text that contains a colon and a blank; keys of one mapping begin in one column",
    ),
    "that cannot start any token": (
        "a text cannot begin with this character",
        "indent with blanks, not with tabs; quote a text that begins with @, ` or %",
    ),
    "found unexpected end of stream": ("this quote is not closed", "put the same quote at its end"),
    "expected ',' or ']'": (
        "the list that begins here goes wrong",
        "separate items by commas, close it with ], quote texts that contain , [ ] { or }",
    ),
    "expected ',' or '}'": (
        "the mapping that begins here goes wrong",
        "separate entries by commas, close it with }, quote texts that contain , [ ] { or }",
    ),
    "did not find expected key": ASTRAY,
    "expected <block end>, but found '<block mapping start>'": ASTRAY,
    "did not find expected '-' indicator": (
        "this line does not belong to the list before it",
        'items of one list begin with "- " in one column',
    ),
    "could not find expected ':'": ("a key without a colon", 'write "key: value", with a blank'),
    "did not find expected <document start>": ("text after the end of the scenario", ""),
}
AT_BEGINNING: Final = ("end of stream", "',' or")  # these problems began at the opening mark


def parse(text: str, file: str) -> Document:
    """Read `text`; `ScenarioError` with all that is wrong with it as YAML."""
    reader = _Reader(file)
    reader.read(text)
    if reader.mistakes or reader.root is None:
        raise ScenarioError(tuple(reader.mistakes))
    return Document(file, reader.root)


class _Stop(Exception):
    """Nothing sensible can be read after this mistake."""


class _Reader:
    """Builds the tree, event by event."""

    def __init__(self, file: str) -> None:
        self.mistakes: list[Mistake] = []
        self.root: Node | None = None
        self._file = file
        self._open: list[Sequence | Mapping] = []
        self._keys: list[Scalar | None] = []  # of each open mapping: the key that has no value yet
        self._anchors: dict[str, Node | None] = {}  # None: not complete yet
        self._names: list[str | None] = []  # the anchor of each open node
        self._size = 0
        self._lines: list[str] = []

    def read(self, text: str) -> None:
        try:
            self._check(text)
            self._lines = text.splitlines()
            for event in cast("Iterable[yaml.Event]", yaml.parse(text, Loader=LOADER)):
                self._take(event)
            if self.root is None:
                self._stop(1, 1, "the file is empty", 'a scenario begins with "name: ..."')
        except _Stop:
            pass
        except yaml.MarkedYAMLError as error:
            self._explain(error)

    def _check(self, text: str) -> None:
        if len(text) > MAX_CHARACTERS:
            what = f"the file has {len(text):,} characters, {MAX_CHARACTERS:,} are allowed"
            self._stop(1, 1, what)
        if found := UNREADABLE.search(text):
            line = text.count("\n", 0, found.start()) + 1
            column = found.start() - text.rfind("\n", 0, found.start())
            what = f"the character U+{ord(found.group()):04X} cannot stand in YAML"
            self._stop(line, column, what, r'write it as "\x.." in double quotes')

    def _take(self, event: yaml.Event) -> None:
        line, column = place(event.start_mark)
        if isinstance(event, yaml.NodeEvent):
            self._limit(event, line, column)
        match event:
            case yaml.ScalarEvent():
                self._put(self._scalar(event), event.anchor)
            case yaml.SequenceStartEvent(anchor=anchor):
                self._begin(Sequence(line=line, column=column), anchor)
            case yaml.MappingStartEvent(anchor=anchor):
                self._begin(Mapping(line=line, column=column), anchor)
            case yaml.CollectionEndEvent():
                self._end()
            case yaml.AliasEvent(anchor=anchor):
                self._put(self._alias(anchor or "", line, column), None)
            case yaml.DocumentStartEvent() if self.root is not None:
                self._stop(line, column, "a second document begins", "one file is one scenario")

    def _scalar(self, event: yaml.ScalarEvent) -> Scalar:
        line, column = place(event.start_mark)
        text, style = event.value, event.style or ""
        lines = self._lines[line:] if style == "|" else []
        return Scalar(
            line=line,
            column=column,
            text=None if not style and text in NULLS else text,
            written=text,
            style=style,
            indent=len(lines[0]) - len(lines[0].lstrip(" ")) if lines else None,
            is_long=place(event.end_mark)[0] != line,
        )

    def _limit(self, event: yaml.NodeEvent, line: int, column: int) -> None:
        self._size += 1
        tag = getattr(event, "tag", None)
        if tag is not None:
            shown = tag.replace("tag:yaml.org,2002:", "!!")
            fix = "take it away; quote a text that begins with !"
            self._mistake(line, column, f"the tag {_short(shown)} is not read", fix)
        if isinstance(event, yaml.ScalarEvent) and len(event.value) > MAX_SCALAR:
            what = f"a text of {len(event.value):,} characters, {MAX_SCALAR:,} are allowed"
            self._stop(line, column, what)
        is_scalar = isinstance(event, yaml.ScalarEvent | yaml.AliasEvent)
        self._measure(len(self._open) + (not is_scalar), line, column)

    def _measure(self, depth: int, line: int, column: int) -> None:
        if depth > MAX_DEPTH:
            what = f"lists and mappings stand in each other more than {MAX_DEPTH} deep"
            self._stop(line, column, what)
        if self._size > MAX_NODES:
            what = f"the file has more than {MAX_NODES:,} values, with every alias written out"
            self._stop(line, column, what)

    def _alias(self, anchor: str, line: int, column: int) -> Node:
        if anchor not in self._anchors:
            what = (
                f'the alias *{_short(anchor)} stands for nothing: there is no "&{_short(anchor)}"'
            )
            self._stop(line, column, what, "quote a text that begins with *")
        node = self._anchors[anchor]
        if node is None:
            self._stop(line, column, f"the alias *{_short(anchor)} stands within what it means")
        self._size += node.size
        self._measure(len(self._open) + node.height, line, column)
        return node

    def _begin(self, node: Sequence | Mapping, anchor: str | None) -> None:
        if self._expects_key():
            self._stop(node.line, node.column, "a key is a text, not a list or a mapping")
        self._open.append(node)
        self._keys.append(None)
        self._names.append(anchor)
        if anchor is not None:
            self._anchors[anchor] = None

    def _end(self) -> None:
        self._keys.pop()
        self._put(self._open.pop(), self._names.pop())

    def _put(self, node: Node, anchor: str | None) -> None:
        if anchor is not None:
            self._anchors[anchor] = node
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        parent.size += node.size
        if self._expects_key():
            self._keys[-1] = self._key(node)
            return
        parent.height = max(parent.height, node.height + 1)
        if isinstance(parent, Sequence):
            parent.items.append(node)
        elif (key := self._keys[-1]) is not None:
            parent.keys[key.written], parent.values[key.written] = key, node
            self._keys[-1] = None

    def _expects_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1], Mapping) and self._keys[-1] is None

    def _key(self, node: Node) -> Scalar:
        if not isinstance(node, Scalar):
            self._stop(node.line, node.column, "a key is a text, not a list or a mapping")
        parent = cast("Mapping", self._open[-1])
        if (first := parent.keys.get(node.written)) is not None:
            what = f'the key "{_short(node.written)}" stands here a second time'
            self._mistake(node.line, node.column, what, f"the first is in line {first.line}")
        return node

    def _explain(self, error: yaml.MarkedYAMLError) -> None:
        """Say in our words what libyaml found."""
        problem = str(error.problem)
        early = any(words in problem for words in AT_BEGINNING)
        mark = (early and error.context_mark) or error.problem_mark or error.context_mark
        line, column = place(mark)
        for words, (what, fix) in SYNTAX.items():
            if words in problem:
                self._mistake(line, column, what, fix)
                return
        context = f"{error.context}: " if error.context else ""
        self._mistake(line, column, f"not YAML: {context}{problem}")

    def _mistake(self, line: int, column: int, what: str, fix: str = "") -> None:
        new = Mistake(file=self._file, line=line, column=column, what=what, fix=fix)
        self.mistakes.append(new)

    def _stop(self, line: int, column: int, what: str, fix: str = "") -> Never:
        self._mistake(line, column, what, fix)
        raise _Stop


class Mark(Protocol):
    """A place, from 0."""

    line: int
    column: int


def place(mark: Mark | None) -> tuple[int, int]:
    """Return line and column, from 1."""
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
