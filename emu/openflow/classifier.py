"""Find the flow that a packet matches: tuple space search. As lib/classifier.c.

Flows that look at the same bits of the key share a subtable: one dict from the bits to the flow.
A look-up tries the subtables in the order of their highest priority and stops when none that is
left can win, so that it costs as much with 100,000 flows as with ten, if they look at the same
bits. Flows of the same match and different priority are a chain, highest first.

Conjunctive flows are not found themselves. Where all clauses of one are met at one priority, the
packet is looked up again as if it had that conj_id.
"""

from collections import Counter
from collections.abc import Iterator
from typing import final

from emu.openflow import layout
from emu.openflow.match import Match
from emu.openflow.rule import Rule

_NONE = -1  # below every priority


@final
class _Subtable:
    """The flows that look at the bits of `mask`."""

    __slots__ = ("heads", "highest", "mask", "priorities")

    def __init__(self, mask: int) -> None:
        self.mask = mask
        self.heads: dict[int, Rule] = {}
        self.priorities = Counter[int]()
        self.highest = _NONE

    def insert(self, rule: Rule) -> None:
        """Put `rule` in; none of its match and priority is there."""
        value = rule.flow.match.value
        head = self.heads.get(value)
        if head is None or head.priority < rule.priority:
            rule.lower = head
            self.heads[value] = rule
        else:
            while head.lower is not None and head.lower.priority > rule.priority:
                head = head.lower
            rule.lower, head.lower = head.lower, rule
        self.priorities[rule.priority] += 1

    def remove(self, rule: Rule) -> None:
        """Take `rule` out, which is there."""
        value = rule.flow.match.value
        head = self.heads[value]
        if head is rule:
            if rule.lower is None:
                del self.heads[value]
            else:
                self.heads[value] = rule.lower
        else:
            above = next(above for above in _chain(head) if above.lower is rule)
            above.lower = rule.lower
        rule.lower = None
        self.priorities[rule.priority] -= 1
        if not self.priorities[rule.priority]:
            del self.priorities[rule.priority]


def _chain(head: Rule) -> Iterator[Rule]:
    rule: Rule | None = head
    while rule is not None:
        yield rule
        rule = rule.lower


@final
class Classifier:
    """The flows of one table."""

    def __init__(self) -> None:
        self._by_mask: dict[int, _Subtable] = {}
        self._subtables: list[_Subtable] = []  # highest priority first
        self._conjunctive = 0

    def __len__(self) -> int:
        """Return how many flows there are."""
        return sum(subtable.priorities.total() for subtable in self._subtables)

    def __iter__(self) -> Iterator[Rule]:
        """Yield the flows in no order that means anything, but always the same."""
        for subtable in self._by_mask.values():
            for head in subtable.heads.values():
                yield from _chain(head)

    def find(self, match: Match, priority: int) -> Rule | None:
        """Return the flow of just that match and priority."""
        subtable = self._by_mask.get(match.mask)
        rule = subtable.heads.get(match.value) if subtable else None
        while rule is not None and rule.priority > priority:
            rule = rule.lower
        return rule if rule is not None and rule.priority == priority else None

    def insert(self, rule: Rule) -> None:
        """Put `rule` in; none of its match and priority is there."""
        mask = rule.flow.match.mask
        subtable = self._by_mask.get(mask)
        if subtable is None:
            subtable = self._by_mask[mask] = _Subtable(mask)
        subtable.insert(rule)
        self._conjunctive += bool(rule.conjunctions)
        self._order(subtable)

    def remove(self, rule: Rule) -> None:
        """Take `rule` out, which is there."""
        subtable = self._by_mask[rule.flow.match.mask]
        subtable.remove(rule)
        self._conjunctive -= bool(rule.conjunctions)
        if not subtable.heads:
            del self._by_mask[subtable.mask]
        self._order(subtable)

    def lookup(self, key: int) -> Rule | None:
        """Return the flow of the highest priority that matches; None if there is none."""
        if self._conjunctive:
            return self._lookup_conjunctive(key)
        best: Rule | None = None
        priority = _NONE
        for subtable in self._subtables:
            if subtable.highest <= priority:
                break
            rule = subtable.heads.get(key & subtable.mask)
            if rule is not None and rule.priority > priority:
                best, priority = rule, rule.priority
        return best

    def _order(self, subtable: _Subtable) -> None:
        highest = max(subtable.priorities, default=_NONE)
        if highest != subtable.highest:  # as it does when the first comes and the last goes
            subtable.highest = highest
            self._subtables = sorted(self._by_mask.values(), key=lambda kept: -kept.highest)

    # --- conjunctions: classifier_lookup__() -----------------------------------------------------

    def _lookup_conjunctive(self, key: int) -> Rule | None:
        hard, soft = self._candidates(key)
        while soft:
            floor = _NONE if hard is None else hard.priority
            soft = [rule for rule in soft if rule.priority > floor]
            highest = max((rule.priority for rule in soft), default=_NONE)
            level = [rule for rule in soft if rule.priority == highest]
            for conj_id in _fulfilled(level):
                found = self._lookup_hard(layout.CONJ_ID.put(key, conj_id))
                if found is not None:
                    return found
            hard, soft = _descend(level, hard, soft)
        return hard

    def _candidates(self, key: int) -> tuple[Rule | None, list[Rule]]:
        """Return the best flow that is not conjunctive, and the conjunctive ones above it."""
        hard: Rule | None = None
        soft: list[Rule] = []
        priority = _NONE
        for subtable in self._subtables:
            if subtable.highest <= priority:
                break
            rule = subtable.heads.get(key & subtable.mask)
            if rule is None or rule.priority <= priority:
                continue
            if rule.conjunctions:
                soft.append(rule)
            else:
                hard, priority = rule, rule.priority
        return hard, soft

    def _lookup_hard(self, key: int) -> Rule | None:
        hard, _ = self._candidates(key)
        return hard


def _descend(
    level: list[Rule], hard: Rule | None, soft: list[Rule]
) -> tuple[Rule | None, list[Rule]]:
    """Let each conjunctive flow of `level` give way to the next of its match."""
    rest = [rule for rule in soft if rule not in level]
    for rule in level:
        below = rule.lower
        if below is None or (hard is not None and below.priority <= hard.priority):
            continue
        if below.conjunctions:
            rest.append(below)
        else:
            hard = below
    return hard, rest


def _fulfilled(level: list[Rule]) -> Iterator[int]:
    """Yield each conjunction of which every clause is met: find_conjunctive_match()."""
    missing: dict[int, int] = {}
    for rule in level:
        for part in rule.conjunctions:
            if part.clauses > len(level):
                continue
            clauses = missing.get(part.id, (1 << part.clauses) - 1) & ~(1 << part.clause)
            missing[part.id] = clauses
            if not clauses:
                yield part.id
