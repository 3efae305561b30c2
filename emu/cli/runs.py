"""Where runs go if nobody says another place."""

from pathlib import Path
from typing import Final

RUNS: Final = Path("emu-runs")
