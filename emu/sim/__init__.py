"""The world: devices, links and one queue; the only place where things happen."""

from emu.sim.network import Network
from emu.sim.timeline import Halted

__all__ = ["Halted", "Network"]
