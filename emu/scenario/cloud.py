"""The cloud of a scenario file: hosts, networks and servers, in the words of the Neutron API.

Only shapes are judged here. What they mean together is for `emu.neutron.check` to say, which is
handed the `Blueprint` that they become; the paths in its mistakes are the keys of the file.
"""

from enum import StrEnum, unique
from ipaddress import IPv4Address
from typing import Annotated

from pydantic import Field, PlainValidator, WithJsonSchema

from emu.neutron.blueprint import (
    Blueprint,
    HostPlan,
    Mechanism,
    NetworkPlan,
    NetworkType,
    NicPlan,
    PoolPlan,
    ServerPlan,
    SubnetPlan,
)
from emu.scenario.links import Carriage
from emu.scenario.shape import Shape
from emu.scenario.texts import (
    Address,
    Cidr,
    Flag,
    Mac,
    Name,
    Natural,
    Netdev,
    Positive,
    Prose,
    address,
    one_of,
    words_of,
)


@unique
class Role(StrEnum):
    """What a host does in the cloud."""

    COMPUTE = "compute"
    NETWORK = "network"


OneRole = Annotated[Role, PlainValidator(one_of(Role)), WithJsonSchema(words_of(Role))]
OneMechanism = Annotated[
    Mechanism, PlainValidator(one_of(Mechanism)), WithJsonSchema(words_of(Mechanism))
]
OneType = Annotated[
    NetworkType, PlainValidator(one_of(NetworkType)), WithJsonSchema(words_of(NetworkType))
]


def gateway(value: object) -> IPv4Address | None:
    """Return an address, or None for null."""
    return None if value is None else address(value)


Gateway = Annotated[
    IPv4Address | None,
    PlainValidator(gateway),
    WithJsonSchema({"type": ["string", "null"], "format": "ipv4"}),
]


class PhysicalNetwork(Carriage):
    """The wires of a physical network: each joins a host's NIC to its switch."""


class Host(Shape):
    """A hypervisor or network node."""

    roles: tuple[OneRole, ...] = Field(
        (Role.COMPUTE,), description="What it does: compute, network, or both."
    )
    nics: dict[Netdev, Name] = Field(
        {},
        description="Its NICs, and the physical network that each leads to: {eth1: physnet1}, the "
        "physical_interface_mappings of the agent.",
    )

    def plan(self, name: str) -> HostPlan:
        """Return what Neutron knows of it."""
        return HostPlan(name=name, roles=self.roles, nics=tuple(self.nics.items()))


class Pool(Shape):
    """A range of addresses that Neutron may give away, both ends included."""

    start: Address = Field(description="The first address.")
    end: Address = Field(description="The last address.")


class Subnet(Shape):
    """A subnet of a network."""

    cidr: Cidr = Field(description="Its prefix, as in 172.16.100.0/24.")
    name: Prose = Field("", description="Its name, for people.")
    gateway_ip: Gateway = Field(
        None,
        description="The gateway that its guests get; the first address if the key is absent, "
        "none if it is null.",
    )
    allocation_pools: tuple[Pool, ...] = Field(
        (), description="What Neutron may give away; all but the gateway if absent."
    )
    enable_dhcp: Flag = Field(False, description="Whether a DHCP server serves it.")

    def plan(self) -> SubnetPlan:
        """Return what Neutron knows of it."""
        return SubnetPlan(
            cidr=self.cidr,
            name=self.name,
            gateway=self.gateway_ip is not None or "gateway_ip" not in self.model_fields_set,
            gateway_ip=self.gateway_ip,
            allocation_pools=tuple(
                [PoolPlan(start=pool.start, end=pool.end) for pool in self.allocation_pools]
            ),
            enable_dhcp=self.enable_dhcp,
        )


class Network(Shape):
    """A network with its provider attributes."""

    type: OneType = Field(description="How its frames travel between hosts.")
    physical_network: Name | None = Field(
        None, description="The physical network that carries it: for flat and vlan."
    )
    segmentation_id: Natural | None = Field(
        None, description="Its VLAN id, 1 to 4094, or its VNI or GRE key."
    )
    mtu: Positive | None = Field(
        None, description="Octets of its IP packets; what Neutron computes if absent."
    )
    subnets: tuple[Subnet, ...] = Field((), description="Its subnets.")

    def plan(self, name: str) -> NetworkPlan:
        """Return what Neutron knows of it."""
        return NetworkPlan(
            name=name,
            type=self.type,
            physical_network=self.physical_network,
            segmentation_id=self.segmentation_id,
            mtu=self.mtu,
            subnets=tuple([subnet.plan() for subnet in self.subnets]),
        )


class Nic(Shape):
    """A NIC of a server: a port of Neutron."""

    network: Name = Field(description="The network that it is in.")
    fixed_ip: Address | None = Field(None, description="Its address; Neutron picks if absent.")
    mac_address: Mac | None = Field(
        None, description="Its MAC address; derived from the seed if absent: fa:16:3e:..."
    )


class Server(Shape):
    """A virtual machine. Its NICs are eth0, eth1, ..."""

    host: Name = Field(description="The host that it runs on.")
    nics: tuple[Nic, ...] = Field(
        description="Its NICs, in order: [{network: vlan100, fixed_ip: 172.16.100.3}]."
    )

    def plan(self, name: str) -> ServerPlan:
        """Return what Neutron knows of it."""
        nics = [
            NicPlan(network=nic.network, fixed_ip=nic.fixed_ip, mac_address=nic.mac_address)
            for nic in self.nics
        ]
        return ServerPlan(name=name, host=self.host, nics=tuple(nics))


class Cloud(Shape):
    """The keys of a scenario file that describe its cloud."""

    mechanism: OneMechanism = Field(
        Mechanism.LINUXBRIDGE, description="The mechanism driver: what the agents build with."
    )
    physical_networks: dict[Name, PhysicalNetwork] = Field(
        {}, description="How the wires of physical networks are; latency 50us where it is not said."
    )
    hosts: dict[Name, Host] = Field({}, description="The hypervisors and network nodes, by name.")
    networks: dict[Name, Network] = Field({}, description="The networks, by name.")
    servers: dict[Name, Server] = Field({}, description="The virtual machines, by name.")

    def blueprint(self) -> Blueprint:
        """Return the cloud that Neutron is to build."""
        return Blueprint(
            mechanism=self.mechanism,
            hosts=tuple([host.plan(name) for name, host in self.hosts.items()]),
            networks=tuple([network.plan(name) for name, network in self.networks.items()]),
            servers=tuple([server.plan(name) for name, server in self.servers.items()]),
        )
