"""What netdevs do with frames, below any protocol.

Models:          net/core/dev.c, __netif_receive_skb_core(): VLAN child, master, then protocols;
                 net/8021q: vlan_do_receive(), vlan_dev_hard_start_xmit(); the checks of veth.
Does not model:  queues and qdiscs (a link has a queue), carrier, 802.1ad children, PCP.
Read first:      __netif_receive_skb_core().
"""

from typing import Final

from emu.devices.namespace.netdev import Netdev
from emu.devices.namespace.turn import Arrival, PacketType, Turn
from emu.net.effects import Drop, DropReason, Step, Transmit, Why
from emu.packet.addresses import BROADCAST, MacAddress, is_multicast
from emu.packet.dot1q import TPIDS, VLAN_HLEN, VlanTag, pop_vlan, push_vlan
from emu.packet.ethernet import ETH_P_8021Q
from emu.packet.frame import Frame
from emu.packet.malformed import Malformed

TAG_TYPES: Final = tuple([tpid.to_bytes(2, "big") for tpid in TPIDS])
NO_CHILD: Final = (Step("vlan", None),)  # a tag, and no netdev for it


def receive(turn: Turn, port: str, netdev: Netdev, frame: Frame) -> Arrival | None:
    """Take in what came over the wire; None if it does not go to a protocol of this host."""
    arrival = Arrival(port, frame, netdev, frame, PacketType.HOST, ())
    try:
        tag = frame.vlan
        if not netdev.up:
            arrival.drop(turn, DropReason.DEV_READY)
        elif not netdev.fits(len(frame.wire) - (VLAN_HLEN if tag else 0)):
            arrival.drop(turn, DropReason.PKT_TOO_BIG)
        else:
            arrival.type = _packet_type(netdev, frame)
            return _receive_core(turn, arrival, tag)
    except Malformed as error:
        arrival.drop(turn, DropReason[error.reason])
    return None


def _receive_core(turn: Turn, arrival: Arrival, tag: VlanTag | None) -> Arrival | None:
    while tag:
        child = arrival.netdev.children.get(tag.vid) if tag.tpid == ETH_P_8021Q else None
        if child is None:
            break
        if not child.up:  # vlan_do_receive() names no reason
            arrival.drop(turn, DropReason.DEV_READY, child.untagged)
            return None
        if arrival.type is PacketType.OTHERHOST and arrival.frame.eth.dst == child.mac:
            arrival.type = PacketType.HOST  # a VLAN may have a MAC of its own
        arrival.netdev = child
        arrival.why += child.untagged
        tag = _untag(arrival)
    if arrival.netdev.master is not None:  # br_handle_frame(): the bridge sees tags that are left
        why = arrival.why + arrival.netdev.to_master
        turn.emit(Transmit(arrival.netdev.master_port, arrival.inner, why))
        return None
    if tag and tag.vid == 0:
        # A tag without a VID tells a priority only, and goes; so does what it hides. Seen on 6.18:
        # an echo request behind one or two such tags is answered, behind 0 and 5 it is not.
        return _receive_core(turn, arrival, _untag(arrival))
    if tag:
        arrival.type = PacketType.OTHERHOST
        arrival.why += NO_CHILD
        _untag(arrival)
    return arrival


def _untag(arrival: Arrival) -> VlanTag | None:
    """Take the outermost tag off; return the next."""
    wire = pop_vlan(arrival.inner.wire)
    inner = arrival.inner = arrival.inner.derive(wire)
    return inner.vlan if wire[12:14] in TAG_TYPES else None  # seldom: spare the rest its parsing


def _packet_type(netdev: Netdev, frame: Frame) -> PacketType:
    """Return for whom `frame` is: eth_type_trans()."""
    dst = frame.wire[:6]
    # Differs from Linux: a frame that a bridge hands up keeps the type that it had at its port
    if dst == netdev.mac:
        return PacketType.HOST
    if dst == BROADCAST:
        return PacketType.BROADCAST
    return PacketType.MULTICAST if is_multicast(MacAddress(dst)) else PacketType.OTHERHOST


def from_master(turn: Turn, netdev: Netdev, frame: Frame) -> None:
    """Send what the bridge or switch sends out of its port: br_dev_queue_push_xmit()."""
    port = netdev.master_port
    try:
        tagged = frame.vlan is not None
    except Malformed as error:
        turn.emit(Drop(port, frame, DropReason[error.reason], ()))
        return
    if not netdev.up:
        turn.emit(Drop(port, frame, DropReason.DEV_READY, netdev.to_master))
    elif not netdev.fits(len(frame.wire) - (VLAN_HLEN if tagged else 0)):
        turn.emit(Drop(port, frame, DropReason.PKT_TOO_BIG, netdev.to_master))
    else:
        transmit(turn, netdev, frame, netdev.to_master)


def transmit(turn: Turn, netdev: Netdev, frame: Frame, why: Why) -> None:
    """Put `frame` on the wire; a VLAN does that through its parent, with its tag."""
    while netdev.parent is not None:
        frame = frame.derive(push_vlan(frame.wire, netdev.vid))
        why += netdev.tagged
        netdev = netdev.parent
    turn.emit(Transmit(netdev.name, frame, why))
