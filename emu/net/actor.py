"""Control-plane actors (the Neutron server, agents) and what they may ask of the world.

They have the shape of a device: a pure reaction to messages and time, so that they are as
deterministic and as testable alone.
"""

from dataclasses import dataclass
from typing import Protocol, final

from emu.core.time import Nanoseconds


@final
@dataclass(slots=True)
class Message:
    """One message on the bus: `method` and its arguments, with the names of the real RPC API."""

    sender: str
    to: str  # the actor's name; a fanout is one message each
    method: str
    arguments: object


@final
@dataclass(slots=True)
class Send:
    """Put `message` on the bus."""

    message: Message


@final
@dataclass(slots=True)
class Configure:
    """Type `command` in the root namespace of `host`: text in the real tool's language."""

    host: str
    command: str


@final
@dataclass(slots=True)
class Plug:
    """Make the interface `interface` on `host` and join it to `port` of `device`, as libvirt does.

    What the interface is put into is said by commands: `ip link set INTERFACE master BRIDGE`.
    """

    host: str
    interface: str
    device: str
    port: str


@final
@dataclass(slots=True)
class Unplug:
    """Take the interface away from `host` again."""

    host: str
    interface: str


Action = Send | Configure | Plug | Unplug
Actions = tuple[Action, ...]


class Actor(Protocol):
    """A part of the control plane."""

    @property
    def name(self) -> str:
        """Unique among the actors of a run, as in `compute1/neutron-linuxbridge-agent`."""

    def on_message(self, now: Nanoseconds, message: Message) -> Actions:
        """React to `message`."""

    def next_deadline(self) -> Nanoseconds | None:
        """Return when `tick` must next be called, None for never; O(1), may be early, not late."""

    def tick(self, now: Nanoseconds) -> Actions:
        """Run every timer that is due at `now`."""
