"""What goes wrong on a link because the scenario says so."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emu.core.rng import Rng
from emu.core.time import Nanoseconds, milliseconds, seconds
from emu.journal import Arrived, Lost, Record, Sent
from emu.net.effects import DropReason, Step
from emu.net.faults import Fault, FaultKind
from emu.net.link import LinkSettings
from emu.packet.frame import Frame
from emu.sim import Network
from emu.sim import network as module
from tests.sim.puppets import NOW, Memory, Puppet

LATE = seconds(999)
LOSS, DELAY, CORRUPT, DUPLICATE, REORDER = FaultKind
HALF = Fraction(1, 2)
SLOW = milliseconds(5)


def run(
    *faults: Fault, frames: int = 6, seed: str = "emu", name: str = "a"
) -> tuple[list[str], list[Record]]:
    """Send a frame each millisecond; return what arrives, as `NUMBER@MILLISECOND`, and all else."""
    memory, there = Memory(), Puppet("b")
    network = Network(memory, rng=Rng(seed))
    network.add(Puppet(name))
    network.add(there)
    network.connect((name, "eth0"), ("b", "eth0"), LinkSettings(faults=faults))
    for number in range(1, frames + 1):
        network.inject(name, "eth0", Frame.new(bytes([number]) * 20))
        network.advance(milliseconds(1))
    assert network.settle(LATE)
    heard = [f"{frame.wire[0]}@{now // 1_000_000}" for now, _, frame in there.heard]
    return heard, memory.records


@pytest.mark.parametrize(
    ("fault", "arrivals"),
    [
        pytest.param(Fault(kind=LOSS, every=3), "1@0 2@1 4@3 5@4", id="every third is lost"),
        pytest.param(Fault(kind=LOSS), "", id="all are lost"),
        pytest.param(
            *(Fault(kind=LOSS, chance=Fraction(0)), "1@0 2@1 3@2 4@3 5@4 6@5"), id="none is lost"
        ),
        pytest.param(
            Fault(kind=DELAY, every=2, by=milliseconds(3)),
            "1@0 2@4 3@4 4@6 5@6 6@8",
            id="a late one holds up those behind it",
        ),
        pytest.param(
            Fault(kind=REORDER, every=2, by=milliseconds(3)),
            "1@0 3@2 2@4 5@4 4@6 6@8",
            id="or is overtaken by them",
        ),
        pytest.param(
            Fault(kind=DUPLICATE, every=4), "1@0 2@1 3@2 4@3 4@3 5@4 6@5", id="one comes twice"
        ),
    ],
)
def test_what_arrives(fault: Fault, arrivals: str) -> None:
    assert " ".join(run(fault)[0]) == arrivals


def test_a_corrupted_frame_differs_in_one_bit() -> None:
    _, records = run(Fault(kind=CORRUPT, every=2))
    wires = [record.frame.wire for record in records if isinstance(record, Sent)]
    flips = [
        (int.from_bytes(wire, "big") ^ int.from_bytes(bytes([number]) * 20, "big")).bit_count()
        for number, wire in enumerate(wires, 1)
    ]
    assert flips == [0, 1, 0, 1, 0, 1]


def test_a_frame_without_octets_has_no_bit_to_turn() -> None:
    network = Network()
    network.add(Puppet("a"))
    network.add(there := Puppet("b"))
    faults = (Fault(kind=CORRUPT),)
    network.connect(("a", "eth0"), ("b", "eth0"), LinkSettings(faults=faults))
    network.inject("a", "eth0", Frame.new(b""))
    network.settle(LATE)
    assert there.heard[0][2].wire == b""


def test_the_journal_says_what_went_wrong_and_why_a_frame_is_lost() -> None:
    loss, delay = Fault(kind=LOSS, every=2), Fault(kind=DELAY, by=SLOW)
    _, records = run(delay, loss, frames=2)
    first, second = [record for record in records if isinstance(record, Sent)]
    (lost,) = [record for record in records if isinstance(record, Lost)]
    assert first.why == (*module.INJECTED, Step("netem", delay))
    assert second.why == (*first.why, Step("netem", loss))
    assert (lost.serial, lost.reason) == (second.serial, DropReason.LINK_LOSS)
    assert (lost.time, lost.device, lost.link) == (milliseconds(1), "a", second.link)


def test_what_is_lost_meets_no_later_fault() -> None:
    heard, records = run(Fault(kind=LOSS), Fault(kind=DUPLICATE), frames=1)
    assert heard == []
    assert [type(record).__name__ for record in records[3:]] == ["Sent", "Lost"]


def test_both_copies_of_a_frame_are_traversals_of_their_own() -> None:
    heard, records = run(Fault(kind=DUPLICATE), frames=2)
    assert heard == ["1@0", "1@0", "2@1", "2@1"]
    assert [record.serial for record in records if isinstance(record, Sent)] == [1, 2, 3, 4]


def test_each_direction_counts_by_itself() -> None:
    memory, a = Memory(), Puppet("a")
    network = Network(memory)
    network.add(a)
    network.add(b := Puppet("b"))
    faults = (Fault(kind=LOSS, every=2),)
    network.connect(("a", "eth0"), ("b", "eth0"), LinkSettings(faults=faults))
    for name in "aabb":
        network.inject(name, "eth0", Frame.new(name.encode()))
    network.settle(LATE)
    assert (len(a.heard), len(b.heard)) == (1, 1)


def test_each_direction_draws_by_itself() -> None:
    ends = {name: Puppet(name) for name in "ab"}
    network = Network()
    for end in ends.values():
        network.add(end)
    faults = (Fault(kind=LOSS, chance=HALF),)
    network.connect(("a", "eth0"), ("b", "eth0"), LinkSettings(faults=faults))
    for number in range(40):
        for name in ends:
            network.inject(name, "eth0", Frame.new(bytes([number])))
    network.settle(LATE)
    to_a, to_b = ([frame.wire for _, _, frame in end.heard] for end in ends.values())
    assert to_a != to_b


def test_a_frame_that_cannot_leave_meets_no_fault() -> None:
    """Of four frames one finds the queue full; the third that gets on the wire is lost."""
    network = Network(memory := Memory())
    network.add(Puppet("a"))
    network.add(there := Puppet("b"))
    settings = LinkSettings(faults=(Fault(kind=LOSS, every=3),), bandwidth=8_000, queue=1)
    network.connect(("a", "eth0"), ("b", "eth0"), settings)
    for wire in (b"1", b"2", b"3"):
        network.inject("a", "eth0", Frame.new(wire))
    network.settle(LATE)
    network.inject("a", "eth0", Frame.new(b"4"))
    network.settle(LATE)
    assert [frame.wire for _, _, frame in there.heard] == [b"1", b"2"]
    assert [record.reason for record in memory.records if isinstance(record, Lost)] == [
        DropReason.QDISC_OVERLIMIT,
        DropReason.LINK_LOSS,
    ]


def test_faults_come_and_go_while_it_runs_and_others_changes_do_not_disturb_their_count() -> None:
    network = Network()
    network.add(Puppet("a"))
    network.add(there := Puppet("b"))
    network.connect(("a", "eth0"), ("b", "eth0"))
    loss = (Fault(kind=LOSS, every=3),)
    for settings in (
        LinkSettings(faults=loss),
        LinkSettings(faults=loss, latency=SLOW),
        LinkSettings(faults=loss),  # and this frame is the third
        LinkSettings(),
        LinkSettings(faults=loss),
        LinkSettings(faults=loss),
        LinkSettings(faults=loss),  # counted from the beginning again
    ):
        network.set_link("a", "eth0", settings)
        network.inject("a", "eth0", Frame.new(bytes([len(there.heard)])))
        network.settle(Nanoseconds(network.now + SLOW))
    assert len(there.heard) == 5


@given(st.sampled_from(FaultKind), st.text(max_size=4))
def test_the_same_seed_has_the_same_faults(kind: FaultKind, seed: str) -> None:
    fault = Fault(kind=kind, chance=HALF, by=SLOW)
    assert repr(run(fault, seed=seed)) == repr(run(fault, seed=seed))


def test_another_seed_another_link_and_another_place_have_others() -> None:
    loss, never = Fault(kind=LOSS, chance=HALF), Fault(kind=LOSS, chance=Fraction(0))
    outcomes = [
        run(loss, frames=40)[0],
        run(loss, frames=40, seed="other")[0],
        run(loss, frames=40, name="c")[0],
        run(never, loss, frames=40)[0],
    ]
    assert all(outcomes.count(outcome) == 1 for outcome in outcomes)
    assert all(10 < len(outcome) < 30 for outcome in outcomes)


@given(
    st.lists(
        st.builds(
            Fault,
            kind=st.sampled_from(FaultKind),
            every=st.integers(1, 3),
            chance=st.fractions(0, 1, max_denominator=4),
            by=st.sampled_from([NOW, SLOW]),
        ),
        max_size=4,
    )
)
def test_whatever_goes_wrong_every_frame_arrives_or_is_lost(faults: list[Fault]) -> None:
    _, records = run(*faults, frames=8)
    sent = [record.serial for record in records if isinstance(record, Sent)]
    ended = [record.serial for record in records if isinstance(record, Arrived | Lost)]
    assert sorted(ended) == sorted(sent)
    assert len(sent) >= 8


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault(kind=LOSS, chance=Fraction(1, 10)), "loss 10%"),
        (Fault(kind=LOSS, every=3), "loss every 3"),
        (Fault(kind=DELAY, by=SLOW), "delay 5ms"),
        (Fault(kind=REORDER, by=Nanoseconds(1_500_000), chance=HALF), "reorder 1.5ms 50%"),
    ],
)
def test_a_fault_reads_as_one_would_tell_it(fault: Fault, words: str) -> None:
    assert str(fault) == words
