"""Parts of a scenario that come from Python: devices, links and steps, as a file would say them.

What is given are plain values: texts, numbers, lists, mappings, addresses. Their shapes, and the
words for what is wrong with them, are those of the file.
"""

import json
from collections.abc import Mapping
from typing import Final

from emu.core.errors import Refused, ScenarioError
from emu.scenario.devices import Device
from emu.scenario.file import SEED, ScenarioFile
from emu.scenario.links import Cable
from emu.scenario.loading import shape
from emu.scenario.reading import parse
from emu.scenario.scenario import Scenario, finished
from emu.scenario.step import Step

Said = Mapping[str, object]

PART: Final = "part"  # the name of a scenario that is only read for one part of it


def empty_scenario(name: str, seed: str = SEED) -> Scenario:
    """Return a scenario in which there is nothing yet."""
    return finished(_read({"name": name, "seed": seed}), name)


def device_of(name: str, said: Said) -> Device:
    """Return the device `name` of which that is said; `Refused` if it makes no sense."""
    return _read({"name": PART, "devices": {name: said}}).devices[name]


def cable_of(a: str, b: str, said: Said) -> Cable:
    """Return the link between two ports of which that is said; `Refused` if it makes no sense."""
    return _read({"name": PART, "links": [{"ends": [a, b], **said}]}).links[0]


def step_of(said: Said) -> Step:
    """Return the step of which that is said; `Refused` if it makes no sense."""
    return _read({"name": PART, "steps": [said]}).steps[0]


def _read(said: Said) -> ScenarioFile:
    try:
        return shape(parse(json.dumps(_written(said)), ""))  # JSON is YAML
    except ScenarioError as error:
        texts = [f"{it.what} ({it.fix})" if it.fix else it.what for it in error.mistakes]
    raise Refused("\n".join(texts))


def _written(value: object) -> object:
    """Return `value` as it stands in a file: there, all that is no list or mapping is text."""
    match value:
        case None:
            return None
        case bool():
            return str(value).lower()
        case Mapping():
            return {str(key): _written(it) for key, it in value.items()}
        case list() | tuple():
            return [_written(it) for it in value]
    return str(value)
