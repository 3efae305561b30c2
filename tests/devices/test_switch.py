"""How a VLAN switch behaves: read from top to bottom.

`a` and `b` are access ports of VLAN 101, `c` of 102; `t` is a trunk for all VLANs without a native
one, `n` a trunk for 101 and 102 whose native VLAN is 1, `x` a trunk for 102 alone. Frames are
written as their tag: `101`, `0.5` for VID 0 with priority 5, `-` for none.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emu.core.errors import Refused
from emu.core.time import Nanoseconds, seconds
from emu.devices import switch
from emu.devices.switch import Access, ClearMacs, Mode, SetMtu, SetPort, Switch, Trunk
from emu.net.changes import AddPort, RemovePort
from emu.net.device import Device
from emu.net.effects import Drop, DropReason, Effects, Transmit
from emu.packet.addresses import BROADCAST, NO_MAC
from emu.packet.dot1q import push_vlan
from emu.packet.ethernet import ETH_P_8021AD, ETH_P_8021Q, build_ethernet
from emu.packet.frame import Frame, MacAddress
from tests.strategies import STATIONS, any_frames, gaps, receivers, stations, vids

A, B, C, D = STATIONS
GROUP = MacAddress(bytes.fromhex("01005e000001"))
PORTS: dict[str, Mode] = {
    "a": Access(vid=101),
    "b": Access(vid=101),
    "c": Access(vid=102),
    "t": Trunk(),
    "n": Trunk(allowed=(101, 102), native=1),
    "x": Trunk(allowed=(102,)),
}
T0 = seconds(0)


def reserved(last: int) -> MacAddress:
    return MacAddress(bytes.fromhex(f"0180c20000{last:02x}"))


def eth(src: MacAddress, dst: MacAddress, tag: str = "-", size: int = 60) -> Frame:
    """Return a frame whose size is told without its tag."""
    wire = build_ethernet(dst, src, 0x0800, bytes(size - 14))
    if tag == "-":
        return Frame.new(wire)
    vid, _, pcp = tag.partition(".")
    return Frame.new(push_vlan(wire, int(vid), pcp=int(pcp or 0)))


def switch_with(*changes: switch.Change, taught: str = "") -> Switch:
    """Return a switch that was taught `STATION PORT TAG`, ..., at T0, and then changed."""
    device = Switch("sw", ports=PORTS)
    for row in filter(None, taught.split(", ")):
        station, port, tag = row.split()
        device.receive(T0, port, eth(STATIONS["ABCD".index(station)], BROADCAST, tag))
    for change in changes:
        assert device.configure(T0, change) == ()
    return device


def table(device: Switch) -> str:
    rows = [(str(row.vid), "ABCD"[STATIONS.index(row.mac)], row.port) for row in device.rows()]
    return ", ".join(" ".join(row) for row in rows)


def outcome(effects: Effects) -> str:
    """Return the ports by which the frame left, with its tag there, or why it did not."""
    words = []
    for effect in effects:
        if isinstance(effect, Transmit):
            tag = effect.frame.vlan
            pcp = f".{tag.pcp}" if tag and tag.pcp else ""
            words.append(f"{effect.port} {tag.vid if tag else '-'}{pcp}")
        elif isinstance(effect, Drop):
            words.append(effect.reason)
    return ", ".join(words)


# --- forwarding ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("port", "tag", "expected"),
    [
        pytest.param("a", "-", "b -, t 101, n 101", id="an access port puts a frame in its VLAN"),
        pytest.param("a", "101", "b -, t 101, n 101", id="a tag of that VLAN may be on it already"),
        pytest.param("a", "102", DropReason.VLAN_NOT_ALLOWED, id="but that of no other"),
        pytest.param("a", "0.5", "b -, t 101.5, n 101.5", id="VID 0 tells a priority, no VLAN"),
        pytest.param("t", "101", "a -, b -, n 101", id="a trunk says which VLAN by the tag"),
        pytest.param("t", "102.3", "c -, n 102.3, x 102.3", id="a priority stays where a tag does"),
        pytest.param(
            "t", "-", DropReason.VLAN_NOT_ALLOWED, id="a trunk without native wants a tag"
        ),
        pytest.param("t", "0", DropReason.VLAN_NOT_ALLOWED, id="and VID 0 is none"),
        pytest.param("t", "4095", DropReason.VLAN_NOT_ALLOWED, id="nor is the reserved VID"),
        pytest.param("t", "4094", DropReason.NO_TX_TARGET, id="a VLAN may be nowhere else"),
        pytest.param("n", "-", "t 1", id="the native VLAN comes untagged"),
        pytest.param("n", "0.7", "t 1.7", id="also with a priority"),
        pytest.param("n", "1", "t 1", id="and even tagged"),
        pytest.param("t", "1", "n -", id="the native VLAN leaves untagged"),
        pytest.param("n", "103", DropReason.VLAN_NOT_ALLOWED, id="a trunk refuses other VLANs"),
        pytest.param("x", "102", "c -, t 102, n 102", id="and does not get them"),
    ],
)
def test_where_a_broadcast_goes_and_how_it_is_tagged(port: str, tag: str, expected: str) -> None:
    assert outcome(switch_with().receive(T0, port, eth(A, BROADCAST, tag))) == expected


@pytest.mark.parametrize(
    ("taught", "port", "frame", "expected"),
    [
        pytest.param("B b -", "a", eth(A, B), "b -", id="a known destination gets it alone"),
        pytest.param("B t 101", "a", eth(A, B), "t 101", id="tagged, if it is behind a trunk"),
        pytest.param("B b -, B t 101", "a", eth(A, B), "t 101", id="a station may move"),
        pytest.param(
            "B c -", "a", eth(A, B), "b -, t 101, n 101", id="another VLAN's stations are unknown"
        ),
        pytest.param(
            *("B b -, B t 102", "a", eth(A, B), "b -"), id="a station may be in two VLANs at once"
        ),
        pytest.param("B a -", "a", eth(A, B), DropReason.NO_TX_TARGET, id="nothing goes back"),
        pytest.param("", "a", eth(A, GROUP), "b -, t 101, n 101", id="multicast is flooded"),
        *[
            pytest.param(
                *("", "a", eth(A, reserved(last)), DropReason.UNHANDLED_PROTO),
                id=f"group {last:02x} is not relayed",
            )
            for last in (0, 2, 14, 15)
        ],
        pytest.param(
            *("", "a", eth(A, reserved(1)), DropReason.MAC_IEEE_MAC_CONTROL), id="a pause ends here"
        ),
        pytest.param("", "a", eth(A, reserved(16)), "b -, t 101, n 101", id="group 10 is relayed"),
        pytest.param("", "a", eth(NO_MAC, B), DropReason.MAC_INVALID_SOURCE, id="no zero source"),
        pytest.param("", "a", eth(GROUP, B), DropReason.MAC_INVALID_SOURCE, id="no group source"),
        pytest.param("", "a", Frame.new(bytes(13)), DropReason.HDR_TRUNC, id="no runts"),
        pytest.param(
            *("", "t", Frame.new(eth(A, B, "101").wire[:17]), DropReason.HDR_TRUNC),
            id="no half a tag",
        ),
        pytest.param("", "y", eth(A, B), DropReason.DEV_READY, id="no port of that name"),
        pytest.param("", "a", eth(A, B, size=1514), "b -, t 101, n 101", id="the MTU passes"),
        pytest.param("", "a", eth(A, B, size=1515), DropReason.PKT_TOO_BIG, id="and no more"),
        pytest.param("", "t", eth(A, B, "101", 1514), "a -, b -, n 101", id="a tag does not count"),
        pytest.param(
            *("", "t", eth(A, B, "101", 1515), DropReason.PKT_TOO_BIG), id="but what it is on"
        ),
    ],
)
def test_what_leaves(taught: str, port: str, frame: Frame, expected: str) -> None:
    assert outcome(switch_with(taught=taught).receive(T0, port, frame)) == expected


def test_a_providers_tag_counts_as_none() -> None:
    frame = Frame.new(push_vlan(eth(A, BROADCAST).wire, 102, tpid=ETH_P_8021AD))
    to_b, to_t, _ = switch_with().receive(T0, "a", frame)
    assert isinstance(to_b, Transmit)
    assert to_b.frame is frame
    assert isinstance(to_t, Transmit)
    assert to_t.frame.wire == push_vlan(frame.wire, 101, tpid=ETH_P_8021Q)


def test_a_frame_is_dressed_once_for_all_ports_and_stays_what_it_is_where_it_can() -> None:
    frame = eth(A, BROADCAST)
    to_b, to_t, to_n = [e for e in switch_with().receive(T0, "a", frame) if type(e) is Transmit]
    assert to_b.frame is frame
    assert to_t.frame is to_n.frame
    assert to_t.frame.packet == frame.packet


def test_every_copy_says_why_with_steps_that_are_made_once() -> None:
    device = switch_with(taught="B b -")
    for dst, words in [
        (B, ["fdb vlan 101 02:00:00:00:00:0b DYNAMIC b"]),
        (C, ["fdb None", "flood vlan 101"]),
        (BROADCAST, ["flood vlan 101"]),
    ]:
        first, *_ = device.receive(T0, "a", eth(A, dst))
        second, *_ = device.receive(T0, "a", eth(A, dst))
        assert [f"{step.table} {step.rule}" for step in first.why] == words
        assert first.why is second.why


@pytest.mark.parametrize(
    ("frame", "step"),
    [
        pytest.param(
            eth(A, B, "102"), "Step vlan: switchport access vlan 101", id="the port's VLANs"
        ),
        pytest.param(eth(A, B, size=9014), "Step mtu: system mtu 1500", id="the switch's MTU"),
    ],
)
def test_a_drop_names_the_line_of_configuration_that_decided(frame: Frame, step: str) -> None:
    (drop,) = switch_with().receive(T0, "a", frame)
    assert [f"Step {why.table}: {why.rule}" for why in drop.why] == [step]


# --- learning ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("port", "frame", "expected"),
    [
        pytest.param("a", eth(A, B), "101 A a", id="a station is learned in its VLAN"),
        pytest.param("t", eth(A, B, "102"), "102 A t", id="told by the tag"),
        pytest.param("a", eth(A, reserved(2)), "101 A a", id="also from a reserved group"),
        pytest.param("a", eth(A, reserved(1)), "", id="not from a pause frame"),
        pytest.param("a", eth(A, B, "102"), "", id="not from a frame that is refused"),
        pytest.param("a", eth(A, B, size=1515), "", id="nor from one that is too long"),
    ],
)
def test_what_is_learned(port: str, frame: Frame, expected: str) -> None:
    device = switch_with()
    device.receive(T0, port, frame)
    assert table(device) == expected


def test_a_station_is_forgotten_after_300_silent_seconds() -> None:
    device: Device = (taught := switch_with(taught="A a -, B t 102"))
    device.receive(seconds(1), "t", eth(A, BROADCAST, "101"))
    assert device.next_deadline() == seconds(300)
    assert device.tick(Nanoseconds(seconds(300) - 1)) == ()
    assert table(taught) == "101 A t, 102 B t"
    assert device.tick(seconds(300)) == ()
    assert table(taught) == "101 A t"
    assert device.next_deadline() == seconds(301)


# --- changes -------------------------------------------------------------------------------------

TAUGHT = "A a -, B t 101, B t 102, C c -"


@pytest.mark.parametrize(
    ("change", "expected", "rows"),
    [
        pytest.param(
            *(AddPort(port="z"), "a -, b -, n 101", "101 A a, 101 B t, 102 B t, 102 C c"),
            id="a new port is in no VLAN that matters here",
        ),
        pytest.param(
            *(AddPort(port="a"), "a -, b -, n 101", "101 A a, 101 B t, 102 B t, 102 C c"),
            id="a port is added once",
        ),
        pytest.param(
            *(RemovePort(port="b"), "a -, n 101", "101 A a, 101 B t, 102 B t, 102 C c"),
            id="a port that goes leaves others' stations",
        ),
        pytest.param(
            *(RemovePort(port="a"), "b -, n 101", "101 B t, 102 B t, 102 C c"),
            id="its own go with it",
        ),
        pytest.param(
            *(RemovePort(port="z"), "a -, b -, n 101", "101 A a, 101 B t, 102 B t, 102 C c"),
            id="a port may be gone already",
        ),
        pytest.param(
            SetPort(port="a", mode=Access(vid=102)),
            *("b -, n 101", "101 B t, 102 B t, 102 C c"),
            id="a port may change its VLAN, and forgets",
        ),
        pytest.param(
            SetPort(port="a", mode=Access(vid=101)),
            *("a -, b -, n 101", "101 A a, 101 B t, 102 B t, 102 C c"),
            id="a port that stays what it is forgets nothing",
        ),
        pytest.param(
            SetPort(port="a", mode=Trunk(native=101)),
            *("a -, b -, n 101", "101 B t, 102 B t, 102 C c"),
            id="a port may become a trunk",
        ),
        pytest.param(
            SetPort(port="x", mode=Trunk(allowed=())),
            *("a -, b -, n 101", "101 A a, 101 B t, 102 B t, 102 C c"),
            id="a trunk may carry nothing",
        ),
        pytest.param(
            SetPort(port="a", up=False),
            *("b -, n 101", "101 B t, 102 B t, 102 C c"),
            id="a port may go down, and forgets",
        ),
        pytest.param(
            *(ClearMacs(), "a -, b -, n 101", ""),
            id="the table may be cleared",
        ),
        pytest.param(
            *(SetMtu(mtu=45), DropReason.PKT_TOO_BIG, "101 A a, 101 B t, 102 B t, 102 C c"),
            id="the MTU may change",
        ),
    ],
)
def test_what_a_change_does(change: switch.Change, expected: str, rows: str) -> None:
    """Shown by the table, and by a broadcast of VLAN 101 that comes in by t."""
    device = switch_with(taught=TAUGHT)
    device.receive(T0, "t", eth(B, D, "101"))  # so that where it goes is known before
    assert device.configure(T0, change) == ()
    assert table(device) == rows
    assert outcome(device.receive(T0, "t", eth(B, BROADCAST, "101"))) == expected


def test_a_new_port_is_in_vlan_1() -> None:
    device = switch_with(AddPort(port="z"))
    assert outcome(device.receive(T0, "n", eth(A, BROADCAST))) == "t 1, z -"


def test_a_port_that_is_down_takes_nothing_until_it_is_up() -> None:
    device = switch_with(SetPort(port="a", up=False))
    assert outcome(device.receive(T0, "a", eth(A, B))) == DropReason.DEV_READY
    device.configure(T0, SetPort(port="a", up=True))
    assert outcome(device.receive(T0, "a", eth(A, B))) == "b -, t 101, n 101"


def test_ports_are_listed_as_they_were_made() -> None:
    assert switch_with(AddPort(port="d"), RemovePort(port="b")).ports == (
        "a",
        "c",
        "t",
        "n",
        "x",
        "d",
    )


def test_a_port_that_is_not_there_cannot_be_set() -> None:
    with pytest.raises(Refused, match='sw has no port "z"'):
        switch_with(SetPort(port="z", up=False))


@pytest.mark.parametrize("vid", [0, 4095])
def test_what_is_no_vlan_cannot_be_carried(vid: int) -> None:
    with pytest.raises(Refused, match=f"{vid} is no VLAN: they are 1 to 4094"):
        Access(vid=vid)
    with pytest.raises(Refused, match=f"{vid} is no VLAN"):
        Trunk(allowed=(1, vid))
    with pytest.raises(Refused, match=f"{vid} is no VLAN"):
        Trunk(native=vid)


@pytest.mark.parametrize(
    ("mode", "line"),
    [
        (Access(), "switchport access vlan 1"),
        (Trunk(), "switchport trunk allowed vlan all"),
        (Trunk(allowed=()), "switchport trunk allowed vlan none"),
        (Trunk(allowed=(5, 7), native=1), "switchport trunk allowed vlan 5,7, native vlan 1"),
    ],
)
def test_a_mode_prints_as_its_line_of_configuration(mode: Mode, line: str) -> None:
    assert str(mode) == line


# --- whatever comes ------------------------------------------------------------------------------


@given(st.lists(st.tuples(gaps, st.sampled_from(list(PORTS)), any_frames)))
def test_every_frame_is_accounted_for_and_none_is_reflected(
    traffic: list[tuple[int, str, Frame]],
) -> None:
    device: Device = Switch("sw", ports=PORTS)
    now = T0
    for gap, port, frame in traffic:
        now = Nanoseconds(now + seconds(gap))
        if (due := device.next_deadline()) is not None and due <= now:
            assert device.tick(now) == ()
        effects = device.receive(now, port, frame)
        assert effects
        assert all(isinstance(effect, Transmit | Drop) for effect in effects)
        assert all(not isinstance(effect, Transmit) or effect.port != port for effect in effects)


@given(traffic=st.lists(st.tuples(st.sampled_from(list(PORTS)), vids, stations, receivers)))
def test_no_frame_leaves_its_vlan(traffic: list[tuple[str, int, MacAddress, MacAddress]]) -> None:
    device = Switch("sw", ports=PORTS)
    for port, vid, src, dst in traffic:
        sent_in = vid or PORTS[port].native
        for effect in device.receive(T0, port, eth(src, dst, str(vid))):
            if isinstance(effect, Transmit):
                tag = effect.frame.vlan
                assert (tag.vid if tag else PORTS[effect.port].native) == sent_in
