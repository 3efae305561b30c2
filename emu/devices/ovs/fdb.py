"""What a bridge has learned of addresses: lib/mac-learning.c."""

from dataclasses import dataclass
from typing import Final, final

from emu.core.time import Nanoseconds, seconds
from emu.openflow.ports import OFPP_LOCAL

AGEING_TIME: Final = seconds(300)  # MAC_ENTRY_DEFAULT_IDLE_TIME
MOST_ROWS: Final = 8192  # MAC_DEFAULT_MAX
_GROUP_BIT: Final = 1 << 40


@final
@dataclass(frozen=True, slots=True)
class Row:
    """One address in one VLAN."""

    vlan: int
    mac: int
    port: int  # number
    seen: Nanoseconds

    def __str__(self) -> str:
        """Return the row as `ovs-appctl fdb/show` prints it, but for the age."""
        port = "LOCAL" if self.port == OFPP_LOCAL else str(self.port)
        return f"{port:>5}  {self.vlan:4}  {self.mac.to_bytes(6, 'big').hex(':')}"


@final
class Fdb:
    """The table; the row that was refreshed longest ago is first."""

    def __init__(self) -> None:
        self.ageing = AGEING_TIME
        self.most = MOST_ROWS
        self._rows: dict[tuple[int, int], Row] = {}

    def rows(self) -> tuple[Row, ...]:
        """Return all rows, in the order in which they were refreshed."""
        return tuple(self._rows.values())

    def find(self, vlan: int, mac: int) -> Row | None:
        """Return the row of an address."""
        return self._rows.get((vlan, mac))

    def learn(self, now: Nanoseconds, vlan: int, mac: int, port: int) -> Row | None:
        """Note where an address is; return its row if that is news."""
        if mac & _GROUP_BIT:
            return None
        before = self._rows.pop((vlan, mac), None)
        if before is None and len(self._rows) >= self.most:
            self._evict()
        row = self._rows[vlan, mac] = Row(vlan, mac, port, now)
        return None if before is not None and before.port == port else row

    def flush(self, port: int | None = None) -> None:
        """Forget what was learned from a port, or from all."""
        self._rows = {
            key: row for key, row in self._rows.items() if port is not None and row.port != port
        }

    def next_deadline(self) -> Nanoseconds | None:
        """Return when a row goes."""
        for row in self._rows.values():
            return Nanoseconds(row.seen + self.ageing)
        return None

    def expire(self, now: Nanoseconds) -> None:
        """Forget the rows whose time is over, and those that are too many."""
        for key, row in tuple(self._rows.items()):
            if now < row.seen + self.ageing and len(self._rows) <= self.most:
                break
            del self._rows[key]

    def _evict(self) -> None:
        """Forget the oldest row of the port that has the most: evict_mac_entry_fairly()."""
        counts: dict[int, int] = {}
        for row in self._rows.values():
            counts[row.port] = counts.get(row.port, 0) + 1
        busiest = max(counts, key=counts.__getitem__)
        for key, row in self._rows.items():
            if row.port == busiest:
                del self._rows[key]
                return
