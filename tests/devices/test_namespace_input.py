"""What a host makes of one packet; each row was put to Linux 6.18, which gave that reason.

Where emu differs, input.py says so.

The host is a with 10.0.0.1/24, and knows b at 10.0.0.2, who sends.
"""

import struct
from ipaddress import IPv4Address, IPv4Network

import pytest

from emu.core.time import Nanoseconds, milliseconds
from emu.devices.namespace import Namespace
from emu.devices.namespace.changes import AddNetdev, AddRoute, SetNeighbour, SetSysctl
from emu.net.effects import Deliver, Drop, DropReason, Transmit
from emu.packet.addresses import BROADCAST, MacAddress
from emu.packet.checksum import checksum
from emu.packet.door import ICMP, IP, TCP, UDP, Packet, Raw
from emu.packet.ethernet import ETH_P_IP, build_ethernet
from emu.packet.frame import Frame
from emu.packet.ipv4 import build_ipv4
from tests.devices.hosts import MACS, T0, host, inet, outcome

A, B, C = MACS["a"], MACS["b"], MACS["c"]
ALL_HOSTS = MacAddress(b"\x01\x00\x5e\x00\x00\x01")
NOBODY, EVERYBODY = str(IPv4Address(0)), "255.255.255.255"


def machine(**sysctls: int) -> Namespace:
    device = host("a", "10.0.0.1/24")
    address = IPv4Address("10.0.0.2")
    device.configure(T0, SetNeighbour(name="eth0", address=address, mac=B))
    for name, value in sysctls.items():
        key = f"net.ipv4.{name.replace('__', '.')}"
        device.configure(T0, SetSysctl(key=key, value=str(value)))
    return device


def ip(**fields: object) -> Packet:
    return IP(**{"src": "10.0.0.2", "dst": "10.0.0.1", **fields})  # type: ignore[arg-type]


ECHO = ICMP(id=7, seq=1) / b"abcdefgh"


def frame(packet: Packet | bytes, dst: MacAddress = A) -> Frame:
    return Frame.new(build_ethernet(dst, B, ETH_P_IP, bytes(packet)))


def edited(packet: Packet, at: int, octet: int) -> bytes:
    octets = bytearray(bytes(packet))
    octets[at] = octet
    return bytes(octets)


def igmp(kind: int) -> bytes:
    message = bytes((kind, 0, 0, 0, 0, 0, 0, 0))
    return message[:2] + checksum(message).to_bytes(2, "big") + message[4:]


def udplite(covered: int, carried: bytes = b"hi") -> bytes:
    datagram = struct.pack("!HHHH", 5, 6, covered, 0) + carried
    pseudo = inet("10.0.0.2") + inet("10.0.0.1") + struct.pack("!HH", 136, len(datagram))
    check = checksum(pseudo + (datagram[:covered] if covered else datagram))
    return datagram[:6] + check.to_bytes(2, "big") + datagram[8:]


def optional(octets: str, src: str = "10.0.0.2", dst: str = "10.0.0.1") -> bytes:
    options = bytes.fromhex(octets)
    return build_ipv4(1, bytes(ECHO), src=inet(src), dst=inet(dst), options=options)


WRONG_OPTIONS = {  # and the octet of the header that Linux 6.18 points to
    "07000400": 20,
    "070c0400": 20,
    "0707030000000000": 22,
    "07020000": 21,
    "4408040000000000": 22,
    "94020000": 21,
    "8903048303040000": 23,
    "83020000": 21,
    "01010107": 23,
    "0707060102030400": 22,
    "0703040703040000": 23,
    "440405f0": 23,
    "4406050000000000": 22,
    "4408050100000000": 22,
    "44030500": 21,
    "4404050044040500": 24,
}
REPLY = ["deliver eth0", "eth0: a > b reply 1"]
PORT_UNREACHABLE = ["drop eth0 NO_SOCKET", "eth0: a > b icmp 3/3"]


@pytest.mark.parametrize(
    ("arriving", "expected"),
    [
        pytest.param(frame(ip() / ECHO), REPLY, id="an echo request is answered"),
        pytest.param(frame(ip() / ECHO, BROADCAST), REPLY, id="even in a frame for all"),
        pytest.param(frame(ip() / ECHO, ALL_HOSTS), REPLY, id="or for a group"),
        pytest.param(
            frame(ip() / ICMP(code=5, seq=1)),
            ["deliver eth0", "eth0: a > b reply 1"],
            id="whatever its code",
        ),
        pytest.param(frame(ip() / ECHO, C), ["drop eth0 OTHERHOST"], id="to another MAC"),
        # the header
        pytest.param(frame(bytes(ip())[:15]), ["drop eth0 IP_INHDR"], id="15 octets"),
        pytest.param(frame(edited(ip() / ECHO, 0, 0x65)), ["drop eth0 IP_INHDR"], id="version 6"),
        pytest.param(frame(edited(ip() / ECHO, 0, 0x44)), ["drop eth0 IP_INHDR"], id="IHL 4"),
        pytest.param(frame(edited(ip() / ECHO, 11, 1)), ["drop eth0 IP_CSUM"], id="its checksum"),
        pytest.param(frame(ip(len=500) / ECHO), ["drop eth0 PKT_TOO_SMALL"], id="cut short"),
        pytest.param(frame(ip(len=10) / ECHO), ["drop eth0 IP_INHDR"], id="less than its header"),
        # the source
        pytest.param(
            frame(ip(src="10.0.0.1") / ECHO), ["drop eth0 IP_LOCAL_SOURCE"], id="from oneself"
        ),
        pytest.param(
            frame(ip(src="224.0.0.5") / ECHO), ["drop eth0 IP_INVALID_SOURCE"], id="from a group"
        ),
        pytest.param(
            frame(ip(src=EVERYBODY) / ECHO), ["drop eth0 IP_INVALID_SOURCE"], id="from all"
        ),
        pytest.param(
            frame(ip(src=NOBODY) / ECHO), ["drop eth0 IP_INVALID_SOURCE"], id="from nobody"
        ),
        pytest.param(
            frame(ip(src="127.0.0.1") / ECHO), ["drop eth0 IP_LOCALNET"], id="from lo's network"
        ),
        pytest.param(
            frame(ip(src="99.0.0.1") / ECHO), ["deliver eth0"], id="from where no route leads"
        ),
        pytest.param(
            frame(ip(src="10.0.0.255") / ECHO),
            ["deliver eth0", "eth0: a > all reply 1"],
            id="from all of the network",
        ),
        # the destination
        pytest.param(
            frame(ip(dst="127.0.0.1") / ECHO), ["drop eth0 IP_LOCALNET"], id="to lo's network"
        ),
        pytest.param(frame(ip(dst=NOBODY) / ECHO), ["drop eth0 IP_INVALID_DEST"], id="to nobody"),
        pytest.param(
            frame(ip(dst="10.0.0.77") / ECHO), ["drop eth0 IP_INADDRERRORS"], id="to a neighbour"
        ),
        pytest.param(
            frame(ip(dst="99.0.0.1") / ECHO), ["drop eth0 IP_INADDRERRORS"], id="to far away"
        ),
        pytest.param(
            frame(ip(dst="10.0.0.255") / ECHO, BROADCAST),
            ["drop eth0 INVALID_PROTO"],
            id="an echo request to all of the network is ignored",
        ),
        pytest.param(
            frame(ip(dst=EVERYBODY) / ECHO, BROADCAST),
            ["drop eth0 INVALID_PROTO"],
            id="so is one to all",
        ),
        pytest.param(
            frame(ip(dst="224.0.0.1") / ECHO, ALL_HOSTS),
            ["drop eth0 INVALID_PROTO"],
            id="and one to all hosts",
        ),
        pytest.param(
            frame(ip(dst="224.1.2.3") / ECHO, ALL_HOSTS),
            ["drop eth0 NOT_SPECIFIED"],
            id="to a group that it is not in",
        ),
        pytest.param(
            frame(ip(src="224.0.0.9", dst="224.0.0.1") / ECHO, ALL_HOSTS),
            ["drop eth0 IP_INVALID_SOURCE"],
            id="from a group to all hosts",
        ),
        pytest.param(
            frame(ip(src=NOBODY, dst=EVERYBODY) / UDP(sport=68, dport=67) / b"x", BROADCAST),
            ["drop eth0 NO_SOCKET"],
            id="who has no address may speak to all",
        ),
        pytest.param(
            frame(ip(src="10.0.0.1", dst=EVERYBODY) / ECHO, BROADCAST),
            ["drop eth0 IP_LOCAL_SOURCE"],
            id="not with this host's",
        ),
        pytest.param(
            frame(ip(src=NOBODY, dst=NOBODY) / UDP(sport=68, dport=67) / b"x", BROADCAST),
            ["drop eth0 NO_SOCKET"],
            id="and to nobody, which once meant all",
        ),
        # protocols
        pytest.param(
            frame(ip(proto=99) / b"12345678"),
            ["drop eth0 IP_NOPROTO", "eth0: a > b icmp 3/2"],
            id="a protocol that it does not speak",
        ),
        pytest.param(
            frame(ip(dst="10.0.0.255", proto=99) / b"12345678", BROADCAST),
            ["drop eth0 IP_NOPROTO"],
            id="to all: no complaint",
        ),
        pytest.param(
            frame(ip() / UDP(sport=5, dport=6) / b"hi"), PORT_UNREACHABLE, id="UDP to a closed port"
        ),
        pytest.param(
            frame(ip() / UDP(sport=5, dport=6, chksum=0) / b"hi"),
            PORT_UNREACHABLE,
            id="UDP without a checksum",
        ),
        pytest.param(
            frame(ip() / UDP(sport=5, dport=6) / b"hi", BROADCAST),
            ["drop eth0 NO_SOCKET"],
            id="UDP in a frame for all: no complaint",
        ),
        pytest.param(
            frame(ip() / UDP(sport=5, dport=6, chksum=1) / b"hi"),
            ["drop eth0 UDP_CSUM"],
            id="UDP with a wrong checksum",
        ),
        pytest.param(
            frame(ip(proto=17) / b"hi"), ["drop eth0 NOT_SPECIFIED"], id="no whole UDP header"
        ),
        pytest.param(
            frame(ip() / UDP(sport=5, dport=6, len=100) / b"hi"),
            ["drop eth0 PKT_TOO_SMALL"],
            id="less UDP than it says",
        ),
        pytest.param(
            frame(ip() / UDP(sport=5, dport=6, len=4) / b"hi"),
            ["drop eth0 PKT_TOO_SMALL"],
            id="less than a UDP header",
        ),
        pytest.param(
            frame(ip() / TCP(sport=5, dport=6)), ["drop eth0 NO_SOCKET"], id="TCP to a closed port"
        ),
        pytest.param(
            frame(ip(flags="MF") / ECHO), ["drop eth0 FRAG_REASM_TIMEOUT"], id="a first fragment"
        ),
        pytest.param(
            frame(ip(frag=8) / b"12345678"),
            ["drop eth0 FRAG_REASM_TIMEOUT"],
            id="a last fragment",
        ),
        *[
            pytest.param(frame(ip(proto=2) / said, mac), [f"drop eth0 {why}"], id=f"IGMP: {name}")
            for said, mac, why, name in (
                (igmp(0x11), A, "CONSUMED", "a query"),
                (igmp(0x16), ALL_HOSTS, "CONSUMED", "a report, in a frame for many"),
                (igmp(0x12), BROADCAST, "CONSUMED", "one of version 1"),
                (igmp(0x16), A, "NOT_SPECIFIED", "a report to this host alone"),
                (igmp(0x17), ALL_HOSTS, "NOT_SPECIFIED", "somebody leaves"),
                (igmp(0x11)[:4], A, "NOT_SPECIFIED", "no whole message"),
                (b"12345678", A, "NOT_SPECIFIED", "its checksum is wrong"),
            )
        ],
        *[
            pytest.param(frame(ip(proto=136) / said), expected, id=f"UDP-Lite: {name}")
            for said, expected, name in (
                (udplite(0), PORT_UNREACHABLE, "to a closed port"),
                (udplite(8), PORT_UNREACHABLE, "of which only the header is covered"),
                (udplite(8) + b"more", ["drop eth0 UDP_CSUM"], "longer than it was"),
                (udplite(8, b""), PORT_UNREACHABLE, "without data"),
                (udplite(4), ["drop eth0 UDP_CSUM"], "of which half the header is covered"),
                (udplite(40), ["drop eth0 PKT_TOO_SMALL"], "more covered than there is"),
                (udplite(8)[:6] + b"\0\0hi", ["drop eth0 UDP_CSUM"], "no checksum"),
                (udplite(8)[:4], ["drop eth0 NOT_SPECIFIED"], "no whole header"),
            )
        ],
        # options
        *[
            pytest.param(frame(optional(octets)), REPLY, id=f"option {octets}")
            for octets in (
                *("01010100", "0007ffff", "94040000", "82040000", "1e040000"),
                *("0707040000000000", "0707080102030400", "4408050000000000", "44040500"),
                "440c05020000000000000000",
            )
        ],
        *[
            pytest.param(
                frame(optional(octets)),
                ["drop eth0 IP_INHDR", "eth0: a > b icmp 12/0"],
                id=f"wrong option {octets}",
            )
            for octets in WRONG_OPTIONS
        ],
        *[
            pytest.param(
                frame(optional(octets)), ["drop eth0 NOT_SPECIFIED"], id=f"source route {octets}"
            )
            for octets in ("8307080a00000500", "8307040a00000500", "8907040a00000500")
        ],
        pytest.param(
            frame(optional("07000400", dst="10.0.0.77")),
            ["drop eth0 IP_INHDR", "eth0: a > b icmp 12/0"],
            id="a wrong option to a neighbour",
        ),
        pytest.param(
            frame(optional("07000400", dst="10.0.0.255"), BROADCAST),
            ["drop eth0 IP_INHDR"],
            id="a wrong option to all: no complaint",
        ),
        pytest.param(
            frame(optional("07000400", src="10.0.0.1")),
            ["drop eth0 IP_LOCAL_SOURCE"],
            id="a wrong option from oneself",
        ),
        # ICMP
        pytest.param(
            frame(ip() / ICMP(chksum=1) / b"x"), ["drop eth0 ICMP_CSUM"], id="its checksum is wrong"
        ),
        pytest.param(
            frame(ip(proto=1) / b"\xff\xff"), ["drop eth0 NOT_SPECIFIED"], id="no whole message"
        ),
        pytest.param(
            frame(ip() / ICMP(type=40)), ["drop eth0 UNHANDLED_PROTO"], id="an unknown type"
        ),
        pytest.param(
            frame(ip() / ICMP(type=18)), ["drop eth0 CONSUMED"], id="a type that nobody minds"
        ),
        pytest.param(
            frame(ip() / ICMP(type=0, id=3, seq=4) / b"12345678"),
            ["drop eth0 NO_SOCKET"],
            id="an answer that nobody waits for",
        ),
        pytest.param(
            frame(ip() / ICMP(type=3, code=1) / IP(src="10.0.0.1", dst="10.0.0.2") / ECHO),
            ["drop eth0 CONSUMED"],
            id="an error that nobody minds",
        ),
        pytest.param(
            frame(ip() / ICMP(type=3, code=1) / b"1234"),
            ["drop eth0 NOT_SPECIFIED"],
            id="an error that quotes too little",
        ),
        pytest.param(
            frame(ip() / ICMP(type=3, code=1) / Raw(b"\x44" + b"1" * 40)),
            ["drop eth0 IP_INHDR"],
            id="an error that quotes nonsense",
        ),
        pytest.param(
            frame(ip() / ICMP(type=5, code=1) / IP(src="10.0.0.1", dst="99.0.0.1") / ECHO),
            ["drop eth0 CONSUMED"],
            id="a redirect",
        ),
        pytest.param(
            frame(ip(dst="10.0.0.255") / ICMP(type=0), BROADCAST),
            ["drop eth0 INVALID_PROTO"],
            id="an answer to all",
        ),
        pytest.param(
            frame(ip(dst="10.0.0.255") / ICMP(type=17), BROADCAST),
            ["drop eth0 CONSUMED"],
            id="a question for the mask, to all",
        ),
    ],
)
def test_what_becomes_of_a_packet(arriving: Frame, expected: list[str]) -> None:
    assert outcome(machine().receive(T0, "eth0", arriving)) == expected


# --- answers -------------------------------------------------------------------------------------


def sent(device: Namespace, arriving: Frame, now: Nanoseconds = T0) -> Packet:
    """Return the packet that it answers with, dissected."""
    (answer,) = [e for e in device.receive(now, "eth0", arriving) if isinstance(e, Transmit)]
    packet: Packet = answer.frame.scapy()[IP]
    return packet


def test_an_echo_reply_mirrors_data_id_seq_and_tos_and_nothing_else() -> None:
    request = ip(tos=0xB8, ttl=3, id=0, flags="DF") / ICMP(id=7, seq=9) / b"0123456789"
    reply = sent(machine(), frame(request))
    assert (reply.src, reply.dst, reply.tos, reply.ttl) == ("10.0.0.1", "10.0.0.2", 0xB8, 64)
    assert (int(reply.flags), reply.frag) == (0, 0)
    assert (reply[ICMP].type, reply[ICMP].code) == (0, 0)
    assert (reply[ICMP].id, reply[ICMP].seq, bytes(reply[Raw])) == (7, 9, b"0123456789")


def test_padding_is_no_data() -> None:
    wire = frame(ip() / ICMP(id=7, seq=9) / b"0123").wire + bytes(14)
    assert bytes(sent(machine(), Frame.new(wire))[Raw]) == b"0123"


def test_an_error_quotes_the_packet_as_it_came_and_has_a_tos_of_its_own() -> None:
    packet = ip(tos=0x02, ttl=9, id=77) / UDP(sport=5, dport=6) / b"hi"
    error = sent(machine(), frame(packet))
    assert (error.src, error.dst, error.tos, error.ttl) == ("10.0.0.1", "10.0.0.2", 0xC2, 64)
    assert int(error.flags) == 0
    assert bytes(error)[28:] == bytes(packet)


def test_an_error_is_no_longer_than_576_octets() -> None:
    error = sent(machine(), frame(ip() / UDP(sport=5, dport=6) / Raw(bytes(1400))))
    assert error.len == 576


def test_an_answer_to_all_comes_from_the_hosts_own_address() -> None:
    device = machine(icmp_echo_ignore_broadcasts=0)
    reply = sent(device, frame(ip(dst="10.0.0.255") / ECHO, BROADCAST))
    assert (reply.src, reply.dst) == ("10.0.0.1", "10.0.0.2")


@pytest.mark.parametrize(("octets", "pointer"), WRONG_OPTIONS.items())
def test_a_complaint_of_options_points_to_the_octet(octets: str, pointer: int) -> None:
    error = sent(machine(), frame(optional(octets)))
    assert error[ICMP].ptr == pointer


def test_answers_have_ids_that_count() -> None:
    device = machine()
    ids = [sent(device, frame(ip() / ECHO)).id for _ in range(3)]
    assert ids == [ids[0], (ids[0] + 1) % 0x10000, (ids[0] + 2) % 0x10000]


def test_six_errors_at_once_and_then_one_each_second() -> None:
    device, packet = machine(), frame(ip() / UDP(sport=5, dport=6) / b"hi")

    def errors(ms: int) -> int:
        effects = [e for _ in range(40) for e in device.receive(milliseconds(ms), "eth0", packet)]
        return sum(isinstance(effect, Transmit) for effect in effects)

    assert [errors(ms) for ms in (0, 600, 1000, 3000)] == [6, 0, 1, 2]


def test_answers_are_not_limited() -> None:
    device = machine()
    effects = [e for _ in range(40) for e in device.receive(T0, "eth0", frame(ip() / ECHO))]
    assert sum(isinstance(effect, Transmit) for effect in effects) == 40


def test_an_answer_says_by_which_route_and_neighbour() -> None:
    delivered, answer = machine().receive(T0, "eth0", frame(ip() / ECHO))
    assert isinstance(delivered, Deliver)
    assert [str(step.rule) for step in delivered.why] == [
        "local 10.0.0.1 dev eth0 proto kernel scope host src 10.0.0.1"
    ]
    assert isinstance(answer, Transmit)
    assert [str(step.rule) for step in answer.why] == [
        "10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.1",
        "10.0.0.2 dev eth0 lladdr 02:00:00:00:00:0b PERMANENT",
    ]


# --- sysctls -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sysctls", "arriving", "expected"),
    [
        pytest.param(
            {"icmp_echo_ignore_all": 1},
            frame(ip() / ECHO),
            ["drop eth0 CONSUMED"],
            id="icmp_echo_ignore_all",
        ),
        pytest.param(
            {"icmp_echo_ignore_broadcasts": 0},
            frame(ip(dst="10.0.0.255") / ECHO, BROADCAST),
            REPLY,
            id="icmp_echo_ignore_broadcasts",
        ),
        pytest.param(
            {"conf__all__rp_filter": 1},
            frame(ip(src="99.0.0.1") / ECHO),
            ["drop eth0 IP_RPFILTER"],
            id="rp_filter 1: no route back",
        ),
        pytest.param(
            {"conf__all__rp_filter": 1}, frame(ip() / ECHO), REPLY, id="rp_filter 1: a route back"
        ),
        pytest.param(
            {"conf__eth0__rp_filter": 2},
            frame(ip(src="99.0.0.1") / ECHO),
            ["drop eth0 IP_RPFILTER"],
            id="rp_filter 2: no route at all",
        ),
        pytest.param(
            {"icmp_ratemask": 0},
            frame(ip() / UDP(sport=5, dport=6) / b"hi"),
            PORT_UNREACHABLE,
            id="icmp_ratemask",
        ),
        pytest.param(
            {"ip_forward": 1},
            frame(ip(dst="10.0.0.77") / ECHO),
            ["drop eth0 IP_INADDRERRORS"],
            id="ip_forward, which is nothing yet",
        ),
    ],
)
def test_sysctls(sysctls: dict[str, int], arriving: Frame, expected: list[str]) -> None:
    assert outcome(machine(**sysctls).receive(T0, "eth0", arriving)) == expected


@pytest.mark.parametrize(
    ("strictness", "reason"),
    [
        pytest.param(1, DropReason.IP_RPFILTER, id="1: only by the way back"),
        pytest.param(2, None, id="2: by any way"),
    ],
)
def test_a_source_that_is_reached_through_another_netdev(
    strictness: int, reason: DropReason | None
) -> None:
    device = machine(conf__all__rp_filter=strictness)
    device.configure(T0, AddNetdev(name="eth1", mac=C))
    away = IPv4Address("99.0.0.1")
    device.configure(T0, AddRoute(destination=IPv4Network(away), name="eth1"))
    effects = device.receive(T0, "eth0", frame(ip(src=str(away)) / ECHO))
    drops = [effect.reason for effect in effects if isinstance(effect, Drop)]
    assert drops == ([reason] if reason else [])


def test_a_ttl_of_its_own() -> None:
    assert sent(machine(ip_default_ttl=9), frame(ip() / ECHO)).ttl == 9
