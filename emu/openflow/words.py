"""The grammar of flows, groups and actions: `key`, `key=value`, `key:value`, `key(value)`.

As ofputil_parse_key_value(), lib/ofp-parse.c: pairs stand between commas or spaces; a value may
hold parentheses, in which neither ends it.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeVar, final

from emu.openflow.errors import BadFlow

_SKIP: Final = re.compile(r"[, \t\r\n]*")
_KEY: Final = re.compile(r"[^:=(, \t\r\n]*")
_PLAIN: Final = ", \t\r\n"

T = TypeVar("T")


@final
@dataclass(frozen=True, slots=True)
class Word:
    """A piece of text, and where in the whole text it begins."""

    text: str
    at: int

    def read(self, parse: Callable[[str], T], expected: str = "") -> T:
        """Return what `parse` makes of the text; `BadFlow` with its words if it raises."""
        try:
            return parse(self.text)
        except ValueError as error:
            raise self.bad(str(error), expected) from None

    def bad(self, words: str, expected: str = "") -> BadFlow:
        """Return an error about this piece."""
        return BadFlow(words, at=self.at, expected=expected)


def pairs(whole: Word) -> Iterator[tuple[Word, Word]]:
    """Yield each key and its value, which is empty where there is none."""
    text, at = whole.text, 0
    while True:
        at = _end(_SKIP, text, at)
        if at == len(text):
            return
        start, at = at, _end(_KEY, text, at)
        key = Word(text[start:at], whole.at + start)
        delimiter = text[at : at + 1]
        at += len(delimiter)
        if delimiter == "(":
            end = _end_of_value(text, at, ")")
            if text[end : end + 3] == ")->":  # `(x)->y`
                end = _end_of_value(text, end, _PLAIN)
        elif delimiter in (":", "=") and delimiter:
            end = _end_of_value(text, at, _PLAIN)
        else:
            yield key, Word("", whole.at + at)
            continue
        yield key, Word(text[at:end], whole.at + at)
        at = min(end + 1, len(text))


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _end_of_value(text: str, at: int, delimiters: str) -> int:
    """Return where the value ends that begins at `at`; as parse_value()."""
    level = 0
    while at < len(text):
        char = text[at]
        if char == "(":
            level += 1
        elif level:
            level -= char == ")"
        elif char in delimiters:
            break
        at += 1
    return at
