"""What `fates.txt` says of each packet."""

from io import StringIO

import pytest

from emu.core.time import Nanoseconds, milliseconds
from emu.net.link import LinkSettings
from emu.packet.frame import Frame, Origin
from emu.sim import Network
from emu.trace import Fates
from emu.trace.packets import summarize
from tests.small_worlds import Fickle, line

LATER = milliseconds(1)

IN = "a/eth0 -> h1/tap-a"
TO_B, TO_C = "h1/tap-b -> b/eth0", "h1/eth1.100 -> c/eth0"
DELIVERED = "delivered (mac: mine)"
IGNORED = "dropped OTHERHOST (mac: not mine)"
REFUSED = "dropped NEIGH_FAILED (iptables: -A FORWARD -j DROP)"


def fates(*whims: str, normal: bool = False, until: Nanoseconds = LATER) -> list[str]:
    """Let a send one packet, and return what became of it and of those that it caused."""
    file = StringIO()
    sink = Fates(file, normal=normal)
    network = line(sink, whims=whims)
    network.inject("a", "eth0", Frame.new(bytes(60), Origin("a").number()))
    network.settle(until)
    sink.close()
    assert sink.mistakes == ()
    return ways(file)


def ways(file: StringIO) -> list[str]:
    """Return the lines without the summaries of the packets."""
    rows = [row.partition(" | ") for row in file.getvalue().splitlines()]
    return [f"{head.split()[0]} {way}" for head, _, way in rows]


@pytest.mark.parametrize(
    ("whims", "expected"),
    [
        pytest.param(["deliver"], [f"a#1 {IN}: {DELIVERED}"], id="delivered at once"),
        pytest.param(
            ["forward", "deliver", "refuse"],
            [f"a#1 {IN} -> {{{TO_B}: {DELIVERED}; {TO_C}: {REFUSED}}}"],
            id="where ways part, each has its fate",
        ),
        pytest.param(
            ["forward", "deliver", "deliver"],
            [f"a#1 {IN} -> {{{TO_B}, {TO_C}: {DELIVERED}}}"],
            id="ways that end alike share their fate",
        ),
        pytest.param(
            ["forward", "ignore", "deliver"],
            [f"a#1 {IN} -> {TO_C}: {DELIVERED}"],
            id="a normal drop is left out, and its way",
        ),
        pytest.param(
            ["forward", "ignore", "ignore"],
            [f"a#1 {IN} -> {{{TO_B}, {TO_C}: {IGNORED}}}"],
            id="unless nothing else happened",
        ),
        pytest.param(
            ["answer", "refuse"],
            [f"a#1 {IN}: {DELIVERED}", f"h1/middle#1 h1/tap-a -> a/eth0: {REFUSED}"],
            id="an answer is a packet of its own",
        ),
        pytest.param(
            ["hold"], [f"a#1 {IN}: held (neigh: 10.0.0.9 INCOMPLETE)"], id="held at the end"
        ),
        pytest.param(
            ["translate", "deliver"],
            [f"a#1 {IN} -> {TO_B}: {DELIVERED}"],
            id="changed on its way it is the same packet",
        ),
    ],
)
def test_what_became_of_a_packet(whims: list[str], expected: list[str]) -> None:
    assert fates(*whims) == expected


def test_a_line_begins_with_what_the_packet_is() -> None:
    file = StringIO()
    network = line(Fates(file))
    network.inject("a", "eth0", Frame.new(bytes(10), Origin("a").number()))
    network.settle(LATER)
    what = summarize(Frame.new(bytes(10)))
    assert file.getvalue() == f"a#1  {what} | {IN}: {DELIVERED}\n"


def test_normal_drops_are_told_if_asked_for() -> None:
    told = fates("forward", "ignore", "deliver", normal=True)
    assert told == [f"a#1 {IN} -> {{{TO_B}: {IGNORED}; {TO_C}: {DELIVERED}}}"]


@pytest.mark.parametrize(
    ("whims", "until", "expected"),
    [
        pytest.param(
            *(["forward", "ignore", "hold"], LATER),
            f"a#1 {IN} -> {TO_C}: held (neigh: 10.0.0.9 INCOMPLETE)",
            id="a copy that is held",
        ),
        pytest.param(
            *(["forward", "ignore"], Nanoseconds(25_000)),
            f"a#1 {IN} -> h1/eth1.100: in flight",
            id="a copy that is in flight",
        ),
    ],
)
def test_what_has_no_end_yet_is_told_and_normal_drops_beside_it_are_not(
    whims: list[str], until: Nanoseconds, expected: str
) -> None:
    file = StringIO()
    sink = Fates(file)
    network = line(sink, whims=whims)
    network.set_link("c", "eth0", LinkSettings(latency=Nanoseconds(20_000)))
    network.inject("a", "eth0", Frame.new(bytes(60), Origin("a").number()))
    network.settle(until)
    sink.close()
    assert ways(file) == [expected]


def test_a_copy_that_is_lost_is_told_and_normal_drops_beside_it_are_not() -> None:
    file = StringIO()
    network = line(Fates(file), whims=["forward", "ignore"])
    network.disconnect("c", "eth0")
    network.inject("a", "eth0", Frame.new(bytes(60), Origin("a").number()))
    network.settle(LATER)
    assert ways(file) == [f"a#1 {IN} -> h1/eth1.100: lost DEV_READY"]


def test_a_packet_that_is_on_a_link_at_the_end_is_in_flight() -> None:
    assert fates("forward", until=Nanoseconds(15_000)) == [
        "a#1 a/eth0 -> h1/tap-a -> {h1/tap-b, h1/eth1.100: in flight}"
    ]


def test_a_wait_that_ended_is_told_by_what_came_after_it() -> None:
    file = StringIO()
    sink = Fates(file)
    network = line(sink, whims=["hold", "hold", "release"])
    for count in range(3):
        network.inject("abc"[count], "eth0", Frame.new(bytes(60), Origin("abc"[count]).number()))
        network.settle(LATER)
    network.configure("h1/middle", "give up")
    sink.close()
    assert ways(file) == [
        "a#1 a/eth0 -> h1/tap-a -> h1/tap-a -> a/eth0: delivered (mac: mine)",
        "b#1 b/eth0 -> h1/tap-b -> h1/tap-b -> b/eth0: delivered (mac: mine)",
        "c#1 c/eth0 -> h1/eth1.100: delivered (mac: mine)",
    ]


def test_a_wait_that_ends_in_a_drop_is_a_drop() -> None:
    file = StringIO()
    sink = Fates(file)
    network = line(sink, whims=["hold"])
    network.inject("a", "eth0", Frame.new(bytes(60), Origin("a").number()))
    network.settle(LATER)
    network.configure("h1/middle", "give up")
    assert ways(file) == ["a#1 a/eth0 -> h1/tap-a: dropped NEIGH_FAILED (neigh: 10.0.0.9 FAILED)"]


def test_what_a_link_does_not_carry_is_lost() -> None:
    file = StringIO()
    sink = Fates(file)
    network = line(sink, whims=["forward"])
    network.set_link("b", "eth0", LinkSettings(up=False))
    network.disconnect("c", "eth0")
    network.inject("a", "eth0", Frame.new(bytes(60), Origin("a").number()))
    network.settle(LATER)
    assert ways(file) == ["a#1 a/eth0 -> h1/tap-a -> {h1/tap-b, h1/eth1.100: lost DEV_READY}"]


def test_a_packet_of_a_device_without_a_link_is_lost_at_its_port() -> None:
    file = StringIO()
    network = Network(Fates(file))
    network.add(Fickle("a", ("eth0",)))
    network.configure("a", "eth0")
    assert ways(file) == ["a#1 a/eth0: lost DEV_READY"]


def test_a_hop_within_a_host_has_one_name() -> None:
    file = StringIO()
    network = Network(Fates(file))
    network.add(Fickle("h1/br0", ("LOCAL", "eth1.100"), ["forward"]))
    network.add(Fickle("h1", ("br0", "eth1.100:master")))
    network.connect(("h1/br0", "LOCAL"), ("h1", "br0"))
    network.connect(("h1/br0", "eth1.100"), ("h1", "eth1.100:master"))
    network.inject("h1", "br0", Frame.new(bytes(60), Origin("h1").number()))
    network.settle(LATER)
    assert ways(file) == ["h1#1 h1/br0 -> h1/eth1.100: delivered (mac: mine)"]


def test_packets_stand_in_the_order_of_sending_whatever_ends_first() -> None:
    file = StringIO()
    network = line(Fates(file))
    network.set_link("a", "eth0", LinkSettings(latency=milliseconds(5)))
    for name in "ab":
        network.inject(name, "eth0", Frame.new(bytes(60), Origin(name).number()))
    network.settle(LATER)
    assert file.getvalue() == ""
    network.settle(milliseconds(9))
    assert [row.split()[0] for row in file.getvalue().splitlines()] == ["a#1", "b#1"]


def test_a_packet_of_an_unknown_origin_has_its_number_for_a_name() -> None:
    file = StringIO()
    network = line(Fates(file))
    for origin in (Origin("inject"), Origin("nobody")):
        network.inject("a", "eth0", Frame.new(bytes(60), origin.number()))
        network.settle(LATER)
    network.inject("a", "eth0", Frame.new(bytes(60)))
    network.settle(LATER)
    names = [row.split()[0] for row in file.getvalue().splitlines()]
    assert names == ["inject#1", "31597ddd#1", "unnumbered"]


@pytest.mark.parametrize("splits", ["one way", "many ways"])
def test_a_packet_that_runs_in_circles_has_an_end(splits: str) -> None:
    file = StringIO()
    sink = Fates(file)
    network = Network(sink)
    for name in "xyz":
        network.add(Fickle(name, ("in", "out", "vm"), ["forward"] * 2000))
    for here, there in ("xy", "yz", "zx"):
        network.connect((here, "out"), (there, "in"), LinkSettings(latency=Nanoseconds(10)))
    if splits == "many ways":
        for name in "xyz":
            network.add(Fickle(f"vm-{name}", ("eth0",)))
            network.connect((name, "vm"), (f"vm-{name}", "eth0"))
    network.inject("x", "out", Frame.new(bytes(60), Origin("x").number()))
    network.settle(Nanoseconds(50_000))
    sink.close()
    (row,) = ways(file)
    assert row.startswith("x#1 x/out -> y/in -> ")
    assert "..." in row
    assert len(row) < 5000
    assert (sink.mistakes, sink.in_flight) == ((), 1)
