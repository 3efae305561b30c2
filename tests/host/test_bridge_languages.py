"""What `bridge` and `brctl` understand, and how they refuse."""

import pytest

from emu.core.time import milliseconds, seconds
from emu.devices.bridge import FdbState
from emu.host import Command, parse_command
from emu.host.commands import (
    AddFdb,
    BrctlAddBridge,
    BrctlAddInterface,
    BrctlDeleteBridge,
    BrctlDeleteInterface,
    BrctlSet,
    BridgeSettings,
    DeleteFdb,
    PortSettings,
    SetBridgePort,
)
from emu.packet.frame import MacAddress
from tests.host.mistakes import check

MAC = MacAddress(bytes.fromhex("fa163e000012"))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(
            "bridge fdb add fa:16:3e:00:00:12 dev tap1 master static",
            AddFdb(mac=MAC, name="tap1", state=FdbState.STATIC, exclusive=True),
            id="a static row that is new",
        ),
        pytest.param(
            "bridge f app to fa:16:3e:0:0:12 dev tap1 mas temp",
            AddFdb(mac=MAC, name="tap1", state=FdbState.STATIC, exclusive=False),
            id="a row that may be there, lazily; temp is static",
        ),
        pytest.param(
            "bridge fdb replace fa:16:3e:00:00:12 dev tap1 master dynamic",
            AddFdb(mac=MAC, name="tap1", state=FdbState.DYNAMIC, exclusive=False),
            id="a row that ages",
        ),
        pytest.param(
            "bridge fdb add fa:16:3e:00:00:12 dev tap1 master",
            AddFdb(mac=MAC, name="tap1", state=FdbState.PERMANENT, exclusive=True),
            id="without a state it is permanent: an address of the host itself",
        ),
        pytest.param(
            "bridge fdb add fa:16:3e:00:00:12 dev br0 self local",
            AddFdb(mac=MAC, name="br0", state=FdbState.PERMANENT, exclusive=True, own=True),
            id="an address of the bridge",
        ),
        pytest.param(
            "bridge fdb add fa:16:3e:00:00:12 dev br0",
            AddFdb(mac=MAC, name="br0", state=FdbState.PERMANENT, exclusive=True, own=True),
            id="without master it is self",
        ),
        pytest.param(
            "bridge fdb del fa:16:3e:00:00:12 dev tap1 master",
            DeleteFdb(mac=MAC, name="tap1"),
            id="a row goes",
        ),
        pytest.param(
            "bridge fdb delete fa:16:3e:00:00:12 dev br0",
            DeleteFdb(mac=MAC, name="br0", own=True),
            id="an address of the bridge goes",
        ),
        pytest.param(
            "bridge link set dev tap1 learning off isolated on hairpin on master",
            SetBridgePort(
                name="tap1", settings=PortSettings(learning=False, isolated=True, hairpin=True)
            ),
            id="flags of a port",
        ),
        pytest.param(
            "bridge link set dev tap1 state 3 cost 2 flood on guard off",
            SetBridgePort(name="tap1", settings=PortSettings()),
            id="flags at the only value that emu has",
        ),
        pytest.param("brctl addbr br0", BrctlAddBridge(bridge="br0"), id="a new bridge"),
        pytest.param("brctl delbr br0", BrctlDeleteBridge(bridge="br0"), id="no bridge any more"),
        pytest.param(
            "brctl addif br0 eth1", BrctlAddInterface(bridge="br0", interface="eth1"), id="a port"
        ),
        pytest.param(
            "brctl delif br0 eth1",
            BrctlDeleteInterface(bridge="br0", interface="eth1"),
            id="no port any more",
        ),
        pytest.param(
            "brctl setageing br0 0",
            BrctlSet(
                bridge="br0", settings=BridgeSettings(ageing=seconds(0)), what="set ageing time"
            ),
            id="learn nothing",
        ),
        pytest.param(
            "brctl setageing br0 1.509",
            BrctlSet(
                bridge="br0",
                settings=BridgeSettings(ageing=milliseconds(1500)),
                what="set ageing time",
            ),
            id="times are kept in hundredths of a second",
        ),
        pytest.param(
            "brctl stp br0 off",
            BrctlSet(bridge="br0", settings=BridgeSettings(), what="set stp status"),
            id="no spanning tree",
        ),
        pytest.param(
            "brctl setfd br0 0",
            BrctlSet(bridge="br0", settings=BridgeSettings(), what="set forward delay"),
            id="a delay for which nothing waits",
        ),
    ],
)
def test_what_a_line_means(line: str, expected: Command) -> None:
    assert parse_command(line) == expected


@pytest.mark.parametrize(
    ("line", "what", "fix"),
    [
        pytest.param(
            "bridge !foo add", 'Object "foo" is unknown, try "bridge help".', "", id="no object"
        ),
        pytest.param(
            "bridge fdb !chnage fa:16:3e:00:00:12 dev tap1",
            'Command "chnage" is unknown, try "bridge fdb help".',
            "",
            id="an unknown verb",
        ),
        pytest.param(
            "bridge fdb add !foo dev tap1 master",
            '"foo" is invalid lladdr.',
            "",
            id="no MAC address",
        ),
        pytest.param(
            "bridge fdb add fa:16:3e:00:00:12 !statik dev tap1 master",
            'Error: either "to" is duplicate, or "statik" is a garbage.',
            'did you mean "static"?',
            id="a misspelt state",
        ),
        pytest.param(
            "bridge fdb add fa:16:3e:00:00:12!",
            "Device and address are required arguments.",
            "",
            id="no interface",
        ),
        pytest.param(
            "bridge fdb del dev tap1!",
            "Device and address are required arguments.",
            "",
            id="no address",
        ),
        pytest.param(
            "bridge fdb add fa:16:3e:00:00:12 dev tap1 master static !dynamic",
            'Error: duplicate "static": "dynamic" is the second value.',
            "",
            id="two states",
        ),
        pytest.param(
            "bridge fdb add fa:16:3e:00:00:12 dev tap1 self !master",
            'Error: duplicate "self": "master" is the second value.',
            "",
            id="two tables",
        ),
        pytest.param(
            "bridge fdb append fa:16:3e:00:00:12 dev vxlan-1 !dst 10.0.0.1",
            'emu does not model "dst"',
            "",
            id="a tunnel's row",
        ),
        pytest.param(
            "bridge link set !dve tap1 learning off",
            'bridge link: unknown option "dve"',
            'did you mean "dev"?',
            id="an unknown flag",
        ),
        pytest.param(
            "bridge link set learning off!",
            "Device is a required argument.",
            "",
            id="flags of no port",
        ),
        pytest.param(
            "bridge link set dev tap1 learning !foo",
            'Error: argument of "learning" must be one of "off", "on", not "foo"',
            "",
            id="neither on nor off",
        ),
        pytest.param(
            "bridge link set dev tap1 flood !off",
            'emu does not model "flood off"',
            "only flood on",
            id="a value that emu has not",
        ),
        pytest.param(
            "bridge link set dev tap1 state !0",
            'emu does not model "state 0"',
            "only state 3 or forwarding",
            id="a state that the port is not in",
        ),
        pytest.param("brctl!", "Usage: brctl [commands]", "", id="brctl what?"),
        pytest.param("brctl !foo", "never heard of command [foo]", "", id="an unknown command"),
        pytest.param(
            "brctl addif br0!",
            "Incorrect number of arguments for command",
            "brctl addif <bridge> <device>",
            id="a word is missing",
        ),
        pytest.param(
            "brctl addbr br0 !br1",
            "Incorrect number of arguments for command",
            "brctl addbr <bridge>",
            id="a word too many",
        ),
        pytest.param("brctl setageing br0 !x", "bad ageing time value", "seconds", id="no time"),
        pytest.param("brctl setfd br0 !x", "bad forward delay value", "seconds", id="no delay"),
        pytest.param(
            "brctl stp br0 !on", 'emu does not model "stp on"', "only stp off", id="spanning tree"
        ),
        pytest.param(
            "brctl stp br0 !foo", "expect on/off for argument", "", id="neither on nor off of STP"
        ),
        pytest.param(
            "brctl !show",
            "this only shows; a host runs commands that change something",
            "",
            id="a question",
        ),
        pytest.param(
            "brctl !hairpin br0 eth1 on",
            'emu does not model "hairpin"',
            "",
            id="a command that emu has not",
        ),
        pytest.param(
            "brctl addbr !a/b",
            'Error: argument "a/b" is wrong: "name" not a valid ifname',
            "1 to 15 characters, without / : and spaces",
            id="no name",
        ),
    ],
)
def test_what_is_wrong_with_a_line(line: str, what: str, fix: str) -> None:
    check(line, what, fix)
