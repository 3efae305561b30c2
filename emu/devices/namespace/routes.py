"""What `ip route` does to the FIB.

Models:          net/ipv4/fib_semantics.c: fib_create_info(), fib_check_nh(); the words of iproute2.
"""

from emu.core.errors import Refused
from emu.devices.namespace.changes import AddRoute, DeleteRoute
from emu.devices.namespace.net import Net
from emu.inet.fib import Route, RouteType, Scope, Table

NOWHERE = (RouteType.BLACKHOLE, RouteType.UNREACHABLE, RouteType.PROHIBIT)
OWN = (RouteType.LOCAL, RouteType.BROADCAST)


class Routes:
    """The routes that people make."""

    def __init__(self, net: Net) -> None:
        self._net = net

    def add(self, change: AddRoute) -> None:
        """Add a route, or replace one."""
        self._check_netdev(change.name)
        netdev = None if change.type in NOWHERE else self._find_netdev(change)
        if change.source is not None and not self._net.is_local(change.source.packed):
            raise Refused("Error: Invalid prefsrc address.")
        route = Route(
            destination=change.destination,
            type=change.type,
            via=None if change.type in NOWHERE else change.via,
            netdev=netdev,
            source=change.source,
            metric=change.metric,
            scope=_scope(change),
            table=Table.LOCAL if change.type in OWN else Table.MAIN,
        )
        if not self._net.fib.insert(route, replace=change.replace):
            raise Refused("RTNETLINK answers: File exists")

    def delete(self, change: DeleteRoute) -> None:
        """Delete the first route that fits what is said of it."""
        self._check_netdev(change.name)

        def is_meant(route: Route) -> bool:
            return (
                route.table is Table.MAIN
                and route.destination == change.destination
                and change.via in (None, route.via)
                and change.name in (None, route.netdev)
                and change.metric in (None, route.metric)
            )

        if not self._net.fib.delete(is_meant):
            raise Refused("RTNETLINK answers: No such process")

    def _check_netdev(self, name: str | None) -> None:
        if name is not None and name not in self._net.netdevs:
            raise Refused(f'Cannot find device "{name}"')

    def _find_netdev(self, change: AddRoute) -> str:
        """Return the netdev that a route leads through: fib_check_nh()."""
        if change.via is not None:
            match = self._net.fib.lookup(change.via.packed, netdev=change.name, scope=Scope.LINK)
            if match is None or match.type not in (RouteType.UNICAST, RouteType.LOCAL):
                raise Refused("Error: Nexthop has invalid gateway.")
            return match.netdev
        if change.name is None:
            raise Refused("RTNETLINK answers: No such device")
        if not self._net.netdevs[change.name].up:
            raise Refused("Error: Device for nexthop is not up.")
        return change.name


def _scope(change: AddRoute) -> Scope:
    """Return how far the destination is, by what leads there: iproute_modify() of iproute2."""
    if change.type is RouteType.LOCAL:
        return Scope.HOST
    if change.type is RouteType.BROADCAST:
        return Scope.LINK
    return Scope.LINK if change.type is RouteType.UNICAST and change.via is None else Scope.UNIVERSE
