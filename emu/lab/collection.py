"""What a port sent and received, as Scapy packets."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self, overload

from emu.core.time import Nanoseconds
from emu.journal import Arrived, Record, Sent
from emu.lab.frames import INBOUND, OUTBOUND, seen
from emu.net.link import PortRef
from emu.packet.door import Packet
from emu.packet.frame import Frame, Serial
from emu.sim import Network
from emu.trace.packets import PacketNames, summarize


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One frame at a port: sent by it, or arrived there."""

    time: Nanoseconds
    port: str
    outgoing: bool  # whether the port sent it
    name: str  # of the packet, as in traces: cirros-vm1#3
    frame: Frame

    @property
    def packet(self) -> Packet:
        """A fresh Scapy packet, that the caller owns."""
        direction = OUTBOUND if self.outgoing else INBOUND
        return seen(self.frame, self.time, self.port, direction)

    def __str__(self) -> str:
        """Return the frame in one line."""
        seconds = f"{self.time // 10**9}.{self.time % 10**9:09d}"
        way = "out" if self.outgoing else "in"
        return f"{seconds} {self.port} {way:3} {self.name}  {summarize(self.frame)}"


class Collection(Sequence[Packet]):
    """The frames that a port sent and received, oldest first, as tcpdump would see them there.

    As a sequence, it holds Scapy packets, whose `time`, `sniffed_on` and `direction` (1 in, 2 out)
    Scapy knows what to do with; `sightings` say more. It grows until it is stopped, or as long as
    its `with` lasts.
    """

    def __init__(self, network: Network, port: PortRef, names: PacketNames) -> None:
        self._network = network
        self._port = port
        self._names = names
        self._coming: dict[Serial, Sent] = {}  # on their way to the port
        self._sightings: list[Sighting] = []
        self._packets: list[Packet] = []  # of the first of these: Scapy takes its time
        network.subscribe(self)

    @property
    def sightings(self) -> tuple[Sighting, ...]:
        """The frames, with their times, directions and names."""
        return tuple(self._sightings)

    def __len__(self) -> int:
        """Return how many there are until now."""
        return len(self._sightings)

    @overload
    def __getitem__(self, index: int) -> Packet: ...
    @overload
    def __getitem__(self, index: slice) -> list[Packet]: ...
    def __getitem__(self, index: int | slice) -> Packet | list[Packet]:
        """Return one of them, or some."""
        self._packets += [sighting.packet for sighting in self._sightings[len(self._packets) :]]
        return self._packets[index]

    def __repr__(self) -> str:
        """Return who collects, and how many there are."""
        return f"<{len(self)} frames at {self._port}>"

    def __str__(self) -> str:
        """Return a line for each frame."""
        return "\n".join(map(str, self._sightings))

    def stop(self) -> None:
        """Collect no more."""
        self._network.unsubscribe(self)

    def __enter__(self) -> Self:
        """Go on collecting."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop."""
        self.stop()

    # --- as a sink -------------------------------------------------------------------------------

    def write(self, record: Record) -> None:
        """Take note of `record`."""
        if type(record) is Sent:
            sender, receiver = record.link.a, record.link.b
            if not record.by_a:
                sender, receiver = receiver, sender
            if sender == self._port:
                self._add(record.time, record.frame, outgoing=True)
            elif receiver == self._port:
                self._coming[record.serial] = record
        elif type(record) is Arrived and (sent := self._coming.pop(record.serial, None)):
            self._add(record.time, sent.frame, outgoing=False)

    def close(self) -> None:
        """Keep what there is."""

    def _add(self, time: Nanoseconds, frame: Frame, *, outgoing: bool) -> None:
        sighting = Sighting(
            time=time,
            port=str(self._port),
            outgoing=outgoing,
            name=self._names.name(frame.packet),
            frame=frame,
        )
        self._sightings.append(sighting)
