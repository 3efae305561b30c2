"""The forwarding information base: which way packets go, and which addresses are ours.

Models:          net/ipv4/fib_trie.c and fib_semantics.c: tables local and main, in this order,
                 longest prefix, then metric; rows as `ip route show` prints them.
Does not model:  rules, other tables, TOS, multipath, nexthop objects, metrics such as mtu.
Read first:      fib_table_lookup() and fib_table_insert() in fib_trie.c.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum, unique
from ipaddress import IPv4Address, IPv4Network
from typing import NamedTuple

from emu.net.effects import Step, Why


@unique
class RouteType(StrEnum):
    """What a route does with a packet: rtnetlink(7)."""

    UNICAST = "unicast"
    LOCAL = "local"
    BROADCAST = "broadcast"
    BLACKHOLE = "blackhole"
    UNREACHABLE = "unreachable"
    PROHIBIT = "prohibit"


@unique
class Scope(IntEnum):
    """How far a destination is, the farther the smaller: enum rt_scope_t."""

    UNIVERSE = 0  # printed by no name
    LINK = 253
    HOST = 254


@unique
class Table(StrEnum):
    """The tables that every packet is looked up in, in this order."""

    LOCAL = "local"
    MAIN = "main"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One row of `ip route show`."""

    destination: IPv4Network
    type: RouteType = RouteType.UNICAST
    via: IPv4Address | None = None
    netdev: str | None = None
    source: IPv4Address | None = None  # which address the host itself sends from
    metric: int = 0
    scope: Scope = Scope.UNIVERSE
    by_kernel: bool = False  # `proto kernel`: made with an address, not by a command
    table: Table = Table.MAIN

    def __str__(self) -> str:
        """Return the row as `ip route show` prints it."""
        words = [] if self.type is RouteType.UNICAST else [str(self.type)]
        destination = self.destination
        if destination.prefixlen == 32:
            words.append(str(destination.network_address))
        else:
            words.append(str(destination) if destination.prefixlen else "default")
        words += ["via", str(self.via)] if self.via else []
        words += ["dev", self.netdev] if self.netdev else []
        words += ["proto", "kernel"] if self.by_kernel else []
        words += ["scope", self.scope.name.lower()] if self.scope else []
        words += ["src", str(self.source)] if self.source else []
        words += ["metric", str(self.metric)] if self.metric else []
        return " ".join(words)


class Match(NamedTuple):
    """A route that was found, in the form in which packets need it."""

    route: Route
    type: RouteType
    netdev: str  # empty if the route leads nowhere
    via: bytes | None
    source: bytes | None
    why: Why  # the step that found it


class Fib:
    """The tables local and main of a network namespace."""

    def __init__(self) -> None:
        self._prefixes: dict[Table, dict[int, dict[int, list[Match]]]] = {t: {} for t in Table}

    def lookup(
        self, address: bytes, *, netdev: str | None = None, scope: Scope = Scope.UNIVERSE
    ) -> Match | None:
        """Return the best route: fib_lookup(), fib_table_lookup().

        Args:
            address: 4 octets.
            netdev: only routes through it count.
            scope: only routes to destinations as near count.
        """
        number = int.from_bytes(address, "big")
        for lengths in self._prefixes.values():
            for length, prefixes in lengths.items():
                for match in prefixes.get(number >> 32 - length, ()):
                    if netdev in (None, match.netdev) and match.route.scope >= scope:
                        return match
        return None

    def type_of(self, address: bytes, *, netdev: str | None = None) -> RouteType:
        """Return what `address` is to this host: inet_addr_type_dev_table(), table local only."""
        number = int.from_bytes(address, "big")
        for length, prefixes in self._prefixes[Table.LOCAL].items():
            for match in prefixes.get(number >> 32 - length, ()):
                if netdev in (None, match.netdev):
                    return match.type
        return RouteType.UNICAST

    def insert(self, route: Route, *, append: bool = False, replace: bool = False) -> bool:
        """Put `route` in: fib_table_insert(). Return False if that place is taken.

        Args:
            route: the row.
            append: put it behind others with its destination and metric, unless it is there.
            replace: put it in the place of the first such row.
        """
        rows = self._place(route)
        same = [i for i, row in enumerate(rows) if row.route.metric == route.metric]
        if same and not (append or replace):
            return False
        if append and any(rows[i].route == route for i in same):
            return False
        if same and replace:
            rows[same[0]] = _match(route)
        else:
            behind = [i for i, row in enumerate(rows) if row.route.metric > route.metric]
            rows.insert(behind[0] if behind else len(rows), _match(route))
        return True

    def delete(self, wanted: Callable[[Route], bool]) -> bool:
        """Take out the first row that is wanted; return whether there was one."""
        for route in self._all():
            if wanted(route):
                self.take(route)
                return True
        return False

    def purge(self, wanted: Callable[[Route], bool]) -> None:
        """Take out every row that is wanted."""
        for route in [route for route in self._all() if wanted(route)]:
            self.take(route)

    def purge_source(self, source: bytes) -> None:
        """Take out every row that sends from `source`: fib_sync_down_addr()."""
        for match in [match for match in self._matches() if match.source == source]:
            self.take(match.route)

    def take(self, route: Route) -> None:
        """Take `route` out, if it is there."""
        rows = self._place(route)
        rows[:] = [row for row in rows if row.route != route]

    def rows(self, table: Table = Table.MAIN) -> tuple[Route, ...]:
        """Return a table as `ip route show` orders it: by prefix, the longer first, by metric."""
        rows = [route for route in self._all() if route.table is table]
        return tuple(sorted(rows, key=lambda route: _order(route.destination)))

    def _all(self) -> Iterable[Route]:
        return [match.route for match in self._matches()]

    def _matches(self) -> Iterable[Match]:
        for lengths in self._prefixes.values():
            for prefixes in lengths.values():
                for rows in prefixes.values():
                    yield from rows

    def _place(self, route: Route) -> list[Match]:
        """Return the rows with the destination of `route`, which is there from now on."""
        lengths = self._prefixes[route.table]
        length = route.destination.prefixlen
        if length not in lengths:
            lengths[length] = {}
            self._prefixes[route.table] = dict(sorted(lengths.items(), reverse=True))
        prefixes = self._prefixes[route.table][length]
        return prefixes.setdefault(int(route.destination.network_address) >> 32 - length, [])


def _match(route: Route) -> Match:
    via = route.via.packed if route.via else None
    source = route.source.packed if route.source else None
    return Match(route, route.type, route.netdev or "", via, source, (Step("fib", route),))


def _order(network: IPv4Network) -> tuple[int, int]:
    return int(network.network_address), -network.prefixlen
