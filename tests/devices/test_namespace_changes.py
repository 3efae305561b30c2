"""Netdevs, neighbours and sysctls, as commands leave them on Linux 6.18."""

from ipaddress import IPv4Address

import pytest

from emu.core.rng import Rng
from emu.devices.namespace import Namespace
from emu.devices.namespace.changes import (
    DeleteNetdev,
    FlushNeighbours,
    SetSysctl,
    Start,
)
from emu.devices.namespace.sysctl import Sysctls
from emu.inet.applications import Ping
from emu.net.effects import Drop, DropReason
from tests.devices.commands import command, machine
from tests.devices.hosts import T0, outcome

# --- netdevs -------------------------------------------------------------------------------------


def links(device: Namespace) -> dict[str, str]:
    """Return MAC's end, MTU and state of each netdev but lo."""
    return {
        row.name: f"{row.mac.hex()[-2:]} {row.mtu} {'up' if row.up else 'down'}"
        for row in device.netdevs()[1:]
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(None, "0a 1500 up, 0a 1500 up, 0a 1500 up", id="they begin alike"),
        pytest.param(
            "link set eth0 address 02:00:00:00:00:0c",
            "0c 1500 up, 0c 1500 up, 0c 1500 up",
            id="the MAC follows",
        ),
        pytest.param(
            "link set eth0.1 address 02:00:00:00:00:0c",
            "0a 1500 up, 0c 1500 up, 0c 1500 up",
            id="only downwards",
        ),
        pytest.param(
            "link set eth0 mtu 1400", "0a 1400 up, 0a 1400 up, 0a 1400 up", id="a smaller MTU"
        ),
        pytest.param(
            "link set eth0 mtu 9000", "0a 9000 up, 0a 1500 up, 0a 1500 up", id="not a greater one"
        ),
        pytest.param(
            "link set eth0.1 mtu 1400", "0a 1500 up, 0a 1400 up, 0a 1400 up", id="from the middle"
        ),
        pytest.param(
            "link set eth0 state down", "0a 1500 down, 0a 1500 down, 0a 1500 down", id="all down"
        ),
        pytest.param(
            "link set eth0.1 state down", "0a 1500 up, 0a 1500 down, 0a 1500 down", id="two down"
        ),
        pytest.param("link del eth0.1", "0a 1500 up", id="a VLAN and its own"),
        pytest.param("link del eth0", "", id="all"),
    ],
)
def test_what_happens_to_a_netdev_happens_to_its_vlans(text: str | None, expected: str) -> None:
    device = machine(
        "link vlan eth0.1 link eth0 id 1",
        "link set eth0.1 state up",
        "link vlan eth0.1.2 link eth0.1 id 2",
        "link set eth0.1.2 state up",
        *([text] if text else []),
    )
    assert ", ".join(links(device).values()) == expected


def test_a_vlan_is_down_until_it_or_its_parent_is_set_up() -> None:
    device = machine("link vlan eth0.1 link eth0 id 1")
    assert links(device)["eth0.1"] == "0a 1500 down"
    device.configure(T0, command("link set eth0 state up"))  # which it was
    assert links(device)["eth0.1"] == "0a 1500 down"
    for state in ("down", "up"):
        device.configure(T0, command(f"link set eth0 state {state}"))
    assert links(device)["eth0.1"] == "0a 1500 up"


def test_a_vlan_that_got_a_mac_of_its_own_keeps_it() -> None:
    device = machine(
        "link vlan eth0.1 link eth0 id 1",
        "link set eth0.1 address 02:00:00:00:00:0c",
        "link set eth0 address 02:00:00:00:00:0d",
    )
    assert links(device) == {"eth0": "0d 1500 up", "eth0.1": "0c 1500 down"}


def test_the_place_of_a_deleted_vlan_is_free() -> None:
    device = machine("link vlan a link eth0 id 1", "link del a", "link vlan b link eth0 id 1")
    assert list(links(device)) == ["eth0", "b"]


def test_netdevs_read_as_ip_link_prints_them() -> None:
    device = machine("link vlan eth0.1 link eth0 id 1", "link master eth0.1 to br")
    assert [str(row) for row in device.netdevs()] == [
        (
            "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 state UP\n"
            "    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00"
        ),
        (
            "2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 state UP\n"
            "    link/ether 02:00:00:00:00:0a brd ff:ff:ff:ff:ff:ff"
        ),
        (
            "3: eth0.1@eth0: <BROADCAST,MULTICAST> mtu 1500 master br state DOWN\n"
            "    link/ether 02:00:00:00:00:0a brd ff:ff:ff:ff:ff:ff"
        ),
    ]
    assert (device.netdevs()[2].parent, device.netdevs()[2].vid) == ("eth0", 1)


# --- neighbours ----------------------------------------------------------------------------------

TWO = "neigh add 10.0.0.2 lladdr 02:00:00:00:00:0b dev eth0"
THREE = "neigh add 10.0.0.3 lladdr 02:00:00:00:00:0c dev eth0 nud reachable"


@pytest.mark.parametrize(
    ("commands", "rows"),
    [
        pytest.param([TWO, THREE], "2 0b PERMANENT, 3 0c REACHABLE", id="as they were added"),
        pytest.param(
            [TWO, "neigh replace 10.0.0.2 lladdr 02:00:00:00:00:0c dev eth0 nud reachable"],
            "2 0c REACHABLE",
            id="replaced",
        ),
        pytest.param(
            [THREE, "neigh replace 10.0.0.3 lladdr 02:00:00:00:00:0b dev eth0"],
            "3 0b PERMANENT",
            id="fixed",
        ),
        pytest.param([TWO, THREE, "neigh del 10.0.0.2 dev eth0"], "3 0c REACHABLE", id="deleted"),
        pytest.param(
            [TWO, THREE, "neigh flush eth0"], "2 0b PERMANENT", id="a flush spares what is fixed"
        ),
        pytest.param([THREE, "neigh flush all"], "", id="of all netdevs"),
        pytest.param([THREE, "link add eth1", "neigh flush eth1"], "3 0c REACHABLE", id="of one"),
        pytest.param([TWO, "link set eth0 state down"], "", id="down, all are forgotten"),
        pytest.param([TWO, "link set eth0 address 02:00:00:00:00:0d"], "", id="a new MAC, too"),
        pytest.param(
            [TWO, "link set eth0 address 02:00:00:00:00:0a"], "2 0b PERMANENT", id="not the same"
        ),
        pytest.param([TWO, "link del eth0"], "", id="gone"),
    ],
)
def test_the_neighbours_that_commands_leave(commands: list[str], rows: str) -> None:
    shown = [
        f"{row.address[3]} {row.mac.hex()[-2:] if row.mac else ''} {row.state}"
        for row in machine(*commands).neighbours()
    ]
    assert ", ".join(shown) == rows


def test_who_waits_for_a_neighbour_that_is_flushed_is_told() -> None:
    device = machine()
    ping = Ping(destination=IPv4Address("10.0.0.9"), count=1)
    device.configure(T0, Start(id="p", application=ping))
    assert outcome(device.configure(T0, FlushNeighbours()))[:2] == [
        "drop eth0 NEIGH_FAILED",
        "print From 10.0.0.1 icmp_seq=1 Destination Host Unreachable",
    ]


def test_a_netdev_that_is_deleted_takes_what_waits_with_it() -> None:
    device = machine()
    ping = Ping(destination=IPv4Address("10.0.0.9"), count=1)
    device.configure(T0, Start(id="p", application=ping))
    (drop,) = device.configure(T0, DeleteNetdev(name="eth0"))
    assert isinstance(drop, Drop)
    assert drop.reason is DropReason.QUEUE_PURGE


# --- sysctls -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "key",
    [
        "net.ipv4.ip_forward",
        "net/ipv4/conf/all/forwarding",
        "net.ipv4.conf.eth0.rp_filter",
        "net.ipv4.conf.eth0/100.arp_ignore",
        "net.ipv4.conf.eth0.100.arp_ignore",
        "net.ipv4.conf.default.arp_announce",
        "net.ipv4.neigh.default.base_reachable_time_ms",
        "net.ipv4.neigh.eth0.gc_stale_time",
        "net.ipv6.conf.all.disable_ipv6",
    ],
)
def test_a_key_that_is_known(key: str) -> None:
    device = machine("link vlan eth0.100 link eth0 id 100")
    assert device.configure(T0, SetSysctl(key=key, value="1")) == ()


def test_a_new_netdev_begins_with_the_defaults() -> None:
    device = machine(
        "sysctl net.ipv4.neigh.default.mcast_solicit 1",
        "sysctl net.ipv4.conf.default.rp_filter 1",
        "link add eth1",
        "addr add 10.0.9.1/24 dev eth1",
    )
    tries = {}
    for address in ("10.0.0.9", "10.0.9.9"):
        ping = Ping(destination=IPv4Address(address), count=1)
        device.configure(T0, Start(id=address, application=ping))
        tries[address] = 1
    while (due := device.next_deadline()) is not None and due < 3_000_000_000:
        for line in outcome(device.tick(due)):
            for address in tries:
                tries[address] += f"who-has {address} " in line
    assert tries == {"10.0.0.9": 3, "10.0.9.9": 1}


def test_units_are_those_of_the_kernel() -> None:
    # 100 ms between requests: 25 ticks, and one for the wheel
    device = machine("sysctl net.ipv4.neigh.eth0.retrans_time_ms 100")
    ping = Ping(destination=IPv4Address("10.0.0.9"), count=1)
    device.configure(T0, Start(id="p", application=ping))
    assert device.next_deadline() == 104_000_000


@pytest.mark.parametrize(
    ("key", "text", "jiffies"),
    [
        pytest.param("retrans_time", "97", 25, id="milliseconds are rounded up"),
        pytest.param("locktime", "1", 2, id="hundredths of a second are rounded down"),
        pytest.param("locktime", "3", 7, id="and never to the nearest"),
        pytest.param("gc_stale_time", "2", 500, id="seconds are not rounded"),
    ],
)
def test_times_are_kept_in_jiffies(key: str, text: str, jiffies: int) -> None:
    sysctls = Sysctls()
    name = f"{key}_ms" if key == "retrans_time" else key
    sysctls.set(f"net.ipv4.neigh.default.{name}", text)
    assert getattr(sysctls.neigh("default"), key) == jiffies


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7),
        (" 7", 7),
        ("7 and more", 7),
        ("010", 8),
        ("0x10", 16),
        ("0", 0),
        ("-3", -3),
        ("-2147483648", -(2**31)),
        ("2147483647", 2**31 - 1),
    ],
)
def test_numbers_are_read_as_the_kernel_reads_them(text: str, value: int) -> None:
    sysctls = Sysctls()
    sysctls.set("net.ipv4.icmp_ratemask", text)
    assert sysctls.ipv4("icmp_ratemask") == value


def test_there_is_a_loopback_from_the_beginning() -> None:
    device = Namespace("a", rng=Rng())
    assert [row.name for row in device.netdevs()] == ["lo"]
    assert " ".join(device.ports) == ""
    assert device.next_deadline() is None
    assert device.tick(T0) == ()
