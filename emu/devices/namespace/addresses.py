"""Addresses of netdevs, and the routes that the kernel makes of them.

Models:          net/ipv4/devinet.c: inet_insert_ifa(), inet_del_ifa(); fib_frontend.c:
                 fib_add_ifaddr(), fib_del_ifaddr(), fib_disable_ip().
Does not model:  peers, lifetimes, labels, promote_secondaries.
"""

from collections import Counter
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Final

from emu.core.errors import Refused
from emu.devices.namespace.net import Net
from emu.devices.namespace.netdev import AddressRow, Netdev
from emu.inet.fib import Route, RouteType, Scope, Table
from emu.packet.addresses import INADDR_ANY, INADDR_BROADCAST

ANY: Final = IPv4Address(INADDR_ANY)
EVERYBODY: Final = IPv4Address(INADDR_BROADCAST)


class _Made:
    """What the addresses of one netdev have made."""

    def __init__(self) -> None:
        self.rows: dict[IPv4Interface, AddressRow] = {}
        self.primary: dict[IPv4Network, AddressRow] = {}  # the others there send from it
        self.routes = Counter[Route]()  # by how many addresses each is called for


class Addresses:
    """What `ip addr` does."""

    def __init__(self, net: Net) -> None:
        self._net = net
        self._made: dict[str, _Made] = {}  # by netdev

    def add(self, netdev: Netdev, interface: IPv4Interface) -> None:
        """Give `netdev` one more address: __inet_insert_ifa()."""
        if interface.ip == ANY:  # no address, and no mistake
            return
        made = self._made.setdefault(netdev.name, _Made())
        if interface in made.rows:
            raise Refused("Error: ipv4: Address already assigned.")
        row = made.rows[interface] = AddressRow(
            interface=interface,
            netdev=netdev.name,
            scope=Scope.HOST if interface.is_loopback else Scope.UNIVERSE,
            secondary=interface.network in made.primary,
        )
        rows, at = netdev.addresses, len(made.rows) if row.secondary else len(made.primary)
        netdev.addresses = (*rows[:at], row, *rows[at:])
        first = made.primary.setdefault(interface.network, row)
        for route in _routes(netdev, row, first):
            made.routes[route] += 1
            if netdev.up or route.destination == IPv4Network(interface.ip):
                self._net.fib.insert(route, append=True)

    def delete(self, netdev: Netdev, interface: IPv4Interface) -> None:
        """Take an address from `netdev`; the secondary ones of its network go with it."""
        made = self._made.get(netdev.name, _Made())
        old = made.rows.get(interface)
        if old is None:
            raise Refused("Error: ipv4: Address not found.")
        gone = [old]
        if not old.secondary:
            others = [row for row in netdev.addresses if row.secondary]
            gone += [row for row in others if row.interface.network == interface.network]
        for row in gone:
            self._withdraw(netdev, made, row)
        if not old.secondary:
            del made.primary[interface.network]
        netdev.addresses = tuple([row for row in netdev.addresses if row not in gone])
        if not netdev.addresses:
            self.sync(netdev)
        for row in gone:
            if not self._net.is_local(row.packed):
                self._net.fib.purge_source(row.packed)

    def sync(self, netdev: Netdev) -> None:
        """Let the routes be those that the netdev's state, which has changed, calls for."""
        if not netdev.addresses:
            self._made.pop(netdev.name, None)
        called_for = self._made[netdev.name].routes if netdev.addresses else ()
        wanted = dict.fromkeys([r for r in called_for if netdev.up or r.type is RouteType.LOCAL])

        def is_stale(route: Route) -> bool:
            if route.netdev != netdev.name or route in wanted:
                return False
            if route.by_kernel or not netdev.addresses:  # without one, IP is off: fib_disable_ip()
                return True
            return not netdev.up and route.type is not RouteType.LOCAL

        self._net.fib.purge(is_stale)
        for route in wanted:
            self._net.fib.insert(route, append=True)

    def _withdraw(self, netdev: Netdev, made: _Made, row: AddressRow) -> None:
        """Take out the routes that only this address called for: fib_del_ifaddr()."""
        del made.rows[row.interface]
        for route in _routes(netdev, row, made.primary[row.interface.network]):
            made.routes[route] -= 1
            if not made.routes[route]:
                del made.routes[route]
                self._net.fib.take(route)


def _routes(netdev: Netdev, row: AddressRow, first: AddressRow) -> Iterator[Route]:
    """Return the routes that an address makes: fib_add_ifaddr().

    Args:
        netdev: which is up; if it is not, only some stand.
        row: the address.
        first: the primary one of its network.
    """
    address, network = row.interface.ip, row.interface.network
    yield Route(
        destination=IPv4Network(address),
        type=RouteType.LOCAL,
        netdev=netdev.name,
        source=first.interface.ip,
        scope=Scope.HOST,
        by_kernel=True,
        table=Table.LOCAL,
    )
    lone = network.prefixlen == 32 or network.network_address == ANY
    if row.secondary or lone or address.is_multicast or address == EVERYBODY:
        return
    yield _connected(netdev, row)
    if network.prefixlen < 31:
        yield Route(
            destination=IPv4Network(network.broadcast_address),
            type=RouteType.BROADCAST,
            netdev=netdev.name,
            source=address,
            scope=Scope.LINK,
            by_kernel=True,
            table=Table.LOCAL,
        )


def _connected(netdev: Netdev, row: AddressRow) -> Route:
    """Return the route to the network of an address; that of lo is all its own."""
    loopback = netdev.is_loopback
    return Route(
        destination=row.interface.network,
        type=RouteType.LOCAL if loopback else RouteType.UNICAST,
        netdev=netdev.name,
        source=row.interface.ip,
        scope=Scope.HOST if loopback else Scope.LINK,
        by_kernel=True,
        table=Table.LOCAL if loopback else Table.MAIN,
    )
