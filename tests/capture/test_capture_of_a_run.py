"""What the captures of a run hold."""

from collections.abc import Iterable
from dataclasses import replace
from ipaddress import IPv4Address
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emu.capture import CapturedFrame, CaptureSink, Interface, read_capture, read_frames
from emu.capture.pcapng import Direction
from emu.capture.reader import Statistics
from emu.core.errors import EmuError
from emu.core.time import Nanoseconds, milliseconds, unix
from emu.journal import Record, Sent, StepEnded
from emu.net.link import LinkSettings
from emu.packet.frame import Frame, Origin
from tests.capture.judges import comments, interfaces, names, packets, time, tshark
from tests.small_worlds import LATENCY, Fickle, Kept, line

WIRE = bytes(range(60))
NAMES = {IPv4Address("10.0.0.1"): "a", IPv4Address("10.0.0.2"): "b"}
T0 = Nanoseconds(0)
LATER = milliseconds(1)


def run(folder: Path, *whims: str, frames: int = 1) -> CaptureSink:
    """Let a send, let the devices do what `whims` says, and return the captures."""
    sink = CaptureSink(folder, names=NAMES)
    network = line(sink, whims=whims)
    origin = Origin("a")
    for _ in range(frames):
        network.inject("a", "eth0", Frame.new(WIRE, origin.number()))
        network.settle(LATER)
    sink.close()
    return sink


def shown(capture: Path) -> list[tuple[str, ...]]:
    """Return interface and comments of each frame."""
    return [(frame.interface.name, *frame.comments) for frame in read_frames(capture)]


def test_every_link_has_a_file_and_one_has_all(tmp_path: Path) -> None:
    run(tmp_path)
    described = {
        "h1.tap-a": [("h1/tap-a", "h1/tap-a <-> a/eth0")],
        "h1.tap-b": [("h1/tap-b", "h1/tap-b <-> b/eth0")],
        "h1.eth1.100": [("h1/eth1.100", "h1/eth1.100 <-> c/eth0")],
    }
    found = {path.stem: interfaces(path) for path in sorted(tmp_path.iterdir())}
    assert found == described | {"run": [row for rows in described.values() for row in rows]}


def test_addresses_have_names_in_every_file(tmp_path: Path) -> None:
    run(tmp_path)
    for path in tmp_path.iterdir():
        assert names(path) == [("10.0.0.1", ["a"]), ("10.0.0.2", ["b"])]
        assert "10.0.0.2\tb\n" in tshark("-r", str(path), "-q", "-z", "hosts")


def test_without_names_there_is_no_block_for_them(tmp_path: Path) -> None:
    CaptureSink(tmp_path, names={}).close()
    assert names(tmp_path / "run.pcapng") == []


def test_a_link_that_carried_nothing_has_a_file_that_opens(tmp_path: Path) -> None:
    run(tmp_path)
    assert packets(tmp_path / "h1.tap-b.pcapng") == []
    assert tshark("-r", str(tmp_path / "h1.tap-b.pcapng")) == ""


def test_a_frame_is_captured_on_every_link_that_it_passes(tmp_path: Path) -> None:
    run(tmp_path, "forward")
    assert [frame.interface.name for frame in read_frames(tmp_path / "run.pcapng")] == [
        *("h1/tap-a", "h1/tap-b", "h1/eth1.100")
    ]
    for name in ("h1.tap-a", "h1.tap-b", "h1.eth1.100"):
        assert [frame.wire for frame in read_frames(tmp_path / f"{name}.pcapng")] == [WIRE]


def test_a_frame_has_the_time_of_sending_the_direction_and_the_id(tmp_path: Path) -> None:
    run(tmp_path, "forward")
    number = Origin("a").number()
    sent, *passed = read_frames(tmp_path / "run.pcapng")
    assert (sent.unix, sent.direction, sent.packet) == (unix(T0), Direction.INBOUND, number)
    assert {(frame.unix, frame.direction, frame.packet) for frame in passed} == {
        (unix(LATENCY), Direction.OUTBOUND, number)
    }


@pytest.mark.parametrize(
    ("whims", "on_the_first_link"),
    [
        pytest.param(["deliver"], "delivered at h1/tap-a (mac: mine)", id="delivered"),
        pytest.param(["forward"], "forwarded to tap-b, eth1.100", id="forwarded"),
        pytest.param(["hold"], "held at h1/tap-a (neigh: 10.0.0.9 INCOMPLETE)", id="held"),
        pytest.param(["answer"], "delivered at h1/tap-a (mac: mine)", id="delivered and answered"),
        pytest.param(
            ["refuse"],
            "dropped NEIGH_FAILED at h1/tap-a (iptables: -A FORWARD -j DROP)",
            id="dropped",
        ),
    ],
)
def test_a_frame_says_why_it_was_sent_and_what_became_of_it(
    tmp_path: Path, whims: list[str], on_the_first_link: str
) -> None:
    run(tmp_path, *whims)
    frames = [("h1/tap-a", "inject", on_the_first_link)]
    assert shown(tmp_path / "run.pcapng")[:1] == frames
    assert shown(tmp_path / "h1.tap-a.pcapng")[:1] == frames


def test_two_verdicts_differ_though_the_steps_are_the_same(tmp_path: Path) -> None:
    sink = CaptureSink(tmp_path, names={})
    network = line(sink, whims=["reply", "deliver", "reply"])
    for size in (60, 61):
        network.inject("a", "eth0", Frame.new(bytes(size), Origin("a").number()))
        network.settle(LATER)
    sink.close()
    assert [frame.comments[1] for frame in read_frames(tmp_path / "h1.tap-a.pcapng")] == [
        "answered on tap-b",
        "answered on eth1.100",
    ]


def test_only_a_frame_that_ends_in_a_drop_has_a_verdict(tmp_path: Path) -> None:
    run(tmp_path, "forward", "refuse", "deliver", "hold", "ignore", "answer", frames=4)
    fates = [(f.comments[1].split()[0], f.dropped) for f in read_frames(tmp_path / "run.pcapng")]
    assert fates == [
        ("forwarded", False),
        ("dropped", True),
        ("delivered", False),
        ("held", False),
        ("dropped", True),
        ("delivered", False),
        ("delivered", False),
    ]


@pytest.mark.parametrize(
    ("up", "unplugged", "comment", "dropped"),
    [
        pytest.param(False, False, "lost DEV_READY", True, id="the link is down"),
        pytest.param(True, True, "lost LINK_VANISHED", True, id="the link is taken away"),
        pytest.param(True, False, "in flight", False, id="the run ends before it arrives"),
    ],
)
def test_a_frame_that_does_not_arrive(
    tmp_path: Path, *, up: bool, unplugged: bool, comment: str, dropped: bool
) -> None:
    sink = CaptureSink(tmp_path, names={})
    network = line(sink)
    network.set_link("a", "eth0", LinkSettings(up=up, latency=LATENCY))
    network.inject("a", "eth0", Frame.new(WIRE))
    if unplugged:
        network.disconnect("a", "eth0")
        network.settle(LATER)
    sink.close()
    for name in ("run", "h1.tap-a"):
        (frame,) = read_frames(tmp_path / f"{name}.pcapng")
        assert (frame.wire, frame.comments[1], frame.dropped) == (WIRE, comment, dropped)


def test_files_are_in_the_order_of_sending_whatever_arrives_first(tmp_path: Path) -> None:
    sink = CaptureSink(tmp_path, names={})
    network = line(sink)
    network.set_link("a", "eth0", LinkSettings(latency=milliseconds(5)))
    network.inject("a", "eth0", Frame.new(b"slow" * 10))
    network.inject("b", "eth0", Frame.new(b"fast" * 10))
    network.settle(milliseconds(1))
    network.record(StepEnded(network.now, 1, passed=True))  # what can be written is written
    assert list(read_frames(tmp_path / "run.pcapng")) == []
    network.settle(milliseconds(9))
    sink.close()
    assert [frame.wire[:4] for frame in read_frames(tmp_path / "run.pcapng")] == [b"slow", b"fast"]


def test_a_seam_inside_a_host_is_not_captured(tmp_path: Path) -> None:
    sink = CaptureSink(tmp_path, names={})
    network = line(sink)
    network.disconnect("c", "eth0")
    network.connect(("h1/middle", "eth1.100"), ("c", "eth0"), captured=False)
    network.inject("c", "eth0", Frame.new(WIRE))
    network.settle(LATER)
    sink.close()
    assert list(read_frames(tmp_path / "run.pcapng")) == []


def test_a_link_may_come_while_the_run_goes_on(tmp_path: Path) -> None:
    sink = CaptureSink(tmp_path, names=NAMES)
    network = line(sink)
    network.inject("a", "eth0", Frame.new(WIRE))
    network.settle(LATER)
    network.add(Fickle("d", ("eth0",)))
    network.add(Fickle("e", ("eth0",)))
    network.connect(("d", "eth0"), ("e", "eth0"))
    network.inject("e", "eth0", Frame.new(WIRE))
    network.settle(LATER)
    sink.close()
    assert interfaces(tmp_path / "run.pcapng")[3:] == [("d/eth0", "d/eth0 <-> e/eth0")]
    assert [packet.interface_id for packet in packets(tmp_path / "run.pcapng")] == [0, 3]
    assert len(packets(tmp_path / "d.eth0.pcapng")) == 1


def test_a_link_that_comes_again_goes_on_in_its_file(tmp_path: Path) -> None:
    sink = CaptureSink(tmp_path, names={})
    network = line(sink)
    for _ in range(2):
        network.inject("a", "eth0", Frame.new(WIRE))
        network.settle(LATER)
        network.disconnect("a", "eth0")
        network.connect(("h1/middle", "tap-a"), ("a", "eth0"))
    sink.close()
    assert len(list(read_frames(tmp_path / "h1.tap-a.pcapng"))) == 2
    assert len(interfaces(tmp_path / "run.pcapng")) == 3


def test_a_port_that_gets_another_peer_gets_another_file(tmp_path: Path) -> None:
    sink = CaptureSink(tmp_path, names={})
    network = line(sink)
    network.disconnect("a", "eth0")
    network.disconnect("c", "eth0")
    network.connect(("h1/middle", "tap-a"), ("c", "eth0"))
    sink.close()
    assert interfaces(tmp_path / "h1.tap-a~2.pcapng") == [("h1/tap-a", "h1/tap-a <-> c/eth0")]


def test_a_sink_that_joins_late_captures_from_then_on(tmp_path: Path) -> None:
    network = line()
    network.inject("a", "eth0", Frame.new(WIRE))
    sink = CaptureSink(tmp_path, names={})
    network.subscribe(sink)
    network.inject("a", "eth0", Frame.new(b"late" * 10))
    network.settle(LATER)
    sink.close()
    assert [frame.wire for frame in read_frames(tmp_path / "run.pcapng")] == [b"late" * 10]


def test_what_was_captured_is_counted(tmp_path: Path) -> None:
    sink = run(tmp_path, "forward", "answer", frames=2)
    counts = [(str(c.link), c.file, c.from_a, c.from_b) for c in sink.captures]
    assert counts == [
        ("h1/tap-a", "h1.tap-a.pcapng", 0, 2),
        ("h1/tap-b", "h1.tap-b.pcapng", 1, 1),
        ("h1/eth1.100", "h1.eth1.100.pcapng", 1, 0),
    ]
    in_the_run = [
        b.frames for b in read_capture(tmp_path / "run.pcapng") if isinstance(b, Statistics)
    ]
    assert in_the_run == [2, 2, 1]


def test_a_file_of_that_name_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "run.pcapng").write_text("mine")
    with pytest.raises(EmuError, match=r"cannot write .*run\.pcapng: File exists"):
        CaptureSink(tmp_path, names={})
    assert (tmp_path / "run.pcapng").read_text() == "mine"


whims = st.lists(st.sampled_from(["forward", "answer", "hold", "release", "refuse", "ignore"]))
sources = st.tuples(st.sampled_from("abc"), st.binary(max_size=40), st.integers(0, 20_000))


def expected(records: Iterable[Record]) -> list[CapturedFrame]:
    """Return what a capture must hold of `records`; without comments and verdicts."""
    return [
        CapturedFrame(
            interface=Interface(name=str(r.link), description=f"{r.link.a} <-> {r.link.b}"),
            unix=unix(r.time),
            wire=r.frame.wire,
            comments=(),
            direction=Direction.OUTBOUND if r.by_a else Direction.INBOUND,
            packet=r.frame.packet,
            dropped=False,
        )
        for r in records
        if isinstance(r, Sent)
    ]


@given(whims, st.lists(sources, max_size=8))
def test_whatever_the_traffic_the_files_hold_exactly_what_was_sent(
    whims: list[str], traffic: list[tuple[str, bytes, int]]
) -> None:
    with TemporaryDirectory() as name:
        folder, kept = Path(name), Kept()
        sink = CaptureSink(folder, names=NAMES)
        network = line(kept, sink, whims=whims)
        origin = Origin("inject")
        for device, wire, gap in traffic:
            network.inject(device, "eth0", Frame.new(wire, origin.number()))
            network.advance(Nanoseconds(gap))
        sink.close()
        sent = expected(kept.records)
        for path, frames in {
            folder / "run.pcapng": sent,
            **{
                folder / capture.file: [f for f in sent if f.interface.name == str(capture.link)]
                for capture in sink.captures
            },
        }.items():
            found = list(read_frames(path))
            assert [replace(frame, comments=(), dropped=False) for frame in found] == frames
            assert all(len(frame.comments) == 2 for frame in found)
            assert [(time(p), p.packet_data, comments(p)) for p in packets(path)] == [
                (frame.unix, frame.wire, frame.comments) for frame in found
            ]
