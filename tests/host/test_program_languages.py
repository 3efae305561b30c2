"""What `ping`, `arping` and `sysctl` understand, and how they refuse."""

from ipaddress import IPv4Address

import pytest

from emu.core.time import milliseconds, seconds
from emu.devices.namespace.changes import SetSysctl
from emu.host import Command, parse_command
from emu.inet.applications import Arping, Ping
from tests.host.mistakes import check

HOST = IPv4Address("172.16.100.4")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(
            "ping -n -c 3 172.16.100.4", Ping(destination=HOST, count=3), id="what people type"
        ),
        pytest.param(
            "ping -nqc1 172.16.100.4 -W.5",
            Ping(destination=HOST, count=1, linger=milliseconds(500)),
            id="letters in one word, and options after the address",
        ),
        pytest.param(
            "ping -4 -b -c 2 -i 0.2 -s 1472 -t 64 -M do -W 1 -I eth0 -e 1000 172.16.100.4",
            Ping(
                destination=HOST,
                count=2,
                interval=milliseconds(200),
                size=1472,
                ttl=64,
                pmtudisc="do",
                broadcast=True,
                linger=seconds(1),
                netdev="eth0",
                identifier=1000,
            ),
            id="every option",
        ),
        pytest.param(
            "ping -c 1 -I 172.16.100.3 172.16.100.4",
            Ping(destination=HOST, count=1, source=IPv4Address("172.16.100.3")),
            id="from an address",
        ),
        pytest.param(
            "arping -c 2 -w 3 -I eth0 -s 172.16.100.3 172.16.100.4",
            Arping(
                netdev="eth0",
                destination=HOST,
                count=2,
                deadline=seconds(3),
                source=IPv4Address("172.16.100.3"),
            ),
            id="a question",
        ),
        pytest.param(
            "arping -U -c 1 -I qg-1 172.16.100.4",
            Arping(netdev="qg-1", destination=HOST, count=1, unsolicited=True),
            id="a gratuitous request",
        ),
        pytest.param(
            "arping -Aqc1 -I qg-1 172.16.100.4",
            Arping(netdev="qg-1", destination=HOST, count=1, answer=True),
            id="a gratuitous reply",
        ),
        pytest.param(
            "sysctl -w net.ipv4.ip_forward=1",
            SetSysctl(key="net.ipv4.ip_forward", value="1"),
            id="a setting",
        ),
        pytest.param(
            "sysctl -q net/ipv4/conf/eth1.100/rp_filter=0",
            SetSysctl(key="net.ipv4.conf.eth1/100.rp_filter", value="0"),
            id="with slashes a dot is a dot",
        ),
        pytest.param(
            "sysctl -w net.ipv4.conf.eth1/100.rp_filter=0",
            SetSysctl(key="net.ipv4.conf.eth1/100.rp_filter", value="0"),
            id="with dots a slash is a dot",
        ),
        pytest.param(
            'sysctl "net.ipv4.ping_group_range=0 7"',
            SetSysctl(key="net.ipv4.ping_group_range", value="0 7"),
            id="a value of two words",
        ),
    ],
)
def test_what_a_line_means(line: str, expected: Command) -> None:
    assert parse_command(line) == expected


@pytest.mark.parametrize(
    ("line", "what", "fix"),
    [
        pytest.param("ping 172.16.100.4!", "without -c COUNT a ping never ends", "", id="for ever"),
        pytest.param(
            "ping -c 3!", "ping: usage error: Destination address required", "", id="to nobody"
        ),
        pytest.param(
            "ping -c 3 172.16.100.4 !172.16.100.5",
            'ping: not also "172.16.100.5"',
            "",
            id="to two",
        ),
        pytest.param(
            "ping -c 3 !vm2", "ping: vm2: Name or service not known", "an address", id="to a name"
        ),
        pytest.param("ping !-x vm2", "ping: invalid option -- 'x'", "", id="an unknown option"),
        pytest.param(
            "ping -c!", "ping: option requires an argument -- 'c'", "", id="a value is missing"
        ),
        pytest.param(
            "ping -c !x vm2",
            "ping: invalid argument: 'x'",
            "a number from 1 to 9223372036854775807",
            id="no number",
        ),
        pytest.param(
            "ping -c!0 vm2",
            "ping: invalid argument: '0': out of range: 1 <= value <= 9223372036854775807",
            "",
            id="never",
        ),
        pytest.param(
            "ping -t !256 vm2",
            "ping: invalid argument: '256': out of range: 1 <= value <= 255",
            "",
            id="a TTL beyond 8 bits",
        ),
        pytest.param(
            "ping -s !65508 vm2",
            "ping: invalid argument: '65508': out of range: 0 <= value <= 65507",
            "",
            id="more than fits into a packet",
        ),
        pytest.param(
            "ping -i !0 vm2", "ping: bad timing interval: 0", "seconds, above 0", id="a flood"
        ),
        pytest.param(
            "ping -M !maybe vm2",
            "ping: invalid -M argument: maybe",
            "do, want or dont",
            id="an unknown path MTU strategy",
        ),
        pytest.param(
            "arping -c 1 172.16.100.4!", "arping: which interface? -I NETDEV", "", id="from where?"
        ),
        pytest.param(
            "arping -I eth0 172.16.100.4!",
            "without -c COUNT an arping never ends",
            "",
            id="asked for ever",
        ),
        pytest.param("arping !-D", "arping: invalid option -- 'D'", "", id="what emu has not"),
        pytest.param("sysctl!", "sysctl: no variables specified", "", id="no setting"),
        pytest.param(
            "sysctl !-p",
            'emu does not model "sysctl -p"',
            "only -w and -q",
            id="settings from a file",
        ),
        pytest.param(
            "sysctl !net.ipv4.ip_forward",
            '"net.ipv4.ip_forward" is no setting',
            "KEY=VALUE, without spaces around the sign",
            id="a question, or a space",
        ),
        pytest.param("sysctl a=1 !b=2", "one setting a command, please", "", id="two settings"),
    ],
)
def test_what_is_wrong_with_a_line(line: str, what: str, fix: str) -> None:
    check(line, what, fix)
