"""Scapy's answering machines as devices."""

import pytest
from scapy.layers.dns import DNS_am
from scapy.layers.inet import ICMPEcho_am
from scapy.layers.l2 import ARP_am

from emu.core.errors import EmuError
from emu.core.time import seconds
from emu.lab import AnsweringDevice, Lab
from emu.net.effects import Drop
from emu.packet.door import (
    ARP,
    DNS,
    DNSQR,
    ICMP,
    IP,
    UDP,
    AnsweringMachine,
    Ether,
    Packet,
    PacketList,
    Raw,
)
from emu.packet.frame import Frame
from tests.lab_api.worlds import EVERYBODY, ask

OWN, PC = "02:00:00:00:00:09", "02:00:00:00:00:01"


def beside_a_pc(machine: AnsweringMachine[Packet]) -> Lab:
    lab = Lab()
    lab.add("pc1", "namespace", addresses=["10.0.0.1/24"])
    lab.add(AnsweringDevice("am", machine, mac=OWN))
    lab.connect("pc1/eth0", "am/eth0")
    return lab


@pytest.mark.parametrize("address", [None, "02:00:00:00:00:77"], ids=["the device's", "its own"])
def test_a_machine_that_wants_an_address_gets_that_of_the_device(address: str | None) -> None:
    lab = beside_a_pc(ARP_am(IP_addr="10.0.0.9", ARP_addr=address))
    reply = lab.srp1("pc1/eth0", ask("10.0.0.9"), timeout=1)
    assert reply is not None
    assert (reply.src, reply[ARP].hwsrc) == (address or OWN, address or OWN)


def test_what_is_no_request_is_dropped_and_the_trace_says_so() -> None:
    lab = beside_a_pc(ARP_am(IP_addr="10.0.0.9"))
    trace = lab.trace(packet=lab.inject("pc1/eth0", ask("10.0.0.8")))
    assert "=> dropped CONSUMED at am/eth0 (on_packet: ARP_am: not a request)" in trace


def test_a_ping_is_answered() -> None:
    lab = beside_a_pc(ICMPEcho_am())
    lab.execute("pc1", f"ip neigh add 10.0.0.9 lladdr {OWN} dev eth0")
    assert lab.ping("pc1", "10.0.0.9", count=2).received == 2


def test_the_source_that_a_reply_leaves_out_is_the_devices() -> None:
    lab = beside_a_pc(ICMPEcho_am())
    request = Ether(dst=EVERYBODY) / IP(dst="10.0.0.9") / ICMP()
    reply = lab.srp1("pc1/eth0", request, timeout=1)
    assert reply is not None
    assert reply.src == OWN


def test_a_name_is_looked_up() -> None:
    lab = beside_a_pc(DNS_am(match={"emu.test": "10.0.0.7"}, joker=False))
    query = DNS(rd=1, qd=DNSQR(qname="emu.test"))
    request = Ether(dst=OWN) / IP(dst="10.0.0.9") / UDP(sport=5353, dport=53) / query
    reply = lab.srp1("pc1/eth0", request, timeout=1)
    assert reply is not None
    assert reply[DNS].an[0].rdata == "10.0.0.7"


class Replies(AnsweringMachine[Packet]):
    """Replies what it is told."""

    def parse_options(self, replies: object = None) -> None:
        self.replies = replies

    def make_reply(self, req: Packet) -> Packet:
        return self.replies  # type: ignore[return-value]


def received(replies: object) -> list[str]:
    device = AnsweringDevice("am", Replies(replies=replies), mac=OWN)
    frame = Frame(bytes(Ether(src=PC, dst=OWN) / Raw(b"x" * 50)))
    effects = device.receive(seconds(0), "eth0", frame)
    return [
        f"drop: {effect.why[0].rule}" if isinstance(effect, Drop) else type(effect).__name__
        for effect in effects
    ]


WHOLE = Ether(src=OWN, dst=PC) / Raw(b"y")


@pytest.mark.parametrize(
    ("replies", "expected"),
    [
        pytest.param(WHOLE, ["Deliver", "Transmit"], id="a frame"),
        pytest.param([WHOLE, WHOLE], ["Deliver", "Transmit", "Transmit"], id="a list"),
        pytest.param(PacketList([WHOLE]), ["Deliver", "Transmit"], id="a PacketList"),
        pytest.param(Ether(dst=PC) / Raw(b"y"), ["Deliver", "Transmit"], id="without its source"),
        pytest.param(IP(src="1.1.1.1", dst="2.2.2.2"), ["Deliver", "Transmit"], id="a packet"),
        pytest.param(None, ["drop: Replies: no reply to this request"], id="nothing"),
        pytest.param([], ["drop: Replies: no reply to this request"], id="an empty list"),
    ],
)
def test_a_reply_may_be(replies: object, expected: list[str]) -> None:
    assert received(replies) == expected


def test_a_reply_to_nobody_is_a_mistake_of_the_machine() -> None:
    with pytest.raises(EmuError, match="Replies replies to nobody: its Ether has no dst"):
        received(Ether(src=OWN) / Raw(b"y"))
