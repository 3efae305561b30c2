"""Every scenario is run once, and all checks share the run."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from emu.scenario import Recording, load, record
from tests.scenarios.golden import SCENARIOS

# One worker has all tests of a scenario, so that it is run once (pytest --dist=loadgroup)
FILES = [
    pytest.param(path, id=path.stem, marks=pytest.mark.xdist_group(path.stem))
    for path in sorted(SCENARIOS.glob("*.yaml"))
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One scenario, and what became of it."""

    name: str
    path: Path
    folder: Path
    recording: Recording


@pytest.fixture(scope="session", params=FILES)
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run a scenario as `emu run` does."""
    path: Path = request.param
    folder = tmp_path_factory.mktemp(path.stem) / path.stem
    recording = record(load(path), folder)
    return Run(name=path.stem, path=path, folder=folder, recording=recording)
