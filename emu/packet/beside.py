"""What travels beside a frame between devices of one machine, and is on no wire.

Linux has it in struct sk_buff; between bridges that a patch port joins, Open vSwitch has it in the
translation, which is one for all of them.
"""

from dataclasses import dataclass, field
from typing import final


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Outer:
    """The header of a tunnel around the frame: struct ip_tunnel_info. Addresses are numbers."""

    id: int = 0  # VNI, or GRE's key
    has_id: bool = True
    src: int = 0
    dst: int = 0
    version: int = 4  # of IP
    tos: int = 0
    ttl: int = 0
    flags: int = 0
    gbp_id: int = 0
    gbp_flags: int = 0


@final
@dataclass(slots=True)
class Spent:
    """How much of what is limited was used; shared by all copies of a packet."""

    count: int = 0


@final
@dataclass(frozen=True, slots=True)
class Journey:
    """How far a packet has come from bridge to bridge."""

    depth: int = 0  # of resubmits
    spent: Spent = field(default_factory=Spent)  # resubmits
    key: int | None = None  # what the bridge before took the packet for; None: there was none
    was_mpls: bool = False  # a label came off, and nobody has looked at what is behind


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What travels beside a frame."""

    mark: int = 0  # skb->mark
    priority: int = 0  # skb->priority
    outer: Outer | None = None
    journey: Journey | None = None
    tracked: object = None  # what connection tracking says: skb->_nfct
