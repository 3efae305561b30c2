"""What an expectation can say of a frame: fields by Wireshark's names, and the values they have.

`FIELDS` is the whole list; `emu.packet.dissection` finds them in a frame. A match is true of a
frame if each of its fields has one of the wanted values in any of its occurrences, as in Wireshark.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum, unique
from ipaddress import IPv4Network
from typing import Final, Self

from emu.core.errors import EmuError
from emu.packet.addresses import parse_mac
from emu.packet.dissection import Found, Value, field_values
from emu.packet.tcp import FLAGS


@unique
class Kind(StrEnum):
    """What the values of a field are, in words for people."""

    PROTOCOL = "true (there) or false (not there)"
    FLAG = "true or false"
    NUMBER = "a number"
    MAC = "a MAC address such as 'fa:16:3e:00:00:01'"
    INET = "an IPv4 address or network such as 172.16.100.0/24"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field."""

    kind: Kind
    meaning: str
    bits: int = 0  # how wide a number is


def _protocol(meaning: str) -> Field:
    return Field(kind=Kind.PROTOCOL, meaning=meaning)


def _number(bits: int, meaning: str) -> Field:
    return Field(kind=Kind.NUMBER, meaning=meaning, bits=bits)


def _flag(meaning: str) -> Field:
    return Field(kind=Kind.FLAG, meaning=meaning)


def _mac(meaning: str) -> Field:
    return Field(kind=Kind.MAC, meaning=meaning)


def _inet(meaning: str) -> Field:
    return Field(kind=Kind.INET, meaning=meaning)


FIELDS: Final = {
    "frame.len": _number(32, "octets of the whole frame"),
    "eth": _protocol("an Ethernet frame, also one inside a tunnel"),
    "eth.dst": _mac("destination"),
    "eth.src": _mac("source"),
    "eth.addr": _mac("either end"),
    "eth.type": _number(16, "what follows; 0x8100 for a tag"),
    "eth.len": _number(16, "octets that follow, in an IEEE 802.3 frame"),
    "vlan": _protocol("a tag of IEEE 802.1Q"),
    "vlan.id": _number(12, "VID; 0: a priority, but no VLAN"),
    "vlan.priority": _number(3, "PCP"),
    "vlan.dei": _flag("DEI: may be dropped first"),
    "vlan.etype": _number(16, "what follows the tag"),
    "ieee8021ad": _protocol("a service provider's tag, IEEE 802.1ad"),
    "ieee8021ad.id": _number(12, "VID of a service provider's tag"),
    "ieee8021ad.priority": _number(3, "PCP of a service provider's tag"),
    "ieee8021ad.dei": _flag("DEI of a service provider's tag"),
    "arp": _protocol("ARP"),
    "arp.opcode": _number(16, "1: request, 2: reply"),
    "arp.src.hw_mac": _mac("sender's MAC"),
    "arp.src.proto_ipv4": _inet("sender's address"),
    "arp.dst.hw_mac": _mac("target's MAC"),
    "arp.dst.proto_ipv4": _inet("target's address"),
    "arp.isgratuitous": _protocol("sender and target have the same address"),
    "arp.isprobe": _protocol("asks whether an address is free"),
    "ip": _protocol("IPv4, also inside a tunnel or quoted in an ICMP error"),
    "ip.version": _number(4, "4"),
    "ip.hdr_len": _number(6, "octets of the header"),
    "ip.dsfield": _number(8, "TOS: DSCP and ECN"),
    "ip.len": _number(16, "octets of header and payload"),
    "ip.id": _number(16, "which fragments belong together"),
    "ip.flags": _number(3, "0x2: DF, 0x1: MF"),
    "ip.flags.df": _flag("do not fragment"),
    "ip.flags.mf": _flag("more fragments"),
    "ip.frag_offset": _number(13, "where a fragment begins, in units of 8 octets"),
    "ip.ttl": _number(8, "TTL"),
    "ip.proto": _number(8, "what follows; 1: ICMP, 6: TCP, 17: UDP, 47: GRE"),
    "ip.checksum": _number(16, "checksum of the header"),
    "ip.src": _inet("source"),
    "ip.dst": _inet("destination"),
    "ip.addr": _inet("either end"),
    "icmp": _protocol("ICMP"),
    "icmp.type": _number(8, "0: echo reply, 3: unreachable, 5: redirect, 8: echo, 11: too old"),
    "icmp.code": _number(8, "which of its type"),
    "icmp.checksum": _number(16, "checksum"),
    "icmp.ident": _number(16, "id of an echo"),
    "icmp.seq": _number(16, "seq of an echo"),
    "icmp.mtu": _number(16, "next hop's MTU, where fragmentation is needed"),
    "icmp.redir_gw": _inet("gateway of a redirect"),
    "udp": _protocol("UDP"),
    "udp.srcport": _number(16, "source port"),
    "udp.dstport": _number(16, "destination port"),
    "udp.port": _number(16, "either port"),
    "udp.length": _number(16, "octets of header and data"),
    "udp.checksum": _number(16, "checksum; 0: none"),
    "tcp": _protocol("TCP"),
    "tcp.srcport": _number(16, "source port"),
    "tcp.dstport": _number(16, "destination port"),
    "tcp.port": _number(16, "either port"),
    "tcp.seq_raw": _number(32, "sequence number as on the wire"),
    "tcp.ack_raw": _number(32, "acknowledgement number as on the wire"),
    "tcp.hdr_len": _number(6, "octets of the header"),
    "tcp.flags": _number(12, "all flags: 0x002 SYN, 0x012 SYN and ACK, 0x014 RST and ACK"),
    **{f"tcp.flags.{name}": _flag(name.upper()) for name in FLAGS},
    "tcp.window_size_value": _number(16, "window, not scaled"),
    "tcp.checksum": _number(16, "checksum"),
    "tcp.len": _number(16, "octets of data"),
    "vxlan": _protocol("VXLAN, on UDP port 4789 or 8472"),
    "vxlan.vni": _number(24, "VNI"),
    "geneve": _protocol("Geneve, on UDP port 6081"),
    "geneve.vni": _number(24, "VNI"),
    "gre": _protocol("GRE"),
    "gre.proto": _number(16, "what follows; 0x6558: an Ethernet frame"),
    "gre.key": _number(32, "key"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldMistake:
    """What is wrong with one field of a match."""

    field: str  # the key that the person wrote
    what: str
    fix: str = ""

    def __str__(self) -> str:
        """Return one line."""
        return f"{self.what}; {self.fix}" if self.fix else self.what


class MatchError(EmuError):
    """A match is wrong; `mistakes` are all that is wrong with it."""

    def __init__(self, mistakes: tuple[FieldMistake, ...]) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(map(str, mistakes)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What one field must be: any value in one of the ranges, or absent if there are none."""

    field: str
    ranges: tuple[tuple[Value, Value], ...]  # lowest and highest, both included
    filter: str  # the same as a display filter of Wireshark

    def accepts(self, found: Found) -> bool:
        """Whether some occurrence of the field is as wanted."""
        values = found.get(self.field)
        if values is None:
            return not self.ranges
        return any(low <= value <= high for value in values for low, high in self.ranges)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What a frame must be like."""

    wanted: tuple[Wanted, ...]

    @classmethod
    def parse(cls, fields: Mapping[str, object]) -> Self:
        """Read `{"vlan.id": 100, "ip.src": "172.16.100.0/24", "icmp.type": [0, 8], "arp": False}`.

        A list has values of which one must be there. `MatchError` tells all that is wrong.
        """
        read = [_wanted(name, value) for name, value in fields.items()]
        if mistakes := tuple([it for it in read if isinstance(it, FieldMistake)]):
            raise MatchError(mistakes)
        return cls(wanted=tuple([it for it in read if isinstance(it, Wanted)]))

    def matches(self, wire: bytes) -> bool:
        """Whether the frame is like that."""
        found = field_values(wire)
        return all(wanted.accepts(found) for wanted in self.wanted)

    @property
    def filter(self) -> str:
        """The same as a display filter of Wireshark."""
        return " && ".join(wanted.filter for wanted in self.wanted)


def _wanted(name: str, value: object) -> Wanted | FieldMistake:
    """Read one field of a match."""
    if (field := FIELDS.get(name)) is None:
        close = get_close_matches(name, FIELDS, n=1)
        fix = f"did you mean {close[0]}?" if close else "`emu schema` lists those that there are"
        return FieldMistake(field=name, what=f'there is no field "{name}"', fix=fix)
    if field.kind is Kind.PROTOCOL and isinstance(value, bool):
        there = ((1, 1),)
        return Wanted(
            field=name, ranges=there if value else (), filter=name if value else f"!{name}"
        )
    values = value if isinstance(value, list | tuple) else [value]
    ranges = [_range(field, one) for one in values]
    if not ranges or None in ranges:
        odd = values[ranges.index(None)] if ranges else value
        what = f"{name} is {_description(field)}, not {odd!r}"
        return FieldMistake(field=name, what=what, fix=_fix(name, field, odd))
    known = tuple([one for one in ranges if one is not None])
    return Wanted(field=name, ranges=known, filter=_filter(name, values))


def _range(field: Field, value: object) -> tuple[Value, Value] | None:
    """Return the lowest and the highest value that are meant, None if it is none of that kind."""
    try:
        match field.kind:
            case Kind.PROTOCOL:
                return None
            case Kind.FLAG:
                return (int(value), int(value)) if value in (0, 1) else None
            case Kind.NUMBER:
                number = int(value, 0) if isinstance(value, str) else value
                fits = type(number) is int and 0 <= number < 1 << field.bits
                return (number, number) if fits else None
            case Kind.MAC:
                mac = parse_mac(str(value))
                return mac, mac
            case Kind.INET:
                network = IPv4Network(str(value), strict=False)
                return network.network_address.packed, network.broadcast_address.packed
    except ValueError:
        return None


def _description(field: Field) -> str:
    if field.kind is Kind.NUMBER:
        return f"a number from 0 to {(1 << field.bits) - 1}"
    return field.kind.value


def _fix(name: str, field: Field, odd: object) -> str:
    if field.kind is Kind.PROTOCOL:
        inside = [other for other in FIELDS if other.startswith(f"{name}.")]
        return f"its fields are {', '.join(inside)}" if inside else ""
    if field.kind is Kind.MAC and isinstance(odd, int):
        return "put it in quotes, YAML takes it for a number"
    return ""


def _filter(name: str, values: Sequence[object]) -> str:
    words = [str(int(value)) if isinstance(value, bool) else str(value) for value in values]
    return f"{name} == {words[0]}" if len(words) == 1 else f"{name} in {{{', '.join(words)}}}"
