"""`ip link add|set|del`, and taps: how interfaces come, change and go.

Each function does all that it says, or raises `Refused` and has done nothing: what may be refused
comes first.
"""

from dataclasses import replace
from typing import Final, assert_never

from emu.core.errors import Refused
from emu.core.rng import Rng
from emu.devices.bridge import AGEING_TIME, Bridge, FdbFlush, SetAgeing, SetPort
from emu.devices.namespace import Namespace
from emu.devices.namespace.changes import AddNetdev, AddVlan, DeleteNetdev, SetNetdev
from emu.host.commands import (
    AddLink,
    BridgeKind,
    BridgeSettings,
    DummyKind,
    Kind,
    LinkSettings,
    PortSettings,
    SetLink,
    VethKind,
    VlanKind,
)
from emu.host.wiring import BridgeState, Tap, Wiring
from emu.net.changes import MTU, AddPort
from emu.net.link import LOCAL, PortRef
from emu.packet.addresses import NO_MAC
from emu.packet.frame import MacAddress, is_multicast

MTU_MIN: Final = 68  # octets: ETH_MIN_MTU, include/uapi/linux/if_ether.h
MTU_MAX: Final = 65535  # ETH_MAX_MTU

NOT_SUPPORTED: Final = "RTNETLINK answers: Operation not supported"

# --- add -----------------------------------------------------------------------------------------


def add_link(wiring: Wiring, command: AddLink, rng: Rng) -> None:
    """Make an interface: rtnl_newlink()."""
    name, settings, kind = command.name, command.settings, command.kind
    _check_master(wiring, settings)
    _check_new(wiring, name)
    _check_settings(settings)
    if settings.master is not None:
        _check_port(wiring, name, settings.master, is_bridge=isinstance(kind, BridgeKind))
    match kind:
        case BridgeKind():
            _add_bridge(wiring, command, kind.settings, rng)
        case VlanKind():
            _add_vlan(wiring, command, kind)
        case VethKind():
            _add_veth(wiring, command, kind, rng)
        case DummyKind():
            _add_netdev(wiring, name, kind, settings, rng)
        case _:
            assert_never(kind)
    wiring.state.kinds[name] = kind
    if settings.master is not None:
        wiring.enslave(name, settings.master)
    wiring.settle(name)


def _add_netdev(wiring: Wiring, name: str, kind: Kind, settings: LinkSettings, rng: Rng) -> None:
    mac = settings.mac or random_mac(rng.stream(name))
    up = settings.up is True
    mtu, of_bridge = settings.mtu or MTU, isinstance(kind, BridgeKind)
    wiring.set_root(AddNetdev(name=name, mac=mac, mtu=mtu, up=up, of_bridge=of_bridge))


def _add_bridge(wiring: Wiring, command: AddLink, settings: BridgeSettings, rng: Rng) -> None:
    name, ageing = command.name, settings.ageing
    _add_netdev(wiring, name, command.kind, command.settings, rng)
    device = Bridge(
        wiring.device(name),
        mac=command.settings.mac,
        ageing=AGEING_TIME if ageing is None else ageing,
    )
    wiring.world.add(device)
    wiring.set_bridge(name, AddPort(port=LOCAL))
    wiring.world.connect((device.name, LOCAL), (wiring.state.name, name))
    wiring.state.bridges[name] = BridgeState()


def _add_vlan(wiring: Wiring, command: AddLink, kind: VlanKind) -> None:
    wiring.need(kind.parent)
    wiring.check_netdev(kind.parent)
    wiring.set_root(AddVlan(name=command.name, parent=kind.parent, vid=kind.vid))
    try:
        _set_netdev(wiring, command.name, command.settings)
    except Refused:  # the parent is down, or has a smaller MTU
        wiring.set_root(DeleteNetdev(name=command.name))
        raise


def _add_veth(wiring: Wiring, command: AddLink, kind: VethKind, rng: Rng) -> None:
    _check_settings(kind.settings)
    if kind.peer == command.name:
        raise Refused("RTNETLINK answers: File exists")
    _check_new(wiring, kind.peer)
    if kind.settings.up:  # veth_open(): the peer comes first, and has no peer yet
        raise Refused("RTNETLINK answers: Transport endpoint is not connected")
    _add_netdev(wiring, kind.peer, kind, kind.settings, rng)
    _add_netdev(wiring, command.name, kind, command.settings, rng)
    root = wiring.state.name
    wiring.world.connect((root, command.name), (root, kind.peer))
    wiring.state.kinds[kind.peer] = VethKind(peer=command.name)


# --- set -----------------------------------------------------------------------------------------


def set_link(wiring: Wiring, command: SetLink) -> None:
    """Change an interface: do_setlink()."""
    # Differs from Linux: it keeps what it changed before the error; here nothing is changed then
    name, settings = command.name, command.settings
    _check_master(wiring, settings)
    wiring.need(name)
    _check_settings(settings)
    is_bridge = name in wiring.state.bridges
    if settings.master is not None:
        _check_port(wiring, name, settings.master, is_bridge=is_bridge)
    if command.bridge is not None and not is_bridge:
        raise Refused(NOT_SUPPORTED)
    if command.port is not None and name not in wiring.state.masters:
        raise Refused(NOT_SUPPORTED)
    _set_interface(wiring, name, settings)
    if command.port is not None:
        set_port(wiring, name, command.port)
    if settings.nomaster:
        wiring.free(name)
    if settings.master is not None:
        wiring.enslave(name, settings.master)
    if command.bridge is not None:
        set_bridge(wiring, name, command.bridge)
    wiring.settle(name)


def set_bridge(wiring: Wiring, bridge: str, settings: BridgeSettings) -> None:
    """Change how a bridge works: br_changelink()."""
    if settings.ageing is not None:
        wiring.set_bridge(bridge, SetAgeing(ageing=settings.ageing))
    if settings.flush:
        wiring.set_bridge(bridge, FdbFlush())


def set_port(wiring: Wiring, name: str, settings: PortSettings) -> None:
    """Change the flags of a port: br_setport()."""
    change = SetPort(
        port=name,
        learning=settings.learning,
        isolated=settings.isolated,
        hairpin=settings.hairpin,
    )
    if change != SetPort(port=name):
        wiring.set_bridge(wiring.state.masters[name], change)


def _set_interface(wiring: Wiring, name: str, settings: LinkSettings) -> None:
    tap = wiring.state.kinds.get(name)
    if isinstance(tap, Tap):
        wiring.state.kinds[name] = replace(
            tap,
            mac=settings.mac or tap.mac,
            mtu=settings.mtu or tap.mtu,
            up=tap.up if settings.up is None else settings.up,
        )
        return
    _set_netdev(wiring, name, settings)
    if name in wiring.state.bridges:
        if settings.mac is not None:
            wiring.set_bridge(name, SetPort(port=LOCAL, mac=settings.mac))
        if settings.mtu is not None:
            wiring.state.bridges[name].mtu_is_chosen = True


def _set_netdev(wiring: Wiring, name: str, settings: LinkSettings) -> None:
    change = SetNetdev(name=name, up=settings.up, mtu=settings.mtu, mac=settings.mac)
    if change != SetNetdev(name=name):
        wiring.set_root(change)


# --- delete --------------------------------------------------------------------------------------


def delete_link(wiring: Wiring, name: str) -> None:
    """Take an interface away, and those that cannot be without it: rtnl_delete_link()."""
    wiring.need(name)
    if name not in wiring.state.kinds:  # hardware, or lo
        raise Refused(NOT_SUPPORTED)
    _delete(wiring, name)


def _delete(wiring: Wiring, name: str) -> None:
    for child in wiring.children(name):
        _delete(wiring, child)
    wiring.free(name)
    for port in wiring.ports(name):
        wiring.free(port)
    kind = wiring.state.kinds.pop(name)
    if isinstance(kind, Tap):
        return
    if isinstance(kind, BridgeKind):
        del wiring.state.bridges[name]
        wiring.world.remove(wiring.device(name))
    wiring.world.disconnect(wiring.state.name, name)
    wiring.set_root(DeleteNetdev(name=name))
    if isinstance(kind, VethKind) and kind.peer in wiring.state.kinds:
        _delete(wiring, kind.peer)


# --- taps ----------------------------------------------------------------------------------------


def plug(wiring: Wiring, name: str, device: str, port: str, rng: Rng) -> None:
    """Make a tap that leads to `port` of `device`."""
    if wiring.find(name):
        raise Refused("ioctl(TUNSETIFF): Device or resource busy")  # as of `ip tuntap add`
    _check_end(wiring, device, port)
    mac = _tap_mac(wiring, device, port) or random_mac(rng.stream(name))
    wiring.state.kinds[name] = Tap(device=device, port=port, mac=mac)


def _tap_mac(wiring: Wiring, device: str, port: str) -> MacAddress | None:
    """Return the address that libvirt gives the tap of a VM: qemuInterfaceEthernetConnect()."""
    guest = wiring.world.device(device)
    rows = guest.netdevs() if isinstance(guest, Namespace) else ()
    return next((MacAddress(b"\xfe" + row.mac[1:]) for row in rows if row.name == port), None)


def unplug(wiring: Wiring, name: str) -> None:
    """Take a tap away."""
    if not wiring.is_tap(name):
        raise Refused(f'Cannot find device "{name}"')
    delete_link(wiring, name)


# --- checks --------------------------------------------------------------------------------------


def _check_new(wiring: Wiring, name: str) -> None:
    if wiring.find(name) is not None:
        raise Refused("RTNETLINK answers: File exists")


def _check_master(wiring: Wiring, settings: LinkSettings) -> None:
    """Refuse a master that is not there, as iproute2 does before it asks the kernel."""
    if settings.master is not None:
        wiring.need(settings.master, 'Error: argument "{name}" is wrong: Device does not exist')


def _check_port(wiring: Wiring, name: str, bridge: str, *, is_bridge: bool) -> None:
    """Refuse what can be no port of that bridge: do_set_master() and br_add_if()."""
    if bridge not in wiring.state.bridges:
        raise Refused(NOT_SUPPORTED)
    if is_bridge:
        raise Refused("Error: Can not enslave a bridge to a bridge.")
    if name == "lo":
        raise Refused("RTNETLINK answers: Invalid argument")
    tap = wiring.state.kinds.get(name)
    if isinstance(tap, Tap) and name not in wiring.state.masters:
        _check_end(wiring, tap.device, tap.port)


def _check_end(wiring: Wiring, device: str, port: str) -> None:
    """Refuse to lead a tap to a port that is not there, or leads elsewhere."""
    if wiring.world.link(device, port) is not None:
        raise Refused(f'"{PortRef(device, port)}" has a link already')


def _check_settings(settings: LinkSettings) -> None:
    """Refuse what no interface may have: eth_validate_addr() and dev_validate_mtu()."""
    if settings.mac is not None and (is_multicast(settings.mac) or settings.mac == NO_MAC):
        raise Refused("RTNETLINK answers: Cannot assign requested address")
    if settings.mtu is not None and settings.mtu < MTU_MIN:
        raise Refused("Error: mtu less than device minimum.")
    if settings.mtu is not None and settings.mtu > MTU_MAX:
        raise Refused("Error: mtu greater than device maximum.")


def random_mac(rng: Rng) -> MacAddress:
    """Return a locally administered address: eth_random_addr()."""
    octets = rng.octets(6)
    return MacAddress(bytes([octets[0] & 0xFE | 0x02]) + octets[1:])
