"""One line of a command language, read word by word, and the mistake that points into it."""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from emu.core.errors import Refused

QUOTED: Final = re.compile(r"""(["'])(.*?)\1""")
WORD: Final = re.compile(r"""(?P<word>(?:"[^"]*"|'[^']*'|[^\s"'])+)|["']""")
SHELL: Final = re.compile(r"[;&|<>$`]")  # what a shell would act on

INCOMPLETE: Final = 'Command line is not complete. Try option "help"'  # incomplete_command()


class CommandError(Refused):
    """A line is no command: `what` is the real tool's words, `column` where the wrong word is."""

    def __init__(self, line: str, column: int, what: str, fix: str = "") -> None:
        self.line = line
        self.column = column  # from 1
        self.what = what
        self.fix = fix  # what was probably meant, or how to mend it; may be empty
        pointer = f"{' ' * (column - 1)}^ {fix}".rstrip()
        super().__init__(f"{what}\n    {line}\n    {pointer}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word of a line, without quotes."""

    text: str
    column: int  # from 1


class Line:
    """A line, and how far it has been read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._words = tuple(self._split())
        self._next = 0

    @property
    def left(self) -> bool:
        """Whether there are more words."""
        return self._next < len(self._words)

    def take(self, missing: str = INCOMPLETE) -> Word:
        """Return the next word; `CommandError` that says `missing` if there is none."""
        if not self.left:
            raise self.short(missing)
        self._next += 1
        return self._words[self._next - 1]

    def back(self) -> None:
        """Put the word that was taken last back."""
        self._next -= 1

    def wrong(self, word: Word, what: str, fix: str = "") -> CommandError:
        """Return the error that `word` is wrong."""
        return CommandError(self.text, word.column, what, fix)

    def short(self, what: str, fix: str = "") -> CommandError:
        """Return the error that something is missing at the end."""
        return CommandError(self.text, len(self.text.rstrip()) + 1, what, fix)

    def spell_out(self, tool: str, letters: str) -> None:
        """Split what is left as getopt(3) does: `-qc3` is `-q`, `-c`, `3`.

        `letters` are the options, with a colon after those that take a value.
        """
        words = deque(self._words[self._next :])
        spelled = list(self._words[: self._next])
        while words:
            word = words.popleft()
            if not re.match("-.", word.text):
                spelled.append(word)
                continue
            letter, more = word.text[1], word.text[2:]
            if letter not in letters.replace(":", ""):
                raise self.wrong(word, f"{tool}: invalid option -- '{letter}'")
            spelled.append(Word(text=f"-{letter}", column=word.column))
            if f"{letter}:" not in letters:
                words.extendleft([Word(text=f"-{more}", column=word.column)] if more else [])
            elif more:
                spelled.append(Word(text=more, column=word.column + 2))
            elif words:
                spelled.append(words.popleft())
            else:
                raise self.short(f"{tool}: option requires an argument -- '{letter}'")
        self._words = tuple(spelled)

    def _split(self) -> Iterator[Word]:
        """Split as a shell does, but act on nothing."""
        for found in WORD.finditer(self.text):
            column, word = found.start() + 1, found["word"]
            if word is None:
                raise CommandError(self.text, column, "this quote is not closed")
            if word.startswith("#"):
                return
            if sign := SHELL.search(QUOTED.sub("", word)):
                what = f'there is no shell to understand "{sign.group()}"'
                raise CommandError(self.text, column, what, "one command a line")
            yield Word(text=QUOTED.sub(r"\2", word), column=column)
