"""Nova on a host: how a server gets its taps, and how it goes."""

import pytest

from emu.neutron import rpc
from emu.neutron.errors import NeutronError
from emu.neutron.netdevs import Netdevs
from emu.neutron.nova import InstanceStatus, NovaCompute
from emu.neutron.resources import Port, VifType
from emu.packet.addresses import parse_mac
from tests.neutron.talk import tell

NETWORK, NETWORK2 = "11111111-aaaa", "22222222-aaaa"
PORT, PORT2 = "aaaaaaaa-aaaa", "bbbbbbbb-bbbb"
SERVER, AGENT, CLIENT = "neutron-server: ", "compute1/neutron-linuxbridge-agent: ", "openstack: "


def port(id: str, network: str = NETWORK, vif_type: VifType = VifType.BRIDGE) -> Port:
    return Port(
        id=id,
        name="",
        network_id=network,
        mac_address=parse_mac("fa:16:3e:00:00:01"),
        fixed_ips=(),
        binding_vif_type=vif_type,
    )


class Conversation:
    """Nova of compute1, and those who talk to it."""

    def __init__(self) -> None:
        self.netdevs = Netdevs("compute1", ("eth1",))
        self.nova = NovaCompute("compute1", self.netdevs)

    def build(self, *ports: str) -> list[str]:
        request = rpc.BuildAndRunInstance(instance="vm1", instance_id="1234", ports=ports)
        return tell(self.nova, request, "openstack")

    def bound(self, id: str, result: rpc.Result) -> list[str]:
        return tell(self.nova, rpc.Reply(request=rpc.UpdatePort(port=id), result=result))

    def wired(self, id: str) -> list[str]:
        return tell(self.nova, rpc.ExternalInstanceEvent(name="network-vif-plugged", tag=id))

    def terminate(self) -> list[str]:
        return tell(self.nova, rpc.TerminateInstance(instance="vm1"), "openstack")


def bridge(name: str) -> list[str]:
    """Return how os-vif makes a bridge."""
    return [
        f"ip link add {name} type bridge forward_delay 0 stp_state 0 mcast_snooping 0",
        f"sysctl -w net.ipv6.conf.{name}.disable_ipv6=1",
        f"sysctl -w net.ipv4.conf.{name}.arp_ignore=1",
        f"sysctl -w net.ipv4.conf.{name}.arp_announce=2",
        f"ip link set {name} up",
    ]


def tap(name: str, nic: str, bridge: str) -> list[str]:
    """Return how libvirt makes a tap."""
    return [
        f"plug {name} into vm1/{nic}",
        f"ip link set {name} master {bridge}",
        f"ip link set {name} up",
    ]


def test_a_server_is_bound_then_plugged_then_active_when_it_is_wired() -> None:
    talk = Conversation()
    assert talk.build(PORT) == [f"{SERVER}update_port {PORT} compute1 1234 compute:nova"]
    assert talk.nova.status("vm1") is InstanceStatus.BUILD
    assert talk.bound(PORT, port(PORT)) == [
        *bridge("brq11111111-aa"),
        *tap("tapaaaaaaaa-aa", "eth0", "brq11111111-aa"),
        f"{AGENT}scan_devices tapaaaaaaaa-aa",
    ]
    assert talk.wired(PORT) == [f"{CLIENT}build_and_run_instance"]
    assert talk.nova.status("vm1") is InstanceStatus.ACTIVE


def test_no_nic_is_plugged_before_every_port_is_bound() -> None:
    talk = Conversation()
    assert len(talk.build(PORT, PORT2)) == 2
    assert talk.bound(PORT2, port(PORT2, NETWORK2)) == []
    assert talk.bound(PORT, port(PORT)) == [
        *bridge("brq11111111-aa"),
        *tap("tapaaaaaaaa-aa", "eth0", "brq11111111-aa"),
        *bridge("brq22222222-aa"),
        *tap("tapbbbbbbbb-bb", "eth1", "brq22222222-aa"),
        f"{AGENT}scan_devices tapaaaaaaaa-aa tapbbbbbbbb-bb",
    ]
    assert talk.wired(PORT2) == []
    assert talk.wired(PORT) == [f"{CLIENT}build_and_run_instance"]


def test_a_bridge_that_is_there_is_used() -> None:
    talk = Conversation()
    talk.netdevs.add_bridge("brq11111111-aa")
    talk.build(PORT)
    done = talk.bound(PORT, port(PORT))
    assert done[:3] == tap("tapaaaaaaaa-aa", "eth0", "brq11111111-aa")


def test_a_server_without_ports_is_active_at_once() -> None:
    talk = Conversation()
    assert talk.build() == [f"{CLIENT}build_and_run_instance"]
    assert talk.nova.status("vm1") is InstanceStatus.ACTIVE


@pytest.mark.parametrize(
    ("result", "kind"),
    [
        pytest.param(
            port(PORT, vif_type=VifType.BINDING_FAILED), "PortBindingFailed", id="it is not bound"
        ),
        pytest.param(
            NeutronError("PortNotFound", port_id=PORT), "PortNotFound", id="there is no such port"
        ),
    ],
)
def test_a_server_whose_port_fails_is_in_error(result: rpc.Result, kind: str) -> None:
    talk = Conversation()
    talk.build(PORT, PORT2)
    assert talk.bound(PORT, result) == [f"{CLIENT}build_and_run_instance {kind}"]
    assert talk.nova.status("vm1") is InstanceStatus.ERROR
    assert talk.bound(PORT2, port(PORT2)) == []
    assert talk.wired(PORT2) == []


def test_a_server_that_is_deleted_takes_taps_and_ports_along() -> None:
    talk = Conversation()
    talk.build(PORT)
    talk.bound(PORT, port(PORT))
    talk.wired(PORT)
    assert talk.terminate() == [
        "unplug tapaaaaaaaa-aa",
        f"{AGENT}scan_devices tapaaaaaaaa-aa",
        f"{SERVER}delete_port {PORT}",
        f"{CLIENT}terminate_instance",
    ]
    assert talk.nova.status("vm1") is None
    assert "tapaaaaaaaa-aa" not in talk.netdevs
    assert tell(talk.nova, rpc.Reply(request=rpc.DeletePort(port=PORT), result=port(PORT))) == []
    assert talk.terminate() == [f"{CLIENT}terminate_instance InstanceNotFound"]


def test_a_server_that_was_never_plugged_has_no_taps_to_take_along() -> None:
    talk = Conversation()
    talk.build(PORT)
    assert talk.terminate() == [
        f"{SERVER}delete_port {PORT}",
        f"{CLIENT}terminate_instance",
    ]
    assert talk.bound(PORT, port(PORT)) == []
    assert talk.wired(PORT) == []
