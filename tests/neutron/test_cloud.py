"""A cloud becomes devices, links and names, and its servers reach whom they should."""

from ipaddress import IPv4Address

import pytest
from hypothesis import assume, given, settings

from emu.core.rng import Rng
from emu.core.time import microseconds, milliseconds
from emu.devices.namespace import Namespace
from emu.net.link import LinkSettings
from emu.neutron.blueprint import Blueprint, NetworkPlan, ServerPlan
from emu.neutron.cloud import Cloud
from emu.neutron.validation import check
from emu.packet.addresses import render_mac
from emu.sim import Network
from tests.neutron.plans import HOSTS, LB_VLAN, cloud, host, network, server, subnet, vlan
from tests.neutron.world import World
from tests.strategies import likely_blueprints

NET = subnet("10.0.0.0/24")
FLAT = network("net", "flat", NET, physnet="physnet1")
LOCAL = network("net", "local", NET)
VLAN = vlan("net", 100, NET)
RNG = Rng("test")


def test_two_vlan_networks_on_two_hosts_become_these_devices_and_links() -> None:
    world = World(LB_VLAN)
    vm1, vm2, vm3 = world.cloud.ports
    assert vm1.bridge == vm2.bridge != vm3.bridge
    assert world.devices() == [
        "physnet1",
        "controller",
        "compute1",
        "cirros-vm1",
        "cirros-vm2",
        "cirros-vm3",
        f"controller/{vm1.bridge}",
        f"compute1/{vm2.bridge}",
        f"compute1/{vm3.bridge}",
    ]
    assert world.links() == [
        "controller/eth1 - physnet1/controller",
        "compute1/eth1 - physnet1/compute1",
        f"controller/{vm1.bridge} - controller/{vm1.bridge}",
        f"controller/{vm1.tap} - cirros-vm1/eth0",
        f"compute1/{vm2.bridge} - compute1/{vm2.bridge}",
        f"compute1/{vm2.tap} - cirros-vm2/eth0",
        f"compute1/{vm3.bridge} - compute1/{vm3.bridge}",
        f"compute1/{vm3.tap} - cirros-vm3/eth0",
        "controller/eth1.100 - controller/eth1.100:master",
        "compute1/eth1.100 - compute1/eth1.100:master",
        "compute1/eth1.101 - compute1/eth1.101:master",
    ]


def test_what_is_typed_on_a_host_is_what_os_vif_libvirt_and_agent_do() -> None:
    world = World(LB_VLAN)
    vm1, *_ = world.cloud.ports
    assert world.typed("controller") == [
        f"ip link add {vm1.bridge} type bridge forward_delay 0 stp_state 0 mcast_snooping 0",
        f"sysctl -w net.ipv6.conf.{vm1.bridge}.disable_ipv6=1",
        f"sysctl -w net.ipv4.conf.{vm1.bridge}.arp_ignore=1",
        f"sysctl -w net.ipv4.conf.{vm1.bridge}.arp_announce=2",
        f"ip link set {vm1.bridge} up",
        f"ip link set {vm1.tap} master {vm1.bridge}",
        f"ip link set {vm1.tap} up",
        "ip link add link eth1 name eth1.100 type vlan id 100",
        "sysctl -w net.ipv6.conf.eth1/100.disable_ipv6=1",
        "ip link set eth1.100 up",
        f"ip link set eth1.100 master {vm1.bridge}",
        f"ip link set {vm1.tap} mtu 1500",
        f"ip link set {vm1.tap} up",
    ]


def on(name: str) -> tuple[ServerPlan, ...]:
    """Return two servers on one host and one on another, all on the network `name`."""
    return (
        server("vm1", "controller", f"{name} 10.0.0.3"),
        server("vm2", "controller", f"{name} 10.0.0.4"),
        server("vm3", "compute1", f"{name} 10.0.0.5"),
    )


@pytest.mark.parametrize(
    ("plan", "to", "received"),
    [
        pytest.param(LOCAL, "vm2", 2, id="a local network reaches over its host"),
        pytest.param(LOCAL, "vm3", 0, id="but not to another one"),
        pytest.param(FLAT, "vm2", 2, id="a flat network reaches over its host"),
        pytest.param(FLAT, "vm3", 2, id="and to another one"),
        pytest.param(VLAN, "vm2", 2, id="a VLAN network reaches over its host"),
        pytest.param(VLAN, "vm3", 2, id="and to another one by its VLAN"),
    ],
)
def test_whom_a_server_reaches(plan: NetworkPlan, to: str, received: int) -> None:
    assert World(cloud(plan, servers=on("net"))).ping("vm1", to) == received


@pytest.mark.parametrize(
    ("plan", "ethertype"),
    [
        pytest.param(FLAT, "", id="a flat network has no tag"),
        pytest.param(VLAN, "81000064", id="a VLAN network has its own"),
    ],
)
def test_what_is_on_the_wire_between_hosts(plan: NetworkPlan, ethertype: str) -> None:
    world = World(cloud(plan, servers=on("net")))
    world.ping("vm1", "vm3")
    wires = world.seen.frames["controller/eth1"], world.seen.frames["physnet1/compute1"]
    for frames in wires:
        tags = [frame.wire[12:16].hex() if frame.vlan else "" for frame in frames]
        assert tags == [ethertype] * 4  # who-has, two echo requests, and later an answer


def test_networks_are_kept_apart_though_their_addresses_are_the_same() -> None:
    plans = (
        network("flat", "flat", NET, physnet="physnet1"),
        vlan("vlan1", 1, NET),  # the native VLAN of a switch that nobody has set
        vlan("vlan2", 2, NET),
    )
    servers = [
        server(f"{plan.name}-{host}", host, f"{plan.name} 10.0.0.{number}")
        for plan in plans
        for number, host in enumerate(("controller", "compute1"), 3)
    ]
    world = World(cloud(*plans, servers=tuple(servers)))
    for plan in plans:
        assert world.ping(f"{plan.name}-controller", "10.0.0.4") == 2
        reached = [end for end in world.seen.frames if end.endswith("/eth0")]
        assert reached == [f"{plan.name}-controller/eth0", f"{plan.name}-compute1/eth0"]


def test_a_third_host_joins_a_network_with_its_first_server_only() -> None:
    hosts = (*HOSTS, host("compute2", "enp0s31f6long:physnet1"))
    servers = (*on("net"), server("vm4", "compute2", "net 10.0.0.6"))
    assert World(cloud(VLAN, hosts=hosts, servers=servers)).ping("vm4", "vm1") == 2
    idle = World(cloud(VLAN, hosts=hosts, servers=on("net")))
    assert idle.typed("compute2") == []
    assert idle.ping("vm1", "vm3") == 2
    assert "physnet1/compute2" in idle.seen.frames  # the switch floods a broadcast
    busy = World(cloud(vlan("net", 4000, NET), hosts=hosts, servers=servers))
    assert "ip link add link enp0s31f6long name enp05ce057.4000 type vlan id 4000" in busy.typed(
        "compute2"
    )


def test_a_server_with_two_nics_reaches_both_networks() -> None:
    plans = network("a", "local", NET), network("b", "local", subnet("10.0.1.0/24"))
    servers = (
        server("both", "compute1", "a 10.0.0.3", "b 10.0.1.3"),
        server("on-a", "compute1", "a 10.0.0.4"),
        server("on-b", "compute1", "b 10.0.1.4"),
    )
    world = World(cloud(*plans, servers=servers))
    assert [world.ping("both", to) for to in ("on-a", "on-b")] == [2, 2]
    assert world.port("both", "eth1").network == "b"
    assert world.cloud.address("both") == IPv4Address("10.0.0.3")


def test_the_mtu_of_a_network_is_that_of_its_guests_and_taps() -> None:
    plan = network("net", "local", NET, mtu=1400)
    world = World(cloud(plan, servers=on("net")))
    guest = world.network.device("vm1")
    assert isinstance(guest, Namespace)
    assert {row.name: row.mtu for row in guest.netdevs()}["eth0"] == 1400
    assert f"ip link set {world.port('vm1').tap} mtu 1400" in world.typed("controller")


def test_a_guest_leaves_its_subnet_by_the_gateway() -> None:
    world = World(cloud(LOCAL, servers=on("net")))
    guest = world.network.device("vm1")
    assert isinstance(guest, Namespace)
    assert [str(route) for route in guest.routes()] == [
        "default via 10.0.0.1 dev eth0",
        "10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.3",
    ]


def test_wires_of_a_physical_network_can_be_slow() -> None:
    network_ = Network()
    Cloud(LB_VLAN, Rng("test")).build(network_, {"physnet1": LinkSettings(latency=milliseconds(1))})
    wire = network_.link("compute1", "eth1")
    assert wire is not None
    assert network_.settings(wire).latency == milliseconds(1)


def test_other_wires_and_taps_take_a_while() -> None:
    world = World(LB_VLAN)
    latencies = {
        str(link): world.network.settings(link).latency
        for link in world.network.links
        if str(link) in ("compute1/eth1", f"compute1/{world.port('cirros-vm2').tap}")
    }
    assert list(latencies.values()) == [microseconds(50), microseconds(10)]


# --- names ---------------------------------------------------------------------------------------


def test_an_address_stands_for_its_server_unless_several_have_it() -> None:
    plans = network("a", "local", NET), network("b", "local", NET)
    servers = (
        server("vm1", "compute1", "a 10.0.0.3"),
        server("vm2", "compute1", "b 10.0.0.3", "a 10.0.0.4"),
        server("vm3", "compute1", "b 10.0.0.5", "a 10.0.0.5"),
    )
    assert Cloud(cloud(*plans, servers=servers), Rng("test")).address_names() == {
        IPv4Address("10.0.0.4"): "vm2",
        IPv4Address("10.0.0.5"): "vm3",
    }


def test_a_server_without_address_has_none() -> None:
    made = Cloud(cloud(network("a", "local"), servers=(server("vm1", "compute1", "a"),)), Rng("a"))
    assert made.address("vm1") is None
    assert made.address_names() == {}


def test_a_new_server_and_a_new_network_shift_nobodys_numbers() -> None:
    servers = tuple([server(f"vm{number}", "compute1", "net") for number in range(9)])
    before = Cloud(cloud(VLAN, servers=servers[1:]), Rng("test")).ports
    after = Cloud(cloud(vlan("new", 5), VLAN, servers=servers), Rng("test")).ports
    assert after[1:] == before
    assert Cloud(cloud(VLAN, servers=servers[1:]), Rng("other")).ports != before


def test_who_asks_for_an_address_or_mac_has_it_wherever_it_stands() -> None:
    [picked] = Cloud(cloud(LOCAL, servers=(server("vm1", "compute1", "net"),)), RNG).ports
    wanted = server("vm2", "compute1", f"net {picked.ip} {render_mac(picked.mac)}")
    plans = cloud(LOCAL, servers=(server("vm1", "compute1", "net"), wanted))
    other, same = Cloud(plans, RNG).ports
    assert (same.ip, same.mac) == (picked.ip, picked.mac)
    assert other.ip != picked.ip
    assert other.mac != picked.mac


def test_a_mac_that_is_asked_for_is_not_picked_for_who_stands_before() -> None:
    [picked] = Cloud(cloud(LOCAL, servers=(server("vm1", "compute1", "net"),)), RNG).ports
    wanted = server("vm2", "compute1", f"net - {render_mac(picked.mac)}")
    plans = cloud(LOCAL, servers=(server("vm1", "compute1", "net"), wanted))
    other, same = Cloud(plans, RNG).ports
    assert same.mac == picked.mac != other.mac


@given(likely_blueprints())
@settings(deadline=None)
def test_what_is_judged_legal_is_built_and_every_port_is_wired(blueprint: Blueprint) -> None:
    assume(not check(blueprint))
    world = World(blueprint)
    assert [record for record in world.seen.commands if record.refused] == []
    answers = [answer.result for answer in world.cloud.client.answers]
    assert answers == [None] * len(blueprint.servers)  # all are ACTIVE
    for port in world.cloud.ports:
        link = world.network.link(port.server, port.netdev)
        assert link is not None
        assert str(link) == f"{port.host}/{port.tap}"
        assert link.a.device == f"{port.host}/{port.bridge}"
