"""Scapy's own functions on virtual time."""

import re
import time
from collections.abc import Callable

import pytest
from scapy.automaton import ATMT, Automaton
from scapy.layers.l2 import ARP_am
from scapy.sendrecv import AsyncSniffer, sniff

from emu.core.errors import EmuError
from emu.core.time import milliseconds, seconds
from emu.lab import Lab
from emu.packet.door import ARP, ICMP, IP, Ether, Packet, Raw
from tests.lab_api.worlds import EVERYBODY, ONE, TWO, ask, two_pcs

# --- frames from a port --------------------------------------------------------------------------


def test_a_question_has_an_answer() -> None:
    lab = two_pcs(latency="5ms")
    answer = lab.srp1("pc1/eth0", ask(TWO), timeout=2)
    assert answer is not None
    assert (answer[ARP].op, answer[ARP].psrc, answer.sniffed_on) == (2, TWO, "pc1/eth0")
    assert lab.now == milliseconds(20), "it waits no longer than for the answer"
    assert str(answer.time) == "1767225600.020000000"


@pytest.mark.parametrize("timeout", [2, 0.5, 60])
def test_without_an_answer_the_timeout_passes_in_no_time_and_to_the_nanosecond(
    timeout: float,
) -> None:
    lab = two_pcs()
    began = time.monotonic()
    assert lab.srp1("pc1/eth0", ask("10.0.0.9"), timeout=timeout) is None
    assert lab.now == timeout * seconds(1)
    assert time.monotonic() - began < 1


def test_without_a_timeout_nobody_waits_for_ever() -> None:
    lab = two_pcs()
    assert lab.srp1("pc1/eth0", ask("10.0.0.9")) is None
    assert lab.now <= seconds(60)


def test_several_packets_are_sent_with_time_between_them() -> None:
    lab = two_pcs()
    with lab.collect("pc1/eth0") as frames:
        answered, unanswered = lab.srp(
            "pc1/eth0", [ask(f"10.0.0.{last}") for last in (2, 3, 4)], inter=0.1, timeout=1
        )
    sent = [it.time for it in frames.sightings if it.outgoing]
    assert sent == [milliseconds(0), milliseconds(100), milliseconds(200)]
    assert [(query[ARP].pdst, answer[ARP].psrc) for query, answer in answered] == [(TWO, TWO)]
    assert [packet[ARP].pdst for packet in unanswered] == ["10.0.0.3", "10.0.0.4"]
    assert lab.now == milliseconds(1200)


def test_a_packet_may_stand_for_several() -> None:
    lab = two_pcs()
    answered, unanswered = lab.srp("pc1/eth0", ask("10.0.0.0/30"), timeout=1)
    assert (len(answered), len(unanswered)) == (1, 3)


def test_what_was_not_answered_is_asked_again() -> None:
    lab = two_pcs()
    with lab.collect("pc1/eth0") as frames:
        lab.srp("pc1/eth0", ask("10.0.0.9"), timeout=1, retry=2)
    assert [it.time for it in frames.sightings] == [seconds(0), seconds(1), seconds(2)]


def test_the_kernel_hears_what_the_socket_hears_and_not_what_it_sends() -> None:
    lab = two_pcs()
    lab.srp1("pc1/eth0", ask(TWO), timeout=1)
    fates = lab.fates().splitlines()
    assert [line.partition("  ")[0] for line in fates] == ["inject#1", "pc2#1"]
    assert "pc1/eth0: dropped" in fates[1]


# --- packets from a machine ----------------------------------------------------------------------


def test_a_packet_finds_its_way() -> None:
    lab = two_pcs()
    with lab.collect("pc1/eth0") as frames:
        reply = lab.sr1("pc1", IP(dst=TWO) / ICMP(), timeout=1)
    assert reply is not None
    assert isinstance(reply, IP)
    assert (reply.src, reply.dst, reply[ICMP].type, reply.sniffed_on) == (TWO, ONE, 0, "pc1")
    assert [ARP in frame for frame in frames] == [True, True, False, False]
    assert frames[2].dst == frames[1][ARP].hwsrc


def test_a_neighbour_is_asked_for_once_by_a_socket_and_again_after_two_minutes() -> None:
    lab = two_pcs()
    with lab.collect("pc1/eth0") as frames, lab.socket("pc1") as socket:
        for _ in range(2):
            assert socket.sr1(IP(dst=TWO) / ICMP(), timeout=1) is not None
        lab.advance(121)
        assert socket.sr1(IP(dst=TWO) / ICMP(), timeout=1) is not None
    asked = [it.time for it in frames.sightings if it.packet.dst == EVERYBODY]
    assert [at // seconds(1) for at in asked] == [0, 121]


def test_the_next_hop_is_the_gateway() -> None:
    lab = two_pcs()
    lab.execute("pc1", "ip route add default via 10.0.0.2")
    with lab.collect("pc1/eth0") as frames:
        lab.sr1("pc1", IP(dst="192.0.2.1") / ICMP(), timeout=1)
    assert (frames[0][ARP].pdst, frames[2][IP].dst) == (TWO, "192.0.2.1")
    assert frames[2].dst == frames[1].src


@pytest.mark.parametrize(
    ("destination", "mac"),
    [
        pytest.param("10.0.0.255", EVERYBODY, id="the broadcast address of the subnet"),
        pytest.param("10.0.0.77", EVERYBODY, id="nobody answers: as Scapy does"),
        pytest.param("239.129.2.3", "01:00:5e:01:02:03", id="many"),
    ],
)
def test_to_which_mac_a_packet_goes(destination: str, mac: str) -> None:
    lab = two_pcs()
    lab.execute("pc1", "ip route add default via 10.0.0.2 ")
    lab.execute("pc1", "ip route add 224.0.0.0/4 dev eth0")
    with lab.collect("pc1/eth0") as frames:
        lab.sr1("pc1", IP(dst=destination) / ICMP(), timeout=1)
    sent = [it.packet for it in frames.sightings if it.outgoing]
    assert [packet.dst for packet in sent if IP in packet] == [mac]


def test_what_is_sent_to_oneself_is_not_answered() -> None:
    lab = two_pcs()
    with lab.collect("pc1/eth0") as frames:
        assert lab.sr1("pc1", IP(dst=ONE) / ICMP(), timeout=1) is None
    assert len(frames) == 0


def test_the_source_may_be_given() -> None:
    lab = two_pcs()
    with lab.collect("pc1/eth0") as frames:
        lab.sr1("pc1", IP(src="10.0.0.50", dst=TWO) / ICMP(), timeout=1)
    assert [frame[IP].src for frame in frames if IP in frame] == ["10.0.0.50"]


# --- sniffing ------------------------------------------------------------------------------------


def echoes(packet: Packet) -> bool:
    return ICMP in packet


def test_a_sniffer_sees_both_directions_until_it_has_enough() -> None:
    lab = two_pcs()
    lab.start("pc1", "ping -c 5 10.0.0.2")
    packets = lab.sniff("pc2/eth0", count=3, lfilter=echoes)
    assert [packet[ICMP].type for packet in packets] == [8, 0, 8]
    assert [packet.direction for packet in packets] == [1, 2, 1]


def test_a_sniffer_ends_after_its_time() -> None:
    lab = two_pcs()
    lab.start("pc1", "ping -c 5 10.0.0.2")
    packets = lab.sniff("pc2/eth0", timeout=1.5, lfilter=echoes)
    assert len(packets) == 4
    assert lab.now == milliseconds(1500)


def test_a_sniffer_tells_what_it_sees_and_stops_when_told() -> None:
    lab = two_pcs()
    lab.start("pc1", "ping -c 5 10.0.0.2")
    seen: list[int] = []
    packets = lab.sniff(
        "pc2/eth0",
        lfilter=echoes,
        prn=lambda packet: seen.append(packet[ICMP].seq),
        stop_filter=lambda packet: packet[ICMP].seq == 2,
        store=False,
    )
    assert (seen, len(packets)) == ([1, 1, 2], 0)


def test_a_sniffer_that_began_may_be_given_something_to_see() -> None:
    lab = two_pcs()
    packets = lab.sniff(
        "pc2/eth0", count=2, started_callback=lambda: lab.inject("pc1/eth0", ask(TWO))
    )
    assert [packet[ARP].op for packet in packets] == [1, 2]


def test_a_socket_keeps_what_it_heard_before_anybody_looked() -> None:
    lab = two_pcs()
    with lab.socket("pc2/eth0") as socket:
        lab.inject("pc1/eth0", ask(TWO))
        assert len(socket.sniff(timeout=0.001)) == 1
        assert len(socket.sniff(timeout=1)) == 0
        lab.inject("pc1/eth0", ask(TWO))
        assert len(socket.sniff(count=1)) == 1
    lab.inject("pc1/eth0", ask(TWO))
    assert not socket.has_heard


# --- Scapy's functions that take a socket --------------------------------------------------------


def test_scapys_own_sniff_takes_sockets() -> None:
    lab = two_pcs()
    with lab.socket("pc1/eth0") as one, lab.socket("pc2/eth0") as two:
        for _ in range(3):
            one.send(Ether(dst=EVERYBODY) / Raw(b"x"))
        assert len(sniff(opened_socket=[one, two], timeout=1)) == 3
        assert lab.now == seconds(1)
        assert len(sniff(opened_socket=two, timeout=1)) == 0


# --- what is wrong, and what is not supported ----------------------------------------------------

MISTAKES: dict[str, tuple[Callable[[Lab], object], str]] = {
    "a packet at a port": (
        lambda lab: lab.srp1("pc1/eth0", IP(dst=TWO)),
        'put Ether() in front of it, or send it from lab.socket("pc1")',
    ),
    "a frame from a machine": (
        lambda lab: lab.sr1("pc1", ask(TWO)),
        'frames are sent from a port, as in lab.socket("pc1/eth0")',
    ),
    "no way to it": (
        lambda lab: lab.sr1("pc1", IP(dst="192.0.2.1")),
        "pc1 has no route to 192.0.2.1",
    ),
    "BPF": (
        lambda lab: lab.sniff("pc1/eth0", filter="icmp"),
        "filter= does not work with a socket of emu: use lfilter",
    ),
    "an interface of the real machine": (
        lambda lab: lab.srp1("pc1/eth0", ask(TWO), iface="lo"),
        "iface= does not work",
    ),
    "an answering machine": (
        lambda lab: lab.socket("pc1/eth0").am(ARP_am),
        'an answering machine is a device here: AnsweringDevice("am", ARP_am(...))',
    ),
    "nowhere": (lambda lab: lab.sniff("pc9/eth0"), 'no link ends at "pc9/eth0"'),
    "a file to select": (lambda lab: lab.socket("pc1/eth0").fileno(), "Automaton and AsyncSniffer"),
}


@pytest.mark.parametrize(("do", "words"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_said_in_clear_words(do: Callable[[Lab], object], words: str) -> None:
    with pytest.raises(EmuError, match=re.escape(words)):
        do(two_pcs())


class Watcher(Automaton):
    """An automaton as Scapy's manual has it."""

    @ATMT.state(initial=1)
    def BEGIN(self) -> None:  # noqa: N802 - as in Scapy's manual
        pass

    @ATMT.receive_condition(BEGIN)  # type: ignore[arg-type,call-arg]
    def heard(self, packet: Packet) -> None:
        pass


def test_an_automaton_says_that_it_is_not_supported() -> None:
    lab = two_pcs()
    with lab.socket("pc1/eth0") as socket:
        automaton = Watcher(recvsock=lambda **_: socket, ll=lambda **_: socket)
        with pytest.raises(EmuError, match="Automaton and AsyncSniffer are not supported"):
            automaton.run()
        automaton.stop()  # waits until its thread has ended
        automaton.destroy()


def test_an_async_sniffer_says_that_it_is_not_supported() -> None:
    lab = two_pcs()
    with lab.socket("pc1/eth0") as socket:
        sniffer = AsyncSniffer(opened_socket=socket)
        sniffer.start()
        with pytest.raises(EmuError, match="Automaton and AsyncSniffer are not supported"):
            sniffer.join()


def test_no_real_socket_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the real machine is touched")

    monkeypatch.setattr("socket.socket", refuse)
    lab = two_pcs()
    assert lab.sr1("pc1", IP(dst=TWO) / ICMP(), timeout=1) is not None
    assert lab.sniff("pc1/eth0", timeout=1) is not None
