"""What `emu show` can show, and where: each view asks some places of the world for their rows."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Final

from emu.core.errors import EmuError
from emu.devices.bridge import Bridge, FdbRow
from emu.devices.namespace import Namespace
from emu.devices.switch import Switch
from emu.host import LinuxHost
from emu.host.rows import LinkRow, Links
from emu.host.wiring import HostState
from emu.net.link import LOCAL
from emu.report.state import bridges, inet, links
from emu.report.state.bridges import BridgeRow
from emu.sim import Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What is shown of one place: a host, a namespace, a switch."""

    place: str
    lines: tuple[str, ...]
    rows: list[dict[str, object]]  # as the tool's own JSON has them


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Something that can be shown."""

    name: str
    command: str  # of the real tool
    show: Callable[[Network, str], Iterator[Shown]]  # at the places that a pattern means


def find_view(word: str) -> View:
    """Return the view of that name; `EmuError` names those that there are."""
    if (view := VIEWS.get(ALIASES.get(word, word))) is not None:
        return view
    near = get_close_matches(word, [*VIEWS, *ALIASES], 1)
    fix = f'did you mean "{near[0]}"?' if near else f"there are: {', '.join(VIEWS)}"
    raise EmuError(f'"{word}" is nothing that can be shown\n    {fix}')


def show(network: Network, view: View, on: str = "*") -> list[Shown]:
    """Return what `view` shows at the places that `on` means, which may have wildcards.

    Raises:
        EmuError: there is no such place.
    """
    shown = list(view.show(network, on))
    places = [place.place for place in view.show(network, "*")]
    if shown or not places:
        return shown
    near = get_close_matches(on, places, 1)
    fix = f'did you mean "{near[0]}"?' if near else f"there are: {', '.join(places)}"
    what = f'"{on}" is nothing on which "{view.command}" shows anything'
    raise EmuError(f"{what}\n    {fix}")


# --- places --------------------------------------------------------------------------------------


def _namespaces(network: Network, on: str) -> Iterator[Namespace]:
    for device in network.devices:
        if isinstance(device, Namespace) and fnmatchcase(device.name, on):
            yield device


def _bridges(network: Network, on: str) -> Iterator[tuple[str, list[Bridge]]]:
    """Yield hosts with their bridges, or those of their bridges that `on` means."""
    hosts: dict[str, list[Bridge]] = {}
    for device in network.devices:
        host = device.name.partition("/")[0]
        if isinstance(device, Bridge) and (fnmatchcase(host, on) or fnmatchcase(device.name, on)):
            hosts.setdefault(host, []).append(device)
    yield from hosts.items()


def _links(network: Network, root: Namespace) -> tuple[LinkRow, ...]:
    for host in network.hosts:
        if isinstance(host, LinuxHost) and host.name == root.name:
            return host.links(network)
    return Links(root, HostState(name=root.name)).rows()


# --- views ---------------------------------------------------------------------------------------


def _show_links(network: Network, on: str) -> Iterator[Shown]:
    for namespace in _namespaces(network, on):
        rows = _links(network, namespace)
        yield _shown(namespace.name, links.render_links(rows), links.describe_links(rows))


def _show_addresses(network: Network, on: str) -> Iterator[Shown]:
    for namespace in _namespaces(network, on):
        rows, addresses = _links(network, namespace), namespace.addresses()
        lines = links.render_addresses(rows, addresses)
        yield _shown(namespace.name, lines, links.describe_addresses(rows, addresses))


def _show_routes(network: Network, on: str) -> Iterator[Shown]:
    for namespace in _namespaces(network, on):
        rows = namespace.routes()
        yield _shown(namespace.name, inet.render_routes(rows), inet.describe_routes(rows))


def _show_neighbours(network: Network, on: str) -> Iterator[Shown]:
    for namespace in _namespaces(network, on):
        rows = namespace.neighbours()
        yield _shown(namespace.name, inet.render_neighbours(rows), inet.describe_neighbours(rows))


def _show_bridges(network: Network, on: str) -> Iterator[Shown]:
    for host, devices in _bridges(network, on):
        rows = [
            BridgeRow(name=bridge.name.rpartition("/")[2], mac=bridge.mac, ports=bridge.ports)
            for bridge in devices
        ]
        yield _shown(host, bridges.render_bridges(rows), bridges.describe_bridges(rows))


def _show_fdb(network: Network, on: str) -> Iterator[Shown]:
    for host, devices in _bridges(network, on):
        rows = _by_netdev(network, host, [row for bridge in devices for row in bridge.rows()])
        yield _shown(host, bridges.render_fdb(rows), bridges.describe_fdb(rows))


def _by_netdev(network: Network, host: str, rows: Sequence[FdbRow]) -> list[FdbRow]:
    """Return `rows` in the order of their netdevs, in which rtnl_fdb_dump() asks them."""
    place = {
        link.name: link.index
        for root in _namespaces(network, host)
        for link in _links(network, root)
    }  # empty for a bridge without a host around it
    return sorted(rows, key=lambda row: place.get(row.master if row.port == LOCAL else row.port, 0))


def _show_macs(network: Network, on: str) -> Iterator[Shown]:
    for device in network.devices:
        if isinstance(device, Switch) and fnmatchcase(device.name, on):
            rows = device.rows()
            yield _shown(device.name, bridges.render_macs(rows), bridges.describe_macs(rows))


def _shown(place: str, lines: Iterable[str], rows: list[dict[str, object]]) -> Shown:
    return Shown(place=place, lines=tuple(lines), rows=rows)


VIEWS: Final = {
    view.name: view
    for view in (
        View(name="bridge", command="brctl show", show=_show_bridges),
        View(name="fdb", command="bridge fdb show", show=_show_fdb),
        View(name="neigh", command="ip neigh show", show=_show_neighbours),
        View(name="links", command="ip link show", show=_show_links),
        View(name="addr", command="ip addr show", show=_show_addresses),
        View(name="routes", command="ip route show", show=_show_routes),
        View(name="macs", command="show mac address-table", show=_show_macs),
    )
}
ALIASES: Final = {
    "bridges": "bridge",
    "neighbours": "neigh",
    "link": "links",
    "interfaces": "addr",
    "addresses": "addr",
    "route": "routes",
    "switch": "macs",
}
