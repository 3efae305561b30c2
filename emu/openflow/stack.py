"""What stands on the stack of a walk."""

from collections.abc import Callable
from typing import NamedTuple, final

from emu.net.effects import Step
from emu.openflow.actions.base import Actions
from emu.openflow.actions.control import ANY_TABLE
from emu.openflow.rule import Rule


@final
class ActionList:
    """A list of actions that is being done."""

    __slots__ = ("actions", "at", "leave", "rule", "steps", "table")

    def __init__(self, actions: Actions, steps: tuple[Step, ...]) -> None:
        self.actions = actions
        self.steps = steps
        self.at = 0
        self.table = ANY_TABLE  # the table to come back to afterwards; ANY_TABLE: as it is
        self.rule: Rule | None = None  # the flow to come back to
        self.leave: Callable[[], None] | None = None  # what is to be done afterwards


class Saved(NamedTuple):
    """What of a walk a copy of the packet may change."""

    key: int
    base: int
    stack: tuple[int, ...]
    action_set: Actions
    was_mpls: bool
    conntracked: bool
