"""Carries out what the neighbour table wants done.

Models:          net/ipv4/ip_output.c, ip_finish_output2(); net/ipv4/arp.c, arp_solicit().
"""

from typing import assert_never

from emu.devices.namespace import dev
from emu.devices.namespace.net import Net
from emu.devices.namespace.netdev import Netdev
from emu.devices.namespace.routing import Routing
from emu.devices.namespace.turn import Turn
from emu.inet.fib import Scope
from emu.inet.neigh.actions import (
    Actions,
    GiveUp,
    Overflow,
    Purge,
    Queue,
    Reject,
    Send,
    Solicit,
    Waiting,
)
from emu.net.effects import Drop, DropReason, Hold, Why
from emu.packet.addresses import BROADCAST
from emu.packet.arp import ARPOP_REQUEST, build_arp
from emu.packet.ethernet import set_macs
from emu.packet.frame import Frame


class Neighbours:
    """The way from the neighbour table to the wire."""

    def __init__(self, net: Net, routing: Routing) -> None:
        self._net = net
        self._routing = routing

    def output(self, turn: Turn, netdev: Netdev, nexthop: bytes, frame: Frame, why: Why) -> None:
        """Send `frame`, which lacks its MACs, to the neighbour `nexthop`: neigh_output()."""
        waiting = Waiting(netdev.name, frame, why)
        self.carry_out(turn, self._net.neighbours.output(turn.now, nexthop, waiting))

    def carry_out(self, turn: Turn, actions: Actions) -> None:
        """Do what the table wants done, in that order."""
        for action in actions:
            match action:
                case Send(packet=packet, mac=mac, why=why):
                    netdev = self._net.netdevs[packet.netdev]
                    frame = packet.frame.derive(set_macs(packet.frame.wire, mac, netdev.mac))
                    dev.transmit(turn, netdev, frame, packet.why + why)
                case Queue(packet=packet, why=why):
                    turn.emit(Hold(packet.netdev, packet.frame, packet.why + why))
                case Solicit():
                    self._solicit(turn, action)
                case Overflow(packet=packet, why=why):
                    _drop(turn, packet, DropReason.NEIGH_QUEUEFULL, why)
                case Purge(packet=packet, why=why):
                    _drop(turn, packet, DropReason.QUEUE_PURGE, why)
                case Reject(packet=packet, why=why):
                    _drop(turn, packet, DropReason.NEIGH_CREATEFAIL, why)
                case GiveUp(packet=packet, why=why):
                    _drop(turn, packet, DropReason.NEIGH_FAILED, why)
                    turn.unreachable.append(packet.frame)
                case _:
                    assert_never(action)

    def _solicit(self, turn: Turn, action: Solicit) -> None:
        """Ask who has an address: arp_solicit()."""
        netdev = self._net.netdevs[action.netdev]
        cause = action.packet.frame if action.packet else None
        wire = build_arp(
            ARPOP_REQUEST,
            sha=netdev.mac,
            spa=self._source(netdev, action),
            tpa=action.address,
            dst=action.mac or BROADCAST,
        )
        dev.transmit(turn, netdev, self._net.new_frame(wire, cause), action.why)

    def _source(self, netdev: Netdev, action: Solicit) -> bytes:
        """Return the address to ask from, as arp_announce wants it."""
        announce = self._net.sysctl.conf(netdev.name, "arp_announce")
        if action.packet is not None and announce < 2:
            src = action.packet.frame.wire[26:30]  # of the youngest packet that waits
            near = announce == 0 or _is_on_link(netdev, src, action.address)
            if near and self._net.is_local(src):
                return src
        return self._routing.select_source(netdev, action.address, Scope.LINK)


def _is_on_link(netdev: Netdev, *addresses: bytes) -> bool:
    """Whether all `addresses` are in one network of `netdev`: inet_addr_onlink()."""
    numbers = [int.from_bytes(address, "big") for address in addresses]
    return any(all(map(row.contains, numbers)) for row in netdev.addresses)


def _drop(turn: Turn, packet: Waiting, reason: DropReason, why: Why) -> None:
    turn.emit(Drop(packet.netdev, packet.frame, reason, packet.why + why))
