"""The ids of packets."""

from hypothesis import given
from hypothesis import strategies as st

from emu.core.rng import Rng
from emu.core.time import Nanoseconds, milliseconds
from emu.inet.ipid import IdGenerator

A, B, C = (bytes((10, 0, 0, last)) for last in (1, 2, 3))


def draw(ids: IdGenerator, ms: int, *, src: bytes = A, dst: bytes = B, protocol: int = 1) -> int:
    return ids.reserve(milliseconds(ms), src=src, dst=dst, protocol=protocol)


def test_in_one_tick_ids_follow_each_other() -> None:
    ids = IdGenerator(rng=Rng())
    first = draw(ids, 4)
    assert [draw(ids, ms) for ms in (4, 5, 7)] == [first + 1, first + 2, first + 3]


@given(st.lists(st.integers(0, 3_000), min_size=2), st.text())
def test_after_a_pause_an_id_leaps_by_less_than_the_ticks_that_passed(
    gaps: list[int], seed: str
) -> None:
    ids, ms = IdGenerator(rng=Rng(seed)), 0
    last = draw(ids, ms)
    for gap in gaps:
        ticks = (ms + gap) // 4 - ms // 4
        ms += gap
        new = draw(ids, ms)
        assert 1 <= (new - last) % 0x10000 <= max(ticks, 1)
        last = new


def test_each_source_destination_and_protocol_counts_by_itself() -> None:
    ids, judge = IdGenerator(rng=Rng()), IdGenerator(rng=Rng())
    alone = [draw(judge, ms) for ms in (0, 1000, 2000)]
    mixed = []
    for ms in (0, 1000, 2000):
        draw(ids, ms, dst=C)
        mixed.append(draw(ids, ms))
        draw(ids, ms, protocol=17)
        draw(ids, ms, src=C)
    assert mixed == alone
    assert len({draw(ids, 0), draw(ids, 0, dst=C), draw(ids, 0, protocol=17)}) == 3


def test_an_id_has_16_bits() -> None:
    ids = IdGenerator(rng=Rng())
    drawn = [ids.reserve(Nanoseconds(0), src=A, dst=B, protocol=1) for _ in range(0x10001)]
    assert (min(drawn), max(drawn)) == (0, 0xFFFF)
    assert drawn[0x10000] == drawn[0]


def test_the_flow_that_was_silent_longest_begins_anew_after_2048_others() -> None:
    ids = IdGenerator(rng=Rng())
    first, other = draw(ids, 0), draw(ids, 0, dst=C)
    for number in range(2046):
        draw(ids, 0, dst=number.to_bytes(4, "big"))
    assert draw(ids, 0) == first + 1
    draw(ids, 0, dst=b"new!")
    assert draw(ids, 0) == first + 2
    assert draw(ids, 0, dst=C) == other
