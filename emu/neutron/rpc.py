"""What the parts of the control plane say to each other.

A message's `method` and the names of its arguments are the real ones: neutron/agent/rpc.py and
neutron/plugins/ml2/rpc.py for the RPC of Neutron, its REST API for what people and Nova ask, and
nova/compute/rpcapi.py for Nova's. The answer to a call is a message back with the call's method.
"""

from dataclasses import dataclass
from enum import StrEnum, unique
from ipaddress import IPv4Address
from typing import ClassVar, Protocol

from emu.net.actor import Message, Send
from emu.neutron.blueprint import NetworkPlan, NetworkType, SubnetPlan
from emu.neutron.errors import NeutronError
from emu.neutron.ipam import FixedIp
from emu.neutron.resources import Network, Port, Subnet
from emu.packet.addresses import MacAddress


class Arguments(Protocol):
    """What a message says."""

    @property
    def method(self) -> str:
        """The name of the method that is called."""


def send(sender: str, to: str, arguments: Arguments) -> Send:
    """Return the action that puts a message on the bus."""
    return Send(Message(sender, to, arguments.method, arguments))


@unique
class Topic(StrEnum):
    """What agents listen to: neutron_lib/agent/topics.py. What is cast here reaches them all."""

    PORT_UPDATE = "q-agent-notifier-port-update"
    NETWORK_DELETE = "q-agent-notifier-network-delete"


# --- the agents and the server: q-plugin ---------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class GetDevicesDetailsList:
    """An agent asks about devices that appeared on its host, or whose ports changed."""

    method: ClassVar = "get_devices_details_list"
    devices: tuple[str, ...]
    host: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceDetails:
    """What an agent must know to wire a device."""

    device: str
    port_id: str
    network_id: str
    network_type: NetworkType
    physical_network: str | None
    segmentation_id: int | None
    mtu: int
    mac_address: MacAddress
    fixed_ips: tuple[FixedIp, ...]
    device_owner: str
    admin_state_up: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownDevice:
    """The server knows no port of the device, or none that is bound on that host."""

    device: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DevicesDetailsList:
    """The answer, in the order of the question."""

    method: ClassVar = "get_devices_details_list"
    details: tuple[DeviceDetails | UnknownDevice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateDeviceUp:
    """An agent wired a device."""

    method: ClassVar = "update_device_up"
    device: str
    host: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateDeviceDown:
    """A device is gone, or could not be wired."""

    method: ClassVar = "update_device_down"
    device: str
    host: str


# --- the server to the agents --------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PortUpdate:
    """A bound port changed: `Topic.PORT_UPDATE`."""

    method: ClassVar = "port_update"
    port: Port


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkDelete:
    """A network is gone: `Topic.NETWORK_DELETE`."""

    method: ClassVar = "network_delete"
    network_id: str


# --- the API: people and Nova to the server ------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateNetwork:
    """`openstack network create`, without subnets."""

    method: ClassVar = "create_network"
    network: NetworkPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteNetwork:
    """`openstack network delete`: by name or id, and its subnets with it."""

    method: ClassVar = "delete_network"
    network: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateSubnet:
    """`openstack subnet create --network`, by name or id."""

    method: ClassVar = "create_subnet"
    network: str
    subnet: SubnetPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteSubnet:
    """`openstack subnet delete`: by name or id."""

    method: ClassVar = "delete_subnet"
    subnet: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatePort:
    """`openstack port create --network`, by name or id."""

    method: ClassVar = "create_port"
    name: str
    network: str
    fixed_ip: IPv4Address | None = None
    mac_address: MacAddress | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatePort:
    """`openstack port set`: by name or id; what is not given stays as it is."""

    method: ClassVar = "update_port"
    port: str
    admin_state_up: bool | None = None
    binding_host_id: str = ""
    device_id: str = ""
    device_owner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletePort:
    """`openstack port delete`: by name or id."""

    method: ClassVar = "delete_port"
    port: str


Request = (
    CreateNetwork
    | DeleteNetwork
    | CreateSubnet
    | DeleteSubnet
    | CreatePort
    | UpdatePort
    | DeletePort
)


# --- Nova ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildAndRunInstance:
    """Start a server on this host, its NICs on ports that there are: eth0, eth1, ..."""

    method: ClassVar = "build_and_run_instance"
    instance: str  # its name, and that of its device
    instance_id: str
    ports: tuple[str, ...]  # ids


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminateInstance:
    """Delete a server of this host, and its ports."""

    method: ClassVar = "terminate_instance"
    instance: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalInstanceEvent:
    """Neutron tells Nova that a port is wired."""

    method: ClassVar = "external_instance_event"
    name: str  # network-vif-plugged
    tag: str  # the port's id


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanDevices:
    """Taps came to a host or left it: what the agent sees in /sys/class/net.

    `CommonAgentLoop.scan_devices()` is no RPC: it looks there for itself.
    """

    method: ClassVar = "scan_devices"
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


# --- answers to who asked ------------------------------------------------------------------------

Result = Network | Subnet | Port | NeutronError | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """How a request ended: with what was made or changed, with None, or with an error."""

    request: Request | BuildAndRunInstance | TerminateInstance
    result: Result

    @property
    def method(self) -> str:
        """The method that was called."""
        return self.request.method
