"""Whether a cloud can be: what is legal, and names that cannot be."""

from dataclasses import replace

import pytest
from hypothesis import given

from emu.neutron.blueprint import Blueprint, Mechanism
from emu.neutron.validation import check
from tests.neutron.plans import (
    LB_VLAN,
    NETWORKS,
    cloud,
    host,
    mistakes,
    network,
    one_network,
    one_server,
    one_subnet,
    server,
    subnet,
    vlan,
)
from tests.strategies import blueprints

NET = subnet("10.0.0.0/24")


@pytest.mark.parametrize(
    "blueprint",
    [
        pytest.param(Blueprint(), id="nothing"),
        pytest.param(LB_VLAN, id="two VLAN networks on two hosts"),
        pytest.param(one_network("local"), id="a local network without subnet"),
        pytest.param(one_network("local", segmentation_id=0), id="Neutron overlooks id 0 there"),
        pytest.param(one_network("flat", physical_network="physnet2"), id="a flat network"),
        pytest.param(
            cloud(vlan("vlan1", 1), vlan("vlan4094", 4094)), id="the lowest VLAN and the highest"
        ),
        pytest.param(
            cloud(network("flat", "flat", physnet="physnet1"), vlan("vlan100", 100)),
            id="flat and VLAN networks share a physical network",
        ),
        pytest.param(
            cloud(
                network("vlan1", "vlan", physnet="physnet1", vid=100),
                network("vlan2", "vlan", physnet="physnet2", vid=100),
                hosts=(host("compute1", "eth1:physnet1 eth2:physnet2"),),
            ),
            id="the same VLAN on two physical networks",
        ),
        pytest.param(one_network("gre", segmentation_id=5), id="a GRE network without servers"),
        pytest.param(one_network("local", mtu=1500), id="the largest MTU"),
        pytest.param(one_network("local", mtu=68), id="the smallest MTU"),
        pytest.param(one_network("local", mtu=0), id="MTU 0 is what Neutron computes"),
        pytest.param(
            cloud(network("net", "local", NET, subnet("10.0.1.0/24"))), id="subnets side by side"
        ),
        pytest.param(
            cloud(network("a", "local", NET), network("b", "local", NET)),
            id="networks may overlap",
        ),
        pytest.param(one_subnet("10.0.0.0/24", "192.0.2.1"), id="a gateway outside of the subnet"),
        pytest.param(one_subnet("10.0.0.0/31", "none"), id="a subnet of two addresses"),
        pytest.param(one_subnet("10.0.0.7/32"), id="a subnet of one address"),
        pytest.param(
            one_subnet("10.0.0.0/24", "10.0.0.254", "10.0.0.1-10.0.0.9 10.0.0.10-10.0.0.10"),
            id="pools side by side",
        ),
        pytest.param(
            one_server("vlan100 172.16.100.254", "vlan100 172.16.100.2", "vlan101"),
            id="a server with NICs on the same network and on another",
        ),
        pytest.param(
            one_server("vlan100 172.16.100.1"), id="a server may have the gateway's address"
        ),
        pytest.param(
            cloud(
                network("net", "local", subnet("10.0.0.0/24", "", "10.0.0.2-10.0.0.2")),
                servers=(server("vm1", "compute1", "net 10.0.0.9"),),
            ),
            id="an address that is asked for need not be in a pool",
        ),
        pytest.param(
            cloud(
                network("net", "local", subnet("10.0.0.0/30")),
                servers=(server("vm1", "compute1", "net"),),
            ),
            id="the last address of a pool",
        ),
        pytest.param(
            cloud(
                network("net", "local", subnet("10.0.0.0/30"), subnet("10.0.1.0/24")),
                servers=(server("vm1", "compute1", "net", "net"),),
            ),
            id="where one subnet is full, the next one has addresses",
        ),
        pytest.param(
            cloud(
                network("net", "local", subnet("10.0.0.0/29", "none", "10.0.0.1-10.0.0.1")),
                servers=(
                    server("vm1", "compute1", "net"),
                    server("vm2", "compute1", "net 10.0.0.2"),
                ),
            ),
            id="a pool of one is enough for who asks for none",
        ),
        pytest.param(
            cloud(
                *NETWORKS,
                servers=(
                    server("vm1", "compute1", "vlan100 - fa:16:3e:00:00:01"),
                    server("vm2", "compute1", "vlan101 - fa:16:3e:00:00:01"),
                ),
            ),
            id="the same MAC on two networks",
        ),
        pytest.param(
            cloud(
                network("net", "local", replace(NET, name="s"), subnet("10.0.1.0/24", name="s")),
                servers=(server("vm1", "compute1", "net 10.0.1.9"),),
            ),
            id="subnets of the same name",
        ),
        pytest.param(
            cloud(
                network("net", "local"),
                servers=(server("vm1", "compute1", "net"), server("vm2", "compute1")),
            ),
            id="a port without address, and a server without port",
        ),
    ],
)
def test_a_legal_cloud_has_no_mistakes(blueprint: Blueprint) -> None:
    assert mistakes(blueprint) == []


@pytest.mark.parametrize(
    ("blueprint", "expected"),
    [
        pytest.param(
            cloud(hosts=(host("compute1", "eth1:physnet1 eth2:physnet1"),)),
            "hosts.compute1.nics.eth2: ValueError: Parsing physical_interface_mappings failed: "
            "Key physnet1 in mapping: 'physnet1:eth2' not unique. Agent terminated! "
            "-> eth1 is on it already",
            id="two NICs on one physical network",
        ),
        pytest.param(
            cloud(hosts=(host("compute1", "eth1:physnet1 eth1:physnet2"),)),
            "hosts.compute1.nics.eth1: ValueError: Parsing physical_interface_mappings failed: "
            "Value eth1 in mapping: 'physnet2:eth1' not unique. Agent terminated!",
            id="one NIC on two physical networks",
        ),
        pytest.param(
            cloud(hosts=(host("compute1", "enp0s31f6verylong:physnet1"),)),
            'hosts.compute1.nics.enp0s31f6verylong: ip: Error: argument "enp0s31f6verylong" is '
            'wrong: "name" not a valid ifname',
            id="a NIC whose name is too long",
        ),
        pytest.param(
            cloud(hosts=(host("compute1", "eth1:1:physnet1"),)),
            'hosts.compute1.nics.eth1:1: ip: Error: argument "eth1:1" is wrong: '
            '"name" not a valid ifname',
            id="a NIC with the name of an alias",
        ),
        pytest.param(
            cloud(hosts=(host("compute1", "..:physnet1"),)),
            'hosts.compute1.nics...: ip: Error: argument ".." is wrong: "name" not a valid ifname',
            id="a NIC with the name of a folder",
        ),
        pytest.param(
            cloud(hosts=(host("compute1", "lo:physnet1"),)),
            "hosts.compute1.nics.lo: ip: RTNETLINK answers: File exists",
            id="a NIC that is the loopback netdev",
        ),
        pytest.param(
            cloud(hosts=(host("compute1", "all:physnet1"),)),
            "hosts.compute1.nics.all: ip: RTNETLINK answers: Invalid argument",
            id="a NIC whose name means all of them",
        ),
        pytest.param(
            cloud(servers=(server("compute1", "compute1"),)),
            'servers.compute1: NameInUse: "compute1" names a host and a server '
            "-> give one of them another name",
            id="a server with the name of a host",
        ),
        pytest.param(
            cloud(servers=(server("physnet1", "compute1"),)),
            'hosts.controller.nics.eth1: NameInUse: "physnet1" names a server and '
            "a physical network -> give one of them another name",
            id="a server with the name of a physical network",
        ),
        pytest.param(
            cloud(network("net", "local"), network("net", "local")),
            'networks.net: NameInUse: "net" names a network and another',
            id="two networks of one name",
        ),
        pytest.param(
            replace(LB_VLAN, mechanism=Mechanism.OPENVSWITCH),
            "mechanism: NotModelled: the openvswitch mechanism: "
            "Neutron allows it, emu does not model it yet",
            id="Open vSwitch",
        ),
    ],
)
def test_a_cloud_that_cannot_be(blueprint: Blueprint, expected: str) -> None:
    assert mistakes(blueprint) == [expected]


def test_every_mistake_is_found_at_once() -> None:
    blueprint = cloud(
        network("vlan", "vlan", subnet("10.0.0.0/24", "10.0.0.255"), physnet="physnet2", vid=4095),
        network("flat", "flat", NET, vid=7),
        servers=(
            server("vm1", "compute9", "vlan 10.0.1.3", "flat 10.0.0.3 ff:ff:ff:ff:ff:ff"),
            server("vm2", "compute1", "flat 10.0.0.3", "nowhere"),
        ),
    )
    assert [".".join(map(str, error.path)) for error in check(blueprint)] == [
        "networks.vlan.physical_network",
        "networks.vlan.segmentation_id",
        "networks.vlan.subnets.0.gateway_ip",
        "networks.flat.physical_network",
        "networks.flat.segmentation_id",
        "servers.vm1.host",
        "servers.vm1.nics.0.fixed_ip",
        "servers.vm1.nics.1.mac_address",
        "servers.vm2.nics.0.fixed_ip",
        "servers.vm2.nics.1.network",
    ]


@given(blueprints)
def test_no_cloud_is_too_odd_to_be_judged(blueprint: Blueprint) -> None:
    for error in check(blueprint):
        assert error.message
        assert error.path
