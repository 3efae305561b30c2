"""What `ip link` understands, and how it refuses: read from top to bottom."""

import pytest

from emu.core.time import milliseconds, seconds
from emu.host import parse_command
from emu.host.commands import (
    AddLink,
    BridgeKind,
    BridgeSettings,
    Command,
    DeleteLink,
    DummyKind,
    LinkSettings,
    PortSettings,
    SetLink,
    VethKind,
    VlanKind,
)
from emu.packet.frame import MacAddress
from tests.host.mistakes import check

MAC = MacAddress(bytes.fromhex("020000000001"))
ALL = LinkSettings(up=True, mtu=1400, mac=MAC, master="br0")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(
            "ip link add link eth1 name eth1.100 type vlan id 100",
            AddLink(name="eth1.100", kind=VlanKind(parent="eth1", vid=100)),
            id="a VLAN on a NIC",
        ),
        pytest.param(
            "ip l a l eth1 eth1.100 t vlan i 0x64",
            AddLink(name="eth1.100", kind=VlanKind(parent="eth1", vid=100)),
            id="the same, as lazily as iproute2 lets one",
        ),
        pytest.param(
            "ip link add link eth1 dev eth1.100 type vlan proto 802.1Q id 100 reorder_hdr on",
            AddLink(name="eth1.100", kind=VlanKind(parent="eth1", vid=100)),
            id="options of a VLAN at the only value that emu has",
        ),
        pytest.param(
            "ip link add brq5f1a2b3c-4d type bridge",
            AddLink(name="brq5f1a2b3c-4d", kind=BridgeKind()),
            id="a bridge",
        ),
        pytest.param(
            "ip link add name br0 up mtu 1400 address 2:0:0:0:0:1 master br0 type bridge"
            " ageing_time 0 forward_delay 0 stp_state 0",
            AddLink(
                name="br0",
                settings=ALL,
                kind=BridgeKind(settings=BridgeSettings(ageing=seconds(0))),
            ),
            id="a bridge with all settings",
        ),
        pytest.param(
            "ip link add v0 type veth peer name v1",
            AddLink(name="v0", kind=VethKind(peer="v1")),
            id="a veth pair",
        ),
        pytest.param(
            "ip link add v0 mtu 1400 type veth peer v1 address 02:00:00:00:00:01 down",
            AddLink(
                name="v0",
                settings=LinkSettings(mtu=1400),
                kind=VethKind(peer="v1", settings=LinkSettings(mac=MAC, up=False)),
            ),
            id="a veth pair whose ends differ",
        ),
        pytest.param(
            "ip link add d0 type dummy", AddLink(name="d0", kind=DummyKind()), id="a dummy"
        ),
        pytest.param("ip link del br0", DeleteLink(name="br0"), id="deletion"),
        pytest.param(
            "ip -4 link delete dev br0 type bridge",
            DeleteLink(name="br0", kind="bridge"),
            id="deletion of one of a kind",
        ),
        pytest.param("ip link set br0", SetLink(name="br0"), id="nothing is set"),
        pytest.param(
            "ip link set dev eth1 up mtu 1400 address 02:00:00:00:00:01 master br0",
            SetLink(name="eth1", settings=ALL),
            id="everything is set",
        ),
        pytest.param(
            "ip link set eth1 down nomaster promisc on arp on",
            SetLink(name="eth1", settings=LinkSettings(up=False, nomaster=True)),
            id="the opposite, and what changes nothing here",
        ),
        pytest.param(
            "ip link set br0 type bridge forward_delay 0",
            SetLink(name="br0", bridge=BridgeSettings()),
            id="without STP nothing waits for the forward delay",
        ),
        pytest.param(
            "ip link set br0 up type bridge age 150 mcast_snooping 0 fdb_flush",
            SetLink(
                name="br0",
                settings=LinkSettings(up=True),
                bridge=BridgeSettings(ageing=milliseconds(1500), flush=True),
            ),
            id="the ageing time is in hundredths of a second",
        ),
        pytest.param(
            "ip link set tap1 type bridge_slave isolated on learning off hairpin on flood on",
            SetLink(name="tap1", port=PortSettings(isolated=True, learning=False, hairpin=True)),
            id="flags of a port",
        ),
    ],
)
def test_what_a_line_means(line: str, expected: Command) -> None:
    assert parse_command(line) == expected


@pytest.mark.parametrize(
    ("line", "what", "fix"),
    [
        pytest.param(
            "ip link set eth0 !mtuu 1400",
            'Error: either "dev" is duplicate, or "mtuu" is a garbage.',
            'did you mean "mtu"?',
            id="a second name, or a misspelt word",
        ),
        pytest.param(
            "ip link set eth0 mtu!",
            'Command line is not complete. Try option "help"',
            "",
            id="a value is missing",
        ),
        pytest.param(
            "ip link set eth0 mtu !x",
            'Error: argument "x" is wrong: Invalid "mtu" value',
            "a number from 0 to 4294967295",
            id="no number",
        ),
        pytest.param(
            "ip link set mtu 1400!",
            'Not enough information: "dev" argument is required.',
            "",
            id="no name",
        ),
        pytest.param(
            "ip link set eth0 mtu 1400 !mtu 1500",
            'Error: duplicate "mtu": "mtu" is the second value.',
            "",
            id="twice the same",
        ),
        pytest.param(
            "ip link set eth0 up !down",
            'Error: duplicate "up": "down" is the second value.',
            "",
            id="up and down",
        ),
        pytest.param(
            "ip link set eth0 nomaster !master br0",
            'Error: duplicate "nomaster": "master" is the second value.',
            "",
            id="with and without a master",
        ),
        pytest.param(
            "ip link set eth0 address !02:00:00:00:01",
            "Invalid address length 5 - must be 6 bytes",
            "",
            id="a short MAC address",
        ),
        pytest.param(
            "ip link set eth0 address !02:00:00:00:00:0g",
            '"02:00:00:00:00:0g" is invalid lladdr.',
            "",
            id="no MAC address",
        ),
        pytest.param(
            "ip link set eth0 !netns vm1",
            'emu does not model "netns"',
            "",
            id="what the real tool has and emu has not",
        ),
        pytest.param(
            "ip link set eth0 promisc !yes",
            'Error: argument of "promisc" must be one of "off", "on", not "yes"',
            "",
            id="neither on nor off",
        ),
        pytest.param(
            "ip link set br0 type bridge stp_state !1",
            'emu does not model "stp_state 1"',
            "only stp_state 0",
            id="a value that emu has not",
        ),
        pytest.param(
            "ip link set br0 type bridge !aging_time 1",
            'bridge: unknown command "aging_time"?',
            'did you mean "ageing_time"?',
            id="an unknown option of a bridge",
        ),
        pytest.param(
            "ip link set eth1.100 !type vlan id 7",
            "emu does not model changes of a vlan",
            "",
            id="a VLAN stays what it is",
        ),
        pytest.param(
            "ip link add foo!",
            'Not enough information: "type" argument is required',
            "",
            id="no kind",
        ),
        pytest.param(
            "ip link add foo type !vxlan id 3",
            "Error: Unknown device type.",
            "emu has bridge, vlan, veth, dummy",
            id="a kind that emu has not",
        ),
        pytest.param(
            "ip link add !abcdefghijklmnop type bridge",
            'Error: argument "abcdefghijklmnop" is wrong: "name" not a valid ifname',
            "1 to 15 characters, without / : and spaces",
            id="a name that is too long",
        ),
        pytest.param(
            "ip link add link eth1 name eth1.4095 type vlan !id 4095",
            "Error: 8021q: Invalid VLAN id.",
            "1 to 4094",
            id="a VLAN that is none",
        ),
        pytest.param(
            "ip link add link eth1 name eth1.0 type vlan id !70000",
            'Error: argument "70000" is wrong: id is invalid',
            "a number from 0 to 65535",
            id="a VLAN beyond 16 bits",
        ),
        pytest.param(
            "ip link add eth1.5 type vlan id 5!",
            "Error: 8021q: link not specified.",
            "",
            id="a VLAN on nothing",
        ),
        pytest.param(
            "ip link add link eth1 eth1.5 type vlan!",
            "Error: 8021q: VLAN id not specified.",
            "",
            id="no VLAN",
        ),
        pytest.param(
            "ip link add !link eth1 br0 type bridge",
            'emu does not model "link" of a bridge',
            "",
            id="a bridge lies on nothing",
        ),
        pytest.param(
            "ip link add v0 type veth!",
            "the peer needs a name: peer name NAME",
            "",
            id="a veth pair has two ends",
        ),
        pytest.param(
            "ip link add v0 type veth peer v1 !master br0",
            'Error: either "dev" is duplicate, or "master" is a garbage.',
            "",
            id="the peer gets no master at once",
        ),
        pytest.param(
            "ip link add d0 type dummy !id 3",
            'Garbage instead of arguments "id ...".',
            "",
            id="a dummy has no options",
        ),
        pytest.param(
            "ip link !sett br0 up",
            'Command "sett" is unknown, try "ip link help".',
            'did you mean "set"?',
            id="an unknown verb",
        ),
        pytest.param(
            "ip link !show br0",
            "this only shows; a host runs commands that change something",
            "",
            id="a verb that changes nothing",
        ),
        pytest.param(
            "ip link!",
            "this only shows; a host runs commands that change something",
            "",
            id="no verb",
        ),
        pytest.param(
            "ip !lnik set br0 up",
            'Object "lnik" is unknown, try "ip help".',
            'did you mean "link"?',
            id="an unknown object",
        ),
        pytest.param(
            "ip !-6 link set br0 up",
            'Option "-6" is unknown, try "ip -help".',
            "only -4",
            id="an option of ip",
        ),
        pytest.param(
            "ip !netns exec vm1 ip link",
            'emu does not model "ip netns"',
            "a namespace is a device: run the command there",
            id="another namespace",
        ),
    ],
)
def test_what_is_wrong_with_a_line(line: str, what: str, fix: str) -> None:
    check(line, what, fix)
