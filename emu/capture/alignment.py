"""Which elements of two sequences belong together.

The longest common subsequence, by the method of Hunt and Szymanski (CACM 20, 1977): its time grows
with the pairs of equal elements, which are few in captures. Where they are many, since one frame is
repeated over and over, the n-th occurrence in one only matches the n-th in the other, which finds
less than there is where what is repeated is shifted.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from typing import Final

MOST_PAIRS: Final = 1_000_000  # for which this takes a second

Pair = tuple[int, int]  # of indices
Gap = tuple[range, range]  # of indices that have no partner


def align(a: Sequence[Hashable], b: Sequence[Hashable]) -> list[Pair]:
    """Return the indices of elements that are equal and in the same order, as many as there are."""
    shorter = min(len(a), len(b))
    head = next((i for i in range(shorter) if a[i] != b[i]), shorter)
    most = shorter - head
    tail = next((i for i in range(most) if a[-1 - i] != b[-1 - i]), most)
    inner = _subsequence(a[head : len(a) - tail], b[head : len(b) - tail])
    return [
        *[(i, i) for i in range(head)],
        *[(head + i, head + j) for i, j in inner],
        *[(len(a) - tail + i, len(b) - tail + i) for i in range(tail)],
    ]


def gaps(pairs: Sequence[Pair], a: range, b: range) -> Iterator[Gap]:
    """Yield what lies between `pairs`, where there is something."""
    i, j = a.start, b.start
    for x, y in (*pairs, (a.stop, b.stop)):
        if i < x or j < y:
            yield range(i, x), range(j, y)
        i, j = x + 1, y + 1


def _subsequence(a: Sequence[Hashable], b: Sequence[Hashable]) -> list[Pair]:
    if not a or not b:
        return []
    in_a, in_b = Counter(a), Counter(b)
    if sum(count * in_b[key] for key, count in in_a.items()) > MOST_PAIRS:
        a, b = _numbered(a), _numbered(b)
    places: dict[Hashable, list[int]] = {}
    for j in range(len(b) - 1, -1, -1):  # last first: an element of `a` has one partner
        places.setdefault(b[j], []).append(j)
    ends: list[int] = []  # of the best subsequence of each length: its last index in `b`
    chains: list[tuple[int, int, object]] = []  # these subsequences, as linked lists
    for i, key in enumerate(a):
        for j in places.get(key, ()):
            length = bisect_left(ends, j)
            chain = (i, j, chains[length - 1] if length else None)
            if length == len(ends):
                ends.append(j)
                chains.append(chain)
            else:
                ends[length], chains[length] = j, chain
    return _unlinked(chains[-1] if chains else None)


def _numbered(keys: Sequence[Hashable]) -> list[Hashable]:
    seen: Counter[Hashable] = Counter()
    numbered: list[Hashable] = []
    for key in keys:
        numbered.append((key, seen[key]))
        seen[key] += 1
    return numbered


def _unlinked(chain: object) -> list[Pair]:
    pairs: list[Pair] = []
    while isinstance(chain, tuple):
        i, j, chain = chain
        pairs.append((i, j))
    return pairs[::-1]
