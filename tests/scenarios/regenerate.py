"""Write the goldens anew: `tools/regen` runs this."""

import csv
import shutil
import sys
import tempfile
from pathlib import Path

from emu.scenario import load, record
from emu.scenario.goldens import golden_files, write_goldens
from tests.scenarios.golden import FINGERPRINTS, GOLDENS, SCENARIOS


def regenerate(path: Path) -> str:
    """Write the goldens of the scenario `path`; return its fingerprint."""
    with tempfile.TemporaryDirectory() as scratch:
        recording = record(load(path), Path(scratch, path.stem))
        files = golden_files(Path(scratch, path.stem))
    for change in write_goldens(GOLDENS / path.stem, files):
        sys.stdout.write(f"{change}\n")
    return recording.fingerprint


def main(names: list[str]) -> None:
    """Regenerate the scenarios of those names, or all."""
    paths = {path.stem: path for path in sorted(SCENARIOS.glob("*.yaml"))}
    if unknown := [name for name in names if name not in paths]:
        sys.exit(f"there is no scenario {', '.join(unknown)}")
    known = {}
    if FINGERPRINTS.exists():
        with FINGERPRINTS.open() as file:
            known = dict(csv.reader(file))
    known |= {name: regenerate(paths[name]) for name in names or paths}
    with FINGERPRINTS.open("w", newline="") as file:
        rows = sorted((name, print_) for name, print_ in known.items() if name in paths)
        csv.writer(file, lineterminator="\n").writerows(rows)
    for golden in GOLDENS.iterdir():
        if golden.is_dir() and golden.name not in paths:
            shutil.rmtree(golden)


if __name__ == "__main__":
    main(sys.argv[1:])
