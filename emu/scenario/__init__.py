"""A scenario file: from YAML to typed values to a run with verdicts."""

from emu.scenario.file import json_schema
from emu.scenario.findings import Finding
from emu.scenario.loading import load
from emu.scenario.recording import Recording, record
from emu.scenario.running import Outcome, StepOutcome, run
from emu.scenario.scenario import Scenario

__all__ = [
    "Finding",
    "Outcome",
    "Recording",
    "Scenario",
    "StepOutcome",
    "json_schema",
    "load",
    "record",
    "run",
]
