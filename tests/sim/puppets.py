"""Devices, actors and hosts that do what a test tells them, and a sink that remembers."""

from collections.abc import Iterable

from emu.core.errors import Refused
from emu.core.time import Nanoseconds, milliseconds
from emu.journal import Record
from emu.net.actor import Actions, Message
from emu.net.device import Device
from emu.net.effects import Drop, DropReason, Effects, Step, Transmit
from emu.net.world import World
from emu.packet.frame import Frame
from emu.sim import Network

NOW = milliseconds(0)
WHY = (Step("puppet", None),)
HI = Frame.new(b"hi" * 30)


class Puppet:
    """A device that reacts to a frame as it `says`, or drops it if nothing is said."""

    def __init__(
        self,
        name: str,
        *,
        ports: tuple[str, ...] = ("eth0",),
        says: Effects | None = None,
        deadlines: Iterable[int] = (),
        on_tick: Effects = (),
        stubborn: bool = False,
    ) -> None:
        self.name = name
        self.ports = ports
        self.heard: list[tuple[Nanoseconds, str, Frame]] = []
        self.ticked: list[Nanoseconds] = []
        self.deadlines = [milliseconds(at) for at in deadlines]
        self.early = 0  # how often it still names a deadline that is half of the true one
        self._says = says
        self._on_tick = on_tick
        self._stubborn = stubborn

    def receive(self, now: Nanoseconds, port: str, frame: Frame) -> Effects:
        self.heard.append((now, port, frame))
        drop = Drop(port, frame, DropReason.OTHERHOST, WHY)
        return (drop,) if self._says is None else self._says

    def configure(self, now: Nanoseconds, change: Effects | int) -> Effects:
        """Have these effects, or be due after that many milliseconds more."""
        if isinstance(change, int):
            if change < 0:
                raise Refused("RTNETLINK answers: Invalid argument")
            self.deadlines.insert(0, Nanoseconds(now + milliseconds(change)))
            return ()
        return change

    def next_deadline(self) -> Nanoseconds | None:
        if not self.deadlines:
            return None
        if self.early:
            self.early -= 1
            return Nanoseconds(self.deadlines[0] // 2)
        return self.deadlines[0]

    def tick(self, now: Nanoseconds) -> Effects:
        self.ticked.append(now)
        while self.deadlines and self.deadlines[0] <= now and not self._stubborn:
            self.deadlines.pop(0)
        return self._on_tick


class Clerk:
    """An actor that does at each message, or each tick, what its name says in `acts`."""

    def __init__(self, name: str, *acts: Actions, deadlines: Iterable[int] = ()) -> None:
        self.name = name
        self.heard: list[tuple[Nanoseconds, str]] = []
        self._acts = list(acts)
        self.deadlines = [milliseconds(at) for at in deadlines]

    def on_message(self, now: Nanoseconds, message: Message) -> Actions:
        self.heard.append((now, message.method))
        return self._acts.pop(0) if self._acts else ()

    def next_deadline(self) -> Nanoseconds | None:
        return self.deadlines[0] if self.deadlines else None

    def tick(self, now: Nanoseconds) -> Actions:
        self.heard.append((now, "tick"))
        self.deadlines.pop(0)
        return self._acts.pop(0) if self._acts else ()


class Desk:
    """A host that notes what is done to it; it knows every command but `false`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.done: list[tuple[str, ...]] = []

    def execute(self, world: World, command: str) -> None:
        if command == "false":
            raise Refused("false: no")
        self.done.append(("execute", command))

    def plug(self, world: World, interface: str, device: str, port: str) -> None:
        self.done.append(("plug", interface, device, port))

    def unplug(self, world: World, interface: str) -> None:
        self.done.append(("unplug", interface))


class Memory:
    """A sink that keeps every record."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def write(self, record: Record) -> None:
        self.records.append(record)

    def close(self) -> None:
        """Nothing more will come."""

    def said(self) -> list[str]:
        """Return the kinds of the records, in order."""
        return [type(record).__name__ for record in self.records]


def world(*devices: Device) -> tuple[Network, Memory]:
    """Return a network of these devices, and what remembers all that happens from now on."""
    memory = Memory()
    network = Network()
    for device in devices:
        network.add(device)
    network.subscribe(memory)
    return network, memory


def send(frame: Frame = HI, port: str = "eth0") -> Effects:
    """Return the effects of a device that sends `frame`."""
    return (Transmit(port, frame, WHY),)
