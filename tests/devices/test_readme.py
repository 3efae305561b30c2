"""What the README of the devices tells a newcomer to write, written and tried in a copy of emu."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "emu" / "devices" / "README.md").read_text()
MODULE, TESTS, KIND = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
(SCENARIO,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)

NO_DEVICES = ("__init__.py", "__pycache__", "README.md")
FOUND = [path.name for path in (ROOT / "emu" / "devices").iterdir()]
DEVICES = sorted(name for name in FOUND if name not in NO_DEVICES)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of emu after steps 1 to 5."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "emu", folder / "emu", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "emu" / "devices" / "diode.py").write_text(MODULE)
    (folder / "test_diode.py").write_text(TESTS)
    (folder / "diode.yaml").write_text(SCENARIO)
    with (folder / "emu" / "catalog.py").open("a") as catalog:
        catalog.write("\n\n" + KIND)
    return folder


def do(project: Path, *command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=project, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_tests_of_the_new_device_pass(project: Path) -> None:
    assert "3 passed" in do(project, "pytest", "-q", "-p", "no:cacheprovider", "test_diode.py")


def test_the_scenario_of_the_new_device_passes(project: Path) -> None:
    assert "pc1 asks who has the address of pc2" in do(project, "emu", "run", "diode.yaml")


@pytest.mark.parametrize("name", DEVICES)
def test_every_device_is_in_its_table(name: str) -> None:
    assert f"| `{name}" in README
