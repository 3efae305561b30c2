"""The commands: parse, call, render. Nothing but typer and the standard library comes in here.

Each command imports what it needs when it runs, so that `emu --help` starts in a blink.
"""

import gc
import os
import sys
from typing import NoReturn

from emu.core.errors import EmuBug, EmuError, ScenarioError

# How many objects are made before Python looks for garbage. Imports make many and no garbage: to
# look at every 700, as is usual, costs a tenth of a short run.
SELDOM = 50_000

PASS, FAIL, USAGE, INVALID, INTERNAL = 0, 1, 2, 4, 5  # exit codes; 2 is also typer's own


def main() -> NoReturn:
    """Run the command line; exit 0 pass, 1 a check failed, 2 usage, 4 invalid file, 5 our bug."""
    gc.set_threshold(SELDOM)
    from emu.cli.app import app

    try:
        app(prog_name="emu")
    except ScenarioError as error:
        print(error, file=sys.stderr)
        count = len(error.mistakes)
        print(f"{count} mistake{'s' * (count != 1)}", file=sys.stderr)
        sys.exit(INVALID)
    except EmuBug:
        print("This is a bug in emu: please report it, with the file and this:", file=sys.stderr)
        _print_traceback()
        sys.exit(INTERNAL)
    except EmuError as error:
        print(f"emu: {error}", file=sys.stderr)
        sys.exit(USAGE)
    except SystemExit as end:
        # `emu trace ... | head`: typer ends with 1, which says here that a check failed
        if isinstance(end.__context__, BrokenPipeError) or not _is_read():
            sys.exit(PASS)
        raise
    except Exception:
        print("This is a bug in emu: please report it, with the file and this:", file=sys.stderr)
        _print_traceback()
        sys.exit(INTERNAL)
    sys.exit(PASS)


def _is_read() -> bool:
    """Whether what was printed has found its reader."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return False
    return True


def _print_traceback() -> None:
    import traceback

    traceback.print_exc()
