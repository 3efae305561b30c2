"""Who has which address of a network."""

from ipaddress import IPv4Address, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emu.core.rng import Rng
from emu.neutron.errors import NeutronError
from emu.neutron.ipam import Ipam, Pool, check_subnet_ip, generate_pools

RNG = Rng("test")


def pool(start: str, end: str) -> Pool:
    return Pool(start=IPv4Address(start), end=IPv4Address(end))


def ipam(cidr: str, *pools: Pool) -> Ipam:
    """Return the addresses of a network with one subnet."""
    made = Ipam("net")
    made.add_subnet("subnet", IPv4Network(cidr), pools or generate_pools(IPv4Network(cidr), None))
    return made


def pick(addresses: Ipam, name: str) -> str:
    fixed_ip = addresses.allocate_any(name, RNG.stream(name))
    assert fixed_ip is not None
    return str(fixed_ip.ip_address)


@pytest.mark.parametrize(
    ("cidr", "gateway", "expected"),
    [
        pytest.param("10.0.0.0/24", "10.0.0.1", "10.0.0.2-10.0.0.254", id="the first address"),
        pytest.param("10.0.0.0/24", "10.0.0.254", "10.0.0.1-10.0.0.253", id="the last address"),
        pytest.param(
            "10.0.0.0/24", "10.0.0.9", "10.0.0.1-10.0.0.8 10.0.0.10-10.0.0.254", id="in between"
        ),
        pytest.param("10.0.0.0/24", "192.0.2.1", "10.0.0.1-10.0.0.254", id="outside"),
        pytest.param("10.0.0.0/24", None, "10.0.0.1-10.0.0.254", id="none"),
        pytest.param("10.0.0.0/30", "10.0.0.1", "10.0.0.2-10.0.0.2", id="one of two"),
        pytest.param("10.0.0.0/31", None, "10.0.0.0-10.0.0.1", id="a subnet of two addresses"),
        pytest.param("10.0.0.7/32", "10.0.0.8", "10.0.0.7-10.0.0.7", id="a subnet of one address"),
    ],
)
def test_pools_are_all_that_is_usable_around_the_gateway(
    cidr: str, gateway: str | None, expected: str
) -> None:
    pools = generate_pools(IPv4Network(cidr), IPv4Address(gateway) if gateway else None)
    assert " ".join(map(str, pools)) == expected


@pytest.mark.parametrize(
    ("cidr", "address", "expected"),
    [
        pytest.param("10.0.0.0/24", "10.0.0.1", True, id="the first host"),
        pytest.param("10.0.0.0/24", "10.0.0.0", False, id="the network's address"),
        pytest.param("10.0.0.0/24", "10.0.0.255", False, id="the broadcast address"),
        pytest.param("10.0.0.0/24", "10.0.1.1", False, id="an address of another subnet"),
        pytest.param("10.0.0.0/30", "10.0.0.3", False, id="the broadcast address of four"),
        pytest.param("10.0.0.0/31", "10.0.0.0", False, id="the lower of two"),
        pytest.param("10.0.0.0/31", "10.0.0.1", True, id="the upper of two"),
        pytest.param("10.0.0.7/32", "10.0.0.7", False, id="the only one"),
    ],
)
def test_which_address_can_be_asked_for(cidr: str, address: str, *, expected: bool) -> None:
    assert check_subnet_ip(IPv4Network(cidr), IPv4Address(address)) is expected


def test_an_address_is_given_once_until_it_is_released() -> None:
    addresses = ipam("10.0.0.0/24")
    assert ("subnet" in addresses, "another" in addresses) == (True, False)
    fixed_ip = addresses.allocate(IPv4Address("10.0.0.3"), "vm1/eth0")
    with pytest.raises(NeutronError, match=r"10\.0\.0\.3 already allocated in subnet subnet"):
        addresses.allocate(IPv4Address("10.0.0.3"), "vm2/eth0")
    with pytest.raises(NeutronError, match="One or more ports have an IP allocation"):
        addresses.remove_subnet("subnet")
    addresses.release(fixed_ip)
    assert addresses.allocate(IPv4Address("10.0.0.3"), "vm2/eth0") == fixed_ip


def test_a_subnet_that_is_gone_gives_nothing() -> None:
    addresses = ipam("10.0.0.0/24")
    addresses.remove_subnet("subnet")
    assert addresses.allocate_any("vm1/eth0", RNG) is None
    with pytest.raises(NeutronError, match="IP allocation requires subnets for network"):
        addresses.allocate(IPv4Address("10.0.0.3"), "vm1/eth0")


def test_what_one_port_gets_does_not_depend_on_others() -> None:
    alone, crowded = ipam("10.0.0.0/16"), ipam("10.0.0.0/16")
    others = [pick(crowded, f"vm{index}") for index in range(2, 30)]
    assert pick(alone, "vm1") == pick(crowded, "vm1")
    assert len(set(others)) == len(others)


def test_an_address_that_is_taken_is_drawn_again() -> None:
    first = pick(ipam("10.0.0.0/24"), "vm1")
    addresses = ipam("10.0.0.0/24")
    addresses.allocate(IPv4Address(first), "other")
    assert pick(addresses, "vm1") != first


def test_the_first_thousand_addresses_of_a_pool_are_drawn_from() -> None:
    addresses = ipam("10.0.0.0/8")
    picked = [IPv4Address(pick(addresses, f"vm{index}")) for index in range(300)]
    assert max(picked) <= IPv4Address("10.0.3.232")  # 10.0.0.1 and 999 more
    assert max(picked) > IPv4Address("10.0.3.0")


def test_the_last_thousand_and_first_address_is_taken_when_the_thousand_are() -> None:
    addresses = ipam("10.0.0.0/8")
    for number in range(1, 1001):
        addresses.allocate(IPv4Address("10.0.0.0") + number, "other")
    assert pick(addresses, "vm1") == "10.0.3.233"


@given(st.integers(1, 6), st.integers(1, 6))
def test_pools_are_used_up_to_the_last_address_one_after_the_other(first: int, second: int) -> None:
    addresses = ipam(
        "10.0.0.0/24",
        pool("10.0.0.10", f"10.0.0.{9 + first}"),
        pool("10.0.0.20", f"10.0.0.{19 + second}"),
    )
    picked = [IPv4Address(pick(addresses, f"vm{index}")) for index in range(first + second)]
    assert sorted(picked[:first]) == [IPv4Address(f"10.0.0.{10 + n}") for n in range(first)]
    assert sorted(picked[first:]) == [IPv4Address(f"10.0.0.{20 + n}") for n in range(second)]
    with pytest.raises(NeutronError, match="No more IP addresses available on network net"):
        pick(addresses, "one more")
