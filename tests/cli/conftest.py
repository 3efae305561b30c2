"""Every command is tried in an empty folder."""

from pathlib import Path

import pytest

from tests.cli.command import Emu


@pytest.fixture
def emu(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Emu:
    monkeypatch.chdir(tmp_path)
    return Emu(monkeypatch, capsys)
