"""One call of the contract, on its way through the stack."""

from collections import deque
from dataclasses import dataclass
from enum import Enum, unique
from typing import NamedTuple, final

from emu.core.time import Nanoseconds
from emu.devices.namespace.netdev import Netdev
from emu.inet.fib import RouteType
from emu.net.effects import Deliver, Drop, DropReason, Effect, Why
from emu.packet.frame import Frame


@unique
class PacketType(Enum):
    """For whom a frame is, by its destination MAC: include/uapi/linux/if_packet.h."""

    HOST = 0
    BROADCAST = 1
    MULTICAST = 2
    OTHERHOST = 3


class Looped(NamedTuple):
    """A packet that this host sent to itself."""

    frame: Frame
    type: RouteType  # only LOCAL and BROADCAST come in again
    why: Why


class Turn:
    """What time it is, and what this call of the contract led to so far."""

    __slots__ = ("backlog", "effects", "now", "unreachable")

    def __init__(self, now: Nanoseconds) -> None:
        self.now = now
        self.effects: list[Effect] = []
        self.backlog = deque[Looped]()  # softnet_data.input_pkt_queue, as far as lo fills it
        self.unreachable: list[Frame] = []  # whose senders must be told: dst_link_failure()

    def emit(self, effect: Effect) -> None:
        """Add an effect."""
        self.effects.append(effect)


@final
@dataclass(slots=True)
class Arrival:
    """A frame on its way up: the part of struct sk_buff that matters."""

    port: str  # where it came in
    frame: Frame  # as it came in
    netdev: Netdev  # that it is for, after VLANs
    inner: Frame  # without the tags that were taken off
    type: PacketType
    why: Why
    route: RouteType = RouteType.LOCAL  # or BROADCAST, once it was routed to this host
    looped: bool = False  # it never was on a link: nobody asks for its fate

    def deliver(self, turn: Turn, why: Why = ()) -> None:
        """End here, taken in."""
        if not self.looped:
            turn.emit(Deliver(self.port, self.frame, (*self.why, *why)))

    def drop(self, turn: Turn, reason: DropReason, why: Why = ()) -> None:
        """End here, dropped."""
        if not self.looped:
            turn.emit(Drop(self.port, self.frame, reason, (*self.why, *why)))
