"""Names of devices, ids and MACs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emu.core.rng import Rng
from emu.neutron.ids import Ids
from emu.neutron.names import (
    DEVICE_NAME_MAX_LEN,
    bridge_name,
    interface_name,
    linuxbridge_agent,
    nova_compute,
    port_name,
    subinterface_name,
    tap_device_name,
)
from emu.packet.addresses import parse_mac, render_mac

ID = "5f1a2b3c-4d5e-4f60-8a1b-2c3d4e5f6071"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param(tap_device_name(ID), "tap5f1a2b3c-4d", id="a tap has 11 characters of an id"),
        pytest.param(bridge_name(ID), "brq5f1a2b3c-4d", id="so has a bridge"),
        pytest.param(port_name("vm1", 1), "vm1/eth1", id="a port is called after its NIC"),
        pytest.param(
            linuxbridge_agent("compute1"),
            "compute1/neutron-linuxbridge-agent",
            id="an agent is called after its host",
        ),
        pytest.param(nova_compute("compute1"), "compute1/nova-compute", id="so is Nova"),
    ],
)
def test_names_are_made_of_ids_and_of_names(name: str, expected: str) -> None:
    assert name == expected


@pytest.mark.parametrize(
    ("nic", "vid", "expected"),
    [
        pytest.param("eth1", 100, "eth1.100", id="a short parent stays"),
        pytest.param("enp0s31f6", 4000, "enp0s31f6.4000", id="14 characters fit"),
        pytest.param("enp0s31f6l", 4000, "enp0s31f6l.4000", id="15 characters fit"),
        pytest.param("enp0s31f6long", 1, "enp0s31f6long.1", id="a short VLAN leaves more room"),
        # computed by Neutron 21.2.1 itself
        pytest.param("enp0s31f6long", 4000, "enp05ce057.4000", id="a long parent is hashed"),
    ],
)
def test_a_subinterface_is_called_after_nic_and_vlan(nic: str, vid: int, expected: str) -> None:
    assert subinterface_name(nic, vid) == expected


@given(st.text("abcxyz019", min_size=1, max_size=15), st.integers(1, 4094))
def test_every_subinterface_has_a_name_that_linux_takes(nic: str, vid: int) -> None:
    name = subinterface_name(nic, vid)
    assert len(name) <= DEVICE_NAME_MAX_LEN
    assert name.endswith(f".{vid}")
    assert name.startswith(nic[:4])


@pytest.mark.parametrize(
    ("name", "prefix", "expected"),
    [
        pytest.param("br-eth1", "int-", "int-br-eth1", id="what fits stays"),
        pytest.param("br-physnet1", "int-", "int-br-physnet1", id="15 characters fit"),
        pytest.param("br-physnet12", "int-", "int-br-phc27353", id="longer ones end in a hash"),
    ],
)
def test_a_prefix_counts_towards_the_length(name: str, prefix: str, expected: str) -> None:
    assert interface_name(name, prefix) == expected


def test_an_id_has_the_form_of_uuid4_and_a_mac_that_of_neutron() -> None:
    ids = Ids(Rng("test"))
    assert ids.uuid("network", "vlan100") == ids.uuid("network", "vlan100")
    assert ids.uuid("network", "vlan100") != ids.uuid("network", "vlan101")
    assert ids.uuid("network", "vlan100") != ids.uuid("port", "vlan100")
    *_, version, variant, _ = ids.uuid("network", "vlan100").split("-")
    assert (version[0], variant[0] in "89ab") == ("4", True)
    assert render_mac(ids.port_mac("vm1/eth0", ())).startswith("fa:16:3e:")


def test_a_mac_that_is_taken_is_drawn_again() -> None:
    ids = Ids(Rng("test"))
    first = ids.port_mac("vm1/eth0", ())
    second = ids.port_mac("vm1/eth0", {first})
    third = ids.port_mac("vm1/eth0", {first, second})
    assert len({first, second, third}) == 3
    assert ids.port_mac("vm1/eth0", {second}) == first


def test_the_mac_of_a_nic_is_a_unicast_one_of_nobody() -> None:
    mac = Ids(Rng("test")).nic_mac("compute1", "eth1")
    assert mac[:1] == parse_mac("02:00:00:00:00:00")[:1]
    assert mac != Ids(Rng("test")).nic_mac("compute2", "eth1")
