"""What time is."""

import pytest

from emu.core.time import (
    EPOCH,
    Nanoseconds,
    microseconds,
    milliseconds,
    nanoseconds,
    seconds,
    unix,
)


@pytest.mark.parametrize(
    ("time", "count"),
    [
        (nanoseconds(3), 3),
        (microseconds(3), 3_000),
        (milliseconds(3), 3_000_000),
        (seconds(3), 3_000_000_000),
    ],
)
def test_time_is_a_whole_number_of_nanoseconds(time: Nanoseconds, count: int) -> None:
    assert time == count
    assert type(time) is int


def test_a_run_begins_with_the_year_2026() -> None:
    assert EPOCH == 1_767_225_600 * 10**9  # date -u -d 2026-01-01T00:00:00Z +%s
    assert unix(seconds(0)) == EPOCH
    assert unix(nanoseconds(1)) == 1_767_225_600_000_000_001
