"""The rules of the house that no other tool holds: each is a test."""

import ast
import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import emu
from emu.net.effects import DropReason

ROOT = Path(__file__).parents[1]
TOP_LEVEL = {"pyproject.toml", "emu", "pcaps", "scenarios", "tests", "tools", "README.md"}
PACKAGES = [
    module.name
    for module in pkgutil.walk_packages(emu.__path__, "emu.")
    if module.ispkg and module.name != "emu.cli"
]
TRACKED = [
    ROOT / name
    for name in subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
]
SOURCES = [path for path in TRACKED if path.suffix == ".py" and path.is_file()]


def exported(package: str) -> list[str]:
    """Return `__all__` as it is written in the source of `package`, [] if it has none."""
    path = Path(importlib.import_module(package).__file__ or "")
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            names: list[str] = ast.literal_eval(node.value)
            return names
    return []


@pytest.mark.parametrize("package", PACKAGES)
def test_what_a_package_exports_is_literal_and_importable(package: str) -> None:
    names = exported(package)
    assert len(names) == len(dict.fromkeys(names))
    module = importlib.import_module(package)
    assert [name for name in names if not hasattr(module, name)] == []


def test_the_top_level_holds_what_the_layout_names() -> None:
    names = {path.relative_to(ROOT).parts[0] for path in TRACKED}
    assert {name for name in names if not name.startswith(".")} == TOP_LEVEL


@pytest.mark.parametrize("folder", ["emu", "pcaps", "scenarios", "tests", "."])
def test_every_folder_of_the_top_level_says_what_it_is(folder: str) -> None:
    assert (ROOT / folder / "README.md").is_file()


def test_nothing_names_a_path_of_one_machine() -> None:
    named = re.compile(rb"/(work|home/\w+|root)/|\.\./shared")
    texts = [path for path in TRACKED if path.is_file() and path.suffix not in (".pcap", ".pcapng")]
    found = [path for path in texts if named.search(path.read_bytes())]
    assert [path for path in found if path != Path(__file__)] == []


def test_every_drop_reason_has_a_row_in_the_architecture() -> None:
    rows = re.findall(r"^\| `([A-Z_0-9]+)` \|", (ROOT / "emu" / "README.md").read_text(), re.M)
    assert rows == sorted(rows)
    assert set(rows) == {reason.name for reason in DropReason}


def test_every_drop_reason_is_asserted_by_a_test() -> None:
    tests = "".join(path.read_text() for path in SOURCES if path.is_relative_to(ROOT / "tests"))
    unasserted = [
        reason.name for reason in DropReason if not re.search(rf"\b{reason.name}\b", tests)
    ]
    assert unasserted == []


def test_every_difference_from_the_real_thing_is_in_the_readme() -> None:
    marks = sum(
        len(re.findall(r"# Differs from (Linux|Neutron|OVS):", path.read_text()))
        for path in SOURCES
        if path.is_relative_to(ROOT / "emu")
    )
    section = (ROOT / "README.md").read_text().partition("## Where emu differs on purpose")[2]
    listed = re.findall(r"^\* ", section.partition("\n## ")[0], re.M)
    assert len(listed) == marks


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        pytest.param(
            "import emu.cli", "scapy pydantic rich yaml networkx", id="the command line's help"
        ),
        pytest.param("import emu.devices.bridge", "scapy pydantic", id="a device"),
        pytest.param("import emu.sim", "scapy pydantic", id="the network"),
        pytest.param("import emu", "scapy pydantic typer", id="the package"),
    ],
)
def test_what_starts_in_a_blink_imports_little(statement: str, absent: str) -> None:
    look = f"import sys; {statement}; print([m for m in {absent.split()} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
