"""ping without a network: its packets, its clock, its words.

Lines without a comment were printed by iputils 20221126 on Linux 6.18.
"""

from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emu.core.rng import Rng
from emu.core.time import EPOCH, Nanoseconds, microseconds, milliseconds, seconds
from emu.inet.applications import Ping
from emu.inet.ping import PingProgram
from emu.inet.program import (
    Bind,
    Connect,
    Connected,
    Errno,
    Failed,
    IcmpReceived,
    Opened,
    PmtuDisc,
    Sendto,
)
from emu.packet.addresses import NO_MAC
from emu.packet.icmp import ICMP_DEST_UNREACH, build_echo, build_icmp, parse_icmp, quote
from emu.packet.ipv4 import IPPROTO_ICMP, build_ipv4, parse_ipv4
from tests.inet.stage import Stage

OWN, PEER, ROUTER = (bytes((10, 0, 0, last)) for last in (1, 2, 254))
TO_PEER = IPv4Address("10.0.0.2")
HEADER = "PING 10.0.0.2 (10.0.0.2) 56(84) bytes of data."
TITLE = "--- 10.0.0.2 ping statistics ---"
T0 = milliseconds(10)


def start(ping: Ping, *outcomes: Connected | Failed, at: Nanoseconds = T0) -> Stage:
    program = PingProgram("p", ping, rng=Rng("test"))
    return Stage(program, *(outcomes or (Connected(OWN),)), at=at)


def ping(**options: object) -> Ping:
    return Ping(**{"destination": TO_PEER, **options})  # type: ignore[arg-type]


def echo(stage: Stage, which: int = -1) -> Sendto:
    call = stage.sent[which][1]
    assert isinstance(call, Sendto)
    return call


def received(
    message: bytes, *, src: bytes = PEER, dst: bytes = OWN, ttl: int = 64, netdev: str = "eth0"
) -> IcmpReceived:
    packet = build_ipv4(IPPROTO_ICMP, message, src=src, dst=dst, ttl=ttl)
    return IcmpReceived(netdev, parse_ipv4(packet, 0), parse_icmp(message), message)


def reply(stage: Stage, which: int = -1) -> bytes:
    return b"\x00" + echo(stage, which).carried[1:2] + _checked(echo(stage, which).carried)


def _checked(request: bytes) -> bytes:
    icmp = parse_icmp(request)
    return build_echo(0, icmp.identifier, icmp.sequence, request[8:])[2:]


def answer(stage: Stage, which: int = -1, **more: object) -> bool:
    return stage.hear(received(reply(stage, which), **more))  # type: ignore[arg-type]


def error(
    stage: Stage, type: int, code: int, rest: int = 0, *, which: int = -1, netdev: str = "eth0"
) -> bool:
    packet = build_ipv4(IPPROTO_ICMP, echo(stage, which).carried, src=OWN, dst=PEER)
    message = build_icmp(type, code, rest, quote(packet))
    return stage.hear(received(message, src=ROUTER, netdev=netdev))


# --- packets -------------------------------------------------------------------------------------


def test_a_packet_holds_the_time_and_a_pattern() -> None:
    stage = start(ping(), at=Nanoseconds(1_234_567_890))
    message = echo(stage).carried
    at = EPOCH + 1_234_567_890
    stamp = (at // 10**9).to_bytes(8, "little") + (at % 10**9 // 1000).to_bytes(8, "little")
    assert message[8:] == stamp + bytes(range(0x10, 0x38))
    icmp = parse_icmp(message)
    assert (icmp.type, icmp.code, icmp.sequence) == (8, 0, 1)


def test_all_packets_of_a_run_have_its_identifier_and_are_counted_from_one() -> None:
    stage = start(ping(count=3))
    stage.advance(5000)
    headers = [parse_icmp(echo(stage, which).carried) for which in range(3)]
    assert [icmp.sequence for icmp in headers] == [1, 2, 3]
    assert len({icmp.identifier for icmp in headers}) == 1


def test_the_identifier_is_drawn_unless_it_is_given() -> None:
    assert parse_icmp(echo(start(ping(identifier=1000))).carried).identifier == 1000
    drawn = [
        Stage(PingProgram("p", ping(), rng=Rng(seed)), Connected(OWN), at=T0) for seed in "abc"
    ]
    assert len({parse_icmp(echo(stage).carried).identifier for stage in drawn}) == 3


@pytest.mark.parametrize("size", [0, 8, 15])
def test_a_small_packet_has_no_room_for_the_time(size: int) -> None:
    stage = start(ping(size=size))
    assert echo(stage).carried[8:] == bytes(range(size))
    answer(stage)
    assert stage.printed[1] == f"{size + 8} bytes from 10.0.0.2: icmp_seq=1 ttl=64"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param({}, {"ttl": 64, "pmtudisc": PmtuDisc.WANT}, id="by default"),
        pytest.param({"ttl": 1}, {"ttl": 1}, id="-t"),
        pytest.param({"pmtudisc": "do"}, {"pmtudisc": PmtuDisc.DO}, id="-M do"),
        pytest.param({"pmtudisc": "dont"}, {"pmtudisc": PmtuDisc.DONT}, id="-M dont"),
        pytest.param(
            {"broadcast": True}, {"broadcast": True, "pmtudisc": PmtuDisc.DO}, id="-b, and so DF"
        ),
        pytest.param(
            {"broadcast": True, "pmtudisc": "want"}, {"pmtudisc": PmtuDisc.WANT}, id="-b -M want"
        ),
        pytest.param({"netdev": "eth0"}, {"netdev": "eth0", "source": None}, id="-I netdev"),
        pytest.param({"source": IPv4Address("10.0.0.1")}, {"source": OWN}, id="-I address"),
    ],
)
def test_what_options_make_of_a_packet(
    options: dict[str, object], expected: dict[str, object]
) -> None:
    call = echo(start(ping(**options)))
    assert {name: getattr(call, name) for name in expected} == expected
    assert (call.destination, call.protocol) == (PEER, IPPROTO_ICMP)


@pytest.mark.parametrize(
    ("options", "call"),
    [
        pytest.param({}, Connect(PEER), id="it asks where packets would be sent from"),
        pytest.param({"netdev": "eth0"}, Connect(PEER, "eth0"), id="from a netdev"),
        pytest.param({"broadcast": True}, Connect(PEER, broadcast=True), id="to all"),
        pytest.param(
            {"source": IPv4Address("10.0.0.1")}, Bind(OWN), id="or takes the address it is given"
        ),
    ],
)
def test_how_it_finds_its_own_address(options: dict[str, object], call: Connect | Bind) -> None:
    assert start(ping(**options)).asked == [call]


def test_zero_is_oneself() -> None:
    stage = start(ping(destination=IPv4Address(0)), Connected(b"\x7f\x00\x00\x01"))
    assert echo(stage).destination == b"\x7f\x00\x00\x01"
    assert stage.printed == ["PING 0.0.0.0 (127.0.0.1) 56(84) bytes of data."]


# --- the clock -----------------------------------------------------------------------------------


def test_answered_at_once_the_next_packet_waits_for_a_timer_of_the_wheel() -> None:
    stage = start(ping(count=4))
    for count in (1, 2, 3, 4):
        stage.advance_to(count)
        answer(stage)
    assert stage.gaps == [1014, 1024, 1024]


def test_answered_after_a_millisecond_the_next_packet_is_on_time() -> None:
    stage = start(ping(count=3))
    for _ in range(3):
        stage.advance(1)
        answer(stage)
        stage.advance(999)
    assert stage.gaps == [1000, 1000]


def test_without_an_answer_it_waits_for_a_timer_of_the_wheel_too() -> None:
    stage = start(ping(count=3))
    stage.advance(4000)
    assert stage.gaps == [1014, 1024]


@pytest.mark.parametrize(
    ("interval", "gaps"),
    [
        pytest.param(milliseconds(200), [202, 204, 204], id="a fifth of a second"),
        pytest.param(milliseconds(10), [14, 16, 16], id="ten ms, the least that it sleeps"),
        pytest.param(milliseconds(2), [10, 10, 10], id="two ms, if nothing comes back"),
        pytest.param(seconds(5), [5110, 5120, 5120], id="five seconds"),
    ],
)
def test_another_interval(interval: Nanoseconds, gaps: list[int]) -> None:
    stage = start(ping(count=4, interval=interval))
    stage.advance(20_000)
    assert stage.gaps == gaps


def test_without_a_count_it_goes_on_until_it_is_stopped() -> None:
    stage = start(ping(count=0))
    for count in range(2, 102):
        answer(stage)
        stage.advance_to(count)
    assert stage.program.next_deadline() is not None
    stage.stop()
    assert stage.status == 0
    assert stage.printed[-2].startswith("101 packets transmitted, 100 received, 0.990099% packet")


@pytest.mark.parametrize(
    ("heard", "linger", "after"),
    [
        pytest.param([], seconds(10), 10_000, id="never an answer: ten seconds"),
        pytest.param([], seconds(1), 1_000, id="never an answer: as long as -W says"),
        pytest.param([1], seconds(10), 1_000, id="answers so far: an interval"),
        pytest.param([900], seconds(10), 1_800, id="slow answers: twice the slowest"),
    ],
)
def test_how_long_it_waits_for_the_last_answer(
    heard: list[int], linger: Nanoseconds, after: int
) -> None:
    stage = start(ping(count=2, linger=linger))
    for ms in heard:
        stage.advance(ms)
        answer(stage)
    stage.advance_to(2)
    last = stage.sent[-1][0]
    while stage.finished is None:
        stage.advance(1)
    assert (stage.now - last) // 1_000_000 in (after, after + 1)


def test_it_ends_with_the_last_answer() -> None:
    stage = start(ping(count=1))
    stage.advance(500)
    answer(stage)
    assert stage.status == 0


# --- what it hears -------------------------------------------------------------------------------


def test_an_answer_is_printed_with_its_round_trip() -> None:
    stage = start(ping())
    stage.now = Nanoseconds(T0 + microseconds(898))
    assert answer(stage)
    assert stage.printed == [HEADER, "64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=0.898 ms"]


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        pytest.param(7, "0.007", id="below a ms: three digits"),
        pytest.param(1_262, "1.26", id="below ten: two, rounded"),
        pytest.param(9_994, "9.99", id="up to 9.994"),
        pytest.param(9_995, "10.0", id="from 9.995 on one"),
        pytest.param(99_949, "99.9", id="up to 99.949"),
        pytest.param(99_950, "100", id="from 99.95 on none"),
        pytest.param(1_024_499, "1024", id="a second"),
    ],
)
def test_the_digits_of_a_round_trip(micros: int, text: str) -> None:
    stage = start(ping())
    stage.now = Nanoseconds(T0 + microseconds(micros))
    answer(stage, 0)
    assert stage.printed[1].endswith(f" time={text} ms")


@pytest.mark.parametrize(
    ("count", "more", "end"),
    [
        pytest.param(1, {"src": ROUTER}, " (DIFFERENT ADDRESS!)", id="from somebody else"),
        pytest.param(2, {}, " (DUP!)", id="for the second time"),
        pytest.param(2, {"src": ROUTER}, " (DUP!) (DIFFERENT ADDRESS!)", id="both"),
    ],
)
def test_a_strange_answer_is_marked(count: int, more: dict[str, bytes], end: str) -> None:
    stage = start(ping())
    for _ in range(count):
        answer(stage, 0, **more)
    assert stage.printed[-1].endswith(f" ms{end}")


def test_to_a_broadcast_anybody_may_answer_and_all() -> None:
    stage = start(ping(broadcast=True))
    answer(stage, 0, src=ROUTER)
    answer(stage, 0)
    assert all(line.endswith(" time=0.000 ms") for line in stage.printed[-2:])


def test_an_answer_that_is_cut_short_is_not_timed() -> None:
    stage = start(ping())
    icmp = parse_icmp(echo(stage).carried)
    short = build_echo(0, icmp.identifier, 1, b"abcd")
    assert stage.hear(received(short))
    assert stage.printed[1] == "12 bytes from 10.0.0.2: icmp_seq=1 ttl=64 (truncated)"


@pytest.mark.parametrize(
    ("type", "code", "rest", "words"),
    [
        pytest.param(3, 0, 0, " Destination Net Unreachable", id="no route"),
        pytest.param(3, 1, 0, " Destination Host Unreachable", id="nobody there"),
        pytest.param(3, 4, 1400, " Frag needed and DF set (mtu = 1400)", id="too big"),
        pytest.param(3, 13, 0, " Packet filtered", id="filtered"),
        pytest.param(3, 99, 0, " Dest Unreachable, Bad Code: 99", id="who knows"),
        pytest.param(4, 0, 0, " Source Quench", id="too fast"),
        pytest.param(11, 0, 0, " Time to live exceeded", id="too far"),
        pytest.param(11, 1, 0, " Frag reassembly time exceeded", id="too late"),
        pytest.param(11, 7, 0, " Time exceeded, Bad Code: 7", id="too strange"),
        pytest.param(12, 0, 9 << 24, " Parameter problem: pointer = 9", id="wrong"),
        pytest.param(
            *(5, 1, 0x0A000003, ": icmp_seq=1 Redirect Host(New nexthop: 10.0.0.3)"),
            id="elsewhere",
        ),
        pytest.param(
            5, 9, 1, ": icmp_seq=1 Redirect, Bad Code: 9(New nexthop: 0.0.0.1)", id="astray"
        ),
    ],
)
def test_an_error_is_printed_in_words(type: int, code: int, rest: int, words: str) -> None:
    stage = start(ping())
    assert error(stage, type, code, rest)
    middle = "" if type == 5 else " icmp_seq=1"
    assert stage.printed[1] == f"From 10.0.0.254{middle}{words}"
    stage.stop()
    assert stage.finished is not None
    assert stage.finished.errors == (0 if type == 5 else 1)


def mangled_error(stage: Stage, **edits: bytes) -> IcmpReceived:
    """Return an error about a packet that is not quite the last of `stage`."""
    fields = {"dst": PEER, "carried": echo(stage).carried} | edits
    packet = build_ipv4(IPPROTO_ICMP, fields["carried"], src=OWN, dst=fields["dst"])
    cut = packet[: int(edits.get("size", b"99"))]
    return received(build_icmp(ICMP_DEST_UNREACH, 1, 0, cut), src=ROUTER)


@pytest.mark.parametrize(
    "edits",
    [
        pytest.param({"dst": ROUTER}, id="another destination"),
        pytest.param({"carried": build_echo(8, 1, 1, b"")}, id="another identifier"),
        pytest.param({"carried": build_echo(0, 1, 1, b"")}, id="no request"),
        pytest.param({"size": b"27"}, id="too little of it"),
        pytest.param({"size": b"0"}, id="nothing of it"),
    ],
)
def test_an_error_about_something_else_is_not_minded(edits: dict[str, bytes]) -> None:
    stage = start(ping(identifier=7))
    assert not stage.hear(mangled_error(stage, **edits))
    assert stage.hear(mangled_error(stage))


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(build_echo(0, 1, 1, b""), id="another ping's answer"),
        pytest.param(build_icmp(9, 0, 0), id="neither an answer nor an error"),
        pytest.param(build_icmp(3, 1, 0), id="an error about nothing"),
    ],
)
def test_what_is_not_for_it_is_not_minded(message: bytes) -> None:
    stage = start(ping(identifier=7))
    assert not stage.hear(received(message))
    assert stage.printed == [HEADER]


def test_who_is_bound_to_an_address_hears_only_what_is_sent_there() -> None:
    stage = start(ping(source=IPv4Address("10.0.0.1")))
    assert not answer(stage, dst=ROUTER)
    assert answer(stage)


def test_who_is_bound_to_a_netdev_hears_through_it_and_of_itself_no_errors() -> None:
    stage = start(ping(netdev="eth0", count=9))
    assert not answer(stage, netdev="eth1")
    assert answer(stage)
    assert answer(stage, netdev="lo")
    assert not error(stage, 3, 1, netdev="lo")
    assert error(stage, 3, 1)


def test_before_it_has_an_address_it_hears_nothing() -> None:
    program = PingProgram("p", ping(identifier=7), rng=Rng())
    program.start(T0)
    assert program.receive(T0, received(build_echo(0, 7, 1, bytes(56)))) is None


# --- what goes wrong -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "errno", "words"),
    [
        pytest.param({}, Errno.ENETUNREACH, "ping: connect: Network is unreachable", id="no route"),
        pytest.param(
            *({}, Errno.EACCES),
            "ping: Do you want to ping broadcast? Then -b. If not, check your local firewall rules",
            id="a broadcast address, or a route that prohibits",
        ),
        pytest.param(
            *({"netdev": "nope"}, Errno.ENODEV, "ping: SO_BINDTODEVICE nope: No such device"),
            id="no such netdev",
        ),
        pytest.param(
            *({"source": IPv4Address("9.9.9.9")}, Errno.EADDRNOTAVAIL),
            "ping: bind: Cannot assign requested address",
            id="an address of somebody else",
        ),
    ],
)
def test_what_stops_it_before_the_first_packet(
    options: dict[str, object], errno: Errno, words: str
) -> None:
    stage = start(ping(**options), Failed(errno))
    assert (stage.printed, stage.status, stage.sent) == ([words], 2, [])


def test_a_packet_that_is_too_long_is_an_error_and_it_ends_a_second_after_the_last() -> None:
    stage = start(ping(count=2, size=1600, pmtudisc="do"))
    answer(stage)  # the path has become narrower since
    stage.refusals = [Failed(Errno.EMSGSIZE, 1500)]
    stage.advance(3_000)
    assert stage.printed[2:] == [
        *("ping: local error: message too long, mtu=1500", "", TITLE),
        "2 packets transmitted, 1 received, +1 errors, 50% packet loss, time 1014ms",
        "rtt min/avg/max/mdev = 0.000/0.000/0.000/0.000 ms",
    ]
    assert stage.status == 0


def test_the_error_that_ends_it_is_noticed_an_interval_later() -> None:
    stage = start(ping(count=2))
    stage.advance(1_000)
    stage.refusals = [Failed(Errno.EMSGSIZE, 1500)]
    stage.advance_to(2)
    last = stage.now
    while stage.finished is None:
        stage.advance(1)
    assert stage.now - last == seconds(10)


def test_a_packet_that_cannot_be_sent_is_complained_of_and_counts_as_sent() -> None:
    stage = start(ping(count=3))
    stage.refusals = [Failed(Errno.ENETUNREACH), Failed(Errno.ENETUNREACH)]
    stage.advance(20_000)
    assert stage.printed[1:] == [
        *("ping: sendmsg: Network is unreachable", "ping: sendmsg: Network is unreachable"),
        *("", TITLE, "3 packets transmitted, 0 received, 100% packet loss, time 2038ms", ""),
    ]
    assert stage.status == 1


def test_outcomes_that_it_did_not_ask_for_are_nothing_to_it() -> None:
    assert PingProgram("p", ping(), rng=Rng()).resume(T0, Opened(NO_MAC)) == ()


def test_stopped_before_it_began_it_says_nothing() -> None:
    program = PingProgram("p", ping(), rng=Rng())
    program.start(T0)
    (finished,) = program.stop(T0)
    assert (finished.id, program.next_deadline()) == ("p", None)  # type: ignore[union-attr]


# --- the words around ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "socket", "lines"),
    [
        pytest.param({}, Connected(OWN), [HEADER], id="plain"),
        pytest.param(
            *({"netdev": "eth0"}, Connected(OWN)),
            ["PING 10.0.0.2 (10.0.0.2) from 10.0.0.1 eth0: 56(84) bytes of data."],
            id="from a netdev",
        ),
        pytest.param(
            *({"source": IPv4Address("10.0.0.1")}, Connected(OWN)),
            ["PING 10.0.0.2 (10.0.0.2) from 10.0.0.1 : 56(84) bytes of data."],
            id="from an address",
        ),
        pytest.param(
            *({"netdev": "lo"}, Connected(OWN, True)),
            [
                "ping: Warning: source address might be selected on device other than: lo",
                "PING 10.0.0.2 (10.0.0.2) from 10.0.0.1 lo: 56(84) bytes of data.",
            ],
            id="from a netdev with an address of another",
        ),
        pytest.param(
            *({"broadcast": True, "destination": IPv4Address("10.0.0.255")}, Connected(OWN)),
            [
                "WARNING: pinging broadcast address",
                "PING 10.0.0.255 (10.0.0.255) 56(84) bytes of data.",
            ],
            id="to all",
        ),
        pytest.param(
            *({"size": 1472}, Connected(OWN)),
            ["PING 10.0.0.2 (10.0.0.2) 1472(1500) bytes of data."],
            id="large",
        ),
    ],
)
def test_the_first_lines(options: dict[str, object], socket: Connected, lines: list[str]) -> None:
    assert start(ping(**options), socket).printed == lines


def test_the_last_lines_are_those_of_a_recorded_run() -> None:
    stage = start(ping())
    for micros in (362, 127, 124):
        stage.now = Nanoseconds(stage.sent[-1][0] + microseconds(micros))
        answer(stage)
        stage.advance(1030)
    assert stage.printed[-4:] == [
        *("", TITLE, "3 packets transmitted, 3 received, 0% packet loss, time 2038ms"),
        "rtt min/avg/max/mdev = 0.124/0.204/0.362/0.111 ms",
    ]


@pytest.mark.parametrize(
    ("answered", "line"),
    [
        pytest.param([1, 1, 2], "3 packets transmitted, 2 received, +1 duplicates,", id="twice"),
        pytest.param([1], "3 packets transmitted, 1 received, 66.6667% packet loss,", id="once"),
        pytest.param([], "3 packets transmitted, 0 received, 100% packet loss,", id="never"),
    ],
)
def test_what_is_counted(answered: list[int], line: str) -> None:
    stage = start(ping(count=3))
    for which in answered:
        stage.advance_to(which)
        answer(stage, which - 1)
    stage.advance(20_000)
    assert any(text.startswith(line) for text in stage.printed)
    assert stage.status == (0 if answered else 1)
    assert stage.finished is not None
    assert (stage.finished.sent, stage.finished.received) == (3, len(set(answered)))


def test_how_many_were_on_their_way_is_the_last_thing_said() -> None:
    stage = start(ping(count=4))
    stage.advance_to(4)
    for which in range(4):
        error(stage, 3, 1, which=which)
    assert stage.printed[-4:] == [
        *("", TITLE, "4 packets transmitted, 0 received, +4 errors, 100% packet loss, time 3062ms"),
        "pipe 4",
    ]


def test_sequence_numbers_come_again_after_65535() -> None:
    stage = start(ping(count=0, interval=milliseconds(1)))
    for _ in range(0x10001):
        stage.advance(1)
        answer(stage)
        stage.advance(1)
    assert "(DUP!)" not in stage.printed[-1]
    assert parse_icmp(echo(stage).carried).sequence == len(stage.sent) & 0xFFFF


@given(
    st.lists(st.tuples(st.integers(0, 3_000), st.integers(0, 9)), max_size=30),
    st.integers(1, 3_000),
)
def test_whatever_is_heard_and_when_it_ends_and_its_deadlines_lie_ahead(
    heard: list[tuple[int, int]], interval: int
) -> None:
    stage = start(ping(count=5, interval=milliseconds(interval), linger=seconds(2)))
    for gap, which in heard:
        stage.advance(gap)
        if stage.finished is None and which < len(stage.sent):
            answer(stage, which)
            due = stage.program.next_deadline()
            assert due is None or due > stage.now
    stage.advance(30_000)
    assert stage.finished is not None
