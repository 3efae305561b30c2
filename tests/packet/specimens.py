"""One frame of each kind that emu can tell apart, made by Scapy."""

from typing import Final

from emu.packet.door import (
    ARP,
    GENEVE,
    GRE,
    ICMP,
    IP,
    LLC,
    TCP,
    UDP,
    VXLAN,
    Dot1AD,
    Dot1Q,
    Dot3,
    Ether,
    IPv6,
    Packet,
    Raw,
)

A, B, ALL = "fa:16:3e:00:00:0a", "fa:16:3e:00:00:0b", "ff:ff:ff:ff:ff:ff"
VM1, VM2, VM3 = "172.16.100.3", "172.16.100.4", "172.16.101.3"
ETH, TO_ALL = Ether(src=A, dst=B), Ether(src=A, dst=ALL)
TO, BACK = IP(src=VM1, dst=VM2, id=7, ttl=64, flags="DF"), IP(src=VM2, dst=VM1, id=8, tos=0xC0)
ROUTED = IP(src=VM1, dst=VM3, id=9, ttl=63)
ECHO = ICMP(id=0x1CCF, seq=1) / Raw(bytes(range(56)))
INNER = Raw(
    bytes(Ether(src="fa:16:3e:00:00:0c", dst="fa:16:3e:00:00:0d") / IP(src=VM2, dst=VM3) / ECHO)
)
OUTER = IP(src="10.0.1.10", dst="10.0.2.10", id=0x8F99)

PACKETS: Final[dict[str, Packet]] = {
    "request": TO_ALL / ARP(op=1, hwsrc=A, psrc=VM1, pdst=VM2),
    "reply": ETH / ARP(op=2, hwsrc=A, psrc=VM1, hwdst=B, pdst=VM2),
    "announcement": TO_ALL / ARP(op=1, hwsrc=A, psrc=VM1, hwdst=ALL, pdst=VM1),
    "gratuitous reply": TO_ALL / ARP(op=2, hwsrc=A, psrc=VM1, hwdst=A, pdst=VM1),
    "probe": TO_ALL / ARP(op=1, hwsrc=A, psrc="0.0.0.0", pdst=VM1),  # noqa: S104
    "RARP": TO_ALL / ARP(op=3, hwsrc=A, psrc=VM1, hwdst=A, pdst=VM1),
    "echo": ETH / TO / ECHO,
    "echo reply": ETH / BACK / ICMP(type=0, id=0x1CCF, seq=1) / Raw(bytes(range(56))),
    "timestamp": ETH / TO / ICMP(type=13, id=5, seq=6, ts_ori=1, ts_rx=2, ts_tx=3),
    "extended echo": ETH / TO / ICMP(type=42, code=0) / Raw(b"1234"),
    "tagged": ETH / Dot1Q(vlan=100, prio=5, dei=1) / TO / ECHO,
    "tagged ARP": TO_ALL / Dot1Q(vlan=101) / ARP(op=1, hwsrc=A, psrc=VM1, pdst=VM2),
    "priority": ETH / Dot1Q(vlan=0, prio=3) / TO / ECHO,
    "twice tagged": ETH / Dot1AD(vlan=7, prio=3, dei=1) / Dot1Q(vlan=8) / TO / ECHO,
    "host unreachable": ETH / BACK / ICMP(type=3, code=1) / ROUTED / ECHO,
    "fragmentation needed": ETH / BACK / ICMP(type=3, code=4, nexthopmtu=1400) / ROUTED / ECHO,
    "port unreachable": ETH / BACK / ICMP(type=3, code=3) / TO / UDP(sport=40000, dport=9) / b"x",
    "time exceeded": ETH / BACK / ICMP(type=11) / TO / TCP(sport=40000, dport=80, flags="S"),
    "redirect": ETH / BACK / ICMP(type=5, code=1, gw="172.16.100.2") / ROUTED / ECHO,
    "cut quote": ETH / BACK / ICMP(type=11) / Raw(bytes(TO / TCP(sport=40000, dport=80))[:28]),
    "UDP": ETH / TO / UDP(sport=40000, dport=5000) / b"hello",
    "SYN": ETH / TO / TCP(sport=40000, dport=80, flags="S", seq=7, options=[("MSS", 1460)]),
    "SYN ACK": ETH / BACK / TCP(sport=80, dport=40000, flags="SA", seq=9, ack=8, window=65160),
    "data": ETH / TO / TCP(sport=40000, dport=80, flags="PA", seq=8, ack=10) / b"hello",
    "odd flags": ETH / TO / TCP(sport=40000, dport=80, flags="FRUEC"),
    "first fragment": ETH / IP(src=VM1, dst=VM2, id=5, flags="MF") / UDP(sport=40000, dport=5000),
    "last fragment": ETH / IP(src=VM1, dst=VM2, id=5, frag=185, proto=17) / b"the rest",
    "VXLAN": ETH / OUTER / UDP(sport=39677, dport=4789) / VXLAN(flags=8, vni=100) / INNER,
    "VXLAN of old": ETH / OUTER / UDP(sport=39677, dport=8472) / VXLAN(flags=8, vni=101) / INNER,
    "Geneve": ETH / OUTER / UDP(sport=39677, dport=6081) / GENEVE(vni=102, proto=0x6558) / INNER,
    "GRE": ETH / OUTER / GRE(proto=0x6558, key_present=1, key=103) / INNER,
    "GRE with all": ETH
    / OUTER
    / GRE(proto=0x6558, chksum_present=1, key_present=1, seqnum_present=1, key=104)
    / INNER,
    "GRE of IPv4": ETH / OUTER / GRE() / TO / ECHO,
    "IP in IP": ETH / IP(src="10.0.1.10", dst="10.0.2.10", proto=4) / TO / ECHO,
    "another protocol": ETH / IP(src=VM1, dst=VM2, proto=89) / b"OSPF",
    "IPv6": ETH / IPv6(src="fe80::1", dst="ff02::1") / UDP(sport=40000, dport=5000),
    "802.3": Dot3(src=A, dst="01:80:c2:00:00:00") / LLC() / b"STP",
    "unknown type": Ether(src=A, dst=B, type=0x88B5) / b"experiment",
}
WIRES: Final = {name: bytes(packet) for name, packet in PACKETS.items()}
