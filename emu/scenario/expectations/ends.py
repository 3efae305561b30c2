"""`{dropped: {at: ..., reason: ...}}` and `{delivered: {at: ...}}`: where frames come to an end."""

from collections import Counter
from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, PlainValidator, WithJsonSchema

from emu.net.effects import DropReason
from emu.packet.fields import Match
from emu.scenario.amount import SOME, Amount, Count
from emu.scenario.cast import Cast
from emu.scenario.expectations.matching import ANY, Nearest, OneMatch
from emu.scenario.findings import Finding, Problem
from emu.scenario.shape import Shape
from emu.scenario.texts import Text, one_of, words_of
from emu.scenario.watching import End, StepLog, Watching, named, render_end

FIRST = 3  # ends that are shown where there are too many

Reason = Annotated[
    DropReason, PlainValidator(one_of(DropReason)), WithJsonSchema(words_of(DropReason))
]


class Drops(Shape):
    """Frames that end without reaching anybody."""

    at: Text = Field(
        description="The device, or the port by which they came: controller/brq*, cirros-vm3/eth0."
    )
    reason: Reason | None = Field(None, description="Why: NO_TX_TARGET; for any if absent.")
    match: OneMatch | None = Field(None, description="What the frames are like; any if absent.")
    count: Count = Field(SOME, description="How many; at least one if absent.")


class Deliveries(Shape):
    """Frames that reach the one they are for."""

    at: Text = Field(description="The device, or the port by which they came: cirros-vm2.")
    match: OneMatch | None = Field(None, description="What the frames are like; any if absent.")
    count: Count = Field(SOME, description="How many; at least one if absent.")


class Dropped(Shape):
    """Frames are, or are not, dropped in this step."""

    dropped: Drops = Field(description="Where, why, which, and how many.")

    def problems(self, cast: Cast) -> Iterator[Problem]:
        """Yield what makes no sense among those who are there."""
        yield from cast.check_place(self.dropped.at, "dropped", "at")

    def watch(self) -> "EndsWatch":
        """Return what judges this."""
        drops = self.dropped
        return EndsWatch("dropped", drops.at, drops.match or ANY, drops.count, drops.reason)


class Delivered(Shape):
    """Frames do, or do not, reach somebody in this step."""

    delivered: Deliveries = Field(description="Where, which, and how many.")

    def problems(self, cast: Cast) -> Iterator[Problem]:
        """Yield what makes no sense among those who are there."""
        yield from cast.check_place(self.delivered.at, "delivered", "at")

    def watch(self) -> "EndsWatch":
        """Return what judges this."""
        goal = self.delivered
        return EndsWatch("delivered", goal.at, goal.match or ANY, goal.count, None)


class EndsWatch(Watching):
    """Counts the frames that end in one way at one place."""

    def __init__(
        self, fate: str, at: str, match: Match, amount: Amount, reason: DropReason | None
    ) -> None:
        self._fate = fate
        self._at = at
        self._match = match
        self._amount = amount
        self._reason = reason
        self._nearest = Nearest(match)
        self._count = 0
        self._first: list[End] = []
        self._others = Counter[str]()  # frames that ended there for other reasons

    def ended(self, end: End) -> None:
        """Count a frame, if it ended so."""
        dropped = self._fate == "dropped"
        if (end.reason is not None) != dropped or not named(end.place, self._at):
            return
        if self._reason is not None and end.reason is not self._reason:
            self._others[str(end.reason)] += 1
            return
        if self._nearest.matches(end.time, end.frame):
            self._count += 1
            if len(self._first) < FIRST:
                self._first.append(end)

    def finding(self, log: StepLog) -> Finding:
        """Judge."""
        what = f"{self._amount.of('frame')} {self._fate} at {self._at}"
        if self._reason is not None:
            what += f" for {self._reason}"
        if self._match.wanted:
            what += f" with {self._match.filter}"
        if self._amount.holds(self._count):
            return Finding(passed=True, text=what)
        text = f"expected: {what}; but saw {self._count}"
        if self._count > self._amount.least:
            return Finding(
                passed=False, text=text, details=tuple([render_end(end) for end in self._first])
            )
        others = [f"{count} for {reason}" for reason, count in self._others.items()]
        lines = [f"there were {' and '.join(others)}"] if others else []
        return Finding(passed=False, text=text, details=(*lines, *self._nearest.lines()))
