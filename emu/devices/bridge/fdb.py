"""The forwarding database of a bridge (net/bridge/br_fdb.c): behind which port a station is."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum, unique

from emu.core.time import Nanoseconds
from emu.net.ageing import Ageing
from emu.net.effects import Step, Why
from emu.net.link import LOCAL
from emu.packet.addresses import render_mac
from emu.packet.frame import MacAddress


@unique
class FdbState(StrEnum):
    """What a row is, in the words of bridge(8)."""

    PERMANENT = "permanent"  # an address of this host itself: NUD_PERMANENT, BR_FDB_LOCAL
    STATIC = "static"  # put in by hand, does not age: NUD_NOARP
    DYNAMIC = "dynamic"  # learned, or put in by hand to age: NUD_REACHABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class FdbRow:
    """One row of `bridge fdb show`."""

    mac: MacAddress
    port: str
    master: str  # the bridge
    state: FdbState = FdbState.DYNAMIC

    def __str__(self) -> str:
        """Return the row as `bridge fdb show` prints it."""
        netdev = self.master if self.port == LOCAL else self.port
        state = "" if self.state is FdbState.DYNAMIC else f" {self.state}"
        return f"{render_mac(self.mac)} dev {netdev} master {self.master}{state}"


class Fdb:
    """The rows, newest last, and the ageing of those that are dynamic."""

    def __init__(self, master: str, ageing: Nanoseconds) -> None:
        self._master = master
        self._ageing = Ageing[MacAddress](ageing)
        self._rows: dict[MacAddress, FdbRow] = {}
        self._why: dict[MacAddress, Why] = {}  # the step of each row, which recurs with it

    def rows(self) -> tuple[FdbRow, ...]:
        """Return the rows, the newest first: fdb_create() puts it at the head of the list."""
        return tuple(reversed(self._rows.values()))

    def get(self, mac: MacAddress) -> FdbRow | None:
        """Return the row of `mac`: br_fdb_find_rcu()."""
        return self._rows.get(mac)

    def why(self, row: FdbRow) -> Why:
        """Return the step that says that `row` answered."""
        return self._why[row.mac]

    def learn(self, now: Nanoseconds, mac: MacAddress, port: str) -> None:
        """Note that `mac` was heard on `port`: br_fdb_update().

        A static row moves with its station too, but one for an address of this host stays.
        """
        if not self._ageing.time:  # such a bridge floods for ever: Neutron's qbr
            return
        row = self._rows.get(mac)
        if row is None:
            row = self._put(FdbRow(mac=mac, port=port, master=self._master))
        elif row.port != port:
            if row.state is FdbState.PERMANENT:
                return
            row = self._put(replace(row, port=port))
        if row.state is FdbState.DYNAMIC:
            self._ageing.hear(now, mac)

    def append(self, now: Nanoseconds, mac: MacAddress, port: str, state: FdbState) -> None:
        """Put in a row by hand, or change the one that is there: fdb_add_entry()."""
        row = FdbRow(mac=mac, port=port, master=self._master, state=state)
        if self._rows.get(mac) == row:
            return
        self._put(row)
        if state is FdbState.DYNAMIC:
            self._ageing.hear(now, mac)
        else:
            self._ageing.forget([mac])

    def add_local(self, mac: MacAddress, port: str) -> None:
        """Put in the address of `port`, unless another port has it too: fdb_add_local()."""
        row = self._rows.get(mac)
        if row is None or row.state is not FdbState.PERMANENT:
            self.delete([mac] if row else [])
            self.append(Nanoseconds(0), mac, port, FdbState.PERMANENT)

    def delete(self, macs: Iterable[MacAddress]) -> None:
        """Take out the rows of `macs`."""
        for mac in list(macs):
            del self._rows[mac], self._why[mac]
            self._ageing.forget([mac])

    def flush(self, port: str | None = None) -> None:
        """Take out the dynamic rows, or those of `port`: br_fdb_flush()."""
        self.delete(mac for mac in self._ageing if port in (None, self._rows[mac].port))

    def set_ageing(self, now: Nanoseconds, ageing: Nanoseconds) -> None:
        """Let rows age after another time, from when their stations were last heard."""
        self._ageing.time = ageing
        self.expire(now)

    def next_deadline(self) -> Nanoseconds | None:
        """Return when the station that was silent longest is forgotten."""
        return self._ageing.next_deadline()

    def expire(self, now: Nanoseconds) -> None:
        """Take out the rows whose stations were silent for too long: br_fdb_cleanup()."""
        self.delete(self._ageing.due(now))

    def _put(self, row: FdbRow) -> FdbRow:
        self._rows[row.mac] = row
        self._why[row.mac] = (Step("fdb", row),)
        return row
