"""What can be expected of a step, and what is said when it is not so.

In most cases pc1 pings pc2 three times over a hub on which pc3 listens: an ARP request and a reply,
3 echo requests and 3 replies pass on each link.
"""

import pytest

from emu.scenario import Finding
from tests.scenario.stages import PING, last, texts


def finding(expectation: str, step: str = PING) -> Finding:
    *_, found = last(f"{step}    expect: [{expectation}]\n").findings
    return found


@pytest.mark.parametrize(
    ("expectation", "text"),
    [
        ("{received: 3}", "received 3"),
        ("{sent: 3, received: {min: 1}, errors: 0}", "sent 3, received at least 1, errors 0"),
        ("{exit_status: 0}", "exit status 0"),
        ("{printed: 3 received}", 'printed "3 received"'),
        ("{link: pc2/eth0}", "at least 1 frame on pc2/eth0"),
        ("{link: hub1/p2, count: 8}", "8 frames on hub1/p2"),
        ("{link: pc2/*, count: 8}", "8 frames on pc2/*"),
        (
            "{link: pc2/eth0, match: {icmp.type: 8}, count: 3}",
            "3 frames on pc2/eth0 with icmp.type == 8",
        ),
        (
            "{link: pc2/eth0, match: {icmp.type: [0, 8]}, count: {min: 6, max: 6}}",
            "6 frames on pc2/eth0 with icmp.type in {0, 8}",
        ),
        (
            "{link: pc2/eth0, match: {arp: true}, sent_by: pc2/eth0, count: 1}",
            "1 frame on pc2/eth0 from pc2/eth0 with arp",
        ),
        (
            "{link: pc2/eth0, match: {vlan: true}, count: 0}",
            "no frames on pc2/eth0 with vlan",
        ),
        (
            "{link: pc2/eth0, match: {arp, vlan: false}, count: {max: 2}}",
            "at most 2 frames on pc2/eth0 with arp && !vlan",
        ),
        ("{dropped: {at: pc3}}", "at least 1 frame dropped at pc3"),
        (
            "{dropped: {at: pc3/eth0, reason: OTHERHOST, count: 7}}",
            "7 frames dropped at pc3/eth0 for OTHERHOST",
        ),
        (
            "{dropped: {at: 'pc*', reason: OTHERHOST, match: {icmp: true}, count: 6}}",
            "6 frames dropped at pc* for OTHERHOST with icmp",
        ),
        ("{dropped: {at: pc2, count: 0}}", "no frames dropped at pc2"),
        ("{delivered: {at: pc2, count: 4}}", "4 frames delivered at pc2"),
        (
            "{delivered: {at: pc1/eth0, match: {icmp.type: 0}, count: 3}}",
            "3 frames delivered at pc1/eth0 with icmp.type == 0",
        ),
        ("{delivered: {at: pc3, count: 0}}", "no frames delivered at pc3"),
    ],
)
def test_what_is_as_expected(expectation: str, text: str) -> None:
    assert finding(expectation) == Finding(passed=True, text=text)


AT = "at 0.000000 s"
QUESTION = f"{AT} from hub1/p2: ARP who has 10.0.0.2? tell 10.0.0.1"
ANSWER = "ARP 10.0.0.2 is at 02:00:00:00:00:02, to 10.0.0.1"


@pytest.mark.parametrize(
    ("expectation", "text", "details"),
    [
        pytest.param(
            "{received: 2, sent: 3, exit_status: 1}",
            "expected: sent 3, received 2, exit status 1; but received 3, exit status 0",
            [],
            id="the program counts otherwise",
        ),
        pytest.param(
            "{printed: Unreachable}",
            'expected: printed "Unreachable"; but printed other lines',
            [],
            id="the program prints something else",
        ),
        pytest.param(
            "{link: pc2/eth0, match: {arp: true}, count: 1}",
            "expected: 1 frame on pc2/eth0 with arp; but saw 2",
            [QUESTION, f"{AT} from pc2/eth0: {ANSWER}"],
            id="too many frames: the first of them",
        ),
        pytest.param(
            "{link: pc2/eth0, match: {arp.opcode: 3}}",
            "expected: at least 1 frame on pc2/eth0 with arp.opcode == 3; but saw 0",
            [
                "8 frames passed there",
                f"nearest: {QUESTION}; arp.opcode is 1",
                f"nearest: {AT} from pc2/eth0: {ANSWER}; arp.opcode is 2",
            ],
            id="no such frame: the nearest, and what they have instead",
        ),
        pytest.param(
            "{link: pc2/eth0, match: {arp.opcode: 2, eth.dst: 02:00:00:00:00:03}}",
            "expected: at least 1 frame on pc2/eth0 with arp.opcode == 2 && "
            "eth.dst == 02:00:00:00:00:03; but saw 0",
            [
                "8 frames passed there",
                f"nearest: {AT} from pc2/eth0: {ANSWER}; eth.dst is 02:00:00:00:00:01",
                f"nearest: {QUESTION}; arp.opcode is 1, eth.dst is ff:ff:ff:ff:ff:ff",
            ],
            id="the nearest is the one of which most is as it must be",
        ),
        pytest.param(
            "{link: pc2/eth0, match: {vxlan.vni: 1}}",
            "expected: at least 1 frame on pc2/eth0 with vxlan.vni == 1; but saw 0",
            ["8 frames passed there"],
            id="nothing is near that has nothing of it",
        ),
        pytest.param(
            "{link: pc2/eth0, match: {arp.opcode: 1}, sent_by: pc2/eth0}",
            "expected: at least 1 frame on pc2/eth0 from pc2/eth0 with arp.opcode == 1; but saw 0",
            [
                "8 frames passed there",
                "1 of them would match, but the other end sent them",
                f"nearest: {AT} from pc2/eth0: {ANSWER}; arp.opcode is 2",
            ],
            id="the other end sent it",
        ),
        pytest.param(
            "{link: 'pc*/eth0'}",
            "expected: at least 1 frame on pc*/eth0; but that names 3 links",
            ["pc1/eth0", "pc2/eth0", "pc3/eth0"],
            id="several links have such a name",
        ),
        pytest.param(
            "{dropped: {at: pc3, reason: NO_SOCKET}}",
            "expected: at least 1 frame dropped at pc3 for NO_SOCKET; but saw 0",
            ["there were 1 for CONSUMED and 7 for OTHERHOST"],
            id="they are dropped for other reasons",
        ),
        pytest.param(
            "{dropped: {at: pc3, match: {icmp.type: 3}}}",
            "expected: at least 1 frame dropped at pc3 with icmp.type == 3; but saw 0",
            [
                f"nearest: {AT}: ICMP echo request ID seq=1 10.0.0.1 > 10.0.0.2; icmp.type is 8",
                f"nearest: {AT}: ICMP echo reply ID seq=1 10.0.0.2 > 10.0.0.1; icmp.type is 0",
            ],
            id="others are dropped there",
        ),
        pytest.param(
            "{dropped: {at: pc3, match: {arp.opcode: 1}, count: 0}}",
            "expected: no frames dropped at pc3 with arp.opcode == 1; but saw 1",
            [f"CONSUMED at pc3/eth0 (neigh: no row) {AT}: ARP who has 10.0.0.2? tell 10.0.0.1"],
            id="one is dropped that must not be, and the rule",
        ),
        pytest.param(
            "{delivered: {at: pc3}}",
            "expected: at least 1 frame delivered at pc3; but saw 0",
            [],
            id="none is delivered",
        ),
    ],
)
def test_what_is_said_when_it_is_not_so(expectation: str, text: str, details: list[str]) -> None:
    found = finding(expectation)
    seen = [" ".join("ID" if "id=" in w else w for w in line.split()) for line in found.details]
    assert (found.passed, found.text, seen) == (False, text, details)


@pytest.mark.parametrize(
    ("commands", "expectation", "text", "details"),
    [
        pytest.param(
            "[ip link del eth7]",
            "{refused: Cannot find device}",
            'ok refused with "Cannot find device"',
            [],
            id="refused as expected",
        ),
        pytest.param(
            "[ip link del eth7]",
            "{refused: File exists}",
            'FAIL expected: refused with "File exists"; but the words are others',
            ['Cannot find device "eth7"'],
            id="refused for another reason",
        ),
        pytest.param(
            "[ip link set eth0 up]",
            "{refused: File exists}",
            'FAIL expected: refused with "File exists"; but all of it worked',
            [],
            id="not refused",
        ),
        pytest.param(
            "[ip link del eth7]",
            "",
            "FAIL refused",
            ['Cannot find device "eth7"'],
            id="refused, and nobody expected it",
        ),
    ],
)
def test_a_command_that_must_not_work(
    commands: str, expectation: str, text: str, details: list[str]
) -> None:
    step = last(f"  - configure: {{on: pc1, commands: {commands}}}\n    expect: [{expectation}]\n")
    assert texts(step) == [text]
    assert list(step.findings[0].details) == details


@pytest.mark.parametrize(
    ("step", "text"),
    [
        pytest.param(PING, "ok sent 3, received 3", id="a ping without loss"),
        pytest.param(
            "  - ping: {from: pc1, to: 10.0.0.9, count: 1}\n",
            "FAIL expected: exit status 0; but exit status 1, sent 1, received 0",
            id="a ping without an answer",
        ),
        pytest.param(
            "  - link: {at: pc2/eth0, up: false}\n"
            "  - ping: {from: pc1, to: 10.0.0.2, count: 1, wait: 1s}\n"
            "    timeout: 100ms\n"
            "    expect: [{exit_status: 1}]\n"
            "  - link: {at: pc2/eth0, up: true}\n"
            "  - ping: {from: pc1, to: 10.0.0.2, count: 1}\n",
            "ok sent 1, received 1",
            id="a ping after one that was stopped",
        ),
        pytest.param("  - arping: {from: pc1, to: pc2}\n", "ok sent 1, received 1", id="an arping"),
        pytest.param(
            "  - arping: {from: pc1, to: 10.0.0.1, unsolicited: true}\n",
            "ok sent 1, received 0",
            id="an announcement expects no answer",
        ),
        pytest.param(
            "  - arping: {from: pc1, to: 10.0.0.9}\n",
            "FAIL expected: exit status 0; but exit status 1, sent 1, received 0",
            id="an arping without an answer",
        ),
    ],
)
def test_of_a_program_of_which_nothing_is_expected_all_must_go_well(step: str, text: str) -> None:
    assert texts(last(step)) == [text]


def test_one_lost_reply_fails_a_ping_of_which_nothing_is_expected() -> None:
    """Its exit status is 0 all the same, as that of the real one."""
    lossy = f"  - link: {{at: pc2/eth0, faults: [loss every 4]}}\n{PING}"
    step = last(lossy + "    expect: [{exit_status: 0, received: 2}]\n")
    assert texts(step) == ["ok received 2, exit status 0"]
    assert texts(last(lossy)) == ["FAIL expected: no loss; but sent 3, received 2"]


def test_what_is_expected_of_the_link_alone_leaves_the_program_to_its_own() -> None:
    """Else a ping could lose everything, and the lesson on it would pass."""
    step = last("  - ping: {from: pc1, to: 10.0.0.9, count: 1}\n    expect: [{link: pc2/eth0}]\n")
    assert not step.passed
    assert texts(step) == [
        "FAIL expected: exit status 0; but exit status 1, sent 1, received 0",
        "ok at least 1 frame on pc2/eth0",
    ]


def test_a_step_that_failed_says_who_asked_whom_and_what_was_dropped() -> None:
    step = last("  - name: a\n    ping: {from: pc1, to: 10.0.0.9, count: 3}\n")
    ran, failed, *others = step.account
    assert ran == "pc1 (10.0.0.1) ran: ping -n -c 3 10.0.0.9; 10.0.0.9 is nobody's"
    assert failed.startswith(
        "dropped 3 x NEIGH_FAILED at pc1/eth0 (neigh: 10.0.0.9 dev eth0 FAILED), "
        "first at 3.072000 s: ICMP echo request "
    )
    assert [line[:25] for line in others] == ["dropped 3 x CONSUMED at p"] * 2


def test_a_step_that_passed_says_no_such_thing() -> None:
    assert last(PING).account == ()


def test_an_expectation_sees_its_own_step_only() -> None:
    assert last(f"{PING}  - advance: 1s\n    expect: [{{link: pc2/eth0, count: 0}}]\n").passed
