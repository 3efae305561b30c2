"""The Python API: what Scapy users hold in their hands."""

from emu.lab.through import through

__all__ = ["through"]
