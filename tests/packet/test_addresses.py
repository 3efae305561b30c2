"""Addresses as people write them."""

import re
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emu.packet.addresses import (
    BROADCAST,
    MacAddress,
    is_multicast,
    parse_inet,
    parse_mac,
    render_inet,
    render_mac,
)

six, four = st.binary(min_size=6, max_size=6), st.binary(min_size=4, max_size=4)


@given(six)
def test_a_mac_reads_back_as_it_was_written(mac: bytes) -> None:
    assert parse_mac(render_mac(mac)) == mac
    assert parse_mac(render_mac(mac).upper().replace(":", "-")) == mac
    assert re.fullmatch(r"([0-9a-f]{2}:){5}[0-9a-f]{2}", render_mac(mac))


@given(four)
def test_an_ipv4_address_is_written_as_the_c_library_does(address: bytes) -> None:
    assert render_inet(address) == socket.inet_ntop(socket.AF_INET, address)
    assert parse_inet(render_inet(address)) == address


@given(st.text(alphabet="0123456789.-: xa\u0663", max_size=16))
def test_what_is_read_as_an_ipv4_address_is_what_the_c_library_reads(text: str) -> None:
    try:
        judged = socket.inet_pton(socket.AF_INET, text)
    except (OSError, UnicodeEncodeError):
        with pytest.raises(ValueError, match="is not an IPv4 address"):
            parse_inet(text)
    else:
        assert parse_inet(text) == judged


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("fa:16:3e:00:00", id="five octets"),
        pytest.param("fa:16:3e:00:00:01:02", id="seven octets"),
        pytest.param("fa:16:3e:00:00:1", id="a single digit"),
        pytest.param("fa:16-3e:00:00:01", id="two kinds of separators"),
        pytest.param("fa163e000001", id="no separators"),
        pytest.param("fa.16.3e.00.00.01", id="dots"),
        pytest.param("ga:16:3e:00:00:01", id="no hexadecimal digit"),
        pytest.param("fa:16:3e:00:00:0\u0661", id="a digit of another script"),
        pytest.param("fa:16:3e:00:00:01\n", id="a line end"),
    ],
)
def test_what_is_no_mac_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="is not a MAC address such as fa:16:3e:00:00:01"):
        parse_mac(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("172.16.100", id="three numbers"),
        pytest.param("172.16.100.256", id="a number too large"),
        pytest.param("172.16.100.03", id="a leading zero"),
        pytest.param("172.16.100.3/24", id="a prefix"),
        pytest.param("172.16.100.-3", id="a sign"),
        pytest.param("localhost", id="a name"),
    ],
)
def test_what_is_no_ipv4_address_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"'{text}' is not an IPv4 address such as")):
        parse_inet(text)


@given(six)
def test_a_group_address_has_the_lowest_bit_of_its_first_octet(mac: bytes) -> None:
    assert is_multicast(MacAddress(mac)) == (mac[0] % 2 == 1)
    assert is_multicast(BROADCAST)
