"""Hosts to talk to, and words for what they say.

`a` is 10.0.0.1 with the MAC 02:...:0a, `b` is 10.0.0.2 with ...:0b; they share a wire.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Interface

from emu.core.rng import Rng
from emu.core.time import Nanoseconds, microseconds, milliseconds
from emu.devices.namespace import Namespace
from emu.devices.namespace.changes import AddAddress, AddNetdev, Change, Start
from emu.inet.applications import Application, Finished, Printed
from emu.journal import Record, Sent
from emu.net.effects import Deliver, Drop, Effects, Event, Hold, Transmit
from emu.net.link import LinkSettings
from emu.packet.addresses import BROADCAST, MacAddress, render_inet
from emu.packet.arp import ARPOP_REQUEST, parse_arp
from emu.packet.ethernet import ETH_P_ARP, ETH_P_IP
from emu.packet.frame import Frame
from emu.packet.icmp import ICMP_ECHO, ICMP_ECHOREPLY, parse_icmp
from emu.packet.ipv4 import IPPROTO_ICMP, parse_ipv4, payload
from emu.sim import Network

MACS = {name: MacAddress(bytes((2, 0, 0, 0, 0, ord(name) - 87))) for name in "abcdef"}
NAMES = {mac: name for name, mac in MACS.items()} | {BROADCAST: "all"}
T0 = milliseconds(0)
LATENCY = microseconds(50)


def inet(text: str) -> bytes:
    return IPv4Address(text).packed


def host(name: str, *addresses: str, netdev: str = "eth0", mac: str = "") -> Namespace:
    """Return a host with one netdev, which has these addresses."""
    made = Namespace(name, rng=Rng("test").stream(name))
    made.configure(T0, AddNetdev(name=netdev, mac=MACS[mac or name]))
    for address in addresses:
        made.configure(T0, AddAddress(name=netdev, interface=IPv4Interface(address)))
    return made


def describe(frame: Frame) -> str:
    """Return a frame in words: who speaks to whom, and what."""
    tags = []
    while frame.vlan is not None:
        tags.append(f"[{frame.vlan.vid}] ")
        frame = frame.derive(frame.wire[:12] + frame.wire[16:])
    src, dst = (NAMES.get(mac, mac.hex(":")) for mac in (frame.eth.src, frame.eth.dst))
    return f"{src} > {dst} {''.join(tags)}{_carried(frame)}"


def _carried(frame: Frame) -> str:
    if frame.eth.ethertype == ETH_P_ARP:
        arp = parse_arp(frame.wire)
        target, sender = render_inet(arp.tpa), render_inet(arp.spa)
        if arp.op == ARPOP_REQUEST:
            return f"who-has {target} tell {sender}"
        return f"{sender} is-at {NAMES.get(arp.sha, arp.sha.hex(':'))}"
    if frame.eth.ethertype != ETH_P_IP:
        return f"0x{frame.eth.ethertype:04x}"
    ip = parse_ipv4(frame.wire)
    if ip.protocol != IPPROTO_ICMP or ip.offset:
        return f"ip {ip.protocol}"
    icmp = parse_icmp(payload(frame.wire, ip)) if not ip.mf else None
    if icmp is None:
        return "fragment"
    kinds = {ICMP_ECHO: "echo", ICMP_ECHOREPLY: "reply"}
    if icmp.type in kinds:
        return f"{kinds[icmp.type]} {icmp.sequence}"
    return f"icmp {icmp.type}/{icmp.code}"


def outcome(effects: Effects) -> list[str]:
    """Return what became of frames: what left, and what ended where and why."""
    said = []
    for effect in effects:
        match effect:
            case Transmit(port=port, frame=frame):
                said.append(f"{port}: {describe(frame)}")
            case Deliver(port=port):
                said.append(f"deliver {port}")
            case Hold(port=port):
                said.append(f"hold {port}")
            case Drop(port=port, reason=reason):
                said.append(f"drop {port} {reason}")
            case Event(value=Printed(line=line)):
                said.append(f"print {line}")
            case Event(value=Finished(status=status)):
                said.append(f"exit {status}")
    return said


class Wire:
    """Hosts on a network, of which every frame and every word is noted."""

    def __init__(self, *hosts: Namespace, latency: Nanoseconds = LATENCY) -> None:
        self.network = Network(self)
        self.records: list[Record] = []
        for one in hosts:
            self.network.add(one)
        if len(hosts) == 2:
            ends = [(one.name, one.ports[0]) for one in hosts]
            self.network.connect(ends[0], ends[1], LinkSettings(latency=latency))

    def write(self, record: Record) -> None:
        self.records.append(record)

    def close(self) -> None:
        """Nothing."""

    def do(self, name: str, *changes: Change) -> None:
        """Change a host."""
        for change in changes:
            self.network.configure(name, change)

    def run(self, name: str, application: Application, id: str = "p") -> None:
        """Start a program."""
        self.do(name, Start(id=id, application=application))

    def advance(self, ms: int) -> None:
        """Let time pass."""
        self.network.advance(milliseconds(ms))

    @property
    def frames(self) -> list[Sent]:
        """What was sent on links."""
        return [record for record in self.records if isinstance(record, Sent)]

    def said(self) -> list[str]:
        """Return what was sent on links, in words, with the ms in which it was."""
        return [f"{sent.time // 1_000_000} {describe(sent.frame)}" for sent in self.frames]

    def printed(self, id: str = "p") -> list[str]:
        """Return what a program printed."""
        return [
            value.line for value in self._values() if isinstance(value, Printed) and value.id == id
        ]

    def status(self, id: str = "p") -> int | None:
        """Return what a program exited with."""
        ends = [value for value in self._values() if isinstance(value, Finished)]
        return next((value.status for value in ends if value.id == id), None)

    def effects(self) -> list[object]:
        """Return all effects, in order."""
        return [effect for record in self.records for effect in getattr(record, "effects", ())]

    def _values(self) -> Iterable[object]:
        return [effect.value for effect in self.effects() if isinstance(effect, Event)]


def pair(latency: Nanoseconds = LATENCY) -> Wire:
    """Return `a` and `b` on one wire."""
    return Wire(host("a", "10.0.0.1/24"), host("b", "10.0.0.2/24"), latency=latency)
