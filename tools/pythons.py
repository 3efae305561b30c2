"""Name every Python from 3.11 on that this machine has: a line each, `VERSION PATH`.

The same scenario must give the same bytes on all of them. Standard library only.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ASK = "import sys; print('%d.%d' % sys.version_info[:2], sys.executable)"


def candidates() -> Iterator[Path]:
    """Yield what may be a Python: on the PATH, and what pyenv and Debian have installed."""
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    folders += sorted(versions.glob("*/bin"))
    for minor in range(11, 20):
        for folder in folders:
            yield folder / f"python3.{minor}"


def pythons() -> dict[str, str]:
    """Return the first interpreter of each version, by version."""
    found: dict[str, str] = {}
    for path in candidates():
        version = path.name.removeprefix("python")
        if version in found or not os.access(path, os.X_OK):
            continue
        done = subprocess.run([path, "-c", ASK], capture_output=True, text=True, check=False)
        if done.returncode == 0 and done.stdout.split()[0] == version:
            found[version] = done.stdout.split()[1]
    return found


if __name__ == "__main__":
    for version, path in pythons().items():
        sys.stdout.write(f"{version} {path}\n")
