"""What a frame has of the fields that `emu.packet.fields` lists, by Wireshark's names.

A tolerant walk over the bytes: nothing raises, and where the headers end, the fields end. As in
Wireshark a field may occur more than once, because the packet that an ICMP error quotes and the
frame that a tunnel carries count as well.

Differs from Wireshark where something is broken or incomplete: a header that is cut short has no
fields, and fragments are looked at one by one (its preference `ip.defragment` off). UDP port 8472
is VXLAN (its "decode as"). Does not look into IPv6, DHCP, DNS.
"""

from collections.abc import Callable
from typing import Any, Final

from emu.packet.arp import ARP, ARPHRD_ETHER, ARPOP_REPLY, ARPOP_REQUEST
from emu.packet.dot1q import TCI
from emu.packet.encapsulation import (
    ETH_P_TEB,
    GRE_HLEN,
    TunnelHeader,
    parse_geneve,
    parse_gre,
    parse_vxlan,
)
from emu.packet.ethernet import (
    ETH_HLEN,
    ETH_P_802_3_MIN,
    ETH_P_8021AD,
    ETH_P_8021Q,
    ETH_P_ARP,
    ETH_P_IP,
    ETHERNET,
)
from emu.packet.icmp import (
    ERRORS,
    ICMP,
    ICMP_DEST_UNREACH,
    ICMP_FRAG_NEEDED,
    ICMP_HLEN,
    ICMP_REDIRECT,
    PROBES,
    QUERIES,
)
from emu.packet.ipv4 import (
    IP_DF,
    IP_MF,
    IP_OFFSET,
    IPPROTO_GRE,
    IPPROTO_ICMP,
    IPPROTO_IPIP,
    IPPROTO_TCP,
    IPPROTO_UDP,
    IPV4,
    IPV4_HLEN,
)
from emu.packet.malformed import Malformed
from emu.packet.tcp import FLAGS, TCP, TCP_HLEN
from emu.packet.udp import GENEVE_PORT, UDP, UDP_HLEN, VXLAN_PORTS

Value = Any  # int, or bytes of an address: one or the other throughout a field
DEPTH: Final = 16  # headers in headers; Wireshark gives up too, later


class Found(dict[str, tuple[Value, ...]]):
    """The fields that were found: all occurrences of each, outermost first."""

    headers = 0  # how many were looked at
    is_quoted = False  # whether this is inside an ICMP error

    def add(self, name: str, *values: Value) -> None:
        """Note occurrences of a field."""
        self[name] = self.get(name, ()) + values


def field_values(wire: bytes) -> Found:
    """Return the fields of a frame."""
    found = Found()
    found.add("frame.len", len(wire))
    _ethernet(found, wire)
    return found


def _ethernet(found: Found, octets: bytes) -> None:
    if len(octets) < ETH_HLEN:
        return
    dst, src, ethertype = ETHERNET.unpack_from(octets)
    found.add("eth", 1)
    found.add("eth.dst", dst)
    found.add("eth.src", src)
    found.add("eth.addr", dst, src)
    if ethertype < ETH_P_802_3_MIN:
        found.add("eth.len", ethertype)
        return
    found.add("eth.type", ethertype)
    _carried(found, ethertype, octets[ETH_HLEN:])


def _carried(found: Found, ethertype: int, octets: bytes) -> None:
    """Look at what comes after an Ethernet type, if it is known and not too deep inside."""
    look = _BY_ETHERTYPE.get(ethertype)
    if look and found.headers < DEPTH:
        found.headers += 1
        look(found, octets)


def _vlan(found: Found, octets: bytes) -> None:
    if ethertype := _tag(found, "vlan", octets):
        found.add("vlan.etype", ethertype)
        _carried(found, ethertype, octets[TCI.size :])


def _ieee8021ad(found: Found, octets: bytes) -> None:
    if ethertype := _tag(found, "ieee8021ad", octets):
        _carried(found, ethertype, octets[TCI.size :])


def _tag(found: Found, name: str, octets: bytes) -> int:
    """Look at a tag after its type; return the type that follows, 0 if the tag is cut short."""
    if len(octets) < TCI.size:
        return 0
    tci, ethertype = TCI.unpack_from(octets)
    found.add(name, 1)
    found.add(f"{name}.priority", tci >> 13)
    found.add(f"{name}.dei", tci >> 12 & 1)
    found.add(f"{name}.id", tci & 0xFFF)
    return int(ethertype)


def _arp(found: Found, octets: bytes) -> None:
    if len(octets) < ARP.size:
        return
    htype, ptype, hlen, plen, op, sha, spa, tha, tpa = ARP.unpack_from(octets)
    found.add("arp", 1)
    found.add("arp.opcode", op)
    if (htype, ptype, hlen, plen) != (ARPHRD_ETHER, ETH_P_IP, 6, 4):
        return
    found.add("arp.src.hw_mac", sha)
    found.add("arp.src.proto_ipv4", spa)
    found.add("arp.dst.hw_mac", tha)
    found.add("arp.dst.proto_ipv4", tpa)
    if spa == tpa and op in (ARPOP_REQUEST, ARPOP_REPLY):
        found.add("arp.isgratuitous", 1)
    elif op == ARPOP_REQUEST and not any(spa + tha):
        found.add("arp.isprobe", 1)


def _ipv4(found: Found, octets: bytes) -> None:
    if len(octets) < IPV4_HLEN:
        return
    version_ihl, tos, length, id_, word, ttl, protocol, check, src, dst = IPV4.unpack_from(octets)
    size = (version_ihl & 15) * 4
    found.add("ip", 1)
    found.add("ip.version", version_ihl >> 4)
    if version_ihl >> 4 != 4:
        return
    found.add("ip.hdr_len", size)
    if size < IPV4_HLEN:
        return
    found.add("ip.dsfield", tos)
    found.add("ip.len", length)
    found.add("ip.id", id_)
    found.add("ip.flags", word >> 13)
    found.add("ip.flags.df", int(word & IP_DF != 0))
    found.add("ip.flags.mf", int(word & IP_MF != 0))
    found.add("ip.frag_offset", word & IP_OFFSET)
    found.add("ip.ttl", ttl)
    found.add("ip.proto", protocol)
    found.add("ip.checksum", check)
    found.add("ip.src", src)
    found.add("ip.dst", dst)
    found.add("ip.addr", src, dst)
    look = _BY_PROTOCOL.get(protocol)
    if look and not word & IP_OFFSET and found.headers < DEPTH:
        found.headers += 1
        look(found, octets[size:length])


def _icmp(found: Found, octets: bytes) -> None:
    if len(octets) < ICMP_HLEN:
        return
    type_, code, check, rest = ICMP.unpack_from(octets)
    found.add("icmp", 1)
    found.add("icmp.type", type_)
    found.add("icmp.code", code)
    found.add("icmp.checksum", check)
    if type_ in QUERIES:
        found.add("icmp.ident", rest >> 16)
        found.add("icmp.seq", rest & 0xFFFF)
    elif type_ in PROBES:
        found.add("icmp.ident", rest >> 16)
    elif type_ == ICMP_REDIRECT:
        found.add("icmp.redir_gw", octets[4:8])
    elif (type_, code) == (ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED):
        found.add("icmp.mtu", rest & 0xFFFF)
    if type_ in ERRORS:
        found.is_quoted = True
        _ipv4(found, octets[ICMP_HLEN:])


def _tcp(found: Found, octets: bytes) -> None:
    if not _ports(found, "tcp", octets) or len(octets) < TCP_HLEN:
        return
    _, _, seq, ack, word, window, check, _ = TCP.unpack_from(octets)
    size = (word >> 12) * 4
    found.add("tcp.hdr_len", size)
    if not TCP_HLEN <= size <= len(octets):
        return
    if not found.is_quoted:
        found.add("tcp.seq_raw", seq)
        found.add("tcp.len", len(octets) - size)
    found.add("tcp.ack_raw", ack)
    found.add("tcp.flags", word & 0xFFF)
    for bit, flag in enumerate(FLAGS):
        found.add(f"tcp.flags.{flag}", word >> bit & 1)
    found.add("tcp.window_size_value", window)
    found.add("tcp.checksum", check)


def _udp(found: Found, octets: bytes) -> None:
    if not _ports(found, "udp", octets) or len(octets) < UDP_HLEN:
        return
    srcport, dstport, length, check = UDP.unpack_from(octets)
    found.add("udp.length", length)
    if length < UDP_HLEN:
        return
    found.add("udp.checksum", check)
    if dstport in VXLAN_PORTS or srcport in VXLAN_PORTS:
        _tunnel(found, "vxlan.vni", parse_vxlan, octets[UDP_HLEN:length])
    elif GENEVE_PORT in (dstport, srcport):
        _tunnel(found, "geneve.vni", parse_geneve, octets[UDP_HLEN:length])


def _ports(found: Found, name: str, octets: bytes) -> bool:
    """Look at the ports, which are quoted even by those who quote 8 octets (RFC 792)."""
    if len(octets) < 4:
        return False
    srcport, dstport = int.from_bytes(octets[:2], "big"), int.from_bytes(octets[2:4], "big")
    found.add(name, 1)
    found.add(f"{name}.srcport", srcport)
    found.add(f"{name}.dstport", dstport)
    found.add(f"{name}.port", srcport, dstport)
    return True


def _gre(found: Found, octets: bytes) -> None:
    if len(octets) >= GRE_HLEN:
        found.add("gre", 1)
        found.add("gre.proto", int.from_bytes(octets[2:4], "big"))
    _tunnel(found, "gre.key", parse_gre, octets)


def _tunnel(found: Found, key: str, parse: Callable[[bytes], TunnelHeader], octets: bytes) -> None:
    """Look at the header of a tunnel, and at what it carries."""
    try:
        header = parse(octets)
    except Malformed:
        return
    found.setdefault(key.partition(".")[0], (1,))
    if header.key is not None:
        found.add(key, header.key)
    _carried(found, header.ethertype, octets[header.size :])


_BY_ETHERTYPE: Final[dict[int, Callable[[Found, bytes], None]]] = {
    ETH_P_8021Q: _vlan,
    ETH_P_8021AD: _ieee8021ad,
    ETH_P_ARP: _arp,
    ETH_P_IP: _ipv4,
    ETH_P_TEB: _ethernet,
}
_BY_PROTOCOL: Final[dict[int, Callable[[Found, bytes], None]]] = {
    IPPROTO_ICMP: _icmp,
    IPPROTO_IPIP: _ipv4,
    IPPROTO_TCP: _tcp,
    IPPROTO_UDP: _udp,
    IPPROTO_GRE: _gre,
}
