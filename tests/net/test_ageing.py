"""When a silent station is forgotten."""

from hypothesis import given
from hypothesis import strategies as st

from emu.core.time import Nanoseconds, nanoseconds
from emu.net.ageing import Ageing

TIME = nanoseconds(10)


def aged(*heard: tuple[int, str]) -> Ageing[str]:
    ageing = Ageing[str](TIME)
    for now, station in heard:
        ageing.hear(nanoseconds(now), station)
    return ageing


def test_nobody_is_waited_for_at_first() -> None:
    assert aged().next_deadline() is None
    assert aged().due(nanoseconds(99)) == []


def test_a_station_is_due_when_it_was_silent_for_that_time_and_then_forgotten() -> None:
    ageing = aged((3, "a"))
    assert ageing.next_deadline() == 13
    assert ageing.due(nanoseconds(12)) == []
    assert ageing.due(nanoseconds(13)) == ["a"]
    assert ageing.next_deadline() is None


def test_who_is_heard_again_is_waited_for_anew() -> None:
    ageing = aged((1, "a"), (2, "b"), (3, "a"))
    assert list(ageing) == ["b", "a"]
    assert ageing.next_deadline() == 12
    assert ageing.due(nanoseconds(12)) == ["b"]
    assert ageing.next_deadline() == 13


def test_who_is_forgotten_is_not_waited_for_and_need_not_be_known() -> None:
    ageing = aged((1, "a"), (2, "b"))
    ageing.forget(["a", "nobody"])
    assert list(ageing) == ["b"]


def test_another_time_holds_for_all() -> None:
    ageing = aged((1, "a"), (2, "b"))
    ageing.time = nanoseconds(1)
    assert ageing.due(nanoseconds(2)) == ["a"]
    ageing.time = nanoseconds(100)
    assert ageing.next_deadline() == 102


@given(st.lists(st.tuples(st.integers(0, 6), st.sampled_from("abcd"))))
def test_the_deadline_is_that_of_who_is_silent_longest(heard: list[tuple[int, str]]) -> None:
    ageing, now, last = aged(), nanoseconds(0), dict[str, Nanoseconds]()
    for gap, station in heard:
        now = Nanoseconds(now + gap)
        expired = ageing.due(now)
        assert sorted(expired) == sorted(s for s, at in last.items() if at + TIME <= now)
        for forgotten in expired:
            del last[forgotten]
        ageing.hear(now, station)
        last[station] = now
        assert ageing.next_deadline() == min(last.values()) + TIME
