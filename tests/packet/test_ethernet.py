"""The Ethernet header, held against Scapy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emu.packet.addresses import MacAddress
from emu.packet.door import Dot3, Ether
from emu.packet.ethernet import build_ethernet, parse_ethernet, set_macs
from emu.packet.malformed import Malformed
from tests.strategies import macs, short, u16, valid_wires


@given(macs, macs, u16, short)
def test_a_frame_is_what_scapy_builds(
    dst: MacAddress, src: MacAddress, ethertype: int, carried: bytes
) -> None:
    wire = build_ethernet(dst, src, ethertype, carried)
    ether = Ether(dst=dst.hex(":"), src=src.hex(":"), type=ethertype)
    assert wire == bytes(ether / carried)
    assert parse_ethernet(wire) == (dst, src, ethertype)


@given(st.binary(min_size=14, max_size=100))
def test_a_header_is_what_scapy_reads(wire: bytes) -> None:
    eth, judge = parse_ethernet(wire), Ether(wire)
    assert (eth.dst.hex(":"), eth.src.hex(":")) == (judge.dst, judge.src)
    assert eth.ethertype == (judge.len if isinstance(judge, Dot3) else judge.type)


@pytest.mark.parametrize("size", [0, 13])
def test_a_runt_has_no_header(size: int) -> None:
    with pytest.raises(Malformed, match=f"{size} octets hold no Ethernet header") as caught:
        parse_ethernet(bytes(size))
    assert caught.value.reason == "HDR_TRUNC"


@given(valid_wires, macs, macs)
def test_a_router_changes_both_addresses_and_nothing_else(
    wire: bytes, dst: MacAddress, src: MacAddress
) -> None:
    routed = set_macs(wire, dst, src)
    assert parse_ethernet(routed) == (dst, src, parse_ethernet(wire).ethertype)
    assert routed[12:] == wire[12:]
