"""What links and their ends are called."""

import pytest

from emu.net.link import LOCAL, Link, PortRef


@pytest.mark.parametrize(
    ("device", "port", "name"),
    [
        pytest.param("cirros-vm1", "eth0", "cirros-vm1/eth0", id="of a device without a scope"),
        pytest.param(
            *("compute1/brq5f1a2b3c-4d", "tap1a2b3c4d-5e", "compute1/tap1a2b3c4d-5e"),
            id="of a bridge: the host calls it so",
        ),
        pytest.param(
            *("compute1/brq5f1a2b3c-4d", LOCAL, "compute1/brq5f1a2b3c-4d"),
            id="LOCAL: the bridge's own netdev",
        ),
        pytest.param("br0", LOCAL, "br0", id="LOCAL of a bridge without a host"),
        pytest.param("compute1", "eth1.100", "compute1/eth1.100", id="of a root namespace"),
    ],
)
def test_the_name_that_people_use_for_a_port(device: str, port: str, name: str) -> None:
    assert str(PortRef(device, port)) == name


def test_ports_are_the_same_if_they_are_the_same_port() -> None:
    tap, local = PortRef("host/br0", "tap0"), PortRef("host/br0", LOCAL)
    assert tap == PortRef("host/br0", "tap0")
    assert tap != PortRef("host/br1", "tap0")  # though people call both host/tap0
    assert len({tap, PortRef("host/br0", "tap0"), local}) == 2


def test_a_link_is_named_after_its_first_end_and_so_is_its_file() -> None:
    link = Link(index=0, a=PortRef("host/br0", "tap1a2b3c4d-5e"), b=PortRef("vm1", "eth0"))
    assert (str(link), link.file) == ("host/tap1a2b3c4d-5e", "host.tap1a2b3c4d-5e")


def test_two_links_are_never_the_same() -> None:
    a, b = PortRef("vm1", "eth0"), PortRef("vm2", "eth0")
    assert Link(index=0, a=a, b=b) != Link(index=0, a=a, b=b)
