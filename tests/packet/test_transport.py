"""UDP and TCP as far as looking at them goes, held against Scapy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emu.net.effects import DropReason
from emu.packet import door
from emu.packet.malformed import Malformed
from emu.packet.tcp import FLAGS, parse_tcp
from emu.packet.udp import parse_udp
from tests.strategies import short, u16, u32


@given(u16, u16, u16, u16, short)
def test_a_udp_header_is_what_scapy_builds(
    srcport: int, dstport: int, length: int, check: int, carried: bytes
) -> None:
    judge = door.UDP(sport=srcport, dport=dstport, len=length, chksum=check)
    assert parse_udp(bytes(judge) + carried) == (srcport, dstport, length, check)


@given(u16, u16, u32, u32, st.data())
def test_a_tcp_header_is_what_scapy_builds(
    srcport: int, dstport: int, seq: int, ack: int, data: st.DataObject
) -> None:
    words, flags, window = data.draw(st.tuples(st.integers(0, 15), st.integers(0, 511), u16))
    judge = door.TCP(
        sport=srcport,
        dport=dstport,
        seq=seq,
        ack=ack,
        dataofs=words,
        flags=flags,
        window=window,
        chksum=7,
        urgptr=9,
    )
    header = parse_tcp(bytes(judge))
    assert (header.srcport, header.dstport, header.seq, header.ack) == (srcport, dstport, seq, ack)
    assert (header.size, header.flags, header.window) == (words * 4, flags, window)
    assert (header.checksum, header.urgent) == (7, 9)


@pytest.mark.parametrize(("letter", "name"), [*zip("FSRPAUEC", FLAGS, strict=True)])
def test_the_flags_have_wiresharks_names_lowest_bit_first(letter: str, name: str) -> None:
    bits = parse_tcp(bytes(door.TCP(flags=letter))).flags
    assert bits == 1 << FLAGS.index(name)
    assert name[0] == letter.lower()


@pytest.mark.parametrize(("parse", "size"), [(parse_udp, 8), (parse_tcp, 20)])
def test_a_header_cut_short_is_malformed(parse: type, size: int) -> None:
    assert parse(bytes(size))
    with pytest.raises(Malformed, match=f"{size - 1} octets hold no") as caught:
        parse(bytes(size - 1))
    assert DropReason[caught.value.reason]
