"""Commands in a scenario file: a list, or one text with a command a line."""

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import PlainValidator, WithJsonSchema

from emu.core.time import Nanoseconds
from emu.host.language import CommandError, parse_command
from emu.scenario.findings import Problem
from emu.scenario.texts import Wrong, text

COMMANDS = {"type": ["array", "string"], "items": {"type": "string"}}


def commands(value: object) -> tuple[str, ...]:
    """Return the lines, as they stand."""
    if value == []:
        raise Wrong("there is no command here")
    if isinstance(value, list):
        return tuple([text(line) for line in value])
    if isinstance(value, dict):
        raise Wrong("commands are wanted here, not a mapping", 'as in ["ip link set eth1 down"]')
    return tuple(text(value).splitlines())


Commands = Annotated[tuple[str, ...], PlainValidator(commands), WithJsonSchema(COMMANDS)]


def as_seconds(time: Nanoseconds | None) -> str | None:
    """Return a time as programs take it."""
    if time is None:
        return None
    return f"{time // 1_000_000_000}.{time % 1_000_000_000:09}".rstrip("0").rstrip(".")


def option_problems(line: str, options: Mapping[str, tuple[str, object]]) -> Iterator[Problem]:
    """Yield what the program of `line` would not take, in its own words.

    `options` are by the keys of the file; of an option that is not given, the value is None.
    """
    for key, (option, value) in options.items():
        try:
            if value is not None:
                parse_command(line.replace("OPTION", f"{option} {value}"))
        except CommandError as error:
            yield Problem(path=(key,), what=error.what, fix=error.fix)


def is_command(line: str) -> bool:
    """Whether there is more in `line` than a comment."""
    return not line.lstrip().startswith("#") and bool(line.strip())


def command_problems(lines: tuple[str, ...]) -> Iterator[Problem]:
    """Yield what is no command; the paths are the numbers of the lines."""
    for index, line in enumerate(lines):
        try:
            if is_command(line):
                parse_command(line)
        except CommandError as error:
            inside = 1, error.column
            yield Problem(path=(index,), what=error.what, fix=error.fix, inside=inside)
