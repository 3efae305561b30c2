"""The words of iproute2 6.1 and Linux 6.18 for what cannot be done."""

from ipaddress import IPv4Address

import pytest

from emu.core.errors import Refused
from emu.devices.namespace import Namespace
from emu.devices.namespace.changes import (
    Start,
    Stop,
)
from emu.inet.applications import Ping
from emu.inet.fib import Table
from tests.devices.commands import command, machine
from tests.devices.hosts import T0, outcome


def look(device: Namespace) -> list[str]:
    """Return all that people could see of it."""
    tables = (device.netdevs(), device.addresses(), device.routes(), device.routes(Table.LOCAL))
    return [str(row) for rows in (*tables, device.neighbours()) for row in rows]


GATEWAY = "Error: Nexthop has invalid gateway."
RANGE = "RTNETLINK answers: Numerical result out of range"
NO_ADDRESS = "RTNETLINK answers: Cannot assign requested address"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("link set nope state up", 'Cannot find device "nope"'),
        ("link del nope", 'Cannot find device "nope"'),
        ("link del lo", "RTNETLINK answers: Operation not supported"),
        ("link master nope to br", 'Cannot find device "nope"'),
        ("link master lo to br", "RTNETLINK answers: Invalid argument"),
        ("link add eth0", "RTNETLINK answers: File exists"),
        ("link add eth0123456789abc", 'Error: argument "eth0123456789abc" is wrong: "name" not a'),
        ("link add eth/0", 'Error: argument "eth/0" is wrong: "name" not a valid ifname'),
        ("link add a:b", 'Error: argument "a:b" is wrong: "name" not a valid ifname'),
        ("link add ..", 'Error: argument ".." is wrong: "name" not a valid ifname'),
        ("link add ''", 'Error: argument "" is wrong: "name" not a valid ifname'),
        ("link add eth1 address 01:00:00:00:00:01", NO_ADDRESS),
        ("link vlan eth0.5 link nope id 5", 'Cannot find device "nope"'),
        ("link vlan eth0 link eth0 id 5", "RTNETLINK answers: File exists"),
        ("link vlan eth0.9 link eth0 id 4095", "Error: 8021q: Invalid VLAN id."),
        ("link vlan eth0.9 link eth0 id -1", "Error: 8021q: Invalid VLAN id."),
        ("link vlan other link eth0 id 100", "Error: 8021q: VLAN device already exists."),
        ("link set eth0 mtu 67", "Error: mtu less than device minimum."),
        ("link set eth0 mtu 65536", "Error: mtu greater than device maximum."),
        ("link set eth0.100 mtu 1501", RANGE),
        ("link set eth0 address 01:00:00:00:00:01", NO_ADDRESS),
        ("link set eth0 address 00:00:00:00:00:00", NO_ADDRESS),
        ("link set down0.5 state up", "RTNETLINK answers: Network is down"),
        ("addr add 10.0.0.1/24 dev eth0", "Error: ipv4: Address already assigned."),
        ("addr add 10.0.0.3/24 dev nope", 'Cannot find device "nope"'),
        ("addr del 10.0.0.9/24 dev eth0", "Error: ipv4: Address not found."),
        ("addr del 10.0.0.1/16 dev eth0", "Error: ipv4: Address not found."),
        ("addr del 10.0.0.1/24 dev nope", 'Cannot find device "nope"'),
        ("route add 10.0.0.0/24 dev eth0", "RTNETLINK answers: File exists"),
        ("route add 20.0.0.0/24 via 99.0.0.1", GATEWAY),
        ("route add 20.0.0.0/24 via 10.0.0.255", GATEWAY),
        ("route add 20.0.0.0/24 via 20.0.0.1", GATEWAY),
        ("route add 20.0.0.0/24 via 10.0.0.2 dev down0", GATEWAY),
        ("route add 20.0.0.0/24 via 50.0.0.1", GATEWAY),  # behind a router itself
        ("route add 20.0.0.0/24 dev nope", 'Cannot find device "nope"'),
        ("route add 20.0.0.0/24 dev down0", "Error: Device for nexthop is not up."),
        ("route add 20.0.0.0/24 via 10.0.0.2 src 9.9.9.9", "Error: Invalid prefsrc address."),
        ("route add 20.0.0.0/24", "RTNETLINK answers: No such device"),
        ("route add default via 10.0.0.9", "RTNETLINK answers: File exists"),
        ("route add blackhole 0.0.0.0/0", "RTNETLINK answers: File exists"),
        ("route del 35.0.0.0/24", "RTNETLINK answers: No such process"),
        ("route del default via 10.0.0.77", "RTNETLINK answers: No such process"),
        ("route del default dev down0", "RTNETLINK answers: No such process"),
        ("route del default metric 7", "RTNETLINK answers: No such process"),
        ("route del default dev nope", 'Cannot find device "nope"'),
        ("route del 127.0.0.0/8", "RTNETLINK answers: No such process"),  # not in main
        ("neigh add 10.0.0.2 lladdr 02:00:00:00:00:0c dev eth0", "RTNETLINK answers: File exists"),
        ("neigh add 10.0.0.3 lladdr 02:00:00:00:00:0c dev nope", 'Cannot find device "nope"'),
        ("neigh del 10.0.0.9 dev eth0", "RTNETLINK answers: No such file or directory"),
        ("neigh flush nope", 'Cannot find device "nope"'),
        (
            "sysctl net.ipv4.conf.all.foo 1",
            "sysctl: cannot stat /proc/sys/net/ipv4/conf/all/foo: No such file or directory",
        ),
        (
            "sysctl net.ipv4.conf.nope.arp_ignore 1",
            "sysctl: cannot stat /proc/sys/net/ipv4/conf/nope/arp_ignore: No such file or",
        ),
        (
            "sysctl net.ipv4.neigh.all.locktime 1",
            "sysctl: cannot stat /proc/sys/net/ipv4/neigh/all/locktime: No such file or directory",
        ),
        (
            "sysctl kernel.arp_ignore 1",
            "sysctl: cannot stat /proc/sys/kernel/arp_ignore: No such file or directory",
        ),
        (
            "sysctl net.ipv4.ip_forward yes",
            'sysctl: setting key "net.ipv4.ip_forward": Invalid argument',
        ),
        *[
            (
                f"sysctl net.ipv4.{key} '{value}'",
                f'sysctl: setting key "net.ipv4.{key}": Invalid argument',
            )
            for key, value in (
                *(("ip_default_ttl", "0"), ("ip_default_ttl", "256"), ("ip_default_ttl", "-1")),
                *(("ip_default_ttl", "+7"), ("ip_default_ttl", "1_0"), ("ip_default_ttl", "08")),
                *(("icmp_echo_ignore_all", "2"), ("icmp_echo_ignore_broadcasts", "2")),
                *(("icmp_ratelimit", "-1"), ("icmp_ratelimit", "2147483648")),
                *(("icmp_ratemask", "4294967295"), ("ip_forward", "2147483648")),
                *(("conf.eth0.rp_filter", "-2147483649"), ("neigh.eth0.mcast_solicit", "-1")),
                *(("neigh.eth0.unres_qlen_bytes", "-1"), ("neigh.eth0.retrans_time_ms", "-1")),
                *(("neigh.eth0.gc_stale_time", "8589935"), ("neigh.eth0.locktime", "-1")),
            )
        ],
    ],
)
def test_what_is_refused_changes_nothing(text: str, words: str) -> None:
    device = machine(
        "link vlan eth0.100 link eth0 id 100",
        "link add down0",
        "link vlan down0.5 link down0 id 5",
        "link set down0 state down",
        "route add default via 10.0.0.254",
        "route add 50.0.0.0/24 via 10.0.0.253",
        "neigh add 10.0.0.2 lladdr 02:00:00:00:00:0b dev eth0",
    )
    before = look(device)
    with pytest.raises(Refused) as refused:
        device.configure(T0, command(text))
    assert str(refused.value).startswith(words)
    assert look(device) == before


def test_a_program_runs_once_and_is_stopped_once() -> None:
    device = machine()
    ping = Ping(destination=IPv4Address("10.0.0.9"))
    device.configure(T0, Start(id="p", application=ping))
    with pytest.raises(Refused, match='"p" runs already'):
        device.configure(T0, Start(id="p", application=ping))
    assert outcome(device.configure(T0, Stop(id="p")))[-1] == "exit 1"
    with pytest.raises(Refused, match='"p" does not run'):
        device.configure(T0, Stop(id="p"))
    device.configure(T0, Start(id="p", application=ping))
