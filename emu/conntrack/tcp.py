"""TCP connections: conntrack-tcp.c, which is the machine of OpenBSD's pf.

Each end has a state, and the window in which what it sends may lie.
"""

from enum import IntEnum, unique
from typing import Final, NamedTuple, final

from emu.conntrack.policy import Machine, Update
from emu.packet.editing import Octets

FIN, SYN, RST, PSH, ACK, URG = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20

FIRST_PACKET: Final = "TCP_FIRST_PACKET"
OPENING: Final = "TCP_OPENING"
OPEN: Final = "TCP_ESTABLISHED"
CLOSING: Final = "TCP_CLOSING"
FIN_WAIT: Final = "TCP_FIN_WAIT"
CLOSED: Final = "TCP_CLOSED"

_MAX_WSCALE: Final = 14
_SCALE: Final = 0x0F  # of a window, in Peer.wscale
_HAS_SCALE: Final = 0x80
_SCALE_UNKNOWN: Final = 0x40
_MAX_ACK_WINDOW: Final = 0xFFFF + 1500  # MAXACKWINDOW: 1500 is an arbitrary fudge factor
_SEQ: Final = 0xFFFFFFFF


@unique
class State(IntEnum):
    """enum ct_dpif_tcp_state."""

    CLOSED = 0
    SYN_SENT = 2
    ESTABLISHED = 4
    CLOSING = 7
    FIN_WAIT_2 = 9
    TIME_WAIT = 10


class Segment(NamedTuple):
    """What the machine looks at."""

    seq: int
    ack: int
    flags: int
    window: int
    size: int  # octets of payload
    options: bytes

    @property
    def end(self) -> int:
        """The sequence number after it."""
        ends = bool(self.flags & SYN) + bool(self.flags & FIN)
        return self.seq + self.size + ends & _SEQ


def segment_of(packet: Octets) -> Segment:
    """Read the header of a segment whose header is complete."""
    wire, at = packet.wire, packet.l4
    header = (wire[at + 12] >> 4) * 4
    return Segment(
        int.from_bytes(wire[at + 4 : at + 8], "big"),
        int.from_bytes(wire[at + 8 : at + 12], "big"),
        wire[at + 13],
        packet.u16(at + 14),
        packet.l4_size - header,
        wire[at + 20 : at + header],
    )


def has_invalid_flags(flags: int) -> bool:
    """As tcp_invalid_flags()."""
    if flags & SYN:
        if flags & (RST | FIN):
            return True
    elif not flags & (ACK | RST):
        return True
    return not flags & ACK and bool(flags & (FIN | PSH | URG))


def window_scale(options: bytes) -> int:
    """Return the shift that the options announce, with a mark that they do; as tcp_get_wscale()."""
    at, scale = 0, 0
    while len(options) - at >= 3:
        kind, size = options[at], options[at + 1]
        if kind == 0:
            break
        if kind == 1:
            at += 1
            continue
        if kind == 3:
            scale = min(options[at + 2], _MAX_WSCALE) | _HAS_SCALE
        at += max(size, 2)
    return scale


def _before(one: int, other: int) -> bool:
    """Whether a sequence number is before another, which may be beyond the wrap."""
    return bool((one - other) & 0x80000000)


def _signed(number: int) -> int:
    return (number & _SEQ ^ 0x80000000) - 0x80000000


@final
class Peer:
    """One end."""

    __slots__ = ("max_win", "seqhi", "seqlo", "state", "wscale")

    def __init__(self) -> None:
        self.state = State.CLOSED
        self.seqlo = 0  # the highest sequence number that it sent
        self.seqhi = 1  # the highest that it may send
        self.max_win = 1  # the largest window that it offered, not scaled
        self.wscale = 0

    def send(self, end: int, window: int) -> None:
        """Note how far it has sent, and what window it offers."""
        self.max_win = max(self.max_win, window)
        if _before(self.seqlo, end):
            self.seqlo = end

    def may_send_to(self, limit: int, size: int) -> None:
        """Move the window in which it may send, if that moves it forward."""
        if not _before(limit + size, self.seqhi):
            self.seqhi = limit + max(size, 1) & _SEQ


class _Shifts(NamedTuple):
    of_sender: int = 0
    of_receiver: int = 0


@final
class _Connection:
    """struct conn_tcp."""

    __slots__ = ("peers", "phase")

    def __init__(self, packet: Octets) -> None:
        """As tcp_new_conn()."""
        segment = segment_of(packet)
        first, second = self.peers = (Peer(), Peer())
        self.phase = FIRST_PACKET
        first.state = State.SYN_SENT
        first.seqlo = segment.seq
        first.seqhi = segment.end + 1 & _SEQ
        first.max_win = max(segment.window, 1)
        if segment.flags & SYN:
            first.wscale = window_scale(segment.options)
            first.max_win = -(-first.max_win >> (first.wscale & _SCALE))
        else:
            first.wscale = second.wscale = _SCALE_UNKNOWN

    def __str__(self) -> str:
        """Return the state as ct_dpif_format_protoinfo_tcp() prints it: one for both ends."""
        state = max(peer.state for peer in self.peers)
        return f"state={'TIME_WAIT' if state is State.FIN_WAIT_2 else state.name}"

    def update(self, packet: Octets, *, is_reply: bool) -> tuple[Update, bool]:
        """As tcp_conn_update()."""
        segment = segment_of(packet)
        if has_invalid_flags(segment.flags):
            return Update.INVALID, False
        src, dst = self.peers[is_reply], self.peers[not is_reply]
        if segment.flags & (SYN | ACK) == SYN:
            if min(src.state, dst.state) >= State.FIN_WAIT_2:
                src.state = dst.state = State.CLOSED
                return Update.AGAIN, False
            if src.state <= State.SYN_SENT:
                src.state = State.SYN_SENT
                self.phase = FIRST_PACKET
                return Update.NEW, True
        shifts = _shifts(src, dst, segment)
        window, checks_skew = segment.window, True
        if src.state < State.SYN_SENT:
            window, shifts, checks_skew = _meet(src, dst, segment, shifts)
        return self._judge(_Judged(src, dst, segment, window, shifts), checks_skew=checks_skew)

    def _judge(self, judged: "_Judged", *, checks_skew: bool) -> tuple[Update, bool]:
        src, dst, flags = judged.src, judged.dst, judged.segment.flags
        if judged.is_in_window(checks_skew=checks_skew):
            judged.slide()
            self._advance(src, dst, flags)
            return Update.ESTABLISHED, True
        if judged.is_near_window():  # SYNs before the other end answers, streams in the middle
            judged.slide()
            if flags & FIN and src.state < State.CLOSING:
                src.state = State.CLOSING
            if flags & RST:
                src.state = dst.state = State.TIME_WAIT
            return Update.ESTABLISHED, False
        return Update.INVALID, False

    def _advance(self, src: Peer, dst: Peer, flags: int) -> None:
        if flags & FIN and src.state < State.CLOSING:
            src.state = State.CLOSING
        if flags & ACK:
            if dst.state == State.SYN_SENT:
                dst.state = State.ESTABLISHED
            elif dst.state == State.CLOSING:
                dst.state = State.FIN_WAIT_2
        if flags & RST:
            src.state = dst.state = State.TIME_WAIT
        low, high = sorted((src.state, dst.state))
        if low >= State.FIN_WAIT_2:
            self.phase = CLOSED
        elif low >= State.CLOSING:
            self.phase = FIN_WAIT
        elif low < State.ESTABLISHED:
            self.phase = OPENING
        else:
            self.phase = CLOSING if high >= State.CLOSING else OPEN


def _shifts(src: Peer, dst: Peer, segment: Segment) -> _Shifts:
    if segment.flags & SYN:
        return _Shifts()
    both = src.wscale & dst.wscale
    if both & _HAS_SCALE:
        return _Shifts(src.wscale & _SCALE, dst.wscale & _SCALE)
    return _Shifts(_MAX_WSCALE, _MAX_WSCALE) if both & _SCALE_UNKNOWN else _Shifts()


def _meet(src: Peer, dst: Peer, segment: Segment, shifts: _Shifts) -> tuple[int, _Shifts, bool]:
    """Do what the first segment of an end needs; return its window, the shifts, and if to check."""
    window, checks_skew = segment.window, True
    if segment.flags & SYN and dst.wscale & _HAS_SCALE:
        src.wscale = window_scale(segment.options)
        if src.wscale & _HAS_SCALE:
            shifts = _Shifts(src.wscale & _SCALE, dst.wscale & _SCALE)
            window = -(-window >> shifts.of_sender)
        else:
            dst.max_win = dst.max_win << (dst.wscale & _SCALE) & 0xFFFF
            dst.wscale = 0
    src.seqlo = segment.seq
    src.state = State.SYN_SENT
    limit = segment.end + max(1, dst.max_win << shifts.of_receiver) & _SEQ
    if src.seqhi == 1 or not _before(limit, src.seqhi):
        src.seqhi = limit
        checks_skew = False
    src.max_win = max(src.max_win, window)
    return window, shifts, checks_skew


@final
class _Judged:
    """A segment beside the windows of both ends: Guido van Rooij's algorithm."""

    def __init__(
        self, src: Peer, dst: Peer, segment: Segment, window: int, shifts: _Shifts
    ) -> None:
        self.src = src
        self.dst = dst
        self.segment = segment
        self.window = window
        self.shifts = shifts
        flags = segment.flags
        of_none = segment.ack == 0 and flags & (ACK | RST) == ACK | RST
        self.ack = dst.seqlo if not flags & ACK or of_none else segment.ack
        is_empty = segment.seq == segment.end  # ease what is asked of it
        self.seq = src.seqlo if is_empty else segment.seq
        self.end = src.seqlo if is_empty else segment.end

    def is_in_window(self, *, checks_skew: bool) -> bool:
        src, dst, seq = self.src, self.dst, self.segment.seq
        skew = _signed(dst.seqlo - self.ack) if checks_skew else 0
        oldest = src.seqlo - (dst.max_win << self.shifts.of_receiver)
        return (
            not _before(src.seqhi, self.end)
            and not _before(self.seq, oldest)
            and -_MAX_ACK_WINDOW <= skew <= _MAX_ACK_WINDOW << self.shifts.of_sender
            and (not self.segment.flags & RST or abs(_signed(seq - src.seqlo)) <= 1)
        )

    def is_near_window(self) -> bool:
        src, dst = self.src, self.dst
        is_loose = dst.state < State.SYN_SENT or max(src.state, dst.state) >= State.FIN_WAIT_2
        return (
            is_loose
            and not _before(src.seqhi + _MAX_ACK_WINDOW, self.end)
            and not _before(self.seq, src.seqlo - _MAX_ACK_WINDOW)
        )

    def slide(self) -> None:
        self.src.send(self.end, self.window)
        self.dst.may_send_to(self.ack, self.window << self.shifts.of_sender)


@final
class Tcp:
    """Connections of TCP."""

    def may_begin(self, packet: Octets) -> bool:
        """Whether a connection may begin with it: not with SYN and ACK. As tcp_valid_new()."""
        flags = segment_of(packet).flags
        return not has_invalid_flags(flags) and flags & (SYN | ACK) != SYN | ACK

    def begin(self, packet: Octets) -> Machine:
        """Begin one, with a SYN or in the middle."""
        return _Connection(packet)
