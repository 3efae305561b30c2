"""What is wrong with a server and its NICs: where, and in whose words."""

import pytest

from emu.neutron.blueprint import Blueprint
from tests.neutron.plans import (
    HOSTS,
    NETWORKS,
    cloud,
    host,
    mistakes,
    network,
    one_server,
    server,
    subnet,
)

NET = subnet("10.0.0.0/24")


@pytest.mark.parametrize(
    ("blueprint", "expected"),
    [
        pytest.param(
            one_server("vlan100 172.16.101.3"),
            "servers.vm1.nics.0.fixed_ip: InvalidIpForNetwork: IP address 172.16.101.3 is not a "
            "valid IP for any of the subnets on the specified network. "
            "-> subnets: 172.16.100.0/24",
            id="an address of another network",
        ),
        pytest.param(
            one_server("vlan100 172.16.100.0"),
            "servers.vm1.nics.0.fixed_ip: InvalidIpForNetwork: IP address 172.16.100.0 is not a "
            "valid IP for any of the subnets on the specified network. "
            "-> it is the network address of 172.16.100.0/24",
            id="the network's address",
        ),
        pytest.param(
            one_server("vlan100 172.16.100.255"),
            "servers.vm1.nics.0.fixed_ip: InvalidIpForNetwork: IP address 172.16.100.255 is not a "
            "valid IP for any of the subnets on the specified network. "
            "-> it is the broadcast address of 172.16.100.0/24",
            id="the broadcast address",
        ),
        pytest.param(
            cloud(network("net", "local"), servers=(server("vm1", "compute1", "net 10.0.0.3"),)),
            "servers.vm1.nics.0.fixed_ip: InvalidInput: Invalid input for operation: "
            "IP allocation requires subnets for network.",
            id="an address on a network without subnet",
        ),
        pytest.param(
            one_server("vlan100 172.16.100.3", "vlan100 172.16.100.3"),
            "servers.vm1.nics.1.fixed_ip: IpAddressAlreadyAllocated: IP address 172.16.100.3 "
            "already allocated in subnet 172.16.100.0/24 "
            '-> the port "vm1/eth0" has it',
            id="an address that another port has",
        ),
        pytest.param(
            cloud(
                network("net", "local", subnet("10.0.0.0/30")),
                servers=(server("vm1", "compute1", "net"), server("vm2", "compute1", "net")),
            ),
            "servers.vm2.nics.0: IpAddressGenerationFailure: "
            "No more IP addresses available on network net.",
            id="no address is left",
        ),
        pytest.param(
            cloud(
                network("net", "local", subnet("10.0.0.0/30")),
                servers=(
                    server("vm1", "compute1", "net"),
                    server("vm2", "compute1", "net 10.0.0.2"),
                ),
            ),
            "servers.vm1.nics.0: IpAddressGenerationFailure: "
            "No more IP addresses available on network net.",
            id="who asks for an address comes before who takes any",
        ),
        pytest.param(
            one_server("vlan100 - 00:00:00:00:00:00"),
            "servers.vm1.nics.0.mac_address: HTTPBadRequest: Invalid input for mac_address. "
            "Reason: '00:00:00:00:00:00' is not a valid MAC address.",
            id="no MAC",
        ),
        pytest.param(
            one_server("vlan100 - ff:ff:ff:ff:ff:ff"),
            "servers.vm1.nics.0.mac_address: HTTPBadRequest: Invalid input for mac_address. "
            "Reason: 'ff:ff:ff:ff:ff:ff' is not a valid MAC address.",
            id="the broadcast MAC",
        ),
        pytest.param(
            one_server("vlan100 - 01:00:5e:00:00:01"),
            "servers.vm1.nics.0.mac_address: libvirtError: XML error: expected unicast mac "
            "address, found multicast '01:00:5e:00:00:01' "
            "-> let the first octet be even: fa:16:3e:...",
            id="the MAC of a group",
        ),
        pytest.param(
            one_server("vlan100 - fa:16:3e:00:00:01", "vlan100 - fa:16:3e:00:00:01"),
            "servers.vm1.nics.1.mac_address: MacAddressInUse: Unable to complete operation for "
            "network vlan100. The mac address fa:16:3e:00:00:01 is in use. "
            '-> the port "vm1/eth0" has it',
            id="a MAC that another port of the network has",
        ),
        pytest.param(
            one_server("vlan-100"),
            "servers.vm1.nics.0.network: NetworkNotFound: Network vlan-100 could not be found. "
            '-> did you mean "vlan100"?',
            id="an unknown network",
        ),
        pytest.param(
            one_server("vlan100", where="compute2"),
            "servers.vm1.host: ComputeHostNotFound: Compute host compute2 could not be found. "
            '-> did you mean "compute1"?',
            id="an unknown host",
        ),
        pytest.param(
            cloud(
                *NETWORKS,
                hosts=(host("network1", roles="network"),),
                servers=(server("vm1", "network1", "vlan100"),),
            ),
            "servers.vm1.host: ComputeHostNotFound: Compute host network1 could not be found. "
            '-> give network1 the role "compute"',
            id="a host that runs no servers",
        ),
        pytest.param(
            cloud(
                *NETWORKS,
                hosts=(*HOSTS, host("compute2", "eth1:physnet2")),
                servers=(server("vm1", "compute2", "vlan100"),),
            ),
            "servers.vm1.nics.0.network: PortBindingFailed: Binding failed for port vm1/eth0, "
            "please check neutron logs for more information. "
            "-> compute2 has no NIC on physnet1",
            id="a host that is not on the physical network",
        ),
        pytest.param(
            cloud(network("gre1", "gre", NET, vid=5), servers=(server("vm1", "compute1", "gre1"),)),
            "servers.vm1.nics.0.network: PortBindingFailed: Binding failed for port vm1/eth0, "
            "please check neutron logs for more information. "
            "-> the linuxbridge mechanism serves no gre network, only local, flat, vlan, vxlan",
            id="GRE with Linux bridges",
        ),
    ],
)
def test_a_server_that_cannot_be(blueprint: Blueprint, expected: str) -> None:
    assert mistakes(blueprint) == [expected]
