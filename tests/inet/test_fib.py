"""Which route is found, and how tables look. A route is written as `ip route show` prints it."""

from ipaddress import IPv4Address, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emu.inet.fib import Fib, Route, RouteType, Scope, Table

LAN = IPv4Network("10.0.0.0/24")


def net(text: str) -> IPv4Network:
    return IPv4Network("0.0.0.0/0" if text == "default" else text)


def route(text: str, table: Table = Table.MAIN) -> Route:
    """Read what `ip route show` prints."""
    words = text.split()
    kind = RouteType(words.pop(0)) if words[0] in list(RouteType) else RouteType.UNICAST
    said = dict(zip(words[1::2], words[2::2], strict=True))
    return Route(
        destination=net(words[0]),
        type=kind,
        via=IPv4Address(said["via"]) if "via" in said else None,
        netdev=said.get("dev"),
        source=IPv4Address(said["src"]) if "src" in said else None,
        metric=int(said.get("metric", "0")),
        scope=Scope[said.get("scope", "universe").upper()],
        by_kernel="proto" in said,
        table=table,
    )


def fib(*rows: str) -> Fib:
    table = Fib()
    for row in rows:
        local = row.startswith(("local", "broadcast"))
        assert table.insert(route(row, Table.LOCAL if local else Table.MAIN))
    return table


def found(table: Fib, address: str, netdev: str | None = None) -> str | None:
    match = table.lookup(IPv4Address(address).packed, netdev=netdev)
    return str(match.route) if match else None


ROWS = (
    "default via 10.0.0.254 dev eth0",
    "default via 10.1.0.254 dev eth1 metric 100",
    "10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.1",
    "10.0.0.0/25 dev eth1 scope link",
    "10.0.0.7 dev eth2 scope link",
    "unreachable 10.9.0.0/16",
    "local 10.0.0.1 dev eth0 proto kernel scope host src 10.0.0.1",
    "broadcast 10.0.0.255 dev eth0 proto kernel scope link src 10.0.0.1",
)


@pytest.mark.parametrize(
    ("address", "netdev", "row"),
    [
        pytest.param("10.0.0.200", None, 2, id="the network of the host"),
        pytest.param("10.0.0.100", None, 3, id="a longer prefix is better"),
        pytest.param("10.0.0.7", None, 4, id="a single host is best"),
        pytest.param("10.0.0.1", None, 6, id="the table local comes first"),
        pytest.param("10.0.0.255", None, 7, id="so does a broadcast address"),
        pytest.param("10.9.8.7", None, 5, id="a route may lead nowhere"),
        pytest.param("8.8.8.8", None, 0, id="the least metric of the default routes"),
        pytest.param("8.8.8.8", "eth1", 1, id="a netdev that is asked for may have a worse one"),
        pytest.param("10.0.0.7", "eth0", 2, id="or a shorter prefix"),
        pytest.param("10.0.0.1", "eth1", 3, id="or know nothing of the host's own address"),
    ],
)
def test_which_route_is_found(address: str, netdev: str | None, row: int) -> None:
    assert found(fib(*ROWS), address, netdev) == ROWS[row]


def test_without_a_route_nothing_is_found() -> None:
    assert found(fib(ROWS[2]), "8.8.8.8") is None
    assert found(fib(*ROWS), "8.8.8.8", "eth9") is None


def test_a_route_through_a_router_is_too_far_for_who_wants_a_neighbour() -> None:
    table = fib(*ROWS)
    address = IPv4Address("8.8.8.8").packed
    assert table.lookup(address, scope=Scope.LINK) is None
    near = table.lookup(IPv4Address("10.0.0.200").packed, scope=Scope.LINK)
    assert near is not None


def test_a_match_has_what_packets_need() -> None:
    match = fib(*ROWS).lookup(b"\x08\x08\x08\x08")
    assert match is not None
    assert (match.netdev, match.via, match.source) == ("eth0", b"\x0a\x00\x00\xfe", None)
    assert [(step.table, str(step.rule)) for step in match.why] == [("fib", ROWS[0])]


def test_the_step_of_a_route_is_made_once() -> None:
    table = fib(*ROWS)
    first, second = (table.lookup(b"\x0a\x00\x00" + bytes((last,))) for last in (200, 201))
    assert first is not None
    assert second is not None
    assert first.why is second.why


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        pytest.param("10.0.0.1", RouteType.LOCAL, id="its own"),
        pytest.param("10.0.0.255", RouteType.BROADCAST, id="everybody's"),
        pytest.param("10.9.0.1", RouteType.UNICAST, id="the table main is not asked"),
        pytest.param("8.8.8.8", RouteType.UNICAST, id="any other"),
    ],
)
def test_what_an_address_is_to_the_host(address: str, kind: RouteType) -> None:
    assert fib(*ROWS).type_of(IPv4Address(address).packed) is kind


def test_an_address_may_be_asked_of_one_netdev() -> None:
    table = fib(*ROWS)
    assert table.type_of(b"\x0a\x00\x00\x01", netdev="eth0") is RouteType.LOCAL
    assert table.type_of(b"\x0a\x00\x00\x01", netdev="eth1") is RouteType.UNICAST


@pytest.mark.parametrize("row", ROWS)
def test_a_row_reads_as_ip_route_prints_it(row: str) -> None:
    assert str(route(row)) == row


def test_a_table_is_ordered_as_ip_route_orders_it() -> None:
    table = fib(*reversed(ROWS))
    assert [str(row) for row in table.rows()] == [
        *("default via 10.0.0.254 dev eth0", "default via 10.1.0.254 dev eth1 metric 100"),
        *("10.0.0.0/25 dev eth1 scope link", ROWS[2], "10.0.0.7 dev eth2 scope link"),
        "unreachable 10.9.0.0/16",
    ]
    assert [str(row) for row in table.rows(Table.LOCAL)] == [ROWS[6], ROWS[7]]


FIRST, OTHER, WORSE = (
    "default via 10.0.0.254 dev eth0",
    "default via 10.0.0.253 dev eth0",
    "default via 10.0.0.252 dev eth0 metric 9",
)


@pytest.mark.parametrize(
    ("new", "how", "inserted", "rows"),
    [
        pytest.param(FIRST, "add", False, [FIRST, WORSE], id="add refuses the same"),
        pytest.param(OTHER, "add", False, [FIRST, WORSE], id="add refuses another way there"),
        pytest.param(OTHER, "append", True, [FIRST, OTHER, WORSE], id="append puts it behind"),
        pytest.param(FIRST, "append", False, [FIRST, WORSE], id="append refuses the very same"),
        pytest.param(OTHER, "replace", True, [OTHER, WORSE], id="replace takes its place"),
        pytest.param(
            *("default via 10.0.0.1 dev eth0 metric 5", "replace", True),
            [FIRST, "default via 10.0.0.1 dev eth0 metric 5", WORSE],
            id="replace adds if no route has its metric",
        ),
    ],
)
def test_how_a_route_comes_in(new: str, how: str, inserted: bool, rows: list[str]) -> None:
    table = fib(FIRST, WORSE)
    done = table.insert(route(new), append=how == "append", replace=how == "replace")
    assert (done, [str(row) for row in table.rows()]) == (inserted, rows)


def test_only_the_first_that_is_wanted_is_deleted() -> None:
    table = fib(FIRST, WORSE)
    assert table.delete(lambda row: row.destination.prefixlen == 0)
    assert [str(row) for row in table.rows()] == [WORSE]
    assert not table.delete(lambda row: row.netdev == "eth9")


def test_a_purge_takes_all_that_are_wanted_in_both_tables() -> None:
    table = fib(*ROWS)
    table.purge(lambda row: row.netdev == "eth0")
    rest = [str(row) for row in (*table.rows(), *table.rows(Table.LOCAL))]
    assert rest == ["default via 10.1.0.254 dev eth1 metric 100", ROWS[3], ROWS[4], ROWS[5]]
    assert table.insert(route(ROWS[0]))


prefixes = st.builds(
    lambda address, length: IPv4Network((address & -1 << 32 - length & 0xFFFFFFFF, length)),
    st.integers(0, 2**32 - 1),
    st.integers(0, 32),
)


@given(st.lists(prefixes, unique=True), st.integers(0, 2**32 - 1))
def test_the_longest_prefix_that_holds_the_address_wins(
    networks: list[IPv4Network], number: int
) -> None:
    table, address = Fib(), IPv4Address(number)
    for network in networks:
        table.insert(Route(destination=network, netdev="eth0"))
    match = table.lookup(address.packed)
    judge = max((n for n in networks if address in n), key=lambda n: n.prefixlen, default=None)
    assert (match.route.destination if match else None) == judge
