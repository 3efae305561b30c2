"""What a device changed in a frame, in words."""

import pytest

from emu.packet.door import ICMP, IP, UDP, VXLAN, Dot1Q, Ether, Packet, Raw
from emu.trace.changes import render_changes

A, B, C = "02:00:00:00:00:0a", "02:00:00:00:00:0b", "02:00:00:00:00:0c"
ECHO = IP(src="10.0.0.1", dst="10.0.0.2", ttl=64) / ICMP(id=1, seq=1) / Raw(bytes(56))
PLAIN = Ether(src=A, dst=B) / ECHO
TAGGED = Ether(src=A, dst=B) / Dot1Q(vlan=100) / ECHO
TWICE = Ether(src=A, dst=B) / Dot1Q(vlan=200) / Dot1Q(vlan=100) / ECHO
ROUTED = Ether(src=B, dst=C) / IP(src="10.0.0.1", dst="10.0.0.2", ttl=63) / ECHO.payload
TRANSLATED = Ether(src=A, dst=B) / IP(src="192.0.2.1", dst="10.0.0.2", ttl=64) / ECHO.payload
TUNNEL = Ether(src=C, dst=B) / IP(src="192.0.2.1", dst="192.0.2.2") / UDP(sport=50000, dport=4789)
INSIDE_ROUTED = TUNNEL / VXLAN(flags=8, vni=42) / Raw(bytes(ROUTED))
INSIDE = TUNNEL / VXLAN(flags=8, vni=42) / Raw(bytes(PLAIN))


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        pytest.param(PLAIN, PLAIN, [], id="nothing"),
        pytest.param(PLAIN, TAGGED, ["+vlan.id 100"], id="a tag is pushed"),
        pytest.param(TAGGED, PLAIN, ["-vlan.id 100"], id="a tag is popped"),
        pytest.param(TAGGED, TWICE, ["+vlan.id 200"], id="a tag is pushed outside of another"),
        pytest.param(TWICE, TAGGED, ["-vlan.id 200"], id="the outer tag is popped"),
        pytest.param(
            PLAIN,
            ROUTED,
            [f"eth.dst {B} -> {C}", f"eth.src {A} -> {B}", "ip.ttl 64 -> 63"],
            id="a router forwards it",
        ),
        pytest.param(PLAIN, TRANSLATED, ["ip.src 10.0.0.1 -> 192.0.2.1"], id="its source is NATed"),
    ],
)
def test_what_changed(before: Packet, after: Packet, changes: list[str]) -> None:
    assert render_changes(bytes(before), bytes(after)) == changes


def test_a_tunnel_puts_headers_around_a_frame_and_takes_them_off() -> None:
    there = render_changes(bytes(PLAIN), bytes(INSIDE))
    back = render_changes(bytes(INSIDE), bytes(PLAIN))
    for change in (f"eth.src {C}", "ip.dst 192.0.2.2", "udp.dstport 4789", "vxlan.vni 42"):
        assert f"+{change}" in there
        assert f"-{change}" in back
    assert len(there) == len(back)


def test_what_a_device_routes_and_tunnels_at_once_is_told_in_full() -> None:
    there = render_changes(bytes(PLAIN), bytes(INSIDE_ROUTED))
    back = render_changes(bytes(INSIDE_ROUTED), bytes(PLAIN))
    assert f"eth.dst {B} -> {B}, {C}" in there
    assert "ip.ttl 64 -> 64, 63" in there
    assert f"eth.dst {B}, {C} -> {B}" in back


def test_a_frame_that_holds_no_headers_has_no_changes_to_tell() -> None:
    assert render_changes(b"runt", b"another") == []
