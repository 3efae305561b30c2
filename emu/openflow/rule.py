"""A flow at work in a table, with what it counts."""

from typing import final

from emu.core.time import Nanoseconds, seconds
from emu.openflow.actions.base import Actions
from emu.openflow.actions.control import Conjunction
from emu.openflow.flow import Flow


@final
class Rule:
    """A flow, when it was made and used, and how often."""

    __slots__ = (
        *("actions", "conjunctions", "created", "flow", "is_live", "lower", "modified"),
        *("n_bytes", "n_packets", "priority", "used"),
    )

    def __init__(self, flow: Flow, now: Nanoseconds) -> None:
        self.flow = flow
        self.priority = flow.priority
        self.actions: Actions = flow.actions
        self.conjunctions = tuple([a for a in flow.actions if isinstance(a, Conjunction)])
        self.created = now
        self.modified = now  # the hard timeout counts from here
        self.used = now  # the idle timeout counts from here
        self.n_packets = 0
        self.n_bytes = 0
        self.is_live = True  # False: taken out of its table
        self.lower: Rule | None = None  # the next in priority that has the same match

    def credit(self, now: Nanoseconds, size: int) -> None:
        """Count a packet of so many octets."""
        self.used = now
        self.n_packets += 1
        self.n_bytes += size

    def expiry(self) -> Nanoseconds | None:
        """Return when the flow goes if nothing happens to it any more; None: never.

        It goes when the time is over, not when it is just full: rule_expire(),
        ofproto/ofproto-dpif.c.
        """
        due = []
        if self.flow.idle_timeout:
            due.append(self.used + seconds(self.flow.idle_timeout) + 1)
        if self.flow.hard_timeout:
            due.append(self.modified + seconds(self.flow.hard_timeout) + 1)
        return Nanoseconds(min(due)) if due else None

    def __str__(self) -> str:
        """Return the flow."""
        return str(self.flow)
