from emu.lab import AnsweringDevice as AnsweringDevice
from emu.lab import EmuSocket as EmuSocket
from emu.lab import Lab as Lab
from emu.lab import ScapyDevice as ScapyDevice
from emu.lab import through as through

__version__: str
__all__ = ["AnsweringDevice", "EmuSocket", "Lab", "ScapyDevice", "through"]
