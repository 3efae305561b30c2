"""The neighbour table: which MAC an address has, and the packets that wait to know it.

Models:          net/core/neighbour.c: states and timers, which count in jiffies, as there.
Does not model:  proxies, managed and externally learned entries, app_solicit, mcast_resolicit.
Read first:      states.py, then neigh_event_send(), neigh_timer_handler(), neigh_update().

The table sends nothing. Its methods return actions, in order: what to do with packets, and whom to
ask. Below gc_thresh1 entries nothing is ever forgotten; FAILED ones stay to be tried again.
"""

from typing import Final

from emu.core.rng import Rng
from emu.core.time import Nanoseconds
from emu.inet.deadlines import Deadlines
from emu.inet.jiffies import HZ, fires, jiffies, tick_time
from emu.inet.neigh.actions import (
    Action,
    Actions,
    GiveUp,
    Purge,
    Queue,
    Reject,
    Send,
    Solicit,
    Waiting,
)
from emu.inet.neigh.entry import NEVER, Neighbour, NeighbourRow, NeighbourSettings, Parms
from emu.inet.neigh.states import NUD_ASKING, NUD_CONNECTED, NUD_VALID, Happening, Nud, after
from emu.net.effects import Step, Why
from emu.packet.addresses import MacAddress

UNKNOWN: Final = (Step("neigh", None),)  # there is no entry
# Entries that are not permanent: net.ipv4.neigh.default.gc_thresh1 and so on
GC_THRESH1: Final = 128  # below it nothing is forgotten
GC_THRESH2: Final = 512  # above it some are, every five seconds
GC_THRESH3: Final = 1024  # there are never more
GC_AGE: Final = 5 * HZ  # what changed lately is not forgotten for another: neigh_forced_gc()


class NeighbourTable:
    """The ARP table of a network namespace."""

    def __init__(self, *, rng: Rng) -> None:
        self._rng = rng
        self._parms: dict[str, Parms] = {}
        self._entries: dict[tuple[str, bytes], Neighbour] = {}
        self._timers = Deadlines[tuple[str, bytes]]()
        self._flushed = NEVER  # the jiffy in which many were forgotten: neigh_table.last_flush
        self._collect: Nanoseconds | None = None  # when neigh_periodic_work() has work

    # --- netdevs ---------------------------------------------------------------------------------

    def set_netdev(self, netdev: str, settings: NeighbourSettings) -> None:
        """Know `netdev`, or let its settings be these."""
        if netdev in self._parms:
            self._parms[netdev].set(settings)
        else:
            self._parms[netdev] = Parms(settings, self._rng.stream(netdev))

    def remove_netdev(self, netdev: str) -> Actions:
        """Forget `netdev` and its neighbours."""
        actions = self.flush(netdev)
        del self._parms[netdev]
        return actions

    def flush(self, netdev: str) -> Actions:
        """Forget the neighbours on a netdev that went down or has a new MAC: neigh_flush_dev()."""
        gone = [entry for entry in self._entries.values() if entry.netdev == netdev]
        return tuple([Purge(p, entry.why) for entry in gone for p in self._remove(entry)])

    # --- packets ---------------------------------------------------------------------------------

    def output(self, now: Nanoseconds, address: bytes, packet: Waiting) -> Actions:
        """Send `packet` to that neighbour, or let it wait: neigh_output(), neigh_event_send()."""
        entry = self._find(now, packet.netdev, address)
        if entry is None:
            return (Reject(packet, UNKNOWN),)
        if entry.state in NUD_CONNECTED:
            return (Send(packet, entry.mac, entry.why),)
        at = entry.used = jiffies(now)  # only the slow path notes that it was used
        before = entry.state
        self._enter(entry, after(before, Happening.USED), entry.mac, at)
        if entry.state in NUD_VALID:
            return (Send(packet, entry.mac, entry.why),)
        waits: Actions = (*entry.enqueue(packet), Queue(packet, entry.why))
        if before is Nud.INCOMPLETE:
            return waits
        entry.probes = entry.parms.settings.ucast_solicit  # there is no MAC to try these on
        return (*waits, self._probe(entry))

    def knows(self, netdev: str, address: bytes) -> bool:
        """Whether there is an entry, in whatever state."""
        return (netdev, address) in self._entries

    def why(self, netdev: str, address: bytes) -> Why:
        """Return the step that asks for that neighbour."""
        entry = self._entries.get((netdev, address))
        return entry.why if entry else UNKNOWN

    def is_locked(self, now: Nanoseconds, netdev: str, address: bytes) -> bool:
        """Whether the entry changed so lately that the first answer counts: arp_process()."""
        if (entry := self._entries.get((netdev, address))) is None:
            return False
        return jiffies(now) <= entry.updated + entry.parms.settings.locktime

    def update(
        self,
        now: Nanoseconds,
        netdev: str,
        address: bytes,
        mac: MacAddress,
        happening: Happening,
        *,
        override: bool = True,
    ) -> Actions:
        """Learn that `address` has `mac`: neigh_update().

        Args:
            now: the time.
            netdev: where it was learned.
            address: the neighbour's.
            mac: what it is said to have.
            happening: ANSWERED or HEARD.
            override: whether a known neighbour's MAC may change.
        """
        entry = self._find(now, netdev, address)
        if entry is None or entry.state is Nud.PERMANENT:
            return ()
        return self._learn(entry, mac, happening, jiffies(now), override=override)

    def set(
        self, now: Nanoseconds, netdev: str, address: bytes, mac: MacAddress, *, permanent: bool
    ) -> Actions:
        """Do as `ip neigh replace ... nud permanent|reachable` says."""
        happening = Happening.FIXED if permanent else Happening.ANSWERED
        found = self._entries.get((netdev, address))
        entry = found or self._make(now, netdev, address)  # a command finds room
        return self._learn(entry, mac, happening, jiffies(now), override=True)

    def delete(self, netdev: str, address: bytes) -> Actions | None:
        """Do as `ip neigh del` says: who waits is told; None if there is no such entry."""
        if (entry := self._entries.get((netdev, address))) is None:
            return None
        return tuple([GiveUp(packet, entry.why) for packet in self._remove(entry)])

    # --- time ------------------------------------------------------------------------------------

    def next_deadline(self) -> Nanoseconds | None:
        """Return a time before which nothing is due."""
        timer = self._timers.next()
        if self._collect is None or timer is None:
            return self._collect if timer is None else timer
        return min(self._collect, timer)

    def tick(self, now: Nanoseconds) -> Actions:
        """Run the timers that are due."""
        actions: list[Action] = []
        while (key := self._timers.pop(now)) is not None:
            actions += self._expire(self._entries[key], jiffies(now))
        if self._collect is not None and self._collect <= now:
            self._collect_garbage(jiffies(now))
            self._collect = None
            self._plan_collection(now)
        return tuple(actions)

    def rows(self) -> tuple[NeighbourRow, ...]:
        """Return the table that `ip neigh show` prints, oldest entry first."""
        return tuple([entry.row for entry in self._entries.values()])

    # --- inside ----------------------------------------------------------------------------------

    def _find(self, now: Nanoseconds, netdev: str, address: bytes) -> Neighbour | None:
        """Return an entry, a new one if need be; None if the table is full: neigh_alloc()."""
        entry = self._entries.get((netdev, address))
        if entry is None and self._has_room(jiffies(now)):
            entry = self._make(now, netdev, address)
        return entry

    def _make(self, now: Nanoseconds, netdev: str, address: bytes) -> Neighbour:
        entry = Neighbour(netdev, address, self._parms[netdev], jiffies(now))
        self._entries[entry.key] = entry
        self._plan_collection(now)
        return entry

    def _has_room(self, at: int) -> bool:
        """Whether there may be one more entry, after some are forgotten if there are many."""
        if len(self._entries) < GC_THRESH2:
            return True
        many = self._count()
        if many >= GC_THRESH3 or (many >= GC_THRESH2 and at > self._flushed + GC_AGE):
            self._force_collection(at, many - GC_THRESH2)
        return self._count() < GC_THRESH3

    def _count(self) -> int:
        return sum(entry.state is not Nud.PERMANENT for entry in self._entries.values())

    def _force_collection(self, at: int, most: int) -> None:
        """Forget the oldest that no timer keeps and that did not change: neigh_forced_gc()."""
        self._flushed = at
        idle = [
            entry
            for entry in self._entries.values()
            if entry.state is Nud.FAILED
            or (entry.state is Nud.STALE and at > entry.updated + GC_AGE)
        ]
        for entry in idle[:most]:
            self._remove(entry)

    def _remove(self, entry: Neighbour) -> list[Waiting]:
        """Forget `entry`; return what waited for it."""
        del self._entries[entry.key]
        self._timers.cancel(entry.key)
        return entry.take()

    def _learn(
        self, entry: Neighbour, mac: MacAddress, happening: Happening, at: int, *, override: bool
    ) -> Actions:
        known = entry.state in NUD_VALID
        news = not known or mac != entry.mac
        if happening is not Happening.HEARD:
            entry.confirmed = at
        if known and news and not override:
            return ()
        if happening is Happening.HEARD:
            if not news:
                return ()  # "do not change entry state, if new one is STALE"
            entry.confirmed = NEVER
        if news:
            entry.updated = at
        self._enter(entry, after(entry.state, happening), mac, at)
        if known:
            return ()
        now = tick_time(at)  # neigh_update_process_arp_queue(): through the entry as it is now
        return tuple([a for p in entry.take() for a in self.output(now, entry.address, p)])

    def _enter(self, entry: Neighbour, state: Nud, mac: MacAddress, at: int) -> None:
        """Change the entry, and set or stop its timer if the state is another."""
        before = entry.state
        if state is before and mac == entry.mac:
            return
        entry.become(state, mac)
        if state is before:
            return
        entry.updated = at
        settings = entry.parms.settings
        match state:
            case Nud.REACHABLE:
                self._set_timer(entry, at, entry.confirmed + entry.parms.reachable_time(at) - at)
            case Nud.DELAY:
                self._set_timer(entry, at, settings.delay_first_probe_time)
            case Nud.INCOMPLETE | Nud.PROBE:
                entry.probes = 0
                self._set_timer(entry, at, settings.retrans_time)
            case _:
                self._timers.cancel(entry.key)

    def _set_timer(self, entry: Neighbour, at: int, delay: int) -> None:
        self._timers.set(entry.key, tick_time(fires(at, max(delay, HZ // 100))))

    def _expire(self, entry: Neighbour, at: int) -> Actions:
        """Do what is due in the entry's state: neigh_timer_handler()."""
        settings = entry.parms.settings
        if entry.state in NUD_ASKING:
            return self._try_again(entry, at)
        if entry.state is Nud.REACHABLE:
            left = entry.confirmed + entry.parms.reachable_time(at) - at
            if left >= 0:  # it answered again, meanwhile
                self._set_timer(entry, at, left)
                return ()
            busy = at <= entry.used + settings.delay_first_probe_time
            happening = Happening.BUSY if busy else Happening.IDLE
        else:
            confirmed = at <= entry.confirmed + settings.delay_first_probe_time
            happening = Happening.CONFIRMED if confirmed else Happening.DOUBTED
        self._enter(entry, after(entry.state, happening), entry.mac, at)
        return (self._probe(entry),) if happening is Happening.DOUBTED else ()

    def _try_again(self, entry: Neighbour, at: int) -> Actions:
        settings = entry.parms.settings
        tries = settings.ucast_solicit
        if entry.state is Nud.INCOMPLETE:
            tries += settings.mcast_solicit
        if entry.probes < tries:
            self._set_timer(entry, at, settings.retrans_time)
            return (self._probe(entry),)
        self._enter(entry, after(entry.state, Happening.SILENT), entry.mac, at)
        return tuple([GiveUp(packet, entry.why) for packet in entry.take()])

    def _probe(self, entry: Neighbour) -> Solicit:
        """Ask once more: neigh_probe(), and of arp_solicit() whom."""
        by_unicast = entry.probes < entry.parms.settings.ucast_solicit
        entry.probes += 1
        mac = entry.mac if by_unicast else None
        youngest = entry.queue[-1] if entry.queue else None
        return Solicit(entry.netdev, entry.address, mac, youngest, entry.why)

    def _plan_collection(self, now: Nanoseconds) -> None:
        """See that neigh_periodic_work() runs, every half a base_reachable_time, if it has work."""
        if self._collect is None and len(self._entries) >= GC_THRESH1:
            period = NeighbourSettings().base_reachable_time // 2
            self._collect = tick_time((jiffies(now) // period + 1) * period)

    def _collect_garbage(self, at: int) -> None:
        """Forget who failed, and who is stale and was not used lately."""
        for entry in list(self._entries.values()):
            unused = at >= max(entry.used, entry.confirmed) + entry.parms.settings.gc_stale_time
            if entry.state is Nud.FAILED or (entry.state is Nud.STALE and unused):
                self._remove(entry)
