"""In which order things happen: by time, then ticks before frames, then as they were sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emu.core.errors import EmuBug
from emu.core.time import Nanoseconds, milliseconds, nanoseconds
from emu.net.actor import Message, Send
from emu.net.effects import Effects
from emu.net.link import LinkSettings
from emu.packet.frame import Frame
from tests.sim.puppets import HI, NOW, Clerk, Puppet, send, world

LATE = milliseconds(1000)


def test_frames_arrive_in_the_order_of_time_and_at_one_instant_as_they_were_sent() -> None:
    hub = Puppet("hub", ports=("p1", "p2", "p3"))
    ends = [Puppet(name) for name in "abc"]
    network, _ = world(hub, *ends)
    for end, port, latency in zip(ends, hub.ports, [2, 1, 1], strict=True):
        network.connect(
            (end.name, "eth0"), ("hub", port), LinkSettings(latency=milliseconds(latency))
        )
    for name in "acb":
        network.inject(name, "eth0", HI)
    assert network.settle(LATE)
    assert [(now, port) for now, port, _ in hub.heard] == [
        (milliseconds(1), "p3"),
        (milliseconds(1), "p2"),
        (milliseconds(2), "p1"),
    ]
    assert network.now == milliseconds(2)


def test_at_one_instant_ticks_come_first_in_the_order_in_which_devices_came() -> None:
    order: list[str] = []

    class Noisy(Puppet):
        def tick(self, now: Nanoseconds) -> Effects:
            order.append(f"{self.name} ticks")
            return super().tick(now)

        def receive(self, now: Nanoseconds, port: str, frame: Frame) -> Effects:
            order.append("a frame")
            return super().receive(now, port, frame)

    network, _ = world(*[Noisy(name) for name in "abc"])
    network.connect(("a", "eth0"), ("b", "eth0"), LinkSettings(latency=milliseconds(5)))
    network.inject("a", "eth0", HI)
    for name in "cab":
        network.configure(name, 5)
    network.advance(milliseconds(5))
    assert order == ["a ticks", "b ticks", "c ticks", "a frame"]


def test_messages_and_frames_share_one_order() -> None:
    clerk, device = Clerk("clerk"), Puppet("b")
    network, memory = world(Puppet("a"), device)
    network.add_actor(clerk)
    network.connect(("a", "eth0"), ("b", "eth0"), LinkSettings(latency=milliseconds(1)))
    network.inject("a", "eth0", HI)
    network.send(Message("me", "clerk", "hello", None))
    network.inject("a", "eth0", HI)
    network.settle(LATE)
    assert memory.said()[-3:] == ["Arrived", "MessageArrived", "Arrived"]
    assert [record.serial for record in memory.records if hasattr(record, "serial")] == [
        *(1, 2, 3),
        *(1, 2, 3),
    ]


# --- ticks ---------------------------------------------------------------------------------------


def test_a_device_ticks_when_it_is_due_and_not_before() -> None:
    device = Puppet("a", deadlines=[3, 7])
    network, _ = world(device)
    network.advance(milliseconds(6))
    assert device.ticked == [milliseconds(3)]
    network.advance(milliseconds(1))
    assert device.ticked == [milliseconds(3), milliseconds(7)]
    network.advance(LATE)
    assert len(device.ticked) == 2


def test_an_early_deadline_is_asked_again_and_nobody_ticks() -> None:
    device = Puppet("a", deadlines=[8])
    device.early = 1
    network, _ = world(device)
    network.advance(LATE)
    assert device.ticked == [milliseconds(8)]


def test_a_deadline_may_move_forward_and_then_the_old_tick_is_out_of_date() -> None:
    device = Puppet("a", deadlines=[8])
    network, _ = world(device)
    network.configure("a", 3)  # due at 3 and at 8
    device.deadlines.pop()  # the timer of 8 is cancelled
    network.advance(LATE)
    assert device.ticked == [milliseconds(3)]


def test_a_deadline_that_has_passed_is_due_now() -> None:
    device = Puppet("a")
    network, _ = world(device)
    network.advance(milliseconds(5))
    device.deadlines = [milliseconds(1)]
    network.configure("a", ())
    assert network.step()
    assert device.ticked == [milliseconds(5)]


def test_a_frame_may_set_a_timer_for_the_same_instant() -> None:
    device = Puppet("b")
    network, _ = world(Puppet("a"), device)
    network.connect(("a", "eth0"), ("b", "eth0"))
    device.deadlines = [NOW]
    network.inject("a", "eth0", HI)
    network.inject("a", "eth0", HI)
    network.step()
    assert (len(device.heard), device.ticked) == (1, [])
    network.step()
    assert (len(device.heard), device.ticked) == (1, [NOW])


def test_there_is_one_pending_tick_however_often_it_is_asked() -> None:
    network, _ = world(device := Puppet("a", deadlines=[3]))
    network.configure("a", ())
    network.configure("a", ())
    assert network.step()
    assert device.ticked == [milliseconds(3)]
    assert not network.step()


def test_a_device_that_has_left_does_not_tick() -> None:
    device = Puppet("a", deadlines=[3])
    network, _ = world(device)
    network.remove("a")
    network.advance(LATE)
    assert device.ticked == []


def test_who_is_still_due_after_its_tick_is_a_bug() -> None:
    network, _ = world(Puppet("a", deadlines=[3], stubborn=True))
    with pytest.raises(EmuBug, match="a is still due at 3000000 after its tick at 3000000"):
        network.advance(LATE)


def test_an_actor_that_is_still_due_is_a_bug_as_well() -> None:
    network, _ = world()
    network.add_actor(Clerk("clerk", deadlines=[3, 3]))
    with pytest.raises(EmuBug, match="clerk is still due"):
        network.advance(LATE)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 9)), max_size=12))
def test_whatever_is_asked_every_timer_runs_at_its_time(timers: list[tuple[str, int]]) -> None:
    devices = {name: Puppet(name) for name in "abc"}
    network, _ = world(*devices.values())
    for name, at in sorted(timers, key=lambda timer: -timer[1]):  # each earlier than those before
        network.configure(name, at)
    network.advance(milliseconds(9))
    for name, device in devices.items():
        assert device.ticked == sorted({milliseconds(at) for who, at in timers if who == name})


# --- how long it runs ----------------------------------------------------------------------------


def test_it_settles_when_nothing_is_in_flight_though_timers_are_pending() -> None:
    device = Puppet("b", deadlines=[500])
    network, _ = world(Puppet("a"), device)
    network.connect(("a", "eth0"), ("b", "eth0"), LinkSettings(latency=milliseconds(2)))
    assert network.settle(LATE)
    assert network.now == NOW
    network.inject("a", "eth0", HI)
    assert network.in_flight == 1
    assert network.settle(LATE)
    assert (network.now, network.in_flight) == (milliseconds(2), 0)


def test_it_does_not_settle_if_time_is_up_before() -> None:
    network, _ = world(Puppet("a"), Puppet("b"))
    network.connect(("a", "eth0"), ("b", "eth0"), LinkSettings(latency=milliseconds(2)))
    network.inject("a", "eth0", HI)
    assert not network.settle(milliseconds(1))
    assert (network.now, network.in_flight) == (milliseconds(1), 1)
    assert network.settle(milliseconds(2))


def test_messages_count_as_in_flight() -> None:
    network, _ = world()
    network.add_actor(Clerk("clerk"))
    network.send(Message("me", "clerk", "hello", None))
    assert network.in_flight == 1
    assert network.settle(LATE)
    assert (network.now, network.in_flight) == (milliseconds(1), 0)


def test_it_runs_until_something_is_done_and_nothing_is_in_flight() -> None:
    network, _ = world(device := Puppet("a", deadlines=[3, 5, 500], on_tick=send()), Puppet("b"))
    network.connect(("a", "eth0"), ("b", "eth0"), LinkSettings(latency=milliseconds(10)))
    assert network.run_until(lambda: len(device.ticked) == 2, LATE)
    assert (network.now, network.in_flight) == (milliseconds(15), 0)
    assert device.ticked == [milliseconds(3), milliseconds(5)]


@pytest.mark.parametrize(
    "deadlines",
    [
        pytest.param([2, 5000], id="the next timer is too late"),
        pytest.param([], id="nothing will ever happen"),
    ],
)
def test_it_gives_up_when_time_is_up_and_then_it_is_that_time(deadlines: list[int]) -> None:
    network, _ = world(Puppet("a", deadlines=deadlines))
    assert not network.run_until(lambda: False, milliseconds(10))
    assert network.now == milliseconds(10)
    assert not network.run_until(lambda: False, milliseconds(4))
    assert network.now == milliseconds(10)


def test_what_is_due_at_the_deadline_happens() -> None:
    device = Puppet("a", deadlines=[10])
    network, _ = world(device)
    assert network.run_until(lambda: bool(device.ticked), milliseconds(10))


def test_what_is_done_already_takes_no_time() -> None:
    device = Puppet("a", deadlines=[0])
    network, _ = world(device)
    assert network.run_until(lambda: True, LATE)
    assert (network.now, device.ticked) == (NOW, [])


def test_time_passes_when_it_is_told_to_though_nothing_happens() -> None:
    network, _ = world()
    assert not network.step()
    network.advance(nanoseconds(7))
    assert network.now == nanoseconds(7)
    network.advance(nanoseconds(7))
    assert network.now == nanoseconds(14)


def test_a_step_does_nothing_that_is_later_than_it_may() -> None:
    device = Puppet("a", deadlines=[5])
    network, _ = world(device)
    assert not network.step(milliseconds(4))
    assert network.now == NOW
    assert network.step(milliseconds(5))
    assert device.ticked == [milliseconds(5)]


def test_an_answer_to_a_message_is_in_flight_too() -> None:
    answer = Message("clerk", "chief", "welcome", None)
    network, _ = world()
    network.add_actor(Clerk("clerk", (Send(answer),)))
    network.add_actor(chief := Clerk("chief"))
    network.send(Message("chief", "clerk", "hello", None))
    assert network.settle(LATE)
    assert chief.heard == [(milliseconds(2), "welcome")]
