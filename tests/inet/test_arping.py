"""arping without a network. Lines were printed by iputils 20221126 on Linux 6.18."""

from ipaddress import IPv4Address

import pytest

from emu.core.time import Nanoseconds, microseconds, milliseconds, seconds
from emu.inet.applications import Arping
from emu.inet.arping import ArpingProgram
from emu.inet.program import (
    ArpReceived,
    Bind,
    Connect,
    Connected,
    Errno,
    Failed,
    IcmpReceived,
    Opened,
    OpenPacket,
    Outcome,
    SendArp,
)
from emu.packet.addresses import BROADCAST, MacAddress
from emu.packet.arp import ARPOP_REPLY, ARPOP_REQUEST, ArpHeader
from emu.packet.icmp import build_echo, parse_icmp
from emu.packet.ipv4 import build_ipv4, parse_ipv4
from tests.inet.stage import Stage

MY_MAC, PEER_MAC = MacAddress(b"\xfa\x16\x3e\0\0\1"), MacAddress(b"\xfa\x16\x3e\0\0\2")
OWN, PEER, OTHER = (bytes((10, 0, 0, last)) for last in (1, 2, 3))
TO_PEER = IPv4Address("10.0.0.2")
T0 = milliseconds(10)


def arping(**options: object) -> Arping:
    return Arping(**{"netdev": "eth0", "destination": TO_PEER, **options})  # type: ignore[arg-type]


def start(options: Arping, *outcomes: Outcome) -> Stage:
    return Stage(
        ArpingProgram("a", options), *(outcomes or (Opened(MY_MAC), Connected(OWN))), at=T0
    )


def hear(stage: Stage, *, netdev: str = "eth0", broadcast: bool = False, **edits: object) -> bool:
    fields = {"op": ARPOP_REPLY, "sha": PEER_MAC, "spa": PEER, "tha": MY_MAC, "tpa": OWN} | edits
    arp = ArpHeader(**fields)  # type: ignore[arg-type]
    return stage.hear(ArpReceived(netdev, arp, broadcast))


def packet(stage: Stage, which: int = -1) -> SendArp:
    call = stage.sent[which][1]
    assert isinstance(call, SendArp)
    return call


# --- packets -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "asked", "sent"),
    [
        pytest.param(
            {},
            Connect(PEER, "eth0", dontroute=True),
            ArpHeader(ARPOP_REQUEST, MY_MAC, OWN, BROADCAST, PEER),
            id="it asks, and names all as the target's MAC",
        ),
        pytest.param(
            {"source": IPv4Address("10.0.0.1")},
            Bind(OWN, "eth0"),
            ArpHeader(ARPOP_REQUEST, MY_MAC, OWN, BROADCAST, PEER),
            id="-s says who asks",
        ),
        pytest.param(
            {"unsolicited": True, "destination": IPv4Address("10.0.0.1")},
            Bind(OWN, "eth0"),
            ArpHeader(ARPOP_REQUEST, MY_MAC, OWN, BROADCAST, OWN),
            id="-U asks for oneself",
        ),
        pytest.param(
            {"answer": True, "destination": IPv4Address("10.0.0.1")},
            Bind(OWN, "eth0"),
            ArpHeader(ARPOP_REPLY, MY_MAC, OWN, MY_MAC, OWN),
            id="-A answers to oneself",
        ),
    ],
)
def test_what_is_sent(options: dict[str, object], asked: Connect | Bind, sent: ArpHeader) -> None:
    stage = start(arping(**options))
    assert stage.asked == [OpenPacket("eth0"), asked]
    assert packet(stage) == SendArp("eth0", BROADCAST, sent)


def test_who_answered_is_asked_alone_from_then_on() -> None:
    stage = start(arping(count=2))
    assert hear(stage)
    stage.advance(1_000)
    assert packet(stage).mac == PEER_MAC
    assert packet(stage).arp.tha == PEER_MAC
    hear(stage)
    stage.advance(1_000)
    assert stage.printed[-2:] == ["Sent 2 probes (1 broadcast(s))", "Received 2 response(s)"]
    assert stage.status == 0


# --- the clock -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "gaps", "end"),
    [
        pytest.param({"count": 1}, [], 1_000, id="-c 1 waits one second"),
        pytest.param({"count": 3}, [1_000, 1_000], 3_000, id="-c 3"),
        pytest.param({"count": 3, "deadline": seconds(2)}, [1_000, 1_000], 2_000, id="-c 3 -w 2"),
        pytest.param({"count": 1, "deadline": seconds(2)}, [], 1_000, id="-c 1 -w 2"),
        pytest.param({"count": 0, "deadline": seconds(1)}, [1_000], 1_000, id="-w 1"),
    ],
)
def test_when_it_sends_and_ends(options: dict[str, object], gaps: list[int], end: int) -> None:
    stage = start(arping(**options))
    while stage.finished is None:
        stage.advance(1)
    assert (stage.gaps, (stage.now - T0) // 1_000_000) == (gaps, end)
    assert stage.status == 1


def test_with_a_deadline_it_ends_when_all_have_answered() -> None:
    stage = start(arping(count=1, deadline=seconds(3)))
    hear(stage)
    assert stage.status == 0


# --- what it hears -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edits", "micros", "line"),
    [
        pytest.param(
            {}, 36, "Unicast reply from 10.0.0.2 [FA:16:3E:00:00:02]  0.536ms", id="an answer"
        ),
        pytest.param(
            {"broadcast": True},
            1_234,
            "Broadcast reply from 10.0.0.2 [FA:16:3E:00:00:02]  1.734ms",
            id="an answer to all",
        ),
        pytest.param(
            {"op": ARPOP_REQUEST},
            600,
            "Unicast request from 10.0.0.2 [FA:16:3E:00:00:02]  1.100ms",
            id="a request",
        ),
    ],
)
def test_what_it_prints(edits: dict[str, object], micros: int, line: str) -> None:
    stage = start(arping())
    stage.now = Nanoseconds(T0 + microseconds(micros))
    assert hear(stage, **edits)  # type: ignore[arg-type]
    assert stage.printed == ["ARPING 10.0.0.2 from 10.0.0.1 eth0", line]


@pytest.mark.parametrize(
    "edits",
    [
        pytest.param({"spa": OTHER}, id="from another"),
        pytest.param({"tpa": OTHER}, id="to another address"),
        pytest.param({"tha": PEER_MAC}, id="to another MAC"),
        pytest.param({"netdev": "eth1"}, id="at another netdev"),
    ],
)
def test_what_is_not_for_it_is_not_minded(edits: dict[str, object]) -> None:
    assert not hear(start(arping()), **edits)  # type: ignore[arg-type]


def test_messages_of_icmp_are_not_minded() -> None:
    echo = build_echo(0, 1, 1, b"")
    ip = parse_ipv4(build_ipv4(1, echo, src=PEER, dst=OWN), 0)
    assert not start(arping()).hear(IcmpReceived("eth0", ip, parse_icmp(echo), echo))


def test_requests_and_broadcasts_are_counted_by_themselves() -> None:
    stage = start(arping(count=1))
    hear(stage, op=ARPOP_REQUEST, broadcast=True)
    hear(stage, broadcast=True)
    hear(stage)
    stage.advance(1_000)
    assert stage.printed[-1] == "Received 3 response(s) (1 request(s), 2 broadcast(s))"
    assert stage.status == 1  # as many answers as probes, neither more nor less


@pytest.mark.parametrize(
    ("options", "answers", "status"),
    [
        pytest.param({"count": 2}, 1, 1, id="an answer is missing"),
        pytest.param({"count": 0, "deadline": seconds(2)}, 1, 0, id="-w alone wants one at all"),
        pytest.param({"unsolicited": True}, 0, 0, id="-U wants none"),
        pytest.param({"answer": True}, 0, 0, id="-A wants none"),
    ],
)
def test_how_it_exits(options: dict[str, object], answers: int, status: int) -> None:
    stage = start(arping(**options))
    for _ in range(answers):
        hear(stage)
    stage.advance(10_000)
    assert stage.status == status


def test_stopped_it_prints_its_counts() -> None:
    stage = start(arping(count=9))
    stage.stop()
    assert stage.printed[-2:] == ["Sent 1 probes (1 broadcast(s))", "Received 0 response(s)"]
    assert stage.status == 1


def test_what_cannot_be_sent_is_not_counted() -> None:
    stage = start(arping(count=2))
    stage.refusals = [Failed(Errno.ENETDOWN)]
    stage.advance(5_000)
    assert stage.printed[-2:] == ["Sent 1 probes (1 broadcast(s))", "Received 0 response(s)"]


# --- what goes wrong -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "outcomes", "words"),
    [
        pytest.param(
            {"netdev": "nope"},
            [Failed(Errno.ENODEV)],
            ["arping: Device nope not available."],
            id="no such netdev",
        ),
        pytest.param({}, [Failed(Errno.ENETDOWN)], ['Interface "eth0" is down'], id="down"),
        pytest.param(
            {"netdev": "lo"}, [Failed(Errno.EINVAL)], ['Interface "lo" is not ARPable'], id="lo"
        ),
        pytest.param(
            {},
            [Opened(MY_MAC), Failed(Errno.ENETUNREACH)],
            ["arping: connect: Network is unreachable"],
            id="no way there",
        ),
        pytest.param(
            {"unsolicited": True},
            [Opened(MY_MAC), Failed(Errno.EADDRNOTAVAIL)],
            ["arping: bind: Cannot assign requested address"],
            id="-U for somebody else",
        ),
        pytest.param(
            {"source": IPv4Address("9.9.9.9")},
            [Opened(MY_MAC), Failed(Errno.EADDRNOTAVAIL)],
            ["arping: bind: Cannot assign requested address"],
            id="-s of somebody else",
        ),
        pytest.param(
            {},
            [Opened(MY_MAC), Connected(bytes(4))],
            [
                "ARPING 10.0.0.2 from 0.0.0.0 eth0",
                "arping: no source address in not-DAD mode",
            ],
            id="no address at all",
        ),
    ],
)
def test_what_stops_it_before_the_first_packet(
    options: dict[str, object], outcomes: list[Outcome], words: list[str]
) -> None:
    stage = start(arping(**options), *outcomes)
    assert (stage.printed, stage.status, stage.sent) == (words, 2, [])
