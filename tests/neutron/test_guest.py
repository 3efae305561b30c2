"""What is set in a guest when it starts."""

from ipaddress import IPv4Address, IPv4Interface, IPv4Network

import pytest

from emu.devices.namespace.changes import AddAddress, AddNetdev, AddRoute
from emu.neutron.guest import GuestNic, guest_changes
from emu.packet.addresses import parse_mac

MAC = parse_mac("fa:16:3e:00:00:01")


def nic(name: str, interface: str = "", gateway: str = "") -> GuestNic:
    return GuestNic(
        name=name,
        mac=MAC,
        mtu=1450,
        interface=IPv4Interface(interface) if interface else None,
        gateway=IPv4Address(gateway) if gateway else None,
    )


def routes(*nics: GuestNic) -> list[str]:
    """Return the routes as they are added."""
    changes = [change for change in guest_changes(nics) if isinstance(change, AddRoute)]
    return [
        f"{change.destination}{f' via {change.via}' if change.via else ''} dev {change.name}"
        for change in changes
    ]


def test_a_nic_has_mac_mtu_and_address_before_any_route_is_set() -> None:
    assert list(guest_changes([nic("eth0", "10.0.0.3/24", "10.0.0.1"), nic("eth1")])) == [
        AddNetdev(name="eth0", mac=MAC, mtu=1450),
        AddAddress(name="eth0", interface=IPv4Interface("10.0.0.3/24")),
        AddNetdev(name="eth1", mac=MAC, mtu=1450),
        AddRoute(destination=IPv4Network("0.0.0.0/0"), via=IPv4Address("10.0.0.1"), name="eth0"),
    ]


@pytest.mark.parametrize(
    ("nics", "expected"),
    [
        pytest.param([nic("eth0", "10.0.0.3/24")], [], id="without gateway there is no way out"),
        pytest.param(
            [nic("eth0", "10.0.0.3/24"), nic("eth1", "10.0.1.3/24", "10.0.1.1")],
            ["0.0.0.0/0 via 10.0.1.1 dev eth1"],
            id="the first NIC that has a gateway leads out",
        ),
        pytest.param(
            [nic("eth0", "10.0.0.3/24", "10.0.0.1"), nic("eth1", "10.0.1.3/24", "10.0.1.1")],
            ["0.0.0.0/0 via 10.0.0.1 dev eth0"],
            id="the second one does not",
        ),
        pytest.param(
            [nic("eth0", "10.0.0.1/24", "10.0.0.1"), nic("eth1", "10.0.1.3/24", "10.0.1.1")],
            ["0.0.0.0/0 via 10.0.1.1 dev eth1"],
            id="who is the gateway does not use it",
        ),
        pytest.param(
            [nic("eth0", "10.0.0.3/24", "192.0.2.1")],
            ["192.0.2.1/32 dev eth0", "0.0.0.0/0 via 192.0.2.1 dev eth0"],
            id="a gateway outside of the subnet is said to be on the link",
        ),
    ],
)
def test_one_default_route_leads_out(nics: list[GuestNic], expected: list[str]) -> None:
    assert routes(*nics) == expected
