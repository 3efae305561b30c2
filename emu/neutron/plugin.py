"""Neutron's database and the rules by which requests change it: the ML2 plugin.

Models: neutron/plugins/ml2/plugin.py and neutron/db/db_base_plugin_v2.py.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from ipaddress import IPv4Address
from typing import TypeVar

from emu.neutron.binding import binding_failure, physical_networks
from emu.neutron.blueprint import HostPlan, Mechanism, NetworkPlan, SubnetPlan
from emu.neutron.errors import NeutronError
from emu.neutron.ids import Ids
from emu.neutron.ipam import FixedIp, Ipam
from emu.neutron.names import tap_device_name
from emu.neutron.port import mac_mistakes
from emu.neutron.resources import Network, Port, PortStatus, Subnet, VifType
from emu.neutron.segment import Segment, max_mtu, segment_mistakes
from emu.neutron.subnet import allocation_pools, gateway_ip, subnet_mistakes
from emu.packet.addresses import MacAddress

Resource = TypeVar("Resource", Network, Subnet, Port)


class Ml2Plugin:
    """Networks, subnets and ports. Who raises `NeutronError` has changed nothing."""

    def __init__(self, ids: Ids, *, hosts: tuple[HostPlan, ...], mechanism: Mechanism) -> None:
        self._ids = ids
        self._hosts = {host.name: host for host in hosts}
        self._physical_networks = physical_networks(hosts)
        self._mechanism = mechanism
        self._networks: dict[str, Network] = {}
        self._subnets: dict[str, Subnet] = {}
        self._ports: dict[str, Port] = {}
        self._ipam: dict[str, Ipam] = {}  # by network

    # --- networks and subnets --------------------------------------------------------------------

    def network(self, name: str) -> Network:
        """Return the network of that id or name."""
        if (found := _find(self._networks, name)) is None:
            raise NeutronError("NetworkNotFound", net_id=name)
        return found

    def create_network(self, plan: NetworkPlan) -> Network:
        """Make a network, without the subnets of `plan`."""
        in_use = {segment_of(network): network.name for network in self._networks.values()}
        _raise_first(segment_mistakes(plan, self._physical_networks, in_use))
        segment = Segment.of(plan)
        network = Network(
            id=self._ids.uuid("network", plan.name, taken=self._networks),
            name=plan.name,
            provider_network_type=segment.network_type,
            provider_physical_network=segment.physical_network,
            provider_segmentation_id=segment.segmentation_id,
            mtu=plan.mtu or max_mtu(plan.type),
        )
        self._networks[network.id] = network
        self._ipam[network.id] = Ipam(network.id)
        return network

    def delete_network(self, name: str) -> Network:
        """Delete a network and its subnets; it may have no ports."""
        network = self.network(name)
        if any(port.network_id == network.id for port in self._ports.values()):
            raise NeutronError("NetworkInUse", net_id=network.id)
        for subnet in self.subnets_of(network.id):
            del self._subnets[subnet.id]
        del self._networks[network.id], self._ipam[network.id]
        return network

    def subnet(self, name: str) -> Subnet:
        """Return the subnet of that id or name."""
        if (found := _find(self._subnets, name)) is None:
            raise NeutronError("SubnetNotFound", subnet_id=name)
        return found

    def subnets_of(self, network_id: str) -> tuple[Subnet, ...]:
        """Return the subnets of a network, oldest first."""
        subnets = self._subnets.values()
        return tuple([subnet for subnet in subnets if subnet.network_id == network_id])

    def create_subnet(self, network_name: str, plan: SubnetPlan) -> Subnet:
        """Make a subnet of a network."""
        network = self.network(network_name)
        others = [other.cidr for other in self.subnets_of(network.id)]
        _raise_first(subnet_mistakes(plan, network.id, others))
        subnet = Subnet(
            id=self._ids.uuid("subnet", network.name, str(plan.cidr), taken=self._subnets),
            name=plan.name,
            network_id=network.id,
            cidr=plan.cidr,
            gateway_ip=gateway_ip(plan),
            allocation_pools=allocation_pools(plan),
            enable_dhcp=plan.enable_dhcp,
        )
        self._subnets[subnet.id] = subnet
        self._ipam[network.id].add_subnet(subnet.id, subnet.cidr, subnet.allocation_pools)
        return subnet

    def delete_subnet(self, name: str) -> Subnet:
        """Delete a subnet; no port may have an address of it."""
        subnet = self.subnet(name)
        self._ipam[subnet.network_id].remove_subnet(subnet.id)
        del self._subnets[subnet.id]
        return subnet

    # --- ports -----------------------------------------------------------------------------------

    def port(self, name: str) -> Port:
        """Return the port of that id or name."""
        if (found := _find(self._ports, name)) is None:
            raise NeutronError("PortNotFound", port_id=name)
        return found

    def port_of_device(self, device: str) -> Port | None:
        """Return the port of a tap, whose name holds the beginning of an id."""
        ports = (port for port in self._ports.values() if tap_device_name(port.id) == device)
        return next(ports, None)

    def create_port(
        self,
        name: str,
        network_name: str,
        *,
        fixed_ip: IPv4Address | None = None,
        mac_address: MacAddress | None = None,
        reserved: Iterable[MacAddress] = (),
    ) -> Port:
        """Make a port that no host has yet; IPAM and Neutron pick what is not asked for.

        No MAC is picked that is among `reserved`.
        """
        network = self.network(network_name)
        macs = {
            port.mac_address: port.name
            for port in self._ports.values()
            if port.network_id == network.id
        }
        _raise_first(mac_mistakes(mac_address, network.id, macs))
        ipam = self._ipam[network.id]
        if fixed_ip is not None:
            address: FixedIp | None = ipam.allocate(fixed_ip, name)
        else:
            address = ipam.allocate_any(name, self._ids.stream("ipam", name))
        port = Port(
            id=self._ids.uuid("port", name, taken=self._ports),
            name=name,
            network_id=network.id,
            mac_address=mac_address or self._ids.port_mac(name, {*macs, *reserved}),
            fixed_ips=(address,) if address else (),
        )
        self._ports[port.id] = port
        return port

    def update_port(
        self,
        name: str,
        *,
        admin_state_up: bool | None = None,
        binding_host_id: str = "",
        device_id: str = "",
        device_owner: str = "",
    ) -> Port:
        """Change of a port what is given; bind it if it has a host now."""
        port = self.port(name)
        changed = replace(
            port,
            admin_state_up=port.admin_state_up if admin_state_up is None else admin_state_up,
            binding_host_id=binding_host_id or port.binding_host_id,
            device_id=device_id or port.device_id,
            device_owner=device_owner or port.device_owner,
        )
        return self._keep(self._bind(changed))

    def set_port_status(self, port: Port, status: PortStatus) -> Port:
        """Note what an agent said of a port."""
        return self._keep(replace(port, status=status))

    def delete_port(self, name: str) -> Port:
        """Delete a port; its addresses are free again."""
        port = self.port(name)
        for address in port.fixed_ips:
            self._ipam[port.network_id].release(address)
        del self._ports[port.id]
        return port

    def _bind(self, port: Port) -> Port:
        """As _bind_port_if_needed(): a port that is bound stays so."""
        if not port.binding_host_id or port.binding_vif_type is VifType.BRIDGE:
            return port
        host = self._hosts.get(port.binding_host_id)
        segment = segment_of(self._networks[port.network_id])
        if host is None or binding_failure(self._mechanism, segment, host):
            return replace(port, binding_vif_type=VifType.BINDING_FAILED)
        return replace(port, binding_vif_type=VifType.BRIDGE)

    def _keep(self, port: Port) -> Port:
        self._ports[port.id] = port
        return port


def segment_of(network: Network) -> Segment:
    """Return the provider attributes of `network`."""
    return Segment(
        network_type=network.provider_network_type,
        physical_network=network.provider_physical_network,
        segmentation_id=network.provider_segmentation_id,
    )


def _find(resources: Mapping[str, Resource], name: str) -> Resource | None:
    named = (resource for resource in resources.values() if resource.name == name)
    return resources.get(name) or next(named, None)


def _raise_first(mistakes: Iterator[NeutronError]) -> None:
    for mistake in mistakes:
        raise mistake
