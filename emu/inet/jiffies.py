"""Kernel time: jiffies, and when a timer that is set now will fire.

Models:          kernel/time/timer.c, calc_wheel_index() and calc_index(), at CONFIG_HZ=250.
Does not model:  a wheel that lags behind, high-resolution timers (they are exact: add and be done).
Read first:      the essay on the timer wheel at the top of kernel/time/timer.c.

The wheel has levels; each counts eight times as coarsely as the one below. A timer goes into the
level that reaches far enough and is rounded up to its granularity, so that it never fires early:
one second fires after 1.000 to 1.032 s, and one that is set as such a one fires, after 1.024 s.
"""

from typing import Final

from emu.core.time import Nanoseconds

HZ: Final = 250  # ticks a second: Debian's and Ubuntu's CONFIG_HZ
JIFFY: Final = Nanoseconds(1_000_000_000 // HZ)

LVL_CLK_SHIFT: Final = 3  # a level is 8 times as coarse as the one below
LVL_SIZE: Final = 64  # slots of a level
LVL_DEPTH: Final = 9  # levels, where HZ is more than 100


def jiffies(now: Nanoseconds) -> int:
    """Return how many ticks there have been since the run began."""
    return now // JIFFY


def to_jiffies(duration: Nanoseconds) -> int:
    """Return `duration` in ticks, rounded up."""
    return -(-duration // JIFFY)


def milliseconds_to_jiffies(duration: int) -> int:
    """Return `duration` in ticks, rounded up: msecs_to_jiffies()."""
    return -(-duration * HZ // 1000)


def fires(at: int, delay: int) -> int:
    """Return the jiffy in which a timer fires that is set in jiffy `at` for `delay` jiffies."""
    level = 0
    while level < LVL_DEPTH - 1 and delay >= (LVL_SIZE - 1) << level * LVL_CLK_SHIFT:
        level += 1  # LVL_START(level + 1) is the first delay that this level does not reach
    shift = level * LVL_CLK_SHIFT
    return ((at + delay >> shift) + 1) << shift


def tick_time(jiffy: int) -> Nanoseconds:
    """Return when `jiffy` begins, which is when its timers fire."""
    return Nanoseconds(jiffy * JIFFY)


def expiry(now: Nanoseconds, delay: Nanoseconds) -> Nanoseconds:
    """Return when a timer fires that is set `now` for `delay`: always later than asked."""
    return tick_time(fires(jiffies(now), to_jiffies(delay)))
