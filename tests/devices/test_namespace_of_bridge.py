"""The own netdev of a bridge takes in what the bridge hands up, whatever its size."""

import pytest

from emu.core.rng import Rng
from emu.devices.namespace import Namespace
from emu.devices.namespace.changes import AddNetdev
from emu.net.effects import DropReason
from emu.packet.addresses import MacAddress
from emu.packet.ethernet import build_ethernet
from emu.packet.frame import Frame
from tests.devices.hosts import MACS, T0, outcome

UNSPOKEN = 0x88B5  # an ethertype that nobody here takes: IEEE 802, local experimental
OWN = MacAddress(MACS["a"])


@pytest.mark.parametrize(
    ("of_bridge", "reason"),
    [
        pytest.param(False, DropReason.PKT_TOO_BIG, id="a veth end has an MTU for what comes in"),
        pytest.param(True, DropReason.UNHANDLED_PROTO, id="a bridge's own netdev has none"),
    ],
)
def test_what_becomes_of_2000_octets_at_an_mtu_of_1500(of_bridge: bool, reason: DropReason) -> None:
    device = Namespace("host", rng=Rng())
    device.configure(T0, AddNetdev(name="br0", mac=OWN, of_bridge=of_bridge))
    frame = Frame.new(build_ethernet(OWN, MACS["b"], UNSPOKEN, bytes(2000)))
    assert any(reason in line for line in outcome(device.receive(T0, "br0", frame)))
