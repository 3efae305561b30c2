"""The datapath: it does with packets what walks decide. As dp_execute_cb(), lib/dpif-netdev.c."""

from typing import Final, NamedTuple, final

from emu.conntrack.tracked import Tracked
from emu.conntrack.tracker import Tracker
from emu.conntrack.tuples import IPV4
from emu.core.time import Nanoseconds
from emu.net.effects import DropReason, Step
from emu.openflow import layout, perform_control, perform_fields
from emu.openflow.extract import extract
from emu.openflow.hashing import five_tuple, hash_int, symmetric_l3l4
from emu.openflow.operations import (
    CheckSize,
    Copy,
    Frozen,
    Hash,
    Operation,
    Operations,
    Pass,
    Recirculate,
    Send,
    SendTunnel,
    Set,
    SetMetadata,
    Track,
    Truncate,
    Untrack,
)
from emu.openflow.packet import Arrival, Packet
from emu.openflow.trace import note
from emu.openflow.walk import Switch, Walk
from emu.packet.beside import Journey
from emu.packet.ethernet import ETH_HLEN

PERFORM: Final = (perform_control, perform_fields)  # with them, walks know what actions do
MAX_RECIRCULATIONS: Final = 6  # MAX_RECIRC_DEPTH of dpif-netdev.c
_NOT_TAKEN_ALONG: Final = (  # through a patch port; or it is beside the packet, as it is there
    layout.CONNTRACK_MASK
    | layout.TUNNEL_MASK
    | sum(
        slot.mask
        for slot in (
            *(layout.IN_PORT, layout.METADATA, layout.REGS, layout.PKT_MARK),
            *(layout.SKB_PRIORITY, layout.ACTSET_OUTPUT),
        )
    )
)
CONNTRACK: Final = "conntrack"
RECIRCULATE: Final = "recirculate"


class Sent(NamedTuple):
    """A copy of a packet that leaves."""

    port: int
    wire: bytes
    packet: Packet  # as it was then, but for its octets
    metadata: int  # a key: the slots that no header fills
    tunnel: int = 0  # a key: the slots of the outer header
    journey: Journey | None = None  # goes to another bridge, and no further than that may


@final
class Run:
    """What came of one packet that came in."""

    def __init__(self, now: Nanoseconds, switch: Switch, packet: Packet, title: Step) -> None:
        self.now = now
        self.switch = switch
        self.sent: list[Sent] = []
        self.trace: list[Step] = [title]
        self.touched: dict[Arrival, None] = {packet.arrival: None}  # that, and freed fragments
        self.held: dict[Arrival, None] = {}
        self.reason: DropReason | None = None  # why nothing was sent, where nothing was


@final
class Datapath:
    """What does things with packets; all bridges of a machine have one tracker."""

    def __init__(self, tracker: Tracker[Packet], vlan_limit: int = 1) -> None:
        self.tracker = tracker
        self.vlan_limit = vlan_limit

    def run(
        self,
        now: Nanoseconds,
        switch: Switch,
        packet: Packet,
        journey: Journey | None = None,
        *,
        title: Step,
    ) -> Run:
        """Take a packet through the tables of a bridge, and do what they say.

        `title` is the first step of the trace.
        """
        run = Run(now, switch, packet, title)
        walk = self._walk(run, packet, journey)
        walk.begin()
        self._close(run, walk, packet, None, 0)
        return run

    def recirculate(self, run: Run, packet: Packet, state: Frozen, depth: int) -> None:
        """Read a packet anew, and go on where a walk stopped."""
        if depth >= MAX_RECIRCULATIONS:
            run.reason = DropReason.RECURSION_TOO_DEEP
            run.trace.append(note(0, "Packet dropped. Max recirculation depth exceeded."))
            return
        walk = self._walk(run, packet, None)
        walk.resume(state)
        self._close(run, walk, packet, state, depth + 1)

    def _walk(self, run: Run, packet: Packet, journey: Journey | None) -> Walk:
        key, layers = extract(packet.wire, self.vlan_limit)
        packet.l2_5, packet.l3, packet.l4, packet.end = layers
        if journey is not None and journey.key is not None:
            key = journey.key & ~_NOT_TAKEN_ALONG
        walk = Walk(run.switch, run.now, key | packet.metadata, packet, journey)
        walk.trace = run.trace
        return walk

    def _close(
        self, run: Run, walk: Walk, packet: Packet, state: Frozen | None, depth: int
    ) -> None:
        operations = walk.finish()
        run.reason = walk.error or walk.reason or run.reason or _why_nothing(operations)
        _Doing(self, run, state, depth).do([packet], operations)


def _why_nothing(operations: Operations) -> DropReason:
    return DropReason.OVS_DROP_LAST_ACTION if operations else DropReason.OVS_DROP_EXPLICIT


@final
class _Doing:
    """One list of operations that is being done with some packets: one, or fragments of one."""

    def __init__(self, datapath: Datapath, run: Run, state: Frozen | None, depth: int) -> None:
        self._datapath = datapath
        self._run = run
        self._state = state  # where the walk went on that decided on them
        self._depth = depth

    def do(self, packets: list[Packet], operations: Operations) -> None:
        """Do all of them, one after the other."""
        for operation in operations:
            if isinstance(operation, Track):
                packets = self._track(packets, operation)
            elif isinstance(operation, Recirculate):
                for packet in packets:
                    copy = packet.copy()
                    self._datapath.recirculate(self._run, copy, operation.state, self._depth)
            else:
                for packet in packets:
                    self._do_one(packet, operation)

    def _do_one(self, packet: Packet, operation: Operation) -> None:
        match operation:
            case Set():
                operation.edit(packet, operation.value)
            case Send() | SendTunnel() | Pass():
                self._send(packet, operation)
            case SetMetadata():
                packet.metadata = packet.metadata & ~operation.mask | operation.value
            case Truncate():
                packet.cut = max(len(packet.wire) - max(operation.size, ETH_HLEN), 0)
            case Untrack():
                packet.tracked = None
                packet.metadata &= ~layout.CONNTRACK_MASK
            case Hash():
                self._hash(packet, operation)
            case Copy():
                self.do([packet.copy()], operation.operations)
            case CheckSize():
                is_larger = len(packet.wire) > operation.size
                self.do([packet.copy()], operation.larger if is_larger else operation.other)

    def _send(self, packet: Packet, operation: Send | SendTunnel | Pass) -> None:
        wire = packet.wire[: len(packet.wire) - packet.cut] if packet.cut else packet.wire
        packet.cut = 0
        tunnel = operation.tunnel if isinstance(operation, SendTunnel) else 0
        journey = operation.journey if isinstance(operation, Pass) else None
        self._run.sent.append(
            Sent(operation.port, wire, packet.copy(), packet.metadata, tunnel, journey)
        )

    def _hash(self, packet: Packet, operation: Hash) -> None:
        limit = self._datapath.vlan_limit
        if operation.symmetric:
            value = symmetric_l3l4(extract(packet.wire, limit)[0], operation.basis)
        else:  # the hash with which the datapath looked the packet up when it came
            first = extract(packet.arrival.frame.wire, limit)[0]
            value = hash_int(five_tuple(first, 0), operation.basis)
        packet.metadata = layout.DP_HASH.put(packet.metadata, value)

    def _track(self, packets: list[Packet], operation: Track) -> list[Packet]:
        run, tracker = self._run, self._datapath.tracker
        going: list[Packet] = []
        for packet in packets:
            before = packet.tracked
            gone = tracker.track(run.now, packet, operation.version, operation.request, self._state)
            for other in gone:
                other.metadata = _with_tracked(other.metadata, other.tracked)
                run.touched[other.arrival] = None
                run.held.pop(other.arrival, None)
            if packet not in gone:
                run.held[packet.arrival] = None
            rule = packet.tracked.connection if packet.tracked is not None else None
            run.trace.append(Step(CONNTRACK, rule, before, packet.tracked))
            going += gone
        return going


def _with_tracked(metadata: int, tracked: Tracked | None) -> int:
    """Put beside a packet what tracking says of it."""
    metadata &= ~layout.CONNTRACK_MASK
    if tracked is None:
        return metadata
    metadata |= tracked.state << layout.CT_STATE.at | tracked.zone << layout.CT_ZONE.at
    metadata |= tracked.mark << layout.CT_MARK.at | tracked.label << layout.CT_LABEL.at
    original = tracked.original
    if original is not None:
        src, dst = (
            (layout.CT_NW_SRC, layout.CT_NW_DST)
            if original.version == IPV4
            else (layout.CT_IPV6_SRC, layout.CT_IPV6_DST)
        )
        ports = original.ports
        metadata |= original.src << src.at | original.dst << dst.at
        metadata |= original.protocol << layout.CT_NW_PROTO.at
        metadata |= ports[0] << layout.CT_TP_SRC.at | ports[1] << layout.CT_TP_DST.at
    return metadata
