"""`emu test`: a folder of scenario files is a suite of tests, with goldens beside them."""

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

ROOT = Path(__file__).parents[2]
LAN = """\
name: lan
devices:
  hub1: {kind: hub}
  pc1: {kind: namespace, addresses: [192.168.0.1/24]}
  pc2: {kind: namespace, addresses: [192.168.0.2/24]}
links:
  - [pc1/eth0, hub1/p1]
  - [pc2/eth0, hub1/p2]
steps:
  - name: pc1 pings pc2
    ping: {from: pc1, to: pc2, count: 1, size: 56}
    expect:
      - {received: 1}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a scenario, and with what is none."""
    (tmp_path / "lan.emu.yaml").write_text(LAN)
    (tmp_path / "docker-compose.yaml").write_text("services: {}\n")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "no.emu.yaml").write_text(LAN)
    return tmp_path


def emu(folder: Path, *words: str) -> tuple[int, list[str], str]:
    """Run `emu test` in that folder."""
    done = subprocess.run(
        [sys.executable, "-m", "emu", "test", *words],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.splitlines(), done.stderr


def test_a_golden_is_made_kept_differed_from_and_accepted(folder: Path) -> None:
    accept = "emu test --update lan.emu.yaml"
    assert emu(folder) == (
        1,
        [
            "FAIL  lan.emu.yaml",
            "      there are no goldens in goldens/lan",
            "        look at what it does:    emu run lan.emu.yaml",
            f"        if it is right, keep it: {accept}",
            "0 passed, 1 failed",
        ],
        "",
    )
    assert emu(folder, "--update") == (
        0,
        [
            "PASS  lan.emu.yaml",
            "      new: goldens/lan/pc1.eth0.pcapng",
            "      new: goldens/lan/pc2.eth0.pcapng",
            "      new: goldens/lan/fates.txt",
            "1 passed, 0 failed",
        ],
        "",
    )
    assert emu(folder) == (0, ["PASS  lan.emu.yaml", "1 passed, 0 failed"], "")

    (folder / "lan.emu.yaml").write_text(LAN.replace("size: 56", "size: 57"))
    status, lines, complaints = emu(folder)
    assert (status, complaints) == (1, "")
    assert lines[:2] == [
        "FAIL  lan.emu.yaml",
        "      it differs from its goldens in goldens/lan (first) now (second):",
    ]
    assert "                 frame.len 98 -> 99" in lines
    assert "                 ip.len 84 -> 85" in lines
    assert lines[-3:] == [
        "        look closer:      emu run lan.emu.yaml && emu diff goldens/lan emu-runs/lan",
        f"        if this is right: {accept}",
        "0 passed, 1 failed",
    ]
    status, lines, _ = emu(folder, "--update")
    assert (status, lines[1]) == (0, "      changed: goldens/lan/pc1.eth0.pcapng")
    assert emu(folder)[0] == 0
    assert not list(folder.glob("emu-runs"))


def test_a_link_that_went_has_no_golden_any_more_and_other_files_stay(folder: Path) -> None:
    emu(folder, "--update")
    notes = folder / "goldens" / "lan" / "NOTES.md"
    notes.write_text("why")
    stale = folder / "goldens" / "lan" / "gone.pcapng"
    stale.write_bytes((folder / "goldens" / "lan" / "pc1.eth0.pcapng").read_bytes())
    assert emu(folder)[0] == 1
    assert emu(folder, "--update")[1][1:2] == ["      gone: goldens/lan/gone.pcapng"]
    assert emu(folder)[0] == 0
    assert sorted(path.name for path in notes.parent.iterdir()) == [
        "NOTES.md",
        "fates.txt",
        "pc1.eth0.pcapng",
        "pc2.eth0.pcapng",
    ]


def test_what_fails_its_expectations_does_not_become_golden(folder: Path) -> None:
    (folder / "lan.emu.yaml").write_text(LAN.replace("received: 1", "received: 2"))
    status, lines, _ = emu(folder, "--update")
    assert status == 1
    assert any("FAIL  1. pc1 pings pc2" in line for line in lines)
    assert not (folder / "goldens").exists()


def test_a_file_that_is_wrong_fails_with_its_mistakes(folder: Path) -> None:
    (folder / "lan.emu.yaml").write_text(LAN.replace("kind: hub", "kind: hubb"))
    status, lines, _ = emu(folder)
    assert status == 1
    assert lines[1].startswith("      lan.emu.yaml:3:")
    assert lines[-1] == "0 passed, 1 failed"


def test_which_files_are_tests(folder: Path) -> None:
    below = folder / "more"
    (below / "goldens").mkdir(parents=True)
    for name in ("one.yaml", "two.emu.yml", "README.md", "goldens/old.emu.yaml"):
        (below / name).write_text(LAN)
    assert emu(folder, "--list") == (0, ["lan.emu.yaml", "more/two.emu.yml"], "")
    assert emu(folder, "--list", "more") == (0, ["more/one.yaml", "more/two.emu.yml"], "")
    assert emu(folder, "--list", "more/one.yaml", "more/one.yaml")[1] == ["more/one.yaml"]
    assert emu(folder, "--list", "-k", "TWO")[1] == ["more/two.emu.yml"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(
            *(["-k", "wan"], 'none of 1 scenario files has "wan" in its name'), id="no such word"
        ),
        pytest.param(["none"], "there is no file or folder none", id="no such folder"),
        pytest.param(
            *(["empty"], "there are no scenario files in empty; name files, or a folder of them"),
            id="an empty folder",
        ),
        pytest.param(
            ["lan.emu.yaml", "lan.yaml"],
            "lan.emu.yaml and lan.yaml would have the same goldens: rename one of them",
            id="two files of one name",
        ),
    ],
)
def test_where_there_is_nothing_to_test_it_ends_with_2(
    folder: Path, words: list[str], said: str
) -> None:
    (folder / "empty").mkdir()
    (folder / "lan.yaml").write_text(LAN)
    assert emu(folder, *words) == (2, [], f"emu: {said}\n")


def test_junit_has_a_case_for_each_file(folder: Path) -> None:
    emu(folder, "--update")
    (folder / "odd.emu.yaml").write_text("name: <&\x01\n")
    assert emu(folder, "--junit", "out.xml")[0] == 1
    suite = ET.parse(folder / "out.xml").getroot()[0]  # noqa: S314 - it is ours
    assert (suite.attrib["tests"], suite.attrib["failures"]) == ("2", "1")
    good, bad = suite
    assert (good.attrib["name"], len(good)) == ("lan.emu.yaml", 0)
    assert bad.attrib["name"] == "odd.emu.yaml"
    assert "odd.emu.yaml:1:" in (bad[0].text or "")


def test_goldens_can_be_kept_elsewhere(folder: Path) -> None:
    assert emu(folder, "--goldens", "kept", "--update")[0] == 0
    assert (folder / "kept" / "lan" / "fates.txt").exists()
    assert not (folder / "goldens").exists()
    assert emu(folder, "--goldens", "kept")[0] == 0


def test_the_goldens_of_the_project_are_such_goldens() -> None:
    assert emu(ROOT, "scenarios", "--goldens", "pcaps", "-k", "/hub")[0] == 0
