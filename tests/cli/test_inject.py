"""`emu inject`: a frame of one's own in somebody else's story, and what comes of it."""

import json
from pathlib import Path

import pytest

from emu.capture import read_frames, write_pcap
from emu.core.time import Nanoseconds
from tests.cli.command import Emu
from tests.scenario.stages import PING, WORLD

ASK = "Ether(dst='ff:ff:ff:ff:ff:ff')/ARP(pdst='10.0.0.2')"
NOBODYS = "02:00:00:00:00:99"
STRAY = f"Ether(src='02:00:00:00:00:77', dst='{NOBODYS}')/IP(src='10.0.0.7', dst='10.0.0.2')"

TRACE = """\
== step 1: a frame from pc1/eth0 ==

inject#1  ARP who has 10.0.0.2? tell 10.0.0.1
    pc1: inject
  pc1/eth0 -> hub1/p1
    hub1: repeat
  hub1/p2 -> pc2/eth0
    => delivered at pc2/eth0 (neigh: 10.0.0.1 dev eth0 lladdr 02:00:00:00:00:01 STALE)

pc2#1  ARP 10.0.0.2 is at 02:00:00:00:00:02, to 10.0.0.1  (because of inject#1)
    pc2: fib: local 10.0.0.2 dev eth0 proto kernel scope host src 10.0.0.2
  pc2/eth0 -> hub1/p2
    hub1: repeat
    1. hub1/p1 -> pc1/eth0
         => dropped CONSUMED at pc1/eth0 (neigh: no row)
    2. hub1/p3 -> pc3/eth0
         => dropped OTHERHOST at pc3/eth0

note: filled in: Ether.src=02:00:00:00:00:01, ARP.hwsrc=02:00:00:00:00:01, ARP.psrc=10.0.0.1
verdict: delivered at pc2/eth0; pc2 sent 1 packet because of it
captures: emu-runs/stage.inject/
"""


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """A story with one step."""
    path = tmp_path / "world.yaml"
    path.write_text(WORLD + PING)
    return path


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    """Three frames that nobody takes, 1 s apart."""
    path = tmp_path / "elsewhere" / "three.pcap"
    path.parent.mkdir()
    wires = [bytes.fromhex(f"0200000000990200000000{n:02x}0800") + bytes(46) for n in range(3)]
    write_pcap(path, [(Nanoseconds(10**18 + n * 10**9), wire) for n, wire in enumerate(wires)])
    return path


def test_the_frame_and_what_it_made_others_send_is_told(emu: Emu, world: Path) -> None:
    done = emu("inject", world, "--at", "pc1/eth0", ASK)
    assert done.out == TRACE
    assert done.err == ""
    assert done.status == 0


def test_the_captures_are_those_of_a_run(emu: Emu, world: Path) -> None:
    emu("inject", world, "--at", "pc1/eth0", ASK, "--out", "here")
    frames = list(read_frames(Path("here/pc1.eth0.pcapng")))
    assert len(frames) == 2
    assert frames[0].comments[0] == "inject"
    assert json.loads(Path("here/index.json").read_text())["finished"]


def test_after_a_step_the_tables_are_full(emu: Emu, world: Path) -> None:
    done = emu("inject", world, "--after", 1, "--at", "pc1/eth0", ASK)
    assert done.out.startswith("== step 2: a frame from pc1/eth0 ==\n")
    assert "pc1#" not in done.out  # what the step before sent is not told
    assert "=> delivered at pc1/eth0 (neigh: 10.0.0.2 dev eth0" in done.out


def test_into_an_end_the_frame_comes_from_the_other(emu: Emu, world: Path) -> None:
    done = emu("inject", world, "--into", "pc1/eth0", STRAY)
    assert "  hub1/p1 -> pc1/eth0\n    => dropped OTHERHOST at pc1/eth0" in done.out
    assert done.out.endswith(
        "verdict: dropped OTHERHOST at pc1/eth0\ncaptures: emu-runs/stage.inject/\n"
    )


def test_what_is_of_interest_hides_what_is_not_unless_it_is_asked_for(
    emu: Emu, world: Path
) -> None:
    fewer = emu("inject", world, "--at", "pc1/eth0", ASK).out.partition("\npc2#1")[0]
    every = emu("inject", world, "--at", "pc1/eth0", ASK, "--all").out.partition("\npc2#1")[0]
    assert "pc3/eth0" not in fewer
    assert "=> dropped CONSUMED at pc3/eth0" in every


def test_details(emu: Emu, world: Path) -> None:
    done = emu("inject", world, "--at", "pc1/eth0", ASK, "--detailed")
    assert "42 octets on pc1/eth0" in done.out


def test_json(emu: Emu, world: Path) -> None:
    done = emu("inject", world, "--at", "pc1/eth0", ASK, "--json")
    told = json.loads(done.out)
    assert told["passed"] is True
    assert told["verdict"] == "delivered at pc2/eth0; pc2 sent 1 packet because of it"
    assert told["packets"] == [
        {
            "name": "inject#1",
            "summary": "ARP who has 10.0.0.2? tell 10.0.0.1",
            "cause": None,
            "fate": "delivered at pc2/eth0",
        },
        {
            "name": "pc2#1",
            "summary": "ARP 10.0.0.2 is at 02:00:00:00:00:02, to 10.0.0.1",
            "cause": "inject#1",
            "fate": "dropped CONSUMED at pc1/eth0, dropped OTHERHOST at pc3/eth0",
        },
    ]


# --- frames of captures --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "count"),
    [
        pytest.param(["{}"], 3, id="a file by its name"),
        pytest.param(["{}#2"], 1, id="one of its frames"),
        pytest.param(["{}#2-3"], 2, id="some of them"),
        pytest.param(["--pcap", "{}"], 3, id="a file by an option"),
        pytest.param(["--pcap", "{}", "--frame", "3"], 1, id="one frame of that"),
        pytest.param(["--pcap", "{}", "--frames", "1,3"], 2, id="some of that"),
    ],
)
def test_frames_of_a_capture(
    emu: Emu, world: Path, capture: Path, what: list[str], count: int
) -> None:
    relative = str(capture.relative_to(world.parent))
    words = [word.format(relative) for word in what]
    done = emu("inject", world, "--at", "pc1/eth0", *words)
    assert done.status == 0
    assert done.out.count("\ninject#") == count
    told = "" if count == 1 else f"{count} frames "
    ends = "pc2/eth0, pc3/eth0"
    assert f"verdict: {told}dropped OTHERHOST at {ends}\n" in done.out
    assert done.out.startswith("== step 1: ")
    assert f"{relative} from pc1/eth0 ==" in done.out


def test_a_capture_is_replayed_with_its_times(emu: Emu, world: Path, capture: Path) -> None:
    emu("inject", world, "--at", "pc1/eth0", capture)
    times = [frame.unix for frame in read_frames(Path("emu-runs/stage.inject/pc1.eth0.pcapng"))]
    assert [time - times[0] for time in times] == [0, 10**9, 2 * 10**9]


# --- mistakes ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(
            [ASK],
            "emu: say where: --at the end of a link that sends, or --into the one it reaches\n",
            id="nowhere",
        ),
        pytest.param(
            ["--at", "pc1/eth0", "--into", "pc1/eth0", ASK],
            "emu: say where: ",
            id="twice somewhere",
        ),
        pytest.param(["--at", "pc1/eth0"], "emu: say what: FRAME is a Scapy ", id="nothing"),
        pytest.param(
            ["--at", "pc1/eth9", ASK],
            'emu: no link ends at "pc1/eth9"\n    did you mean "pc1/eth0"?\n',
            id="at the end of no link",
        ),
        pytest.param(
            ["--at", "pc1/eth0", "Ether()/APR()"],
            "emu: there is no header APR\n"
            "    Ether()/APR()\n"
            "            ^\n"
            "    did you mean ARP?\n",
            id="no frame",
        ),
        pytest.param(
            ["--at", "pc1/eth0", ASK, "--after", "2"],
            "emu: stage has 1 steps, and no step 2\n",
            id="after a step that is not there",
        ),
        pytest.param(
            ["--at", "pc1/eth0", ASK, "--pcap", "a.pcap"],
            "emu: inject either a FRAME or the frames of a --pcap\n",
            id="a frame and a capture",
        ),
        pytest.param(
            ["--at", "pc1/eth0", ASK, "--frame", "1"],
            "emu: --frames are those of a --pcap, and there is none\n",
            id="frames of no capture",
        ),
        pytest.param(
            ["--at", "pc1/eth0", "elsewhere/tree.pcap#1"],
            'tree.pcap" is not there\n    did you mean ',
            id="a capture that is not there",
        ),
        pytest.param(
            ["--at", "pc1/eth0", "elsewhere/three.pcap#9"],
            "has 3 frames, and no Ethernet frame 9\n",
            id="a frame that is not there",
        ),
        pytest.param(
            ["--at", "pc1/eth0", "--pcap", "elsewhere/three.pcap", "--frames", "x"],
            'emu: "x" names no frames\n    as in 3, 3-9, ',
            id="frames that are none",
        ),
    ],
)
@pytest.mark.usefixtures("capture")
def test_what_is_said_of_a_mistake(emu: Emu, world: Path, words: list[str], said: str) -> None:
    done = emu("inject", world, *words)
    assert said in done.err
    assert done.err.startswith("emu: ")
    assert done.out == ""
    assert done.status == 2
    assert not Path("emu-runs").exists()


def test_who_has_no_address_cannot_leave_it_out(emu: Emu, world: Path) -> None:
    done = emu("inject", world, "--at", "hub1/p1", ASK)
    assert done.status == 1
    assert "hub1/p1 has no address of its own to fill in" in done.out
    assert "verdict: nothing was injected\n" in done.out


@pytest.mark.parametrize(
    ("link", "verdict"),
    [
        pytest.param("up: false", "lost DEV_READY at pc1/eth0", id="that is down"),
        pytest.param("latency: 700s", "in flight at pc1/eth0", id="that is longer than patience"),
    ],
)
def test_what_becomes_of_a_frame_on_a_link(emu: Emu, world: Path, link: str, verdict: str) -> None:
    world.write_text(f"{WORLD}  - link: {{at: pc1/eth0, {link}}}\n")
    done = emu("inject", world, "--after", 1, "--at", "pc1/eth0", ASK)
    assert f"verdict: {verdict}\n" in done.out


def test_a_step_before_that_failed_is_named(emu: Emu, world: Path) -> None:
    world.write_text(WORLD + "  - {name: too much, ping: {from: pc1, to: 10.0.0.77, wait: 1s}}\n")
    done = emu("inject", world, "--after", 1, "--at", "pc1/eth0", ASK)
    assert "note: step 1 had failed before: too much\n" in done.out
    assert done.status == 0
