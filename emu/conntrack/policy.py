"""Whose behaviour a tracker has, as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto, unique
from typing import Protocol, final

from emu.core.time import Nanoseconds
from emu.packet.editing import Octets


@unique
class Update(Enum):
    """What a packet is to the connection that it belongs to: enum ct_update_res."""

    INVALID = auto()
    ESTABLISHED = auto()
    NEW = auto()  # nothing has come back yet
    AGAIN = auto()  # the connection is over, and the packet begins another


class Machine(Protocol):
    """What a protocol knows of one connection."""

    @property
    def phase(self) -> str:
        """How far the connection is: for how long it lives without a packet depends on it."""

    def update(self, packet: Octets, *, is_reply: bool) -> tuple[Update, bool]:
        """React to a packet; and say whether the connection's life begins anew."""


class Transport(Protocol):
    """What begins connections of one protocol."""

    def may_begin(self, packet: Octets) -> bool:
        """Whether a connection may begin with the packet."""

    def begin(self, packet: Octets) -> Machine:
        """Begin one."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Whose behaviour a tracker has."""

    name: str
    transports: Mapping[int, Transport]  # by the protocol that IP carries
    other: Transport  # of all others
    lifetimes: Mapping[str, Nanoseconds]  # by phase
    least_fragment: Mapping[int, int]  # octets of an IP packet that is not the last, by version
    most_fragments: int
    most_pieces: Mapping[int, int]  # of one packet, by version
    fragment_lifetime: Nanoseconds
    fragment_grace: Nanoseconds  # for how long it is then ready to go on as an invalid packet
