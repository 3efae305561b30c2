"""Devices written with Scapy: what becomes of each frame, and whose fault it is."""

# ruff: noqa: ARG001, ARG005 - what a device is told takes the device, the port and the packet

from collections.abc import Callable, Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emu.core.errors import EmuError
from emu.core.time import Nanoseconds, milliseconds, seconds
from emu.lab import Lab, ScapyDevice, through
from emu.net.changes import AddPort, RemovePort
from emu.net.effects import Deliver, Drop, DropReason, Effect, Step, Transmit
from emu.packet.door import IP, UDP, Ether, Packet, Raw
from emu.packet.frame import Frame, PacketId, Serial
from tests.lab_api.worlds import two_pcs
from tests.strategies import any_frames

T0 = seconds(0)
FRAME = Frame(bytes(Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / Raw(b"x" * 50)))
CAME = Frame(FRAME.wire, PacketId(7), Serial(3))
Do = Callable[["Scripted", str, Packet], Packet | Iterable[Packet] | None]


class Scripted(ScapyDevice):
    """Does what it is told."""

    def __init__(self, do: Do) -> None:
        super().__init__("box", ports=["a", "b"])
        self.do = do
        self.timers: list[tuple[str, float]] = []

    def on_packet(self, port: str, packet: Packet) -> Packet | Iterable[Packet] | None:
        return self.do(self, port, packet)

    def on_timer(self, timer: str) -> None:
        self.timers.append((timer, self.now))
        if timer == "again":
            self.set_timer("again", 1)
        if timer == "send":
            self.send("b", frame())


def frame(text: bytes = b"x") -> Packet:
    return Ether(src="02:00:00:00:00:05", dst="02:00:00:00:00:06") / Raw(text)


def outcome(effect: Effect) -> str:
    """Return what `effect` says became of what: `=` is the packet that came, `+` another."""
    match effect:
        case Transmit(port=port, frame=it):
            return f"send {port} {'=' if it.packet == CAME.packet else '+'}"
        case Deliver(port=port):
            return f"deliver {port}"
        case Drop(port=port, reason=reason, why=(Step(rule=rule),)):
            return f"drop {port} {reason} {rule}"
    return str(effect)


def in_order(device: ScapyDevice, port: str, packet: Packet) -> Packet:
    device.send("b", frame())
    device.forward("b", packet)
    return frame()


SCRIPTS: dict[str, tuple[Do, list[str]]] = {
    "nothing: it is taken": (lambda d, p, x: None, ["deliver a"]),
    "an answer leaves by the same port": (lambda d, p, x: frame(), ["deliver a", "send a +"]),
    "several answers": (
        lambda d, p, x: [frame(), frame()],
        ["deliver a", "send a +", "send a +"],
    ),
    "no answers": (lambda d, p, x: [], ["deliver a"]),
    "a packet is sent by another port": (
        lambda d, p, x: d.send("b", frame()),
        ["deliver a", "send b +"],
    ),
    "what came is sent as a packet of its own": (
        lambda d, p, x: d.send("b", x),
        ["deliver a", "send b +"],
    ),
    "what came goes on": (lambda d, p, x: d.forward("b", x), ["send b ="]),
    "what came goes on, rewritten": (lambda d, p, x: d.forward("b", frame()), ["send b ="]),
    "what came is dropped": (
        lambda d, p, x: d.drop("not today"),
        ["drop a NOT_SPECIFIED not today"],
    ),
    "what came is dropped for a reason": (
        lambda d, p, x: d.drop("mine", DropReason.CONSUMED),
        ["drop a CONSUMED mine"],
    ),
    "sent in order": (
        in_order,
        ["send b +", "send b =", "send a +"],
    ),
}


@pytest.mark.parametrize(("do", "expected"), SCRIPTS.values(), ids=SCRIPTS.keys())
def test_what_becomes_of_a_frame(do: Do, expected: list[str]) -> None:
    effects = Scripted(do).receive(T0, "a", CAME)
    assert [outcome(effect) for effect in effects] == expected
    sent = [effect.frame for effect in effects if isinstance(effect, Transmit)]
    assert {it.parent for it in sent} <= {CAME.parent}, "traces say because of which"


def test_its_packets_are_numbered() -> None:
    device = Scripted(lambda d, p, x: [frame(), frame()])
    sent = [it for it in device.receive(T0, "a", CAME) if isinstance(it, Transmit)]
    assert sent[1].frame.packet == sent[0].frame.packet + 1


def test_a_packet_comes_with_its_time_and_port() -> None:
    came: list[Packet] = []
    device = Scripted(lambda d, p, x: came.append(x))
    device.receive(milliseconds(1500), "a", CAME)
    assert (str(came[0].time), came[0].sniffed_on, device.now) == ("1767225601.500000000", "a", 1.5)
    assert bytes(came[0]) == CAME.wire


@settings(max_examples=60, deadline=None)
@given(came=any_frames, kind=st.sampled_from(["take", "forward", "drop"]))
def test_no_frame_disappears_however_broken(came: Frame, kind: str) -> None:
    scripts: dict[str, Do] = {
        "take": lambda d, p, x: None,
        "forward": lambda d, p, x: d.forward("b", x),
        "drop": lambda d, p, x: d.drop(x.summary()),
    }
    (effect,) = Scripted(scripts[kind]).receive(T0, "a", came)
    assert isinstance(effect, Transmit | Deliver | Drop)
    assert effect.frame.wire == came.wire


# --- timers --------------------------------------------------------------------------------------


def test_timers_are_called_when_they_are_due() -> None:
    device = Scripted(lambda d, p, x: None)
    device.set_timer("late", 2)
    device.set_timer("again", 0.5)
    device.set_timer("early", 0.25)
    device.set_timer("never", 1)
    device.stop_timer("never")
    assert device.next_deadline() == milliseconds(250)
    assert device.tick(milliseconds(249)) == ()
    while (due := device.next_deadline()) is not None and due <= seconds(2):
        device.tick(due)
    assert device.timers == [
        ("early", 0.25),
        ("again", 0.5),
        ("again", 1.5),
        ("late", 2),
    ]


def test_what_a_timer_sends_is_a_packet_without_a_cause() -> None:
    lab = Lab()
    device = Scripted(lambda d, p, x: None)
    device.set_timer("send", 3)
    lab.add(device)
    lab.add("hub1", "hub")
    lab.connect("box/b", "hub1/p1")
    with lab.collect("box/b") as frames:
        lab.advance(5)
    assert [(it.time, it.name) for it in frames.sightings] == [(seconds(3), "box#1")]
    assert "because of" not in lab.trace()


def test_a_timer_that_is_due_at_once_is_due_a_little_later() -> None:
    device = Scripted(lambda d, p, x: None)
    device.set_timer("now", 0)
    assert device.next_deadline() == Nanoseconds(1)


# --- ports, and a network around -----------------------------------------------------------------


def test_ports_come_with_links() -> None:
    device = Scripted(lambda d, p, x: None)
    device.configure(T0, AddPort(port="c"))
    device.configure(T0, AddPort(port="c"))
    device.configure(T0, RemovePort(port="a"))
    assert device.ports == ("b", "c")


def test_it_can_be_tried_without_a_network() -> None:
    whole = Ether(FRAME.wire)
    ((port, packet),) = through(Scripted(lambda d, p, x: d.forward("b", x)), "a", whole)
    assert (port, bytes(packet)) == ("b", FRAME.wire)


def test_what_it_decides_is_told_by_traces() -> None:
    lab = two_pcs()
    lab.add(Scripted(lambda d, p, x: d.drop("not today") if UDP in x else None))
    lab.connect("box/a", "hub1/box")
    packet = Ether(dst="ff:ff:ff:ff:ff:ff") / IP(dst="10.0.0.9") / UDP(dport=9)
    trace = lab.trace(packet=lab.inject("pc1/eth0", packet))
    assert "=> dropped NOT_SPECIFIED at box/a (on_packet: not today)" in trace


# --- what is wrong -------------------------------------------------------------------------------


class Silly(Exception):
    """What the user's own code raises."""


def fail(*_: object) -> None:
    raise Silly("oh")


def test_an_exception_is_the_users_own_with_a_note_of_where_it_happened() -> None:
    lab = two_pcs()
    lab.add(Scripted(fail))
    lab.connect("box/a", "hub1/box")
    with pytest.raises(Silly) as error:
        lab.ping("pc1", "10.0.0.9")
    assert error.value.__notes__ == ['in the device "box", on_packet(): a frame on a at 0.005 s']
    assert error.traceback[-1].name == "fail"
    lab.device("box").do = lambda d, p, x: None  # type: ignore[attr-defined]
    assert lab.ping("pc1", "pc2", count=1).received == 1, "the lab goes on"
    assert "in flight" in lab.fates()


def test_an_exception_of_a_timer_is_the_users_own_too() -> None:
    device = Scripted(fail)
    device.on_timer = fail  # type: ignore[method-assign,assignment]
    device.set_timer("x", 1)
    with pytest.raises(Silly) as error:
        device.tick(seconds(1))
    assert error.value.__notes__ == ['in the device "box", on_timer(): x at 1 s']


MISTAKES: dict[str, tuple[Do, str]] = {
    "a port that is not there": (
        lambda d, p, x: d.send("c", frame()),
        r'"box" has no port "c" \(there are: a, b\)',
    ),
    "a packet that is not whole": (lambda d, p, x: Ether() / IP(), "Ether.dst, Ether.src, IP.src"),
    "a packet without Ethernet": (lambda d, p, x: IP(), "a frame begins with Ether or Dot3"),
}


@pytest.mark.parametrize(("do", "words"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_said_where_it_is_made(do: Do, words: str) -> None:
    with pytest.raises(EmuError, match=words):
        Scripted(do).receive(T0, "a", CAME)


def test_to_send_from_outside_is_refused() -> None:
    device = Scripted(lambda d, p, x: None)
    device.receive(T0, "a", CAME)
    with pytest.raises(EmuError, match=r"send\(\) of \"box\" works in on_packet\(\) and on_timer"):
        device.send("a", frame())


def test_there_is_nothing_to_forward_when_a_timer_is_due() -> None:
    device = Scripted(lambda d, p, x: None)
    device.on_timer = lambda timer: device.forward("a", frame())  # type: ignore[method-assign]
    device.set_timer("x", 1)
    with pytest.raises(EmuError, match=r"forward\(\) is for the packet that came"):
        device.tick(seconds(1))


def test_a_device_without_on_packet_says_what_is_missing() -> None:
    with pytest.raises(NotImplementedError, match=r"has no on_packet\(self, port, packet\)"):
        ScapyDevice("box", ports=["a"]).receive(T0, "a", CAME)
