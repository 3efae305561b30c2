"""What `pip install` brings: built by way of the source archive, installed, and run elsewhere."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from importlib.metadata import PathDistribution
from pathlib import Path, PurePosixPath

import pytest

import emu

ROOT = Path(__file__).parents[1]
BUILD = "from setuptools import build_meta; build_meta.build_sdist('dist')"
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
OFFLINE = ["--no-index", "--no-deps"]


def tracked(*names: str) -> list[str]:
    """Return the files of the project beneath those names; a build takes no others."""
    list_files = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *names]
    done = subprocess.run(list_files, cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in done.stdout.splitlines() if (ROOT / name).exists()]


def run(command: list[str], cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=cwd,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def must(command: list[str], cwd: Path) -> None:
    done = run(command, cwd)
    assert done.returncode == 0, done.stdout + done.stderr


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """emu as it was installed into an empty folder, and a folder that is somewhere else."""

    site: Path
    wheel: Path
    elsewhere: Path

    def emu(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the command that was installed."""
        command = [sys.executable, str(self.site / "bin" / "emu"), *words]
        return run(command, self.elsewhere, PYTHONPATH=str(self.site))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Build the source archive, of it the wheel, and install that; 3 s."""
    folder = tmp_path_factory.mktemp("package")
    source, dist, site = folder / "source", folder / "source" / "dist", folder / "site"
    for name in tracked("emu", "scenarios", "pyproject.toml", "README.md"):
        target = source / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target, follow_symlinks=False)
    must([sys.executable, "-c", BUILD], source)
    [archive] = dist.glob("*.tar.gz")
    build = [*PIP, "wheel", *OFFLINE, "--no-build-isolation", str(archive), "--wheel-dir", "."]
    must(build, dist)
    [wheel] = dist.glob("*.whl")
    must([*PIP, "install", *OFFLINE, "--no-compile", "--target", str(site), str(wheel)], folder)
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    return Installed(site=site, wheel=wheel, elsewhere=elsewhere)


pytestmark = pytest.mark.xdist_group("package")  # built once, by one worker


def test_a_shipped_scenario_runs_by_name_from_any_folder(installed: Installed) -> None:
    done = installed.emu("run", "lb-vlan")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("PASS lb-vlan: 3 steps\n")
    assert (installed.elsewhere / "emu-runs" / "lb-vlan" / "run.pcapng").is_file()


def test_every_scenario_of_the_checkout_is_listed(installed: Installed) -> None:
    listed = json.loads(installed.emu("list", "--json").stdout)["scenarios"]
    names = [PurePosixPath(name) for name in tracked("scenarios") if name.endswith(".yaml")]
    assert [scenario["name"] for scenario in listed] == sorted(name.stem for name in names)


def test_the_code_that_runs_is_the_installed_one(installed: Installed) -> None:
    look = [sys.executable, "-c", "import emu.scenario.shipped as it; print(it.SHIPPED)"]
    done = run(look, installed.elsewhere, PYTHONPATH=str(installed.site))
    assert done.stdout == f"{installed.site / 'emu' / 'shipped'}\n"


def test_it_says_its_version_and_its_schema(installed: Installed) -> None:
    assert installed.emu("--version").stdout == f"emu {emu.__version__}\n"
    assert json.loads(installed.emu("schema").stdout)["$schema"]


def test_pytest_finds_the_plugin_that_was_installed(installed: Installed) -> None:
    shutil.copy(ROOT / "scenarios" / "hub.yaml", installed.elsewhere / "hub.emu.yaml")
    pytest_ = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--emu-update"]
    done = run([*pytest_, "hub.emu.yaml"], installed.elsewhere, PYTHONPATH=str(installed.site))
    assert "1 passed" in done.stdout, done.stdout + done.stderr
    assert installed.emu("test", "hub.emu.yaml").returncode == 0


def test_nothing_of_the_package_is_left_behind(installed: Installed) -> None:
    wanted = {name for name in tracked("emu") if not name.endswith(".md")} - {"emu/shipped"}
    wanted |= {name.replace("scenarios", "emu/shipped", 1) for name in tracked("scenarios")}
    with zipfile.ZipFile(installed.wheel) as wheel:
        packed = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert packed == wanted


def test_the_source_archive_holds_what_the_build_needs(installed: Installed) -> None:
    [archive] = installed.wheel.parent.glob("*.tar.gz")
    with tarfile.open(archive) as files:
        names = {name.partition("/")[2] for name in files.getnames()}
    assert {"pyproject.toml", "README.md", "emu/shipped/lb-vlan.yaml", "emu/py.typed"} <= names


def test_the_metadata_name_what_a_package_index_shows(installed: Installed) -> None:
    [folder] = installed.site.glob("*.dist-info")
    of_wheel = PathDistribution(folder).metadata
    assert of_wheel["Name"] == "neutron-emu"
    assert of_wheel["Version"] == emu.__version__
    assert of_wheel["Requires-Python"] == ">=3.11"
    assert of_wheel["Description-Content-Type"] == "text/markdown"
    assert {"test", "check"} <= set(of_wheel.get_all("Provides-Extra", []))
