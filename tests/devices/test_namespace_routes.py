"""Addresses and routes, as commands leave them on Linux 6.18."""

import pytest

from emu.inet.fib import Fib, Route, Table
from tests.devices.commands import command, machine
from tests.devices.hosts import T0

CONNECTED = "10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.1"


@pytest.mark.parametrize(
    ("commands", "rows"),
    [
        pytest.param([], [CONNECTED], id="an address makes a route to its network"),
        pytest.param(
            ["addr add 10.0.0.3/24 dev eth0"], [CONNECTED], id="a second one of it makes none"
        ),
        pytest.param(
            ["addr add 10.0.0.1/25 dev eth0"],
            ["10.0.0.0/25 dev eth0 proto kernel scope link src 10.0.0.1", CONNECTED],
            id="one of a smaller network does",
        ),
        pytest.param(
            ["addr add 10.0.6.2/31 dev eth0", "addr add 10.0.7.2/32 dev eth0"],
            [CONNECTED, "10.0.6.2/31 dev eth0 proto kernel scope link src 10.0.6.2"],
            id="a host alone has no network",
        ),
        pytest.param(
            ["route add default via 10.0.0.254", "route add 20.1.0.0/24 dev eth0"],
            ["default via 10.0.0.254 dev eth0", CONNECTED, "20.1.0.0/24 dev eth0 scope link"],
            id="a router, and a network without one",
        ),
        pytest.param(
            ["route add 20.1.0.0/24 dev eth0", "route add 33.0.0.0/24 via 20.1.0.5"],
            [
                *(CONNECTED, "20.1.0.0/24 dev eth0 scope link"),
                "33.0.0.0/24 via 20.1.0.5 dev eth0",
            ],
            id="a router that is reached by such a route",
        ),
        pytest.param(
            ["route add 20.0.0.0/24 via 10.0.0.1"],
            [CONNECTED, "20.0.0.0/24 via 10.0.0.1 dev eth0"],
            id="a router that is the host itself",
        ),
        pytest.param(
            [
                "route add blackhole 30.0.0.0/24",
                "route add unreachable 31.0.0.0/24",
                "route add prohibit 32.0.0.0/24 metric 9",
            ],
            [
                *(CONNECTED, "blackhole 30.0.0.0/24", "unreachable 31.0.0.0/24"),
                "prohibit 32.0.0.0/24 metric 9",
            ],
            id="routes that lead nowhere",
        ),
        pytest.param(
            ["route add default via 10.0.0.2 metric 9", "route replace default via 10.0.0.3"],
            ["default via 10.0.0.3 dev eth0", "default via 10.0.0.2 dev eth0 metric 9", CONNECTED],
            id="what is replaced has the same metric",
        ),
        pytest.param(
            ["route add default via 10.0.0.2", "route replace default via 10.0.0.3"],
            ["default via 10.0.0.3 dev eth0", CONNECTED],
            id="then it goes",
        ),
        pytest.param(
            ["route add 20.0.0.0/24 via 10.0.0.2 src 10.0.0.1 metric 5", "route del 20.0.0.0/24"],
            [CONNECTED],
            id="a route is deleted by its destination",
        ),
        pytest.param(["route del 10.0.0.0/24"], [], id="also one that the kernel made"),
        pytest.param(
            [
                "route add 20.0.0.0/24 via 10.0.0.2",
                "route add blackhole 30.0.0.0/24",
                "link set eth0 state down",
            ],
            ["blackhole 30.0.0.0/24"],
            id="routes go down with their netdev",
        ),
        pytest.param(
            [
                "route add 20.0.0.0/24 via 10.0.0.2",
                "link set eth0 state down",
                "link set eth0 state up",
            ],
            [CONNECTED],
            id="up again come those of its addresses",
        ),
        pytest.param(
            ["link set eth0 state down", "addr add 10.0.5.2/24 dev eth0", "link set eth0 state up"],
            [CONNECTED, "10.0.5.0/24 dev eth0 proto kernel scope link src 10.0.5.2"],
            id="also of those that it got meanwhile",
        ),
        pytest.param(
            ["addr add 10.0.0.3/24 dev eth0", "addr del 10.0.0.1/24 dev eth0"],
            [],
            id="the first address of a network takes the others with it",
        ),
        pytest.param(
            ["addr add 10.0.0.3/24 dev eth0", "addr del 10.0.0.3/24 dev eth0"],
            [CONNECTED],
            id="but no other does",
        ),
        pytest.param(
            [
                "addr add 10.0.9.1/24 dev eth0",
                "route add 20.0.0.0/24 via 10.0.9.2",
                "addr del 10.0.9.1/24 dev eth0",
            ],
            [CONNECTED, "20.0.0.0/24 via 10.0.9.2 dev eth0"],
            id="a route outlives the network of its router",
        ),
        pytest.param(
            ["route add 20.0.0.0/24 via 10.0.0.2", "addr del 10.0.0.1/24 dev eth0"],
            [],
            id="but not the last address of its netdev",
        ),
        pytest.param(
            [
                "addr add 10.0.9.1/24 dev eth0",
                "route add 20.0.0.0/24 via 10.0.0.2 src 10.0.9.1",
                "addr del 10.0.9.1/24 dev eth0",
            ],
            [CONNECTED],
            id="nor the address that it makes packets come from",
        ),
        pytest.param(
            [
                "addr add 10.0.0.1/25 dev eth0",
                "route add 20.0.0.0/24 via 10.0.0.2 src 10.0.0.1",
                "addr del 10.0.0.1/25 dev eth0",
            ],
            [CONNECTED, "20.0.0.0/24 via 10.0.0.2 dev eth0 src 10.0.0.1"],
            id="unless the host still has it",
        ),
        pytest.param(["link del eth0"], [], id="all go with their netdev"),
        pytest.param(
            ["route del 10.0.0.0/24", "addr add 10.0.7.1/24 dev eth0"],
            ["10.0.7.0/24 dev eth0 proto kernel scope link src 10.0.7.1"],
            id="what was deleted does not come back with another address",
        ),
        pytest.param(
            [
                *("route del 10.0.0.0/24", "addr add 10.0.7.1/24 dev eth0"),
                *("link set eth0 state down", "link set eth0 state up"),
            ],
            [CONNECTED, "10.0.7.0/24 dev eth0 proto kernel scope link src 10.0.7.1"],
            id="but when the netdev comes up again",
        ),
    ],
)
def test_the_routes_that_commands_leave(commands: list[str], rows: list[str]) -> None:
    assert [str(row) for row in machine(*commands).routes()] == rows


LO = [
    "local 127.0.0.0/8 dev lo proto kernel scope host src 127.0.0.1",
    "local 127.0.0.1 dev lo proto kernel scope host src 127.0.0.1",
]
LO_ALL = "broadcast 127.255.255.255 dev lo proto kernel scope link src 127.0.0.1"
OWN = "local 10.0.0.1 dev eth0 proto kernel scope host src 10.0.0.1"
ALL = "broadcast 10.0.0.255 dev eth0 proto kernel scope link src 10.0.0.1"


@pytest.mark.parametrize(
    ("commands", "rows"),
    [
        pytest.param([], [OWN, ALL, *LO, LO_ALL], id="an address, and the last of its network"),
        pytest.param(
            ["addr add 10.0.0.3/24 dev eth0"],
            [
                *(OWN, "local 10.0.0.3 dev eth0 proto kernel scope host src 10.0.0.1"),
                *(ALL, *LO, LO_ALL),
            ],
            id="a second one of it comes from the first",
        ),
        pytest.param(["link set eth0 state down"], [OWN, *LO, LO_ALL], id="down, not for all"),
        pytest.param(["link set lo state down"], [OWN, ALL, *LO], id="lo, too"),
        pytest.param(["addr del 10.0.0.1/24 dev eth0"], [*LO, LO_ALL], id="none"),
        pytest.param(
            ["addr add 10.0.0.1/25 dev eth0", "addr del 10.0.0.1/24 dev eth0"],
            [OWN, ALL.replace("255", "127"), *LO, LO_ALL],
            id="the same address in another network keeps it the host's own",
        ),
        pytest.param(
            ["addr add 10.0.0.129/25 dev eth0", "addr del 10.0.0.129/25 dev eth0"],
            [OWN, ALL, *LO, LO_ALL],
            id="and a network that ends with another keeps its broadcast",
        ),
        pytest.param(
            ["link set lo state down", "addr add 10.6.6.6/24 dev lo"],
            [
                *(OWN, ALL, "local 10.6.6.6 dev lo proto kernel scope host src 10.6.6.6"),
                *LO,
            ],
            id="lo has no network while it is down",
        ),
    ],
)
def test_the_table_local_that_commands_leave(commands: list[str], rows: list[str]) -> None:
    assert [str(row) for row in machine(*commands).routes(Table.LOCAL)] == rows


@pytest.mark.parametrize(
    ("address", "connected"),
    [
        pytest.param("239.0.0.1/8", [], id="a group's"),
        pytest.param("224.1.1.1/2", [], id="a group's in a network of others"),
        pytest.param("240.1.1.1/3", ["224.0.0.0/3"], id="one's in a network of groups"),
        pytest.param("255.255.255.255/24", [], id="everybody's"),
        pytest.param("0.0.0.5/24", [], id="one in the network of nobody"),
        pytest.param("10.1.1.1/0", [], id="one in the network of all"),
        pytest.param("0.1.1.1/16", ["0.1.0.0/16"], id="one close to that of nobody"),
    ],
)
def test_an_address_without_a_network(address: str, connected: list[str]) -> None:
    device = machine("link add eth1", f"addr add {address} dev eth1")
    assert [str(row.destination) for row in device.routes() if row.netdev == "eth1"] == connected
    rows = [row for row in device.routes(Table.LOCAL) if row.netdev == "eth1"]
    assert str(rows[0].destination) == f"{address.partition('/')[0]}/32"
    assert len(rows) == 1 + len(connected)


@pytest.mark.parametrize("length", [0, 24, 32])
def test_nobody_is_no_address(length: int) -> None:
    device = machine(f"addr add 0.0.0.0/{length} dev eth0")
    assert [str(row.interface) for row in device.addresses()] == ["127.0.0.1/8", "10.0.0.1/24"]


def test_the_routes_of_many_addresses_are_not_made_anew_for_each_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Route] = []
    insert = Fib.insert

    def note(fib: Fib, route: Route, *, append: bool = False, replace: bool = False) -> bool:
        asked.append(route)
        return insert(fib, route, append=append, replace=replace)

    monkeypatch.setattr(Fib, "insert", note)
    machine(*[f"addr add 10.1.0.{last}/32 dev eth0" for last in range(1, 201)])
    assert len(asked) == 206  # and three each of lo's and the first


def test_a_local_route_can_be_typed() -> None:
    rows = [str(row) for row in machine("route add local 9.9.9.9/32 dev eth0").routes(Table.LOCAL)]
    assert "local 9.9.9.9 dev eth0 scope host" in rows
    rows = [str(r) for r in machine("route add broadcast 9.9.9.9 dev eth0").routes(Table.LOCAL)]
    assert "broadcast 9.9.9.9 dev eth0 scope link" in rows


def test_addresses_are_shown_the_primary_ones_first() -> None:
    device = machine("addr add 10.0.0.3/24 dev eth0", "addr add 10.0.9.1/24 dev eth0")
    assert [str(row) for row in device.addresses()] == [
        "inet 127.0.0.1/8 scope host lo",
        "inet 10.0.0.1/24 scope global eth0",
        "inet 10.0.9.1/24 scope global eth0",
        "inet 10.0.0.3/24 scope global secondary eth0",
    ]


def test_the_order_of_two_netdevs_in_one_network_stays_when_the_second_changes() -> None:
    device = machine("link add eth1", "addr add 10.0.0.2/24 dev eth1")
    rows = [str(row) for row in device.routes()]
    device.configure(T0, command("addr add 10.0.0.9/24 dev eth0"))
    assert (
        [str(row) for row in device.routes()]
        == rows
        == [
            CONNECTED,
            "10.0.0.0/24 dev eth1 proto kernel scope link src 10.0.0.2",
        ]
    )
