"""What a host sends of its own: which way, from which address, in how many pieces."""

from ipaddress import IPv4Address, IPv4Interface, IPv4Network

import pytest

from emu.core.time import milliseconds
from emu.devices.namespace import Namespace
from emu.devices.namespace.changes import (
    AddAddress,
    AddNetdev,
    AddRoute,
    AddVlan,
    Change,
    RouteType,
    SetNeighbour,
    SetNetdev,
    SetSysctl,
    Start,
)
from emu.inet.applications import Ping
from emu.net.effects import Drop, DropReason, Transmit
from emu.packet.door import ICMP, IP, UDP, Packet, Raw
from emu.packet.ethernet import ETH_P_IP, build_ethernet
from emu.packet.frame import Frame
from tests.devices.hosts import MACS, T0, Wire, describe, host, outcome, pair

A, B, C, D = (MACS[name] for name in "abcd")


def know(address: str, name: str = "eth0") -> SetNeighbour:
    return SetNeighbour(name=name, address=IPv4Address(address), mac=B)


def router(*changes: Change) -> Namespace:
    """Return a host with eth0 10.0.0.1/24 and 10.0.0.11/24, and eth1 10.0.1.1/24; changed."""
    device = host("a", "10.0.0.1/24", "10.0.0.11/24")
    for change in (
        AddNetdev(name="eth1", mac=C),
        AddAddress(name="eth1", interface=IPv4Interface("10.0.1.1/24")),
        *[know(f"10.0.0.{last}") for last in (2, 254)],
        *[know(f"10.0.1.{last}", "eth1") for last in (2, 254)],
        *changes,
    ):
        device.configure(T0, change)
    return device


def route(destination: str, **more: object) -> AddRoute:
    network = IPv4Network("0.0.0.0/0" if destination == "default" else destination)
    for name in ("via", "source"):
        if name in more:
            more[name] = IPv4Address(str(more[name]))
    return AddRoute(destination=network, **more)  # type: ignore[arg-type]


def ping(device: Namespace, destination: str, ms: int = 0, **options: object) -> list[Transmit]:
    """Return what leaves when one is started."""
    application = Ping(destination=IPv4Address(destination), count=1, **options)  # type: ignore[arg-type]
    effects = device.configure(milliseconds(ms), Start(id=f"{ms}", application=application))
    return [effect for effect in effects if isinstance(effect, Transmit)]


def sent(device: Namespace, destination: str, **options: object) -> Packet:
    (effect,) = ping(device, destination, **options)  # type: ignore[arg-type]
    packet: Packet = effect.frame.scapy()[IP]
    return packet


# --- which way, from which address ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "destination", "options", "port", "source"),
    [
        pytest.param([], "10.0.0.2", {}, "eth0", "10.0.0.1", id="a neighbour"),
        pytest.param([], "10.0.1.2", {}, "eth1", "10.0.1.1", id="one of another network"),
        pytest.param(
            [route("default", via="10.0.1.254")],
            "8.8.8.8",
            {},
            "eth1",
            "10.0.1.1",
            id="through a router",
        ),
        pytest.param(
            [route("8.8.0.0/16", via="10.0.0.254", source="10.0.0.11")],
            "8.8.8.8",
            {},
            "eth0",
            "10.0.0.11",
            id="from the address that the route names",
        ),
        pytest.param(
            [],
            "10.0.0.2",
            {"source": IPv4Address("10.0.1.1")},
            "eth0",
            "10.0.1.1",
            id="from the address that ping names",
        ),
        pytest.param(
            [route("8.8.8.8/32", name="eth1")],
            "8.8.8.8",
            {"netdev": "eth0"},
            None,
            None,
            id="-I takes who is not there for a neighbour, and asks",
        ),
        pytest.param(
            [
                AddNetdev(name="eth2", mac=D),
                route("9.9.9.0/24", name="eth2"),
                know("9.9.9.9", "eth2"),
            ],
            "9.9.9.9",
            {},
            "eth2",
            "10.0.0.1",
            id="a netdev without an address borrows one",
        ),
        pytest.param(
            [
                AddAddress(name="eth1", interface=IPv4Interface("10.9.1.1/16")),
                route("10.9.5.0/24", name="eth1"),
                know("10.9.5.5", "eth1"),
            ],
            "10.9.5.5",
            {},
            "eth1",
            "10.0.1.1",
            id="a route without a router takes the first, whatever the destination is",
        ),
        pytest.param(
            [
                AddAddress(name="eth1", interface=IPv4Interface("10.9.1.1/16")),
                route("10.20.0.0/16", via="10.9.1.2"),
                know("10.9.1.2", "eth1"),
            ],
            "10.20.0.1",
            {},
            "eth1",
            "10.9.1.1",
            id="one with a router takes that of the router's network",
        ),
    ],
)
def test_which_way_a_packet_goes(
    changes: list[Change],
    destination: str,
    options: dict[str, object],
    port: str | None,
    source: str | None,
) -> None:
    (effect,) = ping(router(*changes), destination, **options)  # type: ignore[arg-type]
    if port is None:
        assert describe(effect.frame) == "a > all who-has 8.8.8.8 tell 10.0.0.1"
    else:
        assert (effect.port, effect.frame.scapy()[IP].src) == (port, source)


@pytest.mark.parametrize(
    ("changes", "destination", "words"),
    [
        pytest.param([], "8.8.8.8", "connect: Network is unreachable", id="no route"),
        pytest.param(
            [route("8.0.0.0/8", type=RouteType.UNREACHABLE)],
            "8.8.8.8",
            "connect: No route to host",
            id="unreachable",
        ),
        pytest.param(
            [route("8.0.0.0/8", type=RouteType.BLACKHOLE)],
            "8.8.8.8",
            "connect: Invalid argument",
            id="a black hole",
        ),
        pytest.param(
            [route("8.0.0.0/8", type=RouteType.PROHIBIT)],
            "8.8.8.8",
            "Do you want to ping broadcast? Then -b. If not, check your local firewall rules",
            id="prohibited",
        ),
        pytest.param(
            [],
            "10.0.0.255",
            "Do you want to ping broadcast? Then -b. If not, check your local firewall rules",
            id="to all, without -b",
        ),
        pytest.param(
            [], "255.255.255.255", "connect: Network is unreachable", id="to all, from where?"
        ),
        pytest.param(
            [SetNetdev(name="eth0", up=False)],
            "10.0.0.2",
            "connect: Network is unreachable",
            id="down",
        ),
        pytest.param(
            [SetNetdev(name="lo", up=False)],
            "10.0.0.1",
            "connect: Network is unreachable",
            id="to itself, with lo down",
        ),
    ],
)
def test_which_way_there_is_none(changes: list[Change], destination: str, words: str) -> None:
    application = Ping(destination=IPv4Address(destination), count=1)
    effects = router(*changes).configure(T0, Start(id="p", application=application))
    assert outcome(effects) == [f"print ping: {words}", "exit 2"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param(
            {"source": IPv4Address("10.0.0.2")},
            "bind: Cannot assign requested address",
            id="an address that is not its own",
        ),
        pytest.param(
            {"netdev": "eth9"}, "SO_BINDTODEVICE eth9: No such device", id="a netdev that is none"
        ),
        pytest.param(
            {"netdev": "eth9", "source": IPv4Address("10.0.0.1")},
            "SO_BINDTODEVICE eth9: No such device",
            id="the same with an address",
        ),
    ],
)
def test_what_ping_cannot_be_bound_to(options: dict[str, object], words: str) -> None:
    application = Ping(destination=IPv4Address("10.0.0.2"), **options)  # type: ignore[arg-type]
    effects = router().configure(T0, Start(id="p", application=application))
    assert outcome(effects) == [f"print ping: {words}", "exit 2"]


def test_a_ping_from_lo_to_others_is_invalid() -> None:
    wire = pair()
    loopback = IPv4Address("127.0.0.1")
    wire.run("a", Ping(destination=IPv4Address("10.0.0.2"), count=1, source=loopback))
    assert wire.printed()[1:] == ["ping: sendmsg: Invalid argument"]


def test_a_ping_that_leaves_by_a_netdev_with_an_address_of_another_is_warned_of() -> None:
    device = router(AddNetdev(name="eth2", mac=D))
    application = Ping(destination=IPv4Address("10.0.0.2"), count=1, netdev="eth2")
    effects = device.configure(T0, Start(id="p", application=application))
    warning = "ping: Warning: source address might be selected on device other than: eth2"
    assert outcome(effects)[0] == f"print {warning}"


@pytest.mark.parametrize("own", ["10.0.0.1", "10.0.0.11", "10.0.1.1", "127.0.0.1", "127.1.2.3"])
def test_a_host_reaches_itself_without_a_wire(own: str) -> None:
    device = router()
    application = Ping(destination=IPv4Address(own), count=1)
    said = outcome(device.configure(T0, Start(id="p", application=application)))
    assert f"print 64 bytes from {own}: icmp_seq=1 ttl=64 time=0.000 ms" in said
    assert said[-1] == "exit 0"
    assert not [line for line in said if line.startswith(("eth", "lo", "hold"))]


def test_what_a_route_to_others_leads_into_lo_is_discarded() -> None:
    device = router(route("10.0.0.77/32", name="lo"))
    application = Ping(destination=IPv4Address("10.0.0.77"), count=1)
    effects = device.configure(T0, Start(id="p", application=application))
    assert "drop lo NOT_SPECIFIED" in outcome(effects)
    (drop,) = [effect for effect in effects if isinstance(effect, Drop)]
    assert drop.frame.scapy()[IP].src == "10.0.0.1"
    assert str(drop.why[-1].rule) == "10.0.0.77 dev lo scope link"


def test_a_typed_local_route_leads_into_the_host() -> None:
    device = router(route("10.0.0.78/32", name="lo", type=RouteType.LOCAL))
    application = Ping(destination=IPv4Address("10.0.0.78"), count=1)
    said = outcome(device.configure(T0, Start(id="p", application=application)))
    assert said[-1] == "exit 0"


def test_a_vlan_sends_through_its_parent() -> None:
    device = host("a")
    for change in (
        AddVlan(name="eth0.100", parent="eth0", vid=100),
        SetNetdev(name="eth0.100", up=True),
        AddAddress(name="eth0.100", interface=IPv4Interface("10.0.0.1/24")),
        know("10.0.0.2", "eth0.100"),
    ):
        device.configure(T0, change)
    (effect,) = ping(device, "10.0.0.2")
    assert (effect.port, describe(effect.frame)) == ("eth0", "a > b [100] echo 1")
    assert [step.table for step in effect.why] == ["socket", "fib", "neigh", "vlan"]


# --- to many -------------------------------------------------------------------------------------


def test_a_broadcast_goes_to_all_and_to_the_host_itself() -> None:
    device = router(SetSysctl(key="net.ipv4.icmp_echo_ignore_broadcasts", value="0"))
    application = Ping(destination=IPv4Address("10.0.0.255"), count=1, broadcast=True)
    said = outcome(device.configure(T0, Start(id="p", application=application)))
    assert said[0] == "print WARNING: pinging broadcast address"
    assert said[2] == "eth0: a > all echo 1"
    assert said[3] == "print 64 bytes from 10.0.0.1: icmp_seq=1 ttl=64 time=0.000 ms"


def test_a_broadcast_to_all_networks_goes_out_of_the_netdev_that_is_named() -> None:
    (effect,) = ping(router(), "255.255.255.255", netdev="eth1", broadcast=True)
    assert (effect.port, effect.frame.scapy()[IP].src) == ("eth1", "10.0.1.1")


def test_a_broadcast_ping_has_no_id_and_may_not_be_fragmented() -> None:
    packet = sent(router(), "10.0.0.255", broadcast=True)
    assert (packet.id, str(packet.flags)) == (0, "DF")


def test_a_group_has_a_mac_of_its_own() -> None:
    (effect,) = ping(router(route("default", via="10.0.0.254")), "239.129.2.3")
    assert effect.frame.eth.dst.hex(":") == "01:00:5e:01:02:03"


# --- id, DF, size --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "df", "counts"),
    [
        pytest.param({}, True, True, id="by default"),
        pytest.param({"pmtudisc": "want"}, True, True, id="-M want"),
        pytest.param({"pmtudisc": "do"}, True, False, id="-M do"),
        pytest.param({"pmtudisc": "dont"}, False, True, id="-M dont"),
    ],
)
def test_the_id_and_df_of_a_ping(options: dict[str, object], df: bool, counts: bool) -> None:
    device = router()
    first, second = (
        effect.frame.scapy()[IP]
        for ms in (0, 1)
        for effect in ping(device, "10.0.0.2", ms, **options)
    )
    assert (str(first.flags) == "DF") is df
    assert second.id == ((first.id + 1) % 0x10000 if counts else 0)


def test_what_does_not_fit_goes_in_pieces_with_one_id() -> None:
    effects = ping(router(SetNetdev(name="eth0", mtu=1400)), "10.0.0.2", size=3000)
    parts = [effect.frame.scapy()[IP] for effect in effects]
    assert [(part.len, part.frag, str(part.flags)) for part in parts] == [
        (1396, 0, "MF"),  # a multiple of 8 octets of data
        (1396, 172, "MF"),
        (276, 344, ""),
    ]
    assert len({part.id for part in parts}) == 1
    assert len({effect.frame.packet for effect in effects}) == 1
    whole = b"".join([bytes(part)[20:] for part in parts])
    assert ICMP(whole).seq == 1
    assert len(whole) == 3008


def test_what_just_fits_goes_whole() -> None:
    assert [len(e.frame.wire) for e in ping(router(), "10.0.0.2", size=1472)] == [1514]
    assert len(ping(router(), "10.0.0.2", size=1473)) == 2


def test_what_may_not_be_fragmented_and_does_not_fit_is_refused() -> None:
    device = router(SetNetdev(name="eth0", mtu=1400))
    application = Ping(destination=IPv4Address("10.0.0.2"), size=1373, pmtudisc="do")
    effects = device.configure(T0, Start(id="p", application=application))
    assert outcome(effects)[1:] == ["print ping: local error: message too long, mtu=1400"]


@pytest.mark.parametrize("size", [65_507, 65_508])
def test_no_packet_is_larger_than_65535_octets(size: int) -> None:
    effects = ping(router(), "10.0.0.2", size=size)
    assert bool(effects) is (size == 65_507)


# --- errors about what the host sent -------------------------------------------------------------


def test_an_error_about_an_error_is_not_sent() -> None:
    wire = Wire(host("a", "10.0.0.1/24"))
    packet = IP(src="10.0.0.9", dst="10.0.0.1") / UDP(sport=5, dport=6) / Raw(b"hi")
    arriving = Frame.new(build_ethernet(A, B, ETH_P_IP, bytes(packet)))
    device = wire.network.device("a")
    effects = device.receive(T0, "eth0", arriving)
    assert outcome(effects) == [
        *("drop eth0 NO_SOCKET", "hold eth0", "eth0: a > all who-has 10.0.0.9 tell 10.0.0.1")
    ]
    later = []
    while (due := device.next_deadline()) is not None and due < milliseconds(9_000):
        later += [effect for effect in device.tick(due) if not isinstance(effect, Transmit)]
    (drop,) = later
    assert isinstance(drop, Drop)
    assert drop.reason is DropReason.NEIGH_FAILED


def test_an_error_is_limited_by_destination_but_not_for_oneself() -> None:
    wire = pair()
    for number in range(10):
        wire.run("a", Ping(destination=IPv4Address("10.0.0.99"), count=1), id=str(number))
    wire.advance(5_000)
    told = [wire.printed(str(number))[1] for number in range(10)]
    assert told == ["From 10.0.0.1 icmp_seq=1 Destination Host Unreachable"] * 10
