"""How the tables of mistakes are read: in a line, `!` stands before the word that is wrong."""

import pytest

from emu.host import CommandError, parse_command


def check(marked: str, what: str, fix: str) -> None:
    line = marked.replace("!", "")
    with pytest.raises(CommandError) as caught:
        parse_command(line)
    error = caught.value
    assert error.line == line
    assert (error.what, error.fix) == (what, fix)
    assert marked == f"{line[: error.column - 1]}!{line[error.column - 1 :]}"
