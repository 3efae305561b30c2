"""The topology as a Mermaid flowchart: a subgraph for each machine, an edge for each link."""

from collections.abc import Iterator

from emu.net.link import PortRef
from emu.report.graph.columns import guest_name
from emu.report.graph.topology import SEAM, Guest, Interface, Machine, Topology, render_link

INDENT = "    "


def render_mermaid(topology: Topology) -> str:
    """Return the flowchart."""
    return "\n".join(_Flowchart().lines(topology)) + "\n"


class _Flowchart:
    def __init__(self) -> None:
        self._ids: dict[str, str] = {}

    def lines(self, topology: Topology) -> Iterator[str]:
        """Yield its lines."""
        if topology.name:
            yield from ("---", f"title: {_quoted(topology.name)}", "---")
        yield "flowchart TB"
        for core in topology.cores:
            yield f"{INDENT}{self._node(core.name, core.name, core.kind, shape='[[]]')}"
        for machine in topology.machines:
            yield from (INDENT + line for line in self._machine(machine))
        for cable in topology.cables:
            link = cable.link
            ends = zip((link.a, link.b), cable.notes, strict=True)
            label = " - ".join([" ".join([end.port, note]).strip() for end, note in ends])
            a, b = self._end(link.a), self._end(link.b)
            yield f"{INDENT}{a} ---|{_quoted(label)}| {b}"

    def _machine(self, machine: Machine) -> Iterator[str]:
        yield f"subgraph {self._id(f'machine {machine.name}')} [{_quoted(machine.name)}]"
        for netdev in machine.interfaces:
            yield INDENT + self._netdev(machine.name, netdev)
        for bridge in machine.bridges:
            label = (bridge.name, bridge.label or bridge.kind, *bridge.addresses)
            yield INDENT + self._node(bridge.device, *label, shape="[/\\]")
        for guest in machine.guests:
            yield INDENT + self._guest(guest)
        yield from (INDENT + edge for edge in self._edges(machine))
        if not (machine.interfaces or machine.bridges or machine.guests):
            yield INDENT + self._node(machine.name, "no interfaces")
        yield "end"

    def _edges(self, machine: Machine) -> Iterator[str]:
        for netdev in machine.interfaces:
            mine = self._id(f"{machine.name} {netdev.name}")
            if netdev.parent:
                yield f"{self._id(f'{machine.name} {netdev.parent}')} --- {mine}"
            if netdev.master:
                yield f"{mine} --- {self._id(netdev.master)}"
        for guest in machine.guests:
            for plug in guest.plugs:
                label = _quoted(f"{plug.port} - {plug.netdev}")
                yield f"{self._id(plug.bridge)} ---|{label}| {self._id(guest.name)}"
        for link in machine.ties:
            a, b = self._end(link.a), self._end(link.b)
            yield f"{a} ---|{_quoted(render_link(link))}| {b}"

    def _netdev(self, machine: str, netdev: Interface) -> str:
        vlan = () if netdev.vid is None else (f"VLAN {netdev.vid}",)
        label = (netdev.name, *vlan, *netdev.addresses)
        return self._node(f"{machine} {netdev.name}", *label, shape="([])")

    def _guest(self, guest: Guest) -> str:
        rows = [" ".join([netdev.name, *netdev.addresses]) for netdev in guest.interfaces]
        return self._node(guest.name, guest_name(guest), *rows)

    def _end(self, end: PortRef) -> str:
        """Return the node that a link ends at: a NIC, or else its device."""
        nic = f"{end.device} {end.port.removesuffix(SEAM)}"
        return self._id(nic if nic in self._ids else end.device)

    def _node(self, name: str, *lines: str, shape: str = "[]") -> str:
        half = len(shape) // 2
        return f"{self._id(name)}{shape[:half]}{_quoted('<br/>'.join(lines))}{shape[half:]}"

    def _id(self, name: str) -> str:
        """Return the id of a node: names may hold what Mermaid reads as syntax."""
        return self._ids.setdefault(name, f"n{len(self._ids)}")


def _quoted(text: str) -> str:
    """Return `text` in quotes, with what would end them, or begin an entity, as an entity."""
    return '"' + text.replace("#", "#35;").replace('"', "#quot;").replace("`", "#96;") + '"'
