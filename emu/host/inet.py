"""`ip addr|route|neigh` and `sysctl`: what the root namespace does at once or step by step."""

from ipaddress import IPv4Interface

from emu.core.errors import Refused
from emu.devices.namespace.changes import (
    AddAddress,
    AddRoute,
    DeleteAddress,
    DeleteNeighbour,
    DeleteRoute,
    FlushNeighbours,
    SetNeighbour,
    SetSysctl,
)
from emu.host.commands import ChangeNeighbour, FlushAddresses, ReplaceAddress
from emu.host.wiring import Wiring

InetCommand = (
    AddAddress
    | DeleteAddress
    | ReplaceAddress
    | FlushAddresses
    | AddRoute
    | DeleteRoute
    | SetNeighbour
    | ChangeNeighbour
    | DeleteNeighbour
    | FlushNeighbours
    | SetSysctl
)


def run_inet(wiring: Wiring, command: InetCommand) -> None:
    """Do what `ip addr`, `ip route`, `ip neigh` and `sysctl` do."""
    match command:
        case SetSysctl():
            wiring.set_root(command)
        case FlushAddresses(name=name):
            _check_netdev(wiring, name, 'Device "{name}" does not exist.')
            for interface in reversed(_addresses(wiring, name)):  # secondary ones first
                wiring.set_root(DeleteAddress(name=name, interface=interface))
        case ReplaceAddress(name=name, interface=interface):
            _check_netdev(wiring, name)
            if interface not in _addresses(wiring, name):
                wiring.set_root(AddAddress(name=name, interface=interface))
        case ChangeNeighbour(row=row):
            _check_netdev(wiring, row.name)
            wanted = (row.name, row.address.packed)
            if wanted not in [(known.netdev, known.address) for known in wiring.root.neighbours()]:
                raise Refused("RTNETLINK answers: No such file or directory")
            wiring.set_root(row)
        case _:
            if command.name is not None:
                _check_netdev(wiring, command.name)
            wiring.set_root(command)


def _addresses(wiring: Wiring, name: str) -> list[IPv4Interface]:
    return [row.interface for row in wiring.root.addresses() if row.netdev == name]


def _check_netdev(wiring: Wiring, name: str, missing: str = 'Cannot find device "{name}"') -> None:
    wiring.need(name, missing)
    wiring.check_netdev(name)
