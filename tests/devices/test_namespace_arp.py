"""How hosts find each other: conversations, then what one ARP packet makes of a host."""

from ipaddress import IPv4Address, IPv4Interface
from itertools import pairwise

import pytest

from emu.core.time import milliseconds
from emu.devices.namespace import Namespace
from emu.devices.namespace.changes import (
    AddAddress,
    AddNetdev,
    SetNeighbour,
    SetNetdev,
    SetSysctl,
    Start,
)
from emu.inet.applications import Arping, Ping
from emu.journal import Sent
from emu.net.effects import Drop, DropReason, Hold, Transmit
from emu.packet.addresses import BROADCAST, MacAddress
from emu.packet.arp import ARPOP_REPLY, ARPOP_REQUEST, build_arp
from emu.packet.frame import Frame
from tests.devices.hosts import MACS, T0, Wire, describe, host, inet, outcome, pair

A, B, C = MACS["a"], MACS["b"], MACS["c"]
NOBODY = str(IPv4Address(0))


def ping(destination: str, count: int = 1) -> Ping:
    return Ping(destination=IPv4Address(destination), count=count)


def neighbours(device: Namespace) -> list[str]:
    return [str(row) for row in device.neighbours()]


# --- conversations -------------------------------------------------------------------------------


def test_the_first_ping_resolves_is_answered_and_five_seconds_later_doubted() -> None:
    wire = pair()
    wire.run("a", ping("10.0.0.2"))
    wire.advance(9_000)
    assert wire.said() == [
        *("0 a > all who-has 10.0.0.2 tell 10.0.0.1", "0 b > a 10.0.0.2 is-at b"),
        *("0 a > b echo 1", "0 b > a reply 1"),
        # b answered through an entry that it had learned from a question only
        *("5120 b > a who-has 10.0.0.1 tell 10.0.0.2", "5120 a > b 10.0.0.1 is-at a"),
    ]


def test_nobody_answers_three_requests_and_each_packet_is_reported() -> None:
    wire = pair()
    wire.run("a", ping("10.0.0.99", count=3))
    wire.advance(9_000)
    ask = "a > all who-has 10.0.0.99 tell 10.0.0.1"
    assert wire.said() == [f"{ms} {ask}" for ms in (0, 1024, 2048)]
    assert wire.printed()[1:4] == [
        f"From 10.0.0.1 icmp_seq={sequence} Destination Host Unreachable" for sequence in (1, 2, 3)
    ]
    assert wire.status() == 1


def test_a_packet_sent_in_the_tick_of_the_failure_starts_a_new_round() -> None:
    # recorded on 6.18: six requests, four errors, "pipe 4"
    wire = pair()
    wire.run("a", ping("10.0.0.99", count=4))
    wire.advance(9_000)
    assert [sent.time // 1_000_000 for sent in wire.frames] == [0, 1024, 2048, 3072, 4096, 5120]
    assert wire.printed()[-4:] == [
        *("", "--- 10.0.0.99 ping statistics ---"),
        "4 packets transmitted, 0 received, +4 errors, 100% packet loss, time 3072ms",
        "pipe 4",
    ]


def test_a_peer_that_dies_is_probed_alone_three_times_and_then_asked_of_all() -> None:
    wire = pair()
    wire.run("a", ping("10.0.0.2"))
    wire.advance(60_000)  # a's entry is stale by then
    wire.do("b", SetNetdev(name="eth0", up=False))
    before = len(wire.frames)
    wire.run("a", ping("10.0.0.2", count=11), id="q")
    wire.advance(20_000)
    asked = [line.split(" ", 1) for line in wire.said()[before:] if "who-has" in line]
    assert [line for _, line in asked] == [
        *["a > b who-has 10.0.0.2 tell 10.0.0.1"] * 3,
        *["a > all who-has 10.0.0.2 tell 10.0.0.1"] * 3,
    ]
    times = [int(ms) for ms, _ in asked]
    assert [b - a for a, b in pairwise(times)][:2] == [1024, 1024]
    assert [line for line in wire.printed("q") if "Unreachable" in line] != []


def test_two_that_ask_for_each_other_at_once_both_get_through() -> None:
    wire = pair()
    wire.run("a", ping("10.0.0.2"))
    wire.run("b", ping("10.0.0.1"), id="q")
    wire.advance(100)
    assert (wire.status(), wire.status("q")) == (0, 0)


def test_who_announces_a_new_mac_is_sent_to_there_at_once() -> None:
    wire = pair()
    wire.run("a", ping("10.0.0.2"))
    wire.advance(1_500)
    wire.do("b", SetNetdev(name="eth0", mac=C))
    wire.run("b", Arping(netdev="eth0", destination=IPv4Address("10.0.0.2"), unsolicited=True), "u")
    wire.advance(100)
    wire.run("a", ping("10.0.0.2"), "q")
    wire.advance(100)
    assert wire.said()[4:] == [
        "1500 c > all who-has 10.0.0.2 tell 10.0.0.2",
        "1600 a > c echo 1",
        # the change of its MAC made b forget whom it knew
        *("1600 c > all who-has 10.0.0.1 tell 10.0.0.2", "1600 a > c 10.0.0.1 is-at a"),
        "1600 c > a reply 1",
    ]


def test_every_packet_that_is_held_ends() -> None:
    wire = pair()
    wire.run("a", ping("10.0.0.99", count=3))
    wire.run("a", ping("10.0.0.2"), "q")
    wire.advance(9_000)
    held = [e.frame for e in wire.effects() if isinstance(e, Hold)]
    ended = [e.frame for e in wire.effects() if isinstance(e, Drop | Transmit)]
    assert len(held) == 4
    for frame in held:
        (end,) = [one for one in ended if one.packet == frame.packet]
        assert end.parent == frame.parent
    assert len({frame.packet for frame in held}) == 4


def test_the_packet_that_waited_says_which_neighbour_let_it_go() -> None:
    wire = pair()
    wire.run("a", ping("10.0.0.2"))
    wire.advance(100)
    echo = next(sent for sent in wire.frames if "echo" in describe(sent.frame))
    assert [f"{step.table}: {step.rule}" for step in echo.why] == [
        "socket: ping -n -c 1 10.0.0.2",
        "fib: 10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.1",
        "neigh: 10.0.0.2 dev eth0 lladdr 02:00:00:00:00:0b REACHABLE",
    ]


def test_an_answer_is_caused_by_the_question() -> None:
    wire = pair()
    wire.run("a", ping("10.0.0.2"))
    wire.advance(100)
    ask, answer, echo, reply = (record for record in wire.records if isinstance(record, Sent))
    assert ask.frame.parent is None
    assert answer.frame.parent == ask.serial
    assert echo.frame.parent is None  # the ping waited; the answer only let it go
    assert reply.frame.parent == echo.serial
    assert len({sent.frame.packet for sent in (ask, answer, echo, reply)}) == 4


# --- one packet ----------------------------------------------------------------------------------


def arp(
    op: int = ARPOP_REQUEST,
    *,
    spa: str = "10.0.0.2",
    tpa: str = "10.0.0.1",
    sha: MacAddress = B,
    dst: MacAddress = BROADCAST,
    tha: MacAddress | None = None,
) -> Frame:
    more = {} if tha is None else {"tha": tha}
    return Frame.new(build_arp(op, sha=sha, spa=inet(spa), tpa=inet(tpa), dst=dst, src=B, **more))


def told(device: Namespace, frame: Frame, ms: int = 0, port: str = "eth0") -> list[str]:
    return outcome(device.receive(milliseconds(ms), port, frame))


ANSWER = "eth0: a > b 10.0.0.1 is-at a"


@pytest.mark.parametrize(
    ("frame", "expected", "learned"),
    [
        pytest.param(arp(), ["deliver eth0", ANSWER], "STALE", id="a question for it"),
        pytest.param(arp(dst=A), ["deliver eth0", ANSWER], "STALE", id="a question to it alone"),
        pytest.param(
            arp(tpa="10.0.0.9"), ["drop eth0 CONSUMED"], None, id="a question for somebody else"
        ),
        pytest.param(
            arp(spa="77.0.0.1"),
            ["deliver eth0", "eth0: a > b 10.0.0.1 is-at a"],
            "STALE",
            id="a question from another network is answered and remembered",
        ),
        pytest.param(
            arp(sha=C),
            ["deliver eth0", "eth0: a > c 10.0.0.1 is-at a"],
            "STALE",
            id="the answer goes to the MAC that the packet names, not the frame",
        ),
        pytest.param(
            arp(spa=NOBODY),
            ["deliver eth0", ANSWER],
            None,
            id="a probe for duplicates is answered, and nobody remembered",
        ),
        pytest.param(
            arp(spa=NOBODY, tpa="10.0.0.9"),
            ["drop eth0 CONSUMED"],
            None,
            id="unless it is for somebody else",
        ),
        pytest.param(
            arp(spa="10.0.0.1"), ["drop eth0 CONSUMED"], None, id="a question from its own address"
        ),
        pytest.param(
            arp(spa="255.255.255.255"), ["drop eth0 CONSUMED"], None, id="a question from all"
        ),
        pytest.param(
            arp(spa="224.0.0.5"), ["drop eth0 CONSUMED"], None, id="a question from a group"
        ),
        pytest.param(arp(tpa="10.0.0.255"), ["drop eth0 CONSUMED"], None, id="a question for all"),
        pytest.param(
            arp(tpa="127.0.0.1"), ["drop eth0 NOT_SPECIFIED"], None, id="a question for lo"
        ),
        pytest.param(
            arp(tpa="224.0.0.1"), ["drop eth0 NOT_SPECIFIED"], None, id="a question for a group"
        ),
        pytest.param(
            arp(op=3), ["drop eth0 NOT_SPECIFIED"], None, id="neither question nor answer"
        ),
        pytest.param(
            arp(ARPOP_REPLY, dst=A), ["drop eth0 CONSUMED"], None, id="an answer to no question"
        ),
        pytest.param(arp(dst=C), ["drop eth0 OTHERHOST"], None, id="a question to another MAC"),
        pytest.param(Frame.new(arp().wire[:40]), ["drop eth0 PKT_TOO_SMALL"], None, id="cut short"),
        pytest.param(
            Frame.new(arp().wire[:18] + b"\x08" + arp().wire[19:]),
            ["drop eth0 NOT_SPECIFIED"],
            None,
            id="addresses of another size",
        ),
    ],
)
def test_what_an_arp_packet_makes_of_a_host(
    frame: Frame, expected: list[str], learned: str | None
) -> None:
    device = host("a", "10.0.0.1/24")
    assert told(device, frame) == expected
    assert [str(row.state) for row in device.neighbours()] == ([learned] if learned else [])


def known(state: str) -> Namespace:
    """Return a host that knows 10.0.0.2 as b's, in that state, since 0 s."""
    device = host("a", "10.0.0.1/24")
    if state == "STALE":
        told(device, arp())
    else:
        address, permanent = IPv4Address("10.0.0.2"), state == "PERMANENT"
        change = SetNeighbour(name="eth0", address=address, mac=B, permanent=permanent)
        device.configure(T0, change)
    return device


@pytest.mark.parametrize(
    ("state", "ms", "frame", "expected", "row"),
    [
        pytest.param(
            *("STALE", 10, arp(ARPOP_REPLY, dst=A), ["deliver eth0"], "0b REACHABLE"),
            id="an answer from it",
        ),
        pytest.param(
            *("STALE", 10, arp(ARPOP_REPLY), ["drop eth0 CONSUMED"], "0b STALE"),
            id="an answer to all proves nothing",
        ),
        pytest.param(
            *("REACHABLE", 10, arp(tpa="10.0.0.9"), ["drop eth0 CONSUMED"], "0b REACHABLE"),
            id="its question for somebody else",
        ),
        pytest.param(
            *("REACHABLE", 10, arp(ARPOP_REPLY, sha=C, dst=A), ["deliver eth0"], "0b REACHABLE"),
            id="within a second another answer comes too late",
        ),
        pytest.param(
            *("REACHABLE", 1_004, arp(ARPOP_REPLY, sha=C, dst=A), ["deliver eth0"], "0c REACHABLE"),
            id="after a second it counts",
        ),
        pytest.param(
            *("REACHABLE", 1_004, arp(sha=C, tpa="10.0.0.9"), ["deliver eth0"], "0c STALE"),
            id="a question for somebody else tells of a new MAC, too",
        ),
        pytest.param(
            *("REACHABLE", 10, arp(sha=C, tpa="10.0.0.2"), ["deliver eth0"], "0c STALE"),
            id="a gratuitous one counts at once",
        ),
        pytest.param(
            *("REACHABLE", 10, arp(ARPOP_REPLY, sha=C, tpa="10.0.0.2", tha=C), ["deliver eth0"]),
            "0c STALE",
            id="also as an answer, if it names its target",
        ),
        pytest.param(
            *("REACHABLE", 10, arp(ARPOP_REPLY, sha=C, tpa="10.0.0.2"), ["drop eth0 CONSUMED"]),
            "0b REACHABLE",
            id="not as one that names none",
        ),
        pytest.param(
            *("REACHABLE", 10, arp(sha=C), ["deliver eth0", "eth0: a > c 10.0.0.1 is-at a"]),
            "0c STALE",
            id="a question for this host counts at once",
        ),
        pytest.param(
            *("PERMANENT", 10, arp(ARPOP_REPLY, sha=C, dst=A), ["deliver eth0"], "0b PERMANENT"),
            id="what an administrator said holds",
        ),
    ],
)
def test_what_an_arp_packet_makes_of_a_known_neighbour(
    state: str, ms: int, frame: Frame, expected: list[str], row: str
) -> None:
    device = known(state)
    assert told(device, frame, ms) == expected
    assert neighbours(device) == [f"10.0.0.2 dev eth0 lladdr 02:00:00:00:00:{row}"]


# --- sysctls -------------------------------------------------------------------------------------


def two_nets(**sysctls: int) -> Namespace:
    """Return a host with eth0 in 10.0.0.0/24 and eth1 in 10.0.1.0/24."""
    device = host("a", "10.0.0.1/24", "10.0.0.11/24")
    device.configure(T0, AddNetdev(name="eth1", mac=C))
    device.configure(T0, AddAddress(name="eth1", interface=IPv4Interface("10.0.1.1/24")))
    for name, value in sysctls.items():
        device.configure(T0, SetSysctl(key=f"net.ipv4.conf.all.{name}", value=str(value)))
    return device


@pytest.mark.parametrize(
    ("ignore", "spa", "tpa", "answered"),
    [
        pytest.param(0, "10.0.0.2", "10.0.1.1", True, id="0: for any address of the host"),
        pytest.param(1, "10.0.0.2", "10.0.1.1", False, id="1: not for that of another netdev"),
        pytest.param(1, "10.0.0.2", "10.0.0.1", True, id="1: for its own"),
        pytest.param(1, "10.0.1.2", "10.0.0.1", True, id="1: whoever asks"),
        pytest.param(2, "10.0.1.2", "10.0.0.1", False, id="2: not for who is in another network"),
        pytest.param(2, "10.0.0.2", "10.0.0.1", True, id="2: for who is in its own"),
        pytest.param(8, "10.0.0.2", "10.0.0.1", False, id="8: for none"),
    ],
)
def test_arp_ignore(ignore: int, spa: str, tpa: str, answered: bool) -> None:
    device = two_nets(arp_ignore=ignore)
    effects = device.receive(T0, "eth0", arp(spa=spa, tpa=tpa))
    assert outcome(effects) == (
        ["deliver eth0", f"eth0: a > b {tpa} is-at a"] if answered else ["drop eth0 CONSUMED"]
    )
    if not answered:
        said = f"net.ipv4.conf.eth0.arp_ignore = {ignore}"
        assert effects[0].why[-1].rule == said
        assert device.neighbours() == ()


@pytest.mark.parametrize(
    ("announce", "source", "asked_from"),
    [
        pytest.param(0, None, "10.0.0.1", id="0: the address of the packet"),
        pytest.param(0, "10.0.1.1", "10.0.1.1", id="0: even one of another network"),
        pytest.param(1, "10.0.1.1", "10.0.0.1", id="1: not one of another network"),
        pytest.param(1, "10.0.0.11", "10.0.0.11", id="1: any of the network"),
        pytest.param(2, "10.0.0.11", "10.0.0.1", id="2: the first of the network"),
    ],
)
def test_arp_announce(announce: int, source: str | None, asked_from: str) -> None:
    wire = Wire(two_nets(arp_announce=announce), host("b", "10.0.0.2/24"))
    address = IPv4Address(source) if source else None
    wire.run("a", Ping(destination=IPv4Address("10.0.0.2"), count=1, source=address))
    assert wire.said() == [f"0 a > all who-has 10.0.0.2 tell {asked_from}"]


@pytest.mark.parametrize(
    ("frame", "learned"),
    [
        pytest.param(arp(tpa="10.0.0.2"), ["STALE"], id="from a gratuitous question"),
        pytest.param(arp(ARPOP_REPLY, dst=A), ["REACHABLE"], id="from an answer to no question"),
        pytest.param(arp(ARPOP_REPLY), ["STALE"], id="from an answer to all"),
        pytest.param(arp(tpa="10.0.0.9"), [], id="not from any other question"),
        pytest.param(arp(spa="224.0.0.9", tpa="224.0.0.9"), [], id="not of a group"),
    ],
)
def test_arp_accept_learns(frame: Frame, learned: list[str]) -> None:
    device = two_nets(arp_accept=1)
    device.receive(T0, "eth0", frame)
    assert [str(row.state) for row in device.neighbours()] == learned


def test_a_full_queue_drops_the_packet_that_waited_longest() -> None:
    wire = pair()
    wire.do("a", SetSysctl(key="net.ipv4.neigh.eth0.unres_qlen_bytes", value="1700"))
    wire.run("a", ping("10.0.0.99", count=3))
    wire.advance(2_500)
    first, *_ = [effect for effect in wire.effects() if isinstance(effect, Hold)]
    (drop,) = [e for e in wire.effects() if isinstance(e, Drop) and e.frame == first.frame]
    assert (drop.reason, drop.port) == (DropReason.NEIGH_QUEUEFULL, "eth0")


def test_a_netdev_that_goes_down_purges_what_waits() -> None:
    wire = pair()
    wire.run("a", ping("10.0.0.99", count=9))
    wire.advance(500)
    wire.do("a", SetNetdev(name="eth0", up=False))
    (hold,) = [effect for effect in wire.effects() if isinstance(effect, Hold)]
    (drop,) = [e for e in wire.effects() if isinstance(e, Drop) and e.frame == hold.frame]
    assert drop.reason is DropReason.QUEUE_PURGE
    wire.advance(1_000)
    assert wire.printed()[-1] == "ping: sendmsg: Network is unreachable"


# --- a full table --------------------------------------------------------------------------------


def crowded() -> Namespace:
    """Return a host that 1,024 neighbours asked at once."""
    device = host("a", "10.0.0.1/16")
    for number in range(1024):
        device.receive(T0, "eth0", asking(f"10.0.{1 + number // 250}.{1 + number % 250}"))
    return device


def asking(address: str) -> Frame:
    wire = build_arp(
        *(ARPOP_REQUEST,), sha=MACS["b"], spa=inet(address), tpa=inet("10.0.0.1"), dst=BROADCAST
    )
    return Frame.new(wire)


def test_a_full_table_takes_nobody_in_and_who_asks_gets_no_answer() -> None:
    device = crowded()
    assert len(device.neighbours()) == 1024
    assert outcome(device.receive(T0, "eth0", asking("10.0.9.9"))) == ["drop eth0 CONSUMED"]
    known = outcome(device.receive(T0, "eth0", asking("10.0.1.1")))
    assert known == ["deliver eth0", "eth0: a > b 10.0.0.1 is-at a"]
    assert len(device.neighbours()) == 1024


def test_a_packet_to_one_for_whom_there_is_no_room_is_dropped() -> None:
    device = crowded()
    said = outcome(device.configure(T0, Start(id="p", application=ping("10.0.9.9"))))
    assert said[1:] == ["drop eth0 NEIGH_CREATEFAIL"]


def test_a_command_finds_room() -> None:
    device, address = crowded(), IPv4Address("10.0.9.9")
    device.configure(T0, SetNeighbour(name="eth0", address=address, mac=MACS["b"]))
    assert len(device.neighbours()) == 1025


def test_after_five_seconds_the_oldest_half_makes_room() -> None:
    device = crowded()
    device.receive(milliseconds(5_000), "eth0", asking("10.0.9.9"))
    assert len(device.neighbours()) == 1024
    device.receive(milliseconds(5_004), "eth0", asking("10.0.9.9"))
    rows = device.neighbours()
    assert len(rows) == 513
    assert rows[0].address == inet("10.0.3.13")  # of 1,024 the 513th
