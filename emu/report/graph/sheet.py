"""The whole picture: the cores at one level, the machines below in a grid, wires in the gutters.

Each core has a lane of its own in the gutter above each row of machines that it leads to, and its
wires come down from there; so has each wire from machine to machine. What goes on to further rows
does so at the left margin.

              +---------+
              | physnet1|                    cores
              +----+----+
     +-------------+-----------+             the lane of physnet1 in the first gutter
     |     +-------+           |
     |   +-+-eth1-+        +-eth1-+
     |   |  host1 |        | host2|
     |   +--------+        +------+
     +-----+-------------------+             ... in the second
         +-+-eth1-+
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from emu.report.graph.machine import HUES, Drawn, draw_machine
from emu.report.graph.style import SHADES, STYLE
from emu.report.graph.topology import Cable, Core, Topology, render_link
from emu.report.svg import (
    LARGE,
    SMALL,
    Dot,
    Line,
    Point,
    Rect,
    Shape,
    Text,
    moved,
    render_drawing,
    width_of,
)

MARGIN: Final = 24
BETWEEN: Final = 28  # machines in a row
LANE: Final = 10  # between lanes
LABELS: Final = 32  # above a machine, for what stands at its wires
CORE: Final = 44  # the height of a core
SHAPE: Final = 1.6  # width by height, which a picture should have
ONE_ROW: Final = 1300  # what is not wider stays in one row


@dataclass(slots=True)
class _Group:
    """Wires that are drawn as one bundle: those of a core, or one by itself."""

    core: Core | None
    shade: int = 0  # of its wires
    drops: list[tuple[str, str, Cable, str]] = field(default_factory=list)  # machine, NIC
    lanes: list[Point] = field(default_factory=list)  # where each begins


@dataclass(slots=True)
class _Placed:
    """A machine at its place."""

    drawn: Drawn
    x: int
    row: int
    y: int = 0

    def socket(self, nic: str) -> Point:
        """Return where the wire of a NIC arrives."""
        x, y = self.drawn.sockets[nic]
        return self.x + x, self.y + y


def render_svg(topology: Topology) -> str:
    """Return the picture as SVG."""
    return _Sheet(topology).render()


class _Sheet:
    def __init__(self, topology: Topology) -> None:
        self._topology = topology
        self._shapes: list[Shape] = []
        self._groups = self._bundle()
        machines = [
            draw_machine(machine, topology.segments, self._label_widths(machine.name))
            for machine in topology.machines
        ]
        self._columns = _columns(machines)
        self._placed = self._place(machines)
        self._cores: dict[str, Rect] = {}
        self._trunks = [group for group in self._groups if self._rows(group)[1:]]
        self._wide = 0

    def render(self) -> str:
        """Draw all, from top to bottom."""
        y = self._draw_cores(self._draw_heading())
        for row in range(max([placed.row for placed in self._placed.values()], default=-1) + 1):
            y = self._draw_row(row, y)
        self._draw_trunks()
        right = [placed.x + placed.drawn.width for placed in self._placed.values()]
        right += [core.x + core.width for core in self._cores.values()]
        width = max([*right, self._wide]) + MARGIN
        name = f"The topology of {self._topology.name}" if self._topology.name else "A topology"
        return render_drawing(self._shapes, width=width, height=y, title=name, style=STYLE)

    # --- what goes where -------------------------------------------------------------------------

    def _bundle(self) -> list[_Group]:
        """Return the wires by core; those between machines one by one."""
        groups = {core.name: _Group(core) for core in self._topology.cores}
        single: list[_Group] = []
        for cable in self._topology.cables:
            link = cable.link
            ends = [(link.a, link.b, cable.notes[1]), (link.b, link.a, cable.notes[0])]
            cores = [groups[end.device] for end in (link.a, link.b) if end.device in groups]
            if len(cores) == 2:
                continue
            group = cores[0] if cores else _Group(None)
            if not cores:
                single.append(group)
            for mine, other, note in ends:
                if mine.device not in groups:
                    port = other.port if cores else str(other)
                    label = f"{port}\n{note}" if note else port
                    group.drops.append((mine.device, mine.port, cable, label))
        bundles = [*groups.values(), *single]
        for number, group in enumerate(bundles):
            group.shade = number % SHADES
        return bundles

    def _label_widths(self, machine: str) -> dict[str, int]:
        """Return how wide the text is that stands at the wire of each NIC."""
        return {
            nic: max([width_of(line, SMALL) for line in label.split("\n")])
            for group in self._groups
            for name, nic, _, label in group.drops
            if name == machine
        }

    def _place(self, machines: Sequence[Drawn]) -> dict[str, _Placed]:
        columns = self._columns
        widths = _column_widths(machines, columns)
        margin = MARGIN + LANE * len(self._groups) * (len(machines) > columns)
        starts = [margin + sum(widths[:c]) + BETWEEN * c for c in range(columns)]
        return {
            drawn.name: _Placed(drawn, starts[index % columns], index // columns)
            for index, drawn in enumerate(machines)
        }

    def _rows(self, group: _Group) -> list[int]:
        """Return the gutters in which `group` has a lane: below cores, above machines."""
        rows = [self._placed[name].row for name, *_ in group.drops]
        return sorted(dict.fromkeys([*rows, *([0] if group.core and rows else [])]))

    # --- drawing ---------------------------------------------------------------------------------

    def _draw_heading(self) -> int:
        """Write the name, and what the colours mean; return where the rest begins."""
        topology, y = self._topology, MARGIN
        if topology.name:
            y += LARGE
            self._write(Text(x=MARGIN, y=y, text=topology.name, kind="name", size=LARGE))
            y += 8
        for number, segment in enumerate(topology.segments):
            what = [segment.type if segment.number is None else segment.what]
            what += [f"on {segment.physnet}"] if segment.physnet else []
            text = " ".join([f"{segment.name}:", *what, *segment.subnets])
            y += 18
            swatch = f"bridge n{number % HUES}"
            self._shapes.append(Rect(x=MARGIN, y=y - 10, width=18, height=12, kind=swatch))
            self._write(Text(x=MARGIN + 26, y=y, text=text))
        return y + 20 if y > MARGIN else y

    def _draw_cores(self, y: int) -> int:
        """Draw the cores side by side, each over its wires, and the wires between them."""
        between = [
            cable
            for cable in self._topology.cables
            if all(e.device in self._names() for e in (cable.link.a, cable.link.b))
        ]
        top = y + 26 * len(between)
        left = min([placed.x for placed in self._placed.values()], default=MARGIN)
        for group in self._groups:
            if group.core is None:
                continue
            width = max(width_of(group.core.name), width_of(group.core.kind, SMALL)) + 32
            xs = [
                self._placed[name].x + self._placed[name].drawn.sockets[nic][0]
                for name, nic, *_ in group.drops
                if self._placed[name].row == 0
            ]
            middle = (min(xs) + max(xs)) // 2 if xs else left + width // 2
            box = Rect(
                x=max(left, middle - width // 2), y=top, width=width, height=CORE, kind="core",
                title=f"{group.core.name}: {group.core.kind}",
            )  # fmt: skip
            left = box.x + box.width + BETWEEN
            left += max([width_of(_ends(c), SMALL) for c in between], default=0)
            self._cores[group.core.name] = box
            self._shapes.append(box)
            x = box.x + width // 2
            name, kind = group.core.name, group.core.kind
            self._write(Text(x=x, y=top + 18, text=name, kind="name", anchor="middle"))
            self._write(Text(x=x, y=top + 33, text=kind, kind="note", size=SMALL, anchor="middle"))
        for number, cable in enumerate(between):
            self._join(cable, number, top)
        return top + CORE if self._cores else y

    def _names(self) -> list[str]:
        return [core.name for core in self._topology.cores]

    def _join(self, cable: Cable, number: int, top: int) -> None:
        """Draw a wire between two cores, above them."""
        link, y = cable.link, top - 16 - 26 * number
        first, second = sorted(
            [self._cores[end.device] for end in (link.a, link.b)], key=lambda box: box.x
        )
        start, end = first.x + first.width - 10 - 6 * number, second.x + 10 + 6 * number
        points = ((start, top), (start, y), (end, y), (end, top))
        title = _title(cable)
        self._shapes.append(Line(points=points, kind="wire w0", title=title))
        text = _ends(cable)
        width = width_of(text, SMALL) + 16
        box = Rect(x=start + 8, y=y - 9, width=width, height=18, kind="plug none", title=title)
        self._shapes.append(box)
        self._write(Text(x=box.x + 8, y=y + 4, text=text, size=SMALL))
        self._wide = max(self._wide, box.x + width)

    def _draw_row(self, row: int, y: int) -> int:
        """Draw the gutter above a row of machines and the machines; return where they end."""
        groups = [group for group in self._groups if row in self._rows(group)]
        base = y + 16
        top = base + LANE * len(groups) + LABELS + 8 if groups else base
        placed = [place for place in self._placed.values() if place.row == row]
        for place in placed:
            place.y = top
            self._shapes += moved(place.drawn.shapes, place.x, top)
        for number, group in enumerate(groups):
            self._draw_lane(group, row, base + LANE * number)
        return top + max([place.drawn.height for place in placed]) + MARGIN

    def _draw_lane(self, group: _Group, row: int, lane: int) -> None:
        """Draw the wires of a group that end in a row of machines, and what they hang on."""
        shade = f"w{group.shade}"
        drops = [drop for drop in group.drops if self._placed[drop[0]].row == row]
        ends = [self._placed[name].socket(nic)[0] for name, nic, *_ in drops]
        if group.core and row == 0:
            core = self._cores[group.core.name]
            start = core.x + core.width // 2
            bottom = (start, core.y + core.height)
            self._shapes.append(Line(points=(bottom, (start, lane)), kind=f"wire {shade}"))
        else:
            start = self._trunk_x(group) if group in self._trunks else min(ends)
        group.lanes.append((start, lane))
        for x, (name, nic, cable, label) in zip(ends, drops, strict=True):
            _, y = self._placed[name].socket(nic)
            points = ((start, lane), (x, lane), (x, y))
            self._shapes.append(Line(points=points, kind=f"wire {shade}", title=_title(cable)))
            if len(drops) > 1 or row:
                self._shapes.append(Dot(x=x, y=lane, kind=f"dot {shade}"))
            lines = label.split("\n")
            for number, text in enumerate(lines):
                base = self._placed[name].y - 6 - 13 * (len(lines) - 1 - number)
                self._write(Text(x=x + 6, y=base, text=text, kind="note", size=SMALL))

    def _trunk_x(self, group: _Group) -> int:
        return MARGIN + LANE * self._trunks.index(group)

    def _draw_trunks(self) -> None:
        """Draw what leads from the first lane of a group to the others."""
        for group in self._trunks:
            x = self._trunk_x(group)
            points = (group.lanes[0], (x, group.lanes[0][1]), (x, group.lanes[-1][1]))
            title = group.core.name if group.core else _title(group.drops[0][2])
            self._shapes.append(Line(points=points, kind=f"wire w{group.shade}", title=title))

    def _write(self, text: Text) -> None:
        self._shapes.append(text)
        if text.anchor == "start":
            self._wide = max(self._wide, text.x + width_of(text.text, text.size))


def _title(cable: Cable) -> str:
    """Return what one sees when pointing at a wire."""
    notes = [note for note in cable.notes if note]
    return " ".join([render_link(cable.link), *[f"({note})" for note in notes]])


def _ends(cable: Cable) -> str:
    """Return what stands on a wire between cores."""
    first, second = cable.notes
    a = f"{cable.link.a.port} {first}".strip()
    b = f"{cable.link.b.port} {second}".strip()
    return f"{a} - {b}"


def _column_widths(machines: Sequence[Drawn], columns: int) -> list[int]:
    return [
        max([drawn.width for drawn in machines[start::columns]], default=0)
        for start in range(columns)
    ]


def _columns(machines: Sequence[Drawn]) -> int:
    """Return how many machines stand in a row, so that the picture has a good shape."""

    def distance(columns: int) -> float:
        width = sum(_column_widths(machines, columns)) + BETWEEN * columns
        rows = [machines[start : start + columns] for start in range(0, len(machines), columns)]
        height = sum(max(drawn.height for drawn in row) + 80 for row in rows) + 120
        ratio = width / height
        return max(ratio / SHAPE, SHAPE / ratio)

    if sum([drawn.width + BETWEEN for drawn in machines]) <= ONE_ROW:
        return max(len(machines), 1)
    return min(range(1, len(machines) + 1), key=distance)
