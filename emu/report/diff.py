"""What is different between captures, as people read it: three differences as well as ten thousand.

compute1/eth1: 6 frames, then 5
  changed  frame 4          ICMP echo request id=0x1 seq=1 10.0.0.1 > 10.0.0.2
             vxlan.vni 42 -> 99
  missing  frame 5          ARP who has 10.0.0.2? tell 10.0.0.1
1 changed, 1 missing
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from emu.capture.diff import Aspect, Comparison, FrameDifference, LinkComparison
from emu.packet.comparison import CHECKSUM
from emu.packet.summary import summarize

LIMIT: Final = 10  # differences of one link, of each weight, and links that are shown whole
LIMIT_OF_WEAK: Final = 3  # at most, of times or comments of one link
MOST_FIELDS: Final = 20  # of one frame
MOST_RANGES: Final = 8  # of numbers of frames
SECOND: Final = 1_000_000_000
WEAK: Final = (Aspect.DIRECTION, Aspect.TIME, Aspect.COMMENT)
NAMES: Final = {
    Aspect.LINK: ("link", "links"),
    Aspect.FATE: ("line of fates.txt", "lines of fates.txt"),
    Aspect.DIRECTION: ("direction", "directions"),
    Aspect.TIME: ("time", "times"),
    Aspect.COMMENT: ("comment", "comments"),
}  # other aspects are told of frames: "3 changed"


def render_comparison(comparison: Comparison, *, limit: int = LIMIT) -> Iterator[str]:
    """Yield the lines; `limit` is how many of a kind are shown, 0 for all of them."""
    yield from comparison.remarks
    alone = [link for link in comparison.links if link.a is None or link.b is None]
    different = [link for link in comparison.links if link.differences]
    shown = different[: limit or None]
    for link in shown:
        yield from _render_link(link, limit)
    for link in different[len(shown) :]:
        yield f"{link.name}: {_counted(Counter(link.aspects))}"
    yield from _limited([_render_alone(link) for link in alone], limit)
    if comparison.fates:
        yield "fates.txt"
        lines = [f"  {line}" for line in comparison.fates]
        yield from _limited(lines, limit)
    yield summary(comparison)


def summary(comparison: Comparison) -> str:
    """Return all in one line."""
    links = len(comparison.links)
    if comparison.is_equal:
        frames = sum(link.a or 0 for link in comparison.links)
        return f"equal: {_plural(frames, 'frame')} on {_plural(links, 'link')}"
    counts = _counted(Counter(comparison.counts))
    different = sum(bool(link.aspects) for link in comparison.links)
    return counts + (f", on {different} of {links} links" if links > 1 else "")


def _render_link(link: LinkComparison, limit: int) -> Iterator[str]:
    then = f", then {link.b:,}" if link.a != link.b else ""
    yield f"{link.name}: {_plural(link.a or 0, 'frame')}{then}"
    strong = [it for it in link.differences if it.aspect not in WEAK]
    yield from _render_some(strong, limit)
    for aspect in WEAK:
        some = [it for it in link.differences if it.aspect is aspect]
        if aspect is Aspect.TIME and (shift := _common_shift(some)):
            yield f"  time     {_plural(len(some), 'frame'):15}  {shift}"
        else:
            yield from _render_some(some, min(limit, LIMIT_OF_WEAK))


def _render_alone(link: LinkComparison) -> str:
    where = "only in the second" if link.a is None else "only in the first"
    return f"{link.name}: {where}, with {_plural(link.a or link.b or 0, 'frame')}"


def _render_some(differences: Sequence[FrameDifference], limit: int) -> Iterator[str]:
    groups = _groups(differences)
    shown = groups[: limit or None]
    for first, *others in shown:
        yield from _render_frame(first, limit)
        if others:
            numbers = _ranges([other.frame.number for other in others])
            yield f"{'':11}and alike {_plural(len(others), 'frame')}: {numbers}"
    if rest := [difference for group in groups[len(shown) :] for difference in group]:
        fields = Counter(change.field for it in rest for change in it.changes)
        counts = _counted(Counter(it.aspect for it in rest))
        common = ", ".join(f"{name} in {count:,}" for name, count in fields.most_common(5))
        what = f"; of them {common}" if common and rest[0].aspect not in WEAK else ""
        yield f"  and more: {counts}{what}"


def _groups(differences: Sequence[FrameDifference]) -> list[list[FrameDifference]]:
    """Return the differences by what changed, if it is the same but for checksums."""
    groups: dict[object, list[FrameDifference]] = {}
    for difference in differences:
        alike: object = difference
        if difference.aspect is Aspect.CHANGED:
            alike = tuple(
                change.field if change.field.partition("#")[0].endswith(CHECKSUM) else change
                for change in difference.changes
            )
        groups.setdefault(alike, []).append(difference)
    return list(groups.values())


def _ranges(numbers: Sequence[int]) -> str:
    """Return `2-5, 7` of the numbers 2, 3, 4, 5 and 7; where there are many, the first of them."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][-1] + 1:
            ranges[-1] = [ranges[-1][0], number]
        else:
            ranges.append([number])
    texts = ["-".join(map(str, ends)) for ends in ranges[:MOST_RANGES]]
    return ", ".join(texts) + (" ..." if len(ranges) > MOST_RANGES else "")


def _render_frame(difference: FrameDifference, limit: int) -> Iterator[str]:
    a, b = difference.a, difference.b
    numbers = f"frame {difference.frame.number}"
    if a and b and a.number != b.number:
        numbers += f", now {b.number}"
    head = f"  {difference.aspect:8} {numbers:15}  "
    if difference.aspect is Aspect.TIME and a and b:
        (change,) = difference.changes
        yield f"{head}{change.before} -> {change.after} ({_shift(b.unix - a.unix)})"
    elif difference.aspect in WEAK:
        (change,) = difference.changes
        yield f"{head}{change.before or 'none'}"
        yield f"{'->':>27} {change.after or 'none'}"
    else:
        yield head + summarize(difference.frame.wire)
        lines = [f"{'':11}{change}" for change in difference.changes]
        yield from _limited(lines, limit and MOST_FIELDS)


def _limited(lines: Sequence[str], limit: int) -> Iterator[str]:
    yield from lines[: limit or None]
    if limit and len(lines) > limit:
        yield f"  and {len(lines) - limit:,} more"


def _common_shift(differences: Sequence[FrameDifference]) -> str:
    """Return by how much all times are later, if it is the same for several frames."""
    shifts = {it.b.unix - it.a.unix for it in differences if it.a and it.b}
    return _shift(shifts.pop()) if len(shifts) == 1 < len(differences) else ""


def _shift(nanoseconds: int) -> str:
    seconds, rest = divmod(abs(nanoseconds), SECOND)
    amount = f"{seconds}.{rest:09}".rstrip("0").rstrip(".")
    return f"{amount} s {'later' if nanoseconds > 0 else 'earlier'}"


def _counted(counts: Counter[Aspect]) -> str:
    return ", ".join(_count(aspect, counts[aspect]) for aspect in Aspect if counts[aspect])


def _count(aspect: Aspect, count: int) -> str:
    one, many = NAMES.get(aspect, (aspect.value, aspect.value))
    return f"{count:,} {one if count == 1 else many}"


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' * (count != 1)}"
