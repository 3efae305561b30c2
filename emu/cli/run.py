"""`emu run`."""

import json as json_format
import sys
from pathlib import Path

from emu.cli import FAIL, PASS
from emu.cli.colour import paint
from emu.cli.files import find, what_it_shows
from emu.cli.runs import RUNS
from emu.core.errors import EmuError
from emu.report.run import Verdict, render_recording, verdict_of
from emu.report.walk import WalkSink
from emu.scenario import Recording, Scenario, load, record


def run_files(
    files: list[str], *, out: Path | None, seed: str | None, json: bool, walk: bool = False
) -> int:
    """Run each of `files`, print what became of them, and return the exit status.

    With `walk`, what has a # among `files` is the name of the packet whose way is told.
    """
    packets = [name for name in files if "#" in name and not Path(name).exists()] if walk else []
    if walk and (json or len(packets) > 1):
        raise EmuError("--walk tells the way of one packet, as text")
    files = [name for name in files if name not in packets]
    chosen = [(path, load(path)) for path in map(find, files)]
    if seed is not None:
        chosen = [(path, scenario.with_seed(seed)) for path, scenario in chosen]
    targets = _targets([scenario for _, scenario in chosen], out)
    results: list[tuple[Scenario, Recording]] = []
    for (path, scenario), target in zip(chosen, targets, strict=True):
        walks = [WalkSink(*packets)] if walk else []
        recording = record(scenario, target, sinks=walks)
        results.append((scenario, recording))
        if not json:
            _print_run(path, scenario, recording)
        for told in walks:
            told.close()
            print("\n".join(["", *told.lines()]))
    passed = all(recording.outcome.passed for _, recording in results)
    if json:
        runs = [_describe(recording) for _, recording in results]
        print(json_format.dumps({"schema_version": 1, "passed": passed, "runs": runs}, indent=2))
    elif len(results) > 1:
        _print_summary(results)
    return PASS if passed else FAIL


def _targets(scenarios: list[Scenario], out: Path | None) -> list[Path]:
    """Return where each run goes."""
    if out is not None and len(scenarios) == 1:
        return [out]
    targets = [(out or RUNS) / scenario.name for scenario in scenarios]
    twice = [target for target in dict.fromkeys(targets) if targets.count(target) > 1]
    if twice:
        raise EmuError(f'two of these scenarios are called "{twice[0].name}": run them one by one')
    return targets


def _print_run(path: Path, scenario: Scenario, recording: Recording) -> None:
    shows = scenario.description or what_it_shows(path)
    print(paint(scenario.name, "bold") + (f": {shows}" if shows else ""))
    for line in render_recording(recording, recording.folder):
        print(_coloured(line))
    steps = [step for step in recording.outcome.steps if step.index]
    failed = sum(not step.passed for step in recording.outcome.steps)
    verdict = verdict_of(passed=recording.outcome.passed)
    tail = f", {failed} failed" if failed else ""
    plural = "s" * (len(steps) != 1)
    print(_coloured(f"{verdict} {scenario.name}: {len(steps)} step{plural}{tail}"))
    sys.stdout.flush()


def _print_summary(results: list[tuple[Scenario, Recording]]) -> None:
    print()
    for scenario, recording in results:
        print(_coloured(f"{verdict_of(passed=recording.outcome.passed)} {scenario.name}"))
    failed = sum(not recording.outcome.passed for _, recording in results)
    print(f"{len(results) - failed} passed, {failed} failed")


def _coloured(line: str) -> str:
    """Return `line` with its verdict in colour, where the terminal shows colours."""
    verdict, text = line.lstrip()[:4], line
    if verdict == Verdict.PASSED:
        text = line.replace(verdict, paint(verdict, "green"), 1)
    elif verdict == Verdict.FAILED:
        text = line.replace(verdict, paint(verdict, "red"), 1)
    return text


def _describe(recording: Recording) -> dict[str, object]:
    outcome = recording.outcome
    return {
        "name": outcome.name,
        "passed": outcome.passed,
        "folder": str(recording.folder),
        "fingerprint": recording.fingerprint,
        "left_out": outcome.left_out,
        "steps": [
            {
                "index": step.index,
                "title": step.title,
                "kind": step.kind,
                "passed": step.passed,
                "begun": step.begun,
                "ended": step.ended,
                "output": step.output,
                "notes": step.notes,
                "account": step.account,
                "findings": [
                    {"passed": finding.passed, "text": finding.text, "details": finding.details}
                    for finding in step.findings
                ],
            }
            for step in outcome.steps
        ],
        "links": [
            {
                "a": str(capture.link.a),
                "b": str(capture.link.b),
                "file": capture.file,
                "frames": {"from_a": capture.from_a, "from_b": capture.from_b},
            }
            for capture in recording.captures
        ],
        "drops": [
            {"device": row.device, "reason": row.reason, "frames": row.frames}
            for row in recording.drops
        ],
    }
