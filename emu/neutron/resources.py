"""Networks, subnets and ports as Neutron's API shows them.

Attributes have the API's names; where it writes `provider:network_type` and `binding:host_id`,
which no Python name can be, they are `provider_network_type` and `binding_host_id`.
"""

from dataclasses import dataclass
from enum import StrEnum, unique
from ipaddress import IPv4Address, IPv4Network
from typing import Final

from emu.neutron.blueprint import NetworkType
from emu.neutron.ipam import FixedIp, Pool
from emu.packet.addresses import MacAddress

COMPUTE_PREFIX: Final = "compute:"  # DEVICE_OWNER_COMPUTE_PREFIX of neutron_lib/constants.py
COMPUTE_OWNER: Final = COMPUTE_PREFIX + "nova"  # the availability zone


@unique
class PortStatus(StrEnum):
    """`status` of a port: constants.PORT_STATUS_... in neutron-lib."""

    DOWN = "DOWN"  # nobody wired it yet, or its tap is gone
    BUILD = "BUILD"  # an agent is wiring it
    ACTIVE = "ACTIVE"


@unique
class VifType(StrEnum):
    """`binding:vif_type`: what its mechanism driver makes of a port."""

    UNBOUND = "unbound"  # no host yet
    BRIDGE = "bridge"
    BINDING_FAILED = "binding_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A network with its one segment."""

    id: str
    name: str
    provider_network_type: NetworkType
    provider_physical_network: str | None
    provider_segmentation_id: int | None
    mtu: int  # octets of an IP packet


@dataclass(frozen=True, slots=True, kw_only=True)
class Subnet:
    """A subnet."""

    id: str
    name: str
    network_id: str
    cidr: IPv4Network
    gateway_ip: IPv4Address | None
    allocation_pools: tuple[Pool, ...]
    enable_dhcp: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """A port."""

    id: str
    name: str
    network_id: str
    mac_address: MacAddress
    fixed_ips: tuple[FixedIp, ...]
    device_id: str = ""  # of the server that it belongs to
    device_owner: str = ""
    admin_state_up: bool = True
    status: PortStatus = PortStatus.DOWN
    binding_host_id: str = ""
    binding_vif_type: VifType = VifType.UNBOUND
