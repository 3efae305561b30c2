"""What a cloud is to be: the finished values that a scenario hands to Neutron.

Shapes and types are right by construction; what they mean together is for `check` to judge. A
mistake names its place by the path through these values, as in `("networks", "vlan100",
"subnets", 0, "gateway_ip")`: the keys of the scenario file.
"""

from dataclasses import dataclass
from enum import StrEnum, unique
from ipaddress import IPv4Address, IPv4Network

from emu.packet.frame import MacAddress

Path = tuple[str | int, ...]


@unique
class Mechanism(StrEnum):
    """A mechanism driver of ML2."""

    LINUXBRIDGE = "linuxbridge"
    OPENVSWITCH = "openvswitch"


@unique
class NetworkType(StrEnum):
    """`provider:network_type`."""

    LOCAL = "local"
    FLAT = "flat"
    VLAN = "vlan"
    VXLAN = "vxlan"
    GRE = "gre"


@dataclass(frozen=True, slots=True, kw_only=True)
class HostPlan:
    """A hypervisor or network node."""

    name: str
    roles: tuple[str, ...] = ("compute",)
    nics: tuple[tuple[str, str], ...] = ()  # (netdev, physical network): interface mappings


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolPlan:
    """One of `allocation_pools`."""

    start: IPv4Address
    end: IPv4Address


@dataclass(frozen=True, slots=True, kw_only=True)
class SubnetPlan:
    """A subnet. Where `gateway` is True and no `gateway_ip` given, it is the first address."""

    cidr: IPv4Network
    name: str = ""
    gateway: bool = True  # False: `gateway_ip: null`, the subnet has no gateway
    gateway_ip: IPv4Address | None = None
    allocation_pools: tuple[PoolPlan, ...] = ()  # none: all but the gateway
    enable_dhcp: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkPlan:
    """A network with its provider attributes."""

    name: str
    type: NetworkType
    physical_network: str | None = None
    segmentation_id: int | None = None
    mtu: int | None = None  # None: what Neutron computes
    subnets: tuple[SubnetPlan, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NicPlan:
    """One NIC of a server: a port. Without `fixed_ip`, IPAM picks; without subnet, none."""

    network: str
    fixed_ip: IPv4Address | None = None
    mac_address: MacAddress | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerPlan:
    """A virtual machine; its NICs are eth0, eth1, ..."""

    name: str
    host: str
    nics: tuple[NicPlan, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Blueprint:
    """A whole cloud."""

    mechanism: Mechanism = Mechanism.LINUXBRIDGE
    hosts: tuple[HostPlan, ...] = ()
    networks: tuple[NetworkPlan, ...] = ()
    servers: tuple[ServerPlan, ...] = ()
