"""What the author of a wrong file reads: every mistake of a phase, its place, what was meant."""

import re
from pathlib import Path

import pytest
import yaml

from emu.scenario import reading
from tests.scenario.error_goldens import CASES, ERRORS, said_of

MISTAKE = re.compile(r"[\w-]+\.yaml:(\d+):(\d+): \S")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_what_is_said_of_a_wrong_file(case: Path) -> None:
    assert said_of(case) == case.with_suffix(".txt").read_text()


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.stem.startswith("yaml")], ids=lambda case: case.stem
)
def test_the_same_is_said_where_there_is_no_libyaml(
    case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LOADER", yaml.SafeLoader)
    assert said_of(case) == case.with_suffix(".txt").read_text()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_every_mistake_points_into_its_file(case: Path) -> None:
    lines = case.read_bytes().decode("latin-1").split("\n")
    for said in case.with_suffix(".txt").read_text().splitlines():
        if not said.startswith("    "):
            place = MISTAKE.match(said)
            assert place, said
            line, column = map(int, place.groups())
            assert 1 <= column <= len(lines[line - 1]) + 1, said


def test_every_text_has_a_file() -> None:
    assert sorted(ERRORS.glob("*.txt")) == [case.with_suffix(".txt") for case in CASES]
