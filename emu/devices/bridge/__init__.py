"""A Linux bridge: brq..., qbr..., and every other one."""

from emu.devices.bridge.bridge import AGEING_TIME, GROUP, UNKNOWN, Bridge, Port
from emu.devices.bridge.changes import Change, FdbAppend, FdbDelete, FdbFlush, SetAgeing, SetPort
from emu.devices.bridge.fdb import FdbRow, FdbState

__all__ = [
    "AGEING_TIME",
    "GROUP",
    "UNKNOWN",
    "Bridge",
    "Change",
    "FdbAppend",
    "FdbDelete",
    "FdbFlush",
    "FdbRow",
    "FdbState",
    "Port",
    "SetAgeing",
    "SetPort",
]
