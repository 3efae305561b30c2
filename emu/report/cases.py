"""Scenario files as tests, as people read it: why one failed, and how to accept what it does."""

from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from emu.report.diff import render_comparison
from emu.report.run import render_outcome
from emu.scenario.cases import CaseResult
from emu.scenario.goldens import GoldenCheck


def render_failure(result: CaseResult, *, accept: str) -> Iterator[str]:
    """Yield why `result` failed; the command `accept` makes golden what it does."""
    if result.wrong:
        yield from result.wrong.splitlines()
    elif result.recording is not None and not result.recording.outcome.passed:
        yield from render_outcome(result.recording.outcome)
    elif result.check is None or result.check.passed:
        return
    elif result.check.is_missing:
        yield f"there are no goldens in {result.check.golden}"
        yield f"  look at what it does:    emu run {result.path}"
        yield f"  if it is right, keep it: {accept}"
    else:
        yield from _render_difference(result, result.check, accept)


def _render_difference(result: CaseResult, check: GoldenCheck, accept: str) -> Iterator[str]:
    yield f"it differs from its goldens in {check.golden} (first) now (second):"
    if check.comparison is not None and not check.comparison.is_equal:
        yield from render_comparison(check.comparison)
    else:
        yield "no frame is different, but these files are: packet ids, or what links are called"
        yield from [f"  {name}" for name in check.differing]
    name = result.recording.outcome.name if result.recording else ""
    runs = Path("emu-runs", name)
    yield f"  look closer:      emu run {result.path} && emu diff {check.golden} {runs}"
    yield f"  if this is right: {accept}"


def render_junit(results: list[tuple[CaseResult, list[str]]]) -> str:
    """Return all results, each with why it failed, as JUnit's XML."""
    failed = sum(not result.passed for result, _ in results)
    cases = "".join(_junit_case(result, lines) for result, lines in results)
    counts = f'tests="{len(results)}" failures="{failed}" errors="0" skipped="0"'
    suite = f'<testsuite name="emu" {counts}>\n{cases}</testsuite>'
    return f'<?xml version="1.0" encoding="utf-8"?>\n<testsuites>\n{suite}\n</testsuites>\n'


def _junit_case(result: CaseResult, lines: list[str]) -> str:
    names = f"classname={quoteattr(str(result.path.parent))} name={quoteattr(result.path.name)}"
    if result.passed:
        return f"<testcase {names}/>\n"
    text = "".join(_printable(character) for character in "\n".join(lines))
    head = quoteattr(text.partition("\n")[0])
    return f"<testcase {names}><failure message={head}>{escape(text)}</failure></testcase>\n"


def _printable(character: str) -> str:
    """Return `character`, if XML 1.0 can hold it."""
    return character if character >= " " or character in "\n\t" else "\N{REPLACEMENT CHARACTER}"
