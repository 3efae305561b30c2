"""A device of one's own, written with Scapy: it gets packets, and sends packets."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import assert_never

from emu.core.errors import EmuError
from emu.core.time import Nanoseconds
from emu.lab.frames import INBOUND, seen, wire
from emu.net.changes import AddPort, RemovePort
from emu.net.effects import Deliver, Drop, DropReason, Effect, Effects, Step, Transmit
from emu.packet.door import Packet
from emu.packet.frame import Frame, Origin

Change = AddPort | RemovePort
Answer = Packet | Iterable[Packet] | None

TAKEN = (Step("on_packet", "taken"),)
SENT = (Step("on_packet", "sent"),)
FORWARDED = (Step("on_packet", "forwarded"),)
ON_TIMER = (Step("on_timer", "sent"),)


class ScapyDevice:
    """A device to derive from: `on_packet` says what becomes of each frame.

        class Echo(ScapyDevice):
            def on_packet(self, port, packet):
                packet.src, packet.dst = packet.dst, packet.src
                return packet

    What `on_packet` returns leaves by the port by which the frame came, as a packet of the device's
    own; `send` and `forward` send by any port. A frame that it neither forwards nor drops has been
    taken: it is delivered. An exception goes to whoever let time pass, with a note of where it
    happened.
    """

    def __init__(self, name: str, *, ports: Iterable[str] = ()) -> None:
        self.name = name
        self.ports: tuple[str, ...] = tuple(ports)
        self._origin = Origin(name)
        self._timers: dict[str, Nanoseconds] = {}
        self._now = Nanoseconds(0)
        self._turn: _Turn | None = None  # while the device is called

    # --- what one writes -------------------------------------------------------------------------

    def on_packet(self, port: str, packet: Packet) -> Answer:
        """Do something with `packet`, a fresh Scapy packet that came by `port`."""
        raise NotImplementedError(f"{type(self).__name__} has no on_packet(self, port, packet)")

    def on_timer(self, timer: str) -> None:
        """Do what was to be done when the time of `timer` has come."""

    # --- what one calls there --------------------------------------------------------------------

    @property
    def now(self) -> float:
        """Seconds since the run began."""
        return self._now / 1e9

    def send(self, port: str, packet: Packet) -> None:
        """Send a packet of the device's own, with every address in it."""
        turn = self._called("send")
        self._check(port)
        frame = Frame.new(wire(packet), self._origin.number(), cause=turn.frame)
        turn.effects.append(Transmit(port, frame, SENT if turn.frame else ON_TIMER))

    def forward(self, port: str, packet: Packet) -> None:
        """Send the packet that came on its way, as it is or rewritten: it keeps its name."""
        turn = self._called("forward")
        frame = turn.came("forward")
        self._check(port)
        if bytes(packet) != frame.wire:  # else it goes on as it is, however broken
            frame = frame.derive(wire(packet))
        turn.effects.append(Transmit(port, frame, FORWARDED))
        turn.is_settled = True

    def drop(self, why: str, reason: DropReason = DropReason.NOT_SPECIFIED) -> None:
        """Drop the packet that came; `why` is told by traces."""
        turn = self._called("drop")
        step = Step("on_packet", why)
        turn.effects.append(Drop(turn.port, turn.came("drop"), reason, (step,)))
        turn.is_settled = True

    def set_timer(self, timer: str, seconds: float) -> None:
        """Have `on_timer` called so many seconds from now; a timer of that name is set anew."""
        self._timers[timer] = Nanoseconds(self._now + max(round(seconds * 1e9), 1))

    def stop_timer(self, timer: str) -> None:
        """Have it not called."""
        self._timers.pop(timer, None)

    # --- the contract ----------------------------------------------------------------------------

    def receive(self, now: Nanoseconds, port: str, frame: Frame) -> Effects:
        """Let `on_packet` say what becomes of `frame`."""
        with self._call(now, f"on_packet(): a frame on {port}", port, frame) as turn:
            answer = self.on_packet(port, seen(frame, now, port, INBOUND))
            for packet in [answer] if isinstance(answer, Packet) else answer or ():
                self.send(port, packet)
        taken = () if turn.is_settled else (Deliver(port, frame, TAKEN),)
        return (*taken, *turn.effects)

    def configure(self, now: Nanoseconds, change: Change) -> Effects:
        """Plug a port in, or out."""
        match change:
            case AddPort(port=port):
                self.ports = tuple(dict.fromkeys([*self.ports, port]))
            case RemovePort(port=port):
                self.ports = tuple([kept for kept in self.ports if kept != port])
            case _:
                assert_never(change)
        return ()

    def next_deadline(self) -> Nanoseconds | None:
        """Return when the first timer is due."""
        return min(self._timers.values(), default=None)

    def tick(self, now: Nanoseconds) -> Effects:
        """Call `on_timer` for every timer that is due, the earliest first."""
        effects: list[Effect] = []
        for timer in sorted(self._timers, key=self._timers.__getitem__):
            if self._timers.get(timer, now + 1) <= now:  # none before it has stopped it
                del self._timers[timer]
                with self._call(now, f"on_timer(): {timer}") as turn:
                    self.on_timer(timer)
                effects += turn.effects
        return tuple(effects)

    # --- inside ----------------------------------------------------------------------------------

    @contextmanager
    def _call(
        self, now: Nanoseconds, what: str, port: str = "", frame: Frame | None = None
    ) -> Iterator["_Turn"]:
        """Let the user's own code run, which may go wrong."""
        self._now = now
        turn = self._turn = _Turn(port, frame)
        try:
            yield turn
        except Exception as error:
            error.add_note(f'in the device "{self.name}", {what} at {now / 1e9:g} s')
            raise
        finally:
            self._turn = None

    def _called(self, verb: str) -> "_Turn":
        if self._turn is None:
            what = f'{verb}() of "{self.name}" works in on_packet() and on_timer() only'
            raise EmuError(f"{what}: from outside, lab.inject() sends from a port")
        return self._turn

    def _check(self, port: str) -> None:
        if port not in self.ports:
            known = ", ".join(self.ports) or "none"
            raise EmuError(f'"{self.name}" has no port "{port}" (there are: {known})')


class _Turn:
    """One call of the user's code, and what it leads to."""

    def __init__(self, port: str, frame: Frame | None) -> None:
        self.port = port
        self.frame = frame  # that came
        self.is_settled = False  # whether it is said what became of it
        self.effects: list[Effect] = []

    def came(self, verb: str) -> Frame:
        """Return the frame that came."""
        if self.frame is None:
            raise EmuError(f"{verb}() is for the packet that came: in on_timer(), use send()")
        return self.frame
