"""What is different between two captures, or between two folders of captures.

Frames are compared link by link, in four passes: those that are equal belong together; between
them, those of one kind between the same ends, then those of one kind, then those of one protocol.
What then has no partner was added, or is missing.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum, unique
from filecmp import cmp
from pathlib import Path
from typing import Final

from emu.capture.alignment import Pair, align, gaps
from emu.capture.foreign import ForeignFrame, read_foreign
from emu.capture.sink import ENDING, RUN_FILE
from emu.core.errors import EmuError
from emu.packet.comparison import FieldChange, compare_frames, masked_key, parse_mask
from emu.packet.dissection import Found, field_values
from emu.packet.fields import FIELDS, Kind

FATES: Final = "fates.txt"


@unique
class Aspect(StrEnum):
    """In what captures can differ; the order is that of weight."""

    LINK = "link"
    MISSING = "missing"
    ADDED = "added"
    CHANGED = "changed"
    FATE = "fate"
    DIRECTION = "direction"
    TIME = "time"
    COMMENT = "comment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What does not count."""

    ignored: frozenset[Aspect] = frozenset()
    mask: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, ignore: Iterable[str] = (), mask: Iterable[str] = ()) -> "Rules":
        """Read the names of aspects and of fields; `EmuError` if there is none of that name."""
        return cls(ignored=frozenset(map(_aspect, ignore)), mask=parse_mask(mask))


def _aspect(name: str) -> Aspect:
    try:
        return Aspect(name)
    except ValueError:
        close = get_close_matches(name, Aspect, n=1)
        fix = f"did you mean {close[0]}?" if close else f"there are {', '.join(Aspect)}"
        raise EmuError(f'captures have no "{name}" to ignore; {fix}') from None


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameDifference:
    """In what one frame differs."""

    aspect: Aspect
    a: ForeignFrame | None  # None if it was added
    b: ForeignFrame | None  # None if it is missing
    changes: tuple[FieldChange, ...] = ()

    @property
    def frame(self) -> ForeignFrame:
        """The frame, as it was if it was there."""
        found = self.a or self.b
        assert found is not None  # noqa: S101 - for mypy
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkComparison:
    """What became of the frames of one link."""

    name: str
    a: int | None  # how many frames it had; None if there was no such link
    b: int | None
    differences: tuple[FrameDifference, ...] = ()  # in the order of the frames

    @property
    def aspects(self) -> list[Aspect]:
        """What is different, once for each difference."""
        alone = [Aspect.LINK] * (self.a is None or self.b is None)
        return alone + [difference.aspect for difference in self.differences]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What is different between `a` and `b`."""

    a: Path
    b: Path
    links: tuple[LinkComparison, ...]
    fates: tuple[str, ...] = ()  # lines of fates.txt that went ("-") or came ("+")
    remarks: tuple[str, ...] = ()  # what could not be compared, and how

    @property
    def counts(self) -> dict[Aspect, int]:
        """How many differences there are of each aspect that has some."""
        aspects = [aspect for link in self.links for aspect in link.aspects]
        aspects += [Aspect.FATE] * len(self.fates)
        return {aspect: aspects.count(aspect) for aspect in Aspect if aspect in aspects}

    @property
    def is_equal(self) -> bool:
        """Whether there is no difference that counts."""
        return not self.counts


def compare(a: Path, b: Path, rules: Rules = Rules()) -> Comparison:
    """Compare two captures or two folders of them; `EmuError` if they cannot be read."""
    if a.is_dir() != b.is_dir():
        folder, file = (a, b) if a.is_dir() else (b, a)
        raise EmuError(f"{folder} is a folder and {file} is not: compare like with like")
    if a.is_dir():
        return _compare_folders(a, b, rules)
    old, new = _Side.read(a), _Side.read(b)
    remarks = [*old.remarks, *new.remarks]
    if len(old.links) == len(new.links) == 1 and [*old.links] != [*new.links]:
        (there,), (here,) = old.links, new.links
        remarks.append(f"each has one link: {there} is compared with {here}")
        old.links = {here: old.links[there]}
    links = _compare_sides(old, new, rules)
    return Comparison(a=a, b=b, links=links, remarks=tuple(remarks))


# --- folders and files ---------------------------------------------------------------------------


@dataclass(slots=True)
class _Side:
    """The frames of one side, link by link."""

    links: dict[str, list[ForeignFrame]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path) -> "_Side":
        side = cls()
        capture = read_foreign(path)
        for frame in capture:
            side.links.setdefault(frame.interface, []).append(frame)
        for name in capture.interfaces:
            side.links.setdefault(name, [])
        side.remarks += [f"{path}: {sentence}" for sentence in capture.left_out]
        side.remarks += [capture.damage] * bool(capture.damage)
        return side


def _compare_folders(a: Path, b: Path, rules: Rules) -> Comparison:
    links: list[LinkComparison] = []
    remarks: list[str] = []
    for name in dict.fromkeys([*_captures(a), *_captures(b)]):
        old, new = (
            _Side.read(folder / name) if (folder / name).exists() else _Side() for folder in (a, b)
        )
        remarks += [*old.remarks, *new.remarks]
        links += _compare_sides(old, new, rules)
    fates = () if Aspect.FATE in rules.ignored else _compare_fates(a / FATES, b / FATES)
    return Comparison(a=a, b=b, links=tuple(links), fates=fates, remarks=tuple(remarks))


def _captures(folder: Path) -> list[str]:
    """Return the captures of single links in `folder`."""
    names = sorted(path.name for path in folder.glob(f"*{ENDING}"))
    if not names:
        raise EmuError(f"{folder} holds no captures")
    return [name for name in names if name != RUN_FILE] or names


def _compare_fates(a: Path, b: Path) -> tuple[str, ...]:
    if not a.exists() or not b.exists() or cmp(a, b, shallow=False):
        return ()
    old, new = (
        {line.partition(" ")[0]: line for line in path.read_text(encoding="utf-8").splitlines()}
        for path in (a, b)
    )  # by packet: each has one line
    lines: list[str] = []
    for packet in dict.fromkeys([*old, *new]):
        before, after = old.get(packet), new.get(packet)
        if before != after:
            lines += [f"-{before}"] * (before is not None) + [f"+{after}"] * (after is not None)
    return tuple(lines)


def _compare_sides(a: _Side, b: _Side, rules: Rules) -> tuple[LinkComparison, ...]:
    links = []
    for name in dict.fromkeys([*a.links, *b.links]):
        old, new = a.links.get(name), b.links.get(name)
        if old is not None and new is not None:
            links.append(compare_link(name, old, new, rules))
        elif Aspect.LINK not in rules.ignored:
            sizes = [None if frames is None else len(frames) for frames in (old, new)]
            links.append(LinkComparison(name=name, a=sizes[0], b=sizes[1]))
    return tuple(links)


# --- frames --------------------------------------------------------------------------------------


def compare_link(
    name: str, a: list[ForeignFrame], b: list[ForeignFrame], rules: Rules
) -> LinkComparison:
    """Compare the frames of one link."""
    pairs = _partners(a, b, rules)
    differences: list[FrameDifference] = []
    i = j = 0
    for x, y in (*pairs, (len(a), len(b))):
        differences += [FrameDifference(aspect=Aspect.MISSING, a=it, b=None) for it in a[i:x]]
        differences += [FrameDifference(aspect=Aspect.ADDED, a=None, b=it) for it in b[j:y]]
        if x < len(a):
            differences += _differences(a[x], b[y], rules)
        i, j = x + 1, y + 1
    counting = [it for it in differences if it.aspect not in rules.ignored]
    return LinkComparison(name=name, a=len(a), b=len(b), differences=tuple(counting))


def _differences(a: ForeignFrame, b: ForeignFrame, rules: Rules) -> Iterator[FrameDifference]:
    if changes := compare_frames(a.wire, b.wire, rules.mask):
        yield FrameDifference(aspect=Aspect.CHANGED, a=a, b=b, changes=changes)
    for aspect in (Aspect.DIRECTION, Aspect.TIME, Aspect.COMMENT):
        before, after = _said(a, aspect), _said(b, aspect)
        if before != after:
            change = FieldChange(field=aspect, before=before, after=after)
            yield FrameDifference(aspect=aspect, a=a, b=b, changes=(change,))


def _said(frame: ForeignFrame, aspect: Aspect) -> str:
    match aspect:
        case Aspect.DIRECTION:
            return frame.direction
        case Aspect.TIME:
            return f"{frame.unix // 10**9}.{frame.unix % 10**9:09}"
        case _:
            return " | ".join(frame.comments)


def _partners(a: list[ForeignFrame], b: list[ForeignFrame], rules: Rules) -> list[Pair]:
    """Return which frames belong together."""
    pairs: list[Pair] = []
    for key in (_octets(rules.mask), _conversation, _kind, _protocol):
        fresh: list[Pair] = []
        for left, right in gaps(pairs, range(len(a)), range(len(b))):
            if left and right:
                keys_a = [key(a[i].wire) for i in left]
                keys_b = [key(b[j].wire) for j in right]
                found = align(keys_a, keys_b)
                fresh += [(left.start + i, right.start + j) for i, j in found]
        pairs = sorted(pairs + fresh)
    return pairs


def _octets(mask: frozenset[str]) -> Callable[[bytes], Hashable]:
    """Return what makes frames equal."""
    return (lambda wire: masked_key(wire, mask)) if mask else (lambda wire: wire)


def _conversation(wire: bytes) -> Hashable:
    """Return of what kind a frame is, and who says it to whom for the how-manieth time."""
    found = field_values(wire)
    ends = ("eth.src", "eth.dst", "ip.src", "ip.dst", "icmp.seq", "udp.port", "tcp.port")
    return _kind_of(found), tuple([_last(found, name) for name in ends])


def _kind(wire: bytes) -> Hashable:
    return _kind_of(field_values(wire))


def _protocol(wire: bytes) -> Hashable:
    return _protocol_of(field_values(wire))


def _kind_of(found: Found) -> Hashable:
    kinds = ("arp.opcode", "icmp.type", "icmp.code", "tcp.flags")
    return _protocol_of(found), tuple([_last(found, name) for name in kinds])


def _protocol_of(found: Found) -> str:
    """Return the innermost protocol."""
    protocols = [name for name in found if FIELDS[name].kind is Kind.PROTOCOL and "." not in name]
    return protocols[-1] if protocols else ""


def _last(found: Found, name: str) -> object:
    values = found.get(name)
    return values[-1] if values else None
