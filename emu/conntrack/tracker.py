"""The tracker: what it makes of packets."""

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Final, Generic, TypeVar, final

from emu.conntrack import tracked as bits
from emu.conntrack.connection import Connection, Rewrites
from emu.conntrack.fragments import Fragments
from emu.conntrack.policy import Policy, Update
from emu.conntrack.reading import Found, read_tuple
from emu.conntrack.table import Connections
from emu.conntrack.tracked import NATTED, NEW, Trackable, Tracked
from emu.conntrack.translation import Translation, rewritten, translate
from emu.conntrack.tuples import Tuple
from emu.core.time import Nanoseconds

T = TypeVar("T", bound=Trackable)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a rule asks for."""

    zone: int
    commit: bool = False
    force: bool = False
    mark: tuple[int, int] = (0, 0)  # value and mask; the value is within the mask
    label: tuple[int, int] = (0, 0)
    translation: Translation | None = None


class _Looked:
    """A packet, and what was found of it so far: struct conn_lookup_ctx."""

    __slots__ = ("connection", "is_related", "is_reply", "key", "packet", "request", "state")

    def __init__(self, packet: Trackable, found: Found, request: Request) -> None:
        tracked = packet.tracked
        self.packet = packet
        self.request = request
        self.key, self.is_related = found
        self.is_reply = False
        self.connection: Connection | None = None
        is_same_zone = tracked is not None and tracked.zone == request.zone
        self.state = tracked.state if tracked is not None and is_same_zone else 0

    def translate(self, connection: Connection) -> None:
        """Rewrite the packet, and say so."""
        rewrites = rewritten(connection, is_reply=self.is_reply)
        self.state |= _BITS[rewrites]
        translate(self.packet, connection, is_reply=self.is_reply, is_related=self.is_related)


@final
class Tracker(Generic[T]):
    """Connection tracking of one bridge, or one stack."""

    def __init__(self, policy: Policy, connections: Connections | None = None) -> None:
        """Make a tracker that has its own fragments, and perhaps not its own connections."""
        self.policy = policy
        self.connections = Connections() if connections is None else connections
        self.fragments: Fragments[T] = Fragments(policy)

    def track(
        self,
        now: Nanoseconds,
        packet: T,
        version: int,
        request: Request,
        where: Hashable = None,
    ) -> list[T]:
        """Track a packet of that version of IP; return those that go on: none, it or its pieces.

        As conntrack_execute(). `where` is the place from which the packet goes on.
        """
        self.connections.expire(now)
        pieces = self.fragments.take(now, packet, version, request.zone, where)
        going: list[T] = []
        if pieces is None:
            self._track(now, packet, version, request)
            going.append(packet)
        elif pieces.whole is not None:
            self._track(now, pieces.whole, version, request)
            going += self.fragments.release(pieces)
        return going + self.fragments.overdue(now)

    def _track(self, now: Nanoseconds, packet: Trackable, version: int, request: Request) -> None:
        before = packet.tracked
        if before is not None:
            if before.state == bits.INVALID:
                packet.tracked = Tracked(bits.INVALID | bits.TRACKED, request.zone)
                return
            known = before.connection
            if known is not None and known.original.zone == request.zone and not request.force:
                _again(packet, before, known, request)
                return
        found = read_tuple(packet, version, request.zone)
        if found is None:
            packet.tracked = Tracked(bits.INVALID | bits.TRACKED, request.zone)
            return
        self._process(now, _Looked(packet, found, request))

    def _process(self, now: Nanoseconds, looked: _Looked) -> None:
        """As process_one()."""
        self._look_up(now, looked)
        if looked.connection is not None:
            begins = self._update(now, looked)
            if looked.request.translation is not None and not begins:
                _translate_once(looked, looked.connection)
        elif self._look_up_original(now, looked):
            begins = self._update(now, looked)
        elif looked.is_related:  # no connection begins with an error
            looked.state = bits.INVALID
            begins = False
        else:
            begins = True
        if begins and self.connections.find(looked.key, now) is None:
            looked.connection = self._begin(now, looked)
        _write(looked)

    # --- look up ----------------------------------------------------------------------------------

    def _look_up(self, now: Nanoseconds, looked: _Looked) -> None:
        """As initial_conn_lookup(): a packet that was rewritten already is found by its reply."""
        is_natted = bool(looked.state & NATTED)
        hit = self.connections.find(looked.key.reversed() if is_natted else looked.key, now)
        if hit is None:
            return
        connection, looked.is_reply = hit
        is_against = looked.is_reply and connection.reply == connection.original.reversed()
        if is_natted:
            looked.is_reply = not looked.is_reply
            is_against = not is_against
            looked.key = connection.reply if looked.is_reply else connection.original
        if looked.request.force and is_against:
            self.connections.remove(connection)
        else:
            looked.connection = connection

    def _look_up_original(self, now: Nanoseconds, looked: _Looked) -> bool:
        """As check_orig_tuple(): by what an earlier look-up said of the packet."""
        before = looked.packet.tracked
        if not looked.state & NATTED or looked.request.translation is not None:
            return False
        if before is None or before.original is None or not before.original.protocol:
            return False
        hit = self.connections.find(before.original, now)
        looked.connection = None if hit is None else hit[0]
        return hit is not None

    # --- connections ------------------------------------------------------------------------------

    def _update(self, now: Nanoseconds, looked: _Looked) -> bool:
        """Show the packet to its connection; True: another begins. As conn_update_state()."""
        connection = looked.connection
        if connection is None:
            return False
        reply = bits.REPLY if looked.is_reply else 0
        if looked.is_related:
            looked.state |= bits.RELATED | reply
            return False
        packet, machine = looked.packet, connection.machine
        update, lives_on = machine.update(packet, is_reply=looked.is_reply)
        if lives_on:
            due = now + self.policy.lifetimes[machine.phase]
            self.connections.refresh(connection, Nanoseconds(due))
        if update is Update.ESTABLISHED:
            looked.state = looked.state & ~NEW | bits.ESTABLISHED | reply
        elif update is Update.INVALID:
            looked.state = bits.INVALID
        elif update is Update.NEW:
            looked.state |= NEW
        else:
            self.connections.remove(connection)
            return True
        return False

    def _begin(self, now: Nanoseconds, looked: _Looked) -> Connection | None:
        """Begin a connection if that was asked for; as conn_not_found()."""
        key, packet, request = looked.key, looked.packet, looked.request
        transport = self.policy.transports.get(key.protocol, self.policy.other)
        if not transport.may_begin(packet):
            looked.state = bits.INVALID
            return None
        looked.state = NEW
        if not request.commit:
            return None
        translation = request.translation
        reply: Tuple | None = key.reversed()
        if translation is not None:
            reply = translation.reply(self.connections, key, now)
        if reply is None:
            return None
        machine = transport.begin(packet)
        due = Nanoseconds(now + self.policy.lifetimes[machine.phase])
        connection = Connection(original=key, reply=reply, machine=machine, due=due)
        if translation is not None:
            connection.rewrites = translation.rewrites
            looked.is_reply = False
            looked.translate(connection)
        self.connections.insert(connection)
        return connection


_BITS: Final = {
    Rewrites.NOTHING: 0,
    Rewrites.SOURCE: bits.SRC_NAT,
    Rewrites.DESTINATION: bits.DST_NAT,
}


def _translate_once(looked: _Looked, connection: Connection) -> None:
    """As handle_nat()."""
    if connection.rewrites is not Rewrites.NOTHING and not looked.state & NATTED:
        looked.translate(connection)


def _again(packet: Trackable, before: Tracked, connection: Connection, request: Request) -> None:
    """Track a packet again in the same zone; as process_one_fast()."""
    state, known = before.state, connection
    if request.translation is not None:
        looked = _Looked(packet, Found(connection.original, before.is_related), request)
        looked.is_reply, looked.state = before.is_reply, state
        _translate_once(looked, connection)
        state = looked.state
    _set(connection, request)
    packet.tracked = replace(
        before,
        state=state,
        zone=request.zone,
        mark=connection.mark,
        label=connection.label,
        connection=known if request.translation is None else None,
    )


def _set(connection: Connection, request: Request) -> None:
    value, mask = request.mark
    connection.mark = value | connection.mark & ~mask
    value, mask = request.label
    connection.label = value | connection.label & ~mask


def _write(looked: _Looked) -> None:
    """As write_ct_md(), set_mark(), set_label() and set_cached_conn()."""
    connection, request = looked.connection, looked.request
    if connection is not None:
        _set(connection, request)
    looked.packet.tracked = Tracked(
        looked.state | bits.TRACKED,
        request.zone,
        0 if connection is None else connection.mark,
        0 if connection is None else connection.label,
        looked.key if connection is None else connection.original,
        connection if request.translation is None else None,
        looked.is_reply,
        looked.is_related,
    )
