"""What `emu show` prints is what the real tools print of the same commands, to the letter."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from emu.core.rng import Rng
from emu.core.time import Nanoseconds
from emu.devices.bridge import Bridge
from emu.devices.namespace import Namespace
from emu.devices.namespace.changes import AddNetdev, AddVlan, SetNetdev
from emu.devices.switch import Switch
from emu.host import add_host
from emu.inet.neigh.entry import NeighbourRow
from emu.inet.neigh.states import Nud
from emu.net.changes import AddPort
from emu.packet.addresses import MacAddress, parse_mac
from emu.packet.frame import Frame
from emu.report.state import find_view, show
from emu.report.state.inet import describe_neighbours, render_neighbours
from emu.sim import Network

REAL = Path(__file__).parent / "real"
VIEWS = [
    ("links", "ip-link"),
    ("addr", "ip-addr"),
    ("routes", "ip-route"),
    ("neigh", "ip-neigh"),
    ("fdb", "bridge-fdb"),
    ("bridge", "brctl"),
]


@pytest.fixture(scope="module")
def network() -> Network:
    """A host on which the commands of real/commands.txt were typed; nothing else is there."""
    network = Network()
    host = add_host(network, "room", rng=Rng())
    guest = Namespace("guest", rng=Rng())
    network.add(guest)
    network.configure("guest", AddNetdev(name="eth0", mac=parse_mac("fa:00:00:00:00:01")))
    for command in (REAL / "commands.txt").read_text().splitlines():
        network.execute("room", command)
    host.plug(network, "tap1", "guest", "eth0")
    network.execute("room", "ip link set tap1 address fe:00:00:00:00:01")
    network.execute("room", "ip link set tap1 master br0")
    return network


def text_of(network: Network, view: str, on: str) -> str:
    (shown,) = show(network, find_view(view), on)
    return "".join(f"{line}\n" for line in shown.lines)


def canonical(view: str, text: str) -> list[str]:
    """Return the lines; those of neighbours are in the order of a hash table on a real machine."""
    lines = text.splitlines()
    return sorted(lines) if view == "neigh" else lines


@pytest.mark.parametrize(("view", "file"), VIEWS)
def test_the_text_is_that_of_the_real_tool(network: Network, view: str, file: str) -> None:
    real = (REAL / f"{file}.txt").read_text()
    assert canonical(view, text_of(network, view, "room")) == canonical(view, real)


@pytest.mark.parametrize(("view", "file"), [row for row in VIEWS if row[0] != "bridge"])
def test_the_json_is_that_of_the_real_tool(network: Network, view: str, file: str) -> None:
    (shown,) = show(network, find_view(view), "room")
    real = json.loads((REAL / f"{file}.json").read_text())
    if view == "neigh":
        real.sort(key=lambda row: str(row["dst"]))
        shown.rows.sort(key=lambda row: str(row["dst"]))
    assert [list(row.items()) for row in shown.rows] == [list(row.items()) for row in real]


def test_a_neighbour_of_which_nothing_is_known_yet_is_not_shown() -> None:
    row = NeighbourRow(address=bytes([10, 0, 0, 1]), netdev="eth0", mac=None, state=Nud.NONE)
    assert list(render_neighbours([row])) == []
    assert describe_neighbours([row]) == []
    asked = replace(row, state=Nud.INCOMPLETE)
    assert list(render_neighbours([asked])) == ["10.0.0.1 dev eth0 INCOMPLETE"]


# --- what that kernel has no module for, or what is no machine with a kernel ---------------------


@pytest.mark.parametrize(
    ("up", "line"),
    [
        pytest.param(
            True,
            "3: eth0.7@eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP "
            "mode DEFAULT group default qlen 1000",
            id="with its parent",
        ),
        pytest.param(
            False,
            "3: eth0.7@eth0: <BROADCAST,MULTICAST,M-DOWN> mtu 1500 qdisc noop state DOWN "
            "mode DEFAULT group default qlen 1000",
            id="while its parent is down",
        ),
    ],
)
def test_a_vlan_names_its_parent(up: bool, line: str) -> None:
    network = Network()
    network.add(Namespace("vm", rng=Rng()))
    network.configure("vm", AddNetdev(name="eth0", mac=parse_mac("fa:00:00:00:00:01"), up=up))
    network.configure("vm", AddVlan(name="eth0.7", parent="eth0", vid=7))
    if up:
        network.configure("vm", SetNetdev(name="eth0.7", up=True))
    assert line in text_of(network, "links", "vm").splitlines()


def test_a_guest_and_a_host_are_shown_by_themselves(network: Network) -> None:
    assert [shown.place for shown in show(network, find_view("links"))] == ["room", "guest"]
    assert [shown.place for shown in show(network, find_view("fdb"))] == ["room"]


def test_one_bridge_of_a_host(network: Network) -> None:
    assert text_of(network, "fdb", "room/br1") == "02:00:00:00:00:b1 dev br1 master br1 permanent\n"
    assert len(text_of(network, "bridge", "room/br1").splitlines()) == 2


def test_a_bridge_without_a_host_around_it_and_a_switch() -> None:
    network = Network()
    network.add(Bridge("middle", ports=("p1", "p2")))
    network.add(Switch("wall"))
    mac = MacAddress(bytes.fromhex("020000000a0b"))
    wire = bytes.fromhex("ffffffffffff") + mac + bytes(48)
    network.device("middle").receive(Nanoseconds(0), "p2", Frame(wire))
    assert text_of(network, "fdb", "middle") == "02:00:00:00:0a:0b dev p2 master middle\n"
    assert text_of(network, "bridge", "middle") == (
        "bridge name\tbridge id\t\tSTP enabled\tinterfaces\n"
        "middle\t\t8000.000000000000\tno\t\tp1\n"
        "\t\t\t\t\t\t\tp2\n"
    )
    assert text_of(network, "macs", "wall").endswith("criterion: 0\n")


def test_the_table_of_a_switch_is_printed_as_ios_prints_it() -> None:
    network = Network()
    switch = Switch("wall")
    network.add(switch)
    network.configure("wall", AddPort(port="Gi0/1"))
    wire = bytes.fromhex("ffffffffffff020000000a0b") + bytes(48)
    switch.receive(Nanoseconds(0), "Gi0/1", Frame(wire))
    assert text_of(network, "macs", "wall") == (
        "          Mac Address Table\n"
        "-------------------------------------------\n"
        "\n"
        "Vlan    Mac Address       Type        Ports\n"
        "----    -----------       --------    -----\n"
        "   1    0200.0000.0a0b    DYNAMIC     Gi0/1\n"
        "Total Mac Addresses for this criterion: 1\n"
    )
    (shown,) = show(network, find_view("macs"), "wall")
    assert shown.rows == [
        {"vlan": 1, "mac": "02:00:00:00:0a:0b", "type": "DYNAMIC", "port": "Gi0/1"}
    ]
