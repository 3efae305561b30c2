"""Connections of protocols that say little: conntrack-other.c and conntrack-icmp.c."""

from typing import Final, final

from emu.conntrack.policy import Machine, Update
from emu.packet.editing import Octets

FIRST: Final = "FIRST"
MULTIPLE: Final = "MULTIPLE"
BOTH_WAYS: Final = "BIDIR"
ICMP_FIRST: Final = "ICMP_FIRST"
ICMP_REPLY: Final = "ICMP_REPLY"

_QUERIES: Final = (8, 13, 15)  # echo, timestamp, information (RFC 792)
_ECHO_REQUEST_V6: Final = 128


@final
class _Datagrams:
    __slots__ = ("phase",)

    def __init__(self) -> None:
        self.phase = FIRST

    def update(self, _packet: Octets, *, is_reply: bool) -> tuple[Update, bool]:
        if is_reply:
            self.phase = BOTH_WAYS
        elif self.phase == FIRST:
            self.phase = MULTIPLE
        return (Update.ESTABLISHED if self.phase == BOTH_WAYS else Update.NEW), True

    def __str__(self) -> str:
        return ""


@final
class Datagrams:
    """UDP, and whatever has no machine of its own."""

    def may_begin(self, _packet: Octets) -> bool:
        """Whether a connection may begin with the packet: always."""
        return True

    def begin(self, _packet: Octets) -> Machine:
        """Begin one."""
        return _Datagrams()


@final
class _Query:
    __slots__ = ("phase",)

    def __init__(self) -> None:
        self.phase = ICMP_FIRST

    def update(self, _packet: Octets, *, is_reply: bool) -> tuple[Update, bool]:
        if is_reply:
            self.phase = ICMP_REPLY
        elif self.phase == ICMP_FIRST:
            return Update.NEW, True
        return Update.ESTABLISHED, True

    def __str__(self) -> str:
        return ""


@final
class Queries:
    """ICMP: a query, and what answers it."""

    def __init__(self, *kinds: int) -> None:
        self._kinds = kinds

    def may_begin(self, packet: Octets) -> bool:
        """Whether the packet is a query."""
        return packet.u8(packet.l4) in self._kinds

    def begin(self, _packet: Octets) -> Machine:
        """Begin a connection."""
        return _Query()


ICMP_QUERIES: Final = Queries(*_QUERIES)
ICMPV6_QUERIES: Final = Queries(_ECHO_REQUEST_V6)
