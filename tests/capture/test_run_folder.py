"""The folder of a run: nothing that a user had is lost, and nothing is there by halves."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from emu.capture import CaptureSink, RunFolder, read_frames, read_index
from emu.core.errors import EmuError
from emu.core.time import milliseconds
from emu.packet.frame import Frame
from tests.small_worlds import line

CAPTURES = ["h1.eth1.100.pcapng", "h1.tap-a.pcapng", "h1.tap-b.pcapng", "run.pcapng"]
ALL = sorted([*CAPTURES, "index.json", "trace.jsonl"])

KILLED = """
import os, signal, sys
from pathlib import Path
from tests.capture.test_run_folder import run
run(Path(sys.argv[1]), before_the_end=lambda: os.kill(os.getpid(), signal.SIGKILL))
"""


def run(
    target: Path, *, frames: int = 1, text: str = "", before_the_end: object = None
) -> Path | None:
    """Run a network into `target`, and return what `finish` says."""
    with RunFolder(target, name="a-run") as folder:
        sink = CaptureSink(folder.path, names={})
        network = line(sink)
        with folder.open("trace.jsonl") as file:
            file.write(text)
        for _ in range(frames):
            network.inject("a", "eth0", Frame.new(bytes(60)))
            network.settle(milliseconds(1))
        sink.close()
        if callable(before_the_end):
            before_the_end()
        return folder.finish(sink.captures)


def killed(target: Path) -> None:
    """Run in a process of its own that is killed just before its end."""
    command = [sys.executable, "-c", KILLED, str(target)]
    done = subprocess.run(command, check=False, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr) == (-signal.SIGKILL, "")


def listing(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def frames_in(folder: Path) -> int:
    return len(list(read_frames(folder / "run.pcapng")))


@pytest.mark.parametrize("state", ["absent", "without parents", "empty"])
def test_a_run_goes_where_nothing_is(tmp_path: Path, state: str) -> None:
    target = tmp_path / "runs" / "lb-vlan"
    if state != "without parents":
        target.parent.mkdir()
    if state == "empty":
        target.mkdir(mode=0o700)
    run(target)
    assert listing(target) == ALL
    assert listing(target.parent) == ["lb-vlan"]
    assert state != "empty" or target.stat().st_mode & 0o777 == 0o700


def test_the_index_says_what_is_there(tmp_path: Path) -> None:
    run(tmp_path / "out", frames=3)
    assert json.loads((tmp_path / "out" / "index.json").read_text()) == {
        "format": "emu-run",
        "schema_version": 1,
        "name": "a-run",
        "finished": True,
        "run": "run.pcapng",
        "links": [
            {
                "name": f"h1/{port}",
                "a": {"device": "h1/middle", "port": port},
                "b": {"device": station, "port": "eth0"},
                "file": f"h1.{port}.pcapng",
                "frames": {"from_a": 0, "from_b": count},
            }
            for port, station, count in [("tap-a", "a", 3), ("tap-b", "b", 0), ("eth1.100", "c", 0)]
        ],
        "files": [
            *("run.pcapng", "trace.jsonl"),
            *("h1.tap-a.pcapng", "h1.tap-b.pcapng", "h1.eth1.100.pcapng"),
        ],
    }


def test_two_runs_leave_the_same_octets(tmp_path: Path) -> None:
    for name in ("one", "two"):
        run(tmp_path / name, frames=2, text="a line\n")
    for name in ALL:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_run_takes_the_place_of_the_one_before_when_it_is_finished(tmp_path: Path) -> None:
    target = tmp_path / "out"
    run(target, frames=1, text="old")

    def look() -> None:
        assert frames_in(target) == 1
        assert (target / "trace.jsonl").read_text() == "old"

    assert run(target, frames=2, before_the_end=look) is None
    assert (frames_in(target), (target / "trace.jsonl").read_text()) == (2, "")
    assert listing(tmp_path) == ["out"]


def test_a_file_of_the_old_run_that_the_new_one_has_not_goes(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with RunFolder(target, name="a-run") as folder:
        folder.open("fates.txt").close()
        folder.finish(())
    run(target)
    assert listing(target) == ALL


def test_what_a_user_put_into_the_folder_moves_along(tmp_path: Path) -> None:
    target = tmp_path / "out"
    run(target)
    (target / "notes.txt").write_text("mine")
    (target / "pictures").mkdir()
    (target / "pictures" / "one.svg").write_text("mine")
    assert run(target) is None
    assert listing(target) == sorted([*ALL, "notes.txt", "pictures"])
    assert (target / "pictures" / "one.svg").read_text() == "mine"
    assert listing(tmp_path) == ["out"]


def test_what_cannot_move_along_is_kept(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with RunFolder(target, name="a-run") as folder:
        folder.finish(())
    (target / "trace.jsonl").write_text("mine")
    assert run(target) == tmp_path / "out.replaced"
    assert (tmp_path / "out.replaced" / "trace.jsonl").read_text() == "mine"
    assert listing(tmp_path / "out.replaced") == ["trace.jsonl"]
    run(target)
    assert listing(tmp_path) == ["out", "out.replaced"]


@pytest.mark.parametrize(
    ("put", "words"),
    [
        pytest.param("file", "is not a folder", id="a file"),
        pytest.param("notes", "holds files and is no run of emu", id="a folder with other files"),
        pytest.param("index", "holds files and is no run of emu", id="the index of something else"),
        pytest.param("list", "holds files and is no run of emu", id="an index that is none"),
        pytest.param("here", "is in use and cannot be replaced", id="the folder that one is in"),
    ],
)
def test_a_place_that_is_refused_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, put: str, words: str
) -> None:
    target = tmp_path / "out"
    match put:
        case "file":
            target.write_text("mine")
        case "here":
            (target / "inside").mkdir(parents=True)
            monkeypatch.chdir(target / "inside")
        case _:
            target.mkdir()
            text = {"notes": "mine", "index": '{"format": "other"}', "list": "[1]"}[put]
            (target / ("notes.txt" if put == "notes" else "index.json")).write_text(text)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(EmuError, match=f"{target} {words}"):
        RunFolder(target, name="a-run")
    assert sorted(tmp_path.rglob("*")) == before


def test_the_message_calls_the_folder_as_the_user_did(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("out").write_text("mine")
    with pytest.raises(EmuError, match=r"^out is not a folder$"):
        RunFolder(Path("out"), name="a-run")


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    target = tmp_path / "file" / "out"
    with pytest.raises(EmuError, match=f"cannot write {target}: (Not a directory|File exists)"):
        RunFolder(target, name="a-run")


def test_a_link_to_a_folder_stays_one(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("real")
    run(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert listing(tmp_path / "real") == ALL


def test_files_that_come_into_the_place_while_the_run_goes_on_are_not_touched(
    tmp_path: Path,
) -> None:
    target = tmp_path / "out"

    def come() -> None:
        target.mkdir()
        (target / "notes.txt").write_text("mine")

    words = f"{target} holds files now and is no run of emu: the run is in {target}.unfinished"
    with pytest.raises(EmuError, match=words):
        run(target, before_the_end=come)
    assert listing(target) == ["notes.txt"]
    assert frames_in(tmp_path / "out.unfinished") == 1


def test_a_killed_run_can_be_read_and_says_that_it_is_not_finished(tmp_path: Path) -> None:
    killed(tmp_path / "out")
    assert listing(tmp_path) == ["out.unfinished"]
    index = read_index(tmp_path / "out.unfinished")
    assert index is not None
    assert (index["finished"], index["name"]) == (False, "a-run")
    assert frames_in(tmp_path / "out.unfinished") == 1


def test_a_killed_run_leaves_the_one_before_and_the_next_cleans_up(
    tmp_path: Path,
) -> None:
    run(tmp_path / "out", frames=2)
    killed(tmp_path / "out")
    assert frames_in(tmp_path / "out") == 2
    run(tmp_path / "out", frames=3)
    assert frames_in(tmp_path / "out") == 3
    assert listing(tmp_path) == ["out"]


def test_only_what_is_surely_of_emu_is_cleaned_up(tmp_path: Path) -> None:
    killed(tmp_path / "out")
    (tmp_path / "out.unfinished" / "notes.txt").write_text("mine")
    (tmp_path / "out.unfinished" / "mine.pcapng").write_text("mine")
    (tmp_path / "out.unfinished~2").mkdir()
    (tmp_path / "out.unfinished~x").mkdir()
    other = tmp_path / "other.unfinished"
    killed(tmp_path / "other")
    run(tmp_path / "out")
    assert listing(tmp_path / "out.unfinished") == ["mine.pcapng", "notes.txt"]
    assert listing(other) == ALL
    assert (tmp_path / "out.unfinished~2").exists()
    assert (tmp_path / "out.unfinished~x").exists()


def test_no_file_outside_the_folder_is_deleted_whatever_an_index_lists(tmp_path: Path) -> None:
    target = tmp_path / "out"
    run(target)
    (tmp_path / "mine.txt").write_text("mine")
    index = read_index(target)
    assert index is not None
    names = ["../mine.txt", str(tmp_path / "mine.txt"), "..", "", 7]
    (target / "index.json").write_text(json.dumps(index | {"files": names}))
    run(target)
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_a_run_that_lives_is_no_leftover(tmp_path: Path) -> None:
    target = tmp_path / "out"

    def another() -> None:
        run(target, frames=2)
        assert listing(tmp_path) == ["out", "out.unfinished"]
        assert frames_in(target) == 2

    run(target, frames=3, before_the_end=another)
    assert frames_in(target) == 3
    assert listing(tmp_path) == ["out"]


def test_what_was_moved_away_comes_back_if_nothing_took_its_place(tmp_path: Path) -> None:
    run(tmp_path / "out", frames=2)
    (tmp_path / "out").rename(tmp_path / "out.replaced")
    with RunFolder(tmp_path / "out", name="a-run"):
        assert frames_in(tmp_path / "out") == 2
    assert listing(tmp_path) == ["out"]


def test_what_was_moved_away_goes_if_something_took_its_place(tmp_path: Path) -> None:
    run(tmp_path / "out", frames=2)
    (tmp_path / "out").rename(tmp_path / "out.replaced")
    run(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").rename(tmp_path / "out")
    run(tmp_path / "out", frames=3)
    assert (listing(tmp_path), frames_in(tmp_path / "out")) == (["out"], 3)


def test_a_run_that_fails_keeps_what_it_wrote(tmp_path: Path) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(tmp_path / "out", before_the_end=fail)
    assert frames_in(tmp_path / "out.unfinished") == 1


def test_a_run_that_wrote_nothing_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(EmuError), RunFolder(tmp_path / "out", name="a-run"):
        raise EmuError
    assert listing(tmp_path) == []


def test_an_error_of_the_system_within_a_run_is_said(tmp_path: Path) -> None:
    words = f"cannot write {tmp_path / 'out'}.unfinished: No space left on device"
    with pytest.raises(EmuError, match=words), RunFolder(tmp_path / "out", name="a-run"):
        raise OSError(28, os.strerror(28))


def test_a_text_file_is_not_begun_twice(tmp_path: Path) -> None:
    with RunFolder(tmp_path / "out", name="a-run") as folder:
        folder.open("trace.jsonl").close()
        with pytest.raises(EmuError, match=r"cannot write .*trace.jsonl: File exists"):
            folder.open("trace.jsonl")
