"""IPv4, held against Scapy; the reasons for drops are those that Linux 6.18 traced (kfree_skb)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emu.net.effects import DropReason
from emu.packet.addresses import parse_inet, render_inet
from emu.packet.checksum import checksum
from emu.packet.door import IP, Ether, Raw
from emu.packet.ethernet import ETH_P_IP, build_ethernet
from emu.packet.frame import Frame
from emu.packet.ipv4 import (
    IP_CE,
    IP_DF,
    IP_MF,
    IPPROTO_UDP,
    Ipv4Header,
    build_ipv4,
    decrement_ttl,
    parse_ipv4,
    payload,
    set_dst,
    set_src,
)
from emu.packet.malformed import Malformed
from tests.strategies import STATIONS, inets, ipv4_wires, short, u8, u16

A, B, *_ = STATIONS
SRC, DST = parse_inet("172.16.100.3"), parse_inet("172.16.101.3")
WIRE = build_ethernet(B, A, ETH_P_IP, build_ipv4(IPPROTO_UDP, bytes(8), src=SRC, dst=DST))


def edited(field: int, octets: bytes, *, wire: bytes = WIRE) -> bytes:
    """Return the frame with other octets in its IPv4 header, and the checksum right again."""
    header = bytearray(wire[14:34])
    header[field : field + len(octets)] = octets
    header[10:12] = bytes(2)
    header[10:12] = checksum(bytes(header)).to_bytes(2, "big")
    return wire[:14] + bytes(header) + wire[34:]


nothing = st.just(0)
headers = st.builds(
    Ipv4Header, u8, nothing, u16, u16, u8, u8, nothing, inets, inets, options=st.just(b"")
)


@given(headers, short)
def test_what_is_built_is_what_scapy_builds(header: Ipv4Header, carried: bytes) -> None:
    packet = build_ipv4(
        header.protocol,
        carried,
        src=header.src,
        dst=header.dst,
        tos=header.tos,
        id=header.id,
        flags_and_offset=header.flags_and_offset,
        ttl=header.ttl,
    )
    judge = IP(
        src=render_inet(header.src),
        dst=render_inet(header.dst),
        tos=header.tos,
        id=header.id,
        flags=header.flags_and_offset >> 13,
        frag=header.flags_and_offset & 0x1FFF,
        ttl=header.ttl,
        proto=header.protocol,
    )
    assert packet == bytes(judge / Raw(carried))
    parsed = parse_ipv4(packet, 0)
    size, check = 20 + len(carried), IP(packet).chksum
    assert parsed == header._replace(total_length=size, checksum=check)


@given(ipv4_wires)
def test_a_header_is_what_scapy_reads(wire: bytes) -> None:
    header, judge = parse_ipv4(wire), Ether(wire)[IP]
    assert (header.tos, header.total_length, header.id) == (judge.tos, judge.len, judge.id)
    assert (header.ttl, header.protocol, header.checksum) == (judge.ttl, judge.proto, judge.chksum)
    assert (render_inet(header.src), render_inet(header.dst)) == (judge.src, judge.dst)
    assert (header.df, header.mf, header.offset) == (
        bool(judge.flags.DF),
        bool(judge.flags.MF),
        judge.frag * 8,
    )
    assert header.size == judge.ihl * 4
    assert header.is_fragment == (judge.flags.MF or judge.frag > 0)
    assert payload(wire, header) == wire[14 + judge.ihl * 4 : 14 + judge.len]


def test_options_are_kept() -> None:
    options = b"\x94\x04\x00\x00"  # router alert, RFC 2113
    packet = build_ipv4(IPPROTO_UDP, b"data", src=SRC, dst=DST, options=options)
    header = parse_ipv4(packet, 0)
    assert (header.options, header.size, payload(packet, header, 0)) == (options, 24, b"data")
    assert Ether(build_ethernet(B, A, ETH_P_IP, packet))[IP].options[0].alert == 0


@given(ipv4_wires, st.binary(max_size=26))
def test_padding_is_no_part_of_the_packet(wire: bytes, padding: bytes) -> None:
    header = parse_ipv4(wire + padding)
    assert header == parse_ipv4(wire)
    assert payload(wire + padding, header) == payload(wire, header)


@pytest.mark.parametrize(
    ("wire", "what", "reason"),
    [
        pytest.param(WIRE[:33], "19 octets hold no", "IP_INHDR", id="a header cut short"),
        pytest.param(WIRE[:10], "0 octets hold no", "IP_INHDR", id="no header at all"),
        pytest.param(edited(0, b"\x65"), "IP version 6, not 4", "IP_INHDR", id="IPv6 in disguise"),
        pytest.param(edited(0, b"\x44"), "a header of 16 octets", "IP_INHDR", id="no room for src"),
        pytest.param(
            *(edited(0, b"\x48"), "a header of 32 octets in 28", "IP_INHDR"), id="options cut short"
        ),
        pytest.param(
            *(WIRE[:22] + b"\x3f" + WIRE[23:], "checksum is wrong", "IP_CSUM"), id="a broken TTL"
        ),
        pytest.param(WIRE[:-1], "27 octets of a packet of 28", "PKT_TOO_SMALL", id="payload cut"),
        pytest.param(
            *(edited(2, b"\x00\x13"), "a packet of 19 octets", "IP_INHDR"),
            id="a total length less than the header",
        ),
        pytest.param(
            *(edited(2, b"\x00\x00"), "a packet of 0 octets", "IP_INHDR"), id="no total length"
        ),
        pytest.param(
            *(edited(2, b"\xff\xff")[:24] + b"\x12\x34" + WIRE[26:], "checksum", "IP_CSUM"),
            id="the checksum is looked at before the length",
        ),
    ],
)
def test_what_linux_drops_says_why(wire: bytes, what: str, reason: str) -> None:
    with pytest.raises(Malformed, match=what) as caught:
        parse_ipv4(wire)
    assert DropReason[caught.value.reason] == reason


@pytest.mark.parametrize("size", [20, 28])
def test_the_shortest_packets_are_whole(size: int) -> None:
    header = parse_ipv4(edited(2, size.to_bytes(2, "big"))[: 14 + size])
    assert header.total_length == size


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        pytest.param(0, (False, False, 0, False), id="a whole packet"),
        pytest.param(IP_DF, (True, False, 0, False), id="one that may not be fragmented"),
        pytest.param(IP_MF, (False, True, 0, True), id="a first fragment"),
        pytest.param(IP_MF | 185, (False, True, 1480, True), id="a middle fragment"),
        pytest.param(370, (False, False, 2960, True), id="a last fragment"),
        pytest.param(IP_CE, (False, False, 0, False), id="the reserved bit says nothing"),
    ],
)
def test_the_word_of_flags_and_offset(word: int, expected: tuple[bool, bool, int, bool]) -> None:
    header = parse_ipv4(edited(6, word.to_bytes(2, "big")))
    assert (header.df, header.mf, header.offset, header.is_fragment) == expected


@given(ipv4_wires.filter(lambda wire: wire[22] > 0), inets)
def test_an_edit_leaves_a_right_checksum_and_changes_one_field(wire: bytes, new: bytes) -> None:
    before = parse_ipv4(wire)
    for after, changed in [
        (parse_ipv4(decrement_ttl(wire)), before._replace(ttl=before.ttl - 1)),
        (parse_ipv4(set_src(wire, new)), before._replace(src=new)),
        (parse_ipv4(set_dst(wire, new)), before._replace(dst=new)),
    ]:
        assert after._replace(checksum=0) == changed._replace(checksum=0)
    assert decrement_ttl(wire)[34:] == wire[34:]


@given(ipv4_wires)
def test_an_edit_leaves_a_wrong_checksum_wrong(wire: bytes) -> None:
    broken = wire[:24] + (parse_ipv4(wire).checksum ^ 1).to_bytes(2, "big") + wire[26:]
    with pytest.raises(Malformed, match="checksum"):
        parse_ipv4(set_dst(broken, DST))


def test_an_edit_finds_a_header_at_another_offset() -> None:
    packet = WIRE[14:]
    assert decrement_ttl(packet, 0) == decrement_ttl(WIRE)[14:]
    assert parse_ipv4(set_src(packet, DST, 0), 0).src == DST
    assert parse_ipv4(set_dst(packet, SRC, 0), 0).dst == SRC


def test_a_frame_reads_its_ipv4_header_once_for_all_its_copies() -> None:
    frame = Frame.new(WIRE)
    assert frame.ipv4 == parse_ipv4(WIRE)
    assert frame.ipv4 is frame.ipv4
    assert frame.derive(decrement_ttl(WIRE)).ipv4.ttl == 63
    with pytest.raises(Malformed):
        assert Frame.new(WIRE[:30]).ipv4
