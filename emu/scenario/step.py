"""One step of a scenario: one action, and what is expected of it."""

from collections.abc import Iterator
from typing import Final, Protocol, Self, cast

from pydantic import ConfigDict, Field, model_validator

from emu.core.time import seconds
from emu.scenario.cast import Cast
from emu.scenario.expectations.kinds import Expectation
from emu.scenario.expectations.program import Program, Succeeded
from emu.scenario.expectations.refused import Accepted, Refused
from emu.scenario.findings import Problem
from emu.scenario.links import OneCable
from emu.scenario.shape import Shape
from emu.scenario.stage import Stage
from emu.scenario.steps.advance import OneAdvance
from emu.scenario.steps.arping import Arping
from emu.scenario.steps.cable import OneUnplug, Plug, SetLink
from emu.scenario.steps.configure import Configure
from emu.scenario.steps.inject import Inject
from emu.scenario.steps.ping import Ping
from emu.scenario.texts import Duration, Prose, Text, Wrong
from emu.scenario.watching import Watch

LONG: Final = seconds(600)  # until a step is stopped that has no timeout of its own

ACTIONS: Final = ("ping", "arping", "advance", "inject", "configure", "link", "plug", "unplug")
RUN_A_PROGRAM: Final = ("ping", "arping", "configure")
CAN_BE_REFUSED: Final = ("configure", "link", "plug", "inject", "ping", "arping")


class Action(Protocol):
    """What a step does."""

    def title(self) -> str:
        """Return what a step is called that has no name."""

    def problems(self, cast: Cast) -> Iterator[Problem]:
        """Yield what makes no sense among those who are there."""

    def perform(self, stage: Stage) -> None:
        """Begin it."""


class Step(Shape):
    """One thing that is done, and what is expected to come of it.

    A step ends when its programs have ended and no frame is in flight, or at its timeout; then time
    stands until the next. Without expectations on its program, all must go well: nothing refused,
    exit status 0, and no reply of a ping lost.
    """

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": [action]} for action in ACTIONS]}
    )

    name: Text | None = Field(None, description="What the step shows, in a sentence.")
    description: Prose = Field("", description="More of that, for the reader.")
    ping: Ping | None = Field(None, description="Run ping: {from: vm1, to: 172.16.1.4}.")
    arping: Arping | None = Field(None, description="Run arping: {from: vm1, to: 172.16.1.4}.")
    advance: OneAdvance | None = Field(None, description="Let time pass: 301s.")
    inject: Inject | None = Field(None, description="Send a frame, or make one arrive.")
    configure: Configure | None = Field(
        None, description="Type commands: {on: ..., commands: ...}."
    )
    link: SetLink | None = Field(None, description="Change a link: {at: compute1/eth1, up: false}.")
    plug: OneCable | None = Field(None, description="Make a link: [pc1/eth0, hub1/p3].")
    unplug: OneUnplug | None = Field(None, description="Take a link away: pc1/eth0.")
    timeout: Duration = Field(
        LONG, description="When the step is stopped, if it has not ended; 600s if absent."
    )
    expect: tuple[Expectation, ...] = Field((), description="What is expected to happen.")

    @model_validator(mode="after")
    def _does_one_thing(self) -> Self:
        done = [action for action in ACTIONS if getattr(self, action) is not None]
        if not done:
            raise Wrong("the step does nothing", f"it needs one of {', '.join(ACTIONS)}")
        if len(done) > 1:
            raise Wrong(f"the step does {' and '.join(done)}", "make a step of each")
        return self

    @property
    def kind(self) -> str:
        """The key of what it does."""
        return next(action for action in ACTIONS if getattr(self, action) is not None)

    @property
    def action(self) -> Action:
        """What it does."""
        if self.plug is not None:
            return Plug(cable=self.plug)
        return cast("Action", getattr(self, self.kind))

    @property
    def title(self) -> str:
        """What it is called."""
        return self.name or self.action.title()

    @property
    def is_patient(self) -> bool:
        """Whether the author said nothing of a timeout."""
        return "timeout" not in self.model_fields_set

    def problems(self, cast: Cast) -> Iterator[Problem]:
        """Yield what makes no sense among those who are there."""
        for problem in self.action.problems(cast):
            yield problem.under(self.kind)
        for index, expected in enumerate(self.expect):
            what = ""
            if isinstance(expected, Program) and self.kind not in RUN_A_PROGRAM:
                what = f"{self.kind} runs no program that could count or print anything"
            elif isinstance(expected, Refused) and self.kind not in CAN_BE_REFUSED:
                what = f"{self.kind} cannot be refused"
            if what:
                yield Problem(path=("expect", index), what=what)
            for problem in expected.problems(cast):
                yield problem.under("expect", index)

    def watches(self) -> tuple[Watch, ...]:
        """Return what judges the step, once."""
        watches: list[Watch] = [expected.watch() for expected in self.expect]
        if not any(isinstance(expected, Program) for expected in self.expect):
            watches.insert(0, Succeeded())
        if not any(isinstance(expected, Refused) for expected in self.expect):
            watches.insert(0, Accepted())
        return tuple(watches)
