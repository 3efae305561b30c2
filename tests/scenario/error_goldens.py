"""What emu says of wrong files: `errors/CASE.yaml` and, to the letter, `errors/CASE.txt`.

`tools/regen --errors` writes the texts anew. Read the difference as the one who
made the mistake would.
"""

from pathlib import Path

from emu.core.errors import ScenarioError
from emu.scenario import load

ERRORS = Path(__file__).parent / "errors"
CASES = sorted(ERRORS.glob("*.yaml"))


def said_of(path: Path) -> str:
    """Return what `emu validate` prints of the file, without its folder."""
    try:
        load(path)
    except ScenarioError as error:
        return str(error).replace(f"{path.parent}/", "") + "\n"
    return "nothing is wrong\n"
