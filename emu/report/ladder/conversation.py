"""Who sent what to whom, and when: what a ladder shows, as values."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from emu.core.time import Nanoseconds, milliseconds
from emu.journal import Lost, Record
from emu.net.effects import Drop, DropClass
from emu.net.link import PortRef
from emu.packet.dissection import Found, field_values
from emu.packet.fields import Match
from emu.packet.frame import Serial
from emu.packet.icmp import ICMP_DEST_UNREACH, ICMP_ECHO, ICMP_ECHOREPLY
from emu.report.places import Places
from emu.trace.packets import summarize
from emu.trace.stories import Hop, Outcome, Stories, Story, shown

LIMIT: Final = 60  # traversals that a ladder shows, unless more are asked for
PAUSE: Final = milliseconds(10)  # what is longer is drawn as a break
LATEST: Final = Serial(1 << 62)  # of no traversal: after all others of its time
PROTOCOLS: Final = ("arp", "icmp", "tcp", "udp")
ECHO: Final = {ICMP_ECHO: "echo request", ICMP_ECHOREPLY: "echo reply"}
ICMP: Final = ECHO | {ICMP_DEST_UNREACH: "unreachable", 5: "redirect", 11: "time exceeded"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """A frame on a link, from column to column."""

    time: Nanoseconds
    source: str
    target: str
    label: str  # what it is, in few words
    protocol: str  # its innermost: arp, icmp, udp, tcp, other
    packet: str
    summary: str  # what it is, in more words
    link: str
    step: str  # of the scenario
    lost: str = ""  # why it did not arrive
    in_flight: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A frame ended at a column: dropped."""

    time: Nanoseconds
    source: str
    reason: str
    packet: str
    summary: str
    step: str
    normal: bool  # of no interest


Event = Arrow | Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A column: a device, or a machine with all that is in it."""

    name: str
    place: str  # what it is on, or ""

    @property
    def short(self) -> str:
        """Its name without that of its place."""
        return self.name.rpartition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """What a ladder shows."""

    title: str
    parties: tuple[Party, ...]
    events: tuple[Event, ...]
    left_out: int  # traversals that came later

    def pauses(self) -> Iterator[tuple[Nanoseconds, Event]]:
        """Yield each event, with how long nothing had happened if that was long, else 0."""
        before = self.events[0].time if self.events else Nanoseconds(0)
        for event in self.events:
            pause = Nanoseconds(event.time - before)
            yield (pause if pause >= PAUSE else Nanoseconds(0)), event
            before = event.time


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants to see of a run."""

    step: int | None = None
    packet: str | None = None
    match: Match | None = None
    between: tuple[str, ...] = ()  # who must have had the packet: all of them
    machines: bool = False  # a column for each machine, instead of for each device
    normal: bool = False  # drops of no interest too
    limit: int = LIMIT


class LadderSink:
    """Takes note of the frames that are wished for; `conversation` is what they are together."""

    def __init__(self, wish: Wish) -> None:
        self._wish = wish
        self._places = Places()
        self._stories = Stories(self._tell)
        self._kept: list[tuple[tuple[Nanoseconds, int, Serial], Event]] = []
        self._left_out = 0
        self.devices: dict[str, None] = {}  # that had any frame

    def write(self, record: Record) -> None:
        """Take note of `record`."""
        self._places.write(record)
        self._stories.write(record)

    def close(self) -> None:
        """Take note of what has not ended."""
        self._stories.close()

    def conversation(self, title: str) -> Conversation:
        """Return what was seen."""
        self._thin_out(self._wish.limit)
        events = [event for _, event in self._kept]
        return Conversation(
            title=title,
            parties=tuple([self._party(name) for name in _order(events)]),
            events=tuple(events),
            left_out=self._left_out,
        )

    def _party(self, name: str) -> Party:
        host = name.partition("/")[0] if "/" in name else self._places.home(name)
        return Party(name=name, place=f"on {host}" if host else "")

    def _column(self, device: str) -> str:
        return self._places.machine(device) if self._wish.machines else device

    # --- what is seen ----------------------------------------------------------------------------

    def _tell(self, story: Story) -> None:
        self.devices.update({end: None for hop in story.hops.values() for end in _ends(hop)})
        if not self._is_wished(story):
            return
        step = story.step.index if story.step else 0
        for serial, event in self._events(story):
            self._kept.append(((event.time, step, serial), event))
        if len(self._kept) > 8 * self._wish.limit + 1000:
            self._thin_out(4 * self._wish.limit)

    def _is_wished(self, story: Story) -> bool:
        wish = self._wish
        if wish.packet not in (None, story.name):
            return False
        if wish.step not in (None, story.step and story.step.index):
            return False
        hops = story.hops.values()
        if (match := wish.match) is not None:
            wires = [story.frame.wire, *[hop.sent.frame.wire for hop in hops]]
            if not any(map(match.matches, dict.fromkeys(wires))):
                return False
        had = {end for hop in hops for end in _ends(hop)}
        return all(name in had for name in wish.between)

    def _thin_out(self, limit: int) -> None:
        """Keep the first `limit` arrows, and the marks until then."""
        self._kept.sort(key=lambda kept: kept[0])
        arrows = 0
        for index, (_, event) in enumerate(self._kept):
            arrows += isinstance(event, Arrow)
            if arrows > limit:
                rest = [event for _, event in self._kept[index:]]
                self._left_out += sum(isinstance(event, Arrow) for event in rest)
                del self._kept[index:]
                return

    def _events(self, story: Story) -> Iterator[tuple[Serial, Event]]:
        """Yield what happened to a packet, with the traversal after which to tell it."""
        normal = self._wish.normal or not story.matters
        places: list[Hop | Story] = [story]
        while places:
            place = places.pop()
            last = place.sent.serial if isinstance(place, Hop) else LATEST
            for branch in shown(place.then, normal=normal):
                match branch:
                    case Hop(sent=sent):
                        yield from ((sent.serial, arrow) for arrow in self._arrow(story, branch))
                        places.append(branch)
                    case Outcome(effect=Drop(reason=reason)):
                        if self._wish.normal or reason.drop_class is not DropClass.NORMAL:
                            yield last, self._mark(story, branch, f"dropped {reason}")
                    case Lost(device=device, reason=reason):
                        text = f"lost {reason} at {PortRef(device, branch.port)}"
                        yield last, self._mark(story, branch, text)
                    case _:
                        pass

    def _arrow(self, story: Story, hop: Hop) -> Iterator[Arrow]:
        sent = hop.sent
        source, target = [self._column(name) for name in _ends(hop)]
        if source == target:  # within a machine that is one column
            return
        found = field_values(sent.frame.wire)
        yield Arrow(
            time=sent.time,
            source=source,
            target=target,
            label=_label(found, summarize(sent.frame)),
            protocol=next(
                (name for name in ("arp", "icmp", "tcp", "udp") if name in found), "other"
            ),
            packet=story.name,
            summary=summarize(sent.frame),
            step=_step(story),
            link=str(sent.link),
            lost=str(hop.end.reason) if isinstance(hop.end, Lost) else "",
            in_flight=hop.end is None,
        )

    def _mark(self, story: Story, end: Outcome | Lost, text: str) -> Mark:
        effect = end.effect if isinstance(end, Outcome) else None
        return Mark(
            time=end.time,
            source=self._column(end.device),
            reason=text,
            packet=story.name,
            summary=summarize(story.frame),
            step=_step(story),
            normal=isinstance(effect, Drop) and effect.reason.drop_class is DropClass.NORMAL,
        )


def _step(story: Story) -> str:
    """Return the step in which a packet was first sent."""
    return f"step {story.step.index}: {story.step.name}" if story.step else ""


def _ends(hop: Hop) -> tuple[str, str]:
    """Return the devices between which a frame went."""
    a, b = hop.sent.link.a.device, hop.sent.link.b.device
    return (a, b) if hop.sent.by_a else (b, a)


def _order(events: Iterable[Event]) -> list[str]:
    """Return the columns: each beside those that it got its first frame from."""
    after: dict[str, list[str]] = {}
    roots: list[str] = []
    for event in events:
        if event.source not in after:
            after[event.source] = []
            roots.append(event.source)
        if isinstance(event, Arrow) and event.target not in after:
            after[event.target] = []
            after[event.source].append(event.target)
    ordered: list[str] = []
    stack = roots[::-1]
    while stack:
        name = stack.pop()
        ordered.append(name)
        stack += after[name][::-1]
    return ordered


def _label(found: Found, summary: str) -> str:
    """Return what a frame is in few words, its VLAN last."""
    vlan = "".join([f", vlan {vid}" for vid in found.get("vlan.id", ())])
    vni = "".join([f", vni {vni}" for vni in found.get("vxlan.vni", ())])
    return _words(found, summary) + vlan + vni


def _words(found: Found, summary: str) -> str:
    if "arp.opcode" in found:
        kind = {1: "request", 2: "reply"}.get(found["arp.opcode"][-1], "")
        return f"ARP {kind}".strip()
    if "icmp.type" in found:
        type_ = found["icmp.type"][-1]
        words = ICMP.get(type_, f"ICMP type {type_}")
        return f"{words} {found['icmp.seq'][-1]}" if type_ in ECHO else words
    if "tcp" in found:
        return "TCP " + summary.partition("[")[2].partition("]")[0]
    if "udp.dstport" in found:
        return f"UDP to {found['udp.dstport'][-1]}"
    return summary.split(" ", 1)[0]
