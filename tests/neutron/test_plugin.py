"""Neutron's database: what is made of a request, and what stays as it is."""

from ipaddress import IPv4Address

import pytest

from emu.core.rng import Rng
from emu.neutron.blueprint import Mechanism, NetworkPlan, NetworkType, SubnetPlan
from emu.neutron.errors import NeutronError
from emu.neutron.ids import Ids
from emu.neutron.ipam import Pool
from emu.neutron.plugin import Ml2Plugin
from emu.neutron.resources import Network, PortStatus, VifType
from emu.packet.addresses import parse_mac
from tests.neutron.plans import HOSTS, network, subnet, vlan

MAC = parse_mac("fa:16:3e:00:00:01")


def plugin_with(*plans: NetworkPlan) -> Ml2Plugin:
    """Return a database with these networks and their subnets."""
    plugin = Ml2Plugin(Ids(Rng("test")), hosts=HOSTS, mechanism=Mechanism.LINUXBRIDGE)
    for plan in plans:
        made = plugin.create_network(plan)
        for one in plan.subnets:
            plugin.create_subnet(made.id, one)
    return plugin


def test_a_network_has_the_provider_attributes_that_were_asked_for() -> None:
    made = plugin_with(vlan("vlan100", 100)).network("vlan100")
    assert made == Network(
        id=made.id,
        name="vlan100",
        provider_network_type=NetworkType.VLAN,
        provider_physical_network="physnet1",
        provider_segmentation_id=100,
        mtu=1500,
    )


@pytest.mark.parametrize(
    ("plan", "mtu"),
    [
        pytest.param(network("n", "local"), 1500, id="what the wire takes"),
        pytest.param(network("n", "gre", vid=5), 1458, id="less the headers of a tunnel"),
        pytest.param(network("n", "local", mtu=1400), 1400, id="what was asked for"),
        pytest.param(network("n", "local", mtu=0), 1500, id="zero asks for nothing"),
    ],
)
def test_a_network_has_an_mtu(plan: NetworkPlan, mtu: int) -> None:
    assert plugin_with(plan).network("n").mtu == mtu


@pytest.mark.parametrize(
    ("plan", "gateway", "pools"),
    [
        pytest.param(
            subnet("10.0.0.0/24"), "10.0.0.1", "10.0.0.2-10.0.0.254", id="nothing is asked for"
        ),
        pytest.param(
            subnet("10.0.0.0/24", "10.0.0.254"),
            "10.0.0.254",
            "10.0.0.1-10.0.0.253",
            id="a gateway is asked for",
        ),
        pytest.param(
            subnet("10.0.0.0/24", "none"), "None", "10.0.0.1-10.0.0.254", id="no gateway is wanted"
        ),
        pytest.param(
            subnet("10.0.0.0/24", "", "10.0.0.9-10.0.0.9 10.0.0.2-10.0.0.3"),
            "10.0.0.1",
            "10.0.0.9-10.0.0.9 10.0.0.2-10.0.0.3",
            id="pools are asked for",
        ),
    ],
)
def test_a_subnet_has_a_gateway_and_pools(plan: SubnetPlan, gateway: str, pools: str) -> None:
    plugin = plugin_with(network("n", "local", plan))
    [made] = plugin.subnets_of(plugin.network("n").id)
    assert str(made.gateway_ip) == gateway
    assert " ".join(map(str, made.allocation_pools)) == pools


def test_a_port_has_what_was_asked_for_and_the_rest_is_picked() -> None:
    plugin = plugin_with(network("n", "local", subnet("10.0.0.0/24")))
    asked = plugin.create_port("a", "n", fixed_ip=IPv4Address("10.0.0.9"), mac_address=MAC)
    assert (str(asked.fixed_ips[0].ip_address), asked.mac_address) == ("10.0.0.9", MAC)
    picked = plugin.create_port("b", "n")
    pool = Pool(start=IPv4Address("10.0.0.2"), end=IPv4Address("10.0.0.254"))
    assert picked.fixed_ips[0].ip_address in pool
    assert picked.mac_address[:3] == MAC[:3]
    assert (picked.status, picked.binding_vif_type) == (PortStatus.DOWN, VifType.UNBOUND)
    assert plugin.port("b") == plugin.port(picked.id) == picked


def test_a_mac_is_asked_for_once_in_a_network() -> None:
    plugin = plugin_with(network("n", "local"), network("m", "local"))
    plugin.create_port("a", "n", mac_address=MAC)
    with pytest.raises(NeutronError, match="The mac address fa:16:3e:00:00:01 is in use"):
        plugin.create_port("b", "n", mac_address=MAC)
    plugin.create_port("c", "m", mac_address=MAC)
    assert plugin.port("c").fixed_ips == ()


def test_no_mac_is_picked_that_another_port_has_or_will_ask_for() -> None:
    plans = network("n", "local"), network("m", "local")
    first = plugin_with(*plans).create_port("a", "n").mac_address
    taken = plugin_with(*plans)
    taken.create_port("b", "n", mac_address=first)
    assert taken.create_port("a", "n").mac_address != first
    elsewhere = plugin_with(*plans)
    elsewhere.create_port("b", "m", mac_address=first)
    assert elsewhere.create_port("a", "n").mac_address == first
    assert plugin_with(*plans).create_port("a", "n", reserved=[first]).mac_address != first


def test_what_an_update_does_not_name_stays() -> None:
    plugin = plugin_with(network("n", "local"))
    port = plugin.create_port("a", "n")
    plugin.update_port("a", device_id="1234", device_owner="compute:nova")
    assert plugin.port("a").binding_vif_type is VifType.UNBOUND
    plugin.update_port("a", admin_state_up=False)
    plugin.update_port(port.id, binding_host_id="compute1")
    now = plugin.update_port("a")
    assert (now.device_id, now.device_owner, now.admin_state_up) == ("1234", "compute:nova", False)
    assert (now.binding_host_id, now.binding_vif_type) == ("compute1", VifType.BRIDGE)


def test_a_port_that_is_bound_stays_bound() -> None:
    plugin = plugin_with(network("n", "local"))
    plugin.create_port("a", "n")
    plugin.update_port("a", binding_host_id="compute1")
    assert plugin.update_port("a", binding_host_id="gone").binding_vif_type is VifType.BRIDGE


def test_things_of_one_name_have_different_ids_and_the_oldest_answers_to_it() -> None:
    plugin = plugin_with(network("n", "local"), network("n", "local"))
    first, second = plugin.create_port("a", "n"), plugin.create_port("a", "n")
    assert first.id != second.id
    assert plugin.port("a") == first
    plugin.delete_port("a")
    assert plugin.port("a") == second
    assert plugin.create_port("a", "n").id == first.id


def test_a_network_that_is_deleted_takes_its_subnets_and_its_vlan_along() -> None:
    plugin = plugin_with(vlan("vlan100", 100, subnet("10.0.0.0/24", name="s")), vlan("other", 1))
    kept = plugin.create_subnet("other", subnet("10.0.0.0/24"))
    gone = plugin.delete_network("vlan100")
    for missing in (gone.name, gone.id):
        with pytest.raises(NeutronError, match=f"Network {missing} could not be found"):
            plugin.network(missing)
    with pytest.raises(NeutronError, match="Subnet s could not be found"):
        plugin.delete_subnet("s")
    again = plugin.create_network(vlan("vlan100", 100))
    assert again == gone
    assert plugin.subnets_of(again.id) == ()
    assert plugin.delete_subnet(kept.id) == kept


def test_a_network_with_ports_is_not_deleted() -> None:
    plugin = plugin_with(network("n", "local", subnet("10.0.0.0/24")))
    port = plugin.create_port("a", "n")
    with pytest.raises(NeutronError, match="There are one or more ports still in use"):
        plugin.delete_network("n")
    assert plugin.delete_port(port.id) == port
    with pytest.raises(NeutronError, match="Port a could not be found"):
        plugin.port("a")
    assert plugin.delete_network("n").name == "n"
