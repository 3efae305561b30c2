"""`emu diff`: what it prints, and how it ends."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from emu.capture import write_pcap
from emu.cli.diff import diff_captures
from emu.core.time import Nanoseconds
from emu.packet.summary import summarize

WIRE = bytes(range(60))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of captures: a, a second later, and with another source."""
    write_pcap(tmp_path / "a", [(Nanoseconds(0), WIRE)])
    write_pcap(tmp_path / "late", [(Nanoseconds(10**9), WIRE)])
    write_pcap(tmp_path / "other", [(Nanoseconds(0), WIRE[:11] + b"\xff" + WIRE[12:])])
    return tmp_path


def emu(folder: Path, *words: str) -> tuple[int, str, str]:
    command = [sys.executable, "-m", "emu", *words]
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        command,
        cwd=folder,
        env={"PYTHONPATH": root},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_equal_captures_end_with_0(folder: Path) -> None:
    assert emu(folder, "diff", "a", "a") == (0, "equal: 1 frame on 1 link\n", "")
    assert emu(folder, "diff", "a", "late", "--ignore", "time,comment")[0] == 0
    assert emu(folder, "diff", "a", "other", "--mask", "eth.src")[0] == 0


def test_different_captures_end_with_1_and_say_what_is_different(folder: Path) -> None:
    status, printed, complaints = emu(folder, "diff", "a", "other")
    assert (status, complaints) == (1, "")
    assert printed.splitlines() == [
        "interface 0: 1 frame",
        f"  changed  frame 1          {summarize(WIRE)}",
        "           eth.src 06:07:08:09:0a:0b -> 06:07:08:09:0a:ff",
        "1 changed",
    ]
    assert emu(folder, "diff", "a", "late")[0] == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["a", "none"], "emu: cannot read none: No such file or directory\n"),
        (["a", "a", "--mask", "ip.it"], 'emu: there is no field "ip.it"; did you mean ip.id?\n'),
        (
            ["a", "a", "--ignore", "times"],
            'emu: captures have no "times" to ignore; did you mean time?\n',
        ),
    ],
)
def test_what_cannot_be_compared_ends_with_2(folder: Path, words: list[str], said: str) -> None:
    assert emu(folder, "diff", *words) == (2, "", said)


def test_json_says_all_of_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = {"ignore": [], "mask": [], "limit": 10, "json": True}
    status = diff_captures(folder / "a", folder / "other", **options)  # type: ignore[arg-type]
    said = json.loads(capsys.readouterr().out)
    assert status == 1
    assert (said["schema_version"], said["equal"], said["counts"]) == (1, False, {"changed": 1})
    assert said["links"] == [
        {
            "name": "interface 0",
            "frames_a": 1,
            "frames_b": 1,
            "differences": [
                {
                    "aspect": "changed",
                    "frame_a": 1,
                    "frame_b": 1,
                    "changes": [
                        {
                            "field": "eth.src",
                            "before": "06:07:08:09:0a:0b",
                            "after": "06:07:08:09:0a:ff",
                        }
                    ],
                }
            ],
        }
    ]
