"""What the neighbour table wants done: with packets, and whom it wants asked."""

from dataclasses import dataclass
from typing import final

from emu.net.effects import Why
from emu.packet.addresses import MacAddress
from emu.packet.frame import Frame


@final
@dataclass(slots=True)
class Waiting:
    """An IPv4 packet in a frame that lacks its destination, and why it came here."""

    netdev: str
    frame: Frame
    why: Why


@final
@dataclass(slots=True)
class Send:
    """The packet's neighbour is known: send it to `mac`."""

    packet: Waiting
    mac: MacAddress
    why: Why


@final
@dataclass(slots=True)
class Queue:
    """The packet waits for its neighbour."""

    packet: Waiting
    why: Why


@final
@dataclass(slots=True)
class Overflow:
    """The packet made place for a newer one."""

    packet: Waiting
    why: Why


@final
@dataclass(slots=True)
class GiveUp:
    """The packet's neighbour does not answer: tell its sender."""

    packet: Waiting
    why: Why


@final
@dataclass(slots=True)
class Purge:
    """The entry for which the packet waited is gone."""

    packet: Waiting
    why: Why


@final
@dataclass(slots=True)
class Reject:
    """The table is full: there is no entry for the packet's neighbour."""

    packet: Waiting
    why: Why


@final
@dataclass(slots=True)
class Solicit:
    """Ask for `address`: at `mac`, or everybody. `packet` is the youngest that waits."""

    netdev: str
    address: bytes
    mac: MacAddress | None
    packet: Waiting | None
    why: Why


Action = Send | Queue | Overflow | GiveUp | Purge | Reject | Solicit
Actions = tuple[Action, ...]
