"""`emu open`: Wireshark with emu's profile, or what to type to get it."""

import json
import os
import shlex
import subprocess
from pathlib import Path

import pytest

from emu.cli import wireshark
from emu.cli.wireshark import CONFIGURATION
from tests.cli.command import Emu
from tests.scenario.stages import PING, WORLD

FAKE = """\
#!/bin/sh
# Stands for Wireshark: notes how it was called, and leaves its mark in its configuration.
ls "$WIRESHARK_CONFIG_DIR/profiles/emu" > seen
echo "$WIRESHARK_CONFIG_DIR" > where
echo changed > "$WIRESHARK_CONFIG_DIR/recent_common"
for word in "$@"; do echo "$word"; done > words
exit %d
"""


@pytest.fixture
def run(emu: Emu, tmp_path: Path) -> Path:
    """A run of the folder that one is in."""
    (tmp_path / "stage.yaml").write_text(WORLD + PING)
    assert emu("run", "stage.yaml").status == 0
    return Path("emu-runs/stage")


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine with nothing but the folder that is returned in its PATH, and a display."""
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(wireshark, "MAC_APP", tmp_path / "nowhere")
    return programs


def put(programs: Path, name: str, script: str) -> None:
    (programs / name).write_text(script)
    (programs / name).chmod(0o755)


def with_wireshark(programs: Path, monkeypatch: pytest.MonkeyPatch, status: int = 0) -> None:
    put(programs, "wireshark", FAKE % status)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")


# --- there is a Wireshark ------------------------------------------------------------------------


def test_wireshark_gets_the_capture_and_a_configuration_of_its_own(
    emu: Emu, run: Path, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_wireshark(bare, monkeypatch)
    before = sorted(path.name for path in CONFIGURATION.rglob("*"))
    done = emu("open", "stage")
    assert done.status == 0
    assert done.out == (
        "Wireshark shows emu-runs/stage/run.pcapng with emu's profile; "
        "your own configuration stays as it is\n"
    )
    assert Path("words").read_text().split() == [
        *("-C", "emu", "-o", "tcp.analyze_sequence_numbers:FALSE"),
        *("-r", str(run / "run.pcapng")),
    ]
    assert "preferences" in Path("seen").read_text().split()
    assert not Path(Path("where").read_text().strip()).exists()
    assert sorted(path.name for path in CONFIGURATION.rglob("*")) == before


@pytest.mark.usefixtures("run")
def test_its_failure_is_not_hidden(emu: Emu, bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_wireshark(bare, monkeypatch, status=3)
    assert emu("open", "stage").status == 1


@pytest.mark.usefixtures("run")
def test_without_a_display_it_is_not_started(
    emu: Emu, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_wireshark(bare, monkeypatch)
    monkeypatch.delenv("DISPLAY")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    done = emu("open", "stage")
    assert done.out.startswith(
        "there is no display here to open a window on (DISPLAY is not set)\n"
    )
    assert "    wireshark -C emu " in done.out
    assert not Path("words").exists()


# --- there is none -------------------------------------------------------------------------------


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize(
    ("installer", "command"),
    [
        pytest.param("apt-get", "    sudo apt-get install -y wireshark\n", id="Debian"),
        pytest.param("pacman", "    sudo pacman -S wireshark-qt\n", id="Arch"),
        pytest.param("brew", "    brew install --cask wireshark\n", id="macOS"),
        pytest.param("", "    see https://www.wireshark.org/download.html\n", id="any other"),
    ],
)
def test_it_is_said_how_to_get_it(emu: Emu, bare: Path, installer: str, command: str) -> None:
    if installer:
        put(bare, installer, "")
    done = emu("open", "stage")
    assert done.out.startswith(f"Wireshark is not installed here:\n{command}")
    assert done.status == 0


@pytest.mark.usefixtures("run")
def test_what_is_to_be_typed_works(emu: Emu) -> None:
    line = emu("open", "stage", "--print").out.splitlines()[-1].strip()
    assert line.startswith("WIRESHARK_CONFIG_DIR=")
    done = subprocess.run(line, shell=True, capture_output=True, text=True, check=True)  # noqa: S602
    assert "ICMP Echo (ping) request" in done.stdout


@pytest.mark.usefixtures("bare")
def test_names_with_blanks_are_quoted(emu: Emu, run: Path) -> None:
    run.rename("emu-runs/my stage")
    line = emu("open", "my stage").out.splitlines()[-1]
    assert shlex.split(line)[-1] == "emu-runs/my stage/run.pcapng"


# --- which capture -------------------------------------------------------------------------------


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize(
    ("words", "file"),
    [
        pytest.param([], "emu-runs/stage/run.pcapng", id="the last run"),
        pytest.param(["stage"], "emu-runs/stage/run.pcapng", id="a run by its name"),
        pytest.param(["stage.yaml"], "emu-runs/stage/run.pcapng", id="a run by its scenario"),
        pytest.param(["emu-runs/stage"], "emu-runs/stage/run.pcapng", id="a run by its folder"),
        pytest.param(
            ["stage", "--link", "pc2/eth0"], "emu-runs/stage/pc2.eth0.pcapng", id="one link of it"
        ),
        pytest.param(
            ["--link", "hub1/p2"], "emu-runs/stage/pc2.eth0.pcapng", id="by its other end"
        ),
        pytest.param(
            ["emu-runs/stage/pc1.eth0.pcapng"], "emu-runs/stage/pc1.eth0.pcapng", id="a capture"
        ),
    ],
)
def test_which_capture_is_meant(emu: Emu, run: Path, words: list[str], file: str) -> None:
    done = emu("open", *words)
    assert shlex.split(done.out.splitlines()[-1])[-2:] == ["-r", file]
    assert Path(file).exists()
    several = "analyze_sequence_numbers" in done.out
    assert several == (file == str(run / "run.pcapng"))


@pytest.mark.usefixtures("bare")
def test_the_last_run_is_the_newest_that_has_ended(emu: Emu, run: Path) -> None:
    assert emu("run", "hub").status == 0
    index = json.loads((run / "index.json").read_text())
    assert "emu-runs/hub/run.pcapng" in emu("open").out
    now = (Path("emu-runs/hub/index.json")).stat().st_mtime_ns
    os.utime(run / "index.json", ns=(now + 1, now + 1))
    assert "emu-runs/stage/run.pcapng" in emu("open").out
    (run / "index.json").write_text(json.dumps(index | {"finished": False}))
    assert "emu-runs/hub/run.pcapng" in emu("open").out


@pytest.mark.usefixtures("bare", "run")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(
            ["stag"],
            'emu: there is no capture, and no run, "stag"\n    did you mean "stage"?\n',
            id="a run that is not there",
        ),
        pytest.param(
            ["lb-vlan"],
            'emu: there is no capture, and no run, "lb-vlan"\n'
            "    first `emu run lb-vlan`, if it is a scenario\n",
            id="a scenario that was not run",
        ),
        pytest.param(
            ["new.yaml"],
            "emu: new.yaml is no capture, and was not run here\n    first `emu run new.yaml`\n",
            id="the file of a scenario that was not run",
        ),
        pytest.param(["bin"], "emu: bin holds no run of emu\n", id="some folder"),
        pytest.param(
            ["stage", "--link", "pc9/eth0"],
            'emu: no link of the run ends at "pc9/eth0"\n    did you mean "pc',
            id="a link that is not there",
        ),
        pytest.param(
            ["emu-runs/stage/pc1.eth0.pcapng", "--link", "pc1/eth0"],
            "emu: emu-runs/stage/pc1.eth0.pcapng is one capture: --link chooses one of a run\n",
            id="a link of a capture of one link",
        ),
    ],
)
def test_what_is_said_of_a_mistake(emu: Emu, words: list[str], said: str) -> None:
    Path("new.yaml").write_text(WORLD.replace("name: stage", "name: new"))
    done = emu("open", *words)
    assert said in done.err
    assert done.status == 2


def test_where_nothing_was_run_the_first_thing_to_do_is_said(emu: Emu) -> None:
    done = emu("open")
    assert done.err == "emu: there is no run in emu-runs/\n    `emu run lb-vlan` makes one\n"
    assert done.status == 2
