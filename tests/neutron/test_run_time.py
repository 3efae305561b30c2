"""What people ask of a cloud while it runs."""

from ipaddress import IPv4Address, IPv4Interface

from emu.core.rng import Rng
from emu.devices.namespace import Namespace
from emu.neutron import rpc
from emu.neutron.errors import NeutronError
from emu.neutron.guest import GuestNic, guest_changes
from emu.neutron.names import bridge_name
from emu.neutron.resources import Network, Port
from tests.neutron.plans import LB_VLAN, cloud, host, network, server, subnet, vlan
from tests.neutron.world import World

NET = subnet("10.0.0.0/24")
TWO = cloud(
    vlan("net", 100, NET),
    servers=(
        server("vm1", "controller", "net 10.0.0.3"),
        server("vm2", "compute1", "net 10.0.0.4"),
    ),
)


def kind(result: rpc.Result) -> str:
    assert isinstance(result, NeutronError)
    return result.kind


def test_a_port_that_is_set_down_is_cut_off_until_it_is_set_up() -> None:
    world = World(TWO)
    tap = world.port("vm2").tap
    world.ask(rpc.UpdatePort(port="vm2/eth0", admin_state_up=False))
    assert world.typed("compute1")[-1] == f"ip link set {tap} down"
    assert world.ping("vm1", "vm2") == 0
    world.ask(rpc.UpdatePort(port="vm2/eth0", admin_state_up=True))
    assert world.typed("compute1")[-1] == f"ip link set {tap} up"
    assert world.ping("vm1", "vm2") == 2


def test_a_server_that_is_deleted_leaves_its_bridge_and_a_network_takes_it_along() -> None:
    world = World(LB_VLAN)
    vm3 = world.port("cirros-vm3")
    assert kind(world.ask(rpc.DeleteNetwork(network="vlan101"))) == "NetworkInUse"
    world.ask_nova("compute1", rpc.TerminateInstance(instance="cirros-vm3"))
    assert world.network.link("cirros-vm3", "eth0") is None
    assert f"compute1/{vm3.bridge}" in world.devices()
    assert isinstance(world.ask(rpc.DeleteNetwork(network="vlan101")), Network)
    assert world.typed("compute1")[-5:] == [
        "ip link set eth1.101 nomaster",
        "ip link set eth1.101 down",
        "ip link del eth1.101",
        f"ip link set {vm3.bridge} down",
        f"ip link del {vm3.bridge}",
    ]
    assert f"compute1/{vm3.bridge}" not in world.devices()
    assert world.ping("cirros-vm1", "cirros-vm2") == 2


def test_a_flat_network_that_is_deleted_leaves_the_vlans_of_its_nic_alone() -> None:
    plans = network("flat", "flat", NET, physnet="physnet1"), vlan("net", 100, NET)
    servers = (*TWO.servers, server("vm3", "compute1", "flat"))
    world = World(cloud(*plans, servers=servers))
    assert world.ping("vm1", "vm2") == 2
    world.ask_nova("compute1", rpc.TerminateInstance(instance="vm3"))
    world.ask(rpc.DeleteNetwork(network="flat"))
    assert world.ping("vm1", "vm2") == 2


def test_a_server_starts_on_a_network_that_did_not_exist_before() -> None:
    world = World(TWO)
    made = world.ask(rpc.CreateNetwork(network=network("new", "flat", physnet="physnet1")))
    assert isinstance(made, Network)
    world.ask(rpc.CreateSubnet(network="new", subnet=subnet("10.0.1.0/24")))
    for number, where in enumerate(("controller", "compute1"), 3):
        name, address = f"new-{where}", IPv4Address(f"10.0.1.{number}")
        port = world.ask(rpc.CreatePort(name=f"{name}/eth0", network="new", fixed_ip=address))
        assert isinstance(port, Port)
        add_guest(world, name, port)
        build = rpc.BuildAndRunInstance(instance=name, instance_id="1", ports=(port.id,))
        assert world.ask_nova(where, build) is None
    assert f"controller/{bridge_name(made.id)}" in world.devices()
    assert world.ping("new-controller", "10.0.1.4") == 2


def add_guest(world: World, name: str, port: Port) -> None:
    interface = IPv4Interface(f"{port.fixed_ips[0].ip_address}/24")
    nic = GuestNic(name="eth0", mac=port.mac_address, mtu=1500, interface=interface, gateway=None)
    world.network.add(Namespace(name, rng=Rng(name)))
    for change in guest_changes([nic]):
        world.network.configure(name, change)


def test_what_neutron_refuses_is_an_answer_and_the_cloud_runs_on() -> None:
    world = World(TWO)
    assert kind(world.ask(rpc.CreateNetwork(network=vlan("again", 100)))) == "VlanIdInUse"
    assert kind(world.ask(rpc.CreateSubnet(network="net", subnet=NET))) == "InvalidInput"
    assert kind(world.ask(rpc.DeletePort(port="nobody"))) == "PortNotFound"
    assert world.ping("vm1", "vm2") == 2


def test_a_server_whose_port_cannot_be_bound_does_not_start() -> None:
    hosts = host("compute1"), host("compute2", "eth1:physnet2")
    world = World(cloud(vlan("net", 100, NET), hosts=hosts))
    port = world.ask(rpc.CreatePort(name="vm1/eth0", network="net"))
    assert isinstance(port, Port)
    build = rpc.BuildAndRunInstance(instance="vm1", instance_id="1", ports=(port.id,))
    assert kind(world.ask_nova("compute2", build)) == "PortBindingFailed"
    assert world.typed("compute2") == []
