"""Fragments that wait for the rest of their packet: lib/ipf.c.

A packet is tracked as a whole, and goes on in the fragments in which it came.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from typing import Final, Generic, NamedTuple, TypeVar, final

from emu.conntrack.policy import Policy
from emu.conntrack.tracked import INVALID, Trackable, Tracked
from emu.conntrack.tuples import IPV4
from emu.core.time import Nanoseconds
from emu.packet import editing
from emu.packet.checksum import checksum, update
from emu.packet.editing import ABSENT

_FRAGMENT: Final = 44
_EXTENSIONS: Final = (0, 43, 51, 60)
_MF: Final = 0x2000  # of IPv4
_OFFSET: Final = 0x1FFF
_MF_V6: Final = 1
_OFFSET_V6: Final = 0xFFF8
_MOST_OCTETS: Final = 65535


T = TypeVar("T", bound=Trackable)


class _Place(NamedTuple):
    """Where a fragment stands in its packet, and which packet that is."""

    packet: tuple[int, ...]
    start: int  # octets
    offset: int
    is_last: bool
    header: int = 0  # where IPv6's fragment header begins


class Piece(NamedTuple, Generic[T]):
    """A fragment that waits, with the first and the last octet that it brings."""

    start: int
    end: int
    packet: T


@final
@dataclass(slots=True, eq=False)
class Pieces(Generic[T]):
    """The fragments of one packet, as far as they came."""

    key: Hashable
    version: int
    due: Nanoseconds
    has_first: bool = False
    has_last: bool = False
    has_failed: bool = False
    found: list[Piece[T]] = field(default_factory=list)
    whole: Trackable | None = None  # once all are there

    def overlaps(self, start: int, end: int) -> bool:
        """As ipf_is_frag_duped(): that one covers another whole is not noticed."""
        return any(
            piece.start <= start <= piece.end or piece.start <= end <= piece.end
            for piece in self.found
        )

    def complete(self) -> None:
        """Put the packet together, if nothing is missing."""
        if not (self.has_first and self.has_last):
            return
        self.found.sort(key=lambda piece: piece.start)
        pairs = zip(self.found, self.found[1:], strict=False)
        if all(one.end + 1 == other.start for one, other in pairs):
            self.whole = (_whole_v4 if self.version == IPV4 else _whole_v6)(self.found)
            self.has_failed = self.whole is None


@final
class Fragments(Generic[T]):
    """All fragments that wait."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._waiting: dict[Hashable, Pieces[T]] = {}  # in the order in which they began
        self._count = 0

    def take(
        self, now: Nanoseconds, packet: T, version: int, zone: int, where: Hashable
    ) -> Pieces[T] | None:
        """Keep a fragment; None: it is none, or not one that can be kept.

        `where` is the place from which the packet goes on: only what comes there is put together.
        """
        if packet.l4 == ABSENT:
            return None
        place = (_place_v4 if version == IPV4 else _place_v6)(packet)
        if place is None:
            return None
        if not self._is_valid(packet, version, place):
            packet.tracked = Tracked(INVALID)
            return None
        if self._count >= self._policy.most_fragments:
            return None
        return self._keep(now, packet, version, place, (version, zone, where, place.packet))

    def _is_valid(self, packet: Trackable, version: int, place: _Place) -> bool:
        header = packet.wire[packet.l3 : packet.l4]
        if version == IPV4 and checksum(header):
            return False
        return place.is_last or packet.end - packet.l3 >= self._policy.least_fragment[version]

    def _keep(
        self, now: Nanoseconds, packet: T, version: int, place: _Place, key: Hashable
    ) -> Pieces[T] | None:
        pieces = self._waiting.get(key)
        if pieces is None:
            due = Nanoseconds(now + self._policy.fragment_lifetime)
            pieces = self._waiting[key] = Pieces(key, version, due)
        elif pieces.has_failed or len(pieces.found) >= self._policy.most_pieces[version]:
            return None
        end = place.start + packet.l4_size - 1 & _MOST_OCTETS
        if pieces.overlaps(place.start, end):
            packet.tracked = Tracked(INVALID)
            return None
        pieces.found.append(Piece(place.start, end, packet))
        self._count += 1
        pieces.has_first |= not place.offset
        pieces.has_last |= place.is_last
        pieces.complete()
        return pieces

    def release(self, pieces: Pieces[T]) -> list[T]:
        """Return the fragments of a packet that was tracked; ipf_post_execute_reass_pkts()."""
        whole = pieces.whole
        packets = self._forget(pieces)
        if whole is None:
            return packets
        first = packets[0]
        first.put(first.l4, whole.wire[whole.l4 : whole.l4 + first.l4_size])
        for packet in packets:
            if whole.tracked is not None:
                packet.tracked = replace(whole.tracked, connection=None)
            _copy_addresses(packet, whole, pieces.version)
        return packets

    def overdue(self, now: Nanoseconds) -> list[T]:
        """Return the fragments whose packet has waited for too long: of one packet at a time.

        They go on with whatever is tracked next; as ipf_send_expired_frags().
        """
        for pieces in self._waiting.values():
            if now <= pieces.due:
                break
            packets = self._forget(pieces)
            for packet in packets:
                packet.tracked = Tracked(INVALID)
            return packets
        return []

    def next_deadline(self) -> Nanoseconds | None:
        """Return when fragments are thrown away that nothing has come for."""
        for pieces in self._waiting.values():
            return self._purge(pieces)
        return None

    def purge(self, now: Nanoseconds) -> list[T]:
        """Throw fragments away, and return them."""
        packets: list[T] = []
        for pieces in tuple(self._waiting.values()):
            if now < self._purge(pieces):
                break
            packets += self._forget(pieces)
        return packets

    def _purge(self, pieces: Pieces[T]) -> Nanoseconds:
        return Nanoseconds(pieces.due + self._policy.fragment_grace)

    def _forget(self, pieces: Pieces[T]) -> list[T]:
        del self._waiting[pieces.key]
        self._count -= len(pieces.found)
        return [piece.packet for piece in pieces.found]


def _place_v4(packet: Trackable) -> _Place | None:
    at = packet.l3
    word = packet.u16(at + 6)
    if not word & (_MF | _OFFSET):
        return None
    offset = word & _OFFSET
    wire = packet.wire
    src, dst = (int.from_bytes(wire[x : x + 4], "big") for x in (at + 12, at + 16))
    key = (src, dst, packet.u16(at + 4), packet.u8(at + 9))
    return _Place(key, offset * 8, offset, is_last=not word & _MF)


def _place_v6(packet: Trackable) -> _Place | None:
    wire, at = packet.wire, packet.l3
    protocol, header = wire[at + 6], at + 40
    while protocol in _EXTENSIONS:
        kind, protocol, units = protocol, wire[header], wire[header + 1]
        header += (units + 2) * 4 if kind == 51 else (units + 1) * 8
    if protocol != _FRAGMENT:
        return None
    word = packet.u16(header + 2)
    if not word & (_OFFSET_V6 | _MF_V6):
        return None
    src, dst = (int.from_bytes(wire[x : x + 16], "big") for x in (at + 8, at + 24))
    key = (src, dst, int.from_bytes(wire[header + 4 : header + 8], "big"))
    offset = word & _OFFSET_V6
    return _Place(key, offset + 8, offset, is_last=not word & _MF_V6, header=header)


def _join(found: list[Piece[T]]) -> Trackable:
    first = found[0].packet
    parts = [first.wire[: first.end]]
    for start, end, packet in found[1:]:
        parts.append(packet.wire[packet.l4 : packet.l4 + end - start + 1])
    wire = b"".join(parts)
    whole = Trackable(wire, first.layers._replace(end=len(wire)))
    whole.tracked = first.tracked
    return whole


def _whole_v4(found: list[Piece[T]]) -> Trackable | None:
    whole = _join(found)
    size = whole.end - whole.l3
    if size > _MOST_OCTETS:
        return None
    header = whole.wire[whole.l3 : whole.l4]
    check = int.from_bytes(header[10:12], "big")
    old = header[2:4] + header[6:8]
    new = size.to_bytes(2, "big") + (whole.u16(whole.l3 + 6) & ~_MF).to_bytes(2, "big")
    whole.put(whole.l3 + 2, new[:2])
    whole.put(whole.l3 + 6, new[2:])
    whole.put(whole.l3 + 10, update(check, old, new).to_bytes(2, "big"))
    return whole


def _whole_v6(found: list[Piece[T]]) -> Trackable | None:
    """As ipf_reassemble_v6_frags(): the fragment header stays, and counts no more."""
    whole = _join(found)
    size = whole.end - whole.l3 - 40 - 8
    place = _place_v6(whole)
    if size > _MOST_OCTETS or place is None:
        return None
    protocol = whole.u8(place.header)
    whole.put(whole.l3 + 4, size.to_bytes(2, "big") + bytes((protocol,)))
    whole.put(place.header + 2, bytes(2))
    return whole


def _copy_addresses(packet: Trackable, whole: Trackable, version: int) -> None:
    if version != IPV4:
        packet.put(packet.l3 + 8, whole.wire[whole.l3 + 8 : whole.l3 + 40])
        return
    for at in (12, 16):
        address = whole.wire[whole.l3 + at : whole.l3 + at + 4]
        old = packet.wire[packet.l3 + at : packet.l3 + at + 4]
        editing.fix(packet, packet.l3 + 10, old, address)
        packet.put(packet.l3 + at, address)
