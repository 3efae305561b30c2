"""Frames of captures that others made are sent as they are, and when they were."""

from pathlib import Path

import pytest

from emu.capture import write_pcap
from emu.core.time import Nanoseconds
from emu.journal import Sent
from emu.scenario import StepOutcome, load, run
from emu.scenario.replay import selection
from emu.scenario.texts import Wrong
from tests.scenario.stages import WORLD
from tests.small_worlds import Kept

MILLISECOND = 1_000_000
BEGUN = 1_700_000_000_000_000_000
TIMES = (0, 5, 12, 11, 30)  # milliseconds; the fourth was written down too late
WIRES = [bytes([0xFF] * 6 + [2, 0, 0, 0, 0, number]) + bytes(48) for number in range(5)]
FRAMES = [
    (Nanoseconds(BEGUN + at * MILLISECOND), wire) for at, wire in zip(TIMES, WIRES, strict=True)
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_pcap(tmp_path / "five.pcap", FRAMES)
    (tmp_path / "cut.pcap").write_bytes((tmp_path / "five.pcap").read_bytes()[:-1])
    return tmp_path


def replayed(folder: Path, inject: str) -> tuple[StepOutcome, list[tuple[int, str, bytes]]]:
    """Perform one step; return its outcome, and who sent what when."""
    (folder / "s.yaml").write_text(WORLD + f"  - inject: {{{inject}}}\n")
    kept = Kept()
    step = run(load(folder / "s.yaml"), sinks=[kept]).steps[-1]
    sent = [
        (int(r.time), str(r.link.a if r.by_a else r.link.b), r.frame.wire)
        for r in kept.records
        if isinstance(r, Sent) and r.frame.parent is None
    ]
    return step, sent


@pytest.mark.parametrize(
    ("frames", "expected"),
    [
        pytest.param("", [(0, 0), (5, 1), (12, 2), (12, 3), (30, 4)], id="all"),
        pytest.param(", frames: 2", [(0, 1)], id="one"),
        pytest.param(", frames: 2-3", [(0, 1), (7, 2)], id="some, from the time of the first"),
        pytest.param(", frames: 4-", [(0, 3), (19, 4)], id="from one to the end"),
        pytest.param(', frames: "5, 1-2"', [(0, 0), (5, 1), (30, 4)], id="in the file's order"),
    ],
)
def test_frames_are_sent_untouched_and_with_their_times(
    folder: Path, frames: str, expected: list[tuple[int, int]]
) -> None:
    step, sent = replayed(folder, f"at: pc1/eth0, pcap: five.pcap{frames}")
    assert step.passed
    assert sent == [(at * MILLISECOND, "pc1/eth0", WIRES[number]) for at, number in expected]


def test_into_an_end_the_other_end_sends_them(folder: Path) -> None:
    _, sent = replayed(folder, "into: pc1/eth0, pcap: five.pcap, frames: 1")
    assert sent == [(0, "hub1/p1", WIRES[0])]


def test_a_damaged_capture_is_replayed_up_to_the_damage_and_that_is_said(folder: Path) -> None:
    step, sent = replayed(folder, "at: pc1/eth0, pcap: cut.pcap")
    assert [wire for _, _, wire in sent] == WIRES[:4]
    assert len(step.notes) == 1
    assert "cut.pcap is damaged at octet 328: the file ends inside a frame" in step.notes[0]


def test_a_frame_that_was_cut_when_it_was_captured_is_sent_so_and_that_is_said(
    folder: Path,
) -> None:
    octets = bytearray((folder / "five.pcap").read_bytes())
    octets[24 + 12 : 24 + 16] = (1514).to_bytes(4, "little")  # of the first frame: on the wire
    (folder / "snap.pcap").write_bytes(octets)
    step, sent = replayed(folder, "at: pc1/eth0, pcap: snap.pcap, frames: 1")
    assert [wire for _, _, wire in sent] == WIRES[:1]
    assert step.notes == (
        "frame 1 of snap.pcap: only 60 of its 1514 octets were captured, and sent",
    )


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("at: pc1/eth0, pcap: five.pcap", "five.pcap from pc1/eth0"),
        ("into: pc1/eth0, pcap: five.pcap, frames: 2-3", "frames 2-3 of five.pcap into pc1/eth0"),
        ("at: pc1/eth0, frame: '00'", "a frame from pc1/eth0"),
    ],
)
def test_what_a_step_without_a_name_is_called(folder: Path, written: str, title: str) -> None:
    assert replayed(folder, written)[0].title == title


@pytest.mark.parametrize(
    ("written", "inside", "outside"),
    [
        pytest.param("3", [3], [1, 2, 4], id="one"),
        pytest.param("3-5", [3, 4, 5], [2, 6], id="a range, with both its ends"),
        pytest.param("7-", [7, 10**9], [6], id="all from one on"),
        pytest.param("1, 4-5,9", [1, 4, 5, 9], [2, 3, 6, 10], id="several"),
        pytest.param("4-4", [4], [3, 5], id="a range of one"),
    ],
)
def test_which_frames_are_meant(written: str, inside: list[int], outside: list[int]) -> None:
    wanted = selection(written)
    assert all(number in wanted for number in inside)
    assert not any(number in wanted for number in outside)


@pytest.mark.parametrize(
    ("written", "last"), [("3", 3), ("3-5,1", 5), ("1,7-", None), ("9-,2", None)]
)
def test_after_which_frame_a_capture_need_not_be_read(written: str, last: int | None) -> None:
    assert selection(written).last == last


@pytest.mark.parametrize("written", ["0", "0-3", "-3", "3-2", "a", "1,,2", "1;2", "3--5", "9" * 10])
def test_what_names_no_frames(written: str) -> None:
    with pytest.raises(Wrong):
        selection(written)
