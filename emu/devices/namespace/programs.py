"""The programs that run in a namespace, and the system calls that they make.

Models:          of net/ipv4: raw.c (every raw socket hears every ICMP message), ping_rcv(); of
                 net/packet: packet sockets.
"""

from typing import NamedTuple, assert_never

from emu.core.errors import Refused
from emu.core.rng import Rng
from emu.core.time import Nanoseconds
from emu.devices.namespace import dev
from emu.devices.namespace.net import Net
from emu.devices.namespace.output import Output
from emu.devices.namespace.routing import Routing
from emu.devices.namespace.turn import Turn
from emu.inet.applications import Application, Arping, Finished, Ping, Printed
from emu.inet.arping import ArpingProgram
from emu.inet.deadlines import Deadlines
from emu.inet.fib import RouteType, Scope
from emu.inet.ping import PingProgram
from emu.inet.program import (
    Bind,
    Connect,
    Connected,
    Errno,
    Failed,
    Opened,
    OpenPacket,
    Outcome,
    Program,
    Received,
    SendArp,
    Sendto,
    Syscall,
    Syscalls,
)
from emu.net.effects import Event, Step, Why
from emu.packet.arp import build_arp
from emu.packet.frame import Frame


class Process:
    """A program that runs."""

    __slots__ = ("program", "why")

    def __init__(self, program: Program, application: Application) -> None:
        self.program = program
        self.why: Why = (Step("socket", application),)


class Answer(NamedTuple):
    """What a program does about something that it heard."""

    process: Process
    calls: Syscalls


class Programs:
    """The programs of a namespace, in the order in which they were started."""

    def __init__(self, net: Net, routing: Routing, output: Output, *, rng: Rng) -> None:
        self._net = net
        self._routing = routing
        self._output = output
        self._rng = rng
        self._processes: dict[str, Process] = {}
        self._deadlines = Deadlines[str]()

    def start(self, turn: Turn, id: str, application: Application) -> None:
        """Start a program."""
        if id in self._processes:
            raise Refused(f'"{id}" runs already')
        program = _make(id, application, self._rng.stream(id))
        process = self._processes[id] = Process(program, application)
        self._run(turn, process, program.start(turn.now))

    def stop(self, turn: Turn, id: str) -> None:
        """Interrupt a program."""
        if (process := self._processes.get(id)) is None:
            raise Refused(f'"{id}" does not run')
        self._run(turn, process, process.program.stop(turn.now))

    def hear(self, turn: Turn, received: Received) -> list[Answer]:
        """Hand something to every program; return what those do that mind it."""
        answers = []
        for process in self._processes.values():
            calls = process.program.receive(turn.now, received)
            if calls is not None:
                answers.append(Answer(process, calls))
        return answers

    def run(self, turn: Turn, answers: list[Answer], cause: Frame) -> None:
        """Carry out `answers` to what came in `cause`."""
        for process, calls in answers:
            self._run(turn, process, calls, cause)

    def next_deadline(self) -> Nanoseconds | None:
        """Return a time before which nothing is due."""
        return self._deadlines.next()

    def tick(self, turn: Turn) -> None:
        """Wake the programs that are due."""
        while (due := self._deadlines.pop(turn.now)) is not None:
            process = self._processes[due]
            self._run(turn, process, process.program.tick(turn.now))

    # --- system calls ----------------------------------------------------------------------------

    def _run(
        self, turn: Turn, process: Process, calls: Syscalls, cause: Frame | None = None
    ) -> None:
        """Carry out what a program asks for, and see when it next wakes."""
        for call in calls:
            outcome = self._call(turn, process, call, cause)
            if outcome is not None:
                self._run(turn, process, process.program.resume(turn.now, outcome), cause)
        name = process.program.id
        deadline = process.program.next_deadline() if name in self._processes else None
        if deadline is None:
            self._deadlines.cancel(name)
        else:
            self._deadlines.set(name, deadline)

    def _call(
        self, turn: Turn, process: Process, call: Syscall, cause: Frame | None
    ) -> Outcome | None:
        match call:
            case Printed():
                turn.emit(Event(call))
            case Finished(id=id):
                del self._processes[id]
                turn.emit(Event(call))
            case Sendto():
                return self._output.send(turn, call, cause=cause, why=process.why)
            case SendArp():
                return self._send_arp(turn, process, call, cause)
            case Connect():
                return self._connect(call)
            case Bind():
                return self._bind(call)
            case OpenPacket(netdev=netdev):
                return self._open_packet(netdev)
            case _:
                assert_never(call)
        return None

    def _connect(self, call: Connect) -> Outcome:
        if call.netdev is not None and call.netdev not in self._net.netdevs:
            return Failed(Errno.ENODEV)
        scope = Scope.LINK if call.dontroute else Scope.UNIVERSE
        path = self._routing.output(call.destination, netdev=call.netdev, scope=scope)
        if isinstance(path, Errno):
            return Failed(path)
        if path.type is RouteType.BROADCAST and not call.broadcast:
            return Failed(Errno.EACCES)
        return Connected(path.src, self._is_elsewhere(path.src, call.netdev))

    def _bind(self, call: Bind) -> Outcome:
        if call.netdev is not None and call.netdev not in self._net.netdevs:
            return Failed(Errno.ENODEV)
        if any(call.address) and not self._net.is_local(call.address):
            return Failed(Errno.EADDRNOTAVAIL)
        return Connected(call.address)

    def _is_elsewhere(self, address: bytes, netdev: str | None) -> bool:
        """Whether `netdev` has not the address that packets through it are sent from."""
        if netdev is None:
            return False
        return all(row.packed != address for row in self._net.netdevs[netdev].addresses)

    def _open_packet(self, name: str) -> Outcome:
        netdev = self._net.netdevs.get(name)
        if netdev is None:
            return Failed(Errno.ENODEV)
        if not netdev.up:
            return Failed(Errno.ENETDOWN)
        return Failed(Errno.EINVAL) if netdev.is_loopback else Opened(netdev.mac)

    def _send_arp(
        self, turn: Turn, process: Process, call: SendArp, cause: Frame | None
    ) -> Failed | None:
        netdev = self._net.netdevs.get(call.netdev)
        if netdev is None or not netdev.up:
            return Failed(Errno.ENODEV if netdev is None else Errno.ENETDOWN)
        arp = call.arp
        wire = build_arp(
            arp.op, sha=arp.sha, spa=arp.spa, tha=arp.tha, tpa=arp.tpa, dst=call.mac, src=netdev.mac
        )
        dev.transmit(turn, netdev, self._net.new_frame(wire, cause), process.why)
        return None


def _make(id: str, application: Application, rng: Rng) -> Program:
    match application:
        case Ping():
            return PingProgram(id, application, rng=rng)
        case Arping():
            return ArpingProgram(id, application)
        case _:
            assert_never(application)
