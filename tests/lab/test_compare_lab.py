"""emu does what real Linux did, and the tool that says so would notice if it did not."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from emu.core.time import Nanoseconds, milliseconds
from emu.packet.ipv4 import set_src
from tests.lab.comparison import Comparison
from tests.lab.emulated import Emulation, emulate
from tests.lab.masks import Masks, Partners
from tests.lab.recorded import Recording, Timed

LAB = Path(__file__).parent
ROOT = LAB.parents[1]
RUNS = {"t6-lb": 5}  # and how many steps are compared
PING = "ping-vm1-vm2-same-subnet"
UNKNOWN = "ping-vm1-unknown-in-A"


def compare_lab(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "tools" / "compare-lab"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("run", RUNS)
def test_emu_does_what_was_recorded(run: str) -> None:
    done = compare_lab(run)
    assert done.stdout.splitlines()[-1] == f"{RUNS[run]} passed, 0 failed", done.stdout
    assert (done.returncode, done.stderr) == (0, "")


def test_every_scenario_of_the_lab_is_compared() -> None:
    assert sorted(RUNS) == sorted(path.stem for path in LAB.glob("t*.yaml"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(["t99"], "there is no scenario for t99 (there are: t6-lb)", id="a run"),
        pytest.param(["t6-lb", "dance"], "not compared: dance (there are: ping-vm1", id="a step"),
    ],
)
def test_what_it_does_not_know_it_names_with_what_it_does(arguments: list[str], words: str) -> None:
    done = compare_lab(*arguments)
    assert done.returncode == 2
    assert words in done.stderr


def test_a_copy_holds_what_is_compared(tmp_path: Path) -> None:
    assert compare_lab("--save", str(tmp_path), "t6-lb").returncode == 0
    original = LAB / "captures" / "t6-lb"
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        path.name: path.read_bytes() for path in original.iterdir()
    }


# --- what would be noticed -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def emulation() -> Emulation:
    return emulate(LAB / "t6-lb.yaml")


@pytest.fixture
def recording() -> Recording:
    return Recording(LAB / "captures" / "t6-lb")


def differences(
    recording: Recording,
    emulation: Emulation,
    step: str,
    edit: Callable[[list[Timed]], list[Timed]],
) -> list[str]:
    """Return what is said of vm1's link if it had been recorded otherwise."""
    there = recording.steps[step]
    duration = Nanoseconds(there.ended - there.begun)
    recorded = edit(recording.frames("vm1/eth0", there))
    emulated = emulation.frames("vm1/eth0", step, duration, list(recording.steps))
    return list(Comparison(Masks()).of_link(step, recorded, emulated))


def retouched(number: int, wire: Callable[[bytes], bytes]) -> Callable[[list[Timed]], list[Timed]]:
    """Return an edit of one frame."""

    def edit(frames: list[Timed]) -> list[Timed]:
        frames[number] = Timed(after=frames[number].after, wire=wire(frames[number].wire))
        return frames

    return edit


def later(number: int, ms: int) -> Callable[[list[Timed]], list[Timed]]:
    """Return an edit that makes all frames from that one on later."""

    def edit(frames: list[Timed]) -> list[Timed]:
        return [
            Timed(
                after=Nanoseconds(frame.after + (milliseconds(ms) if i >= number else 0)),
                wire=frame.wire,
            )
            for i, frame in enumerate(frames)
        ]

    return edit


def with_octet(at: int, octet: int) -> Callable[[bytes], bytes]:
    return lambda wire: wire[:at] + bytes((octet,)) + wire[at + 1 :]


# In the step: a question, its answer, then requests and replies of a ping in turns
@pytest.mark.parametrize(
    ("edit", "words"),
    [
        pytest.param(
            lambda frames: frames[1:],
            "not recorded, at 0.000 s: ARP is at fa:16:3e:00:06:12 says 172.16.100.12",
            id="a frame too many",
        ),
        pytest.param(
            lambda frames: [*frames, frames[-3]],
            "missing 2.046 s after the step began: IP / ICMP 172.16.100.12 > 172.16.100.11",
            id="a frame too few",
        ),
        pytest.param(
            lambda frames: [*frames[:2], frames[3], frames[2], *frames[4:]],
            "icmp.type is 8, recorded 0",
            id="another order within a conversation",
        ),
        pytest.param(
            retouched(0, with_octet(5, 0)), "eth.dst is ff:ff:ff:ff:ff:ff, recorded", id="a MAC"
        ),
        pytest.param(
            retouched(1, with_octet(37, 9)), "arp.dst.hw_mac is fa:16:3e:00:06:11", id="ARP's MAC"
        ),
        pytest.param(retouched(2, with_octet(22, 63)), "ip.ttl is 64, recorded 63", id="the TTL"),
        pytest.param(
            retouched(2, with_octet(22, 63)),
            "malformed is absent, recorded the header's checksum is wrong",
            id="a checksum",
        ),
        pytest.param(retouched(3, with_octet(20, 0x40)), "ip.flags.df is 0, recorded 1", id="DF"),
        pytest.param(
            retouched(2, lambda wire: set_src(wire, b"\x0a\x00\x00\x01")),
            "recorded",
            id="an address",
        ),
        pytest.param(retouched(2, lambda w: w + b"x"), "frame.len is 98, recorded 99", id="a size"),
        pytest.param(retouched(4, with_octet(97, 0)), "data is", id="the data"),
        pytest.param(later(4, 80), "frame 3 comes 1.024 s after the one before", id="a pause"),
        pytest.param(later(0, 400), "begins 0.000 s after the step", id="the beginning"),
    ],
)
def test_a_difference_is_noticed(
    recording: Recording,
    emulation: Emulation,
    edit: Callable[[list[Timed]], list[Timed]],
    words: str,
) -> None:
    found = differences(recording, emulation, PING, edit)
    assert any(words in difference for difference in found), found


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(lambda frames: frames, id="nothing"),
        pytest.param(
            lambda frames: [*frames[2:], *frames[:2]], id="another order of two conversations"
        ),
        pytest.param(later(4, 20), id="twenty milliseconds"),
    ],
)
def test_what_may_differ_is_not_minded(
    recording: Recording,
    emulation: Emulation,
    edit: Callable[[list[Timed]], list[Timed]],
) -> None:
    assert differences(recording, emulation, PING, edit) == []


def test_a_retry_too_few_is_noticed(recording: Recording, emulation: Emulation) -> None:
    found = differences(recording, emulation, UNKNOWN, lambda frames: frames[:3])
    assert [text.partition(": ")[2][:12] for text in found] == ["not recorded"] * 3


def test_values_that_stand_for_each_other_do_so_one_to_one() -> None:
    partners = Partners()
    assert partners.agree("ids", 1, 10)
    assert partners.agree("ids", 1, 10)
    assert not partners.agree("ids", 1, 11)  # it stood for another
    assert not partners.agree("ids", 2, 10)  # that one is taken
    assert partners.agree("others", 2, 10)
    assert not partners.agree("ids", 0, 12)  # none stands for none only
    assert partners.agree("more", 0, 0)


@pytest.mark.parametrize(
    ("recorded", "emulated", "found"),
    [
        pytest.param(("a", "b"), ("a", "b"), [], id="the same"),
        pytest.param(("time=0.1 ms", ""), ("time=22 ms",), [], id="but for times and empty lines"),
        pytest.param(("a",), ("b",), ["line 1 printed is 'b', recorded 'a'"], id="another line"),
        pytest.param(("a",), (), ["line 1 printed is None, recorded 'a'"], id="a line less"),
        pytest.param((), ("a",), ["line 1 printed is 'a', recorded None"], id="a line more"),
    ],
)
def test_what_programs_print_is_compared(
    recorded: tuple[str, ...], emulated: tuple[str, ...], found: list[str]
) -> None:
    assert list(Comparison(Masks()).of_output(recorded, emulated)) == found
