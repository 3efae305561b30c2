"""The network: devices, links, actors, and one queue of what happens next.

The queue is ordered by (time, phase, serial): at one instant the ticks that are due come first, in
the order in which their devices came into the world, then frames and messages in the order in
which they were sent. There is one pending tick for each device, which may be early: it is asked
again when its time has come, and after every call.

A device's effects are carried out here and nowhere else: `Transmit` puts a frame on a link; the
others are for whoever reads the journal.
"""

from collections import deque
from heapq import heappop, heappush
from typing import Final, Protocol, cast

from emu.core.errors import EmuBug, Refused
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
from emu.net.effects import DropReason, Effects, Step, Transmit
from emu.net.link import Link, LinkSettings, PortRef
from emu.net.world import Operator
from emu.packet.frame import Frame, Serial

BUS_LATENCY: Final = milliseconds(1)  # of one RPC message; emu's own
BEGIN: Final = Nanoseconds(0)
INJECTED: Final = (Step("inject", None),)
ON_TIME: Final = LinkSettings()

_TICK, _FRAME = 0, 1  # phases


class _Configurable(Protocol):
    """A device, seen by the one who knows which changes it takes."""

    def configure(self, now: Nanoseconds, change: object) -> Effects: ...


class _Wire:
    """A link as it is now."""

    __slots__ = ("link", "settings")

    def __init__(self, link: Link, settings: LinkSettings) -> None:
        self.link = link
        self.settings = settings


class _End:
    """One end of a wire: what a port of a device is plugged into."""

    __slots__ = ("by_a", "departures", "node", "peer", "port", "wire")
    peer: "_End"

    def __init__(self, node: "_Node", port: str, wire: _Wire, *, by_a: bool) -> None:
        self.node = node
        self.port = port
        self.wire = wire
        self.by_a = by_a
        self.departures = deque[Nanoseconds]()  # when frames that were sent leave the queue


class _Node:
    """A device or an actor in the world."""

    __slots__ = ("acts", "due", "ends", "order", "party")

    def __init__(self, party: Device | Actor, order: int, *, acts: bool) -> None:
        self.party = party
        self.acts = acts  # whether it is an actor
        self.order = order
        self.ends: dict[str, _End] = {}
        self.due: Nanoseconds | None = None  # the pending tick


class Network:
    """Devices and links that run on a virtual clock and write the journal."""

    def __init__(self, *sinks: Sink, now: Nanoseconds = BEGIN) -> None:
        self.now = now
        self._sinks = sinks
        self._nodes: dict[str, _Node] = {}
        self._actors: dict[str, _Node] = {}
        self._hosts: dict[str, Operator] = {}
        self._queue: list[tuple[Nanoseconds, int, int, object, object]] = []
        self._serial = 0
        self._order = 0
        self._links = 0
        self._in_flight = 0

    # --- who is there ----------------------------------------------------------------------------

    def subscribe(self, sink: Sink) -> None:
        """Let `sink` know of all that happens from now on."""
        self._sinks = (*self._sinks, sink)

    def unsubscribe(self, sink: Sink) -> None:
        """Let `sink` know no more."""
        self._sinks = tuple([kept for kept in self._sinks if kept is not sink])

    def add(self, device: Device) -> None:
        """Put `device` into the world; `Refused` if its name is taken."""
        if device.name in self._nodes:
            raise Refused(f'there is a device "{device.name}" already')
        node = self._nodes[device.name] = self._node(device, acts=False)
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
        return cast("Device", self._find(name).party)

    @property
    def devices(self) -> tuple[Device, ...]:
        """The devices, oldest first."""
        return tuple([cast("Device", node.party) for node in self._nodes.values()])

    def add_host(self, host: Operator) -> None:
        """Let commands be typed on `host`."""
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
        """Let `actor` hear its messages."""
        if actor.name in self._actors:
            raise Refused(f'there is an actor "{actor.name}" already')
        node = self._actors[actor.name] = self._node(actor, acts=True)
        self._plan(node)

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
        for device, port in (a, b):
            if port in self._find(device).ends:
                raise Refused(f'"{PortRef(device, port)}" has a link already')
        if a == b:
            raise Refused(f'"{PortRef(*a)}" cannot be linked to itself')
        link = Link(index=self._links, a=PortRef(*a), b=PortRef(*b), captured=captured)
        self._links += 1
        wire = _Wire(link, settings)
        first = _End(self._find(a[0]), a[1], wire, by_a=True)
        second = _End(self._find(b[0]), b[1], wire, by_a=False)
        first.peer, second.peer = second, first
        first.node.ends[a[1]] = first
        second.node.ends[b[1]] = second
        self.record(Linked(self.now, link, settings))
        return link

    def disconnect(self, device: str, port: str) -> None:
        """Take away the link at that port, if there is one; what is in flight on it is lost."""
        end = self._find(device).ends.get(port)
        if end is None:
            return
        for side in (end, end.peer):
            del side.node.ends[side.port]
        self.record(Unlinked(self.now, end.wire.link))

    def set_link(self, device: str, port: str, settings: LinkSettings) -> None:
        """Change how the link at that port carries frames; `Refused` if there is none."""
        wire = self._end(device, port).wire
        wire.settings = settings
        self.record(LinkSet(self.now, wire.link, settings))

    def link(self, device: str, port: str) -> Link | None:
        """Return the link at that port."""
        end = self._find(device).ends.get(port)
        return end.wire.link if end else None

    def settings(self, link: Link) -> LinkSettings:
        """Return how `link` carries frames now."""
        return self._end(link.a.device, link.a.port).wire.settings

    @property
    def links(self) -> tuple[Link, ...]:
        """The links, oldest first."""
        ends = [end for node in self._nodes.values() for end in node.ends.values() if end.by_a]
        return tuple(sorted((end.wire.link for end in ends), key=lambda link: link.index))

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
        self._transmit(self._find(device), Transmit(port, frame, INJECTED))
        return Serial(self._serial)

    def inject_into(self, device: str, port: str, frame: Frame) -> Serial:
        """Make `frame` arrive at that port, as if the other end of its link had sent it."""
        peer = self._end(device, port).peer
        return self.inject(cast("Device", peer.node.party).name, peer.port, frame)

    def send(self, message: Message) -> None:
        """Put `message` on the bus."""
        if message.to not in self._actors:
            raise Refused(f'there is no actor "{message.to}"')
        self._serial += 1
        self._in_flight += 1
        self.record(MessageSent(self.now, self._serial, message))
        node = self._actors[message.to]
        due = Nanoseconds(self.now + BUS_LATENCY)
        heappush(self._queue, (due, _FRAME, self._serial, node, message))

    # --- time ------------------------------------------------------------------------------------

    @property
    def in_flight(self) -> int:
        """How many frames and messages are on their way."""
        return self._in_flight

    def step(self, until: Nanoseconds | None = None) -> bool:
        """Let the next thing happen, if there is one and it is not after `until`."""
        if not self._queue or (until is not None and self._queue[0][0] > until):
            return False
        self.now, phase, serial, party, what = heappop(self._queue)
        if phase == _TICK:
            self._tick(cast("_Node", party))
        elif type(party) is _End:
            self._arrive(party, Serial(serial), cast("Frame", what))
        else:
            self._hear(cast("_Node", party), serial, cast("Message", what))
        return True

    def settle(self, until: Nanoseconds) -> bool:
        """Run until nothing is in flight, or until that time; return whether nothing is."""
        while self._in_flight and self.step(until):
            pass
        return not self._in_flight

    def advance(self, duration: Nanoseconds) -> None:
        """Let that much time pass."""
        until = Nanoseconds(self.now + duration)
        while self.step(until):
            pass
        self.now = until

    # --- inside ----------------------------------------------------------------------------------

    def record(self, record: Record) -> None:
        """Write `record` into the journal."""
        for sink in self._sinks:
            sink.write(record)

    def _node(self, party: Device | Actor, *, acts: bool) -> _Node:
        self._order += 1
        return _Node(party, self._order, acts=acts)

    def _find(self, name: str) -> _Node:
        if (node := self._nodes.get(name)) is None:
            raise Refused(f'there is no device "{name}"')
        return node

    def _end(self, device: str, port: str) -> _End:
        if (end := self._find(device).ends.get(port)) is None:
            raise Refused(f'"{PortRef(device, port)}" has no link')
        return end

    def _plan(self, node: _Node) -> None:
        """Ask when `node` must tick, and see that a tick is pending by then."""
        deadline = node.party.next_deadline()
        if deadline is not None and (node.due is None or deadline < node.due):
            node.due = deadline if deadline > self.now else self.now
            heappush(self._queue, (node.due, _TICK, node.order, node, None))

    def _tick(self, node: _Node) -> None:
        if node.due != self.now:  # an earlier tick took its place, or the device is gone
            return
        node.due = None
        deadline = node.party.next_deadline()
        if deadline is None or deadline > self.now:  # it was early
            self._plan(node)
            return
        if node.acts:
            actions = cast("Actor", node.party).tick(self.now)
            self.record(MessageArrived(self.now, 0, node.party.name, None, actions))
            self._act(actions)
        elif effects := cast("Device", node.party).tick(self.now):
            self.record(Ticked(self.now, node.party.name, effects))
            self._carry_out(node, effects)
        if (again := node.party.next_deadline()) is not None and again <= self.now:
            raise EmuBug(f"{node.party.name} is still due at {again} after its tick at {self.now}")
        self._plan(node)

    def _arrive(self, end: _End, serial: Serial, frame: Frame) -> None:
        self._in_flight -= 1
        node, port = end.node, end.port
        if node.ends.get(port) is not end or not end.wire.settings.up:
            self._lose(serial, end.peer, frame, DropReason.LINK_VANISHED)
            return
        device = cast("Device", node.party)
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

    def _carry_out(self, node: _Node, effects: Effects) -> None:
        for effect in effects:
            if type(effect) is Transmit:
                self._transmit(node, effect)
        self._plan(node)

    def _transmit(self, node: _Node, effect: Transmit) -> None:
        self._serial = number = self._serial + 1
        serial = Serial(number)
        end = node.ends.get(effect.port)
        frame = effect.frame
        if end is None:
            name = cast("Device", node.party).name
            lost = Lost(self.now, serial, None, name, effect.port, frame, DropReason.DEV_READY)
            self.record(lost)
            return
        wire = end.wire
        settings = wire.settings
        sent = Sent(self.now, serial, wire.link, end.by_a, frame, effect.why)
        for sink in self._sinks:
            sink.write(sent)
        if not settings.up:
            self._lose(serial, end, frame, DropReason.DEV_READY)
            return
        due = self.now + settings.latency
        if settings.bandwidth is not None:
            waited = self._queue_frame(end, settings.bandwidth, settings.queue, frame)
            if waited is None:
                self._lose(serial, end, frame, DropReason.QDISC_OVERLIMIT)
                return
            due += waited
        self._in_flight += 1
        heappush(self._queue, (Nanoseconds(due), _FRAME, number, end.peer, frame))

    def _queue_frame(self, end: _End, bandwidth: int, limit: int, frame: Frame) -> int | None:
        """Return how long `frame` waits for the wire and then occupies it; None: the queue is full.

        The queue holds frames whose last bit has not left yet, less the one that is leaving.
        """
        departures = end.departures
        while departures and departures[0] <= self.now:
            departures.popleft()
        if len(departures) > limit:
            return None
        start = departures[-1] if departures else self.now
        bits = 8 * len(frame.wire)
        left = Nanoseconds(start + -(-bits * 1_000_000_000 // bandwidth))
        departures.append(left)
        return left - self.now

    def _lose(self, serial: Serial, sender: _End, frame: Frame, reason: DropReason) -> None:
        name = cast("Device", sender.node.party).name
        self.record(Lost(self.now, serial, sender.wire.link, name, sender.port, frame, reason))

    def _hear(self, node: _Node, serial: int, message: Message) -> None:
        self._in_flight -= 1
        actions = cast("Actor", node.party).on_message(self.now, message)
        self.record(MessageArrived(self.now, serial, node.party.name, message, actions))
        self._act(actions)
        self._plan(node)

    def _act(self, actions: Actions) -> None:
        for action in actions:
            match action:
                case Send(message=message):
                    self.send(message)
                case Configure(host=host, command=command):
                    self.execute(host, command)
                case Plug(host=host, interface=interface, device=device, port=port):
                    self.host(host).plug(self, interface, device, port)
                case Unplug(host=host, interface=interface):
                    self.host(host).unplug(self, interface)
