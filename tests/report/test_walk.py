"""The numbered way of one packet."""

from pathlib import Path

import pytest

from emu.cli.run import run_files
from emu.core.errors import EmuError
from emu.core.time import Nanoseconds, milliseconds
from emu.net.effects import Effects
from emu.net.link import LinkSettings
from emu.packet.dot1q import push_vlan
from emu.packet.frame import Frame, Origin
from emu.report.walk import WalkSink
from emu.scenario import load, run
from emu.sim import Network
from tests.small_worlds import Fickle, line

HERE = Path(__file__).parent
SHIPPED = HERE.parents[1] / "scenarios"
WIRE = bytes.fromhex("ffffffffffff02000000000a0800") + bytes(46)


def walk(scenario: str, packet: str | None = None) -> list[str]:
    sink = WalkSink(packet)
    run(load(SHIPPED / f"{scenario}.yaml"), sinks=[sink])
    sink.close()
    return list(sink.lines())


def walk_of_line(whims: list[str], packet: str | None = None) -> list[str]:
    """Return the way of what a sends in a - middle - {b, c}, without the heading."""
    sink = WalkSink(packet)
    network = line(sink, whims=whims)
    network.inject("a", "eth0", Frame.new(WIRE, Origin("a").number()))
    network.settle(milliseconds(1))
    sink.close()
    return [text.strip() for text in sink.lines()[1:] if text]


@pytest.mark.parametrize(
    ("packet", "golden"),
    [
        pytest.param(None, "lb-vlan.walk.txt", id="the first ping that arrived"),
        pytest.param("cirros-vm1#2", "lb-vlan.flood.walk.txt", id="a flooded question"),
    ],
)
def test_the_way_through_two_hosts_is_told_as_it_always_was(
    packet: str | None, golden: str
) -> None:
    assert walk("lb-vlan", packet) == (HERE / "expected" / golden).read_text().splitlines()


def test_an_echo_that_did_not_arrive_is_not_the_first_ping() -> None:
    head, *_ = walk("lb-vlan")
    assert head.startswith("cirros-vm1#1 ")
    dropped = "\n".join(walk("lb-vlan", "cirros-vm1#5"))
    assert "cirros-vm1: dropped NEIGH_FAILED at eth0" in dropped
    assert "waited until 5.120000 s, neigh: 172.16.100.1 dev eth0 INCOMPLETE" in dropped


@pytest.mark.parametrize(
    ("whims", "told"),
    [
        pytest.param(
            ["forward", "refuse"],
            [
                "On host h1:",
                "2. +0.010 ms   middle: from tap-a to eth1.100",
                "by fdb: a row",
                "also to tap-b",
                "In guest c, on h1:",
                "3. +0.020 ms   c: delivered at eth0",
                "by mac: mine",
            ],
            id="of ways that part, that to who took it in",
        ),
        pytest.param(
            ["forward", "ignore", "refuse"],
            [
                "On host h1:",
                "2. +0.010 ms   middle: from tap-a to eth1.100",
                "by fdb: a row",
                "also to tap-b",
                "In guest c, on h1:",
                "3. +0.020 ms   c: dropped NEIGH_FAILED at eth0",
                "by iptables: -A FORWARD -j DROP",
            ],
            id="if nobody took it in, that to a drop that matters",
        ),
        pytest.param(
            ["hold"],
            [
                "On host h1:",
                "2. +0.010 ms   middle: held at tap-a",
                "by neigh: 10.0.0.9 INCOMPLETE",
            ],
            id="a packet that still waits",
        ),
    ],
)
def test_the_way_that_is_told(whims: list[str], told: list[str]) -> None:
    begin = ["In guest a, on h1:", "1. +0.000 ms   a: sends it out of eth0", "by inject"]
    lines = [text.replace("fickle ", "") for text in walk_of_line(whims)]
    assert lines == [*begin, *told]


def test_a_frame_that_a_link_lost_or_has_yet() -> None:
    for up, end in ((False, "lost DEV_READY on a/eth0"), (True, "it is still on its way")):
        sink = WalkSink()
        network = Network(sink)
        network.add(Fickle("a", ("eth0",)))
        network.add(Fickle("b", ("eth0",)))
        settings = LinkSettings(up=up, latency=milliseconds(1))
        network.connect(("a", "eth0"), ("b", "eth0"), settings)
        network.inject("a", "eth0", Frame.new(WIRE, Origin("a").number()))
        sink.close()
        assert sink.lines()[-1].strip() == end


def test_what_changed_is_said_in_words() -> None:
    sink = WalkSink()
    network = Network(sink)
    network.add(Tagger("middle"))
    for name in ("a", "b"):
        network.add(Fickle(name, ("eth0",)))
        network.connect(("middle", name), (name, "eth0"))
    network.inject("a", "eth0", Frame.new(WIRE, Origin("a").number()))
    network.settle(milliseconds(1))
    sink.close()
    assert "VLAN 7 pushed" in [text.strip() for text in sink.lines()]
    assert "destination MAC ff:ff:ff:ff:ff:ff -> 02:00:00:00:00:0b" in [
        text.strip() for text in sink.lines()
    ]


class Tagger(Fickle):
    """A device that tags what comes from a, and gives it another destination."""

    def __init__(self, name: str) -> None:
        super().__init__(name, ("a", "b"), ["forward"])

    def receive(self, now: Nanoseconds, port: str, frame: Frame) -> Effects:
        wire = push_vlan(bytes.fromhex("02000000000b") + frame.wire[6:], 7)
        return super().receive(now, port, frame.derive(wire))


def test_a_packet_that_is_not_there_is_an_error_that_names_some() -> None:
    with pytest.raises(EmuError) as error:
        walk("hub", "pc1#99")
    assert str(error.value).startswith('there is no packet "pc1#99": there are pc1#1, pc1#2, ')
    assert str(error.value).endswith(" more")


def test_a_scenario_without_packets_has_no_way() -> None:
    sink = WalkSink()
    sink.close()
    with pytest.raises(EmuError, match="no packet was sent"):
        sink.lines()


def test_a_run_tells_the_way_of_the_packet_that_is_named_beside_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [str(SHIPPED / "lb-vlan.yaml"), "cirros-vm1#2"]
    assert run_files(files, out=tmp_path / "run", seed=None, json=False, walk=True) == 0
    golden = (HERE / "expected" / "lb-vlan.flood.walk.txt").read_text()
    assert capsys.readouterr().out.endswith("\n\n" + golden)


@pytest.mark.parametrize(
    ("files", "json"),
    [
        pytest.param(["hub"], True, id="as JSON"),
        pytest.param(["hub", "pc1#1", "pc1#2"], False, id="of two packets"),
    ],
)
def test_what_a_run_cannot_tell_is_refused(files: list[str], *, json: bool) -> None:
    with pytest.raises(EmuError, match="the way of one packet, as text"):
        run_files(files, out=None, seed=None, json=json, walk=True)
