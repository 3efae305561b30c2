"""How packets get into a bridge and out of it again, and who else gets a copy.

Models:     Open vSwitch 3.1, ofproto/ofproto-dpif-xlate.c.
Read first: compose_output_action__() there.
"""

from collections.abc import Mapping
from typing import Final

from emu.devices.ovs import tunnel, vlan
from emu.devices.ovs.mirrors import Mirror, Mirrors, retagged
from emu.devices.ovs.port import Port
from emu.devices.ovs.settings import PriorityTags, TunnelSettings
from emu.devices.ovs.vlan import Tags
from emu.net.effects import DropReason
from emu.openflow import layout
from emu.openflow.operations import Pass, Send, SendTunnel, Truncate
from emu.openflow.table import FlowTables
from emu.openflow.walk import Walk
from emu.packet.beside import Journey

_STP: Final = 0x0180C2000000
_RESERVED: Final = frozenset(
    (
        *range(0x0180C2000000, 0x0180C2000010),
        *(0x00E02B000000, 0x00E02B000004, 0x00E02B000006),  # Extreme: EDP and EAPS
        *(0x01000C000000, 0x01000CCCCCCC, 0x01000CCCCCCD, 0x01000CCDCDCD),  # Cisco: CDP and others
        *range(0x01000CCCCCC0, 0x01000CCCCCC8),  # Cisco CFM
    )
)
_WHOLE: Final = 0xFFFF  # a snaplen that cuts nothing
_TUNNEL_DST: Final = layout.TUN_DST.mask | layout.TUN_IPV6_DST.mask


class Gates:
    """The ports of a bridge, as walks see them."""

    def __init__(self) -> None:
        self.tables = FlowTables()
        self.ports: Mapping[int, Port] = {}  # by number
        self.mirrors = Mirrors()
        self._snaplen = 0  # octets that the mirror gets that a packet is being sent to

    # --- ports ------------------------------------------------------------------------------------

    def flood_ports(self) -> tuple[int, ...]:
        """Return every port."""
        return tuple(self.ports)

    def is_floodable(self, port: int) -> bool:
        """Whether FLOOD goes there too."""
        return not self.ports[port].flags.no_flood

    def is_live(self, port: int) -> bool:
        """Whether what is sent there gets anywhere."""
        found = self.ports.get(port)
        return found is not None and found.is_live

    def may_truncate(self, port: int) -> bool:
        """Whether the port exists, and no other bridge is behind it."""
        found = self.ports.get(port)
        return found is not None and not found.settings.is_patch

    # --- in ---------------------------------------------------------------------------------------

    def may_receive(self, walk: Walk) -> bool:
        """Whether the port that the packet came in by lets it in: OFPPC_NO_RECV."""
        port = self.ports.get(walk.in_port())
        if port is None:
            return True
        is_802_2 = layout.DL_TYPE.get(walk.key) == layout.ETH_TYPE_NONE
        is_stp = is_802_2 and layout.DL_DST.get(walk.key) == _STP
        if port.flags.no_recv_stp if is_stp else port.flags.no_recv:
            walk.reason = DropReason.FORWARDING_DISABLED
            return False
        return True

    def admit(self, walk: Walk) -> bool:
        """Look at a packet that came in; as xlate_actions() before it does the actions."""
        port = self.ports.get(walk.in_port())
        if port is not None and self.is_for_mirrors(port):
            walk.say(
                f"dropping packet received on port {port.name}, "
                "which is reserved exclusively for mirroring"
            )
            return False
        key = tunnel.heed_congestion(walk.key)
        if key is None:
            walk.error = DropReason.CONGESTION_DROP
            return False
        walk.key = key
        if port is not None and self.mirrors:
            self._mirror(walk, port, self.mirrors.bits(port.name, is_source=True))
        return True

    def is_for_mirrors(self, port: Port) -> bool:
        """Whether the port is there for mirrors alone."""
        return port.name in self.mirrors.outputs

    # --- out --------------------------------------------------------------------------------------

    def send(self, walk: Walk, port: int, *, truncated: bool = False) -> None:
        """Send the packet as it is now; as compose_output_action__()."""
        out = self.ports.get(port)
        if out is None:
            walk.say("Nonexistent output port")
        elif self._may_send(walk, out):
            if out.settings.is_patch:
                _pass_on(walk, out, truncated=truncated)
            else:
                self._send(walk, out)

    def _may_send(self, walk: Walk, out: Port) -> bool:
        came = self.ports.get(walk.in_port())
        if out.flags.no_fwd:
            walk.say("OFPPC_NO_FWD set, skipping output")
        elif self._snaplen and out.settings.is_patch:
            walk.say("Mirror truncate to ODPP_NONE, skipping output")
        elif out.settings.is_protected and came is not None and came.settings.is_protected:
            walk.say("Flow is between protected ports, skipping output.")
        else:
            return True
        return False

    def _send(self, walk: Walk, out: Port) -> None:
        before, settings = walk.key, out.settings
        dscp = dict(settings.queue_dscp).get(layout.SKB_PRIORITY.get(before))
        if dscp is not None:
            ecn = layout.NW_TOS.get(before) & 3
            walk.key = layout.NW_TOS.put(before, dscp << 2 | ecn)
        if settings.tunnel is not None and not self._send_outer(walk, out, settings.tunnel):
            walk.key = layout.NW_TOS.put(walk.key, layout.NW_TOS.get(before))
            return
        if settings.tunnel is None:
            walk.commit()
            if 0 < self._snaplen < _WHOLE:
                walk.operations.append(Truncate(self._snaplen))
            walk.operations.append(Send(out.number))
        if self.mirrors:
            self._mirror(walk, out, self.mirrors.bits(out.name, is_source=False))
        walk.key = layout.NW_TOS.put(walk.key, layout.NW_TOS.get(before))

    def _send_outer(self, walk: Walk, out: Port, settings: TunnelSettings) -> bool:
        """Send the packet in a packet; what decides on its header does not stay in the key."""
        inner = walk.key
        outer = tunnel.prepare(settings, inner)
        if not (outer ^ walk.arrived) & _TUNNEL_DST:
            walk.say("Not tunneling to our own address")
            return False
        if settings.egress_pkt_mark is not None:
            inner = walk.key = layout.PKT_MARK.put(inner, settings.egress_pkt_mark)
        walk.say("output to kernel tunnel")
        walk.commit()
        walk.operations.append(SendTunnel(out.number, outer & layout.TUNNEL_MASK))
        return True

    def send_in_vlan(self, walk: Walk, out: Port, tags: Tags) -> None:
        """Send the packet, which is in that VLAN; as output_normal()."""
        before, settings = walk.key, out.settings.vlans
        wire = vlan.leave(settings, tags)
        if settings.priority_tags is not PriorityTags.NEVER:
            pcp = layout.VLAN_TCI.get(before) & layout.VLAN_PCP_MASK
            wire = wire._replace(outer=wire.outer._replace(pcp=pcp))
        walk.key = vlan.put(before, wire, settings.priority_tags)
        self.send(walk, out.number)
        walk.key = layout.VLANS.put(walk.key, layout.VLANS.get(before))

    # --- mirrors ----------------------------------------------------------------------------------

    def _mirror(self, walk: Walk, port: Port, bits: int) -> None:
        """Send copies to the mirrors of those bits; as mirror_packet()."""
        on_wire = vlan.extract(walk.key)
        if vlan.why_not_allowed(port.settings.vlans, on_wire.outer.vid):
            return
        tags = vlan.enter(port.settings.vlans, on_wire)
        for like, mirror in self.mirrors.chosen(bits, tags):
            if like & walk.mirrors:
                continue  # it, or one that sends to the same place, has got the packet
            walk.mirrors |= like
            self._snaplen = mirror.snaplen
            self._send_to_mirror(walk, mirror, tags)
            self._snaplen = 0

    def _send_to_mirror(self, walk: Walk, mirror: Mirror, tags: Tags) -> None:
        if mirror.output_port is not None:
            for out in self.ports.values():
                if out.name == mirror.output_port:
                    self.send_in_vlan(walk, out, tags)
            return
        vid = mirror.output_vlan
        if vid is None or tags.outer.vid == vid or is_reserved(layout.DL_DST.get(walk.key)):
            return
        tags = retagged(tags, vid)
        for out in self.ports.values():
            if vlan.includes(out.settings.vlans, tags) and not self.is_for_mirrors(out):
                self.send_in_vlan(walk, out, tags)


def is_reserved(mac: int) -> bool:
    """As eth_addr_is_reserved(), lib/packets.c."""
    return mac in _RESERVED


def _pass_on(walk: Walk, out: Port, *, truncated: bool) -> None:
    """Hand the packet to another bridge; as patch_port_output()."""
    if truncated:
        walk.say("Cannot truncate output to patch port")
    walk.commit()
    journey = Journey(walk.depth, walk.journey.spent, walk.key, walk.was_mpls)
    walk.operations.append(Pass(out.number, journey))
