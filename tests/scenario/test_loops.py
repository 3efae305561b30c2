"""A loop of links is found soon, and said."""

from emu.scenario import load, run

LOOP = """
name: loop
devices:
  pc1: {kind: namespace, addresses: [10.0.0.1/24]}
  b1: {kind: bridge}
  b2: {kind: bridge}
links:
  - [pc1/eth0, b1/p0]
  - {ends: [b1/p1, b2/p1], latency: 1ms}
  - {ends: [b1/p2, b2/p2], latency: 1ms}
steps: [{ping: {from: pc1, to: 10.0.0.9, count: 1}}]
"""


class Count:
    """A sink that counts."""

    def __init__(self) -> None:
        self.records = 0

    def write(self, record: object) -> None:
        self.records += 1

    def close(self) -> None:
        """Nothing more will come."""


def test_a_packet_in_circles_ends_the_run_after_a_thousand() -> None:
    count = Count()
    outcome = run(load(LOOP), sinks=[count])
    texts = [finding.text for step in outcome.steps for finding in step.findings]
    assert not outcome.passed
    assert any("more than 1,000 times: links form a loop" in text for text in texts)
    assert count.records < 20_000
