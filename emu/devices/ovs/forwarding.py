"""What a learning bridge does: the action NORMAL.

Models:         Open vSwitch 3.1, xlate_normal() of ofproto/ofproto-dpif-xlate.c.
Does not model: bonds, STP and RSTP, in-band control.
"""

from collections.abc import Iterable
from typing import Final, final

from emu.conntrack.reading import pseudo_header
from emu.devices.ovs import snooping as groups
from emu.devices.ovs import vlan
from emu.devices.ovs.fdb import Fdb
from emu.devices.ovs.output import Gates, is_reserved
from emu.devices.ovs.port import Port
from emu.devices.ovs.settings import NO_VLANS
from emu.devices.ovs.snooping import Snooping
from emu.devices.ovs.vlan import Tags
from emu.net.effects import DropReason, Step
from emu.openflow import layout
from emu.openflow.ports import OFPP_CONTROLLER, OFPP_NONE
from emu.openflow.subfield import is_ip_any
from emu.openflow.trace import Line
from emu.openflow.walk import Walk
from emu.packet.checksum import checksum

FDB: Final = "fdb"

_BROADCAST: Final = 0xFFFFFFFFFFFF
_GROUP_BIT: Final = 1 << 40
_PARTIAL: Final = (layout.ETH_TYPE_VLAN, layout.ETH_TYPE_QINQ)
_LOCAL_GROUPS: Final = 0xE00000  # 224.0.0.x, whatever is last
_ALL_HOSTS_V6: Final = 0xFF020000000000000000000000000001


@final
class Forwarding(Gates):
    """A bridge, as walks see it."""

    def __init__(self) -> None:
        super().__init__()
        self.fdb = Fdb()
        self.snooping: Snooping | None = None
        self.forwards_bpdus = False  # other_config:forward-bpdu

    def send_normal(self, walk: Walk) -> None:
        """Learn where the packet came from, and send it where its address was learned."""
        number = walk.in_port()
        came = self.ports.get(number)
        if came is None and number not in (OFPP_NONE, OFPP_CONTROLLER):
            walk.say("no input bundle, dropping")
            return
        tags = self._enter(walk, came)
        if tags is None:
            return
        destination = layout.DL_DST.get(walk.key)
        if came is not None:
            if not self.forwards_bpdus and is_reserved(destination):
                walk.say("packet has reserved destination MAC, dropping")
                return
            self._learn(walk, came, tags)
        is_group = destination & _GROUP_BIT and destination != _BROADCAST
        if self.snooping is not None and is_group and is_ip_any(walk.key):
            self._send_to_group(walk, self.snooping, came, tags)
        else:
            self._send_to_learned(walk, came, tags, destination)

    def _enter(self, walk: Walk, came: Port | None) -> Tags | None:
        """Return the VLAN of the packet; None if it may not come in."""
        has_tag = layout.VLAN_TCI.get(walk.key) & layout.VLAN_CFI
        if layout.DL_TYPE.get(walk.key) in _PARTIAL and not has_tag:
            walk.say("partial VLAN tag, dropping")
            walk.reason = DropReason.HDR_TRUNC
            return None
        if came is not None and self.is_for_mirrors(came):
            walk.say("input port is mirror output port, dropping")
            return None
        on_wire = vlan.extract(walk.key)
        if came is None:
            return vlan.enter(NO_VLANS, on_wire)
        settings, vid = came.settings.vlans, on_wire.outer.vid
        why = vlan.why_not_allowed(settings, vid)
        if why:
            walk.say(f"dropping VLAN {vid} {why} (port {came.name})")
            walk.say("disallowed VLAN VID for this input port, dropping")
            walk.reason = DropReason.VLAN_NOT_ALLOWED
            return None
        return vlan.enter(settings, on_wire)

    def _learn(self, walk: Walk, came: Port, tags: Tags) -> None:
        source = layout.DL_SRC.get(walk.key)
        row = self.fdb.learn(walk.now, tags.outer.vid, source, came.number)
        if row is not None:
            walk.say(f"learned that {_mac(source)} is on port {came.name} in VLAN {row.vlan}")

    def _send_to_learned(self, walk: Walk, came: Port | None, tags: Tags, destination: int) -> None:
        row = self.fdb.find(tags.outer.vid, destination)
        if row is None:
            walk.say("no learned MAC for destination, flooding")
            self._flood(walk, came, tags)
            return
        walk.trace.append(Step(FDB, Line(walk.level + 1, row)))
        out = self.ports.get(row.port)
        if out is None:
            walk.say("learned port is unknown, dropping")
        elif self.is_for_mirrors(out):
            walk.say("learned port is a mirror port, dropping")
        elif out is came:
            walk.say("learned port is input port, dropping")
            walk.reason = DropReason.NO_TX_TARGET
        else:
            walk.say("forwarding to learned port")
            self.send_in_vlan(walk, out, tags)

    def _flood(self, walk: Walk, came: Port | None, tags: Tags) -> None:
        for out in tuple(self.ports.values()):
            if (
                out is not came
                and vlan.includes(out.settings.vlans, tags)
                and not out.flags.no_flood
                and not self.is_for_mirrors(out)
            ):
                self.send_in_vlan(walk, out, tags)

    # --- groups -----------------------------------------------------------------------------------

    def _send_to_group(self, walk: Walk, known: Snooping, came: Port | None, tags: Tags) -> None:
        """Send to those who want it; as xlate_normal() with multicast snooping."""
        key, vid = walk.key, tags.outer.vid
        kind, protocol = layout.TP_SRC.get(key), layout.NW_PROTO.get(key)
        is_v4 = layout.DL_TYPE.get(key) == layout.ETH_TYPE_IP
        listens = kind in (*groups.MEMBERSHIP, groups.QUERY) if is_v4 else kind in groups.MLD
        if is_v4 and protocol == layout.IPPROTO_IGMP:
            is_report = kind in groups.MEMBERSHIP
        elif not is_v4 and protocol == layout.IPPROTO_ICMPV6 and listens:
            is_report = kind != groups.MLD_QUERY
        else:
            self._send_to_members(walk, known, came, tags)
            return
        if listens and came is not None and came.number not in known.flood_ports:
            _listen(walk, known, vid, came.number, is_v4=is_v4)
        if is_report:
            ports = (*known.routers(vid), *known.report_ports)
            self._send_to_ports(walk, ports, came, tags)
        else:
            walk.say("multicast traffic, flooding" if is_v4 else "MLD query, flooding")
            self._flood(walk, came, tags)

    def _send_to_members(self, walk: Walk, known: Snooping, came: Port | None, tags: Tags) -> None:
        is_v4 = layout.DL_TYPE.get(walk.key) == layout.ETH_TYPE_IP
        address = (layout.NW_DST if is_v4 else layout.IPV6_DST).get(walk.key)
        if address >> 8 == _LOCAL_GROUPS if is_v4 else address == _ALL_HOSTS_V6:
            walk.say("RFC4541: section 2.1.2, item 2, flooding")
            self._flood(walk, came, tags)
            return
        vid = tags.outer.vid
        members = known.members(vid, address)
        if members is None and known.floods_unregistered:
            walk.say("unregistered multicast, flooding")
            self._flood(walk, came, tags)
            return
        ports = (*(members or ()), *known.flood_ports, *known.routers(vid))
        self._send_to_ports(walk, ports, came, tags)

    def _send_to_ports(
        self, walk: Walk, numbers: Iterable[int], came: Port | None, tags: Tags
    ) -> None:
        for number in numbers:
            out = self.ports.get(number)
            if out is not None and out is not came:
                self.send_in_vlan(walk, out, tags)


def _listen(walk: Walk, known: Snooping, vid: int, port: int, *, is_v4: bool) -> None:
    """Hear what a host or a router says; as update_mcast_snooping_table()."""
    packet, kind = walk.packet, layout.TP_SRC.get(walk.key)
    if packet.l4_size < 8:
        return
    octets = packet.wire[packet.l4 : packet.end]
    if not is_v4:
        octets = pseudo_header(packet, 6, layout.IPPROTO_ICMPV6) + octets
    if checksum(octets):
        walk.say("multicast snooping received bad checksum")
        return
    now, group = walk.now, layout.IGMP_GROUP.get(walk.key)
    source = (layout.NW_SRC if is_v4 else layout.IPV6_SRC).get(walk.key)
    if kind in (groups.QUERY, groups.MLD_QUERY):
        if source:
            known.add_router(now, vid, port)
    elif not is_v4:
        known.hear_mld(now, packet, vid, port)
    elif kind == groups.REPORT_V3:
        known.hear_igmpv3(now, packet, vid, port)
    elif kind == groups.LEAVE:
        known.leave(vid, group, port)
    else:
        known.join(now, vid, group, port)


def _mac(number: int) -> str:
    return number.to_bytes(6, "big").hex(":")
