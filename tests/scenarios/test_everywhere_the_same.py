"""The same scenario gives the same bytes everywhere: on every Python, with every hash seed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scenarios.golden import FINGERPRINTS, ROOT, SCENARIOS
from tools.pythons import pythons

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
PRINT = """
import sys, tempfile
from pathlib import Path
from emu.scenario import load, record
with tempfile.TemporaryDirectory() as scratch:
    for path in sorted(Path(sys.argv[1]).glob("*.yaml"), key=lambda path: path.stem):
        recording = record(load(path), Path(scratch, path.stem))
        print(path.stem, recording.fingerprint, sep=",")
"""


@pytest.mark.parametrize("seed", ["1", "2"])
@pytest.mark.parametrize("version", sorted({HERE, *pythons()}))
def test_every_python_and_hash_seed_gives_the_same_fingerprints(version: str, seed: str) -> None:
    python = sys.executable if version == HERE else str(ROOT / f".venv-{version}" / "bin/python")
    assert Path(python).exists(), "type: ./tools/test --install-tools"
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [python, "-c", PRINT, str(SCENARIOS)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout == FINGERPRINTS.read_text()
