"""Multicast snooping: lib/mcast-snooping.c, and what ofproto/ofproto-dpif-xlate.c asks of it.

Hosts say which groups they want, routers that they are there; the bridge listens to both.
"""

from dataclasses import dataclass, field
from typing import Final, final

from emu.core.time import Nanoseconds, seconds
from emu.openflow.packet import Packet

QUERY, REPORT_V1, REPORT_V2, LEAVE, REPORT_V3 = 0x11, 0x12, 0x16, 0x17, 0x22  # IGMP
MLD_QUERY, MLD_REPORT, MLD_DONE, MLD2_REPORT = 130, 131, 132, 143
MEMBERSHIP: Final = (REPORT_V1, REPORT_V2, REPORT_V3, LEAVE)
MLD: Final = (MLD_QUERY, MLD_REPORT, MLD_DONE, MLD2_REPORT)

_IDLE_TIME: Final = seconds(300)  # MCAST_ENTRY_DEFAULT_IDLE_TIME, MCAST_MROUTER_PORT_IDLE_TIME
_MOST_GROUPS: Final = 8192
_INCLUDE, _CHANGE_TO_INCLUDE, _LAST_TYPE = 1, 3, 6  # of an IGMPv3 record

Group = tuple[int, int]  # VLAN and address; IPv4's are below those of IPv6 in number


@final
@dataclass(slots=True)
class Snooping:
    """What is known of groups and routers."""

    floods_unregistered: bool = True  # not other_config:mcast-snooping-disable-flood-unregistered
    ageing: Nanoseconds = _IDLE_TIME
    flood_ports: tuple[int, ...] = ()  # other_config:mcast-snooping-flood
    report_ports: tuple[int, ...] = ()  # other_config:mcast-snooping-flood-reports
    _groups: dict[Group, dict[int, Nanoseconds]] = field(default_factory=dict)
    _routers: dict[tuple[int, int], Nanoseconds] = field(default_factory=dict)

    # --- ask --------------------------------------------------------------------------------------

    def members(self, vlan: int, address: int) -> tuple[int, ...] | None:
        """Return the ports that want a group; None: the group is not known."""
        ports = self._groups.get((vlan, address))
        return None if ports is None else tuple(ports)

    def routers(self, vlan: int) -> tuple[int, ...]:
        """Return the ports of that VLAN behind which routers are."""
        return tuple([port for number, port in self._routers if number == vlan])

    # --- listen -----------------------------------------------------------------------------------

    def join(self, now: Nanoseconds, vlan: int, address: int, port: int) -> None:
        """Note that somebody behind the port wants the group."""
        if (vlan, port) in self._routers or port in self.flood_ports:
            return
        group = (vlan, address)
        ports = self._groups.pop(group, None)
        if ports is None:
            if len(self._groups) >= _MOST_GROUPS:
                del self._groups[next(iter(self._groups))]
            ports = {}
        ports.pop(port, None)
        ports[port] = Nanoseconds(now + self.ageing)
        self._groups[group] = ports

    def leave(self, vlan: int, address: int, port: int) -> None:
        """Note that nobody behind the port wants the group."""
        if port not in self.report_ports:
            self._groups.get((vlan, address), {}).pop(port, None)
            self._prune(Nanoseconds(-1))

    def add_router(self, now: Nanoseconds, vlan: int, port: int) -> None:
        """Note that a router is behind the port."""
        if port not in self.flood_ports:
            self._routers.pop((vlan, port), None)
            self._routers[vlan, port] = Nanoseconds(now + _IDLE_TIME)

    def forget(self, port: int | None = None) -> None:
        """Forget what was heard from a port, or from all."""
        for ports in self._groups.values():
            ports.pop(port or 0, None)
        if port is None:
            self._groups.clear()
        self._groups = {group: ports for group, ports in self._groups.items() if ports}
        self._routers = {
            key: due for key, due in self._routers.items() if port is not None and key[1] != port
        }

    def expire(self, now: Nanoseconds) -> None:
        """Forget what is too long ago."""
        self._routers = {key: due for key, due in self._routers.items() if now < due}
        self._prune(now)

    def _prune(self, now: Nanoseconds) -> None:
        """Forget groups that nobody wants, the oldest first; as mcast_snooping_run__().

        One that nobody wants any more stays until those before it are gone.
        """
        for group, ports in tuple(self._groups.items()):
            alive = {port: due for port, due in ports.items() if now < due}
            if len(alive) == len(ports) and alive:
                return
            self._groups[group] = alive
            if not alive:
                del self._groups[group]

    def next_deadline(self) -> Nanoseconds | None:
        """Return when something is forgotten."""
        dues = [due for ports in self._groups.values() for due in ports.values()]
        return min([*dues, *self._routers.values()], default=None)

    # --- read -------------------------------------------------------------------------------------

    def hear_igmpv3(self, now: Nanoseconds, packet: Packet, vlan: int, port: int) -> None:
        """Read the records of a report; as mcast_snooping_add_report()."""
        self._hear_records(now, packet, vlan, port, address_size=4)

    def hear_mld(self, now: Nanoseconds, packet: Packet, vlan: int, port: int) -> None:
        """Read a report; as mcast_snooping_add_mld()."""
        kind = packet.u8(packet.l4)
        if kind == MLD2_REPORT:
            self._hear_records(now, packet, vlan, port, address_size=16)
            return
        address = packet.wire[packet.l4 + 8 : packet.l4 + 24]
        if len(address) < 16:
            return
        if kind == MLD_REPORT:
            self.join(now, vlan, int.from_bytes(address, "big"), port)
        else:
            self.leave(vlan, int.from_bytes(address, "big"), port)

    def _hear_records(
        self, now: Nanoseconds, packet: Packet, vlan: int, port: int, *, address_size: int
    ) -> None:
        at, wire, size = packet.l4 + 8, packet.wire, 4 + address_size
        for _ in range(packet.u16(packet.l4 + 6)):
            if at + size > len(wire):
                return
            kind, extra, sources = wire[at], wire[at + 1], packet.u16(at + 2)
            group = int.from_bytes(wire[at + 4 : at + size], "big")
            if not 1 <= kind <= _LAST_TYPE:
                if address_size == 4:  # the loop of IGMPv3 goes on without going on
                    continue
            elif not sources and kind in (_INCLUDE, _CHANGE_TO_INCLUDE):
                self.leave(vlan, group, port)
            else:
                self.join(now, vlan, group, port)
            at += size + sources * address_size + extra
