"""`bridge fdb|link` and `brctl`: what people do to bridges."""

from typing import assert_never

from emu.core.errors import Refused
from emu.core.rng import Rng
from emu.devices.bridge import FdbAppend, FdbDelete
from emu.host.commands import (
    AddFdb,
    AddLink,
    BrctlAddBridge,
    BrctlAddInterface,
    BrctlDeleteBridge,
    BrctlDeleteInterface,
    BrctlSet,
    BridgeKind,
    DeleteFdb,
    LinkSettings,
    SetBridgePort,
    SetLink,
)
from emu.host.links import NOT_SUPPORTED, add_link, delete_link, set_bridge, set_link, set_port
from emu.host.wiring import Wiring
from emu.net.link import LOCAL

BridgeCommand = AddFdb | DeleteFdb | SetBridgePort
BrctlCommand = (
    BrctlAddBridge | BrctlDeleteBridge | BrctlAddInterface | BrctlDeleteInterface | BrctlSet
)


def run_bridge(wiring: Wiring, command: BridgeCommand) -> None:
    """Do what `bridge` of iproute2 does."""
    name = command.name
    match command:
        case SetBridgePort(settings=settings):
            wiring.need(name, 'Cannot find bridge device "{name}"')
            if name not in wiring.state.masters:
                raise Refused(NOT_SUPPORTED)
            set_port(wiring, name, settings)
        case AddFdb(mac=mac, state=state, exclusive=exclusive, own=own):
            bridge, port = _table(wiring, name, own=own)
            wiring.set_bridge(
                bridge, FdbAppend(mac=mac, port=port, state=state, exclusive=exclusive)
            )
        case DeleteFdb(mac=mac, own=own):
            bridge, port = _table(wiring, name, own=own)
            wiring.set_bridge(bridge, FdbDelete(mac=mac, port=port))
        case _:
            assert_never(command)


def _table(wiring: Wiring, name: str, *, own: bool) -> tuple[str, str]:
    """Return the bridge whose table is meant, and the port in it."""
    wiring.need(name)
    if own:
        if name not in wiring.state.bridges:
            raise Refused(f'emu models no table of "{name}" itself: say "master"')
        return name, LOCAL
    if name not in wiring.state.masters:
        raise Refused(NOT_SUPPORTED)
    return wiring.state.masters[name], name


def run_brctl(wiring: Wiring, command: BrctlCommand, rng: Rng) -> None:
    """Do what `brctl` does, which says things in its own words."""
    match command:
        case BrctlAddBridge(bridge=bridge):
            if wiring.find(bridge):
                words = "already exists; can't create bridge with the same name"
                raise Refused(f"device {bridge} {words}")
            add_link(wiring, AddLink(name=bridge, kind=BridgeKind()), rng)
        case BrctlDeleteBridge(bridge=bridge):
            _delete_bridge(wiring, bridge)
        case BrctlAddInterface(bridge=bridge, interface=interface):
            _add_interface(wiring, bridge, interface)
        case BrctlDeleteInterface(bridge=bridge, interface=interface):
            wiring.need(interface, "interface {name} does not exist!")
            if wiring.state.masters.get(interface) != bridge:
                raise Refused(f"device {interface} is not a port of {bridge}")
            wiring.free(interface)
        case BrctlSet(bridge=bridge, settings=settings, what=what):
            if bridge not in wiring.state.bridges:
                raise Refused(f"{what} failed: No such device")
            set_bridge(wiring, bridge, settings)
        case _:
            assert_never(command)


def _delete_bridge(wiring: Wiring, bridge: str) -> None:
    found = wiring.need(bridge, "bridge {name} doesn't exist; can't delete it")
    if bridge not in wiring.state.bridges:
        raise Refused(f"can't delete bridge {bridge}: Operation not permitted")
    if found.up:
        raise Refused(f"bridge {bridge} is still up; can't delete it")
    delete_link(wiring, bridge)


def _add_interface(wiring: Wiring, bridge: str, interface: str) -> None:
    wiring.need(interface, "interface {name} does not exist!")
    wiring.need(bridge, "bridge {name} does not exist!")
    if interface in wiring.state.masters:
        words = f"is already a member of a bridge; can't add it to bridge {bridge}."
        raise Refused(f"device {interface} {words}")
    if bridge not in wiring.state.bridges:
        raise Refused(f"can't add {interface} to bridge {bridge}: Operation not supported")
    if interface in wiring.state.bridges:
        words = "is a bridge device itself; can't add a bridge device to a bridge device."
        raise Refused(f"device {interface} {words}")
    if interface == "lo":
        raise Refused(f"can't add lo to bridge {bridge}: Invalid argument")
    set_link(wiring, SetLink(name=interface, settings=LinkSettings(master=bridge)))
