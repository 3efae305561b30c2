"""One connection."""

from dataclasses import dataclass
from enum import Enum, unique
from typing import Final, final

from emu.conntrack.policy import Machine
from emu.conntrack.tuples import Tuple
from emu.core.time import Nanoseconds


@unique
class Rewrites(Enum):
    """Which address translation changes in what the connection's first direction sends."""

    NOTHING = ""
    SOURCE = "src"
    DESTINATION = "dst"

    @property
    def backwards(self) -> "Rewrites":
        """What it changes in the other direction."""
        match self:
            case Rewrites.SOURCE:
                return Rewrites.DESTINATION
            case Rewrites.DESTINATION:
                return Rewrites.SOURCE
        return self


@final
@dataclass(slots=True, eq=False, kw_only=True)
class Connection:
    """One connection; by identity."""

    original: Tuple  # of what its first direction sends, before translation
    reply: Tuple  # of what comes back, before translation
    machine: Machine
    due: Nanoseconds  # when it is forgotten
    mark: int = 0
    label: int = 0
    rewrites: Rewrites = Rewrites.NOTHING

    def __str__(self) -> str:
        """Return the connection as ct_dpif_format_entry() prints it."""
        protocol = self.original.protocol
        text = f"{_PROTOCOLS.get(protocol, protocol)}"
        text += f",orig=({self.original}),reply=({self.reply})"
        if self.original.zone:
            text += f",zone={self.original.zone}"
        if self.mark:
            text += f",mark={self.mark}"
        if self.label:
            text += f",labels={self.label:#x}"
        state = str(self.machine)
        return f"{text},protoinfo=({state})" if state else text


_PROTOCOLS: Final = {
    1: "icmp",
    2: "igmp",
    6: "tcp",
    17: "udp",
    33: "dccp",
    58: "icmpv6",
    132: "sctp",
    136: "udplite",
}
