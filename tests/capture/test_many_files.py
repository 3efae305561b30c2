"""Many files grow through a few handles."""

import os
import tracemalloc
from itertools import cycle
from pathlib import Path

import pytest

from emu.capture import CaptureSink, annotations, read_frames
from emu.capture import sink as module
from emu.capture.files import HANDLES, GrowingFiles
from emu.core.errors import EmuError
from emu.core.time import milliseconds
from emu.journal import StepEnded
from emu.packet.frame import Frame
from emu.sim import Network
from tests.small_worlds import Fickle, line


def handles() -> int:
    """Return how many handles this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def test_no_more_handles_are_open_than_allowed_and_all_files_grow(tmp_path: Path) -> None:
    before = handles()
    files = GrowingFiles(handles=3)
    paths = [tmp_path / str(number) for number in range(10)]
    for path in paths:
        files.create(path)
        assert handles() - before <= 3
    for _ in range(2):
        for path in paths:
            files.append(path, b"x" * 10)
            assert handles() - before <= 3
    assert [path.stat().st_size for path in paths] == [20] * 10
    files.close()
    assert handles() == before


def test_a_file_that_is_used_often_stays_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = GrowingFiles(handles=2)
    for name in "abc":
        files.create(tmp_path / name)
    opened: list[str] = []
    real = os.open

    def spy(path: Path, *how: int) -> int:
        opened.append(path.name)
        return real(path, *how)

    monkeypatch.setattr(os, "open", spy)
    for name in "acbcacbc":
        files.append(tmp_path / name, b"x")
    files.close()
    assert "".join(opened) == "abab"


def test_a_file_that_went_away_is_an_error(tmp_path: Path) -> None:
    files = GrowingFiles(handles=1)
    for name in "ab":
        files.create(tmp_path / name)
    (tmp_path / "a").unlink()
    with pytest.raises(EmuError, match=r"cannot write .*a: No such file or directory"):
        files.append(tmp_path / "a", b"x")
    files.close()


def test_a_thousand_links_are_captured(tmp_path: Path) -> None:
    sink = CaptureSink(tmp_path, names={})
    network = Network(sink)
    network.add(Fickle("hub", tuple(f"p{n}" for n in range(1000)), ["forward"]))
    for n in range(1000):
        network.add(Fickle(f"vm{n}", ("eth0",)))
        network.connect(("hub", f"p{n}"), (f"vm{n}", "eth0"))
    network.inject("vm0", "eth0", Frame.new(bytes(60)))
    network.settle(milliseconds(1))
    before = handles()
    network.record(StepEnded(network.now, 1, passed=True))
    assert handles() - before <= HANDLES
    sink.close()
    assert len(list(tmp_path.iterdir())) == 1001
    (first, *others) = read_frames(tmp_path / "run.pcapng")
    assert first.comments[1] == "forwarded to p1, p2, p3, p4, p5, p6, p7, p8 and 991 more"
    assert len(others) == 999
    assert len(list(read_frames(tmp_path / "hub.p999.pcapng"))) == 1


def test_memory_does_not_grow_with_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH", 50_000)
    monkeypatch.setattr(annotations, "ENTRIES", 100)
    sink = CaptureSink(tmp_path, names={})
    network = line(sink, whims=cycle(["translate", "deliver"]))

    def run(frames: int) -> int:
        for _ in range(frames):
            network.inject("a", "eth0", Frame.new(bytes(200)))
            network.settle(milliseconds(100_000))
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    first = run(1000)
    assert run(5000) - first < 100_000  # a batch, where 5000 frames are a million octets
    tracemalloc.stop()
    sink.close()
