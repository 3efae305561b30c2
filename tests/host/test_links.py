"""What commands do to the interfaces of a host: read from top to bottom.

In what is seen, `compute1[eth1]` is a port of the root namespace, `compute1/br1[tap1]` one of a
bridge; links that no capture sees are in parentheses.
"""

import pytest

from emu.core.rng import Rng
from tests.host.desk import Desk

BR1 = ("ip link add br1 type bridge", "ip link set br1 up")
BR2 = ("ip link add br2 type bridge", "ip link set br2 up")
VLAN = ("ip link add link eth1 name eth1.100 type vlan id 100", "ip link set eth1.100 up")
VETH = ("ip link add v0 type veth peer name v1", "ip link set v0 up", "ip link set v1 up")
TAPS = ("ip link set tap1 master br1", "ip link set tap2 master br1")
OWN = "compute1/br1 - compute1[br1]"


@pytest.mark.parametrize(
    ("commands", "bridges", "links"),
    [
        pytest.param(
            BR1, ["compute1/br1: LOCAL"], [OWN], id="a bridge has a netdev in the root namespace"
        ),
        pytest.param(
            [*BR1, "ip link set tap1 master br1"],
            ["compute1/br1: LOCAL tap1"],
            [OWN, "compute1/tap1 - vm1[eth0]"],
            id="a tap in a bridge leads to its VM",
        ),
        pytest.param(
            [*BR1, "ip link set eth1 master br1"],
            ["compute1/br1: LOCAL eth1"],
            [OWN, "(compute1/eth1 - compute1[eth1:master])"],
            id="a NIC in a bridge is captured on its wire only",
        ),
        pytest.param(
            [*BR1, *VLAN, "ip link set eth1.100 master br1"],
            ["compute1/br1: LOCAL eth1.100"],
            [OWN, "compute1/eth1.100 - compute1[eth1.100:master]"],
            id="a VLAN in a bridge is captured",
        ),
        pytest.param(
            [*BR1, "ip link add d0 master br1 type dummy"],
            ["compute1/br1: LOCAL d0"],
            [OWN, "compute1/d0 - compute1[d0:master]"],
            id="a dummy in a bridge, from the beginning, is captured",
        ),
        pytest.param(
            VETH,
            [],
            ["compute1/v0 - compute1[v1]"],
            id="the ends of a veth pair lead to each other",
        ),
        pytest.param(
            [*BR1, *VETH, "brctl addif br1 v0"],
            ["compute1/br1: LOCAL v0"],
            [OWN, "compute1/v0 - compute1[v1]", "(compute1/v0 - compute1[v0:master])"],
            id="an end of a veth pair in a bridge is captured once",
        ),
        pytest.param(
            [*BR1, *BR2, "ip link set tap1 master br1", "ip link set tap1 master br2"],
            ["compute1/br1: LOCAL", "compute1/br2: LOCAL tap1"],
            [OWN, "compute1/br2 - compute1[br2]", "compute1/tap1 - vm1[eth0]"],
            id="a tap moves to another bridge",
        ),
        pytest.param(
            [*BR1, *BR2, "ip link set eth1 master br1", "ip link set eth1 master br2"],
            ["compute1/br1: LOCAL", "compute1/br2: LOCAL eth1"],
            [OWN, "compute1/br2 - compute1[br2]", "(compute1/eth1 - compute1[eth1:master])"],
            id="so does a NIC",
        ),
        pytest.param(
            [*BR1, "ip link set tap1 master br1", "ip link set tap1 master br1"],
            ["compute1/br1: LOCAL tap1"],
            [OWN, "compute1/tap1 - vm1[eth0]"],
            id="a tap may be in its bridge already",
        ),
        pytest.param(
            [*BR1, "ip link set tap1 master br1", "ip link set tap1 nomaster"],
            ["compute1/br1: LOCAL"],
            [OWN],
            id="a tap leaves its bridge",
        ),
        pytest.param(
            [*BR1, "ip link set eth1 master br1", "brctl delif br1 eth1"],
            ["compute1/br1: LOCAL"],
            [OWN],
            id="so does a NIC, by brctl",
        ),
        pytest.param(
            [*BR1, "ip link set eth1 nomaster", "ip link set tap1 nomaster"],
            ["compute1/br1: LOCAL"],
            [OWN],
            id="what is in no bridge may be told to leave",
        ),
        pytest.param(
            [*BR1, "ip link set tap1 master br1", "ip link set eth1 master br1", "ip link del br1"],
            [],
            [],
            id="a bridge that goes frees its ports",
        ),
        pytest.param(
            [*BR1, *BR2, "ip link del br1", "ip link set tap1 master br2"],
            ["compute1/br2: LOCAL tap1"],
            ["compute1/br2 - compute1[br2]", "compute1/tap1 - vm1[eth0]"],
            id="a bridge that goes leaves the others",
        ),
        pytest.param(
            [*BR1, *VLAN, "ip link set eth1.100 master br1", "ip link del eth1.100"],
            ["compute1/br1: LOCAL"],
            [OWN],
            id="a VLAN that goes leaves its bridge",
        ),
        pytest.param(
            [*BR1, *VETH, "ip link set v0 master br1", "ip link del v1"],
            ["compute1/br1: LOCAL"],
            [OWN],
            id="with one end of a veth pair the other goes",
        ),
        pytest.param(
            [
                *(*BR1, *VETH, "ip link add link v0 name v0.5 type vlan id 5"),
                *("ip link set v0.5 master br1", "ip link del v0"),
            ],
            ["compute1/br1: LOCAL"],
            [OWN],
            id="a VLAN leaves its bridge when its parent goes",
        ),
        pytest.param(
            [*BR1, "ip link set tap1 master br1", "ip link del tap1"],
            ["compute1/br1: LOCAL"],
            [OWN],
            id="a tap that goes leaves its bridge",
        ),
        pytest.param(
            [*BR1, "brctl addbr br2", "ip link set br1 down", "brctl delbr br1"],
            ["compute1/br2: LOCAL"],
            ["compute1/br2 - compute1[br2]"],
            id="brctl makes a bridge, and takes one away that is down",
        ),
    ],
)
def test_where_interfaces_lead(commands: list[str], bridges: list[str], links: list[str]) -> None:
    desk = Desk(commands)
    assert (desk.bridges, desk.links) == (bridges, links)


@pytest.mark.parametrize(
    ("commands", "netdevs"),
    [
        pytest.param(
            VLAN, ["eth1.100@eth1 02:00:00:00:0e:01 mtu 1500 up"], id="a VLAN is like its parent"
        ),
        pytest.param(
            ["ip link add link eth1 eth1.7 up mtu 1400 address 2:0:0:0:0:7 type vlan id 7"],
            ["eth1.7@eth1 02:00:00:00:00:07 mtu 1400 up"],
            id="unless told otherwise",
        ),
        pytest.param(
            [*VLAN, "ip link add link eth1.100 q type vlan id 7", "ip link del eth1.100"],
            [],
            id="VLANs go with their parent",
        ),
        pytest.param(
            ["ip link add br1 address 02:00:00:00:00:01 type bridge"],
            ["br1 02:00:00:00:00:01 mtu 1500 down"],
            id="a bridge is down at first",
        ),
        pytest.param(
            ["ip link add br1 up mtu 1400 address 02:00:00:00:00:01 type bridge"],
            ["br1 02:00:00:00:00:01 mtu 1400 up"],
            id="unless it is made up",
        ),
        pytest.param(
            [*BR1, "ip link set eth2 master br1", "ip link set eth1 master br1"],
            ["br1 02:00:00:00:0e:01 mtu 1500 up"],
            id="a bridge has the lowest address of its ports",
        ),
        pytest.param(
            [*BR1, "ip link set eth2 master br1", "ip link set eth2 address 02:00:00:00:0e:aa"],
            ["br1 02:00:00:00:0e:aa mtu 1500 up"],
            id="also when a port gets another one",
        ),
        pytest.param(
            [*BR1, "ip link set tap2 master br1"],
            ["br1 fe:16:3e:00:00:02 mtu 1500 up"],
            id="a tap's address is its VM's, but for the first octet",
        ),
        pytest.param(
            [*BR1, "ip link set br1 address 02:00:00:00:0e:ff", "ip link set eth1 master br1"],
            ["br1 02:00:00:00:0e:ff mtu 1500 up"],
            id="an address given by hand stays",
        ),
        pytest.param(
            [*BR1, "ip link set tap1 mtu 1450 master br1", "ip link set tap2 master br1"],
            ["br1 fe:16:3e:00:00:01 mtu 1450 up"],
            id="a bridge has the smallest MTU of its ports",
        ),
        pytest.param(
            [*BR1, "ip link set tap1 master br1", "ip link set tap1 mtu 1400"],
            ["br1 fe:16:3e:00:00:01 mtu 1400 up"],
            id="also when a port's changes",
        ),
        pytest.param(
            [
                *(*BR1, "ip link set tap1 mtu 1450 master br1", "ip link set eth1 master br1"),
                "ip link set tap1 nomaster",
            ],
            ["br1 02:00:00:00:0e:01 mtu 1500 up"],
            id="and when the smallest leaves",
        ),
        pytest.param(
            [*BR1, "ip link set br1 mtu 1300", "ip link set eth1 master br1"],
            ["br1 02:00:00:00:0e:01 mtu 1300 up"],
            id="an MTU given by hand stays",
        ),
        pytest.param(
            ["ip link add br1 mtu 1300 type bridge", "ip link set eth1 master br1"],
            ["br1 02:00:00:00:0e:01 mtu 1500 down"],
            id="one given at the beginning does not",
        ),
        pytest.param(
            ["ip link add v0 mtu 1400 addr 2:0:0:0:0:a0 up type veth peer v1 addr 2:0:0:0:0:a1"],
            ["v1 02:00:00:00:00:a1 mtu 1500 down", "v0 02:00:00:00:00:a0 mtu 1400 up"],
            id="the ends of a veth pair differ",
        ),
        pytest.param(
            ["ip link add d0 address 02:00:00:00:00:d0 type dummy"],
            ["d0 02:00:00:00:00:d0 mtu 1500 down"],
            id="a dummy is down at first",
        ),
        pytest.param(
            [*BR1, *VLAN, "ip link set eth1.100 master br1", "ip link set eth1 down"],
            [
                "br1 02:00:00:00:0e:01 mtu 1500 up",
                "eth1.100@eth1 02:00:00:00:0e:01 mtu 1500 down master br1",
            ],
            id="a VLAN goes down with its parent",
        ),
    ],
)
def test_what_netdevs_are_like(commands: list[str], netdevs: list[str]) -> None:
    assert Desk(commands).netdevs == netdevs


def test_addresses_that_nobody_gave_are_drawn_for_each_interface() -> None:
    def macs(seed: str, *commands: str) -> list[str]:
        desk = Desk(commands, rng=Rng(seed))
        return [line.split()[1] for line in desk.netdevs]

    two = macs("a", "ip link add br1 type bridge", "ip link add br2 type bridge")
    assert len(dict.fromkeys(two)) == 2
    assert all(int(mac[:2], 16) & 3 == 2 for mac in two)  # of one station, locally administered
    assert macs("a", "ip link add br2 type bridge") == two[1:]
    assert macs("b", "ip link add br2 type bridge") != two[1:]


@pytest.mark.parametrize(
    ("commands", "seen"),
    [
        pytest.param([], [], id="without commands, nowhere"),
        pytest.param(
            ["ip link set tap1 master br1", "ip link set tap2 master br1"],
            ["compute1/br1[tap2]", "compute1/br1[LOCAL]"],
            id="in one bridge, to the other VM and the host",
        ),
        pytest.param(
            [*BR2, "ip link set tap1 master br1", "ip link set tap2 master br2"],
            ["compute1/br1[LOCAL]"],
            id="not into another bridge",
        ),
        pytest.param(
            [*VLAN, "ip link set tap1 master br1", "ip link set eth1.100 master br1"],
            ["compute1/br1[eth1.100]", "compute1/br1[LOCAL]", "compute1[eth1]", "wire[eth2]"],
            id="through a VLAN to the wire",
        ),
        pytest.param(
            [
                *(*VETH, *BR2, "ip link set v0 master br1", "ip link set v1 master br2"),
                *("ip link set tap1 master br1", "ip link set tap2 master br2"),
            ],
            [
                *("compute1/br1[v0]", "compute1/br1[LOCAL]", "compute1[v0]"),
                *("compute1[v1:master]", "compute1/br2[tap2]", "compute1/br2[LOCAL]"),
            ],
            id="through a veth pair into another bridge",
        ),
        pytest.param([*TAPS, "ip link set br1 down"], [], id="nowhere if the bridge is down"),
        pytest.param(
            [*TAPS, "ip link set br1 down", "ip link set br1 up"],
            ["compute1/br1[tap2]", "compute1/br1[LOCAL]"],
            id="until it is up again",
        ),
        pytest.param(["ip link set tap1 down", *TAPS], [], id="nowhere if its tap is down"),
        pytest.param(
            [*TAPS, "ip link set tap2 down"],
            ["compute1/br1[LOCAL]"],
            id="not to a tap that is down",
        ),
        pytest.param(
            [*TAPS, "ip link set tap2 down", "ip link set tap2 up"],
            ["compute1/br1[tap2]", "compute1/br1[LOCAL]"],
            id="until that is up again",
        ),
        pytest.param(
            [*TAPS, *VLAN, "ip link set eth1.100 master br1", "ip link set eth1 down"],
            ["compute1/br1[tap2]", "compute1/br1[LOCAL]"],
            id="not to a VLAN whose parent is down",
        ),
        pytest.param(
            [*TAPS, *VETH, "ip link set v0 master br1", "ip link set v1 down"],
            ["compute1/br1[tap2]", "compute1/br1[LOCAL]"],
            id="not to a veth whose peer is down",
        ),
        pytest.param(
            [*TAPS, "bridge link set dev tap1 isolated on", "bridge link set dev tap2 isolated on"],
            ["compute1/br1[LOCAL]"],
            id="not from one isolated port to another",
        ),
        pytest.param(
            [*TAPS, "ip link set tap1 type bridge_slave hairpin on"],
            ["compute1/br1[tap2]", "compute1/br1[tap1]", "compute1/br1[LOCAL]"],
            id="back to a port that is a hairpin",
        ),
    ],
)
def test_where_a_broadcast_of_vm1_goes(commands: list[str], seen: list[str]) -> None:
    desk = Desk([*BR1, *commands])
    assert desk.flood("vm1") == seen
