"""From a file to a scenario, or to everything that is wrong with it.

There are four phases: the text is YAML; its shape is that of a scenario; what there is makes sense;
what happens makes sense. Each says all that it finds, and the next begins only if it found nothing.
"""

from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from emu.core.errors import Mistake, ScenarioError
from emu.scenario.document import Document
from emu.scenario.file import ScenarioFile
from emu.scenario.findings import Problem
from emu.scenario.meaning import step_problems, world_problems
from emu.scenario.mistakes import problem_mistakes, shape_mistakes
from emu.scenario.reading import MAX_CHARACTERS, parse
from emu.scenario.scenario import Scenario, finished

MAX_OCTETS = 4 * MAX_CHARACTERS  # UTF-8


def load(source: Path | str, *, name: str = "scenario.yaml") -> Scenario:
    """Read a scenario from a file, or from a text that mistakes call `name`.

    Raises:
        ScenarioError: all that is wrong, with its places.
    """
    if isinstance(source, Path):
        name = str(source)
        source = _read(source)
    document = parse(source, name)
    scenario = finished(shape(document), name)
    for find in (world_problems, step_problems):
        _stop_at(document, find(scenario))
    return scenario


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            octets = file.read(MAX_OCTETS + 1)
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        what = f"this is not UTF-8: {error.reason}"
        raise ScenarioError((Mistake(file=str(path), line=line, column=1, what=what),)) from None
    except OSError as error:
        what = f"cannot be read: {error.strerror}"
        raise ScenarioError((Mistake(file=str(path), line=1, column=1, what=what),)) from None


def shape(document: Document) -> ScenarioFile:
    """Return what was written, if it has the shape of a scenario; `ScenarioError` if not."""
    plain = document.plain()
    if isinstance(plain, dict):  # a section without anything in it is none
        plain = {key: value for key, value in plain.items() if value is not None}
    try:
        return ScenarioFile.model_validate(plain)
    except ValidationError as error:
        raise ScenarioError(shape_mistakes(document, error)) from None


def _stop_at(document: Document, problems: Iterator[Problem]) -> None:
    if mistakes := problem_mistakes(document, problems):
        raise ScenarioError(mistakes)
