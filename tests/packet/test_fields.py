"""What an expectation can say of a frame, and how it is told that it says it wrong."""

from pathlib import Path

import pytest

from emu.packet.fields import Match, MatchError
from tests.packet.judge import tshark
from tests.packet.specimens import WIRES

MATCHES = [
    pytest.param({}, [*WIRES], id="nothing is wanted"),
    pytest.param({"vlan.id": 100}, ["tagged"], id="a number"),
    pytest.param({"vlan.id": "0x64"}, ["tagged"], id="a number written in hexadecimal"),
    pytest.param(
        {"icmp.type": 11, "ip.ttl": 64, "tcp": True},
        ["time exceeded", "cut quote"],
        id="all of many",
    ),
    pytest.param({"vlan.id": [100, 101]}, ["tagged", "tagged ARP"], id="any of a list"),
    pytest.param(
        {"arp": True, "vlan": False, "arp.opcode": 2},
        ["reply", "gratuitous reply"],
        id="a protocol there, and another not",
    ),
    pytest.param(
        {"arp": True, "arp.isgratuitous": False},
        ["request", "reply", "probe", "RARP", "tagged ARP"],
        id="arp",
    ),
    pytest.param({"ip.dst": "172.16.101.0/24", "vxlan.vni": 100}, ["VXLAN"], id="a network"),
    pytest.param({"ip.dst": "172.16.101.3/24", "gre.key": 103}, ["GRE"], id="a network by a host"),
    pytest.param(
        {"ip.addr": "172.16.101.3", "icmp.type": [3, 5], "icmp.mtu": 1400},
        ["fragmentation needed"],
        id="a packet that an error quotes",
    ),
    pytest.param({"eth.src": "FA:16:3E:00:00:0C", "geneve": True}, ["Geneve"], id="a MAC"),
    pytest.param({"tcp.flags.syn": True, "tcp.flags.ack": 0}, ["time exceeded", "SYN"], id="flags"),
    pytest.param({"vlan.dei": False, "vlan.id": 0}, ["priority"], id="a flag that is off"),
    pytest.param(
        {"frame.len": 42, "arp.dst.proto_ipv4": "172.16.100.0/24"},
        ["request", "reply", "announcement", "gratuitous reply", "probe", "RARP"],
        id="a size",
    ),
]


@pytest.mark.parametrize(("fields", "expected"), MATCHES)
def test_what_matches(fields: dict[str, object], expected: list[str]) -> None:
    match = Match.parse(fields)
    assert [name for name, wire in WIRES.items() if match.matches(wire)] == expected


@pytest.mark.parametrize(("fields", "expected"), MATCHES[1:])
def test_the_display_filter_of_a_match_finds_the_same_frames(
    fields: dict[str, object], expected: list[str], tmp_path: Path
) -> None:
    show = ("-Y", Match.parse(fields).filter, "-T", "fields", "-e", "frame.number")
    numbers = tshark([*WIRES.values()], tmp_path, *show)
    assert [[*WIRES][int(number) - 1] for number in numbers] == expected


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        pytest.param(
            "vlan.vid", 100, 'there is no field "vlan.vid"; did you mean vlan.id?', id="a slip"
        ),
        pytest.param(
            "flavour",
            "sweet",
            'there is no field "flavour"; `emu schema` lists those that there are',
            id="nothing like it",
        ),
        pytest.param(
            "vlan.id", 5000, "vlan.id is a number from 0 to 4095, not 5000", id="out of range"
        ),
        pytest.param("ip.ttl", -1, "ip.ttl is a number from 0 to 255, not -1", id="negative"),
        pytest.param("ip.ttl", 1.5, "ip.ttl is a number from 0 to 255, not 1.5", id="no integer"),
        pytest.param("ip.ttl", True, "ip.ttl is a number from 0 to 255, not True", id="a truth"),
        pytest.param("ip.ttl", "all", "ip.ttl is a number from 0 to 255, not 'all'", id="a word"),
        pytest.param("ip.ttl", [], "ip.ttl is a number from 0 to 255, not []", id="an empty list"),
        pytest.param(
            "ip.ttl", [64, None], "ip.ttl is a number from 0 to 255, not None", id="one of a list"
        ),
        pytest.param(
            "ip.src",
            "172.16.100",
            "ip.src is an IPv4 address or network such as 172.16.100.0/24, not '172.16.100'",
            id="no address",
        ),
        pytest.param(
            "eth.src",
            "fa:16:3e",
            "eth.src is a MAC address such as 'fa:16:3e:00:00:01', not 'fa:16:3e'",
            id="no MAC",
        ),
        pytest.param(
            "eth.src",
            41135036156,
            "eth.src is a MAC address such as 'fa:16:3e:00:00:01', not 41135036156; "
            "put it in quotes, YAML takes it for a number",
            id="a MAC of decimal digits, as YAML reads it",
        ),
        pytest.param(
            "tcp.flags.syn", 2, "tcp.flags.syn is true or false, not 2", id="no truth of a flag"
        ),
        pytest.param(
            "vlan",
            100,
            "vlan is true (there) or false (not there), not 100; "
            "its fields are vlan.id, vlan.priority, vlan.dei, vlan.etype",
            id="a protocol has no value",
        ),
        pytest.param(
            "arp.isprobe",
            [False],
            "arp.isprobe is true (there) or false (not there), not False",
            id="nor a list of them",
        ),
    ],
)
def test_what_is_said_wrong_is_told(field: str, value: object, words: str) -> None:
    with pytest.raises(MatchError) as caught:
        Match.parse({"icmp": True, field: value})
    assert str(caught.value) == words
    assert caught.value.mistakes[0].field == field


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(MatchError) as caught:
        Match.parse({"vlan.id": "many", "eth.src": 1, "arp": True})
    assert [mistake.field for mistake in caught.value.mistakes] == ["vlan.id", "eth.src"]


def test_a_match_reads_as_a_display_filter() -> None:
    match = Match.parse(
        {"arp": False, "ip.src": "10.0.0.0/8", "icmp.type": [0, 8], "ip.flags.df": True}
    )
    assert match.filter == (
        "!arp && ip.src == 10.0.0.0/8 && icmp.type in {0, 8} && ip.flags.df == 1"
    )
