"""What commands change: one method for each change, by what it is about.

Models:          the words in which iproute2 6.1 and Linux 6.18 refuse; net/core/neighbour.c,
                 neigh_add() and neigh_delete().
"""

from typing import assert_never

from emu.core.errors import Refused
from emu.devices.namespace.addresses import Addresses
from emu.devices.namespace.changes import (
    AddAddress,
    AddNetdev,
    AddRoute,
    AddVlan,
    DeleteAddress,
    DeleteNeighbour,
    DeleteNetdev,
    DeleteRoute,
    FlushNeighbours,
    SetMaster,
    SetNeighbour,
    SetNetdev,
    SetSysctl,
)
from emu.devices.namespace.links import Links
from emu.devices.namespace.neigh import Neighbours
from emu.devices.namespace.net import Net
from emu.devices.namespace.routes import Routes
from emu.devices.namespace.turn import Turn
from emu.inet.neigh.states import Nud

LinkChange = AddNetdev | AddVlan | DeleteNetdev | SetNetdev | SetMaster
AddressChange = AddAddress | DeleteAddress
RouteChange = AddRoute | DeleteRoute
NeighbourChange = SetNeighbour | DeleteNeighbour | FlushNeighbours
Command = LinkChange | AddressChange | RouteChange | NeighbourChange | SetSysctl


class Rtnetlink:
    """The administrator's door to a namespace."""

    def __init__(self, net: Net, neighbours: Neighbours) -> None:
        self._net = net
        self._neighbours = neighbours
        self._addresses = Addresses(net)
        self._links = Links(net, neighbours, self._addresses)
        self._routes = Routes(net)
        self._links.add_loopback()

    def change(self, turn: Turn, change: Command) -> None:
        """Do what the command in the docstring of `change` does."""
        match change:
            case AddNetdev() | AddVlan() | DeleteNetdev() | SetNetdev() | SetMaster():
                self._change_link(turn, change)
            case AddAddress() | DeleteAddress():
                self._change_address(change)
            case AddRoute() | DeleteRoute():
                self._change_route(change)
            case SetNeighbour() | DeleteNeighbour() | FlushNeighbours():
                self._change_neighbour(turn, change)
            case SetSysctl():
                self._change_sysctl(change)
            case _:
                assert_never(change)

    def _change_link(self, turn: Turn, change: LinkChange) -> None:
        """`ip link`."""
        match change:
            case AddNetdev():
                self._links.add(change)
            case AddVlan():
                self._links.add_vlan(change)
            case DeleteNetdev():
                self._links.delete(turn, change)
            case SetNetdev():
                self._links.set(turn, change)
            case SetMaster():
                self._links.set_master(change)
            case _:
                assert_never(change)

    def _change_address(self, change: AddressChange) -> None:
        """`ip addr`."""
        netdev = self._links.find(change.name)
        match change:
            case AddAddress(interface=interface):
                self._addresses.add(netdev, interface)
            case DeleteAddress(interface=interface):
                self._addresses.delete(netdev, interface)
            case _:
                assert_never(change)

    def _change_route(self, change: RouteChange) -> None:
        """`ip route`."""
        match change:
            case AddRoute():
                self._routes.add(change)
            case DeleteRoute():
                self._routes.delete(change)
            case _:
                assert_never(change)

    def _change_neighbour(self, turn: Turn, change: NeighbourChange) -> None:
        """`ip neigh`."""
        if change.name is not None:
            self._links.find(change.name)
        match change:
            case SetNeighbour():
                self._set_neighbour(turn, change)
            case DeleteNeighbour(name=name, address=address):
                actions = self._net.neighbours.delete(name, address.packed)
                if actions is None:
                    raise Refused("RTNETLINK answers: No such file or directory")
                self._neighbours.carry_out(turn, actions)
            case FlushNeighbours(name=name):
                for row in self._net.neighbours.rows():
                    if name in (None, row.netdev) and row.state is not Nud.PERMANENT:
                        actions = self._net.neighbours.delete(row.netdev, row.address)
                        self._neighbours.carry_out(turn, actions or ())
            case _:
                assert_never(change)

    def _change_sysctl(self, change: SetSysctl) -> None:
        """`sysctl -w`."""
        self._net.sysctl.set(change.key, change.value)
        for name in self._net.netdevs:
            self._net.neighbours.set_netdev(name, self._net.sysctl.neigh(name))

    def _set_neighbour(self, turn: Turn, change: SetNeighbour) -> None:
        table, address = self._net.neighbours, change.address.packed
        if table.knows(change.name, address) and not change.replace:
            raise Refused("RTNETLINK answers: File exists")
        self._neighbours.carry_out(
            turn,
            table.set(turn.now, change.name, address, change.mac, permanent=change.permanent),
        )
