"""When a timer of the kernel's wheel fires; the measured ones are from Linux 6.18, HZ=250."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emu.core.time import Nanoseconds, microseconds, milliseconds, seconds
from emu.inet.jiffies import JIFFY, expiry, fires, jiffies, to_jiffies

times = st.integers(0, 10**13).map(Nanoseconds)
delays = st.integers(0, 10**12).map(Nanoseconds)


@pytest.mark.parametrize(
    ("duration", "count"),
    [
        pytest.param(milliseconds(0), 0, id="nothing"),
        pytest.param(milliseconds(4), 1, id="one tick"),
        pytest.param(microseconds(4_001), 2, id="a little more is two"),
        pytest.param(seconds(1), 250, id="a second"),
    ],
)
def test_a_duration_in_ticks_is_rounded_up(duration: Nanoseconds, count: int) -> None:
    assert to_jiffies(duration) == count


def test_time_in_ticks_is_rounded_down() -> None:
    assert [jiffies(microseconds(us)) for us in (0, 3_999, 4_000)] == [0, 0, 1]


@pytest.mark.parametrize(
    ("at", "delay", "jiffy"),
    [
        pytest.param(0, 1, 2, id="never in the tick that was asked for, but after it"),
        pytest.param(5, 62, 68, id="up to 62 ticks the wheel counts each"),
        pytest.param(0, 63, 64, id="from 63 on every 8th"),
        pytest.param(1, 63, 72, id="so that it may be 8 late"),
        pytest.param(0, 503, 504, id="up to 503"),
        pytest.param(0, 504, 512, id="from 504 on every 64th"),
        pytest.param(0, 4031, 4032, id="up to 4031"),
        pytest.param(0, 4032, 4096, id="from 4032 on every 512th"),
        pytest.param(0, 63 << 24, (63 << 24) + (1 << 24), id="the last level is the ninth"),
        pytest.param(0, 63 << 27, (63 << 27) + (1 << 24), id="there is none above it"),
    ],
)
def test_a_timer_is_rounded_up_to_the_granularity_of_its_level(
    at: int, delay: int, jiffy: int
) -> None:
    assert fires(at, delay) == jiffy


def test_a_second_takes_1000_to_1032_ms_the_first_time_and_1024_ms_from_then_on() -> None:
    gaps = []
    for began in range(8):
        first = expiry(milliseconds(4 * began), seconds(1))
        gaps.append(first // 1_000_000 - 4 * began)
        assert expiry(first, seconds(1)) == first + milliseconds(1024)
    assert gaps == [1024, 1020, 1016, 1012, 1008, 1004, 1032, 1028]


def test_the_five_seconds_before_a_probe_take_5_000_to_5_256_ms() -> None:
    waits = [expiry(milliseconds(4 * j), seconds(5)) - milliseconds(4 * j) for j in range(64)]
    assert (min(waits), max(waits)) == (milliseconds(5_004), milliseconds(5_256))


@given(times, delays)
def test_a_timer_never_fires_early_and_at_most_an_eighth_late(
    now: Nanoseconds, delay: Nanoseconds
) -> None:
    late = expiry(now, delay) - now - delay
    assert late + JIFFY > 0
    assert late <= max(delay // 7, 2 * JIFFY)


@given(times, delays)
def test_a_timer_fires_when_a_tick_begins(now: Nanoseconds, delay: Nanoseconds) -> None:
    assert expiry(now, delay) % JIFFY == 0
    assert expiry(now, delay) > now
