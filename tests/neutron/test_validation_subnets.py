"""What is wrong with a subnet: where, and in whose words."""

import pytest

from emu.neutron.blueprint import Blueprint
from tests.neutron.plans import cloud, mistakes, network, one_subnet, subnet

NET = subnet("10.0.0.0/24")


@pytest.mark.parametrize(
    ("blueprint", "expected"),
    [
        pytest.param(
            one_subnet("0.0.0.0/0", "none"),
            "networks.net.subnets.0.cidr: InvalidInput: Invalid input for operation: "
            "0 is not allowed as CIDR prefix length.",
            id="all addresses",
        ),
        pytest.param(
            cloud(network("net", "local", NET, subnet("10.0.0.128/25"))),
            "networks.net.subnets.1.cidr: InvalidInput: Invalid input for operation: "
            "Requested subnet with cidr: 10.0.0.128/25 for network: net overlaps with another "
            "subnet. -> the other is 10.0.0.0/24",
            id="subnets of one network overlap",
        ),
        pytest.param(
            one_subnet("10.0.0.0/24", "10.0.0.0"),
            "networks.net.subnets.0.gateway_ip: InvalidInput: Invalid input for operation: "
            "Gateway is not valid on subnet. -> 10.0.0.0 is the network address of 10.0.0.0/24",
            id="the network's address as gateway",
        ),
        pytest.param(
            one_subnet("10.0.0.0/24", "10.0.0.255"),
            "networks.net.subnets.0.gateway_ip: InvalidInput: Invalid input for operation: "
            "Gateway is not valid on subnet. -> 10.0.0.255 is the broadcast address of 10.0.0.0/24",
            id="the broadcast address as gateway",
        ),
        pytest.param(
            one_subnet("10.0.0.0/31"),
            "networks.net.subnets.0.cidr: IpamValueInvalid: "
            "Gateway IP 10.0.0.1 cannot be allocated in CIDR 10.0.0.0/31 "
            '-> the subnet can have none: "gateway_ip: null"',
            id="no room for the gateway that is not asked for",
        ),
        pytest.param(
            one_subnet("255.255.255.255/32"),
            "networks.net.subnets.0.cidr: IpamValueInvalid: "
            "Gateway IP 255.255.255.255 cannot be allocated in CIDR 255.255.255.255/32 "
            '-> the subnet can have none: "gateway_ip: null"',
            id="no address after the last one",
        ),
        pytest.param(
            one_subnet("10.0.0.0/24", "224.0.0.1"),
            "networks.net.subnets.0.gateway_ip: ip: Error: Nexthop has invalid gateway. "
            '-> the subnet can have none: "gateway_ip: null"',
            id="a group as gateway",
        ),
        pytest.param(
            one_subnet("127.0.0.0/8"),
            "networks.net.subnets.0.cidr: ip: Error: Nexthop has invalid gateway. "
            '-> the subnet can have none: "gateway_ip: null"',
            id="a gateway on the loopback network",
        ),
        pytest.param(
            one_subnet("10.0.0.0/24", pools="10.0.0.9-10.0.0.2"),
            "networks.net.subnets.0.allocation_pools.0: InvalidAllocationPool: "
            "The allocation pool {'start': '10.0.0.9', 'end': '10.0.0.2'} is not valid.",
            id="a pool that ends before it begins",
        ),
        pytest.param(
            one_subnet("10.0.0.0/24", "none", "10.0.0.2-10.0.0.9 10.0.0.250-10.0.0.255"),
            "networks.net.subnets.0.allocation_pools.1: OutOfBoundsAllocationPool: "
            "The allocation pool 10.0.0.250-10.0.0.255 spans beyond the subnet cidr 10.0.0.0/24. "
            "-> what a pool can hold is 10.0.0.1-10.0.0.254",
            id="a pool with the broadcast address",
        ),
        pytest.param(
            one_subnet("10.0.0.0/24", "none", "10.0.0.0-10.0.0.9"),
            "networks.net.subnets.0.allocation_pools.0: OutOfBoundsAllocationPool: "
            "The allocation pool 10.0.0.0-10.0.0.9 spans beyond the subnet cidr 10.0.0.0/24. "
            "-> what a pool can hold is 10.0.0.1-10.0.0.254",
            id="a pool with the network's address",
        ),
        pytest.param(
            one_subnet("10.0.0.0/24", "", "10.0.0.2-10.0.0.9 10.0.0.9-10.0.0.12"),
            "networks.net.subnets.0.allocation_pools.1: OverlappingAllocationPools: "
            "Found overlapping allocation pools: 10.0.0.2-10.0.0.9 10.0.0.9-10.0.0.12 "
            "for subnet 10.0.0.0/24.",
            id="pools overlap",
        ),
        pytest.param(
            one_subnet("10.0.0.0/24", "", "10.0.0.12-10.0.0.19 10.0.0.2-10.0.0.12"),
            "networks.net.subnets.0.allocation_pools.1: OverlappingAllocationPools: "
            "Found overlapping allocation pools: 10.0.0.12-10.0.0.19 10.0.0.2-10.0.0.12 "
            "for subnet 10.0.0.0/24.",
            id="pools overlap the other way round",
        ),
        pytest.param(
            one_subnet("10.0.0.0/24", "10.0.0.5", "10.0.0.2-10.0.0.9"),
            "networks.net.subnets.0.gateway_ip: GatewayConflictWithAllocationPools: "
            "Gateway ip 10.0.0.5 conflicts with allocation pool 10.0.0.2-10.0.0.9. "
            "-> make two pools of it: 10.0.0.2-10.0.0.4 and 10.0.0.6-10.0.0.9",
            id="the gateway is in a pool",
        ),
        pytest.param(
            one_subnet("10.0.0.0/24", "", "10.0.0.1-10.0.0.9"),
            "networks.net.subnets.0.allocation_pools.0: GatewayConflictWithAllocationPools: "
            "Gateway ip 10.0.0.1 conflicts with allocation pool 10.0.0.1-10.0.0.9. "
            "-> let the pool begin at 10.0.0.2",
            id="the gateway that is not asked for is in a pool",
        ),
        pytest.param(
            one_subnet("10.0.0.0/24", "10.0.0.9", "10.0.0.2-10.0.0.9"),
            "networks.net.subnets.0.gateway_ip: GatewayConflictWithAllocationPools: "
            "Gateway ip 10.0.0.9 conflicts with allocation pool 10.0.0.2-10.0.0.9. "
            "-> let the pool end at 10.0.0.8",
            id="the gateway ends a pool",
        ),
        pytest.param(
            one_subnet("10.0.0.0/24", "10.0.0.9", "10.0.0.9-10.0.0.9"),
            "networks.net.subnets.0.gateway_ip: GatewayConflictWithAllocationPools: "
            "Gateway ip 10.0.0.9 conflicts with allocation pool 10.0.0.9-10.0.0.9. "
            "-> take the pool away: it holds nothing but the gateway",
            id="the gateway is a pool",
        ),
        pytest.param(
            cloud(network("net", "local", subnet("10.0.0.0/24", dhcp=True))),
            "networks.net.subnets.0.enable_dhcp: NotModelled: a subnet with a DHCP server "
            "(enable_dhcp: true): Neutron allows it, emu does not model it yet",
            id="DHCP",
        ),
    ],
)
def test_a_subnet_that_cannot_be(blueprint: Blueprint, expected: str) -> None:
    assert mistakes(blueprint) == [expected]
