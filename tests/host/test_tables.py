"""What commands do to addresses, routes, neighbours and fdb rows, as the tools show them."""

import pytest

from emu.devices.bridge import Bridge
from emu.devices.namespace import Namespace
from tests.host.desk import Desk

MAC = "fa:16:3e:00:00:99"
ADDRESS = "ip addr add 10.0.0.1/24 dev eth1"
SHOWN = "inet 10.0.0.1/24 scope global eth1"
CONNECTED = "10.0.0.0/24 dev eth1 proto kernel scope link src 10.0.0.1"
TEN_TWO = "10.2.0.0/16 dev eth2 proto kernel scope link src 10.2.0.1"


def inet(desk: Desk) -> list[str]:
    """Return what `ip addr`, `ip route` and `ip neigh` show, lo left out."""
    root = desk.network.device("compute1")
    assert isinstance(root, Namespace)
    addresses = [row for row in root.addresses() if row.netdev != "lo"]
    return [str(row).strip() for row in (*addresses, *root.routes(), *root.neighbours())]


@pytest.mark.parametrize(
    ("commands", "shown"),
    [
        pytest.param([ADDRESS], [SHOWN, CONNECTED], id="an address brings its route"),
        pytest.param([ADDRESS, "ip addr del 10.0.0.1/24 dev eth1"], [], id="and takes it along"),
        pytest.param(
            [ADDRESS, "ip addr replace 10.0.0.1/24 dev eth1"],
            [SHOWN, CONNECTED],
            id="an address that is there is replaced by itself",
        ),
        pytest.param(
            ["ip addr replace 10.0.0.1/24 dev eth1"],
            [SHOWN, CONNECTED],
            id="one that is not there is added",
        ),
        pytest.param(
            [
                *(ADDRESS, "ip addr add 10.0.0.2/24 dev eth1", "ip addr add 10.1.0.1/16 dev eth1"),
                *("ip addr add 10.2.0.1/16 dev eth2", "ip addr flush dev eth1"),
            ],
            ["inet 10.2.0.1/16 scope global eth2", TEN_TWO],
            id="all addresses of a netdev are flushed, secondary ones too",
        ),
        pytest.param(["ip addr flush dev eth1"], [], id="also where there are none"),
        pytest.param(
            [
                *(ADDRESS, "ip route add default via 10.0.0.254"),
                "ip route replace default via 10.0.0.253",
            ],
            [SHOWN, "default via 10.0.0.253 dev eth1", CONNECTED],
            id="a route is replaced",
        ),
        pytest.param(
            [ADDRESS, "ip route add blackhole 10.9.0.0/16"],
            [SHOWN, CONNECTED, "blackhole 10.9.0.0/16"],
            id="a route that leads nowhere",
        ),
        pytest.param(
            [ADDRESS, "ip route add blackhole 10.9.0.0/16", "ip route del 10.9/16"],
            [SHOWN, CONNECTED],
            id="a route goes",
        ),
        pytest.param(
            [
                f"ip neigh add 10.0.0.9 lladdr {MAC} dev eth1",
                "ip neigh change 10.0.0.9 lladdr fa:16:3e:00:00:98 dev eth1",
            ],
            ["10.0.0.9 dev eth1 lladdr fa:16:3e:00:00:98 PERMANENT"],
            id="a neighbour changes its address",
        ),
        pytest.param(
            [f"ip neigh replace 10.0.0.9 lladdr {MAC} dev eth1 nud reachable"],
            [f"10.0.0.9 dev eth1 lladdr {MAC} REACHABLE"],
            id="a neighbour as if it had answered",
        ),
        pytest.param(
            [f"ip neigh add 10.0.0.9 lladdr {MAC} dev eth1", "ip neigh del 10.0.0.9 dev eth1"],
            [],
            id="a neighbour goes",
        ),
        pytest.param(
            [f"ip neigh add 10.0.0.9 lladdr {MAC} dev eth1 nud reachable", "ip neigh flush all"],
            [],
            id="neighbours are flushed",
        ),
    ],
)
def test_what_ip_shows(commands: list[str], shown: list[str]) -> None:
    assert inet(Desk(commands)) == shown


@pytest.mark.parametrize(
    ("commands", "rows"),
    [
        pytest.param([], [], id="of tap1 and tap2 nothing is known but their own addresses"),
        pytest.param(
            [f"bridge fdb add {MAC} dev tap1 master static"],
            [f"{MAC} dev tap1 master br1 static"],
            id="a row that stays",
        ),
        pytest.param(
            [f"bridge fdb append {MAC} dev tap1 master dynamic"],
            [f"{MAC} dev tap1 master br1"],
            id="a row that ages",
        ),
        pytest.param(
            [f"bridge fdb add {MAC} dev br1 self"],
            [f"{MAC} dev br1 master br1 permanent"],
            id="an address more of the host",
        ),
        pytest.param(
            [
                f"bridge fdb add {MAC} dev tap1 master static",
                f"bridge fdb replace {MAC} dev tap2 master static",
            ],
            [f"{MAC} dev tap2 master br1 static"],
            id="a row moves",
        ),
        pytest.param(
            [
                f"bridge fdb add {MAC} dev tap1 master static",
                f"bridge fdb del {MAC} dev tap1 master",
            ],
            [],
            id="a row goes",
        ),
        pytest.param(
            [
                f"bridge fdb add {MAC} dev tap1 master dynamic",
                "ip link set br1 type bridge fdb_flush",
            ],
            [],
            id="rows that age are flushed",
        ),
        pytest.param(
            [f"bridge fdb add {MAC} dev tap1 master static", "ip link set tap1 nomaster"],
            [],
            id="a port takes its rows along",
        ),
    ],
)
def test_what_bridge_fdb_shows(commands: list[str], rows: list[str]) -> None:
    into = ["ip link set tap1 master br1", "ip link set tap2 master br1"]
    desk = Desk(["ip link add br1 up type bridge", *into, *commands])
    bridge = desk.network.device("compute1/br1")
    assert isinstance(bridge, Bridge)
    assert [str(row) for row in bridge.rows() if not str(row).startswith("fe:16")] == rows


@pytest.mark.parametrize(
    ("made", "commands", "learns"),
    [
        pytest.param("type bridge", [], True, id="a bridge learns"),
        pytest.param("type bridge ageing_time 0", [], False, id="unless made to flood"),
        pytest.param(
            "type bridge", ["ip link set br1 type bridge ageing 0"], False, id="or told to flood"
        ),
        pytest.param("type bridge", ["brctl setageing br1 0"], False, id="by brctl as well"),
        pytest.param(
            "type bridge",
            ["bridge link set dev tap1 learning off"],
            False,
            id="or not to learn from this port",
        ),
        pytest.param(
            "type bridge ageing_time 0",
            ["brctl setageing br1 300", "brctl stp br1 off", "brctl setfd br1 0"],
            True,
            id="until told otherwise",
        ),
    ],
)
def test_whether_a_bridge_learns(made: str, commands: list[str], learns: bool) -> None:
    desk = Desk([f"ip link add br1 up {made}", "ip link set tap1 master br1", *commands])
    desk.flood("vm1")
    bridge = desk.network.device("compute1/br1")
    assert isinstance(bridge, Bridge)
    row = "fa:16:3e:00:00:01 dev tap1 master br1"
    assert (row in map(str, bridge.rows())) is learns
