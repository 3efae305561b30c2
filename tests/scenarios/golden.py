"""Where the goldens of the scenarios that come with emu are."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
SCENARIOS = ROOT / "scenarios"
GOLDENS = ROOT / "pcaps"
FINGERPRINTS = Path(__file__).parent / "fingerprints.csv"
REGENERATE = "look at what changed; if it is right: ./tools/regen"
