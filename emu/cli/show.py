"""`emu show`."""

import json as json_format
import sys

from emu.cli import FAIL, PASS
from emu.cli.files import find
from emu.core.errors import EmuError
from emu.core.time import Nanoseconds
from emu.report.state import Shown, find_view, show
from emu.scenario import Outcome, Scenario, load, run
from emu.scenario.running import new_network
from emu.scenario.texts import Wrong, duration


def show_state(
    what: str, file: str, *, on: str | None, at: str | None, after: int | None, json: bool
) -> int:
    """Run `file` up to a moment, print what the real tool would print then, host by host."""
    view = find_view(what)
    if at is not None and after is not None:
        raise EmuError("the moment is either --at a time or --after a step")
    until = None if at is None else _time(at)
    scenario = _beginning(load(find(file)), after)
    network = new_network(scenario)
    outcome = run(scenario, network=network, until=until)
    shown = show(network, view, on or "*")
    if json:
        one = len(shown) == 1 and shown[0].place == on
        tables = shown[0].rows if one else {place.place: place.rows for place in shown}
        print(json_format.dumps(tables, indent=2))
    else:
        _print(shown)
    return _check(outcome)


def _time(written: str) -> Nanoseconds:
    try:
        return duration(written)
    except Wrong as wrong:
        raise EmuError(f"--at: {wrong}\n    {wrong.fix}".rstrip()) from None


def _beginning(scenario: Scenario, after: int | None) -> Scenario:
    if after is None:
        return scenario
    if after > len(scenario.steps):
        raise EmuError(f"{scenario.name} has {len(scenario.steps)} steps, and no step {after}")
    return scenario.with_first_steps(after)


def _print(shown: list[Shown]) -> None:
    """Print the tables, with headings if there are several; nothing of places that have none."""
    told = False
    for place in shown:
        if place.lines and len(shown) > 1:
            print("\n" * told + f"# {place.place}")
        for line in place.lines:
            print(line)
        told = told or bool(place.lines)


def _check(outcome: Outcome) -> int:
    """Say on stderr if the world is not what its author wanted; return the exit status."""
    failed = [step for step in outcome.steps if not step.passed]
    for step in failed:
        number = f"step {step.index} failed: " if step.index else "it could not be built: "
        print(f"note: {number}{step.title}", file=sys.stderr)
    return FAIL if any(step.index == 0 for step in failed) else PASS
