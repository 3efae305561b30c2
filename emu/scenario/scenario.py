"""A scenario: the finished values that a file becomes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from emu.core.rng import Rng
from emu.net.link import LinkSettings
from emu.neutron.blueprint import Blueprint
from emu.neutron.cloud import WIRE
from emu.scenario.devices import Device
from emu.scenario.file import ScenarioFile
from emu.scenario.links import Cable
from emu.scenario.step import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One story: what there is, and what happens."""

    name: str
    description: str
    seed: str
    file: str  # as its author calls it
    blueprint: Blueprint
    wires: Mapping[str, LinkSettings]  # of physical networks
    devices: Mapping[str, Device]  # made by hand
    links: tuple[Cable, ...]  # made by hand
    steps: tuple[Step, ...]

    @property
    def rng(self) -> Rng:
        """Where all that is random in reality comes from."""
        return Rng(self.seed)

    def with_seed(self, seed: str) -> "Scenario":
        """Return the same story with other ids, MACs and whatever else derives from the seed."""
        return replace(self, seed=seed)

    def without_steps(self) -> "Scenario":
        """Return the world of this story, in which nothing is done."""
        return self.with_first_steps(0)

    def with_first_steps(self, count: int) -> "Scenario":
        """Return the beginning of this story."""
        return replace(self, steps=self.steps[:count])

    @property
    def folder(self) -> Path:
        """Where the file lies, and what it refers to."""
        return Path(self.file).parent

    @property
    def has_cloud(self) -> bool:
        """Whether Neutron has anything to do."""
        return bool(self.blueprint.hosts)


def finished(written: ScenarioFile, file: str) -> Scenario:
    """Return the scenario that was written in `file`."""
    return Scenario(
        name=written.name,
        description=written.description,
        seed=written.seed,
        file=file,
        blueprint=written.blueprint(),
        wires={name: wire.settings(WIRE) for name, wire in written.physical_networks.items()},
        devices=written.devices,
        links=written.links,
        steps=written.steps,
    )
