"""The JSON Schema: editors complete from it, explain by it, and check with it what they can."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest
import yaml

from emu.scenario import json_schema
from tests.scenario.stages import WORLD

ROOT = Path(__file__).parents[2]
SHIPPED = sorted((ROOT / "scenarios").glob("*.yaml"))
SCHEMA = json_schema()
CHECK = fastjsonschema.compile(SCHEMA)


class CoreLoader(yaml.SafeLoader):
    """Reads YAML as editors do: by the core schema of YAML 1.2 (10.3.2)."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - as in the base


for tag, pattern, first in [
    ("null", r"~|null|", ["~", "n", ""]),
    ("bool", r"true|false", "tf"),
    ("int", r"[-+]?[0-9]+|0x[0-9a-f]+", "-+0123456789"),
    ("float", r"[-+]?[0-9]+\.[0-9]+", "-+0123456789"),
]:
    CoreLoader.add_implicit_resolver(
        f"tag:yaml.org,2002:{tag}", re.compile(f"^({pattern})$"), list(first)
    )


def read(text: str) -> object:
    return yaml.load(text, Loader=CoreLoader)  # noqa: S506 - it makes nothing but plain values


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_it_holds_for_what_is_shipped(path: Path) -> None:
    CHECK(read(path.read_text()))


@pytest.mark.parametrize(
    "steps",
    [
        "- ping: {from: pc1, to: pc2, count: 3, interval: 10ms, pmtudisc: do, broadcast: true}",
        "- arping: {from: pc1, to: pc2, unsolicited: true, deadline: 3s}",
        "- advance: 1.5s",
        '- inject: {into: pc1/eth0, frame: "00", count: 2}',
        "- configure: {on: pc1, commands: [ip link]}",
        "- configure: {on: pc1, commands: ip link}",
        "- link: {at: pc1/eth0, up: false, faults: [loss 10%, delay 5ms]}",
        "- plug: [pc1/eth0, hub1/p9]",
        "- plug: {ends: [pc1/eth0, hub1/p9], bandwidth: 1gbit}",
        "- unplug: pc1/eth0",
        "- {advance: 1s, timeout: 5s, name: n, description: d}",
        "- {advance: 1s, expect: [{received: 3}, {received: {min: 1}}, {printed: x}]}",
        "- {advance: 1s, expect: [{link: a/b, match: {vlan.id: 1, arp: true, ip.src: 1.2.3.4}}]}",
        "- {advance: 1s, expect: [{link: a/b, match: {icmp.type: [0, 8]}, sent_by: a/b}]}",
        "- {advance: 1s, expect: [{dropped: {at: x, reason: OTHERHOST}}, {delivered: {at: y}}]}",
        "- {advance: 1s, expect: [{refused: File exists}]}",
    ],
)
def test_it_knows_every_step(steps: str) -> None:
    CHECK(read(WORLD + steps))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("nmae: x", id="an unknown key"),
        pytest.param("hosts: {}", id="a scenario without name"),
        pytest.param("name: a/b", id="a name that is a path"),
        pytest.param("name: x\nmechanism: ovs", id="an unknown mechanism"),
        pytest.param("name: x\nnetworks: {n: {type: vlan, segmentation_id: many}}", id="no number"),
        pytest.param("name: x\nsteps: [{name: nothing}]", id="a step that does nothing"),
        pytest.param("name: x\nsteps: [{advance: 1s, unplug: a/b}]", id="a step that does two"),
        pytest.param("name: x\nsteps: [{advance: 5}]", id="a time without unit"),
        pytest.param(
            "name: x\nsteps: [{advance: 1s, expect: [{recieved: 1}]}]", id="an expectation of none"
        ),
        pytest.param(
            "name: x\nsteps: [{advance: 1s, expect: [{link: a/b, match: {vlan.vid: 1}}]}]",
            id="an unknown field",
        ),
        pytest.param("name: x\nlinks: [[a/p1]]", id="a link with one end"),
    ],
)
def test_it_refuses_what_emu_would(text: str) -> None:
    with pytest.raises(fastjsonschema.JsonSchemaValueException):
        CHECK(read(text))


def shapes(schema: dict[str, Any]) -> Iterator[Any]:
    yield pytest.param(schema, id="scenario")
    for name, shape in schema["$defs"].items():
        yield pytest.param(shape, id=name)


@pytest.mark.parametrize("shape", [*shapes(SCHEMA)])
def test_every_key_is_explained(shape: dict[str, Any]) -> None:
    assert shape["description"]
    unexplained = [key for key, value in shape["properties"].items() if "description" not in value]
    assert unexplained == []
    assert shape["additionalProperties"] is False


def test_it_is_plain_json_and_says_which_schema_it_is() -> None:
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert SCHEMA["title"] == "emu scenario"
