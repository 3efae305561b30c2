"""Which file a person meant: a path, or the name of a shipped scenario."""

from difflib import get_close_matches
from pathlib import Path

from emu.core.errors import EmuError

SHIPPED = Path(__file__).parents[1] / "shipped"  # in a checkout a link to scenarios/


def shipped() -> dict[str, Path]:
    """Return the scenarios that come with emu, by name."""
    files = sorted(SHIPPED.glob("*.yaml"), key=lambda path: path.stem)
    return {path.stem: path for path in files}


def find(name: str) -> Path:
    """Return the file that `name` means; `EmuError`, which says what is near, if there is none."""
    path = Path(name)
    if name and _is_there(path):
        return path
    if found := shipped().get(name):
        return found
    near = get_close_matches(name, shipped(), 1)
    meant = f'\n    did you mean "{near[0]}"?' if near else ""
    raise EmuError(f'there is no file "{name:.60}", and no shipped scenario of that name{meant}')


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # longer than a name can be; with a null character in it
        return False
