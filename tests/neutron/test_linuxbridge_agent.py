"""The Linux Bridge agent: which commands it types, in which order, and what it tells the server.

`truth/` holds what the agent of Neutron 21.2.1 did, run with stubs in the place of the kernel. The
lines there that begin with `bridge` stand for Python calls; the others are commands.
"""

from pathlib import Path

import pytest

from emu.neutron import rpc
from emu.neutron.blueprint import NetworkType
from emu.neutron.linuxbridge import LinuxBridgeAgent
from emu.neutron.names import tap_device_name
from emu.neutron.netdevs import Netdevs
from emu.neutron.resources import Port
from emu.packet.addresses import parse_mac
from tests.neutron.plans import host
from tests.neutron.talk import tell

TRUTH = Path(__file__).parent / "truth"
VLAN, FLAT, LOCAL = "11111111-aaaa", "22222222-aaaa", "44444444-aaaa"  # networks
VM, VM2, DHCP = "aaaaaaaa-aaaa", "bbbbbbbb-bbbb", "dddddddd-dddd"  # ports
TAP, TAP2, DHCP_TAP = map(tap_device_name, (VM, VM2, DHCP))
SERVER = "neutron-server: "
COMPUTE, DHCP_OWNER = "compute:nova", "network:dhcp"


class Host:
    """A host with NICs eth1 and eth2 and its agent."""

    def __init__(self) -> None:
        self.netdevs = Netdevs("compute1", ("eth1", "eth2"))
        plan = host("compute1", "eth1:physnet1 eth2:physnet2")
        self.agent = LinuxBridgeAgent(plan, self.netdevs)

    def wire(self, *details: rpc.DeviceDetails | rpc.UnknownDevice) -> list[str]:
        """Let taps appear that are not there yet, and return what the agent does to wire them."""
        for one in details:
            if one.device not in self.netdevs:
                self.netdevs.plug(one.device, "vm", "eth0")
        return tell(self.agent, rpc.DevicesDetailsList(details=details))


def details(
    port: str,
    network: str,
    network_type: str,
    vid: int | None = None,
    *,
    physnet: str | None = "physnet1",
    owner: str = COMPUTE,
    mtu: int = 1500,
    up: bool = True,
) -> rpc.DeviceDetails:
    return rpc.DeviceDetails(
        device=tap_device_name(port),
        port_id=port,
        network_id=network,
        network_type=NetworkType(network_type),
        physical_network=physnet if network_type != "local" else None,
        segmentation_id=vid,
        mtu=mtu,
        mac_address=parse_mac("fa:16:3e:00:00:01"),
        fixed_ips=(),
        device_owner=owner,
        admin_state_up=up,
    )


def vlan_101(port: str, **other: object) -> rpc.DeviceDetails:
    return details(port, VLAN, "vlan", 101, **other)  # type: ignore[arg-type]


def truth(name: str) -> list[str]:
    """Return the commands of a file, each Python call as the command that does the same."""
    lines = (TRUTH / f"{name}.txt").read_text().splitlines()
    return [as_typed(line) for line in lines if not line.startswith("#")]


def as_typed(line: str) -> str:
    words = line.split()
    if words[0] != "bridge":
        return line
    _, bridge, option, value = words
    return f"ip link set {bridge} type bridge {option} {value}"


def up(tap: str) -> list[str]:
    """Return how wiring ends: below what `truth/` shows."""
    return [f"ip link set {tap} up", f"{SERVER}update_device_up {tap} compute1"]


def test_the_first_tap_of_a_vlan_network_makes_subinterface_and_bridge() -> None:
    done = Host().wire(vlan_101(DHCP, owner=DHCP_OWNER))
    assert done == truth("4_vlan_dhcp_tap") + up(DHCP_TAP)


def test_the_next_tap_finds_them_and_that_of_a_vm_is_in_the_bridge_already() -> None:
    host = Host()
    host.wire(vlan_101(DHCP, owner=DHCP_OWNER))
    assert host.wire(vlan_101(VM)) == truth("4b_vlan_vm_tap") + up(TAP)


def test_the_bridge_of_a_flat_network_takes_the_nic_itself() -> None:
    assert Host().wire(details(VM, FLAT, "flat")) == truth("5_flat") + up(TAP)


def test_the_bridge_of_a_local_network_has_taps_only() -> None:
    assert Host().wire(details(VM, LOCAL, "local")) == [
        "ip link add brq44444444-aa type bridge",
        "ip link set brq44444444-aa type bridge forward_delay 0",
        "ip link set brq44444444-aa type bridge stp_state 0",
        "ip link set brq44444444-aa up",
        f"ip link set {TAP} mtu 1500",
        *up(TAP),
    ]


def test_a_bridge_that_nova_made_gets_the_uplink() -> None:
    host = Host()
    host.netdevs.add_bridge("brq11111111-aa")
    assert host.wire(vlan_101(VM)) == [
        "ip link add link eth1 name eth1.101 type vlan id 101",
        "sysctl -w net.ipv6.conf.eth1/101.disable_ipv6=1",
        "ip link set eth1.101 up",
        "ip link set eth1.101 master brq11111111-aa",
        f"ip link set {TAP} mtu 1500",
        *up(TAP),
    ]


def test_an_uplink_that_is_in_another_bridge_is_taken_out_of_it() -> None:
    host = Host()
    host.netdevs.add_bridge("br-old")
    host.netdevs.set_master("eth1", "br-old")
    done = host.wire(details(VM, FLAT, "flat"))
    assert done[4:6] == ["ip link set eth1 nomaster", "ip link set eth1 master brq22222222-aa"]


def test_a_tap_that_is_in_a_bridge_stays_there_whoever_owns_it() -> None:
    host = Host()
    host.wire(vlan_101(DHCP, owner=DHCP_OWNER))
    assert host.wire(vlan_101(DHCP, owner=DHCP_OWNER)) == [
        f"ip link set {DHCP_TAP} mtu 1500",
        *up(DHCP_TAP),
    ]


def test_each_physical_network_has_its_nic_and_each_network_its_mtu() -> None:
    done = Host().wire(vlan_101(VM, physnet="physnet2", mtu=1400))
    assert "ip link add link eth2 name eth2.101 type vlan id 101" in done
    assert f"ip link set {TAP} mtu 1400" in done


def test_a_tap_whose_port_is_down_is_set_down_and_the_server_is_told_nothing() -> None:
    host = Host()
    host.wire(vlan_101(DHCP, owner=DHCP_OWNER))
    assert host.wire(vlan_101(VM, up=False)) == [
        f"ip link set {TAP} mtu 1500",
        f"ip link set {TAP} down",
    ]


@pytest.mark.parametrize(
    ("up", "expected"),
    [
        pytest.param(True, [f"{SERVER}update_device_down {TAP} compute1"], id="it should be up"),
        pytest.param(False, [], id="it should be down anyway"),
    ],
)
def test_a_tap_that_is_gone_before_it_is_wired(*, up: bool, expected: list[str]) -> None:
    agent = Host().agent
    answer = rpc.DevicesDetailsList(details=(vlan_101(VM, up=up),))
    assert tell(agent, answer) == expected


def test_a_tap_of_a_physical_network_without_nic_is_down() -> None:
    assert Host().wire(vlan_101(VM, physnet="physnet3")) == [
        f"{SERVER}update_device_down {TAP} compute1"
    ]


def test_a_tap_that_the_server_does_not_know_waits_until_its_port_is_bound() -> None:
    host = Host()
    host.netdevs.plug(TAP, "vm", "eth0")
    ask = f"{SERVER}get_devices_details_list {TAP} compute1"
    assert tell(host.agent, rpc.ScanDevices(added=(TAP,))) == [ask]
    assert host.wire(rpc.UnknownDevice(device=TAP)) == []
    assert tell(host.agent, port_update(VM)) == [ask]


def test_only_the_agent_that_has_seen_the_tap_asks_when_its_port_changes() -> None:
    host = Host()
    assert tell(host.agent, port_update(VM)) == []
    host.netdevs.plug(TAP, "vm", "eth0")
    assert tell(host.agent, port_update(VM)) == []  # it will ask when it sees the tap
    tell(host.agent, rpc.ScanDevices(added=(TAP,)))
    assert len(tell(host.agent, port_update(VM))) == 1
    tell(host.agent, rpc.ScanDevices(removed=(TAP,)))
    assert tell(host.agent, port_update(VM)) == []


def test_taps_that_come_and_go_are_told_in_one_question_and_one_by_one() -> None:
    scan = rpc.ScanDevices(added=(TAP, TAP2), removed=(DHCP_TAP,))
    assert tell(Host().agent, scan) == [
        f"{SERVER}get_devices_details_list {TAP} {TAP2} compute1",
        f"{SERVER}update_device_down {DHCP_TAP} compute1",
    ]


def test_several_taps_are_wired_in_the_order_of_the_answer() -> None:
    done = Host().wire(vlan_101(VM2), vlan_101(VM))
    assert [line for line in done if "mtu" in line] == [
        f"ip link set {TAP2} mtu 1500",
        f"ip link set {TAP} mtu 1500",
    ]
    assert done.count("ip link add brq11111111-aa type bridge") == 1


def test_a_network_that_is_deleted_takes_bridge_and_subinterface_along() -> None:
    host = Host()
    host.wire(vlan_101(VM))
    assert tell(host.agent, rpc.NetworkDelete(network_id=VLAN)) == [
        "ip link set eth1.101 nomaster",
        "ip link set eth1.101 down",
        "ip link del eth1.101",
        "ip link set brq11111111-aa down",
        "ip link del brq11111111-aa",
    ]
    assert tell(host.agent, rpc.NetworkDelete(network_id=VLAN)) == []
    assert "ip link add brq11111111-aa type bridge" in host.wire(vlan_101(VM2))


def test_a_flat_network_that_is_deleted_gives_the_nic_back() -> None:
    host = Host()
    host.wire(details(VM, FLAT, "flat"))
    assert tell(host.agent, rpc.NetworkDelete(network_id=FLAT)) == [
        "ip link set eth1 nomaster",
        "ip link set brq22222222-aa down",
        "ip link del brq22222222-aa",
    ]


def test_the_last_tap_that_goes_leaves_the_bridge_behind() -> None:
    host = Host()
    host.wire(vlan_101(VM))
    host.netdevs.unplug(TAP)
    tell(host.agent, rpc.ScanDevices(removed=(TAP,)))
    assert host.wire(vlan_101(VM2)) == [f"ip link set {TAP2} mtu 1500", *up(TAP2)]


def port_update(port: str) -> rpc.PortUpdate:
    mac = parse_mac("fa:16:3e:00:00:01")
    return rpc.PortUpdate(
        port=Port(id=port, name="vm/eth0", network_id=VLAN, mac_address=mac, fixed_ips=())
    )
