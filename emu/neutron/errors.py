"""What Neutron, or who works for it, answers to a request that it does not fulfil.

The kinds are the class names of the real exceptions and the texts are theirs to the letter:
neutron_lib/exceptions/__init__.py (3.1), neutron/ipam/exceptions.py (21.2), nova/exception.py (26).
Where another program refuses, the kind is its name. The last two kinds are emu's own.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final, Self

from emu.core.errors import EmuError
from emu.neutron.blueprint import Path

MESSAGES: Final[Mapping[str, str]] = {
    # Neutron
    "FlatNetworkInUse": "Unable to create the flat network. "
    "Physical network %(physical_network)s is in use.",
    "GatewayConflictWithAllocationPools": "Gateway ip %(ip_address)s conflicts with "
    "allocation pool %(pool)s.",
    "HTTPBadRequest": "Invalid input for %(attr)s. Reason: %(reason)s.",
    "InvalidAllocationPool": "The allocation pool %(pool)s is not valid.",
    "InvalidInput": "Invalid input for operation: %(error_message)s.",
    "InvalidIpForNetwork": "IP address %(ip_address)s is not a valid IP "
    "for any of the subnets on the specified network.",
    "IpAddressAlreadyAllocated": "IP address %(ip)s already allocated in subnet %(subnet_id)s",
    "IpAddressGenerationFailure": "No more IP addresses available on network %(net_id)s.",
    "IpamValueInvalid": "Gateway IP %(gateway_ip)s cannot be allocated in CIDR %(subnet_cidr)s",
    "MacAddressInUse": "Unable to complete operation for network %(net_id)s. "
    "The mac address %(mac)s is in use.",
    "NetworkInUse": "Unable to complete operation on network %(net_id)s. "
    "There are one or more ports still in use on the network.",
    "NetworkNotFound": "Network %(net_id)s could not be found.",
    "NoNetworkAvailable": "Unable to create the network. "
    "No tenant network is available for allocation.",
    "OutOfBoundsAllocationPool": "The allocation pool %(pool)s spans "
    "beyond the subnet cidr %(subnet_cidr)s.",
    "OverlappingAllocationPools": "Found overlapping allocation pools: "
    "%(pool_1)s %(pool_2)s for subnet %(subnet_cidr)s.",
    "PortNotFound": "Port %(port_id)s could not be found.",
    "SubnetInUse": "Unable to complete operation on subnet %(subnet_id)s: "
    "One or more ports have an IP allocation from this subnet.",
    "SubnetNotFound": "Subnet %(subnet_id)s could not be found.",
    "TunnelIdInUse": "Unable to create the network. The tunnel ID %(tunnel_id)s is in use.",
    "ValueError": "Parsing physical_interface_mappings failed: %(error)s. Agent terminated!",
    "VlanIdInUse": "Unable to create the network. "
    "The VLAN %(vlan_id)s on physical network %(physical_network)s is in use.",
    # Nova
    "ComputeHostNotFound": "Compute host %(host)s could not be found.",
    "InstanceNotFound": "Instance %(instance_id)s could not be found.",
    "PortBindingFailed": "Binding failed for port %(port_id)s, please check neutron "
    "logs for more information.",
    # who works for them
    "libvirtError": "XML error: expected unicast mac address, found multicast '%(mac)s'",
    "ip": "%(error)s",
    # emu
    "NameInUse": '"%(name)s" names %(first)s and %(second)s',
    "NotModelled": "%(what)s: Neutron allows it, emu does not model it yet",
}


OWN: Final = ("ip", "NameInUse", "NotModelled")  # whose kind nobody would look up


class NeutronError(EmuError):
    """A request was refused: `kind` and the text are the real program's.

    `path` leads to the value that is wrong, from the blueprint or from the request; `fix` says what
    was probably meant, and may be empty.
    """

    def __init__(self, kind: str, path: Path = (), *, fix: str = "", **values: object) -> None:
        super().__init__(MESSAGES[kind] % values)
        self.kind = kind
        self.path = path
        self.fix = fix

    @property
    def message(self) -> str:
        """The text."""
        return str(self)

    @property
    def named(self) -> str:
        """The text behind the name of the exception, by which people look it up."""
        return self.message if self.kind in OWN else f"{self.kind}: {self.message}"

    def under(self, *path: str | int) -> Self:
        """Say where the value stands that the path begins with until now."""
        self.path = (*path, *self.path)
        return self


def did_you_mean(name: str, known: tuple[str, ...]) -> str:
    """Return the question that helps who wrote `name` where one of `known` is wanted."""
    if close := get_close_matches(name, known, n=1):
        return f'did you mean "{close[0]}"?'
    return f"known: {', '.join(known)}" if known else ""
