"""ping, as a machine: when it sends, what it prints, when it ends.

Models:          iputils 20221126: ping/ping.c and ping_common.c, `-n`, on a raw socket, by root.
Does not model:  floods, adaptive pings, preloads, IP options, source routes, `-w`.
Read first:      pinger(), main_loop() and gather_statistics() in ping_common.c.

When the next packet leaves is less simple than once a second. If the answer took less than a
millisecond, ping waits for another in recvmsg(), which its socket lets last one interval: a timer
of the wheel (jiffies.py), so that the next packet leaves after 1.000 to 1.032 s, and all others
after 1.024 s. If the answer took longer, ping waits in poll(), which is exact.
"""

import math
from typing import Final

from emu.core.rng import Rng
from emu.core.time import Nanoseconds, milliseconds, unix
from emu.inet.applications import Finished, Ping, Printed
from emu.inet.icmp_words import render_icmp
from emu.inet.jiffies import expiry
from emu.inet.program import (
    Bind,
    Connect,
    Connected,
    Errno,
    Failed,
    IcmpReceived,
    Outcome,
    PmtuDisc,
    Received,
    Sendto,
    Syscall,
    Syscalls,
)
from emu.packet.addresses import render_inet
from emu.packet.icmp import (
    ICMP,
    ICMP_ECHO,
    ICMP_ECHOREPLY,
    ICMP_HLEN,
    ICMP_REDIRECT,
    IcmpHeader,
    build_echo,
)
from emu.packet.ipv4 import IPDEFTTL, IPPROTO_ICMP, IPV4_HLEN

MININTERVAL: Final = 10  # ms, ping/ping.h
TIMEVAL: Final = 16  # octets of struct timeval on 64 bits
MICROSECOND: Final = 1_000  # ns
MILLISECOND: Final = 1_000_000
SECOND: Final = 1_000_000_000


class PingProgram:
    """One run of ping."""

    def __init__(self, id: str, ping: Ping, *, rng: Rng) -> None:
        self.id = id
        self._ping = ping
        self._target = ping.destination.packed
        drawn = rng.below(0x10000)
        self._identifier = drawn if ping.identifier is None else ping.identifier
        self._interval = max(ping.interval // MILLISECOND, 1)
        self._source = b""
        self._began = self._sent_at = Nanoseconds(0)
        self._sent = 0
        self._acked = 0  # the last packet of which anything was heard
        self._pipe = 0
        self._errors = 0
        self._heard: dict[int, None] = {}  # sequence numbers that were answered
        self._trips: list[int] = []  # round trips in microseconds, duplicates too
        self._received = 0
        self._repeats = 0
        self._wake: Nanoseconds | None = None  # from recvmsg() or poll()
        self._alarm: Nanoseconds | None = None  # after the last packet
        self._output: list[str] = []

    # --- what happens ----------------------------------------------------------------------------

    def start(self, now: Nanoseconds) -> Syscalls:
        """Find out one's own address."""
        ping = self._ping
        if ping.source is not None:
            return (Bind(ping.source.packed, ping.netdev),)
        return (Connect(self._target, ping.netdev, ping.broadcast),)

    def resume(self, now: Nanoseconds, outcome: Outcome) -> Syscalls:
        """Send the first packet, or complain."""
        match outcome:
            case Connected():
                return self._begin(now, outcome)
            case Failed():
                return self._fail(now, outcome)
            case _:
                return ()

    def _begin(self, now: Nanoseconds, socket: Connected) -> Syscalls:
        ping = self._ping
        self._source = address = socket.address
        self._began = now
        if not any(self._target):  # 0.0.0.0 is oneself
            self._target = address
        sender = ""
        if ping.netdev is not None or ping.source is not None:
            sender = f"from {render_inet(address)} {ping.netdev or ''}: "
        destination = render_inet(self._target)
        size = f"{ping.size}({ping.size + 28}) bytes of data."
        lines = ["WARNING: pinging broadcast address"] if ping.broadcast else []
        if socket.elsewhere:
            warning = "Warning: source address might be selected on device other than:"
            lines.append(f"ping: {warning} {ping.netdev}")
        lines.append(f"PING {ping.destination} ({destination}) {sender}{size}")
        return (*[self._print(line) for line in lines], *self._loop(now))

    def _fail(self, now: Nanoseconds, failed: Failed) -> Syscalls:
        """Complain; before the first packet, give up."""
        if not self._source:
            return (self._print(self._complaint(failed.errno)), self._finish(2))
        if failed.errno is Errno.EMSGSIZE:
            self._errors += 1
            line = self._print(f"ping: local error: message too long, mtu={failed.mtu}")
        else:
            line = self._print(f"ping: sendmsg: {failed.errno}")
        self._wait(now, self._schedule_exit(now, max(self._interval, MININTERVAL)))
        return (line,)

    def receive(self, now: Nanoseconds, received: Received) -> Syscalls | None:
        """Take an answer, or an error about a packet of this ping."""
        if type(received) is not IcmpReceived or not self._hears(received):
            return None
        if received.icmp.type == ICMP_ECHOREPLY:
            line = self._gather(now, received)
        elif (sequence := self._quoted(received)) is not None:
            line = self._hear_error(received, sequence)
        else:
            return None
        return (self._print(line), *self._loop(now))

    def tick(self, now: Nanoseconds) -> Syscalls:
        """Wake up."""
        if self._alarm is not None and self._alarm <= now:
            return self._statistics()
        if self._wake is not None and self._wake <= now:
            return self._loop(now)
        return ()

    def stop(self, now: Nanoseconds) -> Syscalls:
        """Print the statistics and end."""
        return self._statistics() if self._source else (self._finish(1),)

    def next_deadline(self) -> Nanoseconds | None:
        """Return when it wakes up."""
        if self._wake is None or self._alarm is None:
            return self._wake if self._alarm is None else self._alarm
        return min(self._wake, self._alarm)

    # --- sending ---------------------------------------------------------------------------------

    def _loop(self, now: Nanoseconds) -> Syscalls:
        """Go once round: main_loop()."""
        if self._ping.count and self._received + self._errors >= self._ping.count:
            return self._statistics()
        calls: list[Syscall] = []
        wait = self._pinger(now, calls)
        self._wait(now, self._schedule_exit(now, wait))
        return tuple(calls)

    def _pinger(self, now: Nanoseconds, calls: list[Syscall]) -> int:
        """Send the next packet if its time has come; return how many ms it then is to the next."""
        if self._ping.count and self._sent >= self._ping.count:
            return 1000  # "an arbitrary positive value"
        if self._sent:
            passed = _milliseconds_between(self._sent_at, now)
            if passed < self._interval:
                return self._interval - passed
        self._sent_at = now
        self._sent += 1
        self._heard.pop(self._sent & 0xFFFF, None)  # rcvd_clear(): numbers come again
        calls.append(self._probe(now))
        return self._interval

    def _probe(self, now: Nanoseconds) -> Sendto:
        """Make a packet: ping4_send_probe()."""
        ping = self._ping
        data = bytes([octet & 0xFF for octet in range(ping.size)])
        if ping.size >= TIMEVAL:
            at = unix(now)
            stamp = (at // SECOND, at % SECOND // MICROSECOND)
            data = b"".join([part.to_bytes(8, "little") for part in stamp]) + data[TIMEVAL:]
        pmtudisc = PmtuDisc(ping.pmtudisc) if ping.pmtudisc else PmtuDisc.WANT
        return Sendto(
            destination=self._target,
            protocol=IPPROTO_ICMP,
            carried=build_echo(ICMP_ECHO, self._identifier, self._sent & 0xFFFF, data),
            source=self._source if ping.source is not None else None,
            netdev=ping.netdev,
            ttl=IPDEFTTL if ping.ttl is None else ping.ttl,
            # ping4_run(): a broadcast is never fragmented
            pmtudisc=PmtuDisc.DO if ping.broadcast and not ping.pmtudisc else pmtudisc,
            broadcast=ping.broadcast,
        )

    def _schedule_exit(self, now: Nanoseconds, wait: int) -> int:
        """After the last packet, set the alarm: __schedule_exit()."""
        if not self._ping.count or self._sent < self._ping.count or self._alarm is not None:
            return wait
        patience = self._ping.linger // MICROSECOND
        if self._received:
            patience = max(2 * max(self._trips, default=0), self._interval * 1000)
        self._alarm = Nanoseconds(now + patience * MICROSECOND)
        return max(wait, patience // 1000)

    def _wait(self, now: Nanoseconds, wait: int) -> None:
        """Sleep in recvmsg() or in poll(); anything that arrives ends it."""
        interval = max(self._interval, MININTERVAL)
        if wait >= interval:
            self._wake = expiry(now, milliseconds(interval))  # SO_RCVTIMEO
        elif wait <= MININTERVAL and not self._in_flight:  # it does not sleep, it spins
            self._wake = max(now, Nanoseconds(self._sent_at + self._interval * MILLISECOND))
        else:
            self._wake = Nanoseconds(now + max(wait, MININTERVAL) * MILLISECOND)

    @property
    def _in_flight(self) -> int:
        return (self._sent - self._acked) & 0xFFFF

    # --- hearing ---------------------------------------------------------------------------------

    def _hears(self, received: IcmpReceived) -> bool:
        """Whether the socket gets a message, and ping minds it: raw_v4_match(), is_ours()."""
        ping, reply = self._ping, received.icmp.type == ICMP_ECHOREPLY
        # a socket that is bound to a netdev gets one's own answers through lo, but no errors:
        # `ping -I eth0` does not say that a neighbour is unreachable (seen on 6.18)
        if ping.netdev not in (None, received.netdev) and not (reply and received.netdev == "lo"):
            return False
        if ping.source is not None and received.header.dst != self._source:
            return False
        return bool(self._source) and (not reply or received.icmp.identifier == self._identifier)

    def _acknowledge(self, sequence: int) -> None:
        behind = (self._sent - sequence) & 0xFFFF
        if behind <= 0x7FFF:
            self._pipe = max(self._pipe, behind + 1)
            if (sequence - self._acked) & 0xFFFF <= 0x7FFF or self._in_flight > 0x7FFF:
                self._acked = sequence

    def _gather(self, now: Nanoseconds, received: IcmpReceived) -> str:
        """Count an answer, and return what is printed of it: gather_statistics()."""
        ping, sequence = self._ping, received.icmp.sequence
        data = received.message[ICMP_HLEN:]
        self._acknowledge(sequence)
        line = f"{len(received.message)} bytes from {render_inet(received.header.src)}:"
        line += f" icmp_seq={sequence} ttl={received.header.ttl}"
        repeated = sequence in self._heard
        self._heard[sequence] = None
        self._repeats += repeated
        self._received += not repeated
        if len(data) < ping.size:
            return f"{line} (truncated)"
        if ping.size >= TIMEVAL:
            seconds, micros = (int.from_bytes(data[i : i + 8], "little") for i in (0, 8))
            trip = unix(now) // MICROSECOND - (seconds * 1_000_000 + micros)
            self._trips.append(max(trip, 0))
            line += f" time={_render_trip(max(trip, 0))} ms"
        line += " (DUP!)" * (repeated and not ping.broadcast)
        strange = not ping.broadcast and received.header.src != self._target
        return line + " (DIFFERENT ADDRESS!)" * strange

    def _quoted(self, received: IcmpReceived) -> int | None:
        """Return the sequence number of the packet of ours that an error is about."""
        if not (received.icmp.is_error or received.icmp.type == ICMP_REDIRECT):
            return None
        quoted = received.message[ICMP_HLEN:]
        size = (quoted[0] & 15) * 4 if quoted else 0
        if not IPV4_HLEN <= size <= len(quoted) - ICMP_HLEN:
            return None
        icmp = IcmpHeader._make(ICMP.unpack_from(quoted, size))
        if icmp.type != ICMP_ECHO or icmp.identifier != self._identifier:
            return None
        return icmp.sequence if quoted[16:20] == self._target else None

    def _hear_error(self, received: IcmpReceived, sequence: int) -> str:
        """Count an error: ping4_receive_error_msg(); a redirect is none: ping4_parse_reply()."""
        sender, words = render_inet(received.header.src), render_icmp(received.icmp)
        if received.icmp.type == ICMP_REDIRECT:
            return f"From {sender}: icmp_seq={sequence} {words}"
        self._acknowledge(sequence)
        self._errors += 1
        return f"From {sender} icmp_seq={sequence} {words}"

    # --- printing --------------------------------------------------------------------------------

    def _complaint(self, error: Errno) -> str:
        if error is Errno.ENODEV:
            return f"ping: SO_BINDTODEVICE {self._ping.netdev}: {error}"
        if self._ping.source is not None:
            return f"ping: bind: {error}"
        if error is Errno.EACCES:
            return (
                "ping: Do you want to ping broadcast? Then -b."
                " If not, check your local firewall rules"
            )
        return f"ping: connect: {error}"

    def _print(self, line: str) -> Printed:
        self._output.append(line)
        return Printed(id=self.id, line=line)

    def _statistics(self) -> Syscalls:
        """Print the statistics and end: finish()."""
        received = self._received
        counts = [f"{self._sent} packets transmitted", f"{received} received"]
        counts += [f"+{self._repeats} duplicates"] if self._repeats else []
        counts += [f"+{self._errors} errors"] if self._errors else []
        if self._sent:
            counts.append(f"{(self._sent - received) * 100 / self._sent:g}% packet loss")
            counts.append(f"time {(self._sent_at - self._began + 500_000) // MILLISECOND}ms")
        last = [_render_trips(self._trips)] if self._trips else []
        last += [f"pipe {self._pipe}"] if self._pipe > 1 else []
        title = f"--- {self._ping.destination} ping statistics ---"
        lines = ["", title, ", ".join(counts), ", ".join(last)]
        return (*[self._print(line) for line in lines], self._finish(0 if received else 1))

    def _finish(self, status: int) -> Finished:
        self._wake = self._alarm = None
        return Finished(
            id=self.id,
            status=status,
            sent=self._sent,
            received=self._received,
            errors=self._errors,
            output=tuple(self._output),
        )


def _milliseconds_between(then: Nanoseconds, now: Nanoseconds) -> int:
    """Return the difference as pinger() does, in C: seconds and nanoseconds by themselves."""
    return (now // SECOND - then // SECOND) * 1000 + math.trunc(
        (now % SECOND - then % SECOND) / MILLISECOND
    )


def _render_trip(micros: int) -> str:
    """Return a round trip in ms with the digits that gather_statistics() gives it."""
    if micros >= 100_000 - 50:
        return f"{(micros + 500) // 1000}"
    if micros >= 10_000 - 5:
        return f"{(micros + 50) // 1000}.{(micros + 50) % 1000 // 100}"
    if micros >= 1000:
        return f"{(micros + 5) // 1000}.{(micros + 5) % 1000 // 10:02}"
    return f"0.{micros:03}"


def _render_trips(trips: list[int]) -> str:
    """Return the last line but one of finish()."""
    total = sum(trips)
    mean = total // len(trips)
    square = sum([trip * trip for trip in trips])
    variance = int((square - total * total / len(trips)) / len(trips))  # doubles, as there
    values = (min(trips), mean, max(trips), math.isqrt(max(variance, 0)))
    shown = "/".join([f"{value // 1000}.{value % 1000:03}" for value in values])
    return f"rtt min/avg/max/mdev = {shown} ms"
