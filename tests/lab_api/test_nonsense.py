"""What makes no sense is an `EmuError`, and nothing happens."""

import math

import pytest

from emu import Lab
from emu.core.errors import EmuError
from emu.packet.door import ARP, Ether


@pytest.fixture
def lab() -> Lab:
    lab = Lab()
    lab.add("pc1", "namespace", addresses=["10.0.0.1/24"])
    lab.add("pc2", "namespace", addresses=["10.0.0.2/24"])
    lab.connect("pc1/eth0", "pc2/eth0")
    return lab


@pytest.mark.parametrize("frame", [None, 7, [Ether() / ARP()]])
def test_a_frame_is_a_packet_octets_or_a_text(lab: Lab, frame: object) -> None:
    with pytest.raises(EmuError, match="a frame is a Scapy packet, octets or a text, not a"):
        lab.inject("pc1/eth0", frame)  # type: ignore[arg-type]


@pytest.mark.parametrize("time", [-1, math.nan, math.inf, -math.inf])
def test_only_a_number_of_seconds_passes(lab: Lab, time: float) -> None:
    with pytest.raises(EmuError, match="is no number of seconds that can pass"):
        lab.advance(time)
