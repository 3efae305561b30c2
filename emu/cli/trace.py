"""`emu trace`."""

import sys

from emu.cli import FAIL, PASS
from emu.cli.files import find
from emu.core.errors import EmuError
from emu.scenario import load, run
from emu.trace import JsonLinesSink, Level, TraceSink

__all__ = ["Level", "trace_file", "walk_file"]


def trace_file(
    file: str, *, level: Level, json: bool, packet: str | None, step: int | None, normal: bool
) -> int:
    """Run `file`, print the trace of its packets, and return the exit status."""
    scenario = load(find(file))
    if json:
        if packet is not None or step is not None or normal:
            raise EmuError("--json prints the whole journal: --packet, --step and --all do not fit")
        journal = JsonLinesSink(sys.stdout)
        outcome = run(scenario, sinks=[journal])
        journal.close()
        return PASS if outcome.passed else FAIL
    trace = TraceSink(sys.stdout, level=level, packet=packet, step=step, normal=normal)
    outcome = run(scenario, sinks=[trace])
    trace.close()
    if not trace.told and (packet is not None or step is not None):
        wanted = [f"packet {packet}"] * (packet is not None) + [f"step {step}"] * (step is not None)
        raise EmuError(f"{scenario.name} has no frames of {' in '.join(wanted)}")
    return PASS if outcome.passed else FAIL


def walk_file(file: str, *, packet: str | None) -> int:
    """Run `file`, print the numbered way of one packet, and return the exit status."""
    from emu.report.walk import WalkSink

    walk = WalkSink(packet)
    outcome = run(load(find(file)), sinks=[walk])
    walk.close()
    print("\n".join(walk.lines()))
    return PASS if outcome.passed else FAIL
