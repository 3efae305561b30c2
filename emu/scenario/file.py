"""A scenario file as a whole: one story, the cloud and then its steps."""

from typing import Final

from pydantic import Field
from pydantic.json_schema import GenerateJsonSchema

from emu.scenario.cloud import Cloud
from emu.scenario.devices import OneDevice
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
    schema = ScenarioFile.model_json_schema(schema_generator=_Plain)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "emu scenario"}
    return head | schema


class _Plain(GenerateJsonSchema):
    """Says what people read, and leaves out the titles that pydantic makes up."""

    def field_title_should_be_set(self, schema: object) -> bool:
        return False
