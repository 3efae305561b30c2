"""The flow tables of a bridge, and what messages and time do to them: ofproto/ofproto.c."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from heapq import heappop, heappush
from typing import Final, final

from emu.core.time import Nanoseconds
from emu.openflow.actions.base import Action, Actions
from emu.openflow.actions.control import USER_TABLES, Clone, WriteActions
from emu.openflow.actions.learn import Learn
from emu.openflow.actions.output import Controller, Enqueue, Group, Output
from emu.openflow.classifier import Classifier
from emu.openflow.errors import BadFlow
from emu.openflow.flow import Command, Flow, FlowMod
from emu.openflow.groups import GroupCommand, GroupEntry, GroupMod
from emu.openflow.ports import OFPP_CONTROLLER
from emu.openflow.rule import Rule

TABLES: Final = 255


@final
class FlowTables:
    """All tables and groups of one bridge."""

    def __init__(self) -> None:
        self._tables: dict[int, Classifier] = {}
        self._expiry: list[tuple[Nanoseconds, int, Rule]] = []  # may be early, never late
        self._serial = 0
        self.groups: dict[int, GroupEntry] = {}

    # --- look ------------------------------------------------------------------------------------

    def lookup(self, table: int, key: int) -> Rule | None:
        """Return the flow of that table that a packet matches."""
        classifier = self._tables.get(table)
        return None if classifier is None else classifier.lookup(key)

    def rules(self, table: int | None = None) -> tuple[Rule, ...]:
        """Return the flows, of one table or of all, by table; then highest priority first."""
        numbers = sorted(self._tables) if table is None else [table]
        found = [rule for n in numbers for rule in self._tables.get(n, ())]
        return tuple(sorted(found, key=lambda rule: (rule.flow.table, -rule.priority)))

    def __len__(self) -> int:
        """Return how many flows there are."""
        return sum(map(len, self._tables.values()))

    # --- change ----------------------------------------------------------------------------------

    def clear(self) -> None:
        """Forget all flows, but not the groups."""
        self._tables, self._expiry = {}, []

    def apply_all(self, now: Nanoseconds, mods: tuple[FlowMod, ...]) -> None:
        """Do what the messages say; `BadFlow` leaves all as it was."""
        for mod in mods:
            self._check(mod)
        kept = None
        if len(mods) > 1 and any("check_overlap" in mod.flags for mod in mods):
            kept = [(rule, rule.flow) for rule in self.rules()]
        try:
            for mod in mods:
                self.apply(now, mod)
        except BadFlow:
            if kept is not None:
                self._restore(kept)
            raise

    def _restore(self, kept: list[tuple[Rule, Flow]]) -> None:
        self._tables = {}
        for rule, flow in kept:
            rule.flow, rule.is_live = flow, True
            self._insert(rule)

    def apply(self, now: Nanoseconds, mod: FlowMod) -> None:
        """Do what the message says; `BadFlow` leaves all as it was."""
        if mod.command in (Command.DELETE, Command.DELETE_STRICT):
            self._remove_all(tuple(self._selected(mod)))
            return
        self._check(mod)
        if mod.command is Command.ADD:
            self._add(now, mod.flow(), checks_overlap="check_overlap" in mod.flags)
            return
        selected = tuple(self._selected(mod))
        for rule in selected:
            self._modify(now, rule, mod)
        if not selected and mod.may_add:
            self._add(now, mod.flow(), checks_overlap=False)

    def apply_group(self, mod: GroupMod) -> None:
        """Do what the message says; `BadFlow` leaves all as it was."""
        if mod.group is None:
            doomed = tuple(self.groups) if mod.id is None else (mod.id,)
            for number in doomed:
                if self.groups.pop(number, None) is not None:
                    uses = [rule for rule in self.rules() if number in _groups(rule.flow.actions)]
                    self._remove_all(uses)
            return
        exists = mod.group.id in self.groups
        if mod.command is GroupCommand.ADD and exists:
            raise BadFlow("OFPGMFC_GROUP_EXISTS")
        if mod.command is GroupCommand.MODIFY and not exists:
            raise BadFlow("OFPGMFC_UNKNOWN_GROUP")
        self.groups[mod.group.id] = mod.group

    def may_learn(self, flow: Flow, limit: int, pending: Iterable[Flow] = ()) -> bool:
        """Whether a flow can be learned: there are at most `limit` that have its cookie.

        `pending` are flows that are about to be learned.
        """
        table = self._table(flow.table)
        if not limit or table.find(flow.match, flow.priority) is not None:
            return True
        others = [
            other
            for other in dict.fromkeys(
                (other.match, other.priority)
                for other in pending
                if (other.table, other.cookie) == (flow.table, flow.cookie)
            )
            if table.find(*other) is None
        ]
        if (flow.match, flow.priority) in others:
            return True
        return sum(rule.flow.cookie == flow.cookie for rule in table) + len(others) < limit

    def learn(self, now: Nanoseconds, flow: Flow) -> None:
        """Put in or refresh a flow that was learned.

        As ofproto_flow_mod_learn(): a flow that is there already keeps what it counted, and when
        it was used; its hard timeout begins anew.
        """
        known = self._table(flow.table).find(flow.match, flow.priority)
        if known is None:
            self._insert(Rule(flow, now))
        else:
            kept = replace(known.flow, actions=flow.actions, cookie=flow.cookie, table=flow.table)
            self._replace(known, kept, now)

    # --- time ------------------------------------------------------------------------------------

    def next_deadline(self) -> Nanoseconds | None:
        """Return when a flow may expire; it may be early, never late."""
        return self._expiry[0][0] if self._expiry else None

    def expire(self, now: Nanoseconds) -> tuple[Flow, ...]:
        """Take out the flows whose time is over, and return them."""
        gone: list[Rule] = []
        while self._expiry and self._expiry[0][0] <= now:
            rule = heappop(self._expiry)[2]
            due = rule.expiry() if rule.is_live else None
            if due is None:
                continue
            if due <= now:
                gone.append(rule)
                self._remove(rule)
            else:
                self._watch(rule, due)
        self._forget_learned(gone)
        return tuple([rule.flow for rule in gone])

    def shorten(self, rule: Rule, idle: int, hard: int) -> None:
        """Let a flow expire sooner; as ofproto_rule_reduce_timeouts()."""
        flow = rule.flow
        new_idle = min(filter(None, (flow.idle_timeout, idle)), default=0)
        new_hard = min(filter(None, (flow.hard_timeout, hard)), default=0)
        if (new_idle, new_hard) != (flow.idle_timeout, flow.hard_timeout) and rule.is_live:
            rule.flow = replace(flow, idle_timeout=new_idle, hard_timeout=new_hard)
            self._watch(rule, rule.expiry())

    # --- inside ----------------------------------------------------------------------------------

    def _table(self, number: int) -> Classifier:
        return self._tables.setdefault(number, Classifier())

    def _selected(self, mod: FlowMod) -> Iterator[Rule]:
        """Yield the flows that a message names: loosely, or by match and priority."""
        numbers = sorted(self._tables) if mod.table is None else [mod.table]
        for number in numbers:
            table = self._tables.get(number)
            if table is None:
                continue
            if mod.is_strict:
                rule = table.find(mod.match, mod.priority)
                rules: Iterable[Rule] = () if rule is None else (rule,)
            else:
                rules = [rule for rule in table if mod.match.covers(rule.flow.match)]
            for rule in rules:
                if _is_meant(rule.flow, mod):
                    yield rule

    def _check(self, mod: FlowMod) -> None:
        if mod.command in (Command.DELETE, Command.DELETE_STRICT):
            return
        if mod.table is not None and mod.table >= USER_TABLES:
            raise BadFlow("OFPBRC_EPERM")
        for number in _groups(mod.actions):
            if number not in self.groups:
                raise BadFlow("OFPBAC_BAD_OUT_GROUP")

    def _add(self, now: Nanoseconds, flow: Flow, *, checks_overlap: bool) -> None:
        table = self._table(flow.table)
        known = table.find(flow.match, flow.priority)
        if known is not None:
            self._remove(known)
        elif checks_overlap and any(
            rule.priority == flow.priority and rule.flow.match.overlaps(flow.match)
            for rule in table
        ):
            raise BadFlow("OFPFMFC_OVERLAP")
        self._insert(Rule(flow, now))
        if known is not None:
            self._forget_learned([known])

    def _modify(self, now: Nanoseconds, rule: Rule, mod: FlowMod) -> None:
        cookie = rule.flow.cookie if mod.new_cookie is None else mod.new_cookie
        self._replace(rule, replace(rule.flow, actions=mod.actions, cookie=cookie), now)

    def _replace(self, rule: Rule, flow: Flow, now: Nanoseconds) -> None:
        """Let `flow` take the place of that of `rule`, with what that has counted."""
        if flow == rule.flow:
            rule.modified = now
            self._watch(rule, rule.expiry())
            return
        new = Rule(flow, now)
        new.created, new.used = rule.created, rule.used
        new.n_packets, new.n_bytes = rule.n_packets, rule.n_bytes
        self._remove(rule)
        self._insert(new)
        self._forget_learned([rule])

    def _insert(self, rule: Rule) -> None:
        self._table(rule.flow.table).insert(rule)
        self._watch(rule, rule.expiry())

    def _remove(self, rule: Rule) -> None:
        rule.is_live = False
        self._table(rule.flow.table).remove(rule)

    def _remove_all(self, rules: Iterable[Rule]) -> None:
        gone = [rule for rule in rules if rule.is_live]
        for rule in gone:
            self._remove(rule)
        self._forget_learned(gone)

    def _watch(self, rule: Rule, due: Nanoseconds | None) -> None:
        if due is not None:
            self._serial += 1
            heappush(self._expiry, (due, self._serial, rule))

    def _forget_learned(self, gone: Iterable[Rule]) -> None:
        """Take out what flows that are gone have taught, unless another still teaches it."""
        for rule in gone:
            for taught in _learns(rule.flow.actions):
                if taught.delete_learned and not self._is_taught(taught):
                    doomed = [
                        other
                        for other in self._tables.get(taught.table, ())
                        if other.flow.cookie == taught.cookie
                    ]
                    self._remove_all(doomed)

    def _is_taught(self, taught: Learn) -> bool:
        return any(
            other.delete_learned and (other.cookie, other.table) == (taught.cookie, taught.table)
            for rule in self.rules()
            for other in _learns(rule.flow.actions)
        )


def _is_meant(flow: Flow, mod: FlowMod) -> bool:
    if (flow.cookie ^ mod.cookie) & mod.cookie_mask:
        return False
    if mod.out_port is not None and not _sends_to(flow.actions, mod.out_port):
        return False
    return mod.out_group is None or mod.out_group in _groups(flow.actions)


def _sends_to(actions: Actions, port: int) -> bool:
    """As ofpacts_output_to_port()."""

    def sends(action: Action) -> bool:
        if isinstance(action, Output | Enqueue):
            return action.port == port
        return isinstance(action, Controller) and port == OFPP_CONTROLLER

    return any(map(sends, actions))


def _walk(actions: Actions) -> Iterator[Action]:
    for action in actions:
        yield action
        if isinstance(action, Clone | WriteActions):
            yield from _walk(action.actions)


def _groups(actions: Actions) -> tuple[int, ...]:
    return tuple([action.group for action in _walk(actions) if isinstance(action, Group)])


def _learns(actions: Actions) -> tuple[Learn, ...]:
    return tuple([action for action in _walk(actions) if isinstance(action, Learn)])
