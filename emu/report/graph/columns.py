"""How the inside of a machine is divided into columns: one for each bridge, one for what is left.

From left to right the columns follow the NICs, so that lines to them cross nothing: what a NIC is
in itself, then what its VLANs are in. Bridges that no netdev leads to come last.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from emu.net.link import Link, PortRef
from emu.report.graph.topology import Bridging, Guest, Interface, Machine
from emu.report.svg import SMALL, widest, width_of

GAP: Final = 10  # between boxes
SLOT: Final = 16  # for the line of a NIC that is itself in a bridge
SPINE: Final = 12  # from the left of a column to the line along which its guests hang
BRANCH: Final = 14  # from a line to a box
ROW: Final = 22  # of an interface in a guest
INSET: Final = 8  # between a box and its text
TIE_STEP: Final = 6  # between the ends of links of bridges
LINE: Final = 13  # of small text


@dataclass(slots=True)
class Column:
    """A bridge with what leads to it and what hangs on it; or what is in no bridge."""

    bridge: Bridging | None
    tops: list[Interface] = field(default_factory=list)
    guests: list[Guest] = field(default_factory=list)
    outgoing: list[Link] = field(default_factory=list)  # to bridges further right
    x: int = 0
    width: int = 0
    plug_width: int = 0  # of the boxes of plugs, to the left of guests
    guest_width: int = 0

    @property
    def device(self) -> str:
        """The device of the bridge, if there is one."""
        return self.bridge.device if self.bridge else ""

    @property
    def box_width(self) -> int:
        """The width of the bridge."""
        return box_width(bridge_lines(self.bridge), self.bridge.name) if self.bridge else 0

    @property
    def guest_x(self) -> int:
        """Where its guests begin."""
        return self.x + SPINE + BRANCH + self.plug_width + BRANCH * bool(self.plug_width)


def divide(machine: Machine) -> list[Column]:
    """Return the columns of `machine`, with their places and widths."""
    bridges = {bridge.device: bridge for bridge in machine.bridges}
    columns: list[Column] = []
    found: dict[str, Column] = {}
    for netdev in by_parent(machine.interfaces):
        if netdev.master in bridges:
            if netdev.master not in found:
                found[netdev.master] = Column(bridges[netdev.master])
                columns.append(found[netdev.master])
            found[netdev.master].tops.append(netdev)
        elif netdev.parent:
            columns.append(Column(None, [netdev]))
    columns += [Column(bridge) for bridge in machine.bridges if bridge.device not in found]
    _place_guests(machine, columns)
    for link in machine.ties:
        ends = [c for c in columns if c.device in (link.a.device, link.b.device)]
        if len(ends) == 2:
            ends[0].outgoing.append(link)
    x = INSET + 6
    for column in columns:
        column.x = x
        _measure(column)
        x += column.width + 2 * GAP
    return columns


def by_parent(interfaces: tuple[Interface, ...], parent: str | None = None) -> Iterator[Interface]:
    """Yield `interfaces`, each followed by the VLANs on it."""
    names = [netdev.name for netdev in interfaces]
    for netdev in interfaces:
        above = netdev.parent if netdev.parent in names else None
        if above == parent:
            yield netdev
            yield from by_parent(interfaces, netdev.name)


def _place_guests(machine: Machine, columns: list[Column]) -> None:
    """Put each guest into the first column that it is plugged into."""
    loose = Column(None)
    for guest in machine.guests:
        bridges = [plug.bridge for plug in guest.plugs]
        home = next((column for column in columns if column.device in bridges), loose)
        home.guests.append(guest)
    if loose.guests:
        columns.append(loose)


def _measure(column: Column) -> None:
    """Find out how wide the column must be."""
    tops = [pill_width(netdev) if netdev.parent else SLOT for netdev in column.tops]
    own, others = [], [0]
    for guest in column.guests:
        own += [p.port for p in guest.plugs if p.bridge == column.device]
        others += [
            box_width([], plug.port) + 2 * BRANCH
            for plug in guest.plugs
            if plug.bridge != column.device
        ]
    column.plug_width = max([box_width([], port) for port in own], default=0)
    column.guest_width = max([guest_width(guest) for guest in column.guests], default=0)
    hanging = column.guest_x - column.x + column.guest_width + max(others)
    tied = widest([tie_text(k.a, k.b) for k in column.outgoing], SMALL) + 4 * INSET
    tied = SPINE + BRANCH + tied + TIE_STEP * len(column.outgoing) if column.outgoing else 0
    across = sum(tops) + GAP * max(len(tops) - 1, 0)
    column.width = max(across, column.box_width, tied, hanging if column.guests else 0)


def bridge_lines(bridge: Bridging) -> list[str]:
    """Return what stands under the name of a bridge."""
    return [bridge.label or bridge.kind, *bridge.addresses]


def interface_lines(netdev: Interface) -> list[str]:
    """Return what stands under the name of a netdev."""
    vlan = [] if netdev.vid is None else [f"VLAN {netdev.vid}"]
    return [*vlan, *netdev.addresses]


def guest_rows(guest: Guest) -> list[str]:
    """Return a line for each interface of a guest."""
    return [" ".join([netdev.name, *netdev.addresses]) for netdev in guest.interfaces]


def guest_name(guest: Guest) -> str:
    """Return what people on its host call a guest."""
    return guest.name.rpartition("/")[2]


def guest_width(guest: Guest) -> int:
    """Return the width of the box of a guest."""
    return box_width(guest_rows(guest), guest_name(guest))


def guest_height(guest: Guest) -> int:
    """Return the height of the box of a guest."""
    return 26 + ROW * len(guest.interfaces) - (ROW - LINE) // 2


def pill_width(netdev: Interface) -> int:
    """Return the width of the box of a netdev."""
    return box_width(interface_lines(netdev), netdev.name)


def pill_height(netdev: Interface) -> int:
    """Return the height of the box of a netdev."""
    return 20 + LINE * len(interface_lines(netdev))


def box_width(lines: list[str], name: str) -> int:
    """Return the width of a box with a name and small lines under it."""
    return max(width_of(name), widest(lines, SMALL)) + 2 * INSET


def tie_text(left: PortRef, right: PortRef) -> str:
    """Return what stands on a link between bridges: the names of its two ports."""
    return f"{left.port} - {right.port}"
