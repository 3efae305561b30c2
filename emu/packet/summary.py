"""A frame in one line for people, in the manner of Wireshark's Info column.

Tolerant: nothing raises, checksums are not looked at, and of what is cut short it says so.
"""

from collections.abc import Callable
from ipaddress import IPv6Address
from struct import Struct
from typing import Final

from emu.packet.addresses import INADDR_ANY, render_inet, render_mac
from emu.packet.arp import ARPOP_REPLY, ARPOP_REQUEST, parse_arp
from emu.packet.dot1q import AT, VLAN_HLEN, VlanTag, parse_vlan
from emu.packet.encapsulation import ETH_P_TEB, parse_geneve, parse_gre, parse_vxlan
from emu.packet.ethernet import (
    ETH_P_802_3_MIN,
    ETH_P_8021Q,
    ETH_P_ARP,
    ETH_P_IP,
    ETH_P_IPV6,
    parse_ethernet,
)
from emu.packet.icmp import (
    ICMP,
    ICMP_DEST_UNREACH,
    ICMP_FRAG_NEEDED,
    ICMP_HLEN,
    ICMP_REDIRECT,
    QUERIES,
    IcmpHeader,
)
from emu.packet.ipv4 import (
    IPPROTO_GRE,
    IPPROTO_ICMP,
    IPPROTO_IPIP,
    IPPROTO_TCP,
    IPPROTO_UDP,
    Ipv4Header,
    payload,
    read_ipv4,
)
from emu.packet.malformed import Malformed
from emu.packet.tcp import TCP_HLEN, parse_tcp
from emu.packet.udp import GENEVE_PORT, UDP_HLEN, VXLAN_PORTS, parse_udp

DEPTH: Final = 4  # frames in frames
PORTS: Final = Struct("!HH")
IPV6_HLEN: Final = 40

# RFC 792, RFC 1122, RFC 1812, in the words of ping where it has some
ICMP_WORDS: Final = {
    (0, 0): "echo reply",
    (3, 0): "network unreachable",
    (3, 1): "host unreachable",
    (3, 2): "protocol unreachable",
    (3, 3): "port unreachable",
    (3, 4): "fragmentation needed",
    (3, 9): "network prohibited",
    (3, 10): "host prohibited",
    (3, 13): "packet filtered",
    (5, 0): "redirect network",
    (5, 1): "redirect host",
    (8, 0): "echo request",
    (11, 0): "time to live exceeded",
    (11, 1): "fragment reassembly time exceeded",
    (12, 0): "parameter problem",
    (13, 0): "timestamp request",
    (14, 0): "timestamp reply",
}
TCP_WORDS: Final = ("FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR")  # lowest bit first


def summarize(wire: bytes) -> str:
    """Return what the frame is."""
    return _frame(wire, 0)


def _frame(wire: bytes, depth: int) -> str:
    try:
        eth = parse_ethernet(wire)
        ethertype, at, tags = eth.ethertype, AT, []
        while tag := parse_vlan(wire, at):
            tags.append(_tag(tag))
            ethertype, at = tag.ethertype, at + VLAN_HLEN
    except Malformed as malformed:
        return f"Ethernet malformed: {malformed}"
    if (look := _BY_ETHERTYPE.get(ethertype)) is not None:
        words = look(wire[at + 2 :], depth)
    elif ethertype < ETH_P_802_3_MIN:
        words = f"802.3 {render_mac(eth.src)} > {render_mac(eth.dst)} len={ethertype}"
    else:
        ends = f"{render_mac(eth.src)} > {render_mac(eth.dst)}"
        words = f"Ethernet type 0x{ethertype:04x} {ends} len={len(wire) - at - 2}"
    return " ".join([*tags, words])


def _tag(tag: VlanTag) -> str:
    standard = "802.1Q" if tag.tpid == ETH_P_8021Q else "802.1ad"
    priority = f" pcp {tag.pcp}" if tag.pcp or not tag.vid else ""
    return f"{standard} vlan {tag.vid}{priority}{' dei' if tag.dei else ''}"


def _arp(octets: bytes, _: int) -> str:
    try:
        arp = parse_arp(octets, 0)
    except Malformed as malformed:
        return f"ARP malformed: {malformed}"
    spa, tpa = render_inet(arp.spa), render_inet(arp.tpa)
    if arp.op not in (ARPOP_REQUEST, ARPOP_REPLY):
        return f"ARP opcode {arp.op} {spa} > {tpa}"
    if arp.spa == arp.tpa:
        kind = "announcement" if arp.op == ARPOP_REQUEST else "gratuitous reply"
        return f"ARP {kind}: {spa} is at {render_mac(arp.sha)}"
    if arp.op == ARPOP_REPLY:
        return f"ARP {spa} is at {render_mac(arp.sha)}, to {tpa}"
    if arp.spa == INADDR_ANY:
        return f"ARP probe: is {tpa} free? asks {render_mac(arp.sha)}"
    return f"ARP who has {tpa}? tell {spa}"


def _ipv4(octets: bytes, depth: int) -> str:
    try:
        ip = read_ipv4(octets, 0)
    except Malformed as malformed:
        return f"IPv4 malformed: {malformed}"
    ends = _ends(ip)
    if ip.offset:
        return f"IPv4 fragment id=0x{ip.id:04x} offset={ip.offset} protocol {ip.protocol} {ends}"
    look = _BY_PROTOCOL.get(ip.protocol)
    if look is None:
        return f"IPv4 protocol {ip.protocol} {ends} len={ip.total_length - ip.size}"
    try:
        words = look(ip, payload(octets, ip, 0), depth)
    except Malformed as malformed:
        return f"IPv4 protocol {ip.protocol} {ends} malformed: {malformed}"
    return f"{words} [first fragment]" if ip.mf else words


def _ends(ip: Ipv4Header) -> str:
    return f"{render_inet(ip.src)} > {render_inet(ip.dst)}"


def _icmp(ip: Ipv4Header, message: bytes, depth: int) -> str:
    if len(message) < ICMP_HLEN:
        raise Malformed(f"{len(message)} octets hold no ICMP header")
    icmp = IcmpHeader._make(ICMP.unpack_from(message))
    words = f"ICMP {ICMP_WORDS.get((icmp.type, icmp.code), f'type {icmp.type} code {icmp.code}')}"
    if icmp.type in QUERIES:
        return f"{words} id=0x{icmp.identifier:04x} seq={icmp.sequence} {_ends(ip)}"
    if icmp.type == ICMP_REDIRECT:
        words += f" gateway={render_inet(icmp.gateway)}"
    elif (icmp.type, icmp.code) == (ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED):
        words += f" mtu={icmp.mtu}"
    if not icmp.is_error:
        return f"{words} {_ends(ip)}"
    return f"{words} {_ends(ip)} ({_inside(ETH_P_IP, message[ICMP_HLEN:], depth)})"


def _tcp(ip: Ipv4Header, segment: bytes, _: int) -> str:
    if 4 <= len(segment) < TCP_HLEN:  # what those quote who quote 8 octets (RFC 792)
        return f"TCP {_ports(ip, *PORTS.unpack_from(segment))} cut short"
    tcp = parse_tcp(segment)
    flags = ", ".join(word for bit, word in enumerate(TCP_WORDS) if tcp.flags >> bit & 1)
    size = max(len(segment) - tcp.size, 0)
    ends = _ports(ip, tcp.srcport, tcp.dstport)
    return f"TCP {ends} [{flags}] seq={tcp.seq} ack={tcp.ack} len={size}"


def _udp(ip: Ipv4Header, datagram: bytes, depth: int) -> str:
    udp = parse_udp(datagram)
    if udp.dstport in VXLAN_PORTS:
        tunnel = parse_vxlan(datagram[UDP_HLEN:])
        words = f"VXLAN vni={tunnel.key} {_ends(ip)}"
    elif udp.dstport == GENEVE_PORT:
        tunnel = parse_geneve(datagram[UDP_HLEN:])
        words = f"Geneve vni={tunnel.key} {_ends(ip)}"
    else:
        return f"UDP {_ports(ip, udp.srcport, udp.dstport)} len={udp.length - UDP_HLEN}"
    carried = datagram[UDP_HLEN + tunnel.size :]
    return f"{words}: {_inside(tunnel.ethertype, carried, depth)}"


def _gre(ip: Ipv4Header, octets: bytes, depth: int) -> str:
    tunnel = parse_gre(octets)
    key = "" if tunnel.key is None else f" key={tunnel.key}"
    return f"GRE{key} {_ends(ip)}: {_inside(tunnel.ethertype, octets[tunnel.size :], depth)}"


def _ipip(ip: Ipv4Header, octets: bytes, depth: int) -> str:
    return f"IPIP {_ends(ip)}: {_inside(ETH_P_IP, octets, depth)}"


def _ports(ip: Ipv4Header, srcport: int, dstport: int) -> str:
    return f"{render_inet(ip.src)}:{srcport} > {render_inet(ip.dst)}:{dstport}"


def _ipv6(octets: bytes, _: int) -> str:
    if len(octets) < IPV6_HLEN:
        return f"IPv6 malformed: {len(octets)} octets hold no IPv6 header"
    src, dst = IPv6Address(octets[8:24]), IPv6Address(octets[24:40])
    return f"IPv6 {src} > {dst} next header {octets[6]}"


def _inside(ethertype: int, octets: bytes, depth: int) -> str:
    """Return what a packet carries or quotes."""
    if depth == DEPTH:
        return "..."
    look = _BY_ETHERTYPE.get(ethertype)
    return look(octets, depth + 1) if look else f"type 0x{ethertype:04x} len={len(octets)}"


_BY_ETHERTYPE: Final[dict[int, Callable[[bytes, int], str]]] = {
    ETH_P_ARP: _arp,
    ETH_P_IP: _ipv4,
    ETH_P_IPV6: _ipv6,
    ETH_P_TEB: _frame,
}
_BY_PROTOCOL: Final[dict[int, Callable[[Ipv4Header, bytes, int], str]]] = {
    IPPROTO_ICMP: _icmp,
    IPPROTO_IPIP: _ipip,
    IPPROTO_TCP: _tcp,
    IPPROTO_UDP: _udp,
    IPPROTO_GRE: _gre,
}
