"""The world: devices, links and one queue; the only place where things happen."""

from emu.sim.network import Network

__all__ = ["Network"]
