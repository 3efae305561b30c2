"""The topology of a world as a picture: SVG with a layout of its own, or a Mermaid flowchart."""

from emu.report.graph.building import topology_of
from emu.report.graph.mermaid import render_mermaid
from emu.report.graph.sheet import render_svg
from emu.report.graph.topology import Topology, read_topology

__all__ = ["Topology", "read_topology", "render_mermaid", "render_svg", "topology_of"]
