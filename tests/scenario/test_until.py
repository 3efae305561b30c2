"""A scenario is performed up to a time, and the world stands as it is then."""

from typing import cast

import pytest

from emu.core.time import Nanoseconds, microseconds, seconds
from emu.devices.namespace import Namespace
from emu.journal import Sink
from emu.scenario import Outcome, load, run
from emu.sim import Network
from tests.scenario.stages import PING, WORLD
from tests.small_worlds import Kept

SLOW = "  - link: {at: pc2/eth0, latency: 10ms}\n" + PING
TWO_PINGS = PING + "  - ping: {from: pc3, to: pc1, count: 1}\n"
THREE_FRAMES = "  - inject: {at: pc1/eth0, frame: '%s', count: 3, interval: 1s}\n" % ("00" * 60)


def stopped(steps: str, until: Nanoseconds) -> tuple[Network, Outcome]:
    network = Network()
    return network, run(load(WORLD + steps), network=network, until=until)


def neighbours(network: Network) -> list[str]:
    rows = cast("Namespace", network.device("pc1")).neighbours()
    return [str(row) for row in rows]


REACHABLE = "10.0.0.2 dev eth0 lladdr 02:00:00:00:00:02 REACHABLE"


@pytest.mark.parametrize(
    ("until", "rows"),
    [
        pytest.param(0, ["10.0.0.2 dev eth0 INCOMPLETE"], id="the question was just asked"),
        pytest.param(19_999_999, ["10.0.0.2 dev eth0 INCOMPLETE"], id="the answer is on its way"),
        pytest.param(20_000_000, [REACHABLE], id="the answer came at this very time"),
    ],
)
def test_tables_are_those_of_that_time(until: Nanoseconds, rows: list[str]) -> None:
    network, _ = stopped(SLOW, until)
    assert network.now == until
    assert neighbours(network) == rows


def test_a_step_that_goes_on_has_no_verdict() -> None:
    _, outcome = stopped(TWO_PINGS, seconds(1))
    assert [step.index for step in outcome.steps] == [0]
    _, outcome = stopped(TWO_PINGS, seconds(3))
    assert [step.index for step in outcome.steps] == [0, 1, 2]


def test_time_goes_on_after_the_last_step() -> None:
    network, outcome = stopped(PING, seconds(400))
    assert network.now == seconds(400)
    assert outcome.passed
    assert [row.rpartition(" ")[2] for row in neighbours(network)] == ["STALE"]


def test_a_step_that_lets_time_pass_by_itself_is_stopped_within() -> None:
    network, _ = stopped(THREE_FRAMES, Nanoseconds(1_500_000_000))
    assert network.now == 1_500_000_000


def test_time_can_go_on_afterwards() -> None:
    network, _ = stopped(PING, microseconds(1))
    network.advance(seconds(1))
    assert network.now == seconds(1) + microseconds(1)


class Heard(Network):
    """A network that knows who listens."""

    def __init__(self) -> None:
        super().__init__()
        self.listeners = list[Sink]()

    def subscribe(self, sink: Sink) -> None:
        super().subscribe(sink)
        self.listeners.append(sink)

    def unsubscribe(self, sink: Sink) -> None:
        super().unsubscribe(sink)
        self.listeners.remove(sink)


def test_nobody_listens_any_more_who_judged_the_step_that_was_cut_off() -> None:
    network = Heard()
    run(load(WORLD + PING), network=network, sinks=[Kept()], until=microseconds(1))
    assert network.listeners == []


def test_without_a_time_nothing_changes() -> None:
    kept, again = Kept(), Kept()
    run(load(WORLD + PING), sinks=[kept])
    run(load(WORLD + PING), sinks=[again], until=None)
    assert repr(kept.records) == repr(again.records)
