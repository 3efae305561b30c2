"""What the datapath does with a packet: the actions that translation decides on.

OVS calls them datapath actions (OVS_ACTION_ATTR_*). They say nothing of OpenFlow: a list of them
can be done again with another packet that would have been decided on in the same way.
"""

from dataclasses import dataclass
from typing import final

from emu.conntrack.tracker import Request
from emu.openflow.actions.base import Actions
from emu.packet.beside import Journey
from emu.packet.editing import Edit


@final
@dataclass(frozen=True, slots=True)
class Set:
    """Change octets of the packet."""

    edit: Edit
    value: int


@final
@dataclass(frozen=True, slots=True)
class SetMetadata:
    """Change what travels beside the packet: the slots of a key that `mask` covers."""

    value: int
    mask: int


@final
@dataclass(frozen=True, slots=True)
class Send:
    """Send a copy of the packet as it is."""

    port: int


@final
@dataclass(frozen=True, slots=True)
class Pass:
    """Hand a copy of the packet to the bridge behind a patch port."""

    port: int
    journey: Journey


@final
@dataclass(frozen=True, slots=True)
class SendTunnel:
    """Send a copy of the packet through a tunnel."""

    port: int
    tunnel: int  # a key: the slots of the outer header


@final
@dataclass(frozen=True, slots=True)
class Truncate:
    """Let the next copy that is sent have no more than that many octets."""

    size: int


@final
@dataclass(frozen=True, slots=True)
class Track:
    """Hand the packet to connection tracking."""

    version: int  # of IP
    request: Request


@final
@dataclass(frozen=True, slots=True)
class Untrack:
    """Forget what connection tracking said of the packet."""


@final
@dataclass(frozen=True, slots=True)
class Hash:
    """Put a hash of the packet's addresses beside it."""

    basis: int
    symmetric: bool


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """Where a translation stopped, to go on with the packet as it is then."""

    table: int
    metadata: int  # a key: the slots that no header fills
    stack: tuple[int, ...]
    action_set: Actions
    actions: Actions  # to be done first; none: look the packet up in `table`
    conntracked: bool
    mirrors: int


@final
@dataclass(frozen=True, slots=True)
class Recirculate:
    """Read the packet anew, and go on."""

    state: Frozen


@final
@dataclass(frozen=True, slots=True)
class Copy:
    """Do that with a copy of the packet."""

    operations: "Operations"


@final
@dataclass(frozen=True, slots=True)
class CheckSize:
    """Do one of two lists, by the size of the packet."""

    size: int  # octets
    larger: "Operations"
    other: "Operations"


Operation = (
    Set
    | SetMetadata
    | Send
    | Pass
    | SendTunnel
    | Truncate
    | Track
    | Untrack
    | Hash
    | Recirculate
    | Copy
    | CheckSize
)
Operations = tuple[Operation, ...]
