"""The way of one packet through the cloud, numbered as Neutron's guide numbers its flows.

    cirros-vm1#1  ICMP echo request id=0xe780 seq=1 172.16.100.3 > 172.16.100.4

    On host controller:
      2. +0.010 ms   bridge brqa8d1ab98-23: from tapa9064606-00 to eth1.100
                     by fdb: fa:16:3e:9e:76:c6 dev eth1.100 master brqa8d1ab98-23
      3. +0.010 ms   controller: from eth1.100 to eth1
                     by vlan: eth1.100@eth1 vlan protocol 802.1Q id 100 (untagged -> 100)
                     VLAN 100 pushed

Where ways part, the one is told that leads to who took the packet in; if nobody did, to where it
was dropped. Times count from when the packet was first sent.
"""

from collections.abc import Iterator
from typing import Final

from emu.core.errors import EmuError
from emu.core.time import Nanoseconds
from emu.journal import Lost, Record
from emu.journal.words import render_fate, render_outcome, render_ports, render_step
from emu.net.effects import Deliver, Drop, DropClass, Hold, Why
from emu.net.link import LOCAL, PortRef
from emu.packet.dissection import field_values
from emu.packet.icmp import ICMP_ECHO
from emu.report.places import Places
from emu.trace.changes import render_changes
from emu.trace.packets import summarize
from emu.trace.stories import SEAM, Branch, Hop, Outcome, Stories, Story, past

MILLISECOND: Final = 1_000_000
COLUMN: Final = " " * 17  # before what is said of a numbered line
SOME: Final = 8  # names that an error names

Way = tuple[Branch, ...]

WORDS: Final = {  # what people say of the changes of emu.trace.changes
    "+vlan.id": "VLAN {} pushed",
    "-vlan.id": "VLAN {} popped",
    "vlan.id": "VLAN {} instead of {}",
    "ip.ttl": "TTL {} -> {}",
    "eth.src": "source MAC {} -> {}",
    "eth.dst": "destination MAC {} -> {}",
    "ip.src": "source address {} -> {}",
    "ip.dst": "destination address {} -> {}",
    "+vxlan.vni": "VNI {} put around it",
    "-vxlan.vni": "VNI {} taken off",
}


class WalkSink:
    """Tells the way of the packet that is called `packet`.

    Without a name it is the first echo request that arrived; if none did, the first packet that
    was taken in by anybody, or else the first of all.
    """

    def __init__(self, packet: str | None = None) -> None:
        self._packet = packet
        self._places = Places()
        self._stories = Stories(self._tell)
        self._lines: tuple[str, ...] = ()
        self._merit = -1  # of the packet whose lines these are
        self._names: list[str] = []  # some that there are
        self._count = 0

    def write(self, record: Record) -> None:
        """Take note of `record`."""
        self._places.write(record)
        self._stories.write(record)

    def close(self) -> None:
        """Tell what has not ended."""
        self._stories.close()

    def lines(self) -> tuple[str, ...]:
        """Return the walk; `EmuError` if there is no such packet."""
        if self._lines:
            return self._lines
        if not self._count:
            raise EmuError("no packet was sent, so there is no way to tell")
        more = f" and {self._count - len(self._names)} more" * (self._count > len(self._names))
        there_are = f"there are {', '.join(self._names)}{more}"
        raise EmuError(f'there is no packet "{self._packet}": {there_are}')

    def _tell(self, story: Story) -> None:
        self._count += 1
        if len(self._names) < SOME:
            self._names.append(story.name)
        merit = 0 if self._packet == story.name else -1
        if self._packet is None:
            arrived = _rank(_best(story)) == 0
            is_echo = ICMP_ECHO in field_values(story.frame.wire).get("icmp.type", ())
            merit = arrived + arrived * is_echo
        if merit > self._merit:
            self._merit = merit
            self._lines = tuple(_Teller(self._places, story).lines())


def _ways(place: Hop | Story) -> Iterator[Way]:
    """Yield the ways from `place`, each to its end."""
    stack: list[tuple[Hop | Story, Way]] = [(place, ())]
    while stack:
        at, way = stack.pop()
        waits = past(at.then)
        branches = [branch for branch in at.then if branch not in waits]
        if not branches and way:
            yield way
        for branch in reversed(branches):
            if isinstance(branch, Hop):
                stack.append((branch, (*way, branch)))
            else:
                yield (*way, branch)


def _best(story: Story) -> Way:
    """Return the way to tell."""
    return min(_ways(story), key=_rank, default=())


def _rank(way: Way) -> int:
    """Return how little the end of a way is what people look for: 0 is delivered."""
    match way[-1] if way else None:
        case Outcome(effect=Deliver()):
            return 0
        case Outcome(effect=Drop(reason=reason)) if reason.drop_class is not DropClass.NORMAL:
            return 1
        case Lost() | Hop(end=Lost()):
            return 2
        case Outcome(effect=Hold()) | Hop(end=None):
            return 3
        case Outcome():
            return 4
        case _:
            return 5


class _Teller:
    """The lines of one walk."""

    def __init__(self, places: Places, story: Story) -> None:
        self._places = places
        self._story = story
        self._way = _best(story)
        hops = [branch for branch in self._way if isinstance(branch, Hop)]
        self._began = hops[0].sent.time if hops else Nanoseconds(0)
        self._number = 0
        self._heading = ""

    def lines(self) -> Iterator[str]:
        """Yield the lines."""
        story = self._story
        cause = f"  (because of {story.cause})" if story.cause else ""
        yield f"{story.name}  {summarize(story.frame)}{cause}"
        place: Hop | Story = story
        for branch in self._way:
            yield from self._leave(place, branch)
            if not isinstance(branch, Hop):
                return
            place = branch
            if isinstance(branch.end, Lost):
                yield f"{COLUMN}lost {branch.end.reason} on {branch.sent.link}"
                return
        if self._way:
            yield f"{COLUMN}it is still on its way"

    def _leave(self, place: Hop | Story, branch: Branch) -> Iterator[str]:
        """Tell what the device at `place` did."""
        device, why = _actor(branch)
        heading = self._places.heading(device)
        if heading != self._heading:
            self._heading = heading
            yield ""
            yield f"{heading}:"
        self._number += 1
        at = place.end.time if isinstance(place, Hop) and place.end else self._began
        past_time = f"+{(at - self._began) / MILLISECOND:.3f} ms"
        who = self._places.describe(device)
        yield f"{self._number:>3}. {past_time:<10}  {who}: {_deed(place, branch)}"
        for wait in past(place.then):
            until = "" if wait.until is None else f" until {_render_time(wait.until)}"
            fate = render_step(wait.effect.why[-1]) if wait.effect.why else ""
            yield f"{COLUMN}waited{until}, {fate}"
        for step in why:
            yield f"{COLUMN}by {render_step(step)}"
        yield from self._changed(place, branch)
        others = [b for b in place.then if b is not branch and b not in past(place.then)]
        if ports := [_port_out(other) for other in others if isinstance(other, Hop)]:
            yield f"{COLUMN}also to {render_ports(ports)}"
        for other in others:
            if isinstance(other, Outcome) and isinstance(branch, Hop):
                yield f"{COLUMN}also {render_fate(other.device, other.effect)}"

    def _changed(self, place: Hop | Story, branch: Branch) -> Iterator[str]:
        """Tell what is not as it arrived."""
        if isinstance(place, Hop) and isinstance(branch, Hop):
            changes = render_changes(place.sent.frame.wire, branch.sent.frame.wire)
            yield from (COLUMN + _in_words(change) for change in changes)


def _actor(branch: Branch) -> tuple[str, Why]:
    """Return which device did that, and why."""
    match branch:
        case Hop(sent=sent):
            return (sent.link.a if sent.by_a else sent.link.b).device, sent.why
        case Outcome(device=device, effect=effect):
            return device, effect.why
        case Lost(device=device):
            return device, ()


def _deed(place: Hop | Story, branch: Branch) -> str:
    """Return what a device did with the frame at `place`."""
    came_in = _port_in(place) if isinstance(place, Hop) else ""
    match branch:
        case Hop():
            out = _port_out(branch)
            return f"from {came_in} to {out}" if came_in else f"sends it out of {out}"
        case Outcome(effect=effect):
            return f"{render_outcome(effect)} at {came_in or effect.port.removesuffix(SEAM)}"
        case Lost(port=port, reason=reason):
            return f"lost {reason} at {port}: it has no link"


def _port_in(hop: Hop) -> str:
    link = hop.sent.link
    return _name(link.b if hop.sent.by_a else link.a)


def _port_out(hop: Hop) -> str:
    link = hop.sent.link
    return _name(link.a if hop.sent.by_a else link.b)


def _name(end: PortRef) -> str:
    """Return what a port is called at its place; LOCAL leads to the bridge's own netdev."""
    name = str(end).rpartition("/")[2].removesuffix(SEAM)
    return f"{name} (its own interface)" if end.port == LOCAL else name


def _in_words(change: str) -> str:
    """Return a change as people say it, or as it is where they have no words."""
    field, _, values = change.partition(" ")
    if field not in WORDS:
        return change
    before, arrow, after = values.partition(" -> ")
    if arrow and field == "vlan.id":
        return WORDS[field].format(after, before)
    return WORDS[field].format(before, after)


def _render_time(time: Nanoseconds) -> str:
    return f"{time / 1000 / MILLISECOND:.6f} s"
