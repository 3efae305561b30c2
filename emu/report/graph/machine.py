"""The box of a machine: its NICs on top, under them VLANs, bridges, and the guests that hang on it.

      controller            eth1            NICs, in line with the name
                        +-----+-----+
                    eth1.100     eth1.101   what is on them
                        |           |
                    brqa8d1..    brq82fe..  a column for each bridge
                    |            |
                    +- tap - vm1 +- tap - vm3
                    +- tap - vm2

All coordinates count from the box's corner.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from emu.net.link import Link
from emu.report.graph.columns import (
    BRANCH,
    GAP,
    INSET,
    LINE,
    ROW,
    SLOT,
    SPINE,
    TIE_STEP,
    Column,
    bridge_lines,
    divide,
    guest_height,
    guest_name,
    guest_rows,
    interface_lines,
    pill_height,
    pill_width,
    tie_text,
)
from emu.report.graph.topology import (
    Guest,
    Interface,
    Machine,
    Plug,
    Segment,
    render_link,
)
from emu.report.svg import SMALL, Dot, Line, Point, Rect, Shape, Text, width_of

LEVEL: Final = 26  # between one row of boxes and the next
LANE: Final = 6  # between lines that run side by side
TIE: Final = 26  # between links of bridges
HUES: Final = 8  # colours of networks


@dataclass(slots=True)
class Drawn:
    """A box that is drawn."""

    name: str
    width: int = 0
    height: int = 0
    shapes: list[Shape] = field(default_factory=list)
    sockets: dict[str, Point] = field(default_factory=dict)  # where wires reach NICs


def draw_machine(
    machine: Machine, segments: tuple[Segment, ...], labels: Mapping[str, int]
) -> Drawn:
    """Return the box of `machine`; `labels` says how wide the text at each NIC's wire is."""
    return _Drawer(machine, segments).draw(labels)


def hue(segment: int | None) -> str:
    """Return the class of the colour of a network."""
    return "none" if segment is None else f"n{segment % HUES}"


class _Drawer:
    def __init__(self, machine: Machine, segments: tuple[Segment, ...]) -> None:
        self._machine = machine
        self._segments = segments
        self._columns = divide(machine)
        self._hues = {bridge.device: hue(bridge.segment) for bridge in machine.bridges}
        self._depths: dict[str, int] = {}
        for netdev in machine.interfaces:
            self._depths[netdev.name] = self._depth(netdev)
        self._boxes: dict[str, Rect] = {}  # of netdevs, and of bridges by device
        self._drawn = Drawn(machine.name)
        self._bottom = 0

    def draw(self, labels: Mapping[str, int]) -> Drawn:
        """Draw from top to bottom, then the frame around it."""
        self._draw_nics(labels)
        self._draw_vlans()
        self._draw_bridges()
        self._draw_guests()
        drawn = self._drawn
        right = [c.x + c.width for c in self._columns] + [b.x + b.width for b in self._rects()]
        right += [self._drawn.sockets[nic][0] + 6 + wide for nic, wide in labels.items()]
        title = width_of(self._machine.name) + INSET
        drawn.width = max([*right, title]) + INSET + 6
        drawn.height = self._bottom + INSET + 6
        frame = Rect(
            x=0, y=0, width=drawn.width, height=drawn.height, kind="frame host", radius=8,
            title=self._machine.name,
        )  # fmt: skip
        name = Text(x=INSET + 6, y=22, text=self._machine.name, kind="name")
        drawn.shapes = [frame, name, *drawn.shapes]
        return drawn

    def _rects(self) -> list[Rect]:
        return [shape for shape in self._drawn.shapes if isinstance(shape, Rect)]

    def _depth(self, netdev: Interface) -> int:
        """Return how many netdevs this one is on."""
        return self._depths.get(netdev.parent or "", -1) + 1

    # --- netdevs ---------------------------------------------------------------------------------

    def _draw_nics(self, labels: Mapping[str, int]) -> None:
        """Put NICs beside the name, each above what is on it, as far as there is room."""
        left = centre = INSET + 6 + width_of(self._machine.name) + 2 * GAP
        top = 8
        for netdev in self._at_depth(0):
            width = pill_width(netdev)
            wanted = self._wanted(netdev)
            x = max(left, centre - width // 2, wanted - width // 2)
            self._pill(netdev, x, top)
            middle = x + width // 2
            self._drawn.sockets[netdev.name] = (middle, top)
            left, centre = x + width + GAP, middle + 6 + labels.get(netdev.name, 0) + 2 * GAP
            self._bottom = max(self._bottom, top + pill_height(netdev))
        self._bottom = max(self._bottom, 28)

    def _at_depth(self, depth: int) -> list[Interface]:
        netdevs = self._machine.interfaces
        return [netdev for netdev in netdevs if self._depths[netdev.name] == depth]

    def _wanted(self, netdev: Interface) -> int:
        """Return where the middle of a NIC should be: over what leads on from it."""
        names = [netdev.name]
        names += [other.name for other in self._machine.interfaces if other.parent == netdev.name]
        middles = [
            column.x + self._span(column) // 2
            for column in self._columns
            if any(top.name in names for top in column.tops)
        ]
        return (middles[0] + middles[-1]) // 2 if middles else 0

    def _across(self, column: Column) -> int:
        widths = [pill_width(top) if top.parent else SLOT for top in column.tops]
        return sum(widths) + GAP * max(len(widths) - 1, 0)

    def _span(self, column: Column) -> int:
        """Return the width of the bridge of a column, or of what is there instead."""
        return column.width if column.bridge else self._across(column)

    def _draw_vlans(self) -> None:
        """Draw what is on NICs, level by level, and the lines down to it."""
        lanes = self._lanes()
        deepest = max(self._depths.values(), default=0)
        for depth in range(1, deepest + 1):
            top = self._bottom + LEVEL + LANE * len(lanes)
            for column in self._columns:
                for netdev, x in self._slots(column):
                    if self._depths[netdev.name] == depth:
                        self._pill(netdev, x, top)
            self._descend(self._at_depth(depth), lanes)
            bottoms = [top + pill_height(netdev) for netdev in self._at_depth(depth)]
            self._bottom = max([self._bottom, *bottoms])

    def _lanes(self) -> dict[str, int]:
        """Number the lanes of those from which lines lead sideways."""
        parents = [netdev.parent for netdev in self._machine.interfaces if netdev.parent]
        nics = [n.name for n in self._machine.interfaces if n.master and not n.parent]
        pairs = [f"{link.a.port} pair" for link in self._machine.ties]
        names = dict.fromkeys([*parents, *nics, *pairs])
        return {name: number for number, name in enumerate(names)}

    def _slots(self, column: Column) -> list[tuple[Interface, int]]:
        """Return where in `column` each of its netdevs is, or its line comes down."""
        width = self._across(column)
        x = column.x + (self._span(column) - width) // 2
        slots = []
        for top in column.tops:
            slots.append((top, x))
            x += (pill_width(top) if top.parent else SLOT) + GAP
        return slots

    def _descend(self, netdevs: list[Interface], lanes: Mapping[str, int]) -> None:
        """Draw the lines from parents to `netdevs`."""
        for netdev in netdevs:
            if not netdev.parent or netdev.parent not in self._boxes:
                continue
            parent, child = self._boxes[netdev.parent], self._boxes[netdev.name]
            lane = self._lane(netdev.parent, lanes)
            start, end = parent.x + parent.width // 2, child.x + child.width // 2
            points = [(start, parent.y + parent.height), (start, lane), (end, lane)]
            title = f"{netdev.name} is VLAN {netdev.vid} of {netdev.parent}"
            self._line([*points, (end, child.y)], f"line {self._hue(netdev)}", title)

    def _lane(self, name: str, lanes: Mapping[str, int], key: str = "") -> int:
        """Return the height of the lane under the netdev `name`."""
        box = self._boxes[name]
        level = max(
            [
                other.y + other.height
                for netdev, other in self._boxes.items()
                if self._depths.get(netdev) == self._depths[name]
            ]
        )
        return max(box.y + box.height, level) + LEVEL // 2 + LANE * lanes.get(key or name, 0) - 2

    def _pill(self, netdev: Interface, x: int, y: int) -> None:
        title = f"{self._machine.name}/{netdev.name}: {netdev.title}"
        height = pill_height(netdev)
        kind = f"netdev {self._hue(netdev)}"
        box = Rect(x=x, y=y, width=pill_width(netdev), height=height, kind=kind, title=title)
        self._boxes[netdev.name] = box
        self._drawn.shapes.append(box)
        self._write(box, netdev.name, "", interface_lines(netdev))

    def _hue(self, netdev: Interface) -> str:
        return self._hues.get(netdev.master or "", "none")

    # --- bridges ---------------------------------------------------------------------------------

    def _draw_bridges(self) -> None:
        lanes, top = self._lanes(), self._bottom
        if self._machine.bridges:
            top += LEVEL + LANE * len(lanes)
        for column in self._columns:
            if column.bridge is not None:
                self._bridge(column, top)
        for column in self._columns:
            for netdev, x in self._slots(column):
                if netdev.master in self._boxes:
                    self._enslave(netdev, x, lanes)
        self._tie(lanes)

    def _bridge(self, column: Column, top: int) -> None:
        bridge = column.bridge
        if bridge is None:
            return
        lines, kind = bridge_lines(bridge), self._hues[bridge.device]
        segment = None if bridge.segment is None else self._segments[bridge.segment]
        title = f"{bridge.device}: {bridge.kind}"
        if segment:
            title += f" of {segment.name}, {segment.what}"
        height = 22 + LINE * len(lines)
        box = Rect(
            x=column.x, y=top, width=column.width, height=height, kind=f"bridge {kind}",
            title=title,
        )  # fmt: skip
        self._boxes[bridge.device] = box
        self._drawn.shapes.append(box)
        self._write(box, bridge.name, "name", lines)
        self._bottom = max(self._bottom, top + height)

    def _enslave(self, netdev: Interface, x: int, lanes: Mapping[str, int]) -> None:
        """Draw the line from a netdev to the bridge that it is in."""
        box, bridge = self._boxes[netdev.name], self._boxes[netdev.master or ""]
        start = box.x + box.width // 2
        end = min(max(x + SLOT // 2, bridge.x + 4), bridge.x + bridge.width - 4)
        if netdev.parent:
            end = min(max(start, bridge.x + 4), bridge.x + bridge.width - 4)
        lane = self._lane(netdev.name, lanes)
        points = [(start, box.y + box.height), (start, lane), (end, lane), (end, bridge.y)]
        title = f"{self._machine.name}/{netdev.name} is a port of {netdev.master}"
        self._line(points, f"line {self._hue(netdev)}", title)

    def _tie(self, lanes: Mapping[str, int]) -> None:
        """Draw the links between bridges, and between the netdevs of a veth pair."""
        base, number = self._bottom, 0
        for link in self._machine.ties:
            if link.a.device == self._machine.name:
                self._pair(link, self._lane(link.a.port, lanes, f"{link.a.port} pair"))
                continue
            ends = sorted((link.a, link.b), key=lambda end: self._boxes[end.device].x)
            first, second = [self._boxes[end.device] for end in ends]
            text = tie_text(*ends)
            y = base + TIE // 2 + TIE * number
            start, end = [box.x + SPINE + BRANCH + TIE_STEP * number for box in (first, second)]
            points = [(start, first.y + first.height), (start, y), (end, y)]
            self._line([*points, (end, second.y + second.height)], "line none", render_link(link))
            width = width_of(text, SMALL) + 2 * INSET
            box = Rect(
                x=start + INSET, y=y - 9, width=width, height=18, kind="plug none",
                title=render_link(link),
            )  # fmt: skip
            self._drawn.shapes.append(box)
            x, y = box.x + INSET, y + 4
            self._drawn.shapes.append(Text(x=x, y=y, text=text, size=SMALL))
            number += 1
        self._bottom = base + TIE * number

    def _pair(self, link: Link, lane: int) -> None:
        """Draw the link between two netdevs of the machine."""
        ends = [self._boxes[end.port] for end in (link.a, link.b)]
        (x1, y1), (x2, y2) = [(e.x + e.width // 2 + LANE, e.y + e.height) for e in ends]
        points = [(x1, y1), (x1, lane), (x2, lane), (x2, y2)]
        self._line(points, "line none", render_link(link))

    # --- guests ----------------------------------------------------------------------------------

    def _draw_guests(self) -> None:
        """Hang guests on the spines of their bridges; those of several bridges come last."""
        cursor = [self._bottom + 14] * len(self._columns)
        placed: list[tuple[Guest, int, int]] = []
        for index, column in enumerate(self._columns):
            for guest in column.guests:
                bridges = [plug.bridge for plug in guest.plugs]
                last = max([i for i, c in enumerate(self._columns) if c.device in bridges] or [0])
                placed.append((guest, index, max(last, index)))
        for guest, first, last in sorted(placed, key=lambda place: place[2] > place[1]):
            y = max(cursor[first : last + 1])
            cursor[first : last + 1] = [y + guest_height(guest) + GAP] * (last + 1 - first)
            self._guest(guest, self._columns[first], y)
            self._bottom = max(self._bottom, y + guest_height(guest))

    def _guest(self, guest: Guest, column: Column, y: int) -> None:
        kind = "vm" if guest.is_vm else "namespace"
        titles = [f"{netdev.name} {netdev.title}" for netdev in guest.interfaces]
        what = "server" if guest.is_vm else "namespace"
        box = Rect(
            x=column.guest_x, y=y, width=column.guest_width, height=guest_height(guest), kind=kind,
            title="\n".join([f"{guest.name}: {what}", *titles]),
        )  # fmt: skip
        self._drawn.shapes.append(box)
        x, base = box.x + INSET, y + 16
        self._drawn.shapes.append(Text(x=x, y=base, text=guest_name(guest), kind="name"))
        rows: dict[str, int] = {}
        for number, (netdev, text) in enumerate(
            zip(guest.interfaces, guest_rows(guest), strict=True)
        ):
            rows[netdev.name] = y + 28 + ROW * number
            self._drawn.shapes.append(Text(x=x, y=rows[netdev.name] + 3, text=text, size=SMALL))
        for plug in guest.plugs:
            self._plug(plug, column, box, rows[plug.netdev])

    def _plug(self, plug: Plug, column: Column, guest: Rect, y: int) -> None:
        """Draw the way from the spine of a bridge to a guest, at the height `y`."""
        owner = next(c for c in self._columns if c.device == plug.bridge)
        spine, kind = owner.x + SPINE, self._hues[plug.bridge]
        width = width_of(plug.port) + 2 * INSET
        if owner is column:
            left, end = spine + BRANCH, guest.x
        else:
            left, end = guest.x + guest.width + BRANCH, guest.x + guest.width
        bridge = self._boxes[plug.bridge]
        title = render_link(plug.link)
        self._line([(spine, bridge.y + bridge.height), (spine, y), (end, y)], f"line {kind}", title)
        self._drawn.shapes.append(Dot(x=spine, y=y, kind=f"dot {kind}"))
        box = Rect(x=left, y=y - 9, width=width, height=18, kind=f"plug {kind}", title=title)
        self._drawn.shapes.append(box)
        self._drawn.shapes.append(Text(x=left + INSET, y=y + 4, text=plug.port))

    # --- strokes ---------------------------------------------------------------------------------

    def _line(self, points: list[Point], kind: str, title: str) -> None:
        self._drawn.shapes.append(Line(points=tuple(points), kind=kind, title=title))

    def _write(self, box: Rect, name: str, kind: str, lines: list[str]) -> None:
        """Write `name` into `box`, and small `lines` under it, all centred."""
        x, y = box.x + box.width // 2, box.y + 15
        self._drawn.shapes.append(Text(x=x, y=y, text=name, kind=kind, anchor="middle"))
        for number, text in enumerate(lines, 1):
            line = Text(x=x, y=y + LINE * number, text=text, kind="note", size=SMALL,
                        anchor="middle")  # fmt: skip
            self._drawn.shapes.append(line)
