"""A run that is killed, or that fills the disk, leaves captures that can be read."""

import signal
import subprocess
import sys
from pathlib import Path

from emu.capture import CapturedFrame, read_frames
from tests.capture.judges import packets, tshark

RUN = """
import os, resource, signal, sys
from pathlib import Path
from emu.capture import CaptureSink, sink
from emu.core.errors import EmuError
from emu.core.time import milliseconds
from emu.journal import StepEnded
from emu.packet.frame import Frame, Origin
from tests.small_worlds import line

sink.BATCH = 100_000
folder, end = sys.argv[1:]
captures = CaptureSink(Path(folder), names={})
network = line(captures)
network.settle(milliseconds(1))
captures.write(StepEnded(network.now, 1, True))
if end == "full":
    resource.setrlimit(resource.RLIMIT_FSIZE, (250_000, resource.RLIM_INFINITY))
origin = Origin("a")
try:
    for count in range(2000):
        for source in "ab":
            network.inject(source, "eth0", Frame.new(bytes(100), origin.number()))
        network.settle(milliseconds(1000))
    if end == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    captures.close()
except EmuError as error:
    print(error)
"""


def run(folder: Path, end: str) -> subprocess.CompletedProcess[str]:
    """Run 4000 frames in a process of its own, up to its end."""
    command = [sys.executable, "-c", RUN, str(folder), end]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def read(capture: Path) -> list[CapturedFrame]:
    """Read `capture` to its last octet, as python-pcapng and tshark do."""
    frames = list(read_frames(capture))
    numbers = tshark("-r", str(capture), "-T", "fields", "-e", "frame.packet_id").split()
    assert [str(frame.packet) for frame in frames] == numbers
    assert [packet.options["epb_packetid"] for packet in packets(capture)] == list(
        map(int, numbers)
    )
    return frames


def test_a_killed_run_leaves_whole_blocks(tmp_path: Path) -> None:
    killed = run(tmp_path, "killed")
    assert (killed.returncode, killed.stderr) == (-signal.SIGKILL, "")
    found = {path.stem: len(read(path)) for path in tmp_path.iterdir()}
    assert set(found) == {"run", "h1.tap-a", "h1.tap-b", "h1.eth1.100"}
    assert found["run"] == found["h1.tap-a"] + found["h1.tap-b"]
    assert 3000 < found["run"] < 4000  # the last batch is lost: 100,000 octets of some 2 million


def test_a_full_disk_is_said_and_what_it_took_in_part_is_taken_back(tmp_path: Path) -> None:
    full = run(tmp_path, "full")
    assert full.stdout == f"cannot write {tmp_path / 'run.pcapng'}: File too large\n"
    assert full.stderr == ""
    found = {path.stem: len(read(path)) for path in tmp_path.iterdir()}
    assert min(found["run"], found["h1.tap-a"], found["h1.tap-b"]) > 0
    assert (tmp_path / "run.pcapng").stat().st_size < 250_000
