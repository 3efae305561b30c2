"""When each of many things is due, held against a dictionary."""

from hypothesis import given
from hypothesis import strategies as st

from emu.core.time import Nanoseconds
from emu.inet.deadlines import Deadlines

keys = st.sampled_from("abc")
whens = st.integers(0, 20).map(Nanoseconds)


def test_what_is_due_at_one_time_comes_in_the_order_of_setting() -> None:
    deadlines = Deadlines[str]()
    for key in "bca":
        deadlines.set(key, Nanoseconds(5))
    assert [deadlines.pop(Nanoseconds(5)) for _ in range(4)] == ["b", "c", "a", None]


def test_nothing_is_due_before_its_time() -> None:
    deadlines = Deadlines[str]()
    assert deadlines.next() is None
    deadlines.set("a", Nanoseconds(5))
    assert deadlines.pop(Nanoseconds(4)) is None
    assert deadlines.next() == Nanoseconds(5)
    assert deadlines.pop(Nanoseconds(5)) == "a"
    assert deadlines.next() is None


def test_what_was_cancelled_or_put_off_is_not_due_at_its_old_time() -> None:
    deadlines = Deadlines[str]()
    for key in "ab":
        deadlines.set(key, Nanoseconds(5))
    deadlines.cancel("a")
    deadlines.cancel("c")  # it was not due anyway
    deadlines.set("b", Nanoseconds(9))
    assert deadlines.pop(Nanoseconds(8)) is None
    assert deadlines.pop(Nanoseconds(9)) == "b"


def test_what_is_set_to_the_time_that_it_has_keeps_its_place() -> None:
    deadlines = Deadlines[str]()
    for key in "aba":
        deadlines.set(key, Nanoseconds(5))
    assert [deadlines.pop(Nanoseconds(5)) for _ in range(3)] == ["a", "b", None]


def test_what_is_put_off_again_and_again_takes_no_more_room() -> None:
    deadlines = Deadlines[str]()
    deadlines.set("a", Nanoseconds(5))
    for at in range(10_000):
        deadlines.set("b", Nanoseconds(at + 10))
        deadlines.set("c", Nanoseconds(7))
        deadlines.cancel("c")
        assert len(deadlines._heap) <= 3 * 3  # noqa: SLF001 - it shows nowhere else
    assert [deadlines.pop(Nanoseconds(20_000)) for _ in range(3)] == ["a", "b", None]


def test_when_all_is_cancelled_nothing_is_due() -> None:
    deadlines = Deadlines[str]()
    deadlines.set("a", Nanoseconds(5))
    deadlines.cancel("a")
    assert deadlines.next() is None


@given(st.lists(st.tuples(keys, st.none() | whens)), st.lists(whens).map(sorted))
def test_each_key_is_due_once_at_the_time_that_was_set_last(
    orders: list[tuple[str, Nanoseconds | None]], asked: list[Nanoseconds]
) -> None:
    deadlines, judge = Deadlines[str](), dict[str, Nanoseconds]()
    for key, at in orders:
        if at is None:
            deadlines.cancel(key)
            judge.pop(key, None)
        else:
            deadlines.set(key, at)
            judge[key] = at
    for now in [*asked, Nanoseconds(20)]:
        early = deadlines.next()
        assert not judge or (early is not None and early <= min(judge.values()))
        while (due := deadlines.pop(now)) is not None:
            assert judge.pop(due) <= now
        assert all(at > now for at in judge.values())
    assert judge == {}
