"""Small networks whose devices do anything, for the tests of what writes down what they did."""

from collections.abc import Iterable, Iterator

from emu.core.time import Nanoseconds, microseconds
from emu.journal import Record, Sink
from emu.net.effects import (
    Deliver,
    Drop,
    DropReason,
    Effects,
    Event,
    Hold,
    Step,
    Transmit,
)
from emu.net.link import LinkSettings
from emu.packet.frame import Frame, Origin
from emu.sim import Network

MINE = (Step("mac", "mine"),)
UNRESOLVED = (Step("neigh", "10.0.0.9 INCOMPLETE"),)
FAILED = (Step("neigh", "10.0.0.9 FAILED"),)
NOT_MINE = (Step("mac", "not mine"),)
RULE = (Step("iptables", "-A FORWARD -j DROP"),)
PASSED = (Step("fdb", "a row"),)
LATENCY = microseconds(10)


class Kept:
    """A sink that keeps everything."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def write(self, record: Record) -> None:
        self.records.append(record)

    def close(self) -> None:
        pass


class Fickle:
    """A device that does with each frame what the next of `whims` says, and then delivers all."""

    def __init__(self, name: str, ports: tuple[str, ...], whims: Iterable[str] = ()) -> None:
        self.name = name
        self.ports = ports
        self._whims: Iterator[str] = iter(whims)
        self._origin = Origin(name)
        self._held: list[Hold] = []

    def receive(self, now: Nanoseconds, port: str, frame: Frame) -> Effects:
        others = [other for other in self.ports if other != port]
        match next(self._whims, "deliver"):
            case "forward" if others:
                return tuple([Transmit(out, frame, PASSED) for out in others])
            case "translate" if others:
                why = (Step("nat", "SNAT", frame.packet, now),)  # another step for each frame
                return (Transmit(others[0], frame.derive(frame.wire[1:]), why),)
            case "answer":
                reply = Frame.new(frame.wire[::-1], self._origin.number(), cause=frame)
                return (Deliver(port, frame, MINE), Transmit(port, reply, MINE), Event("answered"))
            case "reply" if others:
                reply = Frame.new(frame.wire[::-1], self._origin.number(), cause=frame)
                return (Transmit(others[len(frame.wire) % len(others)], reply, MINE),)
            case "hold":
                self._held.append(Hold(port, frame, UNRESOLVED))
                return (self._held[-1],)
            case "release":
                return (Deliver(port, frame, MINE), *self._release())
            case "refuse":
                return (Drop(port, frame, DropReason.NEIGH_FAILED, RULE),)
            case "ignore":
                return (Drop(port, frame, DropReason.OTHERHOST, NOT_MINE),)
            case _:
                return (Deliver(port, frame, MINE),)

    def configure(self, now: Nanoseconds, change: str) -> Effects:
        """Give up what is held, or send a packet of its own out of the port `change`."""
        if change == "give up":
            held, self._held = self._held, []
            reason = DropReason.NEIGH_FAILED
            return tuple([Drop(hold.port, hold.frame, reason, FAILED) for hold in held])
        return (Transmit(change, Frame.new(bytes(60), self._origin.number()), MINE),)

    def next_deadline(self) -> None:
        return None

    def tick(self, now: Nanoseconds) -> Effects:
        return ()

    def _release(self) -> Effects:
        held, self._held = self._held, []
        return tuple([Transmit(hold.port, hold.frame, PASSED) for hold in held])


def line(*sinks: Sink, whims: Iterable[str] = (), latency: Nanoseconds = LATENCY) -> Network:
    """Return a - middle - b, with a third port of `h1/middle` that leads to c."""
    network = Network(*sinks)
    decisions = iter(whims)
    for device in (
        Fickle("h1/middle", ("tap-a", "tap-b", "eth1.100"), decisions),
        *[Fickle(name, ("eth0",), decisions) for name in "abc"],
    ):
        network.add(device)
    settings = LinkSettings(latency=latency)
    for port, station in (("tap-a", "a"), ("tap-b", "b"), ("eth1.100", "c")):
        network.connect(("h1/middle", port), (station, "eth0"), settings)
    return network
