"""`emu test`."""

import sys
from pathlib import Path
from shlex import quote

from emu.capture.files import writing
from emu.cli import FAIL, PASS
from emu.cli.colour import paint
from emu.core.errors import EmuError
from emu.report.cases import render_failure, render_junit
from emu.report.run import verdict_of
from emu.scenario.cases import CaseResult, find_cases, find_sure_cases, run_case
from emu.scenario.goldens import golden_folder


def list_tests(places: list[Path], keyword: str) -> int:
    """Print the scenario files in `places` whose path has `keyword`, and return the status."""
    print("\n".join(map(str, _choose(places, keyword, None))))
    return PASS


def run_tests(
    places: list[Path], keyword: str, *, goldens: Path | None, update: bool, junit: Path | None
) -> int:
    """Run these files as tests, print what failed, and return the exit status."""
    accept = "emu test --update " + (f"--goldens {quote(str(goldens))} " if goldens else "")
    results: list[tuple[CaseResult, list[str]]] = []
    for path in _choose(places, keyword, goldens):
        result = run_case(path, goldens=goldens, update=update)
        failure = list(render_failure(result, accept=accept + quote(str(path))))
        results.append((result, failure))
        _print_result(result, failure)
    if junit is not None:
        with writing(junit):
            junit.write_text(render_junit(results), encoding="utf-8")
    failed = sum(not result.passed for result, _ in results)
    print(f"{len(results) - failed} passed, {failed} failed")
    return FAIL if failed else PASS


def _choose(places: list[Path], keyword: str, goldens: Path | None) -> list[Path]:
    found = find_cases(places) if places else find_sure_cases(Path())
    if not found:
        where = " ".join(map(str, places)) or "this folder and below"
        what = "scenario files" if places else "scenario files *.emu.yaml"
        raise EmuError(f"there are no {what} in {where}; name files, or a folder of them")
    folders: dict[Path, Path] = {}
    for path in found:
        other = folders.setdefault(golden_folder(path, goldens), path)
        if other != path:
            raise EmuError(f"{other} and {path} would have the same goldens: rename one of them")
    chosen = [path for path in found if keyword.casefold() in str(path).casefold()]
    if not chosen:
        raise EmuError(f'none of {len(found)} scenario files has "{keyword}" in its name')
    return chosen


def _print_result(result: CaseResult, failure: list[str]) -> None:
    verdict = paint(verdict_of(passed=result.passed), "green" if result.passed else "red")
    print(f"{verdict}  {result.path}")
    for line in (*failure, *result.updated):
        print(f"      {line}".rstrip())
    sys.stdout.flush()
