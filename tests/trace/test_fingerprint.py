"""What changes the fingerprint of a run, and what does not."""

import pytest

from emu.core.time import Nanoseconds
from emu.journal import (
    Arrived,
    Commanded,
    Configured,
    DeviceAdded,
    Lost,
    Record,
    Sent,
    StepBegun,
    Ticked,
)
from emu.net.effects import (
    Deliver,
    Drop,
    DropReason,
    Effects,
    Event,
    Hold,
    Step,
    Transmit,
)
from emu.net.link import Link, PortRef
from emu.packet.frame import Frame, PacketId, Serial
from emu.trace import Fingerprint

T1, T2 = Nanoseconds(1), Nanoseconds(2)
S1, S2 = Serial(1), Serial(2)
LINK = Link(index=0, a=PortRef("a", "eth0"), b=PortRef("b", "eth0"))
TO_C = Link(index=0, a=PortRef("a", "eth0"), b=PortRef("c", "eth0"))
AGAIN = Link(index=7, a=PortRef("a", "eth0"), b=PortRef("b", "eth0"))
FRAME, OTHER = Frame.new(b"frame", PacketId(1)), Frame.new(b"other", PacketId(1))
RENUMBERED = Frame.new(b"frame", PacketId(2))
WORDS = (Step("fdb", "other words"),)
FAILED, FULL = DropReason.NEIGH_FAILED, DropReason.NEIGH_QUEUEFULL

SENT = Sent(T1, S1, LINK, True, FRAME, ())
LOST = Lost(T1, S1, LINK, "a", "eth0", FRAME, FAILED)


def arrived(*effects: Deliver | Drop | Hold | Transmit | Event) -> Arrived:
    return Arrived(T1, S1, "b", "eth0", effects)


def fingerprint(*records: Record) -> str:
    taken = Fingerprint()
    for record in records:
        taken.write(record)
    taken.close()
    return taken.hexdigest()


DROPPED: Effects = (Drop("eth0", FRAME, FAILED, ()),)


@pytest.mark.parametrize(
    ("one", "another"),
    [
        pytest.param(SENT, Sent(T2, S1, LINK, True, FRAME, ()), id="when a frame is sent"),
        pytest.param(SENT, Sent(T1, S1, TO_C, True, FRAME, ()), id="on which link"),
        pytest.param(SENT, Sent(T1, S1, LINK, False, FRAME, ()), id="by which end"),
        pytest.param(SENT, Sent(T1, S1, LINK, True, OTHER, ()), id="its octets"),
        pytest.param(SENT, Sent(T1, S1, LINK, True, RENUMBERED, ()), id="whose it is"),
        pytest.param(
            arrived(*DROPPED), Arrived(T2, S1, "b", "eth0", DROPPED), id="when a frame arrives"
        ),
        pytest.param(
            arrived(*DROPPED), Arrived(T1, S1, "c", "eth0", DROPPED), id="where it arrives"
        ),
        pytest.param(arrived(*DROPPED), Arrived(T1, S1, "b", "eth1", DROPPED), id="on which port"),
        pytest.param(
            arrived(Deliver("eth0", FRAME, ())), arrived(Hold("eth0", FRAME, ())), id="its fate"
        ),
        pytest.param(
            arrived(*DROPPED), arrived(Drop("eth0", FRAME, FULL, ())), id="the reason of a drop"
        ),
        pytest.param(
            arrived(*DROPPED), arrived(Drop("eth1", FRAME, FAILED, ())), id="where it was dropped"
        ),
        pytest.param(
            arrived(*DROPPED), arrived(Drop("eth0", OTHER, FAILED, ())), id="what was dropped"
        ),
        pytest.param(
            *(arrived(*DROPPED), arrived(Drop("eth0", RENUMBERED, FAILED, ()))),
            id="of whom something was dropped",
        ),
        pytest.param(LOST, Lost(T2, S1, LINK, "a", "eth0", FRAME, FAILED), id="when one is lost"),
        pytest.param(LOST, Lost(T1, S1, LINK, "b", "eth0", FRAME, FAILED), id="where it is lost"),
        pytest.param(LOST, Lost(T1, S1, LINK, "a", "eth1", FRAME, FAILED), id="behind which port"),
        pytest.param(LOST, Lost(T1, S1, LINK, "a", "eth0", OTHER, FAILED), id="which one is lost"),
        pytest.param(
            LOST, Lost(T1, S1, LINK, "a", "eth0", RENUMBERED, FAILED), id="whose one is lost"
        ),
        pytest.param(LOST, Lost(T1, S1, LINK, "a", "eth0", FRAME, FULL), id="why it is lost"),
        pytest.param(
            Ticked(T1, "a", DROPPED), Ticked(T2, "a", DROPPED), id="when a timer has an effect"
        ),
        pytest.param(Ticked(T1, "a", DROPPED), Ticked(T1, "b", DROPPED), id="whose timer it is"),
        pytest.param(
            *(Configured(T1, "a", "change", DROPPED), Configured(T1, "a", "change", ())),
            id="what a change does to frames",
        ),
    ],
)
def test_what_counts(one: Record, another: Record) -> None:
    assert fingerprint(one) == fingerprint(one)
    assert fingerprint(one) != fingerprint(another)


@pytest.mark.parametrize(
    ("one", "another"),
    [
        pytest.param(SENT, Sent(T1, S1, LINK, True, FRAME, WORDS), id="why a frame is sent"),
        pytest.param(SENT, Sent(T1, S2, LINK, True, FRAME, ()), id="the serial of a traversal"),
        pytest.param(SENT, Sent(T1, S1, AGAIN, True, FRAME, ()), id="how many links there were"),
        pytest.param(
            arrived(*DROPPED), arrived(Drop("eth0", FRAME, FAILED, WORDS)), id="why one is dropped"
        ),
        pytest.param(arrived(*DROPPED), arrived(*DROPPED, Event("a ping came")), id="an event"),
        pytest.param(
            *(Configured(T1, "a", "change", DROPPED), Configured(T1, "a", "other", DROPPED)),
            id="the words of a change",
        ),
    ],
)
def test_what_does_not_count(one: Record, another: Record) -> None:
    assert fingerprint(one) == fingerprint(another)


def test_the_order_of_what_happens_counts() -> None:
    assert fingerprint(SENT, LOST) != fingerprint(LOST, SENT)


def test_what_happens_to_no_frame_does_not_count() -> None:
    others: list[Record] = [
        DeviceAdded(T1, "a", "Bridge"),
        Commanded(T1, "h1", "ip a"),
        StepBegun(T1, 1, "one"),
    ]
    assert fingerprint(*others, SENT) == fingerprint(SENT)


def test_a_run_with_nothing_in_it_has_the_hash_of_nothing() -> None:
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert fingerprint() == empty
