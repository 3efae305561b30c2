"""What is set in a guest when it starts: addresses and a default route, as cloud-init would.

The guest of a scenario knows its addresses beforehand; DHCP would tell it the same.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Final

from emu.devices.namespace.changes import AddAddress, AddNetdev, AddRoute, Change
from emu.packet.addresses import MacAddress

ANYWHERE: Final = IPv4Network("0.0.0.0/0")


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestNic:
    """A NIC of a guest."""

    name: str
    mac: MacAddress
    mtu: int
    interface: IPv4Interface | None  # its address and how long the prefix is
    gateway: IPv4Address | None


def guest_changes(nics: Sequence[GuestNic]) -> Iterator[Change]:
    """Yield what makes a namespace the guest that has `nics`."""
    for nic in nics:
        yield AddNetdev(name=nic.name, mac=nic.mac, mtu=nic.mtu)
        if nic.interface is not None:
            yield AddAddress(name=nic.name, interface=nic.interface)
    for nic in nics:
        # who has the gateway's address is the gateway, and needs none
        if nic.interface and nic.gateway and nic.gateway != nic.interface.ip:
            if nic.gateway not in nic.interface.network:  # say first that it is on the link
                yield AddRoute(destination=IPv4Network(nic.gateway), name=nic.name)
            yield AddRoute(destination=ANYWHERE, via=nic.gateway, name=nic.name)
            return  # one default route is enough: that of the first NIC that has one
