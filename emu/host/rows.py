"""What `ip link show` lists on a host: the netdevs of its root namespace, and its taps.

Models:          rtnl_fill_ifinfo() of net/core/rtnetlink.c; the carrier of veth pairs and bridges.
Does not model:  the carrier of physical NICs; indexes are those of a host that never deleted one.
"""

from dataclasses import dataclass
from enum import StrEnum, unique
from typing import assert_never

from emu.devices.namespace import Namespace
from emu.host.commands import BridgeKind, DummyKind, Kind, VethKind, VlanKind
from emu.host.wiring import HostState, Tap
from emu.packet.frame import MacAddress


@unique
class LinkKind(StrEnum):
    """What an interface is."""

    LOOPBACK = "loopback"
    NIC = "nic"
    BRIDGE = "bridge"
    VLAN = "vlan"
    VETH = "veth"
    DUMMY = "dummy"
    TAP = "tap"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRow:
    """An interface as it is now."""

    index: int
    name: str
    kind: LinkKind
    mac: MacAddress
    mtu: int  # octets
    up: bool  # IFF_UP: somebody set it up
    running: bool  # IFF_LOWER_UP: and what is below it is too
    lower: str | None = None  # the parent of a VLAN, the other end of a veth pair
    lower_up: bool = True  # whether that is set up
    master: str | None = None


class Links:
    """The interfaces of a host; or of a namespace on which no command made any."""

    def __init__(self, root: Namespace, state: HostState) -> None:
        self._state = state
        self._netdevs = {row.name: row for row in root.netdevs()}

    def rows(self) -> tuple[LinkRow, ...]:
        """Return them, oldest first."""
        there = [name for name in self._netdevs if name not in self._state.kinds]
        names = [*there, *self._state.kinds]
        return tuple([self._row(index, name) for index, name in enumerate(names, 1)])

    def _row(self, index: int, name: str) -> LinkRow:
        made = self._state.kinds.get(name)
        lower = _lower(made)
        if isinstance(made, Tap):
            mac, mtu = made.mac, made.mtu
        else:
            netdev = self._netdevs[name]
            mac, mtu, lower = netdev.mac, netdev.mtu, lower or netdev.parent
        return LinkRow(
            index=index,
            name=name,
            kind=self._kind(name, made),
            mac=mac,
            mtu=mtu,
            up=self._is_up(name),
            running=self._is_up(name) and self._has_carrier(name, made),
            lower=lower,
            lower_up=lower is None or self._is_up(lower),
            master=self._state.masters.get(name),
        )

    def _kind(self, name: str, made: Kind | Tap | None) -> LinkKind:
        match made:
            case Tap():
                return LinkKind.TAP
            case BridgeKind():
                return LinkKind.BRIDGE
            case VlanKind():
                return LinkKind.VLAN
            case VethKind():
                return LinkKind.VETH
            case DummyKind():
                return LinkKind.DUMMY
            case None:
                row = self._netdevs[name]
                if row.loopback:
                    return LinkKind.LOOPBACK
                return LinkKind.VLAN if row.parent else LinkKind.NIC
            case _:
                assert_never(made)

    def _is_up(self, name: str) -> bool:
        made = self._state.kinds.get(name)
        return made.up if isinstance(made, Tap) else self._netdevs[name].up

    def _has_carrier(self, name: str, made: Kind | Tap | None) -> bool:
        match made:
            case VethKind(peer=peer):
                return self._is_up(peer)
            case BridgeKind():  # br_port_carrier_check(): while one of its ports forwards
                masters = self._state.masters.items()
                ports = [port for port, master in masters if master == name]
                return any(self._port_forwards(port) for port in ports)
            case _:
                return True

    def _port_forwards(self, name: str) -> bool:
        made = self._state.kinds.get(name)
        return self._is_up(name) and self._has_carrier(name, made)


def _lower(made: Kind | Tap | None) -> str | None:
    match made:
        case VlanKind(parent=lower) | VethKind(peer=lower):
            return lower
        case _:
            return None
