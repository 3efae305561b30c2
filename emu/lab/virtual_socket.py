"""Sockets for Scapy's own functions, on virtual time: `sr`, `sr1`, `srp`, `srp1`, `sniff`.

Scapy sends, then asks its sockets' `select` for what has come, with the seconds that remain until
its timeout. Here `select` lets virtual time pass instead, until something has come or the timeout
is over; then the socket is at its end, as a file is that was read: Scapy stops looking. No real
time passes, and no thread runs.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from math import ceil
from typing import Any, Final, NoReturn

from emu.core.errors import EmuError, Refused
from emu.core.time import Nanoseconds, seconds, unix
from emu.journal import Arrived, Record, Sent
from emu.lab.frames import INBOUND, OUTBOUND, completed, seconds_of, seen, wire
from emu.net.link import PortRef
from emu.packet.door import (
    AnsweringMachine,
    Dot3,
    Ether,
    Packet,
    PacketList,
    SndRcvList,
    SuperSocket,
    sendrecv,
)
from emu.packet.frame import Frame, Serial
from emu.scenario.stage import Stage
from emu.sim import Network

SILENCE: Final = seconds(60)  # after which nobody waits any more who said no timeout
IN_A_THREAD: Final = (
    "Automaton and AsyncSniffer are not supported: they run in threads and wait in real time; "
    "derive from ScapyDevice, or use lab.collect()"
)

Packets = Packet | Iterable[Packet]


class EmuSocket(SuperSocket):
    """A raw socket at one port: it sends from it, past its device, and hears what comes there.

    `outgoing`: it hears what the port sends too, as a sniffer does. Addresses that a packet leaves
    out are those of the port. Timeouts are seconds of virtual time; without one, it waits until
    nothing has been in flight anywhere for a minute.
    """

    desc = "sends and hears Ethernet frames at a port of emu"
    nonblocking_socket = True

    def __init__(self, stage: Stage, *ports: PortRef, outgoing: bool = False) -> None:
        # Nothing of SuperSocket's own: that would open a real one
        self.network = stage.network
        self.name = str(ports[0]) if ports else ""
        self._stage = stage
        self._ports = ports
        self._outgoing = outgoing
        self._thread = threading.get_ident()
        self._inter = Nanoseconds(0)  # between two packets that `sr` sends
        self._is_next = False  # whether `sr` has sent one
        self._coming: dict[Serial, tuple[Frame, PortRef]] = {}  # on their way
        self._heard = deque[tuple[Nanoseconds, Frame, PortRef, int]]()
        self._timeout: float | None = None  # of what goes on now, to the letter
        self._at_end = False
        self.network.subscribe(self)

    # --- what people call ------------------------------------------------------------------------

    def sr(
        self,
        x: Packets,
        timeout: float | None = None,
        inter: float = 0,
        **options: Any,  # noqa: ANN401 - Scapy's
    ) -> tuple[SndRcvList, PacketList]:
        """Send packets; return those that were answered, with the answers, and those that were not.

        `inter` is the time between two of them. The other options are Scapy's: retry, multi, first.
        """
        _refuse(options, "filter", "iface")
        self._inter, self._is_next = _virtual(inter), False
        packets = [self.prepared(packet) for one in _listed(x) for packet in one]
        options = {"chainEX": True} | options | {"threaded": False}
        with self._for(timeout):
            return sendrecv.sndrcv(self, packets, timeout, rcv_pks=self._named(), **options)

    def sr1(
        self,
        x: Packets,
        timeout: float | None = None,
        **options: Any,  # noqa: ANN401 - Scapy's
    ) -> Packet | None:
        """Send packets, and return the first answer."""
        answered, _ = self.sr(x, timeout, **options)
        return answered[0].answer if answered else None

    srp = sr
    srp1 = sr1

    def sniff(
        self,
        count: int = 0,
        timeout: float | None = None,
        **options: Any,  # noqa: ANN401 - Scapy's
    ) -> PacketList:
        """Let time pass and return what is heard; the options are Scapy's: lfilter, prn, store."""
        _refuse(options, "filter", "iface", "offline")
        with self._for(timeout):
            return sendrecv.sniff(
                count=count, timeout=timeout, opened_socket=self._named(), **options
            )

    def am(self, cls: type[AnsweringMachine[Any]], **kwargs: Any) -> NoReturn:  # noqa: ANN401
        """Refuse: it would send by the real machine."""
        what = f'AnsweringDevice("am", {cls.__name__}(...))'
        raise EmuError(f"an answering machine is a device here: {what}")

    def prepared(self, packet: Packet) -> Packet:
        """Return `packet` as it is sent, with every address in it."""
        if not isinstance(packet, Ether | Dot3):
            name, port = type(packet).__name__, self._ports[0]
            raise Refused(
                f"a frame begins with Ether, not with {name}: put Ether() in front of it, or send "
                f'it from lab.socket("{port.device}"), which knows routes and neighbours'
            )
        return completed(packet, self._ports[0], self._stage.sender_at(self._ports[0]))

    # --- what Scapy calls ------------------------------------------------------------------------

    def send(self, x: Packet) -> int:
        """Send one packet, some time after the one before."""
        self.check_thread()
        if self._is_next:
            self.network.advance(self._inter)
        self._is_next = True
        x.sent_time = seconds_of(unix(self.network.now))
        return self._emit(self.prepared(x))

    def recv(self, x: int = 0, **_: object) -> Packet | None:
        """Return the next packet that was heard."""
        if self._at_end:
            raise EOFError
        if not self._heard:
            return None
        time, frame, port, direction = self._heard.popleft()
        return self._received(seen(frame, time, port, direction))

    @property
    def select(self) -> Callable[..., list[SuperSocket]]:  # type: ignore[override]
        """What Scapy asks for what has come: it fetches this once, when it begins to look."""
        return _Looking(self.network, self._timeout)

    def close(self) -> None:
        """Hear no more; Scapy closes a socket at its end, from which people may go on."""
        if self._at_end:
            self._at_end = False
        elif not self.closed:
            self.closed = True
            self.network.unsubscribe(self)

    def fileno(self) -> NoReturn:
        """Refuse: there is no file behind it."""
        raise EmuError(IN_A_THREAD)

    # --- what `select` needs ---------------------------------------------------------------------

    @property
    def has_heard(self) -> bool:
        """Whether there is something to receive."""
        return bool(self._heard)

    def end(self) -> None:
        """Let Scapy find the socket at its end."""
        self._at_end = True

    def check_thread(self) -> None:
        """Raise `EmuError` in another thread: there, time would pass by chance."""
        if threading.get_ident() != self._thread:
            raise EmuError(IN_A_THREAD)

    # --- as a sink -------------------------------------------------------------------------------

    def write(self, record: Record) -> None:
        """Take note of `record`."""
        if type(record) is Sent:
            sender, receiver = record.link.a, record.link.b
            if not record.by_a:
                sender, receiver = receiver, sender
            if receiver in self._ports:
                self._coming[record.serial] = record.frame, receiver
            elif self._outgoing and sender in self._ports:
                self._heard.append((record.time, record.frame, sender, OUTBOUND))
        elif type(record) is Arrived and record.serial in self._coming:
            self._heard.append((record.time, *self._coming.pop(record.serial), INBOUND))

    # --- inside ----------------------------------------------------------------------------------

    def _named(self) -> dict[SuperSocket, str]:
        """Return the socket with its name, which Scapy puts into packets as `sniffed_on`."""
        return {self: self.name}

    @contextmanager
    def _for(self, timeout: float | None) -> Iterator[None]:
        """Look for that long, each time that Scapy looks."""
        self._timeout = timeout if timeout is None or timeout >= 0 else None
        try:
            yield
        finally:
            self._timeout, self._inter = None, Nanoseconds(0)

    def _emit(self, packet: Packet) -> int:
        octets = wire(packet)
        self._stage.send(self._ports[0], octets)
        return len(octets)

    def _received(self, packet: Packet) -> Packet | None:
        return packet


class _Looking:
    """What Scapy calls `select`, from when it begins to look until it stops."""

    def __init__(self, network: Network, timeout: float | None) -> None:
        self._network = network
        self._timeout = timeout
        self._deadline: Nanoseconds | None = None

    def __eq__(self, other: object) -> bool:
        """Whether both look at the same world: Scapy asks that of its sockets."""
        return isinstance(other, _Looking) and other._network is self._network

    def __hash__(self) -> int:
        """Be as equal as `__eq__` says."""
        return hash(id(self._network))

    def __call__(
        self, sockets: list[SuperSocket], remain: float | None = None
    ) -> list[SuperSocket]:
        """Let time pass until one of `sockets` has heard something, or is at its end."""
        own = [socket for socket in sockets if isinstance(socket, EmuSocket)]
        for socket in own:
            socket.check_thread()
        if len(own) < len(sockets):
            raise EmuError("a socket of emu and a real one cannot be heard together")
        if remain is not None and self._deadline is None:
            # Of the timeout, `remain` lacks the real time since Scapy began: a thousandth or so
            timeout = ceil(remain * 100) / 100 if self._timeout is None else self._timeout
            self._deadline = Nanoseconds(self._network.now + _virtual(timeout))
        if self._wait(own):
            return [socket for socket in own if socket.has_heard]
        for socket in own:
            socket.end()
        return list(own)

    def _wait(self, sockets: list[EmuSocket]) -> bool:
        """Return whether there is something to receive before it is too late."""
        network, deadline = self._network, self._deadline
        heard = network.now
        while deadline is None or network.now <= deadline:
            if any(socket.has_heard for socket in sockets):
                return True
            if network.in_flight:
                heard = network.now
            if not network.step(Nanoseconds(heard + SILENCE) if deadline is None else deadline):
                break
        if deadline is not None and network.now < deadline:
            network.advance(Nanoseconds(deadline - network.now))
        return False


def _virtual(seconds: float) -> Nanoseconds:
    return Nanoseconds(round(seconds * 1e9))


def _listed(x: Packets) -> Iterable[Packet]:
    return [x] if isinstance(x, Packet) else x


def _refuse(options: dict[str, object], *names: str) -> None:
    """Raise `EmuError` if an option is given that would do nothing, or reach the real machine."""
    for name in names:
        if options.get(name) is not None:
            how = ": use lfilter, a function that takes a packet" if name == "filter" else ""
            raise EmuError(f"{name}= does not work with a socket of emu{how}")
