"""The connections that are known, and how they are found."""

from heapq import heappop, heappush
from typing import final

from emu.conntrack.connection import Connection
from emu.conntrack.tuples import Tuple
from emu.core.time import Nanoseconds


@final
class Connections:
    """All connections of one machine, in all zones."""

    def __init__(self) -> None:
        self._index: dict[Tuple, list[tuple[Connection, bool]]] = {}  # and if it is the reply
        self._all: dict[Connection, None] = {}
        self._expiry: list[tuple[Nanoseconds, int, Connection]] = []  # may be early, never late
        self._serial = 0

    def alive(self, now: Nanoseconds) -> tuple[Connection, ...]:
        """Return those that there are, in the order in which they began."""
        return tuple([connection for connection in self._all if now < connection.due])

    def find(self, key: Tuple, now: Nanoseconds) -> tuple[Connection, bool] | None:
        """Return the connection of a packet, and whether the packet is its reply."""
        for connection, is_reply in reversed(self._index.get(key, ())):
            if now < connection.due:
                return connection, is_reply
        return None

    def insert(self, connection: Connection) -> None:
        """Make a connection known."""
        self._all[connection] = None
        self._index.setdefault(connection.reply, []).append((connection, True))
        self._index.setdefault(connection.original, []).append((connection, False))
        self._watch(connection)

    def refresh(self, connection: Connection, due: Nanoseconds) -> None:
        """Let the connection live until then."""
        is_sooner = due < connection.due
        connection.due = due
        if is_sooner:
            self._watch(connection)

    def remove(self, connection: Connection) -> None:
        """Forget a connection, if it is known."""
        if connection not in self._all:
            return
        del self._all[connection]
        for key in (connection.original, connection.reply):
            rest = [entry for entry in self._index[key] if entry[0] is not connection]
            if rest:
                self._index[key] = rest
            else:
                del self._index[key]

    def flush(self, zone: int | None = None) -> None:
        """Forget all connections of a zone, or of all."""
        for connection in tuple(self._all):
            if zone in (None, connection.original.zone):
                self.remove(connection)

    def next_deadline(self) -> Nanoseconds | None:
        """Return when a connection may expire; it may be early, never late."""
        return self._expiry[0][0] if self._expiry else None

    def expire(self, now: Nanoseconds) -> None:
        """Forget the connections whose time is over."""
        while self._expiry and self._expiry[0][0] <= now:
            connection = heappop(self._expiry)[2]
            if connection in self._all:
                if connection.due <= now:
                    self.remove(connection)
                else:
                    self._watch(connection)

    def _watch(self, connection: Connection) -> None:
        self._serial += 1
        heappush(self._expiry, (connection.due, self._serial, connection))
