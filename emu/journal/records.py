"""The records of the journal: one append-only stream of everything that happens.

Captures, traces, diagrams, goldens and expectations are sinks, or views of what a sink kept.
Records are positional and never mutated; a sink asks `type(record) is Sent` or looks its type up.

The life of one frame on one link is two records with the same serial: `Sent`, then `Arrived` (with
what the receiving device made of it) or `Lost`. `Sent.frame.parent` is the serial of the traversal
that caused it, so that the records of a packet form a tree.
"""

from dataclasses import dataclass
from typing import Protocol, final

from emu.core.time import Nanoseconds
from emu.net.actor import Actions, Message
from emu.net.effects import DropReason, Effects, Why
from emu.net.link import Link, LinkSettings
from emu.packet.frame import Frame, Serial


@final
@dataclass(slots=True)
class DeviceAdded:
    """A device came into the world."""

    time: Nanoseconds
    device: str
    kind: str  # its class: Bridge, Namespace, ...


@final
@dataclass(slots=True)
class DeviceRemoved:
    """A device left the world; its links left before."""

    time: Nanoseconds
    device: str


@final
@dataclass(slots=True)
class Linked:
    """Two ports were joined."""

    time: Nanoseconds
    link: Link
    settings: LinkSettings


@final
@dataclass(slots=True)
class LinkSet:
    """A link changed how it carries frames."""

    time: Nanoseconds
    link: Link
    settings: LinkSettings


@final
@dataclass(slots=True)
class Unlinked:
    """A link was taken away."""

    time: Nanoseconds
    link: Link


@final
@dataclass(slots=True)
class Sent:
    """A frame was put on a link."""

    time: Nanoseconds
    serial: Serial
    link: Link
    by_a: bool  # whether the end `link.a` sent it
    frame: Frame
    why: Why


@final
@dataclass(slots=True)
class Arrived:
    """The frame of traversal `serial` reached a port, and the device reacted with `effects`."""

    time: Nanoseconds
    serial: Serial
    device: str
    port: str
    effects: Effects


@final
@dataclass(slots=True)
class Lost:
    """The frame of traversal `serial` did not get there.

    `link` is None if there was none at the port that sent it: then there is no `Sent` record, and
    `device`, `port` and `frame` say who tried what.
    """

    time: Nanoseconds
    serial: Serial
    link: Link | None
    device: str  # the sender
    port: str
    frame: Frame
    reason: DropReason


@final
@dataclass(slots=True)
class Ticked:
    """A device's timers ran and had effects."""

    time: Nanoseconds
    device: str
    effects: Effects


@final
@dataclass(slots=True)
class Configured:
    """A device was changed."""

    time: Nanoseconds
    device: str
    change: object
    effects: Effects


@final
@dataclass(slots=True)
class Commanded:
    """A command was typed on a host; the changes that it made came before this record."""

    time: Nanoseconds
    host: str
    command: str
    refused: str = ""  # the real tool's words, if it did not work


@final
@dataclass(slots=True)
class MessageSent:
    """An actor put a message on the bus."""

    time: Nanoseconds
    serial: int
    message: Message


@final
@dataclass(slots=True)
class MessageArrived:
    """An actor reacted to a message (or to a timer: then `message` is None)."""

    time: Nanoseconds
    serial: int
    actor: str
    message: Message | None
    actions: Actions


@final
@dataclass(slots=True)
class StepBegun:
    """A step of the scenario began."""

    time: Nanoseconds
    index: int  # from 1; 0 is the building of the cloud
    name: str


@final
@dataclass(slots=True)
class StepEnded:
    """A step of the scenario ended."""

    time: Nanoseconds
    index: int
    passed: bool


Record = (
    DeviceAdded
    | DeviceRemoved
    | Linked
    | LinkSet
    | Unlinked
    | Sent
    | Arrived
    | Lost
    | Ticked
    | Configured
    | Commanded
    | MessageSent
    | MessageArrived
    | StepBegun
    | StepEnded
)


class Sink(Protocol):
    """Who wants to know what happens."""

    def write(self, record: Record) -> None:
        """Take note of `record`."""

    def close(self) -> None:
        """Take note that nothing more will come: frames in flight stay in flight."""
