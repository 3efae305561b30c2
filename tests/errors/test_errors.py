"""What people read when a frame that they typed, or a capture of theirs, is wrong."""

from pathlib import Path

import pytest

from tests.errors.captures import CAPTURES, Capture
from tests.errors.goldens import (
    EXPRESSIONS,
    OF_CAPTURES,
    cases_of,
    entry,
    said_of_capture,
    said_of_expression,
)

TYPED = cases_of(EXPRESSIONS)


def entries(golden: Path) -> list[str]:
    return [f"{text.strip()}\n" for text in golden.read_text().split("\n\n")]


@pytest.mark.parametrize("typed", TYPED)
def test_what_is_said_of_a_frame_that_was_typed_wrong(typed: str) -> None:
    assert entry(typed, said_of_expression(typed)) in entries(EXPRESSIONS)


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda capture: capture.title)
def test_what_is_said_of_a_wrong_capture(capture: Capture, tmp_path: Path) -> None:
    assert entry(capture.title, said_of_capture(capture, tmp_path)) in entries(OF_CAPTURES)


def test_the_goldens_hold_these_cases_and_no_others() -> None:
    assert [text.partition("\n")[0] for text in entries(EXPRESSIONS)] == TYPED
    assert cases_of(OF_CAPTURES) == [capture.title for capture in CAPTURES]
    assert len(dict.fromkeys(TYPED)) == len(TYPED)


def test_not_one_of_the_wrong_frames_is_made() -> None:
    assert "nothing is wrong" not in EXPRESSIONS.read_text()
