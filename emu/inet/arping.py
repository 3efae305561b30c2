"""arping, as a machine.

Models:          iputils 20221126, arping.c: asking for an address, `-U`, `-A`, `-c`, `-w`, `-s`.
Does not model:  `-D`, `-f`, `-b`, `-i`, `-q`.
Read first:      main(), event_loop(), send_pack() and recv_pack() there.
"""

from typing import assert_never

from emu.core.time import Nanoseconds, seconds
from emu.inet.applications import Arping, Finished, Printed
from emu.inet.program import (
    ArpReceived,
    Bind,
    Connect,
    Connected,
    Errno,
    Failed,
    Opened,
    OpenPacket,
    Outcome,
    Received,
    SendArp,
    Syscall,
    Syscalls,
)
from emu.packet.addresses import BROADCAST, INADDR_ANY, NO_MAC, render_inet, render_mac
from emu.packet.arp import ARPOP_REPLY, ARPOP_REQUEST, ArpHeader

INTERVAL = seconds(1)  # a timerfd: exact


class ArpingProgram:
    """One run of arping."""

    def __init__(self, id: str, arping: Arping) -> None:
        self.id = id
        self._arping = arping
        self._target = arping.destination.packed
        self._own = NO_MAC
        self._peer = BROADCAST  # whom it asks: whoever answered last
        self._source: bytes | None = None
        self._sent = 0
        self._sent_by_broadcast = 0
        self._received = 0
        self._received_by_broadcast = 0
        self._requests = 0
        self._ticks = 1  # of the interval timer, and one for the start
        self._sent_at = Nanoseconds(0)
        self._wake: Nanoseconds | None = None
        self._deadline: Nanoseconds | None = None
        self._output: list[str] = []

    def start(self, now: Nanoseconds) -> Syscalls:
        """Look for the netdev."""
        return (OpenPacket(self._arping.netdev),)

    def resume(self, now: Nanoseconds, outcome: Outcome) -> Syscalls:
        """Find out one's own address; then send the first packet, or complain."""
        match outcome:
            case Opened(mac=mac):
                self._own = mac
                return (self._find_source(),)
            case Connected(address=address):
                return self._begin(now, address)
            case Failed(errno=errno):
                return self._fail(errno) if self._source is None else self._miss()
            case _:
                assert_never(outcome)

    def receive(self, now: Nanoseconds, received: Received) -> Syscalls | None:
        """Count what speaks of the target to this host: recv_pack()."""
        if type(received) is not ArpReceived or received.netdev != self._arping.netdev:
            return None
        arp = received.arp
        if (arp.spa, arp.tpa, arp.tha) != (self._target, self._source, self._own):
            return None
        line = self._print(self._render(now, received))
        self._received += 1
        if self._arping.deadline and self._received == self._arping.count:
            return (line, *self._finish())
        self._received_by_broadcast += received.broadcast
        self._requests += arp.op == ARPOP_REQUEST
        self._peer = arp.sha
        return (line,)

    def tick(self, now: Nanoseconds) -> Syscalls:
        """Send once more, or end."""
        calls: list[Syscall] = []
        if self._wake is not None and self._wake <= now:
            self._ticks += 1
            if 0 < self._arping.count < self._ticks:
                return self._finish()
            self._wake = Nanoseconds(self._wake + INTERVAL)
            calls.append(self._probe(now))
        if self._deadline is not None and self._deadline <= now:
            calls += self._finish()
        return tuple(calls)

    def stop(self, now: Nanoseconds) -> Syscalls:
        """Print the counts and end."""
        return self._finish()

    def next_deadline(self) -> Nanoseconds | None:
        """Return when it sends again or gives up."""
        if self._wake is None or self._deadline is None:
            return self._wake
        return min(self._wake, self._deadline)

    # --- sending ---------------------------------------------------------------------------------

    def _find_source(self) -> Syscall:
        arping = self._arping
        if arping.source is not None:
            return Bind(arping.source.packed, arping.netdev)
        if self._is_unsolicited:
            return Bind(self._target, arping.netdev)
        return Connect(self._target, arping.netdev, dontroute=True)

    def _begin(self, now: Nanoseconds, address: bytes) -> Syscalls:
        arping = self._arping
        self._source = address
        target = render_inet(self._target)
        line = self._print(f"ARPING {target} from {render_inet(address)} {arping.netdev}")
        if address == INADDR_ANY:
            complaint = self._print("arping: no source address in not-DAD mode")
            return (line, complaint, self._exit(2))
        self._wake = Nanoseconds(now + INTERVAL)
        if arping.deadline:
            self._deadline = Nanoseconds(now + arping.deadline)
        return (line, self._probe(now))

    def _fail(self, errno: Errno) -> Syscalls:
        netdev = self._arping.netdev
        bound = self._arping.source is not None or self._is_unsolicited
        complaint = f"arping: {'bind' if bound else 'connect'}: {errno}"
        if self._own == NO_MAC:  # check_device(), check_ifflags()
            complaint = f'Interface "{netdev}" is not ARPable'
            if errno is Errno.ENODEV:
                complaint = f"arping: Device {netdev} not available."
            elif errno is Errno.ENETDOWN:
                complaint = f'Interface "{netdev}" is down'
        return (self._print(complaint), self._exit(2))

    def _miss(self) -> Syscalls:
        """Go on: what could not be sent, for its netdev went down, does not count."""
        self._sent -= 1
        self._sent_by_broadcast -= self._peer == BROADCAST
        return ()

    def _probe(self, now: Nanoseconds) -> SendArp:
        """Make a packet: send_pack()."""
        self._sent += 1
        self._sent_by_broadcast += self._peer == BROADCAST
        self._sent_at = now
        answer = self._arping.answer
        arp = ArpHeader(
            op=ARPOP_REPLY if answer else ARPOP_REQUEST,
            sha=self._own,
            spa=self._source or bytes(4),
            tha=self._own if answer else self._peer,
            tpa=self._target,
        )
        return SendArp(self._arping.netdev, self._peer, arp)

    @property
    def _is_unsolicited(self) -> bool:
        return self._arping.unsolicited or self._arping.answer

    # --- printing --------------------------------------------------------------------------------

    def _render(self, now: Nanoseconds, received: ArpReceived) -> str:
        arp = received.arp
        how = "Broadcast" if received.broadcast else "Unicast"
        what = "reply" if arp.op == ARPOP_REPLY else "request"
        sender = f"{render_inet(arp.spa)} [{render_mac(arp.sha).upper()}]"
        # recv_pack() rounds to a whole number of ms, and then shows half a ms more than the rest
        micros = (now - self._sent_at + 500) // 1000
        whole = (micros + 500) // 1000
        return f"{how} {what} from {sender}  {whole}.{micros - (whole * 1000 - 500):03}ms"

    def _print(self, line: str) -> Printed:
        self._output.append(line)
        return Printed(id=self.id, line=line)

    def _finish(self) -> Syscalls:
        """Print the counts and end: finish(), and the end of event_loop()."""
        kinds = [f"{self._requests} request(s)"] if self._requests else []
        heard = self._received_by_broadcast
        kinds += [f"{heard} broadcast(s)"] if heard else []
        more = f" ({', '.join(kinds)})" if kinds else ""
        lines = [
            f"Sent {self._sent} probes ({self._sent_by_broadcast} broadcast(s))",
            f"Received {self._received} response(s){more}",
        ]
        status = 0
        if not self._is_unsolicited:
            each = self._arping.count > 0 or not self._arping.deadline  # wants one for each
            status = int(not self._received or (each and self._received != self._sent))
        return (*[self._print(line) for line in lines], self._exit(status))

    def _exit(self, status: int) -> Finished:
        self._wake = self._deadline = None
        return Finished(
            id=self.id,
            status=status,
            sent=self._sent,
            received=self._received,
            output=tuple(self._output),
        )
