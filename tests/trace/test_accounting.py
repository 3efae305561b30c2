"""Every frame is accounted for, and what emu does wrong with one is found."""

import gc
import tracemalloc
from collections import Counter
from io import StringIO
from itertools import cycle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emu.core.time import Nanoseconds, milliseconds
from emu.journal import Arrived, Configured, Lost, Record, Sent
from emu.net.effects import Deliver, Drop, DropReason, Event, Hold, Transmit
from emu.net.link import Link, PortRef
from emu.packet.frame import Frame, Origin, PacketId, Serial
from emu.trace import Fates
from tests.small_worlds import Kept, line

LINK = Link(index=0, a=PortRef("a", "eth0"), b=PortRef("b", "eth0"))
FRAME = Frame.new(bytes(60), PacketId(1 << 32 | 1))
HERE = Frame.new(bytes(60), PacketId(1 << 32 | 1)).arrived(Serial(1))
NEVER = milliseconds(1000)


def sent(serial: int = 1) -> Sent:
    return Sent(Nanoseconds(0), Serial(serial), LINK, True, FRAME, ())


def arrived(*effects: Deliver | Hold | Transmit | Event, serial: int = 1) -> Arrived:
    return Arrived(Nanoseconds(1), Serial(serial), "b", "eth0", effects)


def lost(serial: int = 1) -> Lost:
    reason = DropReason.LINK_VANISHED
    return Lost(Nanoseconds(1), Serial(serial), LINK, "a", "eth0", FRAME, reason)


DELIVERED = Deliver("eth0", HERE, ())
HELD = Hold("eth0", HERE, ())
PASSED_ON = Transmit("eth1", HERE, ())


@pytest.mark.parametrize(
    ("records", "mistakes"),
    [
        pytest.param([sent(), arrived(DELIVERED)], [], id="a frame that arrives"),
        pytest.param([sent(), lost()], [], id="a frame that is lost"),
        pytest.param([sent()], [], id="a frame that is in flight at the end"),
        pytest.param([sent(), arrived(HELD)], [], id="a frame that is held at the end"),
        pytest.param(
            [sent(), arrived(DELIVERED), lost()],
            ["traversal 1 ended, but was not on its way"],
            id="a frame that arrives and is lost",
        ),
        pytest.param(
            [sent(), sent(2), arrived(DELIVERED), arrived(DELIVERED)],
            ["traversal 1 ended, but was not on its way"],
            id="a frame that arrives twice",
        ),
        pytest.param(
            [lost()],
            ["traversal 1 ended, but was not on its way"],
            id="a frame that is lost without being sent",
        ),
        pytest.param(
            [sent(), sent()], ["00000001#1: traversal 1 began twice"], id="a serial is used twice"
        ),
        pytest.param(
            [sent(), arrived(Event("something"))],
            ["00000001#1: nothing became of it at b eth0"],
            id="a frame of which a device says nothing",
        ),
        pytest.param(
            [sent(), arrived(Deliver("eth0", Frame.new(b"", PacketId(7)), ()))],
            ["00000001#1: nothing became of it at b eth0"],
            id="a frame of which a device speaks as another packet",
        ),
        pytest.param(
            [sent(), arrived(PASSED_ON)],
            ["00000001#1: 1 frames were to be sent and were not"],
            id="a frame that a device said it sends and did not",
        ),
        pytest.param(
            [sent(), arrived(DELIVERED, Transmit("eth1", Frame.new(b"", PacketId(7)), ()))],
            ["00000000#7: 1 frames were to be sent and were not"],
            id="an answer that a device said it sends and did not",
        ),
    ],
)
def test_what_emu_does_wrong_is_found(records: list[Record], mistakes: list[str]) -> None:
    fates = Fates(StringIO())
    for record in records:
        fates.write(record)
    fates.close()
    assert list(fates.mistakes) == mistakes


def test_a_frame_of_which_nothing_is_said_does_not_keep_its_packet_alive() -> None:
    file = StringIO()
    fates = Fates(file)
    for record in (sent(), arrived(Event("something"))):
        fates.write(record)
    assert file.getvalue().count("\n") == 1


def test_a_frame_without_a_number_has_one_line_whoever_begins_it() -> None:
    file = StringIO()
    fates = Fates(file)
    frame = Frame.new(bytes(60))
    dropped = Drop("eth0", frame, DropReason.NEIGH_FAILED, ())
    records: list[Record] = [
        Configured(Nanoseconds(0), "a", "send", (Transmit("eth0", frame, ()),)),
        Sent(Nanoseconds(0), Serial(1), LINK, True, frame, ()),
        arrived(Deliver("eth0", frame.arrived(Serial(1)), ())),
        Configured(Nanoseconds(2), "a", "give up", (dropped,)),
    ]
    for record in records:
        fates.write(record)
    fates.close()
    assert fates.mistakes == ()
    ends = [row.rpartition(": ")[2] for row in file.getvalue().splitlines()]
    assert ends == ["delivered", "dropped NEIGH_FAILED"]


def test_not_every_mistake_is_kept() -> None:
    fates = Fates(StringIO())
    for _ in range(200):
        fates.write(lost())
    assert len(fates.mistakes) == 100


def test_what_is_left_at_the_end_is_counted() -> None:
    fates = Fates(StringIO())
    records: list[Record] = [sent(1), sent(2), sent(3), arrived(HELD)]
    for record in records:
        fates.write(record)
    fates.close()
    assert (fates.in_flight, fates.held) == (2, 1)


whims = st.lists(
    st.sampled_from(["forward", "translate", "answer", "hold", "release", "refuse", "ignore"])
)
traffic = st.lists(st.tuples(st.sampled_from("abc"), st.booleans(), st.integers(0, 20_000)))


@given(whims, traffic, st.booleans())
def test_whatever_happens_every_frame_is_accounted_for_and_every_packet_has_a_line(
    whims: list[str],
    traffic: list[tuple[str, bool, int]],
    to_the_end: bool,
) -> None:
    file, kept = StringIO(), Kept()
    fates = Fates(file)
    network = line(fates, kept, whims=whims)
    origin = Origin("inject")
    for device, numbered, gap in traffic:
        number = origin.number() if numbered else PacketId(0)
        network.inject(device, "eth0", Frame.new(bytes(20), number))
        network.advance(Nanoseconds(gap))
    if to_the_end:
        network.settle(NEVER)
    fates.close()
    assert fates.mistakes == ()
    assert fates.in_flight == network.in_flight
    packets = {r.frame.packet for r in kept.records if isinstance(r, Sent) and r.frame.packet}
    unnumbered = [
        r for r in kept.records if isinstance(r, Sent) and not r.frame.packet and not r.frame.parent
    ]
    assert len(file.getvalue().splitlines()) == len(packets) + len(unnumbered)


@given(whims, traffic)
def test_what_is_held_at_the_end_is_what_was_never_let_go(
    whims: list[str], traffic: list[tuple[str, bool, int]]
) -> None:
    kept = Kept()
    fates = Fates(StringIO())
    network = line(fates, kept, whims=whims)
    origin = Origin("inject")
    for device, _, gap in traffic:
        network.inject(device, "eth0", Frame.new(bytes(20), origin.number()))
        network.advance(Nanoseconds(gap))
    network.settle(NEVER)
    fates.close()
    waiting = Counter[tuple[PacketId, Serial | None]]()
    for effects in [r.effects for r in kept.records if isinstance(r, Arrived)]:
        for effect in effects:
            if not isinstance(effect, Event):
                waiting[effect.frame.packet, effect.frame.parent] = isinstance(effect, Hold)
    assert fates.held == sum(waiting.values())


def test_memory_does_not_grow_with_the_run() -> None:
    class Nowhere(StringIO):
        def write(self, text: str) -> int:
            return len(text)

    network = line(Fates(Nowhere()), whims=cycle(["forward", "answer", "deliver", "deliver"]))
    origin = Origin("a")

    def run(packets: int) -> int:
        for _ in range(packets):
            network.inject("a", "eth0", Frame.new(bytes(200), origin.number()))
            network.settle(NEVER)
        return tracemalloc.get_traced_memory()[0]

    gc.disable()  # what is forgotten leaves nothing to collect
    tracemalloc.start()
    first = run(200)
    grown = run(2000) - first
    tracemalloc.stop()
    gc.enable()
    assert grown < 20_000
