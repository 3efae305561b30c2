"""The changes that an Open vSwitch bridge takes: each is a command of ovs-vsctl or ovs-ofctl.

A refused change raises `Refused`, with the words of the real tool where it has some.
"""

from dataclasses import dataclass
from enum import StrEnum, unique
from typing import final

from emu.core.time import Nanoseconds
from emu.devices.ovs.mirrors import Mirror
from emu.devices.ovs.settings import PLAIN, PortSettings
from emu.net.changes import AddPort, RemovePort
from emu.openflow.actions.base import OF10, OF13
from emu.openflow.flow import Command, FlowMod
from emu.openflow.groups import GroupCommand, GroupMod


@unique
class FailMode(StrEnum):
    """What a bridge does that no controller has told anything."""

    SECURE = "secure"  # nothing: it has no flows
    STANDALONE = "standalone"  # it has one flow, `priority=0,actions=NORMAL`


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class PutPort:
    """`ovs-vsctl --may-exist add-port BRIDGE PORT -- set Port PORT ...`."""

    port: str
    number: int | None = None  # ofport_request; None: the next, or as it is
    settings: PortSettings = PLAIN


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ModPort:
    """`ovs-ofctl mod-port BRIDGE PORT FLAG`. None leaves a thing as it is.

    `port` may be a number.
    """

    port: str
    is_down: bool | None = None
    no_recv: bool | None = None
    no_recv_stp: bool | None = None
    no_flood: bool | None = None
    no_fwd: bool | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ModFlows:
    """`ovs-ofctl add-flow|mod-flows|del-flows BRIDGE`, or `add-flows` for several."""

    mods: tuple[FlowMod, ...]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class FlowText:
    """The same in words, one for each flow; they are read with the names of the ports."""

    command: Command = Command.ADD
    texts: tuple[str, ...]
    version: int = OF10  # ovs-ofctl -O


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ModGroup:
    """`ovs-ofctl add-group|mod-group|del-groups BRIDGE`."""

    mod: GroupMod


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class GroupText:
    """The same in words."""

    command: GroupCommand = GroupCommand.ADD
    text: str
    version: int = OF13


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SetBridge:
    """`ovs-vsctl set Bridge`. None leaves a thing as it is."""

    fail_mode: FailMode | None = None
    forward_bpdu: bool | None = None
    mac_ageing: Nanoseconds | None = None
    mac_table_size: int | None = None
    mcast_snooping: bool | None = None
    floods_unregistered: bool | None = None
    mcast_flood_ports: tuple[str, ...] | None = None  # mcast-snooping-flood
    mcast_report_ports: tuple[str, ...] | None = None  # mcast-snooping-flood-reports


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class PutMirror:
    """`ovs-vsctl --id=@m create Mirror ... -- add Bridge BRIDGE mirrors @m`."""

    mirror: Mirror


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveMirror:
    """`ovs-vsctl remove Bridge BRIDGE mirrors ...`; None: `clear Bridge BRIDGE mirrors`."""

    name: str | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class FlushFdb:
    """`ovs-appctl fdb/flush BRIDGE`."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class FlushConnections:
    """`ovs-appctl dpctl/flush-conntrack [zone=N]`: of all bridges of the machine."""

    zone: int | None = None


Change = (
    AddPort
    | RemovePort
    | PutPort
    | ModPort
    | ModFlows
    | FlowText
    | ModGroup
    | GroupText
    | SetBridge
    | PutMirror
    | RemoveMirror
    | FlushFdb
    | FlushConnections
)
