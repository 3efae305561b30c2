"""Bridges of Open vSwitch."""

from emu.devices.ovs.bridge import OvsBridge
from emu.devices.ovs.changes import (
    Change,
    FailMode,
    FlowText,
    FlushConnections,
    FlushFdb,
    GroupText,
    ModFlows,
    ModGroup,
    ModPort,
    PutMirror,
    PutPort,
    RemoveMirror,
    SetBridge,
)
from emu.devices.ovs.mirrors import Mirror
from emu.devices.ovs.port import Port
from emu.devices.ovs.settings import (
    PortFlags,
    PortSettings,
    PriorityTags,
    TunnelSettings,
    VlanMode,
    VlanSettings,
)

__all__ = [
    "Change",
    "FailMode",
    "FlowText",
    "FlushConnections",
    "FlushFdb",
    "GroupText",
    "Mirror",
    "ModFlows",
    "ModGroup",
    "ModPort",
    "OvsBridge",
    "Port",
    "PortFlags",
    "PortSettings",
    "PriorityTags",
    "PutMirror",
    "PutPort",
    "RemoveMirror",
    "SetBridge",
    "TunnelSettings",
    "VlanMode",
    "VlanSettings",
]
