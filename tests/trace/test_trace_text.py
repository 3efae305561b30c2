"""The trace for people, at its three levels."""

from itertools import cycle

import pytest

from emu.core.time import Nanoseconds, milliseconds
from emu.journal import Record, StepBegun
from emu.net.effects import Effects, Step, Transmit
from emu.net.link import LinkSettings
from emu.packet.dot1q import push_vlan
from emu.packet.frame import Frame, Origin
from emu.sim import Network
from emu.trace import Level, render_trace
from tests.small_worlds import MINE, Fickle, Kept, line

LATER = milliseconds(1)
WIRE = bytes.fromhex("ffffffffffff02000000000a0800") + bytes(46)

MINIMAL = """\
== step 1: a sends ==

a#1  SUMMARY | a/eth0 -> h1/tap-a -> {h1/tap-b -> b/eth0: delivered (mac: mine); \
h1/eth1.100 -> c/eth0: dropped NEIGH_FAILED (iptables: -A FORWARD -j DROP)}
b#1  SUMMARY | b/eth0 -> h1/tap-b -> h1/tap-b -> b/eth0: delivered (mac: mine)

== step 2: c sends ==

c#1  SUMMARY | c/eth0 -> h1/eth1.100: delivered (mac: mine)
"""
SUMMARY = """\
== step 1: a sends ==

a#1  SUMMARY
    a: inject
  a/eth0 -> h1/tap-a
    h1/middle: fdb: a row
    1. h1/tap-b -> b/eth0
         => delivered at b/eth0 (mac: mine)
    2. h1/eth1.100 -> c/eth0
         => dropped NEIGH_FAILED at c/eth0 (iptables: -A FORWARD -j DROP)

b#1  SUMMARY  (because of a#1)
    b: mac: mine
  b/eth0 -> h1/tap-b
    .. held at h1/tap-b (neigh: 10.0.0.9 INCOMPLETE) until 0.000040000
    h1/middle: fdb: a row
  h1/tap-b -> b/eth0
    => delivered at b/eth0 (mac: mine)

== step 2: c sends ==

c#1  SUMMARY
    c: inject
  c/eth0 -> h1/eth1.100
    => delivered at h1/eth1.100 (mac: mine)

"""
DETAILED = """\
a#1  SUMMARY
    a: inject
  a/eth0 -> h1/tap-a
    sent 0.000000000, arrived 0.000010000, 60 octets on h1/tap-a
    h1/middle: fdb: a row
    1. h1/tap-b -> b/eth0
         sent 0.000010000, arrived 0.000020000, 60 octets on h1/tap-b
         => delivered at b/eth0 (mac: mine)
    2. h1/eth1.100 -> c/eth0
         sent 0.000010000, arrived 0.000020000, 60 octets on h1/eth1.100
         => dropped NEIGH_FAILED at c/eth0 (iptables: -A FORWARD -j DROP)

"""


@pytest.fixture
def records(monkeypatch: pytest.MonkeyPatch) -> list[Record]:
    """Return a run: b answers a, but the answer must wait until c has sent something."""
    for module in ("text", "fates"):
        monkeypatch.setattr(f"emu.trace.{module}.summarize", lambda _: "SUMMARY")
    kept = Kept()
    network = line(kept, whims=["forward", "answer", "refuse", "hold", "release"])
    network.record(StepBegun(network.now, 1, "a sends"))
    network.inject("a", "eth0", Frame.new(WIRE, Origin("a").number()))
    network.settle(LATER)
    network.record(StepBegun(network.now, 2, "c sends"))
    network.inject("c", "eth0", Frame.new(WIRE, Origin("c").number()))
    network.settle(LATER)
    return kept.records


@pytest.mark.parametrize(
    ("level", "text"),
    [
        pytest.param(Level.MINIMAL, MINIMAL, id="way and fate"),
        pytest.param(Level.SUMMARY, SUMMARY, id="the rule at each hop"),
    ],
)
def test_the_trace_of_a_run(records: list[Record], level: Level, text: str) -> None:
    assert render_trace(records, level=level) == text


def test_the_detailed_trace_of_one_packet(records: list[Record]) -> None:
    heading = "== step 1: a sends ==\n\n"
    assert render_trace(records, level=Level.DETAILED, packet="a#1") == heading + DETAILED


@pytest.mark.parametrize(
    ("packet", "step", "told"),
    [
        pytest.param(None, None, ["a#1", "b#1", "c#1"], id="all"),
        pytest.param("b#1", None, ["b#1"], id="one packet"),
        pytest.param(None, 2, ["c#1"], id="one step"),
        pytest.param("a#1", 2, [], id="a packet of another step"),
        pytest.param("a#9", None, [], id="a packet that is not there"),
        pytest.param(None, 9, [], id="a step that is not there"),
    ],
)
def test_what_is_asked_for_is_told(
    records: list[Record], packet: str | None, step: int | None, told: list[str]
) -> None:
    lines = render_trace(records, packet=packet, step=step).splitlines()
    assert [line.split()[0] for line in lines if "SUMMARY" in line] == told
    assert sum(line.startswith("==") for line in lines) == (
        1 if len(told) == 1 else len(told) and 2
    )


def shown(
    network: Network, kept: Kept, *, level: Level = Level.SUMMARY, normal: bool = False
) -> str:
    """Let a send, and return the trace without the line of the packet."""
    network.inject("a", "eth0", Frame.new(WIRE, Origin("a").number()))
    network.settle(LATER)
    return render_trace(kept.records, level=level, normal=normal).partition("\n")[2]


@pytest.mark.parametrize("normal", [False, True])
def test_normal_drops_are_told_if_asked_for(*, normal: bool) -> None:
    kept = Kept()
    text = shown(line(kept, whims=["forward", "ignore"]), kept, normal=normal)
    assert ("OTHERHOST" in text, "1. " in text) == (normal, normal)


def test_a_drop_that_is_all_that_happened_is_told() -> None:
    kept = Kept()
    text = shown(line(kept, whims=["ignore"]), kept)
    assert "=> dropped OTHERHOST at h1/tap-a (mac: not mine)" in text


def test_what_a_link_did_not_carry_is_told() -> None:
    kept = Kept()
    network = line(kept, whims=["forward"])
    network.set_link("b", "eth0", LinkSettings(up=False))
    network.disconnect("c", "eth0")
    assert (
        shown(network, kept)
        == """\
    a: inject
  a/eth0 -> h1/tap-a
    h1/middle: fdb: a row
    1. h1/tap-b -> b/eth0
         => lost DEV_READY
    2. => lost DEV_READY at h1/eth1.100: it has no link

"""
    )


def test_what_is_on_a_link_at_the_end_is_told() -> None:
    kept = Kept()
    network = line(kept)
    network.inject("a", "eth0", Frame.new(WIRE, Origin("a").number()))
    assert "=> in flight" in render_trace(kept.records)
    assert "\n    sent 0.000000000, 60" in render_trace(kept.records, level=Level.DETAILED)


class Tagger(Fickle):
    """A device that puts frames into a VLAN."""

    def receive(self, now: Nanoseconds, port: str, frame: Frame) -> Effects:
        step = Step("vlan", "eth1.100 id 100")
        return (Transmit("out", frame.derive(push_vlan(frame.wire, 100)), (step, MINE[0])),)


def test_what_changed_in_a_frame_is_told_in_detail() -> None:
    kept = Kept()
    network = Network(kept)
    network.add(Tagger("h1/tagger", ("in", "out")))
    for name in "ab":
        network.add(Fickle(name, ("eth0",)))
    network.connect(("h1/tagger", "in"), ("a", "eth0"), captured=False)
    network.connect(("h1/tagger", "out"), ("b", "eth0"))
    assert (
        shown(network, kept, level=Level.DETAILED)
        == """\
    a: inject
  a/eth0 -> h1/in
    sent 0.000000000, arrived 0.000000000, 60 octets on h1/in, not captured
    h1/tagger: vlan: eth1.100 id 100
    h1/tagger: mac: mine
    changed +vlan.id 100
  h1/out -> b/eth0
    sent 0.000000000, arrived 0.000000000, 64 octets on h1/out
    => delivered at b/eth0 (mac: mine)

"""
    )


@pytest.mark.parametrize("ports", [("in", "out"), ("in", "out", "vm")])
def test_a_packet_that_runs_in_circles_has_an_end(ports: tuple[str, ...]) -> None:
    kept = Kept()
    network = Network(kept)
    for name in "xyz":
        network.add(Fickle(name, ports, cycle(["forward"])))
    for here, there in ("xy", "yz", "zx"):
        network.connect((here, "out"), (there, "in"), LinkSettings(latency=Nanoseconds(10)))
    network.inject("x", "out", Frame.new(WIRE, Origin("x").number()))
    network.settle(Nanoseconds(50_000))
    lines = render_trace(kept.records).splitlines()
    assert 20 < len(lines) < 400
    assert any(line.strip() == "..." for line in lines)


def test_of_one_origin_only_its_packets_are_told_and_those_that_they_led_to() -> None:
    kept = Kept()
    network = line(kept, whims=["reply", "answer", "deliver", "deliver"])
    network.inject("a", "eth0", Frame(bytes(60), Origin("inject").number()))
    network.settle(LATER)
    network.configure("a", "eth0")  # a sends a packet of its own
    network.settle(LATER)
    told = render_trace(kept.records, origin="inject")
    names = [text.split("  ")[0] for text in told.split("\n\n") if text]
    assert names == ["inject#1", "h1/middle#1", "b#1"]
    assert told.count("because of") == 2
    assert "\na#1  " in render_trace(kept.records)
