"""`emu compile`: the commands that a cloud compiles to."""

import json as json_format

from emu.cli import FAIL, PASS
from emu.cli.files import find
from emu.journal import Commanded, Record
from emu.scenario import load, run


class _Commands:
    """A sink: what was typed, host by host."""

    def __init__(self) -> None:
        self.by_host: dict[str, list[str]] = {}

    def write(self, record: Record) -> None:
        """Take note of `record`."""
        if type(record) is Commanded:
            self.by_host.setdefault(record.host, []).append(record.command)

    def close(self) -> None:
        """Do nothing: the commands stay."""


def compile_file(file: str, *, json: bool) -> int:
    """Build the world of `file`, print what was typed on which host, and return the status."""
    commands = _Commands()
    outcome = run(load(find(file)).without_steps(), sinks=[commands])
    if json:
        print(json_format.dumps({"schema_version": 1, "hosts": commands.by_host}, indent=2))
        return PASS if outcome.passed else FAIL
    for number, (host, lines) in enumerate(commands.by_host.items()):
        print("\n" * (number > 0) + f"# {host}")
        print("\n".join(lines))
    return PASS if outcome.passed else FAIL
