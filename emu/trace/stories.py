"""The story of each packet: the tree of its traversals and what became of it at every end.

A packet lives as long as a frame of it is in flight, is held, or is about to be sent. When it has
ended, and those that began before it have too, its story is told and forgotten: memory is for the
living.

Every frame is accounted for on the way: a `Sent` ends in one `Arrived` or `Lost`; a device that got
a frame says what it did with it; what it says it sends, it sends; a `Hold` ends once. What breaks
that is a bug of emu, and a line in `mistakes`.
"""

from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

from emu.core.time import Nanoseconds
from emu.journal import Arrived, Configured, Lost, Record, Sent, StepBegun, Ticked
from emu.journal.words import own_effects
from emu.net.effects import Deliver, Drop, DropClass, Effects, Event, Hold, Transmit
from emu.packet.frame import UNNUMBERED, Frame, PacketId, Serial
from emu.trace.packets import PacketNames

ENOUGH: Final = 100  # mistakes that are kept
SEAM: Final = ":master"  # the namespace's end of a link to the bridge that its netdev is in


class Outcome:
    """A frame came to a device and went no further, at least for then."""

    __slots__ = ("above", "device", "effect", "time", "until")

    def __init__(
        self,
        time: Nanoseconds,
        device: str,
        effect: Deliver | Drop | Hold,
        above: "Hop | Story",
    ) -> None:
        self.above = above
        self.time = time
        self.device = device
        self.effect = effect
        self.until: Nanoseconds | None = None  # when a wait ended


class Hop:
    """A frame on a link."""

    __slots__ = ("above", "end", "matters", "sent", "then")

    def __init__(self, sent: Sent, above: "Hop | Story") -> None:
        self.sent = sent
        self.above = above  # where it came from
        self.end: Arrived | Lost | None = None  # None: it is in flight
        self.then: list[Branch] = []  # what came of it, in order
        self.matters = False  # whether anything but normal drops came of it


class Story:
    """One packet."""

    __slots__ = (
        *("above", "cause", "flying", "frame", "held", "hops", "matters", "name", "over", "owed"),
        *("step", "then"),
    )
    above: None

    def __init__(self, name: str, frame: Frame, step: StepBegun | None) -> None:
        self.name = name
        self.frame = frame  # as it was first sent, or was to be
        self.step = step  # of the scenario, in which it began
        self.cause = ""  # the name of the packet that made its origin send it
        self.above = None
        self.then: list[Branch] = []  # what the origin did with it
        self.matters = False
        self.hops: dict[Serial, Hop] = {}
        self.held: dict[Serial | None, deque[Outcome]] = {}  # by the parent of the frame
        self.flying = 0  # frames
        self.owed = 0  # frames that a device said it sends
        self.over = False

    def stop_waiting(self, parent: Serial | None, time: Nanoseconds) -> None:
        """End the oldest wait of a frame with that parent, if one waits: fragments share it."""
        if waits := self.held.get(parent):
            waits.popleft().until = time
            if not waits:
                del self.held[parent]

    def forget(self) -> None:
        """Cut the tree into pieces, which point at each other: nobody needs to collect it then."""
        for hop in self.hops.values():
            hop.then.clear()
        self.then.clear()
        self.hops.clear()

    def place(self, frame: Frame) -> "Hop | Story":
        """Return where in the tree a device got `frame`: at the end of a hop, or it made it."""
        hop = None if frame.parent is None else self.hops.get(frame.parent)
        return self if hop is None else hop


Branch = Hop | Outcome | Lost  # Lost: what was sent to a port without a link


def shown(branches: Iterable[Branch], *, normal: bool) -> list[Branch]:
    """Return where the ways end or go on, with or without the ends that are normal drops."""
    return [branch for branch in branches if _is_shown(branch, normal=normal)]


def _is_shown(branch: Branch, *, normal: bool) -> bool:
    match branch:
        case Hop():
            return normal or branch.matters
        case Outcome(effect=Drop(reason=reason)):
            return normal or reason.drop_class is not DropClass.NORMAL
        case _:
            return not past([branch])


def past(branches: Iterable[Branch]) -> list[Outcome]:
    """Return the waits that have ended."""
    return [b for b in branches if isinstance(b, Outcome) and b.until is not None]


def ends(hop: Hop) -> list[str]:
    """Return the ports at which `hop` began and ended; one, if people give both one name."""
    link, by_a = hop.sent.link, hop.sent.by_a
    names = [str(end).removesuffix(SEAM) for end in (link.a, link.b)]
    return list(dict.fromkeys(names if by_a else reversed(names)))


class Descent:
    """The packets of one origin, and those that others sent because of them.

    It is asked of each story as it is told, which causes are before what they caused.
    """

    def __init__(self, origin: str) -> None:
        self._own = f"{origin}#"
        self._known: dict[str, None] = {}

    def __contains__(self, story: Story) -> bool:
        """Whether `story` belongs to them."""
        if not story.name.startswith(self._own) and story.cause not in self._known:
            return False
        self._known[story.name] = None
        return True


class Stories:
    """Follow every packet, and `tell` its story, in the order in which packets began."""

    def __init__(self, tell: Callable[[Story], object]) -> None:
        self._tell = tell
        self._names = PacketNames()
        self._step: StepBegun | None = None
        self._queue = deque[Story]()  # not told yet
        self._alive: dict[PacketId, Story] = {}
        self._by_serial: dict[Serial, Story] = {}
        self._mistakes: list[str] = []
        self.in_flight = 0  # frames, at the end
        self.held = 0

    @property
    def mistakes(self) -> tuple[str, ...]:
        """What emu did wrong, as far as it is found; not more than the first hundred."""
        return tuple(self._mistakes)

    def write(self, record: Record) -> None:
        """Take note of `record`."""
        if type(record) is Arrived:
            self._arrived(record)
        elif type(record) is Sent:
            self._sent(record)
        elif type(record) is Lost:
            self._lost(record)
        elif type(record) is Ticked or type(record) is Configured:
            self._react(record.time, record.device, record.effects)
        elif type(record) is StepBegun:
            self._step = record
        else:
            self._names.write(record)

    def close(self) -> None:
        """Tell the stories of the packets that have not ended."""
        while self._queue:
            story = self._queue.popleft()
            self.in_flight += story.flying
            waiting = [outcome for waits in story.held.values() for outcome in waits]
            self.held += len(waiting)
            for outcome in waiting:
                _mark(story.place(outcome.effect.frame))
            for hop in story.hops.values():
                if hop.end is None:
                    _mark(hop)
            if story.owed:
                self._blame(f"{story.name}: {story.owed} frames were to be sent and were not")
            self._tell(story)

    # --- records ---------------------------------------------------------------------------------

    def _sent(self, sent: Sent) -> None:
        story = self._find(sent.frame) or self._begin(sent.frame)
        if sent.serial in self._by_serial:
            self._blame(f"{story.name}: traversal {sent.serial} began twice")
            return
        story.owed -= bool(story.owed)  # nothing is owed of what is injected
        story.flying += 1
        place = story.place(sent.frame)
        hop = Hop(sent, place)
        place.then.append(hop)
        story.hops[sent.serial] = hop
        self._by_serial[sent.serial] = story

    def _arrived(self, arrived: Arrived) -> None:
        if (story := self._land(arrived)) is None:
            return
        hop = story.hops[arrived.serial]
        if not own_effects(hop.sent.frame.packet, arrived.effects):
            self._blame(f"{story.name}: nothing became of it at {arrived.device} {arrived.port}")
        self._react(arrived.time, arrived.device, arrived.effects)
        self._end(story)

    def _lost(self, lost: Lost) -> None:
        if lost.link is not None:
            story = self._land(lost)
        else:
            story = self._find(lost.frame) or self._begin(lost.frame)
            story.owed -= bool(story.owed)
            place = story.place(lost.frame)
            place.then.append(lost)
            _mark(place)
        if story is not None:
            self._end(story)

    def _land(self, record: Arrived | Lost) -> Story | None:
        """Note the end of a traversal, and return whose it was, if it was on its way."""
        story = self._by_serial.get(record.serial)
        if story is None or (hop := story.hops[record.serial]).end is not None:
            self._blame(f"traversal {record.serial} ended, but was not on its way")
            return None
        hop.end = record
        story.flying -= 1
        if type(record) is Lost:
            _mark(hop)
        return story

    def _react(self, time: Nanoseconds, device: str, effects: Effects) -> None:
        """Note what a device said that it did with frames."""
        touched: list[Story] = []
        for effect in effects:
            if type(effect) is Event:
                continue
            story = self._find(effect.frame)
            if story is None:
                if type(effect) is Transmit and effect.frame.packet == UNNUMBERED:
                    continue  # nobody could tell which Sent follows from it
                story = self._begin(effect.frame)
            touched.append(story)
            if type(effect) is not Hold:
                story.stop_waiting(effect.frame.parent, time)
            if type(effect) is Transmit:
                story.owed += 1
                continue
            place = story.place(effect.frame)
            outcome = Outcome(time, device, effect, place)
            place.then.append(outcome)
            if type(effect) is Hold:
                story.held.setdefault(effect.frame.parent, deque()).append(outcome)
            elif type(effect) is Deliver or effect.reason.drop_class is not DropClass.NORMAL:
                _mark(place)
        for story in touched:
            self._end(story)

    # --- stories ---------------------------------------------------------------------------------

    def _find(self, frame: Frame) -> Story | None:
        """Return the living story that `frame` belongs to. What has no number follows its cause."""
        if frame.packet != UNNUMBERED:
            return self._alive.get(frame.packet)
        cause = None if frame.parent is None else self._by_serial.get(frame.parent)
        return cause if cause is not None and cause.frame.packet == UNNUMBERED else None

    def _begin(self, frame: Frame) -> Story:
        story = Story(self._names.name(frame.packet), frame, self._step)
        if frame.parent is not None and (cause := self._by_serial.get(frame.parent)) is not None:
            story.cause = cause.name
        self._queue.append(story)
        if frame.packet != UNNUMBERED:
            self._alive[frame.packet] = story
        return story

    def _end(self, story: Story) -> None:
        """End `story`, if nothing of it is left, and tell what is due."""
        if story.flying or story.owed or story.held or story.over:
            return
        story.over = True
        self._alive.pop(story.frame.packet, None)
        for serial in story.hops:
            del self._by_serial[serial]
        while self._queue and self._queue[0].over:
            told = self._queue.popleft()
            self._tell(told)
            told.forget()

    def _blame(self, mistake: str) -> None:
        if len(self._mistakes) < ENOUGH:
            self._mistakes.append(mistake)


def _mark(place: Hop | Story | None) -> None:
    """Note that something came of the frames that led to `place`."""
    while place is not None and not place.matters:
        place.matters = True
        place = place.above
