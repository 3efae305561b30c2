"""One entry of the neighbour table, its settings, and the row that people see."""

from collections import deque
from dataclasses import dataclass
from typing import Final

from emu.core.rng import Rng
from emu.inet.jiffies import HZ
from emu.inet.neigh.actions import Overflow, Waiting
from emu.inet.neigh.states import NUD_VALID, Nud
from emu.net.effects import Step, Why
from emu.packet.addresses import NO_MAC, MacAddress, render_inet, render_mac

RANDOM_PERIOD: Final = 300 * HZ  # how long a drawn reachable time is kept: neigh_periodic_work()
NEVER: Final = -10_000 * HZ  # a jiffy long ago

# What a packet that waits costs: SKB_TRUESIZE(). Measured with raw sockets, 6.18 on x86-64.
SK_BUFF: Final = 256  # octets of struct sk_buff in its slab
OVERHEAD: Final = 320 + 18  # octets of struct skb_shared_info, and headroom before the frame
HEADS: Final = (576, 1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072)  # slabs for the rest


@dataclass(frozen=True, slots=True, kw_only=True)
class NeighbourSettings:
    """Sysctls `net.ipv4.neigh.NETDEV.*`, with the defaults of arp_tbl in net/ipv4/arp.c."""

    base_reachable_time: int = 30 * HZ  # jiffies
    delay_first_probe_time: int = 5 * HZ
    gc_stale_time: int = 60 * HZ
    locktime: int = HZ
    mcast_solicit: int = 3  # tries by broadcast
    retrans_time: int = HZ
    ucast_solicit: int = 3
    unres_qlen_bytes: int = 212_992  # SK_WMEM_DEFAULT


@dataclass(frozen=True, slots=True, kw_only=True)
class NeighbourRow:
    """One row of `ip neigh show`."""

    address: bytes
    netdev: str
    mac: MacAddress | None
    state: Nud

    def __str__(self) -> str:
        """Return the row as `ip neigh show` prints it."""
        lladdr = f" lladdr {render_mac(self.mac)}" if self.mac else ""
        return f"{render_inet(self.address)} dev {self.netdev}{lladdr} {self.state}"


class Parms:
    """What the neighbours of one netdev share: struct neigh_parms."""

    def __init__(self, settings: NeighbourSettings, rng: Rng) -> None:
        self.settings = settings
        self._rng = rng
        self._reachable = 0
        self._drawn = NEVER

    def set(self, settings: NeighbourSettings) -> None:
        """Take other settings; neigh_proc_base_reachable_time() draws anew."""
        if settings.base_reachable_time != self.settings.base_reachable_time:
            self._drawn = NEVER
        self.settings = settings

    def reachable_time(self, at: int) -> int:
        """Return for how long an answer counts: neigh_rand_reach_time()."""
        if at > self._drawn + RANDOM_PERIOD:
            base = self.settings.base_reachable_time
            self._reachable = base // 2 + (self._rng.below(base) if base else 0)
            self._drawn = at
        return self._reachable


class Neighbour:
    """One entry: struct neighbour. Its times are jiffies."""

    __slots__ = (
        *("_row", "_why", "address", "confirmed", "mac", "netdev", "parms"),
        *("probes", "queue", "queued", "state", "updated", "used"),
    )

    def __init__(self, netdev: str, address: bytes, parms: Parms, at: int) -> None:
        self.netdev = netdev
        self.address = address
        self.parms = parms
        self.state = Nud.NONE
        self.mac = NO_MAC
        self.probes = 0  # tries so far
        self.queue = deque[Waiting]()
        self.queued = 0  # octets, as truesize() counts
        self.confirmed = NEVER
        self.updated = self.used = at
        self._row: NeighbourRow | None = None
        self._why: Why = ()

    @property
    def key(self) -> tuple[str, bytes]:
        """What the table finds it by."""
        return self.netdev, self.address

    def become(self, state: Nud, mac: MacAddress) -> None:
        """Change what the row shows."""
        self.state = state
        self.mac = mac
        self._row = None

    @property
    def row(self) -> NeighbourRow:
        """The entry as it is now; the same object until it changes."""
        if self._row is None:
            mac = self.mac if self.state in NUD_VALID else None
            self._row = NeighbourRow(
                address=self.address, netdev=self.netdev, mac=mac, state=self.state
            )
            self._why = (Step("neigh", self._row),)
        return self._row

    @property
    def why(self) -> Why:
        """The step that asks this entry; the same object until it changes."""
        if self._row is None:
            _ = self.row
        return self._why

    def enqueue(self, packet: Waiting) -> list[Overflow]:
        """Let `packet` wait, and those leave for which there is no place: the oldest first."""
        size = truesize(packet)
        left: list[Overflow] = []
        while self.queue and self.queued + size > self.parms.settings.unres_qlen_bytes:
            oldest = self.queue.popleft()
            self.queued -= truesize(oldest)
            left.append(Overflow(oldest, self.why))
        self.queue.append(packet)
        self.queued += size
        return left

    def take(self) -> list[Waiting]:
        """Return what waited, oldest first: it waits no more."""
        packets = list(self.queue)
        self.queue.clear()
        self.queued = 0
        return packets


def truesize(packet: Waiting) -> int:
    """Return how much of `unres_qlen_bytes` a packet takes."""
    needed = len(packet.frame.wire) + OVERHEAD
    return SK_BUFF + next((head for head in HEADS if head >= needed), needed)
