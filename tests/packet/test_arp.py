"""ARP, held against Scapy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emu.net.effects import DropReason
from emu.packet import door
from emu.packet.addresses import BROADCAST, MacAddress, parse_inet, render_inet
from emu.packet.arp import ARPOP_REPLY, ARPOP_REQUEST, ArpHeader, build_arp, parse_arp
from emu.packet.malformed import Malformed
from tests.strategies import STATIONS, arp_wires, inets, macs, tagged_wires, u16

A, B, *_ = STATIONS
OURS, THEIRS = parse_inet("172.16.100.3"), parse_inet("172.16.100.4")
REQUEST = build_arp(ARPOP_REQUEST, sha=A, spa=OURS, tpa=THEIRS)


headers = st.builds(ArpHeader, u16, macs, inets, macs, inets)


@given(headers, macs, st.none() | macs)
def test_what_is_built_is_what_scapy_builds(
    arp: ArpHeader, dst: MacAddress, src: MacAddress | None
) -> None:
    judge = door.ARP(
        op=arp.op,
        hwsrc=arp.sha.hex(":"),
        psrc=render_inet(arp.spa),
        hwdst=arp.tha.hex(":"),
        pdst=render_inet(arp.tpa),
    )
    wire = build_arp(dst=dst, src=src, **arp._asdict())
    assert wire == bytes(door.Ether(dst=dst.hex(":"), src=(src or arp.sha).hex(":")) / judge)
    assert parse_arp(wire) == arp


def test_a_request_asks_everybody_for_an_unknown_mac() -> None:
    wire = (
        "ffffffffffff 02000000000a 0806 0001 0800 06 04 0001"
        "02000000000a ac106403 000000000000 ac106404"
    )
    assert bytes.fromhex(wire) == REQUEST


@given(arp_wires, st.binary(max_size=18))
def test_padding_is_no_part_of_it(wire: bytes, padding: bytes) -> None:
    assert parse_arp(wire + padding) == parse_arp(wire)


@given(tagged_wires.filter(lambda wire: wire[16:18] == b"\x08\x06"))
def test_behind_a_tag_it_is_read_at_the_offset_where_it_begins(wire: bytes) -> None:
    assert parse_arp(wire, 18) == parse_arp(wire[:12] + wire[16:])


@pytest.mark.parametrize(
    ("wire", "what", "reason"),
    [
        pytest.param(REQUEST[:41], "27 octets, not 28", "PKT_TOO_SMALL", id="an octet is missing"),
        pytest.param(REQUEST[:9], "0 octets, not 28", "PKT_TOO_SMALL", id="it has not begun"),
        pytest.param(
            REQUEST[:14] + b"\x00\x18" + REQUEST[16:],
            "hardware type 24, not 1",
            "NOT_SPECIFIED",
            id="another kind of link",
        ),
        pytest.param(
            REQUEST[:16] + b"\x86\xdd" + REQUEST[18:],
            "protocol type 0x86dd, not 0x0800",
            "NOT_SPECIFIED",
            id="another protocol",
        ),
        pytest.param(
            REQUEST[:18] + b"\x08" + REQUEST[19:],
            "hardware addresses of 8 octets",
            "NOT_SPECIFIED",
            id="long hardware addresses",
        ),
        pytest.param(
            REQUEST[:19] + b"\x10" + REQUEST[20:],
            "protocol addresses of 16 octets",
            "NOT_SPECIFIED",
            id="long protocol addresses",
        ),
    ],
)
def test_what_linux_does_not_take_says_why(wire: bytes, what: str, reason: str) -> None:
    with pytest.raises(Malformed, match=what) as caught:
        parse_arp(wire)
    assert DropReason[caught.value.reason] == reason


def test_the_hardware_type_of_ieee_802_is_ethernet_too() -> None:
    assert parse_arp(REQUEST[:14] + b"\x00\x06" + REQUEST[16:]) == parse_arp(REQUEST)


@pytest.mark.parametrize(
    ("op", "tha", "tpa", "expected"),
    [
        pytest.param(ARPOP_REQUEST, BROADCAST, OURS, True, id="arping -U asks for itself"),
        pytest.param(ARPOP_REPLY, A, OURS, True, id="arping -A answers to itself"),
        pytest.param(ARPOP_REPLY, B, OURS, False, id="a reply to another MAC is none"),
        pytest.param(ARPOP_REQUEST, BROADCAST, THEIRS, False, id="a question is none"),
        pytest.param(ARPOP_REPLY, A, THEIRS, False, id="an answer is none"),
    ],
)
def test_which_is_gratuitous(op: int, tha: MacAddress, tpa: bytes, expected: bool) -> None:
    assert ArpHeader(op, A, OURS, tha, tpa).is_gratuitous is expected
