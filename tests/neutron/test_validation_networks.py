"""What is wrong with a network: where, and in whose words."""

import pytest

from emu.neutron.blueprint import Blueprint
from tests.neutron.plans import cloud, mistakes, network, one_network, vlan


@pytest.mark.parametrize(
    ("blueprint", "expected"),
    [
        pytest.param(
            one_network("vlan", physical_network="physnet1", segmentation_id=4095),
            "networks.net.segmentation_id: InvalidInput: Invalid input for operation: "
            "segmentation_id out of range (1 through 4094).",
            id="VLAN 4095",
        ),
        pytest.param(
            one_network("vlan", physical_network="physnet1", segmentation_id=0),
            "networks.net.segmentation_id: InvalidInput: Invalid input for operation: "
            "segmentation_id out of range (1 through 4094).",
            id="VLAN 0",
        ),
        pytest.param(
            one_network("vlan", physical_network="physnet1"),
            "networks.net.segmentation_id: NoNetworkAvailable: Unable to create the network. "
            "No tenant network is available for allocation. "
            "-> say which VLAN: segmentation_id, 1 to 4094",
            id="a VLAN network without segmentation_id",
        ),
        pytest.param(
            one_network("vlan", segmentation_id=100),
            "networks.net.physical_network: InvalidInput: Invalid input for operation: "
            "segmentation_id requires physical_network for VLAN provider network. "
            "-> known: physnet1, physnet2",
            id="a VLAN network without physical network",
        ),
        pytest.param(
            one_network("vlan", physical_network="physnet3", segmentation_id=100),
            "networks.net.physical_network: InvalidInput: Invalid input for operation: "
            "physical_network 'physnet3' unknown for VLAN provider network. "
            '-> did you mean "physnet2"?',
            id="a VLAN network on an unknown physical network",
        ),
        pytest.param(
            cloud(vlan("vlan100", 100), vlan("again", 100)),
            "networks.again.segmentation_id: VlanIdInUse: Unable to create the network. "
            "The VLAN 100 on physical network physnet1 is in use. "
            '-> the network "vlan100" has it',
            id="a VLAN that another network has",
        ),
        pytest.param(
            one_network("flat"),
            "networks.net.physical_network: InvalidInput: Invalid input for operation: "
            "physical_network required for flat provider network. -> known: physnet1, physnet2",
            id="a flat network without physical network",
        ),
        pytest.param(
            cloud(network("net", "flat"), hosts=()),
            "networks.net.physical_network: InvalidInput: Invalid input for operation: "
            "physical_network required for flat provider network. -> no host maps one",
            id="a flat network where no host has a NIC",
        ),
        pytest.param(
            one_network("flat", physical_network="provider"),
            "networks.net.physical_network: InvalidInput: Invalid input for operation: "
            "physical_network 'provider' unknown for flat provider network. "
            "-> known: physnet1, physnet2",
            id="a flat network on an unknown physical network",
        ),
        pytest.param(
            one_network("flat", physical_network="physnet1", segmentation_id=5),
            "networks.net.segmentation_id: InvalidInput: Invalid input for operation: "
            "segmentation_id prohibited for flat provider network. -> take it away",
            id="a flat network with segmentation_id",
        ),
        pytest.param(
            cloud(
                network("flat1", "flat", physnet="physnet1"),
                network("flat2", "flat", physnet="physnet1"),
            ),
            "networks.flat2.physical_network: FlatNetworkInUse: Unable to create the flat network. "
            "Physical network physnet1 is in use. "
            '-> the network "flat1" is the one flat network that it can have',
            id="a second flat network on one physical network",
        ),
        pytest.param(
            one_network("local", physical_network="physnet1"),
            "networks.net.physical_network: InvalidInput: Invalid input for operation: "
            "physical_network prohibited for local provider network. -> take it away",
            id="a local network with physical network",
        ),
        pytest.param(
            one_network("local", segmentation_id=5),
            "networks.net.segmentation_id: InvalidInput: Invalid input for operation: "
            "segmentation_id prohibited for local provider network. -> take it away",
            id="a local network with segmentation_id",
        ),
        pytest.param(
            one_network("gre", physical_network="physnet1", segmentation_id=5),
            "networks.net.physical_network: InvalidInput: Invalid input for operation: "
            "provider:physical_network specified for gre network. "
            "-> take it away: tunnels need none",
            id="a GRE network with physical network",
        ),
        pytest.param(
            one_network("gre"),
            "networks.net.segmentation_id: NoNetworkAvailable: Unable to create the network. "
            "No tenant network is available for allocation. "
            "-> say which tunnel: segmentation_id",
            id="a GRE network without segmentation_id",
        ),
        pytest.param(
            cloud(network("gre1", "gre", vid=5), network("gre2", "gre", vid=5)),
            "networks.gre2.segmentation_id: TunnelIdInUse: Unable to create the network. "
            'The tunnel ID 5 is in use. -> the network "gre1" has it',
            id="a tunnel that another network has",
        ),
        pytest.param(
            one_network("vxlan", segmentation_id=5),
            "networks.net.type: NotModelled: "
            "a network of type vxlan: Neutron allows it, emu does not model it yet",
            id="a VXLAN network",
        ),
        pytest.param(
            one_network("local", mtu=1501),
            "networks.net.mtu: InvalidInput: Invalid input for operation: "
            "Requested MTU is too big, maximum is 1500.",
            id="an MTU that the wire has not",
        ),
        pytest.param(
            one_network("gre", segmentation_id=5, mtu=1459),
            "networks.net.mtu: InvalidInput: Invalid input for operation: "
            "Requested MTU is too big, maximum is 1458.",
            id="an MTU that leaves no room for the tunnel's headers",
        ),
        pytest.param(
            one_network("local", mtu=67),
            "networks.net.mtu: ip: Error: mtu less than device minimum. -> 68 to 1500",
            id="an MTU that no tap takes",
        ),
        pytest.param(
            one_network("local", mtu=-1),
            "networks.net.mtu: HTTPBadRequest: "
            "Invalid input for mtu. Reason: '-1' should be non-negative.",
            id="an MTU below zero",
        ),
    ],
)
def test_a_network_that_cannot_be(blueprint: Blueprint, expected: str) -> None:
    assert mistakes(blueprint) == [expected]
