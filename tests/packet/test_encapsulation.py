"""The headers of tunnels, held against Scapy."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emu.net.effects import DropReason
from emu.packet.door import GENEVE, GRE, LAYERS, VXLAN
from emu.packet.encapsulation import (
    ETH_P_TEB,
    TunnelHeader,
    parse_geneve,
    parse_gre,
    parse_vxlan,
)
from emu.packet.malformed import Malformed
from tests.strategies import short, u16, u32

vnis = st.integers(0, 2**24 - 1)


@given(vnis, short)
def test_a_vxlan_header_is_what_scapy_builds(vni: int, carried: bytes) -> None:
    octets = bytes(VXLAN(flags=8, vni=vni)) + carried
    assert parse_vxlan(octets) == (ETH_P_TEB, vni, 8)


@given(vnis, u16, st.integers(0, 3), short)
def test_a_geneve_header_is_what_scapy_builds(
    vni: int, ethertype: int, words: int, carried: bytes
) -> None:
    option = LAYERS["GeneveOptions"](data=bytes(4 * words))
    octets = bytes(GENEVE(vni=vni, proto=ethertype, options=[option], critical=1)) + carried
    assert parse_geneve(octets) == (ethertype, vni, 12 + 4 * words)


@given(u16, u32, st.booleans(), st.booleans(), st.booleans())
def test_a_gre_header_is_what_scapy_builds(
    ethertype: int, key: int, has_sum: bool, has_key: bool, has_seq: bool
) -> None:
    octets = bytes(
        GRE(
            proto=ethertype,
            chksum_present=int(has_sum),
            key_present=int(has_key),
            seqnum_present=int(has_seq),
            key=key,
            sequence_number=1,
        )
    )
    assert parse_gre(octets + b"carried") == (ethertype, key if has_key else None, len(octets))
    assert parse_gre(octets) == parse_gre(octets + b"carried")
    with pytest.raises(Malformed, match=f"{len(octets) - 1} octets hold no GRE header"):
        parse_gre(octets[:-1])


def test_a_tunnel_may_carry_nothing() -> None:
    assert parse_vxlan(bytes(VXLAN(flags=8, vni=5))) == (ETH_P_TEB, 5, 8)
    assert parse_geneve(bytes(GENEVE(vni=5, proto=ETH_P_TEB))) == (ETH_P_TEB, 5, 8)


@pytest.mark.parametrize(
    ("parse", "octets", "what"),
    [
        pytest.param(parse_vxlan, bytes(7), "7 octets hold no VXLAN header", id="VXLAN cut short"),
        pytest.param(parse_geneve, bytes(7), "7 octets hold no Geneve", id="Geneve cut short"),
        pytest.param(parse_gre, bytes(3), "3 octets hold no GRE header", id="GRE cut short"),
        pytest.param(parse_gre, bytes(GRE(version=1)), "another version", id="PPTP's GRE"),
        pytest.param(parse_gre, bytes(GRE(routing_present=1)), "with routing", id="source routes"),
    ],
)
def test_what_is_no_header_says_why(
    parse: Callable[[bytes], TunnelHeader], octets: bytes, what: str
) -> None:
    with pytest.raises(Malformed, match=what) as caught:
        parse(octets)
    assert DropReason[caught.value.reason]
