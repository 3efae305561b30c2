"""A run stops at a time: all has happened by then that happens, and nothing that comes later."""

import pytest

from emu.core.time import Nanoseconds, microseconds
from emu.devices.hub import Hub
from emu.journal import Arrived, Sent
from emu.net.device import Device
from emu.net.link import LinkSettings
from emu.packet.frame import Frame
from emu.sim import Halted, Network
from tests.small_worlds import Fickle, Kept

WIRE = LinkSettings(latency=microseconds(10))
LATE = microseconds(1_000)


def chain(kept: Kept) -> Network:
    """Return a - hub - b, with a frame on its way from a: at the hub after 10 us, at b after 20."""
    network = Network(kept)
    devices: list[Device] = [Hub("hub", ports=("p1", "p2"))]
    for device in (*devices, *[Fickle(name, ("eth0",)) for name in "ab"]):
        network.add(device)
    network.connect(("a", "eth0"), ("hub", "p1"), WIRE)
    network.connect(("b", "eth0"), ("hub", "p2"), WIRE)
    network.inject("a", "eth0", Frame(bytes(60)))
    return network


def seen(kept: Kept) -> list[str]:
    return [
        f"{type(record).__name__} {record.time}"
        for record in kept.records
        if isinstance(record, Sent | Arrived)
    ]


@pytest.mark.parametrize(
    ("halt", "happened"),
    [
        pytest.param(0, ["Sent 0"], id="before anything arrives"),
        pytest.param(9_999, ["Sent 0"], id="a nanosecond before it"),
        pytest.param(10_000, ["Sent 0", "Arrived 10000", "Sent 10000"], id="just when it does"),
        pytest.param(19_999, ["Sent 0", "Arrived 10000", "Sent 10000"], id="between two hops"),
    ],
)
def test_what_has_happened_when_time_stops(halt: int, happened: list[str]) -> None:
    kept = Kept()
    network = chain(kept)
    network.halt_at(Nanoseconds(halt))
    with pytest.raises(Halted):
        network.settle(LATE)
    assert seen(kept) == happened
    assert network.now == halt
    assert network.in_flight == 1


def test_who_lets_time_pass_is_stopped_too() -> None:
    network = chain(Kept())
    network.halt_at(microseconds(15))
    with pytest.raises(Halted):
        network.advance(microseconds(16))
    assert network.now == microseconds(15)


def test_what_ends_in_time_is_not_stopped() -> None:
    network = chain(Kept())
    network.halt_at(microseconds(20))
    assert network.settle(LATE)
    network.advance(Nanoseconds(0))
    assert network.now == microseconds(20)


def test_what_gives_up_in_time_is_not_stopped() -> None:
    network = chain(Kept())
    network.halt_at(microseconds(15))
    assert not network.settle(microseconds(15))


def test_a_world_that_stood_still_goes_on() -> None:
    kept = Kept()
    network = chain(kept)
    network.halt_at(microseconds(15))
    with pytest.raises(Halted):
        network.settle(LATE)
    network.halt_at(None)
    assert network.settle(LATE)
    assert seen(kept)[-1] == "Arrived 20000"
