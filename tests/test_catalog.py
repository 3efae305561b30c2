"""The catalog, and what holds for every device in it."""

import subprocess
import sys
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Interface
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import emu
from emu.catalog import CATALOG, Catalog
from emu.core.errors import EmuBug, Refused
from emu.core.rng import Rng
from emu.core.time import Nanoseconds, seconds
from emu.devices.bridge import Bridge, FdbAppend, SetPort
from emu.devices.hub import Hub
from emu.devices.namespace import Namespace
from emu.devices.namespace.changes import (
    AddAddress,
    AddNetdev,
    AddVlan,
    Change,
    SetMaster,
    SetNetdev,
    Start,
)
from emu.devices.switch import SetMtu, Switch
from emu.inet.applications import Ping
from emu.lab import through
from emu.net.changes import AddPort
from emu.net.device import Device
from emu.net.effects import Deliver, Drop, Effects, Hold, Transmit
from emu.net.link import LOCAL
from emu.packet.door import ARP, Dot1Q, Dot3, Ether, Packet, Raw
from emu.packet.frame import Frame, PacketId
from tests.strategies import STATIONS, any_frames, gaps

T0 = seconds(0)
A, B, C, OWN = STATIONS
MAC1, MAC2 = "02:00:00:00:00:0a", "02:00:00:00:00:0b"
PORTS = ("p1", "p2", "p3")


def build(kind: str, **settings: object) -> Device:
    return CATALOG.find(kind).build("device", rng=Rng("test"), **settings)  # type: ignore[arg-type]


# --- the catalog ---------------------------------------------------------------------------------


def test_every_kind_says_what_it_is() -> None:
    assert [f"{kind.name}: {kind.summary.partition(';')[0]}" for kind in CATALOG.kinds] == [
        "hub: A hub: what comes in on one port goes out of all the others.",
        "bridge: A Linux bridge without a host around it",
        "switch: A physical VLAN switch",
        "namespace: A Linux machine",
    ]


def test_a_kind_is_added_once() -> None:
    catalog = Catalog()

    def hub(name: str) -> Device:
        """A hub, as this test has it."""
        return Hub(name)

    catalog.add(hub)
    assert catalog.find("hub").summary == "A hub, as this test has it."
    with pytest.raises(EmuBug, match='two kinds of device are called "hub"'):
        catalog.add(hub)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param(
            "brigde",
            'there is no kind of device called "brigde", did you mean "bridge"? '
            "(there are: hub, bridge, switch, namespace)",
            id="nearly",
        ),
        pytest.param(
            "cloud",
            'there is no kind of device called "cloud" (there are: hub, bridge, switch, namespace)',
            id="not at all",
        ),
    ],
)
def test_an_unknown_kind_is_told_those_that_there_are(name: str, words: str) -> None:
    with pytest.raises(Refused) as refused:
        CATALOG.find(name)
    assert str(refused.value) == words


def test_a_setting_that_a_kind_does_not_know_is_refused() -> None:
    with pytest.raises(Refused, match=r'a bridge has no "vlans" \(there are: ports, mac, ageing\)'):
        build("bridge", vlans={})


def test_to_list_the_kinds_imports_none_of_them() -> None:
    look = "import sys, emu.catalog; print([m for m in sys.modules if m.startswith('emu.devices')])"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


# --- how devices are made ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [kind.name for kind in CATALOG.kinds])
def test_a_device_of_any_kind_has_the_name_and_the_ports_that_it_is_given(kind: str) -> None:
    device = build(kind, ports=["p1", "p2"])
    assert (device.name, device.ports) == ("device", ("p1", "p2"))
    assert build(kind).ports == ()


def test_a_bridge_may_have_an_address_and_another_ageing_time() -> None:
    device = build("bridge", ports=PORTS, mac=OWN, ageing=seconds(5))
    assert device.ports == (LOCAL, *PORTS)
    device.receive(T0, "p1", Frame.new(B + A + bytes(48)))
    assert device.next_deadline() == seconds(5)
    default = build("bridge", ports=PORTS)
    default.receive(T0, "p1", Frame.new(B + A + bytes(48)))
    assert default.next_deadline() == seconds(300)


@pytest.mark.parametrize(
    ("port", "tag", "left"),
    [
        pytest.param("p1", None, ["p2 100", "p4 100"], id="an access port"),
        pytest.param("p2", 101, ["p4 101"], id="a trunk for some"),
        pytest.param("p3", None, ["p4 7"], id="a trunk that has a native VLAN"),
        pytest.param("p5", None, ["p4 1"], id="a port of which nothing is said"),
    ],
)
def test_a_switch_is_made_of_plain_numbers(port: str, tag: int | None, left: list[str]) -> None:
    """p4 is a trunk for all."""
    vlans = {
        "p1": {"access": 100},
        "p2": {"trunk": [100, 101]},
        "p3": {"trunk": [], "native": 7},
        "p4": {"trunk": None},
    }
    device = build("switch", ports=[*PORTS, "p4", "p5"], vlans=vlans)
    frame = Ether(dst="ff:ff:ff:ff:ff:ff", src="02:00:00:00:00:0a")
    frame = frame / Dot1Q(vlan=tag) / Raw(b"x") if tag else frame / Raw(b"x")
    assert [f"{out} {packet[Dot1Q].vlan}" for out, packet in through(device, port, frame)] == left


def test_a_port_is_an_access_port_or_a_trunk() -> None:
    with pytest.raises(Refused, match='"p1" is an access port or a trunk, not both'):
        build("switch", vlans={"p1": {"access": 100, "native": 1}})


def test_a_machine_has_a_nic_for_each_port_and_its_own_addresses() -> None:
    device = build("namespace", ports=["eth0", "eth1"])
    again = CATALOG.find("namespace").build("device", ports=["eth1"], rng=Rng("test"))
    assert isinstance(device, Namespace)
    assert isinstance(again, Namespace)
    _, eth0, eth1 = device.netdevs()
    assert [netdev.name for netdev in (eth0, eth1) if netdev.up] == ["eth0", "eth1"]
    assert eth0.mac != eth1.mac
    assert [mac[0] for mac in (eth0.mac, eth1.mac)] == [2, 2]
    assert again.netdevs()[1].mac == eth1.mac


def test_a_switch_may_take_longer_frames() -> None:
    jumbo = Ether(bytes(6) + A + bytes(9002))
    assert through(build("switch", ports=PORTS), "p1", jumbo) == []
    assert len(through(build("switch", ports=PORTS, mtu=9000), "p1", jumbo)) == 2


# --- what holds for every device -----------------------------------------------------------------


def busy_bridge() -> Device:
    device = Bridge("host/br0", mac=OWN, ports=PORTS)
    device.configure(T0, AddPort(port="p4", mac=C, mtu=68))
    device.configure(T0, FdbAppend(mac=B, port="p2"))
    device.configure(T0, SetPort(port="p1", isolated=True))
    device.configure(T0, SetPort(port="p3", isolated=True, learning=False))
    device.configure(T0, SetPort(port="p2", hairpin=True))
    return device


def busy_switch() -> Device:
    device = build(
        "switch",
        vlans={
            "p1": {"access": 100},
            "p2": {"trunk": None},
            "p3": {"trunk": [100, 101], "native": 1},
            "p4": {"access": 1},
        },
    )
    assert isinstance(device, Switch)
    device.configure(T0, SetMtu(mtu=68))
    return device


def busy_namespace() -> Device:
    """Return a router's worth of netdevs: addresses, VLANs, masters, and a ping under way."""
    device = Namespace("host", rng=Rng("test"))
    changes: list[Change] = [
        AddNetdev(name="eth0", mac=A),
        AddAddress(name="eth0", interface=IPv4Interface("172.16.100.3/24")),
        AddNetdev(name="eth1", mac=B, mtu=1400),
        AddVlan(name="eth1.100", parent="eth1", vid=100),
        SetNetdev(name="eth1.100", up=True),
        AddAddress(name="eth1.100", interface=IPv4Interface("10.10.10.2/24")),
        AddVlan(name="eth1.101", parent="eth1", vid=101),
        SetNetdev(name="eth1.101", up=True),
        SetMaster(name="eth1.101", master="brq1"),
        AddNetdev(name="eth2", mac=C),
        SetMaster(name="eth2", master="brq2"),
        AddVlan(name="eth2.100", parent="eth2", vid=100),
        AddNetdev(name="eth3", mac=OWN, up=False),
        Start(id="ping", application=Ping(destination=IPv4Address("172.16.100.4"))),
    ]
    for change in changes:
        device.configure(T0, change)
    return device


DEVICES: dict[str, Callable[[], Device]] = {
    "hub": lambda: build("hub", ports=PORTS),
    "hub without ports": lambda: build("hub"),
    "bridge": lambda: build("bridge", ports=PORTS),
    "bridge with rows, flags and a netdev of its own": busy_bridge,
    "bridge that learns nothing": lambda: build("bridge", ports=PORTS, ageing=T0),
    "switch": lambda: build("switch", ports=PORTS),
    "switch with VLANs": busy_switch,
    "namespace": lambda: build("namespace", ports=PORTS),
    "namespace with addresses, VLANs and masters": busy_namespace,
}
every_device = pytest.mark.parametrize("make", DEVICES.values(), ids=DEVICES.keys())
traffic = st.lists(st.tuples(gaps, st.integers(0, 9), any_frames), max_size=12)
Traffic = list[tuple[int, int, Frame]]


def arrivals(device: Device, traffic: Traffic) -> list[tuple[Nanoseconds, str, Frame]]:
    """Return when each frame arrives, numbered, and at which port."""
    ports, numbers = device.ports or ("p1",), count(1)
    now, found = T0, []
    for gap, port, frame in traffic:
        now = Nanoseconds(now + seconds(gap))
        numbered = Frame.new(frame.wire, PacketId(next(numbers)))
        found.append((now, ports[port % len(ports)], numbered))
    return found


def tick(device: Device, now: Nanoseconds) -> Effects:
    """Let time pass as the network does."""
    effects: list[object] = []
    while (due := device.next_deadline()) is not None and due <= now:
        effects += device.tick(due)
        again = device.next_deadline()
        assert again is None or again > due
    return tuple(effects)  # type: ignore[arg-type]


def test_every_kind_is_among_them() -> None:
    assert {kind.name for kind in CATALOG.kinds} == {name.split()[0] for name in DEVICES}


@every_device
@settings(max_examples=60)
@given(traffic=traffic)
def test_no_frame_disappears_and_nothing_is_due_in_the_past(
    make: Callable[[], Device], traffic: Traffic
) -> None:
    device = make()
    for now, port, frame in arrivals(device, traffic):
        tick(device, now)
        own = [
            effect
            for effect in device.receive(now, port, frame)
            if isinstance(effect, Transmit | Deliver | Drop | Hold)
            and effect.frame.packet == frame.packet
        ]
        assert own, "no effect says what became of the frame"
        deadline = device.next_deadline()
        assert deadline is None or deadline >= now


@every_device
@settings(max_examples=60)
@given(traffic=traffic)
def test_the_same_input_has_the_same_effects(make: Callable[[], Device], traffic: Traffic) -> None:
    one, other = make(), make()
    for now, port, frame in arrivals(one, traffic):
        assert tick(one, now) == tick(other, now)
        assert one.receive(now, port, frame) == other.receive(now, port, frame)
        assert one.next_deadline() == other.next_deadline()


@every_device
@settings(max_examples=30)  # Scapy takes its time
@given(traffic=traffic)
def test_what_comes_through_is_genuine_scapy(make: Callable[[], Device], traffic: Traffic) -> None:
    device, twin = make(), make()
    for now, port, frame in arrivals(device, traffic):
        if len(frame.wire) < 14:
            continue
        effects = (*tick(twin, now), *twin.receive(now, port, frame))
        sent = [effect for effect in effects if type(effect) is Transmit]
        came = through(device, port, Ether(frame.wire), now)
        assert [(out, bytes(packet)) for out, packet in came] == [
            (effect.port, effect.frame.wire) for effect in sent
        ]
        assert all(isinstance(packet, Ether | Dot3 | Raw) for _, packet in came)


def test_the_package_offers_it_without_importing_scapy_before() -> None:
    assert emu.through is through
    look = (
        "import sys, emu; print('scapy' in sys.modules); emu.through; print('scapy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout == "False\nTrue\n"
    with pytest.raises(AttributeError, match="module 'emu' has no attribute 'trough'"):
        emu.trough  # type: ignore[attr-defined]  # noqa: B018


def test_a_frame_comes_through_a_bridge_that_learns_from_it() -> None:
    device = build("bridge", ports=PORTS)
    ask = Ether(src=MAC1, dst="ff:ff:ff:ff:ff:ff") / ARP(
        op="who-has", hwsrc=MAC1, psrc="10.0.0.1", pdst="10.0.0.2"
    )
    answer = Ether(src=MAC2, dst=MAC1) / ARP(
        op="is-at", hwsrc=MAC2, psrc="10.0.0.2", hwdst=MAC1, pdst="10.0.0.1"
    )
    assert [port for port, _ in through(device, "p1", ask)] == ["p3", "p2"]
    ((port, packet),) = through(device, "p2", answer)
    assert (port, packet[ARP].op) == ("p1", 2)
    assert len(through(device, "p2", answer, now=seconds(300))) == 2


@pytest.mark.parametrize(
    "packet",
    [
        pytest.param(Raw(b"x" * 60), id="no Ethernet"),
        pytest.param(Ether(dst=MAC1) / Raw(b"x"), id="no source"),
    ],
)
def test_what_is_no_whole_frame_does_not_go_through(packet: Packet) -> None:
    with pytest.raises(ValueError, match="Ether"):
        through(build("hub", ports=PORTS), "p1", packet)
