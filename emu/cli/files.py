"""Which file a person meant, and what it shows."""

from pathlib import Path

from emu.scenario.shipped import find, shipped

__all__ = ["find", "shipped", "what_it_shows"]


def what_it_shows(path: Path) -> str:
    """Return the first comment of a scenario file: what it shows."""
    lines = path.read_text(encoding="utf-8").splitlines()
    first = next((line for line in lines if line.strip()), "")
    return first.lstrip("# ") if first.startswith("#") else ""
