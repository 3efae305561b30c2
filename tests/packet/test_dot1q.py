"""VLAN tags, held against Scapy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emu.packet.door import Dot1AD, Dot1Q, Ether
from emu.packet.dot1q import TPIDS, parse_vlan, pop_vlan, push_vlan, set_vid
from emu.packet.ethernet import ETH_P_8021AD, ETH_P_8021Q
from emu.packet.frame import Frame
from emu.packet.malformed import Malformed
from tests.strategies import arp_wires, ipv4_wires, tagged_wires, vids

PLAIN = bytes.fromhex("fa163e000002fa163e000001 0800 4500")
TAGGED = bytes.fromhex("fa163e000002fa163e000001 8100 b064 0800 4500")
untagged = arp_wires | ipv4_wires
priorities = st.integers(0, 7)


@given(untagged, vids, priorities, st.booleans(), st.sampled_from(TPIDS))
def test_a_pushed_tag_is_what_scapy_builds(
    wire: bytes, vid: int, pcp: int, dei: bool, tpid: int
) -> None:
    ether = Ether(wire)
    layer = {ETH_P_8021Q: Dot1Q, ETH_P_8021AD: Dot1AD}[tpid]
    tag = layer(vlan=vid, prio=pcp, dei=int(dei), type=ether.type)
    judged = bytes(Ether(dst=ether.dst, src=ether.src, type=tpid) / tag / wire[14:])
    assert push_vlan(wire, vid, pcp=pcp, dei=dei, tpid=tpid) == judged
    assert parse_vlan(judged) == (tpid, pcp, dei, vid, ether.type)


@given(tagged_wires | untagged, vids, st.sampled_from(TPIDS))
def test_popping_undoes_pushing_whatever_is_inside(wire: bytes, vid: int, tpid: int) -> None:
    assert pop_vlan(push_vlan(wire, vid, tpid=tpid)) == wire


@given(tagged_wires, vids)
def test_a_new_vid_leaves_all_else_as_it_was(wire: bytes, vid: int) -> None:
    before, after = parse_vlan(wire), parse_vlan(set_vid(wire, vid))
    assert before is not None
    assert after == before._replace(vid=vid)
    assert pop_vlan(set_vid(wire, vid)) == pop_vlan(wire)


@given(tagged_wires, vids)
def test_of_two_tags_each_is_read_at_its_own_offset(inner: bytes, vid: int) -> None:
    wire = push_vlan(inner, vid, tpid=ETH_P_8021AD)
    outer = parse_vlan(wire)
    assert outer is not None
    assert (outer.vid, outer.ethertype) == (vid, int.from_bytes(inner[12:14], "big"))
    assert parse_vlan(wire, 16) == parse_vlan(inner)


def test_a_tag_reads_as_its_fields() -> None:
    tag = parse_vlan(TAGGED)
    assert tag is not None
    assert tag._asdict() == {
        "tpid": 0x8100,
        "pcp": 5,
        "dei": True,
        "vid": 100,
        "ethertype": 0x0800,
    }


@pytest.mark.parametrize("wire", [PLAIN, PLAIN[:13], PLAIN[:12], b"", TAGGED[:13]])
def test_what_does_not_say_that_it_is_tagged_is_not(wire: bytes) -> None:
    assert parse_vlan(wire) is None


def test_a_tag_may_be_all_that_there_is() -> None:
    assert parse_vlan(TAGGED[:18]) == parse_vlan(TAGGED)


@pytest.mark.parametrize("size", [14, 17])
def test_a_tag_cut_short_is_malformed(size: int) -> None:
    with pytest.raises(Malformed, match=f"{size} octets hold no more than a part") as caught:
        parse_vlan(TAGGED[:size])
    assert caught.value.reason == "HDR_TRUNC"


def test_a_frame_reads_its_outermost_tag_once_for_all_its_copies() -> None:
    frame = Frame.new(push_vlan(TAGGED, 7))
    copy = frame.derive(frame.wire)
    assert frame.vlan is not None
    assert frame.vlan.vid == 7
    assert frame.vlan is frame.vlan
    assert copy.vlan == frame.vlan
    assert Frame.new(PLAIN).vlan is None
    with pytest.raises(Malformed):
        assert Frame.new(TAGGED[:15]).vlan
