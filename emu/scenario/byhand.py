"""Devices and links made by hand: from the shapes of the file to devices in a network."""

from collections.abc import Mapping

from emu.catalog import CATALOG
from emu.core.rng import Rng
from emu.devices.namespace import Namespace
from emu.devices.namespace.changes import AddAddress, AddNetdev, SetNetdev
from emu.host import LinuxHost, add_host
from emu.net.changes import AddPort
from emu.packet.addresses import MacAddress
from emu.scenario import devices as shapes
from emu.scenario.links import Cable
from emu.sim.network import Network

LOCALLY_ADMINISTERED = b"\x02"  # IEEE 802-2014, 8.4: an address that nobody was sold
PLAIN = shapes.Nic.model_validate({})


def build(
    network: Network,
    devices: Mapping[str, shapes.Device],
    cables: tuple[Cable, ...],
    rng: Rng,
) -> None:
    """Add `devices`, join them by `cables`, then type their routes and commands."""
    for name, device in devices.items():
        ports = [port for cable in cables for owner, port in cable.sockets() if owner == name]
        _add(network, name, device, tuple(dict.fromkeys(ports)), rng)
    for cable in cables:
        plug(network, cable, rng)
    for name, device in devices.items():
        for command in device.typed():
            network.execute(name, command)


def plug(network: Network, cable: Cable, rng: Rng) -> None:
    """Join two ports; one that is not there yet is made, as a NIC or a module is put in."""
    for owner, port in cable.sockets():
        device = network.device(owner)
        if isinstance(device, Namespace):
            if all(netdev.name != port for netdev in device.netdevs()):
                network.configure(owner, AddNetdev(name=port, mac=derived_mac(rng, owner, port)))
        elif port not in device.ports:
            network.configure(owner, AddPort(port=port))
    a, b = cable.sockets()
    network.connect(a, b, cable.settings())


def derived_mac(rng: Rng, device: str, netdev: str) -> MacAddress:
    """Return the MAC address of a NIC to which the file gives none."""
    return MacAddress(LOCALLY_ADMINISTERED + rng.stream("nic", device, netdev).octets(5))


def _add(
    network: Network, name: str, device: shapes.Device, ports: tuple[str, ...], rng: Rng
) -> None:
    if not isinstance(device, shapes.Namespace | shapes.Host):
        kind = CATALOG.find(device.kind)
        stream = rng.stream("device", name)
        network.add(kind.build(name, ports=ports, rng=stream, **device.settings()))
        return
    nics = dict.fromkeys((*device.nics, *ports), PLAIN) | dict(device.nics)
    macs = {
        netdev: nic.mac_address or derived_mac(rng, name, netdev) for netdev, nic in nics.items()
    }
    if isinstance(device, shapes.Host):
        add_host(network, name, rng=rng.stream("host", name), nics=tuple(macs.items()))
    else:
        network.add(Namespace(name, rng=rng.stream("namespace", name)))
        network.add_host(LinuxHost(name, rng=rng.stream("commands", name)))
        for netdev, mac in macs.items():
            network.configure(name, AddNetdev(name=netdev, mac=mac))
    for netdev, nic in nics.items():
        if nic.mtu is not None:
            network.configure(name, SetNetdev(name=netdev, mtu=nic.mtu))
        for interface in device.addresses_of(netdev, is_first=netdev == next(iter(nics))):
            network.configure(name, AddAddress(name=netdev, interface=interface))
