"""Options: the keywords of a command, each with a reader of the value that follows it.

A command lists its options, and asks by option for what a line gave:

    MTU = Option("mtu", number("mtu"))
    given = read_options(line, (MTU, UP), rest=DEV)
    given.get(MTU)  # int | None
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar, cast

from emu.host.language.line import CommandError, Line, Word

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

GARBAGE: Final = 'Error: either "{rest}" is duplicate, or "{word}" is a garbage.'  # duparg2()
DUPLICATE: Final = 'Error: duplicate "{option}": "{word}" is the second value.'  # duparg()


@dataclass(frozen=True, slots=True, eq=False)
class Option(Generic[T_co]):
    """A keyword and the reader of its value."""

    name: str
    read: Callable[[Line], T_co]
    short: bool = False  # any beginning of the name will do, as in iproute2's matches()
    aliases: tuple[str, ...] = ()

    def names(self, word: str) -> bool:
        """Whether `word` is this keyword."""
        return word in (self.name, *self.aliases) or (self.short and begins(word, self.name))


class Given:
    """The options that a line gave."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self._found: dict[Option[object], tuple[Word, object]] = {}

    def __contains__(self, option: Option[object]) -> bool:
        """Whether the line gave `option`."""
        return option in self._found

    def get(self, option: Option[T]) -> T | None:
        """Return the value of `option`; None if it was not given."""
        return cast("T", self._found[option][1]) if option in self._found else None

    def value(self, option: Option[T], default: T) -> T:
        """Return the value of `option`; `default` if it was not given."""
        return cast("T", self._found[option][1]) if option in self._found else default

    def need(self, option: Option[T], missing: str) -> T:
        """Return the value of `option`; `CommandError` that says `missing` if it was not given."""
        if option not in self._found:
            raise self.line.short(missing)
        return cast("T", self._found[option][1])

    def wrong(self, option: Option[object], what: str, fix: str = "") -> CommandError:
        """Return the error that `option`, which was given, is wrong."""
        return self.line.wrong(self._found[option][0], what, fix)

    def apart(self, *options: Option[object]) -> None:
        """Refuse a second one of `options`, which contradict each other."""
        given = [option for option in self._found if option in options]  # as they came
        if len(given) > 1:
            first, second, *_ = given
            raise self.wrong(second, DUPLICATE.format(option=first.name, word=second.name))

    def put(self, option: Option[T], word: Word, value: T) -> None:
        """Note that the line gave `option`, beginning with `word`."""
        self._found[option] = (word, value)


def read_options(
    line: Line,
    options: Sequence[Option[object]],
    rest: Option[object] | None = None,
    last: Option[object] | None = None,
    unknown: str = GARBAGE,
) -> Given:
    """Read what is left of `line`, but not beyond the option `last`.

    A word that is no keyword is the value of `rest`; without `rest`, or a second time, `unknown`.
    """
    given = Given(line)
    while line.left and (last is None or last not in given):
        word = line.take()
        option = next((option for option in options if option.names(word.text)), None)
        if option is None:
            if rest is None or rest in given:
                what = unknown.format(word=word.text, rest=rest.name if rest else "")
                raise line.wrong(word, what, meant(word, [option.name for option in options]))
            option = rest
            line.back()
        elif option in given:
            raise line.wrong(word, DUPLICATE.format(option=option.name, word=word.text))
        given.put(option, word, option.read(line))
    return given


def begins(word: str, keyword: str) -> bool:
    """Whether `word` abbreviates `keyword`: matches() of iproute2."""
    return word != "" and keyword.startswith(word)


def meant(word: Word, known: Iterable[str]) -> str:
    """Return which of `known` was probably meant, as a question; empty if none resembles it."""
    from difflib import get_close_matches  # only after a mistake

    near = get_close_matches(word.text, list(known), 1)
    return f'did you mean "{near[0]}"?' if near else ""
