"""What is plugged into what: devices, the ends of links at their ports, and the wires between."""

from collections import deque
from collections.abc import Callable

from emu.core.time import Nanoseconds
from emu.net.device import Device
from emu.net.link import Link, LinkSettings
from emu.sim.faults import Faults
from emu.sim.timeline import Ticker


class Node(Ticker[Device]):
    """A device in the world."""

    def __init__(self, device: Device, order: int, tick: Callable[..., None]) -> None:
        super().__init__(device, order, tick)
        self.ends: dict[str, End] = {}  # by port, where a link is


class Wire:
    """A link as it is now."""

    __slots__ = ("link", "plain", "settings")
    plain: bool  # nothing can happen to a frame but that it arrives after the latency
    settings: LinkSettings

    def __init__(self, link: Link, settings: LinkSettings) -> None:
        self.link = link
        self.set(settings)

    def set(self, settings: LinkSettings) -> None:
        """Change how the link carries frames."""
        self.settings = settings
        self.plain = settings.up and settings.bandwidth is None and not settings.faults


class End:
    """One end of a wire: what a port of a device is plugged into."""

    __slots__ = ("by_a", "departures", "faults", "node", "peer", "port", "wire")
    peer: "End"

    def __init__(self, node: Node, port: str, wire: Wire, *, by_a: bool) -> None:
        self.node = node
        self.port = port
        self.wire = wire
        self.by_a = by_a
        self.departures = deque[Nanoseconds]()  # when the frames before have left the queue
        self.faults: Faults | None = None

    def leave(self, now: Nanoseconds, octets: int) -> Nanoseconds | None:
        """Return when the last bit of a frame is on the wire; None if the queue is full.

        The queue holds the frames whose last bit has not left yet, less the one that is leaving.
        """
        settings, departures = self.wire.settings, self.departures
        if settings.bandwidth is None:
            return now
        while departures and departures[0] <= now:
            departures.popleft()
        if len(departures) > settings.queue:
            return None
        start = departures[-1] if departures else now
        left = Nanoseconds(start + -(-8 * octets * 1_000_000_000 // settings.bandwidth))
        departures.append(left)
        return left
