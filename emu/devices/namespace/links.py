"""What `ip link` does to netdevs.

Models:          net/core/rtnetlink.c, do_setlink(); net/8021q/vlan.c, vlan_device_event(): a VLAN
                 goes up and down with its parent, follows its MAC, and has no greater MTU.
Does not model:  carrier, renaming, moving to another namespace, VLANs of 802.1ad.
"""

from ipaddress import IPv4Interface

from emu.core.errors import Refused
from emu.devices.namespace.addresses import Addresses
from emu.devices.namespace.changes import (
    AddNetdev,
    AddVlan,
    DeleteNetdev,
    SetMaster,
    SetNetdev,
)
from emu.devices.namespace.neigh import Neighbours
from emu.devices.namespace.net import Net
from emu.devices.namespace.netdev import Netdev
from emu.devices.namespace.turn import Turn
from emu.net.names import dev_valid_name
from emu.packet.addresses import NO_MAC, MacAddress, is_multicast

ETH_MIN_MTU = 68
ETH_MAX_MTU = 65535


class Links:
    """The netdevs of a namespace, as `ip link` changes them."""

    def __init__(self, net: Net, neighbours: Neighbours, addresses: Addresses) -> None:
        self._net = net
        self._neighbours = neighbours
        self._addresses = addresses
        self._index = 0

    def find(self, name: str) -> Netdev:
        """Return the netdev of that name."""
        if (netdev := self._net.netdevs.get(name)) is None:
            raise Refused(f'Cannot find device "{name}"')
        return netdev

    def add(self, change: AddNetdev) -> None:
        """Add a netdev with a port of its own."""
        self._check_name(change.name)
        _check_mac(change.mac)
        _check_mtu(change.mtu)
        netdev = self._register(change.name, change.mac, change.mtu, up=change.up)
        netdev.is_of_bridge = change.of_bridge

    def add_loopback(self) -> None:
        """Add `lo`, which every namespace has."""
        lo = self._register("lo", NO_MAC, 65536, up=True)
        lo.is_loopback = True
        self._addresses.add(lo, IPv4Interface("127.0.0.1/8"))

    def add_vlan(self, change: AddVlan) -> None:
        """Add a VLAN."""
        parent = self.find(change.parent)
        self._check_name(change.name)
        if not 0 <= change.vid < 4095:
            raise Refused("Error: 8021q: Invalid VLAN id.")
        if change.vid in parent.children:
            raise Refused("Error: 8021q: VLAN device already exists.")
        child = self._register(change.name, parent.mac, parent.mtu, up=False)
        child.become_vlan(parent, change.vid)

    def delete(self, turn: Turn, change: DeleteNetdev) -> None:
        """Take a netdev out, with all that depends on it."""
        netdev = self.find(change.name)
        if netdev.is_loopback:
            raise Refused("RTNETLINK answers: Operation not supported")
        self._unregister(turn, netdev)

    def set(self, turn: Turn, change: SetNetdev) -> None:
        """Change MAC, MTU, and whether it is up."""
        netdev = self.find(change.name)
        if change.mac is not None:
            _check_mac(change.mac)
        if change.mtu is not None:
            _check_mtu(change.mtu)
            if netdev.parent is not None and change.mtu > netdev.parent.mtu:
                raise Refused("RTNETLINK answers: Numerical result out of range")
        if change.up and netdev.parent is not None and not netdev.parent.up:
            raise Refused("RTNETLINK answers: Network is down")
        if change.mac is not None and change.mac != netdev.mac:
            netdev.has_own_mac = True
            self._set_mac(turn, netdev, change.mac)
        if change.mtu is not None:
            _set_mtu(netdev, change.mtu)
        if change.up is not None:
            self._set_up(turn, netdev, up=change.up)

    def set_master(self, change: SetMaster) -> None:
        """Enslave a netdev, or free it."""
        netdev = self.find(change.name)
        if netdev.is_loopback:
            raise Refused("RTNETLINK answers: Invalid argument")
        netdev.enslave(change.master)

    # --- inside ----------------------------------------------------------------------------------

    def _check_name(self, name: str) -> None:
        if name in self._net.netdevs:
            raise Refused("RTNETLINK answers: File exists")
        if not dev_valid_name(name):
            raise Refused(f'Error: argument "{name}" is wrong: "name" not a valid ifname')

    def _register(self, name: str, mac: MacAddress, mtu: int, *, up: bool) -> Netdev:
        self._index += 1
        netdev = self._net.netdevs[name] = Netdev(name, self._index, mac, mtu, up=up)
        self._net.sysctl.add_netdev(name)
        self._net.neighbours.set_netdev(name, self._net.sysctl.neigh(name))
        return netdev

    def _unregister(self, turn: Turn, netdev: Netdev) -> None:
        for child in list(netdev.children.values()):
            self._unregister(turn, child)
        if netdev.parent is not None:
            del netdev.parent.children[netdev.vid]
        self._neighbours.carry_out(turn, self._net.neighbours.remove_netdev(netdev.name))
        netdev.addresses = ()
        self._addresses.sync(netdev)
        self._net.sysctl.remove_netdev(netdev.name)
        del self._net.netdevs[netdev.name]

    def _set_mac(self, turn: Turn, netdev: Netdev, mac: MacAddress) -> None:
        netdev.mac = mac
        self._flush(turn, netdev)
        for child in netdev.children.values():
            if not child.has_own_mac:
                self._set_mac(turn, child, mac)

    def _set_up(self, turn: Turn, netdev: Netdev, *, up: bool) -> None:
        if netdev.up != up:
            netdev.up = up
            self._addresses.sync(netdev)
            if not up:
                self._flush(turn, netdev)
            for child in netdev.children.values():  # NETDEV_UP wakes even those that never were up
                self._set_up(turn, child, up=up)

    def _flush(self, turn: Turn, netdev: Netdev) -> None:
        """Forget the neighbours: neigh_changeaddr(), neigh_ifdown()."""
        self._neighbours.carry_out(turn, self._net.neighbours.flush(netdev.name))


def _set_mtu(netdev: Netdev, mtu: int) -> None:
    netdev.mtu = mtu
    for child in netdev.children.values():
        if child.mtu > mtu:
            _set_mtu(child, mtu)


def _check_mac(mac: MacAddress) -> None:
    if is_multicast(mac) or mac == NO_MAC:  # eth_prepare_mac_addr_change()
        raise Refused("RTNETLINK answers: Cannot assign requested address")


def _check_mtu(mtu: int) -> None:
    if mtu < ETH_MIN_MTU:
        raise Refused("Error: mtu less than device minimum.")
    if mtu > ETH_MAX_MTU:
        raise Refused("Error: mtu greater than device maximum.")
