"""`emu doctor`: what this machine has, and what more would give."""

import json
import sys
import tomllib
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from emu.cli import doctor
from emu.cli.doctor import PACKAGES, PYTHON, fits
from tests.cli.command import Emu

ROOT = Path(__file__).parents[2]


def rows(emu: Emu) -> dict[str, dict[str, object]]:
    checks = json.loads(emu("doctor", "--json").out)["checks"]
    return {check["name"]: check for check in checks}


def test_it_asks_for_what_the_package_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [name + bounds for name, bounds in PACKAGES.items()]
    assert project["dependencies"] == wanted
    assert project["requires-python"] == f">={'.'.join(map(str, PYTHON))}"


def test_a_machine_on_which_emu_works(emu: Emu) -> None:
    done = emu("doctor")
    assert done.status == 0
    assert "ok        Python  3." in done.out
    assert "ok        scapy  2." in done.out
    assert done.out.splitlines()[-1].startswith("emu works here")
    assert rows(emu)["runs"]["found"] == f"{Path.cwd()}/emu-runs can be written"


def test_a_machine_with_nothing_but_emu(
    emu: Emu, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("DISPLAY", raising=False)
    done = emu("doctor")
    assert done.status == 0
    assert (
        "not here  tshark\n"
        "          `emu diff` would name every field that changed, of any protocol\n"
        "              see https://www.wireshark.org/download.html\n"
    ) in done.out
    assert done.out.endswith("emu works here; 2 more things would be of use\n")


@pytest.mark.parametrize("found", [None, "2.5"], ids=["not there", "too old"])
def test_a_package_that_is_missing_makes_it_fail(
    emu: Emu, monkeypatch: pytest.MonkeyPatch, found: str | None
) -> None:
    def version(name: str) -> str:
        if name == "scapy" and found is None:
            raise PackageNotFoundError(name)
        return found if name == "scapy" and found else "99" if name != "typer" else "0.28"

    monkeypatch.setattr(doctor, "version", version)
    done = emu("doctor")
    assert done.status == 1
    shown = f"MISSING   scapy  {found or ''}".rstrip()
    command = f"{sys.executable} -m pip install 'scapy>=2.6'"
    assert f"{shown}\n          emu needs scapy>=2.6\n              {command}\n" in done.out
    assert "emu does not work here" in done.out.splitlines()[-1]


def test_a_program_that_does_not_start(
    emu: Emu, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "tshark").write_text("#!/nowhere\n")
    (tmp_path / "tshark").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert rows(emu)["tshark"]["found"] == "does not start"


def test_a_folder_that_cannot_be_written(emu: Emu, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "RUNS", Path("/proc/self"))
    place = rows(emu)["runs"]
    assert not place["ok"]
    assert place["install"] == "emu run lb-vlan --out /tmp/lb-vlan"


@pytest.mark.parametrize(
    ("found", "wanted", "expected"),
    [
        ("2.6", ">=2.6", True),
        ("2.6.1", ">=2.6", True),
        ("2.10", ">=2.6", True),
        ("2.5.9", ">=2.6", False),
        ("0.28.0", ">=0.24,<0.29", True),
        ("0.29", ">=0.24,<0.29", False),
        ("0.29.0rc1", ">=0.24,<0.29", False),
        ("0.23", ">=0.24,<0.29", False),
        ("13", ">=13", True),
    ],
)
def test_which_versions_fit(found: str, wanted: str, expected: bool) -> None:
    assert fits(found, wanted) is expected
