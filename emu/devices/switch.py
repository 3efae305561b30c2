"""A physical VLAN switch: what stands between the NICs of hypervisors.

Models:          a VLAN-aware bridge of IEEE 802.1Q-2018: 6.9 (the VLAN of a frame), 8.6 (ingress,
                 forwarding, egress, reserved addresses), 8.7 (learning, for each VLAN by itself).
Does not model:  spanning trees, priorities (PCP passes but nobody obeys it), multicast snooping,
                 link aggregation, provider tags (0x88A8: such a frame counts as untagged).
Read first:      IEEE 802.1Q-2018, 8.6.

It is set and shown in the words of Cisco's IOS, which most others have borrowed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import assert_never

from emu.core.errors import Refused
from emu.core.time import Nanoseconds, seconds
from emu.net.ageing import Ageing
from emu.net.changes import MTU, AddPort, RemovePort
from emu.net.effects import Drop, DropReason, Effects, Step, Transmit, Why
from emu.packet.addresses import NO_MAC, render_mac
from emu.packet.dot1q import VLAN_HLEN, VlanTag, pop_vlan, push_vlan, set_vid
from emu.packet.ethernet import ETH_HLEN, ETH_P_8021Q
from emu.packet.frame import Frame, MacAddress, Malformed, is_multicast

AGEING_TIME = seconds(300)  # IEEE 802.1Q-2018, table 8-6
VIDS = range(1, 4095)  # 0 is no VLAN and 4095 is reserved: IEEE 802.1Q-2018, table 9-2

# Never relayed: IEEE 802.1Q-2018, table 8-1. MAC Control (-01) ends below the bridge, in the MAC.
MAC_CONTROL = bytes.fromhex("0180c2000001")
RESERVED = frozenset(bytes.fromhex(f"0180c200000{last:x}") for last in range(16))

UNKNOWN = Step("fdb", None)  # asked, and no row: flooded


def check_vids(*vids: int) -> None:
    """Raise `Refused` unless all of these are VLANs."""
    for vid in vids:
        if vid not in VIDS:
            raise Refused(f"{vid} is no VLAN: they are {VIDS[0]} to {VIDS[-1]}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """A port of one VLAN, untagged. It takes frames with the tag of that VLAN as well."""

    vid: int = 1  # the default VLAN: IEEE 802.1Q-2018, table 9-2

    def __post_init__(self) -> None:
        """Refuse what is no VLAN."""
        check_vids(self.vid)

    def __str__(self) -> str:
        """Return the line of configuration."""
        return f"switchport access vlan {self.vid}"

    @property
    def native(self) -> int:
        """The VLAN of frames without a tag."""
        return self.vid

    def carries(self, vid: int) -> bool:
        """Whether frames of that VLAN may come in and go out."""
        return vid == self.vid


@dataclass(frozen=True, slots=True, kw_only=True)
class Trunk:
    """A port of several VLANs, tagged, and perhaps one untagged: the native VLAN."""

    allowed: tuple[int, ...] | None = None  # None: all
    native: int | None = None  # None: a frame without a tag is not taken

    def __post_init__(self) -> None:
        """Refuse what is no VLAN."""
        check_vids(*(self.allowed or ()), *([] if self.native is None else [self.native]))

    def __str__(self) -> str:
        """Return the lines of configuration, as one."""
        allowed = "all" if self.allowed is None else ",".join(map(str, self.allowed)) or "none"
        native = "" if self.native is None else f", native vlan {self.native}"
        return f"switchport trunk allowed vlan {allowed}{native}"

    def carries(self, vid: int) -> bool:
        """Whether frames of that VLAN may come in and go out."""
        return vid == self.native or (vid in VIDS if self.allowed is None else vid in self.allowed)


Mode = Access | Trunk
Station = tuple[int, MacAddress]  # a VLAN, and who is in it

DEFAULT = Access()  # what a port is that nobody has set
NO_PORTS: Mapping[str, Mode] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPort:
    """`interface PORT`, then `switchport ...`, `shutdown` or `no shutdown`; None leaves a thing."""

    port: str
    mode: Mode | None = None
    up: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetMtu:
    """`system mtu MTU`: octets of an IP packet that the switch takes, tagged or not."""

    mtu: int = MTU

    def __str__(self) -> str:
        """Return the line of configuration."""
        return f"system mtu {self.mtu}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearMacs:
    """`clear mac address-table dynamic`."""


Change = AddPort | RemovePort | SetPort | SetMtu | ClearMacs


@dataclass(frozen=True, slots=True, kw_only=True)
class MacRow:
    """One row of `show mac address-table`."""

    vid: int
    mac: MacAddress
    port: str

    def __str__(self) -> str:
        """Return the row, its columns named where a number alone says nothing."""
        return f"vlan {self.vid} {render_mac(self.mac)} DYNAMIC {self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vlan:
    """A VLAN, as far as it decides something: where frames are flooded."""

    vid: int

    def __str__(self) -> str:
        """Return its name."""
        return f"vlan {self.vid}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Port:
    name: str
    mode: Mode = DEFAULT
    up: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Domain:
    """Where frames of a VLAN are flooded, and the steps that say so."""

    ports: tuple[_Port, ...]
    group: Why  # broadcast or multicast
    unknown: Why  # no row was found


class Switch:
    """Forward within a VLAN by destination MAC, learn by source MAC, flood the unknown."""

    def __init__(
        self,
        name: str,
        *,
        ports: Mapping[str, Mode] = NO_PORTS,
        ageing: Nanoseconds = AGEING_TIME,
        mtu: int = MTU,
    ) -> None:
        self.name = name
        self._ports = {port: _Port(name=port, mode=mode) for port, mode in ports.items()}
        self._system_mtu = SetMtu(mtu=mtu)
        self._rows: dict[Station, MacRow] = {}
        self._why: dict[Station, Why] = {}  # the step of each row, which recurs with it
        self._ageing = Ageing[Station](ageing)
        self._domains: dict[int, _Domain] = {}  # by VLAN: while known

    @property
    def ports(self) -> tuple[str, ...]:
        """Port names in creation order, which is the order of flooding."""
        return tuple(self._ports)

    def receive(self, now: Nanoseconds, port: str, frame: Frame) -> Effects:
        """Find the VLAN of `frame`, learn its source, then forward, flood or drop it."""
        ingress = self._ports.get(port)
        if ingress is None or not ingress.up:
            return (Drop(port, frame, DropReason.DEV_READY, ()),)
        try:
            eth, tag = frame.eth, vlan_tag(frame)
        except Malformed:
            return (Drop(port, frame, DropReason.HDR_TRUNC, ()),)
        if is_multicast(eth.src) or eth.src == NO_MAC:
            return (Drop(port, frame, DropReason.MAC_INVALID_SOURCE, ()),)
        if eth.dst == MAC_CONTROL:
            return (Drop(port, frame, DropReason.MAC_IEEE_MAC_CONTROL, ()),)
        vid = tag.vid if tag and tag.vid else ingress.mode.native  # VID 0 tells a priority only
        if vid is None or not ingress.mode.carries(vid):
            why = (Step("vlan", ingress.mode),)
            return (Drop(port, frame, DropReason.VLAN_NOT_ALLOWED, why),)
        if len(frame.wire) - VLAN_HLEN * bool(tag) > self._system_mtu.mtu + ETH_HLEN:
            why = (Step("mtu", self._system_mtu),)
            return (Drop(port, frame, DropReason.PKT_TOO_BIG, why),)
        self._learn(now, vid, eth.src, port)
        if eth.dst in RESERVED:
            return (Drop(port, frame, DropReason.UNHANDLED_PROTO, ()),)
        return self._forward(ingress, frame, vid, tag)

    def configure(self, now: Nanoseconds, change: Change) -> Effects:
        """Do what the command in the docstring of `change` does."""
        match change:
            case AddPort(port=port):
                self._ports.setdefault(port, _Port(name=port))
            case RemovePort(port=port):
                if self._ports.pop(port, None):
                    self._forget_port(port)
            case SetPort():
                self._set_port(change)
            case SetMtu():
                self._system_mtu = change
            case ClearMacs():
                self._forget(list(self._rows))
            case _:
                assert_never(change)
        self._domains.clear()
        return ()

    def next_deadline(self) -> Nanoseconds | None:
        """Return when the station that was silent longest is forgotten."""
        return self._ageing.next_deadline()

    def tick(self, now: Nanoseconds) -> Effects:
        """Forget the stations that are due."""
        self._forget(self._ageing.due(now))
        return ()

    def mode(self, port: str) -> Mode | None:
        """Return what a port is set to; None if there is none of that name."""
        found = self._ports.get(port)
        return found.mode if found else None

    def rows(self) -> tuple[MacRow, ...]:
        """Return the table that `show mac address-table` prints: by VLAN and MAC."""
        return tuple(self._rows[station] for station in sorted(self._rows))

    def _set_port(self, change: SetPort) -> None:
        """Change a port; if its VLANs change or it goes down, it forgets its stations."""
        if (port := self._ports.get(change.port)) is None:
            raise Refused(f'{self.name} has no port "{change.port}"')
        mode = change.mode or port.mode
        up = port.up if change.up is None else change.up
        self._ports[port.name] = replace(port, mode=mode, up=up)
        if mode != port.mode or not up:
            self._forget_port(port.name)

    def _learn(self, now: Nanoseconds, vid: int, mac: MacAddress, port: str) -> None:
        station = vid, mac
        row = self._rows.get(station)
        if row is None or row.port != port:
            self._rows[station] = row = MacRow(vid=vid, mac=mac, port=port)
            self._why[station] = (Step("fdb", row),)
        self._ageing.hear(now, station)

    def _forget(self, stations: Iterable[Station]) -> None:
        for station in stations:
            del self._rows[station], self._why[station]
            self._ageing.forget([station])

    def _forget_port(self, port: str) -> None:
        self._forget([station for station, row in self._rows.items() if row.port == port])

    def _forward(self, ingress: _Port, frame: Frame, vid: int, tag: VlanTag | None) -> Effects:
        """Send a copy, tagged as each port wants it, to where the destination is or may be."""
        domain = self._domains.get(vid) or self._find_domain(vid)
        row = self._rows.get((vid, frame.eth.dst))
        outs = domain.ports
        if row is not None:
            outs, why = (self._ports[row.port],), self._why[vid, row.mac]
        else:
            why = domain.group if is_multicast(frame.eth.dst) else domain.unknown
        copies: dict[bool, Frame] = {}  # tagged or not: at most two
        effects = list[Transmit]()
        for out in outs:
            if out is not ingress:
                tagged = vid != out.mode.native
                if tagged not in copies:
                    copies[tagged] = redress(frame, tag, vid if tagged else None)
                effects.append(Transmit(out.name, copies[tagged], why))
        return tuple(effects) or (Drop(ingress.name, frame, DropReason.NO_TX_TARGET, why),)

    def _find_domain(self, vid: int) -> _Domain:
        flood = Step("flood", Vlan(vid=vid))
        ports = [port for port in self._ports.values() if port.up and port.mode.carries(vid)]
        domain = _Domain(ports=tuple(ports), group=(flood,), unknown=(UNKNOWN, flood))
        self._domains[vid] = domain
        return domain


def vlan_tag(frame: Frame) -> VlanTag | None:
    """Return the tag that says of which VLAN `frame` is; `Malformed` if one is cut short."""
    tag = frame.vlan
    return tag if tag and tag.tpid == ETH_P_8021Q else None


def redress(frame: Frame, tag: VlanTag | None, vid: int | None) -> Frame:
    """Return `frame`, which came with `tag`, with that of VLAN `vid` instead; None: with none."""
    if vid is None:
        return frame.derive(pop_vlan(frame.wire)) if tag else frame
    if tag is None:
        return frame.derive(push_vlan(frame.wire, vid))
    return frame if tag.vid == vid else frame.derive(set_vid(frame.wire, vid))
