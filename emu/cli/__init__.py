"""The commands: parse, call, render. Nothing but typer and the standard library comes in here.

Each command imports what it needs when it runs, so that `emu --help` starts in a blink.
"""

import errno
import gc
import os
import sys
import traceback
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
    except SystemExit as end:
        sys.exit(_end_printing(end))
    except Exception as error:
        sys.exit(_complain(error))
    sys.exit(PASS)


def _complain(error: Exception) -> int:
    """Say what is wrong, and return the exit status."""
    match error:
        case ScenarioError():
            count = len(error.mistakes)
            print(error, f"{count} mistake{'s' * (count != 1)}", sep="\n", file=sys.stderr)
            return INVALID
        case EmuBug():
            pass
        case EmuError():
            print(f"emu: {error}", file=sys.stderr)
            return USAGE
        case OSError(errno=errno.ENOSPC):  # of a capture it is an EmuError
            print(f"emu: cannot print: {error.strerror}", file=sys.stderr)
            _forget_output()
            return USAGE
    print("This is a bug in emu: please report it, with the file and this:", file=sys.stderr)
    traceback.print_exception(error)
    return INTERNAL


def _end_printing(end: SystemExit) -> int | str | None:
    """Print what is left to print, and return the exit status."""
    if isinstance(end.__context__, BrokenPipeError):
        return PASS  # `emu trace ... | head`; typer's own 1 says here that a check failed
    try:
        _flush()
    except BrokenPipeError:
        _forget_output()
        return PASS
    except OSError as error:
        return _complain(error)
    return end.code


def _flush() -> None:
    """Let what was printed go its way; there is no stdout after `emu ... >&-`."""
    if stdout := sys.__stdout__ and sys.stdout:
        stdout.flush()


def _forget_output() -> None:
    """Lose what nobody takes, so that Python does not try again when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
