"""A scenario file as a whole: one story, the cloud and then its steps."""

import json
from typing import Final

from pydantic import Field
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import NullableSchema, WithDefaultSchema

from emu.scenario.cloud import Cloud
from emu.scenario.devices import OneDevice
from emu.scenario.expectations.matching import MATCH
from emu.scenario.links import OneCable
from emu.scenario.step import Step
from emu.scenario.texts import Name, Prose, Text

SEED: Final = "emu"


class ScenarioFile(Cloud):
    """A scenario of emu: a cloud, devices made by hand, or both, and what happens there."""

    name: Name = Field(description="The name of the scenario, and of the folder of its run.")
    description: Prose = Field("", description="What it shows, for the reader.")
    seed: Text = Field(
        SEED, description="Ids, MACs and all that is random in reality derive from it."
    )
    devices: dict[Name, OneDevice] = Field(
        {}, description="Devices made by hand, below the cloud, by name."
    )
    links: tuple[OneCable, ...] = Field((), description="Links between them: [pc1/eth0, hub1/p1].")
    steps: tuple[Step, ...] = Field((), description="What happens, in order.")


def json_schema() -> dict[str, object]:
    """Return the JSON Schema of scenario files: from it, editors complete and explain."""
    made = ScenarioFile.model_json_schema(schema_generator=_Plain)
    schema = json.loads(json.dumps(made), object_hook=_refer)
    schema["$defs"]["Match"] = MATCH
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "emu scenario"}
    return head | {key: value for key, value in schema.items() if key != "title"}


def _refer(node: dict[str, object]) -> dict[str, object]:
    """Let what is long and stands in several places stand in one."""
    if (shared := node.pop("$comment", None)) is not None:
        node["$ref"] = f"#/$defs/{shared}"
    return node


class _Plain(GenerateJsonSchema):
    """Says what people write, and leaves out what pydantic knows besides."""

    def field_title_should_be_set(self, schema: object) -> bool:
        """Make no titles up."""
        return False

    def nullable_schema(self, schema: NullableSchema) -> JsonSchemaValue:
        """Take null for what it is in a file: nobody writes it, who can leave the key out."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: WithDefaultSchema) -> JsonSchemaValue:
        """Say what the default is where it reads as a person would write it."""
        made = super().default_schema(schema)
        kinds = {"string": str, "integer": int, "boolean": bool}
        if type(made.get("default")) is not kinds.get(str(made.get("type"))):
            made.pop("default", None)
        return made
