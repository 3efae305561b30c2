"""The Neutron server: what it answers agents, Nova and people, and whom it tells."""

from ipaddress import IPv4Address

import pytest

from emu.core.rng import Rng
from emu.net.actor import Message, Send
from emu.neutron import rpc
from emu.neutron.blueprint import Mechanism, NetworkType
from emu.neutron.ids import Ids
from emu.neutron.names import tap_device_name
from emu.neutron.plugin import Ml2Plugin
from emu.neutron.resources import PortStatus, VifType
from emu.neutron.server import NeutronServer
from tests.neutron.plans import HOSTS, network, subnet, vlan
from tests.neutron.talk import T0, tell

AGENTS = ("controller/agent", "compute1/agent")


class Cloud:
    """A server with a VLAN network and a port `vm1/eth0` on it."""

    def __init__(self) -> None:
        self.plugin = Ml2Plugin(Ids(Rng("test")), hosts=HOSTS, mechanism=Mechanism.LINUXBRIDGE)
        self.server = NeutronServer(self.plugin, dict.fromkeys(rpc.Topic, AGENTS))
        self.network = self.plugin.create_network(vlan("vlan100", 100))
        self.subnet = self.plugin.create_subnet("vlan100", subnet("172.16.100.0/24"))
        self.port = self.plugin.create_port("vm1/eth0", "vlan100")
        self.tap = tap_device_name(self.port.id)

    def ask(self, arguments: rpc.Arguments) -> list[str]:
        return tell(self.server, arguments)

    def bind(self, host: str = "compute1") -> list[str]:
        return self.ask(
            rpc.UpdatePort(port=self.port.id, binding_host_id=host, device_owner="compute:nova")
        )

    def status(self) -> PortStatus:
        return self.plugin.port(self.port.id).status


def test_a_port_that_is_bound_is_shown_to_every_agent() -> None:
    cloud = Cloud()
    assert cloud.bind() == [
        f"somebody: update_port {cloud.port.id}",
        f"controller/agent: port_update {cloud.port.id}",
        f"compute1/agent: port_update {cloud.port.id}",
    ]
    port = cloud.plugin.port(cloud.port.id)
    assert (port.binding_host_id, port.binding_vif_type) == ("compute1", VifType.BRIDGE)


def test_a_port_that_cannot_be_bound_is_shown_to_none() -> None:
    cloud = Cloud()
    assert cloud.bind("compute9") == [f"somebody: update_port {cloud.port.id}"]
    assert cloud.plugin.port(cloud.port.id).binding_vif_type is VifType.BINDING_FAILED
    assert len(cloud.bind("compute1")) == 3  # another host may do better
    assert cloud.plugin.port(cloud.port.id).binding_vif_type is VifType.BRIDGE


def test_the_status_of_a_port_follows_its_agent() -> None:
    cloud = Cloud()
    cloud.bind()
    assert cloud.status() is PortStatus.DOWN
    ask = rpc.GetDevicesDetailsList(devices=(cloud.tap,), host="compute1")
    assert cloud.ask(ask) == [f"somebody: get_devices_details_list DeviceDetails {cloud.tap}"]
    assert cloud.status() is PortStatus.BUILD
    up = rpc.UpdateDeviceUp(device=cloud.tap, host="compute1")
    event = "compute1/nova-compute: external_instance_event network-vif-plugged"
    assert cloud.ask(up) == [f"{event} {cloud.port.id}"]
    assert cloud.status() is PortStatus.ACTIVE
    assert cloud.ask(up) == []
    assert cloud.ask(rpc.UpdateDeviceDown(device=cloud.tap, host="compute1")) == []
    assert cloud.status() is PortStatus.DOWN


def test_a_port_that_shall_be_down_is_not_built() -> None:
    cloud = Cloud()
    cloud.bind()
    told = cloud.ask(rpc.UpdatePort(port="vm1/eth0", admin_state_up=False))
    assert told[1:] == [f"{agent}: port_update {cloud.port.id}" for agent in AGENTS]
    cloud.ask(rpc.GetDevicesDetailsList(devices=(cloud.tap,), host="compute1"))
    assert cloud.status() is PortStatus.DOWN
    assert not cloud.plugin.port("vm1/eth0").admin_state_up


def test_nova_hears_only_of_its_own_ports() -> None:
    cloud = Cloud()
    cloud.ask(rpc.UpdatePort(port="vm1/eth0", binding_host_id="compute1"))
    assert cloud.ask(rpc.UpdateDeviceUp(device=cloud.tap, host="compute1")) == []
    assert cloud.status() is PortStatus.ACTIVE


def test_an_agent_is_told_what_it_must_know_to_wire_a_tap() -> None:
    cloud = Cloud()
    cloud.bind()
    request = rpc.GetDevicesDetailsList(devices=(cloud.tap,), host="compute1")
    answer, *_ = cloud.server.on_message(T0, Message("a", "b", request.method, request))
    assert isinstance(answer, Send)
    assert answer.message.arguments == rpc.DevicesDetailsList(
        details=(
            rpc.DeviceDetails(
                device=cloud.tap,
                port_id=cloud.port.id,
                network_id=cloud.network.id,
                network_type=NetworkType.VLAN,
                physical_network="physnet1",
                segmentation_id=100,
                mtu=1500,
                mac_address=cloud.port.mac_address,
                fixed_ips=cloud.port.fixed_ips,
                device_owner="compute:nova",
                admin_state_up=True,
            ),
        )
    )


@pytest.mark.parametrize(
    ("device", "host"),
    [
        pytest.param("", "compute2", id="the port is bound elsewhere"),
        pytest.param("tap00000000-00", "compute1", id="no port has such an id"),
    ],
)
def test_a_tap_without_port_on_that_host_is_unknown(device: str, host: str) -> None:
    cloud = Cloud()
    cloud.bind()
    device = device or cloud.tap
    ask = rpc.GetDevicesDetailsList(devices=(device,), host=host)
    assert cloud.ask(ask) == [f"somebody: get_devices_details_list UnknownDevice {device}"]
    assert cloud.ask(rpc.UpdateDeviceUp(device=device, host=host)) == []
    assert cloud.ask(rpc.UpdateDeviceDown(device=device, host=host)) == []
    assert cloud.status() is PortStatus.DOWN


def test_a_tap_whose_port_is_not_bound_yet_is_unknown() -> None:
    cloud = Cloud()
    ask = rpc.GetDevicesDetailsList(devices=(cloud.tap,), host="")
    assert cloud.ask(ask) == [f"somebody: get_devices_details_list UnknownDevice {cloud.tap}"]


def test_a_network_that_is_deleted_is_gone_for_every_agent() -> None:
    cloud = Cloud()
    busy = "somebody: delete_network NetworkInUse"
    assert cloud.ask(rpc.DeleteNetwork(network="vlan100")) == [busy]
    assert cloud.ask(rpc.DeletePort(port="vm1/eth0")) == [f"somebody: delete_port {cloud.port.id}"]
    assert cloud.ask(rpc.DeleteNetwork(network="vlan100")) == [
        f"somebody: delete_network {cloud.network.id}",
        f"controller/agent: network_delete {cloud.network.id}",
        f"compute1/agent: network_delete {cloud.network.id}",
    ]
    assert cloud.ask(rpc.DeleteSubnet(subnet=cloud.subnet.id)) == [
        "somebody: delete_subnet SubnetNotFound"
    ]


def test_people_make_and_delete_what_a_server_needs() -> None:
    cloud = Cloud()
    ask = cloud.ask
    [made] = ask(rpc.CreateNetwork(network=network("net", "local")))
    network_id = made.split()[-1]
    assert cloud.plugin.network("net").id == network_id
    [made] = ask(rpc.CreateSubnet(network="net", subnet=subnet("10.0.0.0/24", name="s")))
    assert cloud.plugin.subnet("s").network_id == network_id
    port = rpc.CreatePort(name="p", network="net", fixed_ip=IPv4Address("10.0.0.9"))
    [made] = ask(port)
    [fixed_ip] = cloud.plugin.port("p").fixed_ips
    assert fixed_ip.ip_address == IPv4Address("10.0.0.9")
    assert ask(port) == ["somebody: create_port IpAddressAlreadyAllocated"]
    assert ask(rpc.DeleteSubnet(subnet="s")) == ["somebody: delete_subnet SubnetInUse"]
    ask(rpc.DeletePort(port="p"))
    assert ask(rpc.DeleteSubnet(subnet="s"))[0].split()[1] == "delete_subnet"
    assert cloud.plugin.subnets_of(network_id) == ()


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        pytest.param(
            rpc.CreateNetwork(network=vlan("again", 100)), "VlanIdInUse", id="a VLAN in use"
        ),
        pytest.param(
            rpc.CreateSubnet(network="vlan100", subnet=subnet("172.16.0.0/16")),
            "InvalidInput",
            id="a subnet that overlaps",
        ),
        pytest.param(
            rpc.CreatePort(name="p", network="vlan9"), "NetworkNotFound", id="no such network"
        ),
        pytest.param(rpc.UpdatePort(port="p"), "PortNotFound", id="no such port"),
        pytest.param(rpc.DeleteSubnet(subnet="s"), "SubnetNotFound", id="no such subnet"),
    ],
)
def test_what_is_refused_is_answered_and_nobody_else_is_told(asked: rpc.Request, kind: str) -> None:
    assert Cloud().ask(asked) == [f"somebody: {asked.method} {kind}"]
