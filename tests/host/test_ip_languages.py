"""What `ip addr`, `ip route` and `ip neigh` understand, and how they refuse."""

from ipaddress import IPv4Address, IPv4Interface, IPv4Network

import pytest

from emu.devices.namespace.changes import (
    AddAddress,
    AddRoute,
    DeleteAddress,
    DeleteNeighbour,
    DeleteRoute,
    FlushNeighbours,
    RouteType,
    SetNeighbour,
)
from emu.host import Command, parse_command
from emu.host.commands import ChangeNeighbour, FlushAddresses, ReplaceAddress
from emu.packet.frame import MacAddress
from tests.host.mistakes import check

MAC = MacAddress(bytes.fromhex("020000000001"))
LOCAL = IPv4Interface("10.0.0.1/24")
HOST = IPv4Address("10.0.0.2")
EVERYWHERE = IPv4Network("0.0.0.0/0")
TEN_ONE = IPv4Network("10.1.0.0/16")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(
            "ip addr add 10.0.0.1/24 dev eth0",
            AddAddress(name="eth0", interface=LOCAL),
            id="an address with its prefix length",
        ),
        pytest.param(
            "ip a a dev eth0 local 10.0.0.1/255.255.255.0 brd + scope global label eth0:1",
            AddAddress(name="eth0", interface=LOCAL),
            id="the same in other words, and what changes nothing",
        ),
        pytest.param(
            "ip address add 10.0.0.1/24 broadcast 10.0.0.255 dev eth0 valid_lft forever",
            AddAddress(name="eth0", interface=LOCAL),
            id="the broadcast address that the subnet has anyway",
        ),
        pytest.param(
            "ip addr add 10.0.0.1 dev eth0",
            AddAddress(name="eth0", interface=IPv4Interface("10.0.0.1/32")),
            id="without a length it is alone",
        ),
        pytest.param(
            "ip addr add 10.1/16 dev eth0",
            AddAddress(name="eth0", interface=IPv4Interface("10.1.0.0/16")),
            id="octets left out are zero",
        ),
        pytest.param(
            "ip addr del 10.0.0.1/24 dev eth0",
            DeleteAddress(name="eth0", interface=LOCAL),
            id="an address goes",
        ),
        pytest.param(
            "ip addr replace 10.0.0.1/24 dev eth0",
            ReplaceAddress(name="eth0", interface=LOCAL),
            id="an address that may be there",
        ),
        pytest.param(
            "ip addr change 10.0.0.1/24 dev eth0",
            ReplaceAddress(name="eth0", interface=LOCAL),
            id="change adds too: inet_rtm_newaddr()",
        ),
        pytest.param(
            "ip -4 addr flush dev eth0", FlushAddresses(name="eth0"), id="all addresses go"
        ),
        pytest.param(
            "ip addr flush eth0 scope global", FlushAddresses(name="eth0"), id="dev left out"
        ),
    ],
)
def test_what_ip_addr_means(line: str, expected: Command) -> None:
    assert parse_command(line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(
            "ip route add default via 10.0.0.2",
            AddRoute(destination=EVERYWHERE, via=HOST),
            id="the default route",
        ),
        pytest.param(
            "ip r a 0.0.0.0/0 via inet 10.0.0.2 proto static scope global table main",
            AddRoute(destination=EVERYWHERE, via=HOST),
            id="the same in other words, and what changes nothing",
        ),
        pytest.param(
            "ip route add to 10.1/16 via 10.0.0.2 dev eth0 metric 10 src 10.0.0.1",
            AddRoute(
                destination=TEN_ONE,
                via=HOST,
                name="eth0",
                metric=10,
                source=IPv4Address("10.0.0.1"),
            ),
            id="a route with everything",
        ),
        pytest.param(
            "ip route add 10.1.2.3 oif eth0 scope link prio 7",
            AddRoute(destination=IPv4Network("10.1.2.3/32"), name="eth0", metric=7),
            id="a host on the link",
        ),
        pytest.param(
            "ip route add blackhole 10.1.0.0/16",
            AddRoute(destination=TEN_ONE, type=RouteType.BLACKHOLE),
            id="a route that swallows",
        ),
        pytest.param(
            "ip route add unreachable default metric 4278198272",
            AddRoute(destination=EVERYWHERE, type=RouteType.UNREACHABLE, metric=4278198272),
            id="a route that answers",
        ),
        pytest.param(
            "ip route add prohibit 10.1.0.0/16",
            AddRoute(destination=TEN_ONE, type=RouteType.PROHIBIT),
            id="a route that forbids",
        ),
        pytest.param(
            "ip route replace default via 10.0.0.2",
            AddRoute(destination=EVERYWHERE, via=HOST, replace=True),
            id="a route that may be there",
        ),
        pytest.param(
            "ip route del default", DeleteRoute(destination=EVERYWHERE), id="whichever comes first"
        ),
        pytest.param(
            "ip route del 10.1.0.0/16 via 10.0.0.2 dev eth0 metric 0",
            DeleteRoute(destination=TEN_ONE, via=HOST, name="eth0", metric=0),
            id="exactly this one",
        ),
    ],
)
def test_what_ip_route_means(line: str, expected: Command) -> None:
    assert parse_command(line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(
            "ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:01 dev eth0",
            SetNeighbour(name="eth0", address=HOST, mac=MAC),
            id="a row is permanent unless told otherwise",
        ),
        pytest.param(
            "ip n replace to 10.0.0.2 ll 2:0:0:0:0:1 nud reachable dev eth0",
            SetNeighbour(name="eth0", address=HOST, mac=MAC, permanent=False, replace=True),
            id="a row that may be there",
        ),
        pytest.param(
            "ip neighbour change 10.0.0.2 lladdr 02:00:00:00:00:01 dev eth0 nud permanent",
            ChangeNeighbour(row=SetNeighbour(name="eth0", address=HOST, mac=MAC, replace=True)),
            id="a row that is there",
        ),
        pytest.param(
            "ip neigh del 10.0.0.2 dev eth0",
            DeleteNeighbour(name="eth0", address=HOST),
            id="a row goes",
        ),
        pytest.param(
            "ip neigh del 10.0.0.2 lladdr 02:00:00:00:00:01 dev eth0",
            DeleteNeighbour(name="eth0", address=HOST),
            id="whatever its MAC address: neigh_delete()",
        ),
        pytest.param(
            "ip neigh flush dev eth0", FlushNeighbours(name="eth0"), id="the rows of an interface"
        ),
        pytest.param("ip neigh flush all", FlushNeighbours(), id="all rows"),
    ],
)
def test_what_ip_neigh_means(line: str, expected: Command) -> None:
    assert parse_command(line) == expected


@pytest.mark.parametrize(
    ("line", "what", "fix"),
    [
        pytest.param(
            "ip addr add 10.0.0.1/24 !foo dev eth0",
            'Error: either "local" is duplicate, or "foo" is a garbage.',
            "",
            id="a second address",
        ),
        pytest.param(
            "ip addr add !10.0.0.300/24 dev eth0",
            'Error: any valid prefix is expected rather than "10.0.0.300/24".',
            "",
            id="an octet beyond 255",
        ),
        pytest.param(
            "ip addr add !10.0.0.3/33 dev eth0",
            'Error: any valid prefix is expected rather than "10.0.0.3/33".',
            "",
            id="a prefix beyond 32",
        ),
        pytest.param(
            "ip addr add !10.0.0.3/255.0.255.0 dev eth0",
            'Error: any valid prefix is expected rather than "10.0.0.3/255.0.255.0".',
            "",
            id="a mask with a hole",
        ),
        pytest.param(
            "ip addr add !fd00::1/64 dev eth0",
            'Error: any valid prefix is expected rather than "fd00::1/64".',
            "emu has no IPv6",
            id="IPv6",
        ),
        pytest.param(
            "ip addr add 10.0.0.1/24!",
            'Not enough information: "dev" argument is required.',
            "",
            id="no interface",
        ),
        pytest.param(
            "ip addr add dev eth0!",
            "RTNETLINK answers: Operation not supported",
            "",
            id="no address",
        ),
        pytest.param(
            "ip addr add 10.0.0.1/24 !brd 10.0.0.254 dev eth0",
            'emu does not model "broadcast 10.0.0.254"',
            "only that of the subnet, 10.0.0.255",
            id="another broadcast address",
        ),
        pytest.param(
            "ip addr add 10.0.0.1/24 scope !link dev eth0",
            'emu does not model "scope link"',
            "only scope global",
            id="another scope",
        ),
        pytest.param(
            "ip addr add 10.0.0.1 !peer 10.0.0.2 dev eth0",
            'emu does not model "peer"',
            "",
            id="a point-to-point link",
        ),
        pytest.param("ip addr flush!", "Flush requires arguments.", "", id="nothing to flush"),
        pytest.param(
            "ip route add !10.1.0.1/16 via 10.0.0.2",
            "Error: Invalid prefix for given prefix length.",
            "did you mean 10.1.0.0/16?",
            id="bits beyond the prefix",
        ),
        pytest.param(
            "ip route add !bleckhole 10.1.0.0/16",
            'Error: any valid prefix is expected rather than "bleckhole".',
            'did you mean "blackhole"?',
            id="a misspelt type",
        ),
        pytest.param(
            "ip route add !throw 10.1.0.0/16",
            'emu does not model "throw" routes',
            "",
            id="a type that emu has not",
        ),
        pytest.param(
            "ip route add blackhole 10.1.0.0/16 !dev eth0",
            "Error: Gateway, device and multipath can not be specified for this route type.",
            "",
            id="a route that swallows leads nowhere",
        ),
        pytest.param(
            "ip route add default via !foo",
            'Error: inet address is expected rather than "foo".',
            "",
            id="no gateway",
        ),
        pytest.param(
            "ip route add default via !fe80::1",
            'Error: inet address is expected rather than "fe80::1".',
            "emu has no IPv6",
            id="an IPv6 gateway",
        ),
        pytest.param(
            "ip route add default via 10.0.0.2 !foo",
            'Error: either "to" is duplicate, or "foo" is a garbage.',
            "",
            id="a second destination",
        ),
        pytest.param(
            "ip route add default via 10.0.0.2 !scope link",
            "Error: Nexthop has invalid gateway.",
            "",
            id="a gateway is beyond the link",
        ),
        pytest.param(
            "ip route add default via 10.0.0.2 !mtu 1400",
            'emu does not model "mtu"',
            "",
            id="an option that emu has not",
        ),
        pytest.param(
            "ip route add via 10.0.0.2!", "a destination is required", "", id="no destination"
        ),
        pytest.param(
            "ip route del !blackhole 10.1.0.0/16",
            'emu does not ask for "blackhole" of a route to delete',
            "",
            id="any type is deleted",
        ),
        pytest.param(
            "ip route !get 10.0.0.2",
            "this only shows; a host runs commands that change something",
            "",
            id="a question",
        ),
        pytest.param(
            "ip neigh add 10.0.0.2 dev eth0!",
            "Error: No link layer address given.",
            "",
            id="no MAC address",
        ),
        pytest.param(
            "ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:01!",
            "Device and destination are required arguments.",
            "",
            id="a row of no interface",
        ),
        pytest.param(
            "ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:01 nud !foo dev eth0",
            'Error: argument "foo" is wrong: nud state is bad',
            "",
            id="an unknown state",
        ),
        pytest.param(
            "ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:01 nud !stale dev eth0",
            'emu does not model "nud stale"',
            "only permanent or reachable",
            id="a state that emu does not set",
        ),
        pytest.param("ip neigh flush!", "Flush requires arguments.", "", id="nothing to forget"),
        pytest.param(
            "ip neigh flush !10.0.0.2",
            'emu does not model "10.0.0.2" here',
            "",
            id="rows are flushed by interface",
        ),
        pytest.param(
            "ip neigh flush all !dev eth0",
            'Error: duplicate "all": "dev" is the second value.',
            "",
            id="all is all",
        ),
    ],
)
def test_what_is_wrong_with_a_line(line: str, what: str, fix: str) -> None:
    check(line, what, fix)
