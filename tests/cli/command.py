"""The command line, called as a person calls it."""

import sys
from dataclasses import dataclass

import pytest

from emu.cli import main


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a command printed, and its exit status."""

    status: int
    out: str
    err: str


class Emu:
    """`emu`, in this process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *arguments: object) -> Done:
        """Type `emu ARGUMENTS`."""
        self._monkeypatch.setattr(sys, "argv", ["emu", *map(str, arguments)])
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as exit_:
            main()
        printed = self._capsys.readouterr()
        status = exit_.value.code
        return Done(
            status=status if isinstance(status, int) else 0, out=printed.out, err=printed.err
        )
