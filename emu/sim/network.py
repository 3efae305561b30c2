"""The network: devices and links, hosts and actors, on a timeline.

A device's effects are carried out here and nowhere else: `Transmit` puts a frame on a link; the
others are for whoever reads the journal.
"""

from collections.abc import Callable
from contextlib import suppress
from heapq import heappush
from typing import Final, Protocol, assert_never, cast

from emu.core.errors import EmuBug, Refused, Storm
from emu.core.rng import Rng
from emu.core.time import Nanoseconds, milliseconds
from emu.journal import (
    Arrived,
    Commanded,
    Configured,
    DeviceAdded,
    DeviceRemoved,
    Linked,
    LinkSet,
    Lost,
    MessageArrived,
    MessageSent,
    Record,
    Sent,
    Sink,
    Ticked,
    Unlinked,
)
from emu.net.actor import Actions, Actor, Configure, Message, Plug, Send, Unplug
from emu.net.device import Device
from emu.net.effects import DropReason, Effects, Step, Transmit, Why
from emu.net.link import Link, LinkSettings, PortRef
from emu.net.world import Operator
from emu.packet.frame import Frame, Serial
from emu.sim.faults import Faults, Passage
from emu.sim.timeline import BEGIN, PASSAGE, Ticker, Timeline
from emu.sim.wiring import End, Node, Wire

BUS_LATENCY: Final = milliseconds(1)  # of one RPC message; emu's own
INJECTED: Final = (Step("inject", None),)
ON_TIME: Final = LinkSettings()
PATIENCE: Final = 1_000_000  # frames at one instant; many links may have some more


class _Configurable(Protocol):
    """A device, seen by the one who knows which changes it takes."""

    def configure(self, now: Nanoseconds, change: object) -> Effects: ...


class Network(Timeline):
    """Devices and links that run on a virtual clock and write the journal.

    `rng` is for the faults of links, each of which has a stream of its own.
    """

    def __init__(self, *sinks: Sink, now: Nanoseconds = BEGIN, rng: Rng | None = None) -> None:
        super().__init__(now)
        self._sinks = sinks
        self._rng = rng or Rng()
        self._nodes: dict[str, Node] = {}
        self._actors: dict[str, Ticker[Actor]] = {}
        self._hosts: dict[str, Operator] = {}
        self._wires: dict[Link, Wire] = {}
        self._parties = 0  # devices and actors that ever came
        self._links = 0  # that were ever made
        self._look = PATIENCE  # the serial from which on to see whether time goes on
        self._looked: Nanoseconds | None = None

    # --- who is there ----------------------------------------------------------------------------

    def subscribe(self, sink: Sink) -> None:
        """Let `sink` know of all that happens from now on."""
        self._sinks = (*self._sinks, sink)

    def unsubscribe(self, sink: Sink) -> None:
        """Let `sink` know no more."""
        self._sinks = tuple([kept for kept in self._sinks if kept is not sink])

    def record(self, record: Record) -> None:
        """Write `record` into the journal."""
        for sink in self._sinks:
            sink.write(record)

    def add(self, device: Device) -> None:
        """Put `device` into the world; `Refused` if its name is taken."""
        if device.name in self._nodes:
            raise Refused(f'there is a device "{device.name}" already')
        self._parties += 1
        node = self._nodes[device.name] = Node(device, self._parties, self._tick_device)
        self.record(DeviceAdded(self.now, device.name, type(device).__name__))
        self._plan(node)

    def remove(self, name: str) -> None:
        """Take the device out, and its links with it; `Refused` if there is none."""
        node = self._find(name)
        for port in list(node.ends):
            self.disconnect(name, port)
        del self._nodes[name]
        node.due = None
        self.record(DeviceRemoved(self.now, name))

    def device(self, name: str) -> Device:
        """Return the device of that name; `Refused` if there is none."""
        return self._find(name).party

    @property
    def devices(self) -> tuple[Device, ...]:
        """The devices, oldest first."""
        return tuple([node.party for node in self._nodes.values()])

    def add_host(self, host: Operator) -> None:
        """Let commands be typed on `host`; `Refused` if its name is taken."""
        if host.name in self._hosts:
            raise Refused(f'there is a host "{host.name}" already')
        self._hosts[host.name] = host

    def host(self, name: str) -> Operator:
        """Return the host of that name; `Refused` if there is none."""
        if (host := self._hosts.get(name)) is None:
            raise Refused(f'there is no host "{name}"')
        return host

    @property
    def hosts(self) -> tuple[Operator, ...]:
        """The hosts, oldest first."""
        return tuple(self._hosts.values())

    def add_actor(self, actor: Actor) -> None:
        """Let `actor` hear its messages; `Refused` if its name is taken."""
        if actor.name in self._actors:
            raise Refused(f'there is an actor "{actor.name}" already')
        self._parties += 1
        ticker = self._actors[actor.name] = Ticker(actor, self._parties, self._tick_actor)
        self._plan(ticker)

    # --- links -----------------------------------------------------------------------------------

    def connect(
        self,
        a: tuple[str, str],
        b: tuple[str, str],
        settings: LinkSettings = ON_TIME,
        *,
        captured: bool = True,
    ) -> Link:
        """Join two ports, each (device, port), neither linked yet; `a` names the link."""
        link = Link(index=self._links, a=PortRef(*a), b=PortRef(*b), captured=captured)
        for end in (link.a, link.b):
            if end.port in self._find(end.device).ends:
                raise Refused(f'"{end}" has a link already')
        if link.a == link.b:
            raise Refused(f'"{link.a}" cannot be linked to itself')
        self._links += 1
        wire = self._wires[link] = Wire(link, settings)
        first = End(self._nodes[link.a.device], link.a.port, wire, by_a=True)
        second = End(self._nodes[link.b.device], link.b.port, wire, by_a=False)
        first.peer, second.peer = second, first
        for side in (first, second):
            side.node.ends[side.port] = side
            side.faults = self._faults(side)
        self.record(Linked(self.now, link, settings))
        return link

    def disconnect(self, device: str, port: str) -> None:
        """Take away the link at that port, if there is one; what is in flight on it is lost."""
        end = self._find(device).ends.get(port)
        if end is None:
            return
        for side in (end, end.peer):
            del side.node.ends[side.port]
        del self._wires[end.wire.link]
        self.record(Unlinked(self.now, end.wire.link))

    def set_link(self, device: str, port: str, settings: LinkSettings) -> None:
        """Change how the link at that port carries frames; `Refused` if there is none."""
        # Differs from Linux: its ends do not hear of a carrier that comes or goes
        end = self._end(device, port)
        before = end.wire.settings
        end.wire.set(settings)
        if settings.faults != before.faults:  # else they go on counting
            end.faults, end.peer.faults = self._faults(end), self._faults(end.peer)
        self.record(LinkSet(self.now, end.wire.link, settings))

    def link(self, device: str, port: str) -> Link | None:
        """Return the link at that port."""
        end = self._find(device).ends.get(port)
        return end.wire.link if end else None

    def settings(self, link: Link) -> LinkSettings:
        """Return how `link` carries frames now; `Refused` if it is gone."""
        if (wire := self._wires.get(link)) is None:
            raise Refused(f'the link "{link}" is gone')
        return wire.settings

    @property
    def links(self) -> tuple[Link, ...]:
        """The links, oldest first."""
        return tuple(self._wires)

    # --- what people and actors do ---------------------------------------------------------------

    def configure(self, name: str, change: object) -> Effects:
        """Apply `change` to the device of that name and carry out the effects."""
        node = self._find(name)
        effects = cast("_Configurable", node.party).configure(self.now, change)
        self.record(Configured(self.now, name, change, effects))
        self._carry_out(node, effects)
        return effects

    def execute(self, host: str, command: str) -> None:
        """Type `command` on `host`; `Refused`, which the journal notes, if it does not work."""
        try:
            self.host(host).execute(self, command)
        except Refused as refused:
            self.record(Commanded(self.now, host, command, str(refused)))
            raise
        self.record(Commanded(self.now, host, command))

    def inject(self, device: str, port: str, frame: Frame) -> Serial:
        """Send `frame` from that port, past the device; return the traversal that it began."""
        return self._transmit(self._find(device), Transmit(port, frame, INJECTED))

    def inject_into(self, device: str, port: str, frame: Frame) -> Serial:
        """Make `frame` arrive at that port, as if the other end of its link had sent it."""
        peer = self._end(device, port).peer
        return self.inject(peer.node.party.name, peer.port, frame)

    def send(self, message: Message) -> None:
        """Put `message` on the bus; `Refused` if nobody of that name listens."""
        if (ticker := self._actors.get(message.to)) is None:
            raise Refused(f'there is no actor "{message.to}"')
        serial = next(self._serials)
        self._in_flight += 1
        self.record(MessageSent(self.now, serial, message))
        due = Nanoseconds(self.now + BUS_LATENCY)
        heappush(self._queue, (due, PASSAGE, serial, self._hear, ticker, message))

    # --- inside ----------------------------------------------------------------------------------

    def _find(self, name: str) -> Node:
        if (node := self._nodes.get(name)) is None:
            raise Refused(f'there is no device "{name}"')
        return node

    def _end(self, device: str, port: str) -> End:
        if (end := self._find(device).ends.get(port)) is None:
            raise Refused(f'"{PortRef(device, port)}" has no link')
        return end

    def _faults(self, end: End) -> Faults | None:
        """Return the faults of what `end` sends, with numbers that depend on nothing else."""
        faults, link = end.wire.settings.faults, end.wire.link
        stream = self._rng.stream("link", str(link), "a" if end.by_a else "b")
        return Faults(faults, stream) if faults else None

    def _tick_device(self, node: Node, *_: object) -> None:
        if self._is_due(node):
            effects = node.party.tick(self.now)
            if effects:
                self.record(Ticked(self.now, node.party.name, effects))
            self._check_ticked(node)
            self._carry_out(node, effects)

    def _tick_actor(self, ticker: Ticker[Actor], *_: object) -> None:
        if self._is_due(ticker):
            actions = ticker.party.tick(self.now)
            if actions:
                self.record(MessageArrived(self.now, 0, ticker.party.name, None, actions))
            self._check_ticked(ticker)
            self._act(ticker, actions)

    def _hear(self, ticker: Ticker[Actor], serial: int, message: Message) -> None:
        self._in_flight -= 1
        actions = ticker.party.on_message(self.now, message)
        self.record(MessageArrived(self.now, serial, ticker.party.name, message, actions))
        self._act(ticker, actions)

    def _act(self, ticker: Ticker[Actor], actions: Actions) -> None:
        for action in actions:
            match action:
                case Send(message=message):
                    self.send(message)
                case Configure(host=host, command=command):
                    with suppress(Refused):  # the journal has it; agents log it and go on
                        self.execute(host, command)
                case Plug(host=host, interface=interface, device=device, port=port):
                    operate = self.host(host)
                    self._try(host, f"plug {interface}", operate.plug, interface, device, port)
                case Unplug(host=host, interface=interface):
                    self._try(host, f"unplug {interface}", self.host(host).unplug, interface)
                case _:
                    assert_never(action)
        self._plan(ticker)

    def _try(self, host: str, what: str, operate: Callable[..., None], *names: str) -> None:
        """Let a host do something to its interfaces; the journal notes if it refuses."""
        try:
            operate(self, *names)
        except Refused as refused:
            self.record(Commanded(self.now, host, what, str(refused)))

    def _arrive(self, end: End, serial: Serial, frame: Frame) -> None:
        self._in_flight -= 1
        node, port = end.node, end.port
        if node.ends.get(port) is not end or not end.wire.settings.up:
            self._lose(end.peer, serial, frame, DropReason.LINK_VANISHED)
            return
        device = node.party
        effects = device.receive(self.now, port, frame.arrived(serial))
        if not effects:
            raise EmuBug(f"{device.name} said nothing of a frame that arrived on {port}")
        arrived = Arrived(self.now, serial, device.name, port, effects)
        for sink in self._sinks:
            sink.write(arrived)
        for effect in effects:
            if type(effect) is Transmit:
                self._transmit(node, effect)
        deadline = device.next_deadline()
        if deadline is not None and (node.due is None or deadline < node.due):
            self._plan(node)

    def _carry_out(self, node: Node, effects: Effects) -> None:
        for effect in effects:
            if type(effect) is Transmit:
                self._transmit(node, effect)
        self._plan(node)

    def _transmit(self, node: Node, effect: Transmit) -> Serial:
        serial = next(self._serials)
        if serial >= self._look:
            self._check_time_goes_on(node, effect.port)
        end, frame, why = node.ends.get(effect.port), effect.frame, effect.why
        if end is None:
            name, reason = node.party.name, DropReason.DEV_READY
            self.record(Lost(self.now, serial, None, name, effect.port, frame, reason))
            return serial
        wire = end.wire
        if not wire.plain:
            self._transmit_with_care(end, serial, frame, why)
            return serial
        sent = Sent(self.now, serial, wire.link, end.by_a, frame, why)
        for sink in self._sinks:
            sink.write(sent)
        self._in_flight += 1
        due = Nanoseconds(self.now + wire.settings.latency)
        heappush(self._queue, (due, PASSAGE, serial, self._arrive, end.peer, frame))
        return serial

    def _transmit_with_care(self, end: End, serial: Serial, frame: Frame, why: Why) -> None:
        """Send on a link that is down, slow or faulty."""
        settings, passage = end.wire.settings, Passage(frame, why)
        left = end.leave(self.now, len(frame.wire)) if settings.up else None
        if left is None:
            self._send(end, serial, passage)
            reason = DropReason.QDISC_OVERLIMIT if settings.up else DropReason.DEV_READY
            self._lose(end, serial, frame, reason)
            return
        due = Nanoseconds(left + settings.latency)
        if end.faults:
            passage = end.faults.meet(frame, why)
            due = end.faults.arrival(due, passage)
        for number in (serial, next(self._serials)) if passage.twice else (serial,):
            self._send(end, number, passage)
            if passage.lost:
                self._lose(end, number, passage.frame, DropReason.LINK_LOSS)
            else:
                self._in_flight += 1
                arrival = (due, PASSAGE, number, self._arrive, end.peer, passage.frame)
                heappush(self._queue, arrival)

    def _send(self, end: End, serial: Serial, passage: Passage) -> None:
        link, by_a = end.wire.link, end.by_a
        self.record(Sent(self.now, serial, link, by_a, passage.frame, passage.why))

    def _lose(self, sender: End, serial: Serial, frame: Frame, reason: DropReason) -> None:
        name, link = sender.node.party.name, sender.wire.link
        self.record(Lost(self.now, serial, link, name, sender.port, frame, reason))

    def _check_time_goes_on(self, node: Node, port: str) -> None:
        """Stop a storm: when very many frames are sent at one instant, they go in circles."""
        if self._looked == self.now:
            raise Storm(
                f"more than {PATIENCE:,} frames were sent at one instant, {self.now} ns: they go "
                f'in circles, by way of "{PortRef(node.party.name, port)}"'
            )
        self._looked = self.now
        self._look += PATIENCE + 10 * len(self._wires) ** 2
