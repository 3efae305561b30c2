"""The Python API: what Scapy users hold in their hands."""

from emu.inet.applications import Finished
from emu.lab.answering_device import AnsweringDevice
from emu.lab.collection import Collection, Sighting
from emu.lab.lab import Lab
from emu.lab.routed_socket import RoutedSocket
from emu.lab.scapy_device import ScapyDevice
from emu.lab.through import through
from emu.lab.virtual_socket import EmuSocket

__all__ = [
    "AnsweringDevice",
    "Collection",
    "EmuSocket",
    "Finished",
    "Lab",
    "RoutedSocket",
    "ScapyDevice",
    "Sighting",
    "through",
]
