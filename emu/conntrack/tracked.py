"""What tracking says of a packet, and a packet that carries it."""

from dataclasses import dataclass
from typing import Final, final

from emu.conntrack.connection import Connection
from emu.conntrack.tuples import Tuple
from emu.packet.editing import Layers, Octets

NEW: Final = 0x01  # CS_NEW and so on, lib/packets.h
ESTABLISHED: Final = 0x02
RELATED: Final = 0x04
REPLY: Final = 0x08
INVALID: Final = 0x10
TRACKED: Final = 0x20
SRC_NAT: Final = 0x40
DST_NAT: Final = 0x80
NATTED: Final = SRC_NAT | DST_NAT

_WORDS: Final = (
    *((TRACKED, "trk"), (NEW, "new"), (ESTABLISHED, "est"), (RELATED, "rel"), (REPLY, "rpl")),
    *((INVALID, "inv"), (SRC_NAT, "snat"), (DST_NAT, "dnat")),
)


@final
@dataclass(frozen=True, slots=True)
class Tracked:
    """What is known of a packet that was tracked."""

    state: int
    zone: int = 0
    mark: int = 0
    label: int = 0
    original: Tuple | None = None  # the direction of the packet that began the connection
    connection: Connection | None = None  # the packet need not be looked up again in this zone
    is_reply: bool = False
    is_related: bool = False

    def __str__(self) -> str:
        """Return the state as `ct_state` is written."""
        words = "".join(f"+{word}" for bit, word in _WORDS if self.state & bit)
        return f"ct_state={words or 0},ct_zone={self.zone}"


class Trackable(Octets):
    """Octets that may have been tracked."""

    __slots__ = ("tracked",)

    def __init__(self, wire: bytes, layers: Layers) -> None:
        super().__init__(wire, layers)
        self.tracked: Tracked | None = None
