"""Addresses of netdevs, and the routes that the kernel makes of them.

Models:          net/ipv4/devinet.c: inet_insert_ifa(), inet_del_ifa(); fib_frontend.c:
                 fib_add_ifaddr(), fib_del_ifaddr(), fib_disable_ip().
Does not model:  peers, lifetimes, labels, promote_secondaries.
"""

from collections.abc import Iterator
from ipaddress import IPv4Interface, IPv4Network

from emu.core.errors import Refused
from emu.devices.namespace.net import Net
from emu.devices.namespace.netdev import AddressRow, Netdev
from emu.inet.fib import Route, RouteType, Scope, Table


class Addresses:
    """What `ip addr` does."""

    def __init__(self, net: Net) -> None:
        self._net = net

    def add(self, netdev: Netdev, interface: IPv4Interface) -> None:
        """Give `netdev` one more address."""
        rows = netdev.addresses
        if any(row.interface == interface for row in rows):
            raise Refused("Error: ipv4: Address already assigned.")
        new = AddressRow(
            interface=interface,
            netdev=netdev.name,
            scope=Scope.HOST if interface.is_loopback else Scope.UNIVERSE,
            secondary=any(_are_alike(row.interface, interface) for row in rows),
        )
        primary = [row for row in rows if not row.secondary]
        secondary = [row for row in rows if row.secondary]
        (secondary if new.secondary else primary).append(new)
        netdev.addresses = (*primary, *secondary)
        self.sync(netdev)

    def delete(self, netdev: Netdev, interface: IPv4Interface) -> None:
        """Take an address from `netdev`; the secondary ones of its network go with it."""
        old = next((row for row in netdev.addresses if row.interface == interface), None)
        if old is None:
            raise Refused("Error: ipv4: Address not found.")
        gone = [
            row
            for row in netdev.addresses
            if row is old
            or (not old.secondary and row.secondary and _are_alike(row.interface, interface))
        ]
        netdev.addresses = tuple([row for row in netdev.addresses if row not in gone])
        self.sync(netdev)
        lost = [row.interface.ip for row in gone if not self._net.is_local(row.packed)]
        self._net.fib.purge(lambda route: route.source in lost)  # fib_sync_down_addr()

    def sync(self, netdev: Netdev) -> None:
        """Let the routes be those that the netdev's addresses and state call for."""
        wanted = list(self._routes(netdev))

        def is_stale(route: Route) -> bool:
            if route.netdev != netdev.name or route in wanted:
                return False
            if route.by_kernel or not netdev.addresses:  # without one, IP is off: fib_disable_ip()
                return True
            return not netdev.up and route.type is not RouteType.LOCAL

        self._net.fib.purge(is_stale)
        for route in wanted:
            self._net.fib.insert(route, append=True)

    def _routes(self, netdev: Netdev) -> Iterator[Route]:
        """Return the routes that the addresses of `netdev` make: fib_add_ifaddr()."""
        for row in netdev.addresses:
            alike = [one for one in netdev.addresses if _are_alike(one.interface, row.interface)]
            source = alike[0].interface.ip  # the primary one of that network
            network = row.interface.network
            yield Route(
                destination=IPv4Network(row.interface.ip),
                type=RouteType.LOCAL,
                netdev=netdev.name,
                source=source,
                scope=Scope.HOST,
                by_kernel=True,
                table=Table.LOCAL,
            )
            if not row.secondary and network.prefixlen < 32 and (netdev.up or netdev.is_loopback):
                yield _connected(netdev, row)
            if netdev.up and network.prefixlen < 31:
                yield Route(
                    destination=IPv4Network(network.broadcast_address),
                    type=RouteType.BROADCAST,
                    netdev=netdev.name,
                    source=source,
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


def _are_alike(a: IPv4Interface, b: IPv4Interface) -> bool:
    """Whether two addresses are of one network, as large in both."""
    return a.network == b.network
