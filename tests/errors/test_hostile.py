"""A file that was written to do harm ends in a clear error, soon, and with little memory."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from emu.cli import INVALID
from emu.scenario import load, record
from tests.errors.hostile import FILES

ROOT = Path(__file__).parents[2]
SECONDS, MEGABYTES = 2.0, 200.0  # what a file may cost; the memory is that of all of them together
CHARACTERS = 10_000  # that a person is given to read: 50 mistakes with their fixes at most

pytestmark = pytest.mark.xdist_group("hostile")  # one process for all of them, by one worker


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What became of a file."""

    title: str
    status: int
    said: str
    seconds: float
    megabytes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """What became of all of them, and of the folder where they were."""

    costs: dict[str, Cost]
    folder: Path


@pytest.fixture(scope="module")
def damage(tmp_path_factory: pytest.TempPathFactory) -> Damage:
    folder = tmp_path_factory.mktemp("hostile") / "here"
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "tests.errors.hostile"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    costs = [Cost(**json.loads(line)) for line in done.stdout.splitlines()]
    return Damage(costs={cost.title: cost for cost in costs}, folder=folder)


@pytest.mark.parametrize("title", FILES)
def test_it_ends_in_a_clear_error(damage: Damage, title: str) -> None:
    cost = damage.costs[title]
    assert cost.status == INVALID, cost.said
    assert cost.said.startswith("hostile.yaml:")
    assert cost.said.rstrip().rpartition(" ")[2] in ("mistake", "mistakes")
    assert len(cost.said) < CHARACTERS
    assert all(one.isprintable() for one in cost.said.replace("\n", ""))


@pytest.mark.parametrize("title", FILES)
def test_it_ends_soon_and_with_little_memory(damage: Damage, title: str) -> None:
    cost = damage.costs[title]
    assert cost.seconds < SECONDS
    assert cost.megabytes < MEGABYTES


def test_nothing_was_written_that_was_not_there_before(damage: Damage) -> None:
    there = sorted(path.name for path in damage.folder.iterdir())
    assert there == ["4gb.pcap", "4gb.pcapng", "heads.pcap", "hostile.yaml"]
    assert [path.name for path in damage.folder.parent.iterdir()] == ["here"]


COLLIDING = """
name: colliding
devices:
  a: {kind: hub}
  a.b: {kind: hub}
  A.B: {kind: hub}
  pc1: {kind: host}
  pc2: {kind: host}
  pc3: {kind: host}
links: [[a/b.c, pc1/eth0], [a.b/c, pc2/eth0], [A.B/c, pc3/eth0]]
"""


def test_links_whose_names_make_one_file_name_have_captures_of_their_own(tmp_path: Path) -> None:
    record(load(COLLIDING), tmp_path / "run")
    captures = sorted(path.name for path in (tmp_path / "run").glob("*.pcapng"))
    assert captures == ["A.B.c~3.pcapng", "a.b.c.pcapng", "a.b.c~2.pcapng", "run.pcapng"]
