"""ICMP, held against Scapy; the reasons for drops are those that Linux 6.18 traced (kfree_skb)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emu.net.effects import DropReason
from emu.packet.addresses import parse_inet
from emu.packet.checksum import checksum
from emu.packet.door import ICMP, Raw, in_checksum
from emu.packet.icmp import (
    ICMP_DEST_UNREACH,
    ICMP_ECHO,
    ICMP_ECHOREPLY,
    ICMP_FRAG_NEEDED,
    ICMP_REDIR_HOST,
    ICMP_REDIRECT,
    IcmpHeader,
    build_echo,
    build_icmp,
    echo_reply,
    parse_icmp,
    quote,
)
from emu.packet.malformed import Malformed
from tests.strategies import icmp_messages, short, u8, u16, u32

PING = build_echo(ICMP_ECHO, 0x1CCF, 1, bytes(range(56)))
octets_of_a_packet = st.binary(min_size=20, max_size=1500)


@given(u16, u16, short, st.sampled_from([ICMP_ECHO, ICMP_ECHOREPLY]))
def test_an_echo_is_what_scapy_builds(
    identifier: int, sequence: int, data: bytes, type_: int
) -> None:
    message = build_echo(type_, identifier, sequence, data)
    assert message == bytes(ICMP(type=type_, id=identifier, seq=sequence) / Raw(data))
    header = parse_icmp(message)
    assert (header.type, header.code, header.identifier, header.sequence) == (
        type_,
        0,
        identifier,
        sequence,
    )


@given(u8, u8, u32, short)
def test_any_message_reads_back(type_: int, code: int, rest: int, body: bytes) -> None:
    message = build_icmp(type_, code, rest, body)
    judge = in_checksum(message[:2] + bytes(2) + message[4:])
    assert parse_icmp(message) == IcmpHeader(type_, code, judge, rest)
    assert message[8:] == body


def test_an_error_has_its_mtu_and_a_redirect_its_gateway() -> None:
    fragment = parse_icmp(build_icmp(ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, 1400))
    assert fragment.mtu == ICMP(build_icmp(3, 4, 1400)).nexthopmtu == 1400
    gateway = parse_inet("192.168.0.2")
    redirect = build_icmp(ICMP_REDIRECT, ICMP_REDIR_HOST, int.from_bytes(gateway, "big"))
    assert parse_icmp(redirect).gateway == gateway
    assert ICMP(redirect).gw == "192.168.0.2"


@given(icmp_messages)
def test_a_reply_mirrors_all_but_the_type(request_: bytes) -> None:
    reply = echo_reply(request_)
    before, after = parse_icmp(request_), parse_icmp(reply)
    assert after == before._replace(type=ICMP_ECHOREPLY, checksum=after.checksum)
    assert reply[8:] == request_[8:]


@pytest.mark.parametrize(
    ("message", "what", "reason"),
    [
        pytest.param(
            PING[:-1] + b"\x00", "checksum is wrong", "ICMP_CSUM", id="an octet has changed"
        ),
        pytest.param(b"", "checksum is wrong", "ICMP_CSUM", id="nothing at all"),
        pytest.param(
            b"\x08\x00\xf7\xff", "4 octets hold no ICMP", "NOT_SPECIFIED", id="a header cut short"
        ),
    ],
)
def test_what_linux_drops_says_why(message: bytes, what: str, reason: str) -> None:
    with pytest.raises(Malformed, match=what) as caught:
        parse_icmp(message)
    assert DropReason[caught.value.reason] == reason


def test_the_shortest_message_is_a_header() -> None:
    assert parse_icmp(build_echo(ICMP_ECHO, 1, 1, b"")).sequence == 1


@pytest.mark.parametrize(
    ("type_", "expected"),
    [(0, False), (3, True), (4, True), (5, True), (8, False), (11, True), (12, True), (13, False)],
)
def test_which_messages_are_errors(type_: int, expected: bool) -> None:
    assert parse_icmp(build_icmp(type_, 0, 0)).is_error is expected


@given(octets_of_a_packet, st.integers(68, 9000))
def test_an_error_quotes_from_the_beginning_and_fits(packet: bytes, mtu: int) -> None:
    quoted = quote(packet, mtu=mtu)
    assert packet.startswith(quoted)
    assert len(quoted) == min(len(packet), mtu - 28, 548)


@pytest.mark.parametrize(
    ("size", "frame"),
    [
        pytest.param(84, 126, id="a ping is quoted whole"),
        pytest.param(1500, 590, id="a long packet up to 576 octets in all"),
    ],
)
def test_the_frames_of_errors_have_the_sizes_that_were_measured(size: int, frame: int) -> None:
    assert 14 + 20 + 8 + len(quote(bytes(size))) == frame


def test_a_checksum_covers_header_and_data() -> None:
    assert checksum(PING) == 0
    assert checksum(PING[:8]) != 0
