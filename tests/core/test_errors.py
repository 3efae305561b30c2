"""What people read when something is wrong."""

import pytest

from emu.core.errors import EmuBug, EmuError, Mistake, Refused, ScenarioError, Storm


def mistake(file: str, line: int, column: int, what: str, fix: str = "") -> Mistake:
    return Mistake(file=file, line=line, column=column, what=what, fix=fix)


@pytest.mark.parametrize(
    ("fix", "text"),
    [
        ("", "lab.yaml:3:7: there is no network vlan10"),
        (
            "did you mean vlan100?",
            "lab.yaml:3:7: there is no network vlan10\n    did you mean vlan100?",
        ),
    ],
)
def test_a_mistake_names_its_place_and_how_to_mend_it(fix: str, text: str) -> None:
    assert str(mistake("lab.yaml", 3, 7, "there is no network vlan10", fix)) == text


def test_all_mistakes_are_told_by_file_line_and_column() -> None:
    error = ScenarioError(
        (
            mistake("b.yaml", 1, 1, "last"),
            mistake("a.yaml", 10, 1, "fourth"),
            mistake("a.yaml", 9, 2, "third"),
            mistake("a.yaml", 9, 1, "second"),
            mistake("a.yaml", 9, 1, "first"),
        )
    )
    assert [found.what for found in error.mistakes] == [
        "first",
        "second",
        "third",
        "fourth",
        "last",
    ]
    assert str(error).splitlines() == [
        "a.yaml:9:1: first",
        "a.yaml:9:1: second",
        "a.yaml:9:2: third",
        "a.yaml:10:1: fourth",
        "b.yaml:1:1: last",
    ]


@pytest.mark.parametrize("kind", [ScenarioError, Refused, Storm, EmuBug])
def test_every_error_of_emu_can_be_caught_as_one(kind: type[Exception]) -> None:
    assert issubclass(kind, EmuError)
