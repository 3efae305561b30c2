"""ICMP: answers to echo requests, errors about packets, and errors for programs.

Models:          net/ipv4/icmp.c: icmp_rcv(), icmp_reply(), icmp_send(), icmp_unreach(), and the
                 bucket of errors for each destination.
Does not model:  timestamp requests, which are not answered; what a redirect or "fragmentation
                 needed" teaches the routing; the limit for all destinations together.
Read first:      icmp_rcv() and the table icmp_pointers[].
"""

from typing import Final

from emu.devices.namespace.net import Net
from emu.devices.namespace.output import Output
from emu.devices.namespace.programs import Programs
from emu.devices.namespace.turn import Arrival, Turn
from emu.inet.fib import RouteType
from emu.inet.jiffies import milliseconds_to_jiffies
from emu.inet.program import IcmpReceived, PmtuDisc, Sendto
from emu.inet.ratelimit import RateLimit
from emu.net.effects import DropReason, Step, Why
from emu.packet.frame import Frame
from emu.packet.icmp import (
    ICMP_DEST_UNREACH,
    ICMP_ECHO,
    ICMP_ECHOREPLY,
    ICMP_FRAG_NEEDED,
    ICMP_HLEN,
    ICMP_HOST_UNREACH,
    ICMP_REDIRECT,
    IcmpHeader,
    build_icmp,
    echo_reply,
    parse_icmp,
    quote,
)
from emu.packet.ipv4 import IPPROTO_ICMP, IPV4_HLEN, Ipv4Header
from emu.packet.malformed import Malformed

NR_ICMP_TYPES: Final = 18  # include/uapi/linux/icmp.h: no type above is known
ASKABLE_BY_BROADCAST: Final = (8, 13, 17, 18)  # echo, timestamp, address mask and its reply
IGNORABLE: Final = (8, 13)
QUERIES: Final = (0, 8, 13, 14, 15, 16, 17, 18)  # any other counts as an error: icmp_send()
CONTROL: Final = 0xC0  # IPTOS_PREC_INTERNETCONTROL, the TOS of errors
TOS_MASK: Final = 0x1E  # IPTOS_TOS_MASK, what they keep of the packet's

NO_SOCKET: Final = (Step("socket", None),)
IGNORE_ALL: Final = (Step("sysctl", "net.ipv4.icmp_echo_ignore_all = 1"),)
IGNORE_BROADCASTS: Final = (Step("sysctl", "net.ipv4.icmp_echo_ignore_broadcasts = 1"),)


class Icmp:
    """The ICMP of a namespace."""

    def __init__(self, net: Net, output: Output, programs: Programs) -> None:
        self._net = net
        self._output = output
        self._programs = programs
        self._limit = RateLimit()

    # --- in --------------------------------------------------------------------------------------

    def receive(self, turn: Turn, arrival: Arrival, header: Ipv4Header, message: bytes) -> None:
        """Take in a message for this host: icmp_rcv()."""
        try:
            icmp = parse_icmp(message)
        except Malformed as error:
            arrival.drop(turn, DropReason[error.reason])
            return
        if icmp.type > NR_ICMP_TYPES:
            arrival.drop(turn, DropReason.UNHANDLED_PROTO)
        elif arrival.route is RouteType.BROADCAST and self._shuns(icmp.type):
            why = IGNORE_BROADCASTS if icmp.type in IGNORABLE else ()
            arrival.drop(turn, DropReason.INVALID_PROTO, why)
        elif icmp.type == ICMP_ECHO:
            self._reply(turn, arrival, header, message)
        else:
            # Differs from Linux: a request for the time is heard like others, and not answered
            self._deliver(turn, arrival, header, icmp, message)

    def _shuns(self, type: int) -> bool:
        """Whether a message of that type may not come by broadcast."""
        if type in IGNORABLE:
            return bool(self._net.sysctl.ipv4("icmp_echo_ignore_broadcasts"))
        return type not in ASKABLE_BY_BROADCAST

    def _reply(self, turn: Turn, arrival: Arrival, header: Ipv4Header, message: bytes) -> None:
        """Answer an echo request: icmp_echo(), icmp_reply()."""
        if self._net.sysctl.ipv4("icmp_echo_ignore_all"):
            arrival.drop(turn, DropReason.CONSUMED, IGNORE_ALL)
            return
        arrival.deliver(turn)
        # Differs from Linux: options (record route, timestamp) are not sent back with the answer
        reply = Sendto(
            destination=header.src,
            protocol=IPPROTO_ICMP,
            carried=echo_reply(message),
            source=header.dst if arrival.route is RouteType.LOCAL else None,
            tos=header.tos,
            ttl=self._net.sysctl.ipv4("ip_default_ttl"),
            pmtudisc=PmtuDisc.DONT,
            broadcast=True,
        )
        self._output.send(turn, reply, cause=arrival.frame)

    def _deliver(
        self, turn: Turn, arrival: Arrival, header: Ipv4Header, icmp: IcmpHeader, message: bytes
    ) -> None:
        """Hand a message to the programs: ping_rcv(), icmp_unreach(), icmp_redirect()."""
        about = icmp.is_error or icmp.type == ICMP_REDIRECT
        if about and len(message) < ICMP_HLEN + IPV4_HLEN:
            arrival.drop(turn, DropReason.NOT_SPECIFIED)
            return
        if about and message[ICMP_HLEN] & 15 < IPV4_HLEN // 4:
            arrival.drop(turn, DropReason.IP_INHDR)
            return
        received = IcmpReceived(arrival.netdev.name, header, icmp, message)
        answers = self._programs.hear(turn, received)
        if answers:
            arrival.deliver(turn, answers[0].process.why)
        elif icmp.type == ICMP_ECHOREPLY:
            arrival.drop(turn, DropReason.NO_SOCKET, NO_SOCKET)
        else:
            arrival.drop(turn, DropReason.CONSUMED, NO_SOCKET)
        self._programs.run(turn, answers, arrival.frame)

    # --- out -------------------------------------------------------------------------------------

    def report_unreachable(self, turn: Turn, frame: Frame) -> None:
        """Tell the sender of a packet that its neighbour does not answer: ipv4_link_failure()."""
        header = frame.ipv4
        self.send(turn, frame, header, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH)

    def send(
        self,
        turn: Turn,
        frame: Frame,
        header: Ipv4Header,
        type: int,
        code: int,
        *,
        rest: int = 0,
        why: Why = (),
    ) -> None:
        """Send an error about the packet in `frame`, as the stack holds it now: icmp_send().

        Args:
            turn: what this is a part of.
            frame: an untagged frame for this host alone, or one that never was on a wire.
            header: its IPv4 header.
            type: of the error.
            code: of the error.
            rest: what the error has after its checksum.
            why: the steps that led to it.
        """
        packet = frame.wire[14 : 14 + header.total_length]
        if header.offset or _is_about_error(packet, header):
            return
        if not self._may_send(turn, header.src, type, code):
            return
        self._output.send(
            turn,
            Sendto(
                destination=header.src,
                protocol=IPPROTO_ICMP,
                carried=build_icmp(type, code, rest, quote(packet)),
                source=header.dst if self._net.is_local(header.dst) else None,
                tos=header.tos & TOS_MASK | CONTROL,
                ttl=self._net.sysctl.ipv4("ip_default_ttl"),
                pmtudisc=PmtuDisc.DONT,
            ),
            cause=frame,
            why=why,
        )

    def _may_send(self, turn: Turn, destination: bytes, type: int, code: int) -> bool:
        """Whether the destination may get one more error: icmpv4_xrlim_allow()."""
        if (type, code) == (ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED):
            return True
        if self._net.is_local(destination):  # through lo, which has no limit
            return True
        if not self._net.sysctl.ipv4("icmp_ratemask") >> type & 1:
            return True
        cost = milliseconds_to_jiffies(self._net.sysctl.ipv4("icmp_ratelimit"))
        return self._limit.allows(turn.now, destination, cost)


def _is_about_error(packet: bytes, header: Ipv4Header) -> bool:
    """Whether `packet` is an ICMP error itself, or of a type that is unknown."""
    if header.protocol != IPPROTO_ICMP:
        return False
    kind = packet[header.size] if len(packet) > header.size else None
    return kind not in QUERIES
