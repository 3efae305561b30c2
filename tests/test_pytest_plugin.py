"""A repository that depends on emu and on nothing else of this one: its pytest has emu's plugin."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.cli.test_test import LAN

ROOT = Path(__file__).parents[1]
TESTS = """\
from pathlib import Path

from emu.capture import write_pcap

TTL = 64
WIRE = bytes.fromhex("fa163e000002fa163e0000010800450000140000400040010000c0000201c0000202")


def frame():
    return WIRE[:22] + bytes([TTL]) + WIRE[23:]


def test_octets(golden):
    golden.check(frame())


def test_scapy(golden):
    from scapy.layers.l2 import Ether

    golden.check([Ether(frame()), frame()], "pair")
    golden.check(Ether(frame()), "alone", mask=["ip.ttl"])


def test_capture(golden, tmp_path):
    write_pcap(tmp_path / "mine.pcap", [(7, frame())])
    golden.check(tmp_path / "mine.pcap")
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository with a scenario and tests of its own, and emu installed beside it."""
    folder = tmp_path / "theirs"
    (folder / "tests").mkdir(parents=True)
    (folder / "lan.emu.yaml").write_text(LAN)
    (folder / "settings.yaml").write_text("not: ours\n")
    (folder / "tests" / "test_own.py").write_text(TESTS)
    (folder / "pytest.ini").write_text("[pytest]\n")

    # What `pip install` makes of the entry points in pyproject.toml
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    installed = tmp_path / "site" / f"{project['name'].replace('-', '_')}-0.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text(f"Name: {project['name']}\nVersion: 0\n")
    plugins = [f"{name} = {module}" for name, module in project["entry-points"]["pytest11"].items()]
    (installed / "entry_points.txt").write_text("\n".join(["[pytest11]", *plugins]) + "\n")
    return folder


def run_pytest(repository: Path, *words: str) -> tuple[int, str]:
    site = repository.parent / "site"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words],
        cwd=repository,
        env={"PYTHONPATH": f"{site}{os.pathsep}{ROOT}", "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_goldens_are_missed_made_kept_differed_from_and_accepted(repository: Path) -> None:
    status, text = run_pytest(repository)
    assert status == 1, text
    assert "there are no goldens in goldens/lan" in text
    assert "if it is right, keep it: pytest --emu-update lan.emu.yaml::scenario" in text
    assert "there is no golden tests/goldens/test_own/test_octets/capture.pcap" in text
    assert "if this is right: pytest --emu-update tests/test_own.py::test_octets" in text
    assert "4 failed" in text

    status, text = run_pytest(repository, "--emu-update")
    assert status == 0, text
    assert "new: goldens/lan/pc1.eth0.pcapng" in text
    assert "new: tests/goldens/test_own/test_scapy/pair.pcap" in text
    assert "4 passed" in text
    assert run_pytest(repository)[1].splitlines()[-1].startswith("4 passed")

    own = repository / "tests" / "test_own.py"
    own.write_text(TESTS.replace("TTL = 64", "TTL = 63"))
    (repository / "lan.emu.yaml").write_text(LAN.replace("size: 56", "size: 57"))
    status, text = run_pytest(repository)
    assert status == 1
    assert text.count("ip.ttl 64 -> 63") == 3  # `alone` masks it
    assert "and alike 1 frame: 2" in text
    assert "frame.len 98 -> 99" in text
    assert "4 failed" in text

    status, text = run_pytest(repository, "--emu-update", "lan.emu.yaml::scenario")
    assert "changed: goldens/lan/pc1.eth0.pcapng" in text
    assert "1 passed" in text
    assert run_pytest(repository)[1].splitlines()[-1].startswith("3 failed, 1 passed")
    assert run_pytest(repository, "--emu-update")[0] == 0
    assert run_pytest(repository)[0] == 0


def test_other_peoples_yaml_is_left_alone_unless_its_folder_is_named(repository: Path) -> None:
    (repository / "labs").mkdir()
    (repository / "labs" / "one.yaml").write_text(LAN)
    assert "1 test collected" in run_pytest(repository, "--collect-only", "--ignore=tests")[1]
    (repository / "pytest.ini").write_text("[pytest]\nemu_scenarios = labs\n")
    text = run_pytest(repository, "--collect-only", "--ignore=tests")[1]
    assert "labs/one.yaml::scenario" in text
    assert "lan.emu.yaml::scenario" in text
    assert "settings" not in text


def test_a_scenario_with_mistakes_fails_with_them_and_without_a_traceback(repository: Path) -> None:
    (repository / "lan.emu.yaml").write_text(LAN.replace("kind: hub", "kind: hubb"))
    status, text = run_pytest(repository, "lan.emu.yaml")
    assert status == 1
    assert "lan.emu.yaml:3:" in text
    assert "Traceback" not in text


@pytest.mark.parametrize(
    ("check", "words"),
    [
        pytest.param(
            *("frame(), mask=['ip.tll']", 'there is no field "ip.tll"; did you mean ip.ttl?'),
            id="a wrong mask",
        ),
        pytest.param(
            *("Path('none')", "cannot read none: No such file or directory"), id="no such capture"
        ),
        pytest.param("7", "7 is neither a capture nor frames", id="what is no frame"),
    ],
)
def test_what_cannot_be_compared_fails_in_words(repository: Path, check: str, words: str) -> None:
    own = repository / "tests" / "test_own.py"
    own.write_text(TESTS.replace("golden.check(frame())", f"golden.check({check})"))
    status, text = run_pytest(repository, "--emu-update", "tests", "-k", "octets")
    assert status == 1
    assert words in text


def test_the_plugin_costs_nothing_until_it_is_used() -> None:
    look = (
        "import sys, emu.pytest_plugin;"
        "print([m for m in ('scapy', 'pydantic', 'yaml', 'emu.capture') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
