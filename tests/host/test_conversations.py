"""Machines that talk through hosts on which commands were typed, as Neutron types them."""

import pytest

from emu.core.rng import Rng
from emu.core.time import Nanoseconds, seconds
from emu.devices.hub import Hub
from emu.devices.namespace import Namespace
from emu.devices.namespace.changes import AddNetdev
from emu.host import LinuxHost, add_host
from emu.inet.applications import Finished
from emu.journal import Arrived, Configured, Record, Sent, Ticked
from emu.net.effects import Effects, Event
from emu.packet.addresses import parse_mac
from emu.sim import Network

MINUTE = seconds(60)

# what neutron-linuxbridge-agent 21.2.1 does for the first tap of a network, in its own order; its
# last lines but one, since Nova put the tap of a VM into the bridge before
VLAN = """
ip link add link eth1 name eth1.101 type vlan id 101
sysctl -w net.ipv6.conf.eth1/101.disable_ipv6=1
ip link set eth1.101 up
ip link add brq11111111-aa type bridge
ip link set brq11111111-aa type bridge forward_delay 0
ip link set brq11111111-aa type bridge stp_state 0
ip link set brq11111111-aa up
ip link set eth1.101 master brq11111111-aa
ip link set tapdddddddd-dd mtu 1500
ip link set tapdddddddd-dd master brq11111111-aa
"""
FLAT = """
ip link add brq22222222-aa type bridge
ip link set brq22222222-aa type bridge forward_delay 0
ip link set brq22222222-aa type bridge stp_state 0
ip link set brq22222222-aa up
ip link set eth1 master brq22222222-aa
ip link set tapdddddddd-dd mtu 1500
ip link set tapdddddddd-dd master brq22222222-aa
"""
LOCAL = FLAT.replace("ip link set eth1 master brq22222222-aa\n", "")


class Journal:
    """A sink that keeps what programs said, and how large the frames on each captured link were."""

    def __init__(self) -> None:
        self.finished: dict[str, Finished] = {}
        self.sizes: dict[str, list[int]] = {}

    def write(self, record: Record) -> None:
        match record:
            case Sent(link=link, frame=frame) if link.captured:
                self.sizes.setdefault(link.a.text, []).append(len(frame.wire))
            case Arrived(effects=effects) | Configured(effects=effects) | Ticked(effects=effects):
                self._note(effects)
            case _:
                pass

    def _note(self, effects: Effects) -> None:
        for effect in effects:
            if isinstance(effect, Event) and isinstance(effect.value, Finished):
                self.finished[effect.value.id] = effect.value

    def close(self) -> None:
        pass


class Rack:
    """Hosts `compute1`, `compute2` whose eth1 meet in a hub; `vm1`, `vm2` each on one of them."""

    def __init__(self, *scripts: str) -> None:
        self.journal = Journal()
        self.network = Network(self.journal)
        self.network.add(Hub("wire", ports=("1", "2")))
        for number, script in enumerate(scripts, 1):
            self._add(number, script)

    def _add(self, number: int, script: str) -> None:
        host, vm = f"compute{number}", f"vm{number}"
        nic = ("eth1", parse_mac(f"02:00:00:00:0e:0{number}"))
        add_host(self.network, host, rng=Rng(host), nics=[nic])
        self.network.connect((host, "eth1"), ("wire", str(number)))
        self.network.add(Namespace(vm, rng=Rng(vm)))
        eth0 = AddNetdev(name="eth0", mac=parse_mac(f"fa:16:3e:00:00:0{number}"))
        self.network.configure(vm, eth0)
        self.network.add_host(LinuxHost(vm, rng=Rng(vm)))
        self.network.execute(vm, f"ip addr add 172.16.100.{number}/24 dev eth0")
        self.network.host(host).plug(self.network, "tapdddddddd-dd", vm, "eth0")
        self.type(host, script)

    def type(self, host: str, script: str) -> None:
        for line in script.strip().splitlines():
            self.network.execute(host, line)

    def run(self, machine: str, command: str) -> Finished:
        """Run a program to its end."""
        before = len(self.journal.finished)
        self.network.execute(machine, command)
        self.network.run_until(
            lambda: len(self.journal.finished) > before, Nanoseconds(self.network.now + MINUTE)
        )
        return list(self.journal.finished.values())[-1]


@pytest.mark.parametrize(
    ("one", "other", "received"),
    [
        pytest.param(VLAN, VLAN, 3, id="in one VLAN"),
        pytest.param(FLAT, FLAT, 3, id="in a flat network"),
        pytest.param(FLAT, VLAN, 0, id="not from a flat network into a VLAN"),
        pytest.param(VLAN, VLAN.replace("101", "102"), 0, id="not from a VLAN into another"),
        pytest.param(LOCAL, LOCAL, 0, id="not between local networks"),
        pytest.param(
            VLAN + "ip link set eth1.101 down", VLAN, 0, id="not through a VLAN that is down"
        ),
        pytest.param(
            VLAN,
            VLAN + "ip link set brq11111111-aa down",
            0,
            id="not through a bridge that is down",
        ),
        pytest.param(
            VLAN + "ip link set tapdddddddd-dd nomaster", VLAN, 0, id="not without a master"
        ),
        pytest.param(
            VLAN + "ip link set brq11111111-aa down\nip link set brq11111111-aa up",
            VLAN,
            3,
            id="after a bridge came back",
        ),
    ],
)
def test_whether_vm1_on_one_host_reaches_vm2_on_another(
    one: str, other: str, received: int
) -> None:
    rack = Rack(one, other)
    assert rack.run("vm1", "ping -c 3 172.16.100.2").received == received


def test_a_vlan_is_tagged_on_the_wire_only() -> None:
    rack = Rack(VLAN, VLAN)
    rack.run("vm1", "ping -c 1 172.16.100.2")
    arp, echo = 42, 98
    assert rack.journal.sizes == {
        "compute1/tapdddddddd-dd": [arp, arp, echo, echo],
        "compute1/eth1.101": [arp, arp, echo, echo],
        "compute1/brq11111111-aa": [arp],  # the host hears broadcasts
        "compute1/eth1": [arp + 4, arp + 4, echo + 4, echo + 4],
        "compute2/eth1": [arp + 4, arp + 4, echo + 4, echo + 4],
        "compute2/eth1.101": [arp, arp, echo, echo],
        "compute2/brq11111111-aa": [arp],
        "compute2/tapdddddddd-dd": [arp, arp, echo, echo],
    }


def test_a_host_itself_talks_through_the_netdev_of_its_bridge() -> None:
    rack = Rack(FLAT, FLAT)
    rack.type("compute1", "ip addr add 172.16.100.11/24 dev brq22222222-aa")
    assert rack.run("vm1", "ping -c 2 172.16.100.11").received == 2
    assert rack.run("compute1", "ping -c 2 172.16.100.2").received == 2
    assert rack.run("compute1", "arping -c 1 -I brq22222222-aa 172.16.100.1").received == 1


def test_programs_have_names_of_their_own() -> None:
    rack = Rack(FLAT, FLAT)
    rack.run("vm1", "ping -c 1 172.16.100.2")
    rack.run("vm1", "arping -c 1 -I eth0 172.16.100.2")
    assert list(rack.journal.finished) == ["ping-1", "arping-2"]


def test_a_vm_has_vlans_of_its_own_through_a_flat_network() -> None:
    rack = Rack(FLAT, FLAT)
    for number, vm in enumerate(("vm1", "vm2"), 1):
        rack.type(
            vm,
            f"""
            ip link add link eth0 name eth0.7 type vlan id 7
            ip link set eth0.7 up
            ip addr add 10.7.0.{number}/24 dev eth0.7
            """,
        )
    assert rack.run("vm1", "ping -c 2 10.7.0.2").received == 2


def test_a_veth_pair_joins_two_bridges_of_a_host() -> None:
    rack = Rack(FLAT, FLAT)
    rack.type(
        "compute1",
        """
        ip link add between type bridge
        ip link add v0 type veth peer name v1
        ip link set v0 up master brq22222222-aa
        ip link set v1 up master between
        ip link set between up
        ip link set tapdddddddd-dd master between
        """,
    )
    assert rack.run("vm1", "ping -c 2 172.16.100.2").received == 2


def test_large_frames_stop_at_a_small_tap() -> None:
    rack = Rack(FLAT, FLAT + "ip link set tapdddddddd-dd mtu 1400")
    assert rack.run("vm1", "ping -c 1 -s 1472 172.16.100.2").received == 0
    assert rack.run("vm1", "ping -c 1 -s 1372 172.16.100.2").received == 1
