"""A bridge of Open vSwitch.

Models:         Open vSwitch 3.1 with its userspace datapath: ofproto-dpif-xlate.c decides, and
                dpif-netdev.c does it. Packages emu/openflow and emu/conntrack are most of it.
Does not model: bonds, STP and RSTP, controllers, meters, sFlow and its kin, caches of decisions.
Read first:     `receive` here, then emu/openflow/walk.py.

The port LOCAL leads to the netdev of the bridge's own name. Tunnels of one type share one port,
which leads to the netdev that all bridges of the machine have for them. A patch port is an ordinary
port; what two bridges must know of each other's packets travels beside the frames.
"""

from dataclasses import replace
from typing import Final, assert_never

from emu.conntrack.policy import Policy
from emu.conntrack.table import Connections
from emu.conntrack.tracked import Tracked
from emu.conntrack.tracker import Tracker
from emu.conntrack.userspace import OVS_USERSPACE
from emu.core.errors import EmuBug
from emu.core.time import Nanoseconds
from emu.devices.ovs import tunnel
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
from emu.devices.ovs.fdb import Fdb
from emu.devices.ovs.forwarding import Forwarding
from emu.devices.ovs.port import Port
from emu.devices.ovs.ports import Ports
from emu.devices.ovs.settings import PortSettings
from emu.devices.ovs.snooping import Snooping
from emu.net.changes import AddPort, RemovePort
from emu.net.effects import Drop, DropReason, Effect, Effects, Hold, Step, Transmit
from emu.net.link import AT_ONCE
from emu.openflow import layout
from emu.openflow.datapath import Datapath, Run, Sent
from emu.openflow.flow_text import parse_flow_mod
from emu.openflow.groups import parse_group_mod
from emu.openflow.packet import Arrival, Packet
from emu.openflow.ports import PortNames
from emu.openflow.table import FlowTables
from emu.openflow.trace import BRIDGE
from emu.packet.beside import Beside
from emu.packet.dot1q import VLAN_HLEN
from emu.packet.editing import Layers
from emu.packet.ethernet import ETH_HLEN
from emu.packet.frame import Frame

_BEGIN: Final = Layers()


class OvsBridge:
    """Switch frames as flows say, or as a learning bridge does."""

    def __init__(
        self,
        name: str,
        *,
        fail_mode: FailMode = FailMode.STANDALONE,
        policy: Policy = OVS_USERSPACE,
        connections: Connections | None = None,
        vlan_limit: int = 1,
    ) -> None:
        """Make a bridge; all bridges of a machine share `connections`.

        `vlan_limit` is `other_config:vlan-limit` of the machine: how many tags flows can see.
        """
        self.name = name
        shown = name.rpartition("/")[2]  # what the host calls it
        self._ports = Ports(shown)
        self._forwarding = Forwarding()
        self._forwarding.ports = self._ports.by_number
        self._tracker: Tracker[Packet] = Tracker(policy, connections)
        self._datapath = Datapath(self._tracker, vlan_limit)
        self._fail_mode = FailMode.SECURE
        self._title = Step(BRIDGE, shown)
        self._set_fail_mode(AT_ONCE, fail_mode)

    # --- who asks ---------------------------------------------------------------------------------

    @property
    def ports(self) -> tuple[str, ...]:
        """The names of the links."""
        return self._ports.links

    @property
    def port_names(self) -> PortNames:
        """The names by which flows may call the ports."""
        return self._ports.names

    def port(self, name: str) -> Port:
        """Return a port as it is; `Refused` if there is none."""
        return self._ports.named(name)

    @property
    def port_rows(self) -> tuple[Port, ...]:
        """All ports as they are."""
        return tuple(self._ports.by_number.values())

    @property
    def tables(self) -> FlowTables:
        """The flows and the groups."""
        return self._forwarding.tables

    @property
    def fdb(self) -> Fdb:
        """What was learned of addresses."""
        return self._forwarding.fdb

    @property
    def connections(self) -> Connections:
        """The connections that are tracked on the machine."""
        return self._tracker.connections

    # --- Device -----------------------------------------------------------------------------------

    def receive(self, now: Nanoseconds, port: str, frame: Frame) -> Effects:
        """Take a frame through the tables."""
        candidates, beside = self._ports.at(port), frame.beside or _NOTHING
        if not candidates:
            raise EmuBug(f"{self.name} has no port {port}")
        came, outer = candidates[0], 0
        if came.settings.tunnel is not None:
            if beside.outer is None:
                return (Drop(port, frame, DropReason.NO_TUNNEL_PORT, ()),)
            found = tunnel.find(candidates, beside.outer)
            if found is None:
                why = (Step("tunnel", None, beside.outer),)
                return (Drop(port, frame, DropReason.NO_TUNNEL_PORT, why),)
            came, outer = found, tunnel.key_of(beside.outer)
        if not came.is_up:
            return (Drop(port, frame, DropReason.DEV_READY, (Step("port", came),)),)
        if len(frame.wire) < ETH_HLEN:
            return (Drop(port, frame, DropReason.PKT_TOO_SMALL, ()),)
        metadata = outer | came.number << layout.IN_PORT.at | beside.mark << layout.PKT_MARK.at
        metadata |= beside.priority << layout.SKB_PRIORITY.at
        packet = Packet(Arrival(port, frame), frame.wire, _BEGIN, metadata)
        if isinstance(beside.tracked, Tracked):
            packet.tracked = beside.tracked
        run = self._datapath.run(now, self._forwarding, packet, beside.journey, title=self._title)
        return self._effects(run)

    def configure(self, now: Nanoseconds, change: Change) -> Effects:
        """Do what a command says."""
        match change:
            case AddPort() | PutPort() | RemovePort() | ModPort():
                self._set_port(change)
            case ModFlows() | FlowText() | ModGroup() | GroupText():
                self._modify(now, change)
            case SetBridge():
                self._set_bridge(now, change)
            case PutMirror():
                self._forwarding.mirrors.put(change.mirror)
            case RemoveMirror():
                self._forwarding.mirrors.remove(change.name)
            case FlushFdb():
                self.fdb.flush()
            case FlushConnections():
                self.connections.flush(change.zone)
            case _:
                assert_never(change)
        return ()

    def next_deadline(self) -> Nanoseconds | None:
        """Return when a flow, an address or a fragment may go."""
        snooping = self._forwarding.snooping
        dues = (
            self.tables.next_deadline(),
            self.fdb.next_deadline(),
            self._tracker.fragments.next_deadline(),
            None if snooping is None else snooping.next_deadline(),
        )
        return min([due for due in dues if due is not None], default=None)

    def tick(self, now: Nanoseconds) -> Effects:
        """Let go what is over."""
        self.tables.expire(now)
        self.fdb.expire(now)
        if self._forwarding.snooping is not None:
            self._forwarding.snooping.expire(now)
        late = self._tracker.fragments.purge(now)
        return tuple(
            [
                Drop(packet.arrival.port, packet.arrival.frame, DropReason.FRAG_REASM_TIMEOUT, ())
                for packet in late
            ]
        )

    # --- effects ----------------------------------------------------------------------------------

    def _effects(self, run: Run) -> Effects:
        why = tuple(run.trace)
        effects: list[Effect] = []
        went: dict[Arrival, None] = {}
        reason = run.reason or DropReason.OVS_DROP_LAST_ACTION
        for sent in run.sent:
            out = self._ports.by_number[sent.port]
            refused = _why_not_sent(out, sent.wire)
            if refused is not None:
                reason = refused
                continue
            went[sent.packet.arrival] = None
            effects.append(Transmit(out.link, _leaving(out, sent), why))
        for arrival in run.touched:
            if arrival in run.held:
                effects.append(Hold(arrival.port, arrival.frame, why))
            elif arrival not in went:
                effects.append(Drop(arrival.port, arrival.frame, reason, why))
        return tuple(effects)

    # --- changes ----------------------------------------------------------------------------------

    def _set_port(self, change: AddPort | PutPort | RemovePort | ModPort) -> None:
        match change:
            case AddPort():
                before = self._ports.find(change.port)
                settings = PortSettings() if before is None else before.settings
                settings = replace(settings, mac=change.mac or settings.mac, mtu=change.mtu)
                self._ports.put(change.port, None, settings)
            case PutPort():
                before = self._ports.find(change.port)
                after = self._ports.put(change.port, change.number, change.settings)
                if before is not None and before.settings.vlans != after.settings.vlans:
                    self._forget(before)
            case RemovePort():
                self._forget(self._ports.remove(change.port))
            case ModPort():
                self._ports.set_flags(change)

    def _forget(self, port: Port) -> None:
        """Forget what was learned from a port; as bundle_flush_macs()."""
        self.fdb.flush(port.number)
        if self._forwarding.snooping is not None:
            self._forwarding.snooping.forget(port.number)

    def _modify(self, now: Nanoseconds, change: ModFlows | FlowText | ModGroup | GroupText) -> None:
        tables, names = self.tables, self._ports.names
        match change:
            case ModFlows():
                tables.apply_all(now, change.mods)
            case FlowText():
                tables.apply_all(
                    now,
                    tuple(
                        parse_flow_mod(text, change.command, version=change.version, ports=names)
                        for text in change.texts
                    ),
                )
            case ModGroup():
                tables.apply_group(change.mod)
            case GroupText():
                tables.apply_group(
                    parse_group_mod(
                        change.text, change.command, version=change.version, ports=names
                    )
                )

    def _set_bridge(self, now: Nanoseconds, change: SetBridge) -> None:
        forwarding, fdb = self._forwarding, self.fdb
        if change.fail_mode is not None:
            self._set_fail_mode(now, change.fail_mode)
        if change.forward_bpdu is not None:
            forwarding.forwards_bpdus = change.forward_bpdu
        if change.mac_ageing is not None:
            fdb.ageing = change.mac_ageing
        if change.mac_table_size is not None:
            fdb.most = change.mac_table_size
        if change.mcast_snooping is not None:
            forwarding.snooping = Snooping() if change.mcast_snooping else None
        snooping = forwarding.snooping
        if snooping is not None:
            _set_snooping(snooping, change, self._ports)

    def _set_fail_mode(self, now: Nanoseconds, mode: FailMode) -> None:
        """As connmgr_set_fail_mode() without a controller: the flows of the other mode go."""
        if mode is not self._fail_mode:
            self._fail_mode = mode
            self.tables.clear()
            if mode is FailMode.STANDALONE:
                self.tables.apply(now, parse_flow_mod("priority=0,actions=NORMAL"))


_NOTHING: Final = Beside()


def _set_snooping(snooping: Snooping, change: SetBridge, ports: Ports) -> None:
    if change.floods_unregistered is not None:
        snooping.floods_unregistered = change.floods_unregistered
    if change.mcast_flood_ports is not None:
        snooping.flood_ports = _numbers(change.mcast_flood_ports, ports)
    if change.mcast_report_ports is not None:
        snooping.report_ports = _numbers(change.mcast_report_ports, ports)


def _numbers(names: tuple[str, ...], ports: Ports) -> tuple[int, ...]:
    return tuple([ports.named(name).number for name in names])


def _why_not_sent(out: Port, wire: bytes) -> DropReason | None:
    """Say why a netdev would not take a frame; None: it takes it."""
    if not out.is_up:
        return DropReason.DEV_READY
    room = ETH_HLEN + (VLAN_HLEN if wire[12:14] == b"\x81\x00" else 0)  # ovs_vport_send()
    is_long = len(wire) > out.settings.mtu + room
    if is_long and not out.settings.is_patch and out.settings.tunnel is None:
        return DropReason.PKT_TOO_BIG
    return None


def _leaving(out: Port, sent: Sent) -> Frame:
    """Return the frame that goes out, with what goes beside it."""
    frame, settings = sent.packet.arrival.frame, out.settings
    mark = layout.PKT_MARK.get(sent.metadata)
    priority = layout.SKB_PRIORITY.get(sent.metadata)
    beside = None
    if settings.is_patch:
        tracked = sent.packet.tracked
        beside = Beside(mark=mark, priority=priority, journey=sent.journey, tracked=tracked)
    elif settings.tunnel is not None:
        beside = Beside(mark=mark, priority=priority, outer=tunnel.outer_of(sent.tunnel))
    elif mark or priority:
        beside = Beside(mark=mark, priority=priority)
    return frame.accompanied(sent.wire, beside)
