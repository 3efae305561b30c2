"""A frame in one line."""

import pytest
from hypothesis import given

from emu.packet.frame import Frame
from emu.packet.ipv4 import IPPROTO_GRE, build_ipv4
from emu.packet.summary import summarize
from tests.packet.specimens import WIRES
from tests.strategies import any_frames

ECHO = "ICMP echo request id=0x1ccf seq=1 172.16.100.3 > 172.16.100.4"
ROUTED = "ICMP echo request id=0x1ccf seq=1 172.16.100.3 > 172.16.101.3"
INNER = "ICMP echo request id=0x1ccf seq=1 172.16.100.4 > 172.16.101.3"
BACK = "172.16.100.4 > 172.16.100.3"
LINES = {
    "request": "ARP who has 172.16.100.4? tell 172.16.100.3",
    "reply": "ARP 172.16.100.3 is at fa:16:3e:00:00:0a, to 172.16.100.4",
    "announcement": "ARP announcement: 172.16.100.3 is at fa:16:3e:00:00:0a",
    "gratuitous reply": "ARP gratuitous reply: 172.16.100.3 is at fa:16:3e:00:00:0a",
    "probe": "ARP probe: is 172.16.100.3 free? asks fa:16:3e:00:00:0a",
    "RARP": "ARP opcode 3 172.16.100.3 > 172.16.100.3",
    "echo": ECHO,
    "echo reply": f"ICMP echo reply id=0x1ccf seq=1 {BACK}",
    "timestamp": "ICMP timestamp request id=0x0005 seq=6 172.16.100.3 > 172.16.100.4",
    "extended echo": "ICMP type 42 code 0 172.16.100.3 > 172.16.100.4",
    "tagged": f"802.1Q vlan 100 pcp 5 dei {ECHO}",
    "tagged ARP": "802.1Q vlan 101 ARP who has 172.16.100.4? tell 172.16.100.3",
    "priority": f"802.1Q vlan 0 pcp 3 {ECHO}",
    "twice tagged": f"802.1ad vlan 7 pcp 3 dei 802.1Q vlan 8 {ECHO}",
    "host unreachable": f"ICMP host unreachable {BACK} ({ROUTED})",
    "fragmentation needed": f"ICMP fragmentation needed mtu=1400 {BACK} ({ROUTED})",
    "port unreachable": f"ICMP port unreachable {BACK} "
    "(UDP 172.16.100.3:40000 > 172.16.100.4:9 len=1)",
    "time exceeded": f"ICMP time to live exceeded {BACK} "
    "(TCP 172.16.100.3:40000 > 172.16.100.4:80 [SYN] seq=0 ack=0 len=0)",
    "redirect": f"ICMP redirect host gateway=172.16.100.2 {BACK} ({ROUTED})",
    "cut quote": f"ICMP time to live exceeded {BACK} "
    "(TCP 172.16.100.3:40000 > 172.16.100.4:80 cut short)",
    "UDP": "UDP 172.16.100.3:40000 > 172.16.100.4:5000 len=5",
    "SYN": "TCP 172.16.100.3:40000 > 172.16.100.4:80 [SYN] seq=7 ack=0 len=0",
    "SYN ACK": "TCP 172.16.100.4:80 > 172.16.100.3:40000 [SYN, ACK] seq=9 ack=8 len=0",
    "data": "TCP 172.16.100.3:40000 > 172.16.100.4:80 [PSH, ACK] seq=8 ack=10 len=5",
    "odd flags": "TCP 172.16.100.3:40000 > 172.16.100.4:80 [FIN, RST, URG, ECE, CWR] "
    "seq=0 ack=0 len=0",
    "first fragment": "UDP 172.16.100.3:40000 > 172.16.100.4:5000 len=0 [first fragment]",
    "last fragment": "IPv4 fragment id=0x0005 offset=1480 protocol 17 172.16.100.3 > 172.16.100.4",
    "VXLAN": f"VXLAN vni=100 10.0.1.10 > 10.0.2.10: {INNER}",
    "VXLAN of old": f"VXLAN vni=101 10.0.1.10 > 10.0.2.10: {INNER}",
    "Geneve": f"Geneve vni=102 10.0.1.10 > 10.0.2.10: {INNER}",
    "GRE": f"GRE key=103 10.0.1.10 > 10.0.2.10: {INNER}",
    "GRE with all": f"GRE key=104 10.0.1.10 > 10.0.2.10: {INNER}",
    "GRE of IPv4": f"GRE 10.0.1.10 > 10.0.2.10: {ECHO}",
    "IP in IP": f"IPIP 10.0.1.10 > 10.0.2.10: {ECHO}",
    "another protocol": "IPv4 protocol 89 172.16.100.3 > 172.16.100.4 len=4",
    "IPv6": "IPv6 fe80::1 > ff02::1 next header 17",
    "802.3": "802.3 fa:16:3e:00:00:0a > 01:80:c2:00:00:00 len=6",
    "unknown type": "Ethernet type 0x88b5 fa:16:3e:00:00:0a > fa:16:3e:00:00:0b len=10",
}


@pytest.mark.parametrize("name", WIRES)
def test_what_a_frame_is(name: str) -> None:
    assert summarize(WIRES[name]) == LINES[name]


@pytest.mark.parametrize(
    ("wire", "expected"),
    [
        pytest.param(b"", "Ethernet malformed: 0 octets hold no Ethernet header", id="nothing"),
        pytest.param(
            WIRES["tagged"][:16],
            "Ethernet malformed: 16 octets hold no more than a part of a VLAN tag",
            id="a part of a tag",
        ),
        pytest.param(
            WIRES["request"][:40],
            "ARP malformed: 26 octets, not 28",
            id="a part of ARP",
        ),
        pytest.param(
            WIRES["tagged"][:20],
            "802.1Q vlan 100 pcp 5 dei IPv4 malformed: 2 octets hold no IPv4 header",
            id="a part of an IPv4 header behind a tag",
        ),
        pytest.param(
            WIRES["echo"][:40],
            "IPv4 protocol 1 172.16.100.3 > 172.16.100.4 malformed: 6 octets hold no ICMP header",
            id="a part of an ICMP header",
        ),
        pytest.param(WIRES["echo"][:60], ECHO, id="a part of the data"),
        pytest.param(
            WIRES["UDP"][:40],
            "IPv4 protocol 17 172.16.100.3 > 172.16.100.4 malformed: 6 octets hold no UDP header",
            id="a part of a UDP header",
        ),
        pytest.param(
            WIRES["IPv6"][:50], "IPv6 malformed: 36 octets hold no IPv6 header", id="a part of IPv6"
        ),
        pytest.param(
            WIRES["GRE"][:36] + b"\x12\x34" + WIRES["GRE"][38:],
            "GRE key=103 10.0.1.10 > 10.0.2.10: type 0x1234 len=98",
            id="a tunnel of something else",
        ),
    ],
)
def test_what_is_cut_short_or_odd_says_so(wire: bytes, expected: str) -> None:
    assert summarize(wire) == expected


def test_there_is_an_end_to_frames_in_frames() -> None:
    nobody, packet = bytes(4), b""
    for _ in range(1000):
        packet = build_ipv4(IPPROTO_GRE, b"\x00\x00\x08\x00" + packet, src=nobody, dst=nobody)
    line = summarize(WIRES["echo"][:14] + packet)
    assert line == "GRE 0.0.0.0 > 0.0.0.0: " * 5 + "..."


@given(any_frames)
def test_anything_has_one_line(frame: Frame) -> None:
    line = summarize(frame.wire)
    assert line
    assert line.isprintable()
