"""The walk of one packet through the tables of one bridge: what is decided, and why.

As ofproto/ofproto-dpif-xlate.c, do_xlate_actions(). A walk changes a key, never the packet, and
ends in a list of operations for the datapath, so that the same list can be done with the next
packet that differs in nothing that was looked at (a cache of decisions would stand here).

Lists of actions call each other by `resubmit`, in as many as 4096 steps; they stand on a stack of
the walk's own, not on that of Python.
"""

from collections.abc import Callable
from typing import Final, Protocol, TypeVar, cast, final

from emu.core.time import Nanoseconds
from emu.net.effects import DropReason, Step
from emu.openflow import layout
from emu.openflow.action_set import action_list
from emu.openflow.actions.base import Action, Actions
from emu.openflow.actions.control import ANY_TABLE
from emu.openflow.actions.output import Group, Output
from emu.openflow.commit import commit
from emu.openflow.flow import Flow
from emu.openflow.operations import Frozen, Hash, Operation, Operations, Recirculate
from emu.openflow.packet import Packet
from emu.openflow.ports import OFPP_UNSET
from emu.openflow.rule import Rule
from emu.openflow.stack import ActionList, Saved
from emu.openflow.table import FlowTables
from emu.openflow.thaw import needs_headers, thawed
from emu.openflow.trace import hit, note, steps_of
from emu.packet.beside import Journey

MAX_DEPTH: Final = 64  # MAX_DEPTH of ofproto-dpif-xlate.c
MAX_RESUBMITS: Final = MAX_DEPTH * MAX_DEPTH
_PORTS: Final = layout.TP_SRC.mask | layout.TP_DST.mask
METADATA_MASK: Final = (  # what a frozen walk keeps: struct frozen_metadata
    layout.TUNNEL_MASK | layout.METADATA.mask | layout.REGS.mask | layout.IN_PORT.mask
)


class Switch(Protocol):
    """What a walk asks of its bridge."""

    @property
    def tables(self) -> FlowTables:
        """The flows and the groups."""

    def flood_ports(self) -> tuple[int, ...]:
        """Return every port, also those that are not flooded."""

    def is_floodable(self, port: int) -> bool:
        """Whether FLOOD goes there too."""

    def is_live(self, port: int) -> bool:
        """Whether what is sent there gets anywhere."""

    def may_truncate(self, port: int) -> bool:
        """Whether the port exists, and no other bridge is behind it."""

    def may_receive(self, walk: "Walk") -> bool:
        """Whether the port that the packet came in by lets it in."""

    def admit(self, walk: "Walk") -> bool:
        """Look at a packet that was looked up first; False: it is not let in."""

    def send(self, walk: "Walk", port: int, *, truncated: bool = False) -> None:
        """Send the packet as the walk's key has it; as compose_output_action()."""

    def send_normal(self, walk: "Walk") -> None:
        """Do what a learning bridge does; as xlate_normal()."""


A = TypeVar("A", bound=Action)
Perform = Callable[["Walk", A], None]
_PERFORM: Final[dict[type[Action], Perform[Action]]] = {}


def performs(kind: type[A]) -> Callable[[Perform[A]], Perform[A]]:
    """Say that a function does actions of that kind: the modules `perform_*` are full of them."""

    def register(function: Perform[A]) -> Perform[A]:
        _PERFORM[kind] = cast("Perform[Action]", function)
        return function

    return register


@final
class Walk:
    """One walk: the key as it is now, and what was decided so far."""

    def __init__(
        self,
        switch: Switch,
        now: Nanoseconds,
        key: int,
        packet: Packet,
        journey: Journey | None = None,
    ) -> None:
        self.switch = switch
        self.now = now
        self.packet = packet  # as it was when the walk began
        self.key = layout.ACTSET_OUTPUT.put(key, OFPP_UNSET)
        self.base = key & ~layout.TUNNEL_MASK  # what the packet would be if it were sent now
        self.arrived = key
        self.operations: list[Operation] = []
        self.trace: list[Step] = []
        self.table = 0
        self.rule: Rule | None = None
        self.journey = Journey() if journey is None else journey
        self.depth = self.journey.depth
        self.error: DropReason | None = None
        self.reason: DropReason | None = None  # why something was not sent, if it is known
        self.exit = False
        self.freezing = False
        self.stack: list[int] = []
        self.action_set: Actions = ()
        self.was_mpls = (
            self.journey.was_mpls
        )  # a label came off: what is behind must be read before it is used
        self.conntracked = bool(layout.CT_STATE.get(key))
        self.learned: list[Flow] = []  # to be put in when it is over: it does not see them
        self.mirrors = 0  # those that have got the packet
        self.level = 0
        self._lists: list[ActionList] = []
        self._frozen: list[Action] = []
        self._hash: Hash | None = None
        self._outer: list[list[Operation]] = []

    # --- begin and end ----------------------------------------------------------------------------

    def begin(self) -> None:
        """Look the packet up in table 0, and walk."""
        if self.journey.key is None:
            self._start(0)
        elif self.switch.may_receive(self):  # patch_port_output(): it is no new translation
            self.resubmit(0, self.key)
            self.run()

    def resume(self, state: Frozen) -> None:
        """Go on where another walk of the packet stopped."""
        self.table = state.table
        self.stack = list(state.stack)
        self.mirrors = state.mirrors
        self.conntracked = state.conntracked
        if not state.conntracked:
            self.key &= ~layout.CONNTRACK_MASK
        self.key = self.key & ~METADATA_MASK | state.metadata
        if state.action_set:
            self.write_actions(state.action_set)
        if not state.actions:
            self._start(state.table)
            return
        if self.switch.admit(self):
            self.do(state.actions)
        self.run()

    def _start(self, table: int) -> None:
        rule = self.rule = self._lookup(table, self.key)
        if self.switch.may_receive(self) and self.switch.admit(self) and rule is not None:
            self.do(rule.actions)
        self.run()

    def finish(self) -> Operations:
        """Do what was written for the end, and return what was decided; nothing after an error.

        One in a bridge behind a patch port takes nothing back: patch_port_output().
        """
        if self.error is None:
            self.end_pipeline()
            self.run()
        for flow in self.learned:
            self.switch.tables.learn(self.now, flow)
        is_void = self.error is not None and self.journey.key is None
        return () if is_void else tuple(self.operations)

    def end_pipeline(self, then: Callable[[], None] | None = None) -> None:
        """Do the action set, or freeze where the walk stopped; then do `then`."""

        def close() -> None:
            self.freeze_if_asked()
            if then is not None:
                then()

        actions: Actions = ()
        if not self.freezing:
            actions = action_list(self.action_set)
            self.action_set = ()
        if actions:
            self.say("--. Executing action set:")
            self.do(actions, leave=close)
        else:
            close()

    def do_pipeline(self, actions: Actions, then: Callable[[], None]) -> None:
        """Do a list and the action set as if it were a walk of its own; then do `then`."""
        self.do(actions, leave=lambda: self.end_pipeline(then))

    # --- the machine ------------------------------------------------------------------------------

    def do(self, actions: Actions, *, leave: Callable[[], None] | None = None) -> None:
        """Put a list on the stack: it is done before what follows the action that did this."""
        entry = ActionList(actions, steps_of(len(self._lists) + 1, actions))
        entry.leave = leave
        self._lists.append(entry)

    def run(self) -> None:
        """Do all lists that are on the stack."""
        lists = self._lists
        while lists:
            current = lists[-1]
            if current.at == len(current.actions) or not self._may_go_on(current):
                self._leave(lists.pop())
                continue
            action = current.actions[current.at]
            self.level = len(lists)
            self.trace.append(current.steps[current.at])
            current.at += 1
            _PERFORM[type(action)](self, action)

    def do_again(self) -> None:
        """Let the action that is being done be the next that is done."""
        self._lists[-1].at -= 1

    def end_list(self) -> None:
        """Do nothing more of the list that is being done."""
        current = self._lists[-1]
        current.at = len(current.actions)

    def rest(self) -> Actions:
        """Return what follows in the list that is being done."""
        current = self._lists[-1]
        return current.actions[current.at :]

    def _may_go_on(self, current: ActionList) -> bool:
        if self.error is not None:
            return False
        if self.was_mpls and not self.exit and needs_headers(current.actions[current.at]):
            self.freeze()
        if not self.exit:
            return True
        if self.freezing:
            self._freeze_rest(current, current.at)
        return False

    def _leave(self, done: ActionList) -> None:
        if done.table != ANY_TABLE:
            self.depth -= self.table <= done.table
            self.table = done.table
            self.rule = done.rule
        if done.leave is not None:
            done.leave()

    # --- tables -----------------------------------------------------------------------------------

    def may_resubmit(self) -> bool:
        """Whether the walk may become longer; as xlate_resubmit_resource_check()."""
        if self.depth >= MAX_DEPTH:
            self.say(f"over max translation depth {MAX_DEPTH}")
            self.error = DropReason.RECURSION_TOO_DEEP
        elif self.journey.spent.count >= MAX_RESUBMITS:
            self.say(f"over {MAX_RESUBMITS} resubmit actions")
            self.error = DropReason.TOO_MANY_RESUBMITS
        return self.error is None

    def resubmit(self, table: int, key: int) -> None:
        """Look the packet up in `table` as if `key` were its, and do what is found."""
        if not self.may_resubmit():
            return
        old_table, old_rule = self.table, self.rule
        rule = self._lookup(table, key)
        self.journey.spent.count += 1
        if rule is None:
            self.table = old_table
            return
        self.depth += table <= old_table
        self.rule = rule
        self.do(rule.actions)
        entry = self._lists[-1]
        entry.table, entry.rule = old_table, old_rule

    def _lookup(self, table: int, key: int) -> Rule | None:
        self.table = table
        if layout.NW_FRAG.get(key):  # OFPUTIL_FRAG_NORMAL: as if a fragment had no ports
            key &= ~_PORTS
        rule = self.switch.tables.lookup(table, key)
        level = len(self._lists)
        if rule is None:
            self.trace.append(hit(level, table, None))
            return None
        rule.credit(self.now, len(self.packet.wire))
        self.trace.append(hit(level, table, rule.flow))
        return rule

    # --- stop and go on ---------------------------------------------------------------------------

    def freeze(self) -> None:
        """Stop here: the rest is done when the packet was read anew. As ctx_trigger_freeze()."""
        self.exit = True
        self.freezing = True

    def freeze_with_hash(self, wanted: Hash) -> None:
        """Stop here, and go on when the packet has a hash."""
        self.freeze()
        self._hash = wanted

    def freeze_if_asked(self) -> None:
        """Close a walk that was stopped; as finish_freezing()."""
        if self.freezing:
            self.commit()
            self.recirculate(0)

    def recirculate(self, table: int) -> None:
        """Let a copy of the packet go on from that table; as finish_freezing__()."""
        if self._hash is not None:
            self.operations.append(self._hash)
        state = Frozen(
            table=table,
            metadata=self.key & METADATA_MASK,
            stack=tuple(self.stack),
            action_set=self.action_set,
            actions=tuple(self._frozen),
            conntracked=self.conntracked,
            mirrors=self.mirrors,
        )
        self.operations.append(Recirculate(state))
        self.freezing = False  # ctx_cancel_freeze()
        self._hash = None
        self._frozen = []

    def _freeze_rest(self, current: ActionList, start: int) -> None:
        """Keep what is left of a list; as freeze_unroll_actions()."""
        self._frozen += [thawed(action, self.table) for action in current.actions[start:]]
        current.at = len(current.actions)

    # --- what actions do --------------------------------------------------------------------------

    def commit(self) -> None:
        """Decide to make the packet what the key says; as xlate_commit_actions()."""
        self.base = commit(self.key, self.base, self.operations)

    def write_actions(self, actions: Actions) -> None:
        """Add to the action set, and let `actset_output` say where it would send."""
        self.action_set += actions
        output = OFPP_UNSET
        for action in self.action_set:
            if isinstance(action, Output):
                output = action.port
        if any(isinstance(action, Group) for action in self.action_set):
            output = OFPP_UNSET
        self.key = layout.ACTSET_OUTPUT.put(self.key, output)

    def clear_actions(self) -> None:
        """Forget the action set."""
        self.action_set = ()
        self.key = layout.ACTSET_OUTPUT.put(self.key, OFPP_UNSET)

    def in_port(self) -> int:
        """Return the port that the packet is held to have come from."""
        return layout.IN_PORT.get(self.key)

    def say(self, words: str) -> None:
        """Remark something, for whoever reads the trace."""
        self.trace.append(note(self.level + 1, words))

    def save(self) -> Saved:
        """Return what a copy of the packet may change."""
        return Saved(
            *(self.key, self.base, tuple(self.stack), self.action_set),
            *(self.was_mpls, self.conntracked),
        )

    def restore(self, saved: Saved, *, in_place: bool = False) -> None:
        """Forget what was done to a copy; one `in_place` was the packet itself."""
        self.key = saved.key
        self.stack = list(saved.stack)
        self.action_set = saved.action_set
        if not in_place:
            self.base = saved.base
            self.was_mpls = saved.was_mpls
            self.conntracked = saved.conntracked

    def open_operations(self) -> None:
        """Collect what is decided from now on apart."""
        self._outer.append(self.operations)
        self.operations = []

    def close_operations(self) -> Operations:
        """Return what was collected apart, and go on with what was there before."""
        inner = tuple(self.operations)
        self.operations = self._outer.pop()
        return inner
