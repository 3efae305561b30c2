"""A ladder as text.

       seconds  cirros-vm1              physnet1                cirros-vm2
                on controller                                   on compute1
                |                       |                       |
    == step 1: cirros-vm1 reaches cirros-vm2 ==
      0.009000  |-- ARP request ------->|                       |   cirros-vm1#2 ARP who has ...
      0.009050  |                       |-- ARP request ------->|
                |                       |                       X   dropped OTHERHOST
                ~ 1.007360 s ~

What a packet is stands beside its first arrow.
"""

from collections.abc import Iterator
from typing import Final

from emu.report.ladder.conversation import Arrow, Conversation, Event, Mark

SECOND: Final = 1_000_000_000
TIME: Final = 12  # characters of a time
NARROWEST: Final = 14  # characters from column to column


def render_ladder(conversation: Conversation) -> Iterator[str]:
    """Yield the lines."""
    if not conversation.events:
        yield "no frames of that kind"
        return
    yield from _Text(conversation).lines()
    if conversation.left_out:
        more = conversation.left_out
        yield f"... and {more} more frame{'s' * (more > 1)} on links: --limit shows more"


class _Text:
    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._index = {party.name: number for number, party in enumerate(conversation.parties)}
        self._at = self._columns()
        self._told: dict[str, None] = {}  # packets

    def _columns(self) -> list[int]:
        """Return where each column is: far enough from the one before for what lies between."""
        widths = [NARROWEST] * len(self._index)
        for number, party in enumerate(self._conversation.parties):
            widths[number] = max(NARROWEST, len(party.short) + 2, len(party.place) + 2)
        for event in self._conversation.events:
            if isinstance(event, Arrow):
                left, right = sorted((self._index[event.source], self._index[event.target]))
                if right - left == 1:
                    widths[left] = max(widths[left], len(event.label) + 8)
        return [TIME + 2 + sum(widths[:number]) for number in range(len(widths))]

    def lines(self) -> Iterator[str]:
        """Yield the heading and a line for each event."""
        parties = self._conversation.parties
        yield self._spread([party.short for party in parties], "seconds".rjust(TIME))
        if any(party.place for party in parties):
            yield self._spread([party.place for party in parties], " " * TIME)
        yield self._rails(" " * TIME)
        before, step = None, ""
        for pause, event in self._conversation.pauses():
            if pause:
                yield " " * (TIME + 2) + f"~ {pause / SECOND:.6f} s ~"
            if event.step != step:
                step = event.step
                yield f"== {step} =="
            time = f"{event.time / SECOND:.6f}".rjust(TIME)
            shown = time if event.time != before or pause else " " * TIME
            before = event.time
            yield (self._row(shown, event) + self._note(event)).rstrip()

    def _spread(self, texts: list[str], begin: str) -> str:
        line = begin
        for at, text in zip(self._at, texts, strict=True):
            line = line.ljust(at) + text
        return line.rstrip()

    def _rails(self, begin: str) -> str:
        return self._spread(["|"] * len(self._at), begin)

    def _row(self, begin: str, event: Event) -> str:
        line = list(self._rails(begin))
        source = self._at[self._index[event.source]]
        if isinstance(event, Mark):
            line[source] = "X"
            return "".join(line)
        target = self._at[self._index[event.target]]
        left, right = min(source, target), max(source, target)
        line[left + 1 : right] = _shaft(right - left - 1, event, rightwards=source < target)
        return "".join(line)

    def _note(self, event: Event) -> str:
        """Return what stands beside an event."""
        if isinstance(event, Mark):
            known = event.packet in self._told
            self._told[event.packet] = None
            what = event.packet if known else f"{event.packet} {event.summary}"
            return f"   {event.reason}: {what}"
        notes = [f"lost {event.lost}"] if event.lost else []
        notes += ["in flight"] if event.in_flight else []
        if event.packet not in self._told:
            self._told[event.packet] = None
            notes.append(f"{event.packet} {event.summary}")
        return "   " + ", ".join(notes) if notes else ""


def _shaft(length: int, arrow: Arrow, *, rightwards: bool) -> str:
    """Return an arrow with its label."""
    head = "X" if arrow.lost else ">" if rightwards else "<"
    label = f" {arrow.label[: length - 6]} "
    if rightwards:
        return f"--{label}".ljust(length - 1, "-") + head
    return head + f"{label}--".rjust(length - 1, "-")
