"""Random matches that frames of tests/conformance/frames.py meet now and then."""

from collections.abc import Callable
from random import Random

from tests.conformance.frames import IPV4, IPV6, LABELS, MACS, PORTS, VLANS

BASES = {
    "": 6,
    "arp": 2,
    "rarp": 1,
    "ip": 5,
    "ipv6": 3,
    "tcp": 4,
    "udp": 3,
    "icmp": 3,
    "sctp": 1,
    "tcp6": 2,
    "udp6": 2,
    "icmp6": 3,
    "mpls": 2,
    "dl_type=0x88b5": 1,
}
_V4 = ("ip", "tcp", "udp", "icmp", "sctp")
_V6 = ("ipv6", "tcp6", "udp6", "icmp6")
IP = (*_V4, *_V6)

_CT_STATE = ["trk", "new", "est", "rpl", "inv", "rel", "snat", "dnat"]

Field = Callable[[Random], str]


def _choice(name: str, values: list[object]) -> Field:
    return lambda random: f"{name}={random.choice(values)}"


def _masked(name: str, values: list[str], masks: list[str]) -> Field:
    def draw(random: Random) -> str:
        mask = f"/{random.choice(masks)}" if random.random() < 0.4 else ""
        return f"{name}={random.choice(values)}{mask}"

    return draw


def _bits(name: str, width: int) -> Field:
    def draw(random: Random) -> str:
        value = random.choice([0, 1, 2, 5, 0x1234, 0xFF, (1 << width) - 1]) & (1 << width) - 1
        mask = random.choice([None, None, 1, 0xFF, 0xF0, (1 << width) - 2])
        return f"{name}={value:#x}" if mask is None else f"{name}={value & mask:#x}/{mask:#x}"

    return draw


def _ct_state(random: Random) -> str:
    bits = random.sample(_CT_STATE, random.choice([1, 1, 2, 3]))
    if "trk" not in bits and random.random() < 0.9:
        bits.insert(0, "trk")
    return "ct_state=" + "".join(random.choice("++-") + bit for bit in bits)


def _tcp_flags(random: Random) -> str:
    return "tcp_flags=" + random.choice(["+syn", "+syn-ack", "-rst", "+ack", "0x12", "0x10/0x10"])


_MAC_MASKS = ["ff:ff:ff:ff:ff:00", "01:00:00:00:00:00", "00:00:00:00:00:01"]
_ANY: list[Field] = [
    _masked("dl_src", MACS, _MAC_MASKS),
    _masked("dl_dst", [*MACS, "ff:ff:ff:ff:ff:ff"], _MAC_MASKS),
    _choice("dl_vlan", [*VLANS, *VLANS, "0xffff", 0]),
    _choice("dl_vlan_pcp", [0, 3, 7]),
    _choice("vlan_tci", ["0x0000", "0x1000/0x1000", "0x100a", "0x0000/0x1fff", "0x6000/0xe000"]),
    _bits("metadata", 64),
    _bits("reg0", 32),
    _bits("reg1", 32),
    _bits("reg7", 32),
    _bits("xreg1", 64),
    _bits("pkt_mark", 32),
]
_IP_FIELDS: list[Field] = [
    _ct_state,
    _ct_state,
    _choice("ct_zone", [0, 1, 2]),
    _bits("ct_mark", 32),
    _bits("ct_label", 128),
    _choice("nw_tos", [0, 0x10, 0xB8]),
    _choice("ip_dscp", [0, 4, 46]),
    _choice("nw_ecn", [0, 1, 3]),
    _choice("nw_ttl", [0, 1, 2, 64]),
    _choice("ip_frag", ["no", "yes", "first", "later", "not_later"]),
]
_PORT_MASKS = ["0xfff0", "0xff00", "0x1"]
_PORTS = [str(port) for port in PORTS]
_OF_PORTS: list[Field] = [
    _masked("tp_src", _PORTS, _PORT_MASKS),
    _masked("tp_dst", _PORTS, _PORT_MASKS),
    _choice("tp_dst", list(PORTS)),
]
_V4_MASKS = ["24", "31", "30", "255.0.255.0", "0.0.0.1"]
_V6_MASKS = ["64", "127", "126", "ffff::1"]
_FIELDS: dict[str, list[Field]] = {
    "arp": [
        _choice("arp_op", [1, 2, 3]),
        _masked("arp_spa", IPV4, _V4_MASKS),
        _masked("arp_tpa", IPV4, _V4_MASKS),
        _masked("arp_sha", MACS, _MAC_MASKS),
        _masked("arp_tha", [*MACS, "00:00:00:00:00:00"], _MAC_MASKS),
    ],
    "mpls": [
        _choice("mpls_label", list(LABELS)),
        _choice("mpls_tc", [0, 1, 7]),
        _choice("mpls_bos", [0, 1]),
        _choice("mpls_ttl", [0, 1, 64]),
    ],
    "icmp": [_choice("icmp_type", [0, 3, 8, 11]), _choice("icmp_code", [0, 1, 3])],
    "icmp6": [
        _choice("icmp_type", [128, 129, 135, 136]),
        _choice("icmp_type=135,icmp_code=0,nd_target", list(IPV6[:5])),
        _choice("icmp_type=136,icmp_code=0,nd_target", list(IPV6[:5])),
        _choice("icmp_type=135,icmp_code=0,nd_sll", list(MACS)),
        _choice("icmp_type=136,icmp_code=0,nd_tll", list(MACS)),
    ],
    "tcp": [*_OF_PORTS, _tcp_flags],
    "tcp6": [*_OF_PORTS, _tcp_flags],
    "udp": _OF_PORTS,
    "udp6": _OF_PORTS,
    "sctp": _OF_PORTS,
}
_FIELDS["rarp"] = _FIELDS["arp"]
_V4_FIELDS: list[Field] = [
    _masked("nw_src", IPV4, _V4_MASKS),
    _masked("nw_dst", IPV4, _V4_MASKS),
    *[_masked("ct_nw_dst", IPV4, _V4_MASKS), _choice("ct_nw_proto", [6, 17, 1])],
]
_V6_FIELDS: list[Field] = [
    _masked("ipv6_src", IPV6, _V6_MASKS),
    _masked("ipv6_dst", IPV6, _V6_MASKS),
    _choice("ipv6_label", ["0", "0x12345", "0x1/0x1"]),
]


def draw_match(random: Random, ports: list[int], base: str | None = None) -> tuple[str, str]:
    """Draw a protocol and a match for it, both in words."""
    if base is None:
        base = random.choices(list(BASES), list(BASES.values()))[0]
    fields = [*_ANY, *_FIELDS.get(base, ()) * 3]
    if base in IP:
        fields += [*_IP_FIELDS, *(_V4_FIELDS if base in _V4 else _V6_FIELDS) * 2]
    found: dict[str, str] = {}
    if base:
        found[base.split("=")[0]] = base
    if random.random() < 0.5:
        found["in_port"] = f"in_port={random.choice(ports)}"
    for field in random.choices(fields, k=random.choice([0, 0, 1, 1, 2])):
        text = field(random)
        name = text.split("=")[0]
        if not any(part.split("=")[0] in found for part in text.split(",")):
            found[name] = text
    return base, ",".join(found.values())
