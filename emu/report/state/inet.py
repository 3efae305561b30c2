"""`ip route show` and `ip neigh show`, as iproute2 prints them: ip/iproute.c, ip/ipneigh.c."""

from collections.abc import Iterator, Sequence

from emu.inet.fib import Route, RouteType
from emu.inet.neigh.entry import NeighbourRow
from emu.inet.neigh.states import Nud
from emu.packet.addresses import render_inet, render_mac


def render_routes(rows: Sequence[Route]) -> Iterator[str]:
    """Yield the lines of `ip route show`."""
    yield from map(str, rows)


def describe_routes(rows: Sequence[Route]) -> list[dict[str, object]]:
    """Return what `ip -j route show` prints."""
    return [_describe_route(row) for row in rows]


def _describe_route(row: Route) -> dict[str, object]:
    network = row.destination
    destination = str(network if network.prefixlen < 32 else network.network_address)
    fields: dict[str, object | None] = {
        "type": None if row.type is RouteType.UNICAST else row.type.value,
        "dst": destination if network.prefixlen else "default",
        "gateway": row.via and str(row.via),
        "dev": row.netdev,
        "protocol": "kernel" if row.by_kernel else None,
        "scope": row.scope.name.lower() if row.scope else None,
        "prefsrc": row.source and str(row.source),
        "metric": row.metric or None,
        "flags": [],
    }
    return {name: value for name, value in fields.items() if value is not None}


def known(rows: Sequence[NeighbourRow]) -> list[NeighbourRow]:
    """Return those that `ip neigh show` shows: not those of which nothing is known yet."""
    return [row for row in rows if row.state is not Nud.NONE]


def render_neighbours(rows: Sequence[NeighbourRow]) -> Iterator[str]:
    """Yield the lines of `ip neigh show`."""
    yield from map(str, known(rows))


def describe_neighbours(rows: Sequence[NeighbourRow]) -> list[dict[str, object]]:
    """Return what `ip -j neigh show` prints."""
    return [
        {"dst": render_inet(row.address), "dev": row.netdev}
        | ({"lladdr": render_mac(row.mac)} if row.mac else {})
        | {"state": [row.state.value]}
        for row in known(rows)
    ]
