"""`emu validate`."""

import json as json_format
import sys

from emu.cli import INVALID, PASS
from emu.cli.files import find
from emu.core.errors import Mistake, ScenarioError
from emu.scenario import load


def validate_files(files: list[str], *, json: bool) -> int:
    """Check each of `files`, print all that is wrong, and return the exit status."""
    mistakes: list[Mistake] = []
    for path in map(find, files):
        try:
            load(path)
        except ScenarioError as error:
            mistakes += error.mistakes
            if not json:
                print(error, file=sys.stderr)
        else:
            if not json:
                print(f"{path}: ok")
    if json:
        _print_json(mistakes)
    elif mistakes:
        print(f"{len(mistakes)} mistake{'s' * (len(mistakes) > 1)}", file=sys.stderr)
    return INVALID if mistakes else PASS


def _print_json(mistakes: list[Mistake]) -> None:
    rows = [
        {
            "file": mistake.file,
            "line": mistake.line,
            "column": mistake.column,
            "what": mistake.what,
            "fix": mistake.fix,
        }
        for mistake in mistakes
    ]
    print(json_format.dumps({"schema_version": 1, "mistakes": rows}, indent=2))
