"""Random numbers that are always the same: a change here changes every capture."""

from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emu.core.rng import Rng

names = st.lists(st.text(max_size=3), max_size=3)


def test_the_numbers_of_a_seed_never_change() -> None:
    rng = Rng("emu")
    assert rng.octets(8).hex() == "d3707b1e866aceaa"
    assert rng.below(1000) == 237
    assert rng.between(1024, 65535) == 31624
    assert rng.octets(64).hex()[:16] == "f723ad3fdaaa4f54"


def test_nor_do_those_of_a_stream() -> None:
    rng = Rng("emu").stream("vm1", "ping")
    assert rng.octets(6).hex() == "b267312a4ec0"
    assert rng.below(65536) == 27708
    assert rng.below(2**48) == 148258211636167


def test_a_seed_may_be_text_or_its_octets_or_left_out() -> None:
    assert Rng("emu").octets(4) == Rng(b"emu").octets(4) == Rng().octets(4)
    assert Rng("other").octets(4) != Rng("emu").octets(4)


@given(names, names)
def test_streams_are_the_same_only_if_their_names_are(one: list[str], other: list[str]) -> None:
    rng = Rng()
    same = rng.stream(*one).octets(16) == rng.stream(*other).octets(16)
    assert same == (one == other)


def test_a_stream_within_a_stream_has_other_numbers_than_one_of_both_names() -> None:
    rng = Rng()
    assert rng.stream("a").stream("b").octets(8) != rng.stream("a", "b").octets(8)


@given(st.lists(st.integers(1, 64)))
def test_a_stream_does_not_depend_on_what_was_drawn_elsewhere(draws: list[int]) -> None:
    rng = Rng()
    for count in draws:
        rng.octets(count)
        rng.stream("other").octets(count)
    assert rng.stream("vm1").octets(8) == Rng().stream("vm1").octets(8)


@given(st.integers(1, 64))
def test_as_many_octets_as_asked_for(count: int) -> None:
    assert len(Rng().octets(count)) == count


@given(st.integers(1, 2**64), st.text(max_size=3))
def test_what_is_drawn_is_below_the_limit(limit: int, seed: str) -> None:
    assert 0 <= Rng(seed).below(limit) < limit


@given(st.integers(-1000, 1000), st.integers(0, 1000))
def test_what_is_drawn_between_is_from_low_to_high(low: int, span: int) -> None:
    assert low <= Rng().between(low, low + span) <= low + span


@pytest.mark.parametrize("limit", [2, 3, 10])
def test_every_number_is_drawn_about_as_often_as_any_other(limit: int) -> None:
    rng, draws = Rng(), 10_000
    drawn = Counter(rng.below(limit) for _ in range(draws))
    assert sorted(drawn) == list(range(limit))
    assert all(abs(Fraction(n, draws) - Fraction(1, limit)) < 0.02 for n in drawn.values())


def test_both_ends_are_drawn_between() -> None:
    rng = Rng()
    assert {rng.between(5, 7) for _ in range(100)} == {5, 6, 7}
