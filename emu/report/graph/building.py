"""What there is when the world of a scenario is built."""

from emu.report.graph.topology import Segment, Topology, read_topology
from emu.scenario import Outcome, Scenario, run
from emu.sim.network import Network


def topology_of(scenario: Scenario) -> tuple[Topology, Outcome]:
    """Return what there is when the world of `scenario` is built, and how that went."""
    network = Network(rng=scenario.rng.stream("network"))
    outcome = run(scenario.without_steps(), network=network)
    names = [plan.name for plan in scenario.blueprint.networks]
    bridges = {f"{p.host}/{p.bridge}": names.index(p.network) for p in outcome.ports}
    topology = read_topology(
        network,
        name=scenario.name,
        segments=_segments(scenario),
        segment_of=bridges,
        homes={port.server: port.host for port in outcome.ports},
    )
    return topology, outcome


def _segments(scenario: Scenario) -> tuple[Segment, ...]:
    return tuple(
        [
            Segment(
                name=plan.name,
                type=plan.type,
                number=plan.segmentation_id,
                physnet=plan.physical_network,
                subnets=tuple([str(subnet.cidr) for subnet in plan.subnets]),
            )
            for plan in scenario.blueprint.networks
        ]
    )
