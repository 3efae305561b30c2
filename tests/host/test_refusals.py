"""What a host refuses, in the words of the real tool, and that nothing of it was done.

The words are what iproute2 6.1, bridge-utils 1.7 and Linux 6.18 print, unless they name emu.
"""

from re import escape

import pytest

from emu.core.errors import Refused
from tests.host.desk import Desk

STANDING = (
    "ip link add br1 type bridge",
    "ip link set br1 up",
    "ip link add br2 type bridge",
    "ip link add link eth1 name eth1.100 type vlan id 100",
    "ip link set eth1.100 up",
    "ip link set eth1.100 master br1",
    "ip link set tap1 master br1",
    "ip link add v0 type veth peer name v1",
    "ip addr add 10.0.0.1/24 dev br1",
    "ip addr add 10.0.0.2/24 dev br1",
    "ip neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev br1",
    "ip link set eth2 down",
    "ip link add link eth2 name eth2.7 type vlan id 7",
)
NOT_SUPPORTED = "RTNETLINK answers: Operation not supported"
EXISTS = "RTNETLINK answers: File exists"
NO_FILE = "RTNETLINK answers: No such file or directory"
INVALID = "RTNETLINK answers: Invalid argument"
BAD_MAC = "RTNETLINK answers: Cannot assign requested address"
NO_MASTER = 'Error: argument "br9" is wrong: Device does not exist'
NO_ETH9 = 'Cannot find device "eth9"'
A_TAP = 'emu models "tap1", a tap, as a port of a bridge only'

MAC = "fa:16:3e:00:00:99"

ADD = [
    ("a bridge of that name is there", "ip link add br1 type bridge", EXISTS),
    ("a tap of that name is there", "ip link add tap1 type bridge", EXISTS),
    ("a NIC of that name is there", "ip link add eth1 type dummy", EXISTS),
    ("the peer is there", "ip link add v2 type veth peer name v1", EXISTS),
    ("the peer is oneself", "ip link add v2 type veth peer name v2", EXISTS),
    (
        "the peer comes up before it has a peer",
        "ip link add v2 type veth peer name v3 up",
        "RTNETLINK answers: Transport endpoint is not connected",
    ),
    (
        "the peer's MTU is too small",
        "ip link add v2 type veth peer name v3 mtu 60",
        "Error: mtu less than device minimum.",
    ),
    (
        "the MTU is too small",
        "ip link add br3 mtu 67 type bridge",
        "Error: mtu less than device minimum.",
    ),
    (
        "the MTU is too large",
        "ip link add br3 mtu 65536 type bridge",
        "Error: mtu greater than device maximum.",
    ),
    ("a group is no address", "ip link add br3 address 01:00:00:00:00:01 type bridge", BAD_MAC),
    (
        "a bridge in a bridge",
        "ip link add br3 master br1 type bridge",
        "Error: Can not enslave a bridge to a bridge.",
    ),
    ("the master is not there", "ip link add d0 master br9 type dummy", NO_MASTER),
    ("the master is no bridge", "ip link add d0 master eth1 type dummy", NOT_SUPPORTED),
    ("the parent is not there", "ip link add link eth9 name x type vlan id 1", NO_ETH9),
    ("the parent is a tap", "ip link add link tap1 name x type vlan id 1", A_TAP),
    (
        "the VLAN is there under another name",
        "ip link add link eth1 name x type vlan id 100",
        "Error: 8021q: VLAN device already exists.",
    ),
    (
        "a VLAN is up and its parent down",
        "ip link add link eth2 name x up type vlan id 8",
        "RTNETLINK answers: Network is down",
    ),
]
SET = [
    ("it is not there", "ip link set eth9 up", NO_ETH9),
    ("neither it nor its master is there", "ip link set eth9 master br9", NO_MASTER),
    ("its master is not there", "ip link set eth1 master br9", NO_MASTER),
    ("its master is no bridge", "ip link set eth1 master eth2", NOT_SUPPORTED),
    (
        "a bridge into a bridge",
        "ip link set br2 master br1",
        "Error: Can not enslave a bridge to a bridge.",
    ),
    (
        "a bridge into itself",
        "ip link set br2 master br2",
        "Error: Can not enslave a bridge to a bridge.",
    ),
    ("lo into a bridge", "ip link set lo master br1", INVALID),
    (
        "up, with an MTU too small",
        "ip link set eth2 up mtu 67",
        "Error: mtu less than device minimum.",
    ),
    (
        "a tap with an MTU too large",
        "ip link set tap1 mtu 65536",
        "Error: mtu greater than device maximum.",
    ),
    ("a tap with no address", "ip link set tap1 address 00:00:00:00:00:00", BAD_MAC),
    (
        "a VLAN up while its parent is down",
        "ip link set eth2.7 up master br2",
        "RTNETLINK answers: Network is down",
    ),
    (
        "a VLAN larger than its parent",
        "ip link set eth1.100 mtu 1600 nomaster",
        "RTNETLINK answers: Numerical result out of range",
    ),
    ("a NIC is no bridge", "ip link set eth2 up type bridge ageing_time 0", NOT_SUPPORTED),
    ("a NIC is no port", "ip link set eth2 up type bridge_slave learning off", NOT_SUPPORTED),
    ("a NIC cannot be deleted", "ip link del eth1", NOT_SUPPORTED),
    ("nor can lo", "ip link del lo", NOT_SUPPORTED),
    ("nor what is not there", "ip link del eth9", NO_ETH9),
]
BRIDGE = [
    ("a row of what is not there", f"bridge fdb add {MAC} dev eth9 master", NO_ETH9),
    ("a row of what is no port", f"bridge fdb add {MAC} dev eth2 master static", NOT_SUPPORTED),
    ("a row of the bridge as of a port", f"bridge fdb add {MAC} dev br1 master", NOT_SUPPORTED),
    ("a row of the bridge that ages", f"bridge fdb add {MAC} dev br1 dynamic", INVALID),
    (
        "a row of a NIC's own",
        f"bridge fdb add {MAC} dev eth2",
        'emu models no table of "eth2" itself: say "master"',
    ),
    ("a row that is there", "bridge fdb add 02:00:00:00:0e:01 dev eth1.100 master", EXISTS),
    ("a row for no address", "bridge fdb add 00:00:00:00:00:00 dev tap1 master static", INVALID),
    ("a row that is not there goes", f"bridge fdb del {MAC} dev tap1 master", NO_FILE),
    (
        "flags of what is not there",
        "bridge link set dev eth9 learning off",
        'Cannot find bridge device "eth9"',
    ),
    ("flags of what is no port", "bridge link set dev eth2 learning off", NOT_SUPPORTED),
]
BRCTL = [
    (
        "the name is taken",
        "brctl addbr eth1",
        "device eth1 already exists; can't create bridge with the same name",
    ),
    ("no bridge to delete", "brctl delbr br9", "bridge br9 doesn't exist; can't delete it"),
    ("a bridge that is up", "brctl delbr br1", "bridge br1 is still up; can't delete it"),
    ("what is no bridge", "brctl delbr eth1", "can't delete bridge eth1: Operation not permitted"),
    ("no interface to add", "brctl addif br9 eth9", "interface eth9 does not exist!"),
    ("no bridge to add to", "brctl addif br9 eth1", "bridge br9 does not exist!"),
    (
        "already in a bridge",
        "brctl addif br2 tap1",
        "device tap1 is already a member of a bridge; can't add it to bridge br2.",
    ),
    (
        "no bridge that one is added to",
        "brctl addif eth2 eth1",
        "can't add eth1 to bridge eth2: Operation not supported",
    ),
    (
        "a bridge added to a bridge",
        "brctl addif br1 br2",
        "device br2 is a bridge device itself; can't add a bridge device to a bridge device.",
    ),
    ("lo added to a bridge", "brctl addif br1 lo", "can't add lo to bridge br1: Invalid argument"),
    ("no interface to take out", "brctl delif br1 eth9", "interface eth9 does not exist!"),
    ("in another bridge", "brctl delif br2 tap1", "device tap1 is not a port of br2"),
    ("in no bridge", "brctl delif br1 eth1", "device eth1 is not a port of br1"),
    ("no bridge to set", "brctl setageing br9 0", "set ageing time failed: No such device"),
]
INET = [
    (
        "an address that is there",
        "ip addr add 10.0.0.1/24 dev br1",
        "Error: ipv4: Address already assigned.",
    ),
    ("an address on nothing", "ip addr add 10.0.0.1/24 dev eth9", NO_ETH9),
    ("an address on a tap", "ip addr add 10.0.0.1/24 dev tap1", A_TAP),
    ("no address to delete", "ip addr del 10.0.0.7/24 dev br1", "Error: ipv4: Address not found."),
    ("replaced on nothing", "ip addr replace 10.0.0.1/24 dev eth9", NO_ETH9),
    ("nothing to flush", "ip addr flush dev eth9", 'Device "eth9" does not exist.'),
    (
        "a gateway out of reach",
        "ip route add default via 10.9.0.1",
        "Error: Nexthop has invalid gateway.",
    ),
    ("a route through nothing", "ip route add 10.9.0.0/16 dev eth9", NO_ETH9),
    ("a route through a tap", "ip route add 10.9.0.0/16 dev tap1", A_TAP),
    ("a route nowhere", "ip route add 10.9.0.0/16", "RTNETLINK answers: No such device"),
    ("no route to delete", "ip route del default", "RTNETLINK answers: No such process"),
    ("a neighbour that is there", f"ip neigh add 10.0.0.9 lladdr {MAC} dev br1", EXISTS),
    ("no neighbour to change", f"ip neigh change 10.0.0.8 lladdr {MAC} dev br1", NO_FILE),
    ("no neighbour to delete", "ip neigh del 10.0.0.8 dev br1", NO_FILE),
    ("a neighbour on nothing", f"ip neigh replace 10.0.0.8 lladdr {MAC} dev eth9", NO_ETH9),
    ("neighbours of nothing", "ip neigh flush dev eth9", NO_ETH9),
    (
        "no such sysctl",
        "sysctl -w net.ipv4.foo=1",
        "sysctl: cannot stat /proc/sys/net/ipv4/foo: No such file or directory",
    ),
    (
        "no value of a sysctl",
        "sysctl -w net.ipv4.ip_forward=x",
        'sysctl: setting key "net.ipv4.ip_forward": Invalid argument',
    ),
]
ROWS = [*ADD, *SET, *BRIDGE, *BRCTL, *INET]


@pytest.mark.parametrize(
    ("command", "words"), [pytest.param(command, words, id=says) for says, command, words in ROWS]
)
def test_what_is_refused_changes_nothing(command: str, words: str) -> None:
    desk = Desk(STANDING)
    before = desk.everything
    with pytest.raises(Refused) as caught:
        desk.type(command)
    assert str(caught.value) == words
    assert desk.everything == before


@pytest.mark.parametrize(
    ("interface", "device", "words"),
    [
        pytest.param(
            *("eth1", "vm3", "ioctl(TUNSETIFF): Device or resource busy"),
            id="an interface of that name is there",
        ),
        pytest.param("tap4", "vm9", 'there is no device "vm9"', id="there is no such device"),
        pytest.param("tap4", "vm1", '"vm1/eth0" has a link already', id="its port leads elsewhere"),
    ],
)
def test_a_tap_that_cannot_be_plugged_is_not(interface: str, device: str, words: str) -> None:
    desk = Desk(STANDING)
    before = desk.everything
    with pytest.raises(Refused, match=escape(words)):
        desk.host.plug(desk.network, interface, device, "eth0")
    assert desk.everything == before


def test_a_tap_whose_end_was_taken_meanwhile_gets_no_master() -> None:
    desk = Desk(STANDING)
    desk.host.plug(desk.network, "tap4", "vm2", "eth0")  # where tap2 ends too, without a link
    desk.type("ip link set tap2 master br1")
    before = desk.everything
    with pytest.raises(Refused, match='"vm2/eth0" has a link already'):
        desk.type("ip link set tap4 mtu 1400 master br1")
    assert desk.everything == before
    desk.type("ip link set tap2 nomaster", "ip link set tap4 master br2")
    assert [line for line in desk.netdevs if "mtu 1400" in line] == []


def test_only_taps_are_unplugged() -> None:
    desk = Desk(STANDING)
    with pytest.raises(Refused, match='Cannot find device "eth1"'):
        desk.host.unplug(desk.network, "eth1")
    desk.host.unplug(desk.network, "tap1")
    desk.network.remove("vm2")  # a VM may be gone before its tap
    desk.host.unplug(desk.network, "tap2")
    with pytest.raises(Refused, match='Cannot find device "tap1"'):
        desk.type("ip link set tap1 up")
