"""The picture in the README is what `emu graph` draws."""

from pathlib import Path

from emu.report.graph import render_svg, topology_of
from emu.scenario import load

SCENARIOS = Path(__file__).parents[2] / "scenarios"


def test_the_picture_is_up_to_date() -> None:
    topology, _ = topology_of(load(SCENARIOS / "lb-vlan.yaml"))
    drawn = render_svg(topology)
    message = "type: ./tools/emu graph lb-vlan -o scenarios/lb-vlan.svg"
    assert (SCENARIOS / "lb-vlan.svg").read_text().strip() == drawn.strip(), message
