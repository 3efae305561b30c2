"""A packet on its way through the datapath."""

from dataclasses import dataclass
from typing import final

from emu.conntrack.tracked import Trackable
from emu.packet.editing import Layers
from emu.packet.frame import Frame


@final
@dataclass(frozen=True, slots=True, eq=False)
class Arrival:
    """How a packet came in; by identity."""

    port: str
    frame: Frame


@final
class Packet(Trackable):
    """A frame's octets, its layers, and the metadata that travels beside it."""

    __slots__ = ("arrival", "cut", "metadata")

    def __init__(self, arrival: Arrival, wire: bytes, layers: Layers, metadata: int) -> None:
        super().__init__(wire, layers)
        self.arrival = arrival
        self.metadata = metadata  # a key: the slots that no header fills
        self.cut = 0  # octets that the next copy that is sent lacks at its end

    def copy(self) -> "Packet":
        """Return a packet that can be changed without changing this one."""
        packet = Packet(self.arrival, self.wire, self.layers, self.metadata)
        packet.cut = self.cut
        packet.tracked = self.tracked
        return packet
