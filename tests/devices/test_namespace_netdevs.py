"""Where a frame goes that comes in on a netdev: VLAN child, then master, then this host.

The host has eth1 with the MAC a. Each row says of eth1, eth1.100 and so on whether they are up, and
in which bridge.
"""

import pytest

from emu.devices.namespace import Namespace
from emu.devices.namespace.changes import (
    AddNetdev,
    AddVlan,
    DeleteNetdev,
    SetMaster,
    SetNetdev,
    SetSysctl,
    master_port,
)
from emu.net.effects import Drop, DropReason, Transmit
from emu.packet.addresses import BROADCAST, MacAddress
from emu.packet.arp import ARPOP_REQUEST, build_arp
from emu.packet.dot1q import push_vlan
from emu.packet.ethernet import ETH_P_8021AD, build_ethernet
from emu.packet.frame import Frame, PacketId, Serial
from emu.packet.icmp import build_echo
from emu.packet.ipv4 import IPPROTO_ICMP, build_ipv4
from tests.devices.hosts import MACS, T0, host, inet, outcome

A, B, C = MACS["a"], MACS["b"], MACS["c"]
OWN, PEER = inet("10.0.0.1"), inet("10.0.0.2")
ECHO = build_ipv4(IPPROTO_ICMP, build_echo(8, 1, 1, b"hello"), src=PEER, dst=OWN)
BIG = 1500 - 28


def machine(*netdevs: str) -> Namespace:
    """Return a host with eth1, and what each of `netdevs` says: `NAME up|down [BRIDGE]`."""
    device = host("a", "10.0.0.1/24", netdev="eth1")
    for text in netdevs:
        name, state, *bridge = text.split()
        if name != "eth1":
            parent, _, vid = name.rpartition(".")
            device.configure(T0, AddVlan(name=name, parent=parent, vid=int(vid)))
        device.configure(T0, SetNetdev(name=name, up=state == "up"))
        if bridge:
            device.configure(T0, SetMaster(name=name, master=bridge[0]))
    return device


def frame(*vids: int, dst: MacAddress = A, tpid: int = 0x8100) -> Frame:
    """Return an echo request for the host, tagged with `vids`, outermost first."""
    wire = build_ethernet(dst, B, 0x0800, ECHO)
    for vid in reversed(vids):
        wire = push_vlan(wire, vid, pcp=3, tpid=tpid)
    return Frame(wire, PacketId(9), Serial(4))


ASKED = ["deliver eth1", "hold eth1", "eth1: a > all who-has 10.0.0.2 tell 10.0.0.1"]
INTO_1 = "eth1:master: b > a "
INTO_100 = "eth1.100:master: b > a "


@pytest.mark.parametrize(
    ("netdevs", "arriving", "expected"),
    [
        pytest.param([], frame(), ASKED, id="untagged, to the host"),
        pytest.param(["eth1 up br"], frame(), [INTO_1 + "echo 1"], id="untagged, to the bridge"),
        pytest.param(["eth1.100 up br"], frame(), ASKED, id="untagged, past the bridge of a VLAN"),
        pytest.param(["eth1.100 up br"], frame(100), [INTO_100 + "echo 1"], id="its tag is taken"),
        pytest.param(
            ["eth1 up flat", "eth1.100 up br"],
            frame(100),
            [INTO_100 + "echo 1"],
            id="a VLAN comes before the bridge of its parent",
        ),
        pytest.param(
            ["eth1 up flat", "eth1.100 up br"],
            frame(200),
            [INTO_1 + "[200] echo 1"],
            id="a tag that has no VLAN goes into the bridge of the parent",
        ),
        pytest.param(["eth1 up flat"], frame(0), [INTO_1 + "[0] echo 1"], id="so does VID 0"),
        pytest.param(
            ["eth1.100 up br"],
            frame(100, 200),
            [INTO_100 + "[200] echo 1"],
            id="an inner tag goes along",
        ),
        pytest.param(
            ["eth1.100 up", "eth1.100.200 up br"],
            frame(100, 200),
            ["eth1.100.200:master: b > a echo 1"],
            id="unless a VLAN of the VLAN has it",
        ),
        pytest.param(
            ["eth1.100 down br"], frame(100), ["drop eth1 DEV_READY"], id="a VLAN may be down"
        ),
        pytest.param(["eth1 down"], frame(), ["drop eth1 DEV_READY"], id="and so may its parent"),
        pytest.param(
            [], frame(100), ["drop eth1 OTHERHOST"], id="a tag for nobody is for somebody else"
        ),
        pytest.param([], frame(0), ASKED, id="VID 0 counts as untagged"),
        pytest.param([], frame(0, 0), ASKED, id="also twice"),
        pytest.param([], frame(0, 5), ["drop eth1 OTHERHOST"], id="but not what it hides"),
        pytest.param(
            ["eth1.100 up br"], frame(0, 100), [INTO_100 + "echo 1"], id="which a VLAN may have"
        ),
        pytest.param([], frame(0, tpid=ETH_P_8021AD), ASKED, id="a provider's VID 0, too"),
        pytest.param(
            ["eth1.100 up br"],
            frame(100, tpid=ETH_P_8021AD),
            ["drop eth1 OTHERHOST"],
            id="a provider's tag is none of 802.1Q",
        ),
        pytest.param([], frame(dst=C), ["drop eth1 OTHERHOST"], id="to another MAC"),
        pytest.param(
            ["eth1 up br"],
            frame(dst=C),
            ["eth1:master: b > c echo 1"],
            id="a bridge gets those as well",
        ),
        pytest.param(
            [], Frame.new(frame().wire[:13]), ["drop eth1 HDR_TRUNC"], id="no whole header"
        ),
        pytest.param(
            ["eth1 up br"],
            Frame.new(frame(5).wire[:15]),
            ["drop eth1 HDR_TRUNC"],
            id="no whole tag",
        ),
        pytest.param(
            ["eth1.5 up br"],
            Frame.new(frame(5, 6).wire[:19]),
            ["drop eth1 HDR_TRUNC"],
            id="no whole inner tag",
        ),
        pytest.param(
            [],
            Frame.new(build_ethernet(A, B, 0x9999, bytes(46))),
            ["drop eth1 UNHANDLED_PROTO"],
            id="a type that nobody knows",
        ),
        pytest.param(
            [],
            Frame.new(push_vlan(build_ethernet(A, B, 0x9999, bytes(46)), 5)),
            ["drop eth1 UNHANDLED_PROTO"],
            id="even behind a tag for nobody",
        ),
    ],
)
def test_where_a_frame_goes(netdevs: list[str], arriving: Frame, expected: list[str]) -> None:
    assert outcome(machine(*netdevs).receive(T0, "eth1", arriving)) == expected


def test_the_tag_for_a_vlan_with_its_own_mac_is_for_this_host() -> None:
    device = machine("eth1.100 up")
    device.configure(T0, SetNetdev(name="eth1.100", mac=C))
    asked = build_arp(ARPOP_REQUEST, sha=B, spa=PEER, tpa=OWN, dst=C)
    said = outcome(device.receive(T0, "eth1", Frame.new(push_vlan(asked, 100))))
    assert said == ["deliver eth1", "eth1: c > b [100] 10.0.0.1 is-at c"]
    said = outcome(
        device.receive(
            T0,
            "eth1",
            Frame.new(
                push_vlan(build_arp(ARPOP_REQUEST, sha=B, spa=PEER, tpa=OWN, dst=MACS["d"]), 100)
            ),
        )
    )
    assert said == ["drop eth1 OTHERHOST"]


def test_the_priority_of_a_tag_stays_with_what_a_bridge_gets_tagged() -> None:
    (effect,) = machine("eth1 up br").receive(T0, "eth1", frame(200))
    assert isinstance(effect, Transmit)
    assert effect.frame.wire == frame(200).wire


def test_a_frame_stays_the_same_packet_when_its_tag_goes() -> None:
    (effect,) = machine("eth1.100 up br").receive(T0, "eth1", frame(100))
    assert isinstance(effect, Transmit)
    assert (effect.frame.packet, effect.frame.parent) == (9, 4)
    assert [f"{s.table}: {s.rule}, {s.before} -> {s.after}" for s in effect.why] == [
        "vlan: eth1.100@eth1 vlan protocol 802.1Q id 100, 100 -> untagged",
        "master: eth1.100 master br, None -> None",
    ]


# --- the other way -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("netdevs", "port", "arriving", "expected"),
    [
        pytest.param(["eth1 up br"], "eth1", frame(), "eth1: b > a echo 1", id="as it is"),
        pytest.param(
            ["eth1.100 up br"],
            "eth1.100",
            frame(),
            "eth1: b > a [100] echo 1",
            id="a VLAN puts its tag on, and the parent sends",
        ),
        pytest.param(
            ["eth1.100 up br"],
            "eth1.100",
            frame(7),
            "eth1: b > a [100] [7] echo 1",
            id="outside of one that there is",
        ),
        pytest.param(
            ["eth1.100 up", "eth1.100.200 up br"],
            "eth1.100.200",
            frame(),
            "eth1: b > a [100] [200] echo 1",
            id="a VLAN of a VLAN puts on both",
        ),
        pytest.param(
            ["eth1.100 down br"],
            "eth1.100",
            frame(),
            "drop eth1.100:master DEV_READY",
            id="nothing through what is down",
        ),
        pytest.param(
            ["eth1 up br"],
            "eth1",
            Frame.new(frame(5).wire[:15]),
            "drop eth1:master HDR_TRUNC",
            id="nor what has half a tag",
        ),
    ],
)
def test_what_a_bridge_sends_leaves_through_its_netdev(
    netdevs: list[str], port: str, arriving: Frame, expected: str
) -> None:
    device = machine(*netdevs)
    assert outcome(device.receive(T0, master_port(port), arriving)) == [expected]


def test_a_frame_that_gets_a_tag_says_so() -> None:
    (effect,) = machine("eth1.100 up br").receive(T0, "eth1.100:master", frame())
    assert isinstance(effect, Transmit)
    assert (effect.frame.packet, effect.frame.parent) == (9, 4)
    assert [(s.table, s.before, s.after) for s in effect.why] == [
        ("master", None, None),
        ("vlan", "untagged", 100),
    ]


def test_a_port_that_is_not_there_takes_nothing() -> None:
    device = machine("eth1 up br")
    for port in ("eth9", "eth9:master", "lo"):
        (effect,) = device.receive(T0, port, frame())
        assert isinstance(effect, Drop)
        assert effect.reason is DropReason.DEV_READY


# --- size ----------------------------------------------------------------------------------------


def sized(octets: int, *vids: int) -> Frame:
    """Return a frame that carries so many octets."""
    wire = build_ethernet(BROADCAST, B, 0x9999, bytes(octets))
    for vid in vids:
        wire = push_vlan(wire, vid)
    return Frame.new(wire)


@pytest.mark.parametrize(
    ("octets", "vids", "passes"),
    [
        pytest.param(1500, [], True, id="as much as the MTU"),
        pytest.param(1504, [], True, id="and a tag's worth more"),
        pytest.param(1505, [], False, id="one octet more is too much"),
        pytest.param(1504, [5], True, id="a tag itself does not count"),
        pytest.param(1505, [5], False, id="nor does it help"),
        pytest.param(1500, [5, 6], True, id="a second tag takes the room for one"),
        pytest.param(1501, [5, 6], False, id="and no more"),
    ],
)
@pytest.mark.parametrize("port", ["eth1", "eth1:master"])
def test_how_large_a_frame_may_be(port: str, octets: int, vids: list[int], passes: bool) -> None:
    device = machine("eth1 up br")
    (effect,) = device.receive(T0, port, sized(octets, *vids))
    if passes:
        assert isinstance(effect, Transmit)
    else:
        assert isinstance(effect, Drop)
        assert (effect.port, effect.reason) == (port, DropReason.PKT_TOO_BIG)


def test_each_netdev_has_its_own_size() -> None:
    device = machine("eth1 up flat", "eth1.100 up br")
    device.configure(T0, SetNetdev(name="eth1.100", mtu=1400))
    (effect,) = device.receive(T0, "eth1.100:master", sized(1405))
    assert isinstance(effect, Drop)
    assert effect.reason is DropReason.PKT_TOO_BIG
    (effect,) = device.receive(T0, "eth1:master", sized(1405))
    assert isinstance(effect, Transmit)


# --- ports ---------------------------------------------------------------------------------------


def test_ports_are_those_of_wires_and_then_those_of_masters() -> None:
    device = machine("eth1 up flat", "eth1.100 up br")
    device.configure(T0, AddNetdev(name="eth2", mac=C))
    assert " ".join(device.ports) == "eth1 eth2 eth1:master eth1.100:master"
    device.configure(T0, SetMaster(name="eth1", master=None))
    assert " ".join(device.ports) == "eth1 eth2 eth1.100:master"
    device.configure(T0, DeleteNetdev(name="eth1"))
    assert " ".join(device.ports) == "eth2"


def test_a_netdev_that_left_its_bridge_is_the_hosts_again() -> None:
    device = machine("eth1 up br")
    device.configure(T0, SetMaster(name="eth1", master=None))
    assert outcome(device.receive(T0, "eth1", frame())) == ASKED


def test_a_frame_for_all_that_holds_a_packet_for_one_may_be_forbidden() -> None:
    device = machine()
    assert outcome(device.receive(T0, "eth1", frame(dst=BROADCAST)))[0] == "deliver eth1"
    key = "net.ipv4.conf.eth1.drop_unicast_in_l2_multicast"
    device.configure(T0, SetSysctl(key=key, value="1"))
    (effect,) = device.receive(T0, "eth1", frame(dst=BROADCAST))
    assert isinstance(effect, Drop)
    assert effect.reason is DropReason.UNICAST_IN_L2_MULTICAST
    assert outcome(device.receive(T0, "eth1", frame()))[0] == "deliver eth1"
