"""The steps of a walk through the tables, as `ofproto/trace` tells them."""

from dataclasses import dataclass
from typing import Final, final

from emu.net.effects import Step
from emu.openflow.actions.base import Actions, render_actions
from emu.openflow.flow import Flow
from emu.openflow.match_text import render_match
from emu.openflow.ports import NO_NAMES, PortNames

BRIDGE: Final = "bridge"
ACTION: Final = "action"
NOTE: Final = "note"


@final
@dataclass(frozen=True, slots=True)
class Line:
    """What a step is about, and how deep in the walk it is."""

    level: int
    value: object

    def __str__(self) -> str:
        """Return what the step is about."""
        return str(self.value)


@final
@dataclass(frozen=True, slots=True)
class Hit:
    """The flow that a table answered with; None: no flow."""

    table: int
    flow: Flow | None

    def text(self, ports: PortNames) -> str:
        """Return the line of `ofproto/trace`: xlate_report_table()."""
        if self.flow is None:
            return f"{self.table:2}. No match."
        match = render_match(self.flow.match, ports)
        cookie = f", cookie {self.flow.cookie:#x}" if self.flow.cookie else ""
        comma = ", " if match else ""
        return f"{self.table:2}. {match}{comma}priority {self.flow.priority}{cookie}"

    def __str__(self) -> str:
        """Return the flow as `ovs-ofctl dump-flows` prints it."""
        return "no flow" if self.flow is None else str(self.flow)


def hit(level: int, table: int, flow: Flow | None) -> Step:
    """Return the step that a look-up was."""
    return Step(f"table {table}", Line(level, Hit(table, flow)))


def steps_of(level: int, actions: Actions) -> tuple[Step, ...]:
    """Return the step that each action of a list is."""
    return tuple([Step(ACTION, Line(level, action)) for action in actions])


def note(level: int, words: str) -> Step:
    """Return a remark."""
    return Step(NOTE, Line(level, words))


def render_list(actions: Actions) -> str:
    """Return a list of actions with numbers for ports."""
    return render_actions(actions, NO_NAMES)
