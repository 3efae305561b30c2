"""A run as people read it: each step with its verdict, the links, the drops, where it is kept."""

from collections.abc import Iterator
from enum import StrEnum, unique
from pathlib import Path
from typing import Final

from emu.net.effects import DropClass
from emu.net.link import Link
from emu.report.table import render_table
from emu.scenario import Finding, Outcome, Recording, StepOutcome

SECOND: Final = 1_000_000_000


@unique
class Verdict(StrEnum):
    """How a step or an expectation came out."""

    PASSED = "PASS"
    FAILED = "FAIL"


def render_recording(recording: Recording, folder: Path) -> Iterator[str]:
    """Yield the lines of a run that is kept in `folder`, as its user calls it."""
    yield from render_outcome(recording.outcome)
    rows = [
        (str(capture.link), _other_end(capture.link), capture.from_a + capture.from_b, capture.file)
        for capture in recording.captures
    ]
    yield ""
    yield from render_table([("link", "other end", "frames", "capture"), *rows])
    drops = [row for row in recording.drops if row.reason.drop_class is not DropClass.NORMAL]
    if drops:
        yield ""
        counted = [(row.device, row.reason, row.reason.drop_class, row.frames) for row in drops]
        yield from render_table([("dropped by", "reason", "class", "frames"), *counted])
    yield ""
    yield f"captures: {folder}/  (all links in one file: {folder / 'run.pcapng'})"
    if recording.left is not None:
        yield f"files of yours that were in the way are in {recording.left}/"


def _other_end(link: Link) -> str:
    """Return what `link` leads to; nothing, where both ends are one interface of a host."""
    return "" if str(link.b).startswith(str(link.a)) else str(link.b)


def render_outcome(outcome: Outcome) -> Iterator[str]:
    """Yield each step with its verdict, and the verdict of all."""
    for step in outcome.steps:
        if step.index or not step.passed:
            yield from _render_step(step)
    if outcome.left_out:
        plural = "s were" if outcome.left_out > 1 else " was"
        yield f"  {outcome.left_out} step{plural} not performed: nothing could follow this"


def _render_step(step: StepOutcome) -> Iterator[str]:
    verdict = verdict_of(passed=step.passed)
    number = f"{step.index}. " if step.index else ""
    yield f"  {verdict}  {number}{step.title}  ({render_seconds(step.ended - step.begun)})"
    for line in step.output:
        yield f"          | {line}"
    for note in step.notes:
        yield f"          note: {note}"
    for finding in step.findings:
        yield from _render_finding(finding)
    for line in step.account:
        yield f"        {line}"


def _render_finding(finding: Finding) -> Iterator[str]:
    sign = "ok  " if finding.passed else "FAIL"
    yield f"        {sign} {finding.text}"
    for detail in finding.details:
        yield f"               {detail}"


def verdict_of(*, passed: bool) -> Verdict:
    """Return the word for it."""
    return Verdict.PASSED if passed else Verdict.FAILED


def render_seconds(duration: int) -> str:
    """Return nanoseconds as seconds of virtual time, to the microsecond."""
    return f"{duration / SECOND:.6f}".rstrip("0").rstrip(".") + " s"
