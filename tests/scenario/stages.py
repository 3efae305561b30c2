"""A small world for steps: two PCs and an idle third on a hub, and what became of a step there."""

from collections.abc import Sequence

from emu.journal import Sink
from emu.scenario import Outcome, StepOutcome, load, run

WORLD = """
name: stage
devices:
  hub1: {kind: hub}
  pc1: {kind: namespace, nics: {eth0: {mac_address: "02:00:00:00:00:01"}}, addresses: [10.0.0.1/24]}
  pc2: {kind: namespace, nics: {eth0: {mac_address: "02:00:00:00:00:02"}}, addresses: [10.0.0.2/24]}
  pc3: {kind: namespace, nics: {eth0: {mac_address: "02:00:00:00:00:03"}}, addresses: [10.0.0.3/24]}
links:
  - [pc1/eth0, hub1/p1]
  - [pc2/eth0, hub1/p2]
  - [pc3/eth0, hub1/p3]
steps:
"""
PING = "  - ping: {from: pc1, to: pc2, count: 3}\n"


def outcome_of(steps: str, *, world: str = WORLD, sinks: Sequence[Sink] = ()) -> Outcome:
    """Run `steps`, lines of YAML, in `world`."""
    return run(load(world + steps), sinks=sinks)


def last(steps: str, *, world: str = WORLD) -> StepOutcome:
    """Return what became of the last of `steps`."""
    return outcome_of(steps, world=world).steps[-1]


def texts(step: StepOutcome) -> list[str]:
    """Return the findings of a step, each with its sign."""
    return [f"{'ok' if finding.passed else 'FAIL'} {finding.text}" for finding in step.findings]
