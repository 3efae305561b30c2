"""How many ICMP errors one destination gets: six, then one each second."""

from emu.core.time import milliseconds
from emu.inet.ratelimit import RateLimit

A, B = b"\x0a\x00\x00\x01", b"\x0a\x00\x00\x02"
SECOND = 250  # jiffies


def allowed(limit: RateLimit, ms: int, destination: bytes = A, tries: int = 1) -> int:
    return sum(limit.allows(milliseconds(ms), destination, SECOND) for _ in range(tries))


def test_forty_in_a_moment_are_six() -> None:
    assert allowed(RateLimit(), 0, tries=40) == 6


def test_each_second_fills_in_one() -> None:
    limit = RateLimit()
    allowed(limit, 0, tries=6)
    assert [allowed(limit, ms, tries=9) for ms in (996, 1000, 1996, 4000)] == [0, 1, 0, 3]


def test_no_more_than_six_are_saved_up() -> None:
    limit = RateLimit()
    assert allowed(limit, 0) == 1
    assert allowed(limit, 3_600_000, tries=40) == 6


def test_each_destination_has_its_own() -> None:
    limit = RateLimit()
    allowed(limit, 0, tries=6)
    assert allowed(limit, 0, B, tries=40) == 6


def test_who_was_told_longest_ago_is_forgotten_for_the_65_665th() -> None:
    limit = RateLimit()
    allowed(limit, 0, tries=6)
    allowed(limit, 0, B, tries=6)
    for number in range(65_662):
        allowed(limit, 0, number.to_bytes(4, "big"))
    assert allowed(limit, 0, tries=9) == 0  # and is heard of again
    allowed(limit, 0, b"new!")
    assert allowed(limit, 0, tries=9) == 0
    assert allowed(limit, 0, B, tries=9) == 6
