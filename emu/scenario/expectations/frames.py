"""`{link: compute1/eth1, match: {vlan.id: 100}, count: 3}`: frames that are, or are not, seen."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from pydantic import Field

from emu.journal import Sent
from emu.net.link import Link
from emu.packet.fields import Match
from emu.scenario.amount import SOME, Amount, Count
from emu.scenario.cast import Cast
from emu.scenario.expectations.matching import ANY, Nearest, OneMatch
from emu.scenario.findings import Finding, Problem
from emu.scenario.shape import Shape
from emu.scenario.texts import Text, meant
from emu.scenario.watching import StepLog, Watching, render_frame

FIRST = 3  # frames that are shown where there are too many


class Frames(Shape):
    """Frames on a link, in this step."""

    link: Text = Field(
        description="The link, by either end: cirros-vm1/eth0, compute1/eth1. Wildcards may stand "
        "for what is unique: compute1/tap*."
    )
    match: OneMatch | None = Field(
        None, description="What the frames are like: {vlan.id: 100, icmp.type: 8}; any if absent."
    )
    sent_by: Text | None = Field(None, description="The end that sent them; either if absent.")
    count: Count = Field(
        SOME,
        description="How many: 3, 0 for none, {min: 1, max: 5}; at least one if absent.",
    )

    def problems(self, cast: Cast) -> Iterator[Problem]:
        """Yield what makes no sense among those who are there."""
        yield from cast.check_end(self.link, "link")
        if self.sent_by is not None:
            yield from cast.check_end(self.sent_by, "sent_by")

    def watch(self) -> "FramesWatch":
        """Return what judges this."""
        return FramesWatch(self)


class FramesWatch(Watching):
    """Counts the frames that match."""

    def __init__(self, expected: Frames) -> None:
        self._link = expected.link
        self._sender = expected.sent_by
        self._amount: Amount = expected.count
        self._match: Match = expected.match or ANY
        self._nearest = Nearest(self._match)
        self._names: dict[str, None] = {}  # of links that are meant
        self._passed = 0  # frames of any kind
        self._count = 0
        self._other_way = 0  # that match, but for their sender
        self._first: list[str] = []

    def linked(self, link: Link) -> bool:
        """Want the frames of the link that is meant."""
        wanted = link.captured and any(
            fnmatchcase(end, self._link) for end in (link.a.text, link.b.text)
        )
        if wanted:
            self._names[str(link)] = None
        return wanted

    def sent(self, record: Sent) -> None:
        """Count a frame, if it matches."""
        self._passed += 1
        sender = record.link.a if record.by_a else record.link.b
        if not self._nearest.matches(record.time, record.frame, sender):
            return
        if self._sender is not None and not fnmatchcase(sender.text, self._sender):
            self._other_way += 1
            return
        self._count += 1
        if len(self._first) < FIRST:
            self._first.append(render_frame(record.time, record.frame, sender))

    def finding(self, log: StepLog) -> Finding:
        """Judge."""
        what = f"{self._amount.of('frame')} on {self._link}"
        if self._sender is not None:
            what += f" from {self._sender}"
        if self._match.wanted:
            what += f" with {self._match.filter}"
        if not self._names:
            near = meant(self._link, log.ends)
            text = f"expected: {what}; but there is no such link"
            return Finding(passed=False, text=text, details=(near,) if near else ())
        if len(self._names) > 1:
            text = f"expected: {what}; but that names {len(self._names)} links"
            return Finding(passed=False, text=text, details=tuple(self._names))
        if self._amount.holds(self._count):
            return Finding(passed=True, text=what)
        text = f"expected: {what}; but saw {self._count}"
        return Finding(passed=False, text=text, details=self._details())

    def _details(self) -> tuple[str, ...]:
        if self._count > self._amount.least:
            return tuple(self._first)
        if not self._passed:
            return ("no frame passed there in this step",)
        lines = [f"{self._passed} frame{'s' * (self._passed != 1)} passed there"]
        if self._other_way:
            lines.append(f"{self._other_way} of them would match, but the other end sent them")
        return (*lines, *self._nearest.lines())
