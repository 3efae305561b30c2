"""Verbs: what a tool is asked to do, each with the parser of what follows it."""

from collections.abc import Callable, Mapping
from typing import Final, Never

from emu.host.commands import Command
from emu.host.language.line import Line
from emu.host.language.options import begins, meant

ONLY_SHOWS: Final = "this only shows; a host runs commands that change something"

Verbs = Mapping[str, Callable[[Line], Command]]


def read_verb(line: Line, verbs: Verbs, unknown: str) -> Command:
    """Read a verb, which is any beginning of one of `verbs`, the first that fits, and the rest."""
    word = line.take(ONLY_SHOWS)
    for verb, parse in verbs.items():
        if begins(word.text, verb):
            return parse(line)
    raise line.wrong(word, unknown.format(word=word.text), meant(word, verbs))


def only_shows(line: Line) -> Never:
    """Refuse a verb that prints and changes nothing."""
    line.back()
    raise line.wrong(line.take(), ONLY_SHOWS)


def unmodelled_verb(line: Line) -> Never:
    """Refuse a verb that the real tool has."""
    line.back()
    word = line.take()
    raise line.wrong(word, f'emu does not model "{word.text}"')
