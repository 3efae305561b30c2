"""A cloud: what a blueprint becomes in a network, and who is who in it.

The networks, subnets and ports are in Neutron's database from the start, as if people had asked
for them before the run. What the run shows is how servers start: Nova binds their ports and plugs
their taps, the agents wire them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface
from types import MappingProxyType
from typing import Final

from emu.core.rng import Rng
from emu.core.time import microseconds
from emu.devices.namespace import Namespace
from emu.devices.switch import Switch, Trunk
from emu.host import add_host
from emu.net.actor import Message
from emu.net.link import LinkSettings
from emu.neutron import rpc
from emu.neutron.binding import COMPUTE, has_agent, physical_networks
from emu.neutron.blueprint import Blueprint, HostPlan, ServerPlan
from emu.neutron.client import Client
from emu.neutron.guest import GuestNic, guest_changes
from emu.neutron.ids import Ids
from emu.neutron.linuxbridge import LinuxBridgeAgent
from emu.neutron.names import (
    CLIENT,
    bridge_name,
    linuxbridge_agent,
    nova_compute,
    port_name,
    tap_device_name,
)
from emu.neutron.netdevs import Netdevs
from emu.neutron.nova import NovaCompute
from emu.neutron.plugin import Ml2Plugin
from emu.neutron.resources import Port
from emu.neutron.segment import MAX_VLAN_TAG, MIN_VLAN_TAG
from emu.neutron.server import NeutronServer
from emu.packet.addresses import MacAddress
from emu.sim.network import Network

WIRE: Final = LinkSettings(latency=microseconds(50))  # NIC, cable and switch port: emu's own
NO_WIRES: Final[Mapping[str, LinkSettings]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerPort:
    """One NIC of a server, and what leads there."""

    server: str  # its device has the same name
    netdev: str  # eth0
    network: str
    mac: MacAddress
    ip: IPv4Address | None
    host: str
    tap: str
    bridge: str


class Cloud:
    """The cloud that `blueprint` describes, in which `check` finds no mistake.

    All that is random in reality comes from `rng`.
    """

    def __init__(self, blueprint: Blueprint, rng: Rng) -> None:
        self.client = Client()
        self._blueprint = blueprint
        self._rng = rng
        self._ids = Ids(rng)
        self._plugin = Ml2Plugin(self._ids, hosts=blueprint.hosts, mechanism=blueprint.mechanism)
        self._ports = self._create()
        self.ports = tuple(  # as they are in the beginning, in the order of the blueprint
            [
                self._server_port(server, index)
                for server in blueprint.servers
                for index in range(len(server.nics))
            ]
        )

    def _create(self) -> dict[tuple[str, int], Port]:
        """Make networks, subnets and ports; return the port of each server's NIC."""
        for plan in self._blueprint.networks:
            network = self._plugin.create_network(plan)
            for subnet in plan.subnets:
                self._plugin.create_subnet(network.id, subnet)
        nics = {
            (server.name, index): nic
            for server in self._blueprint.servers
            for index, nic in enumerate(server.nics)
        }
        reserved = [nic.mac_address for nic in nics.values() if nic.mac_address]
        # Differs from Neutron: who asks for an address gets it before others are given what is
        # left, wherever it stands in the file
        for place in sorted(nics, key=lambda place: nics[place].fixed_ip is None):
            nic = nics[place]
            self._plugin.create_port(
                port_name(*place),
                nic.network,
                fixed_ip=nic.fixed_ip,
                mac_address=nic.mac_address,
                reserved=reserved,
            )
        return {place: self._plugin.port(port_name(*place)) for place in nics}

    def _server_port(self, server: ServerPlan, index: int) -> ServerPort:
        port = self._ports[server.name, index]
        return ServerPort(
            server=server.name,
            netdev=f"eth{index}",
            network=self._plugin.network(port.network_id).name,
            mac=port.mac_address,
            ip=port.fixed_ips[0].ip_address if port.fixed_ips else None,
            host=server.host,
            tap=tap_device_name(port.id),
            bridge=bridge_name(port.network_id),
        )

    # --- who is who ------------------------------------------------------------------------------

    def address(self, server: str) -> IPv4Address | None:
        """Return the first address of the server of that name; None if it has none."""
        addresses = (port.ip for port in self.ports if port.server == server and port.ip)
        return next(addresses, None)

    def address_names(self) -> dict[IPv4Address, str]:
        """Return whose each address is, those left out that several servers have."""
        owners: dict[IPv4Address, str] = {}
        shared: dict[IPv4Address, None] = {}
        for port in self.ports:
            if port.ip is not None and owners.setdefault(port.ip, port.server) != port.server:
                shared[port.ip] = None
        return {ip: server for ip, server in owners.items() if ip not in shared}

    # --- devices ---------------------------------------------------------------------------------

    def build(self, network: Network, wires: Mapping[str, LinkSettings] = NO_WIRES) -> None:
        """Put switches, hosts, guests and actors into `network`, and let Nova start the servers.

        All is plugged when no message is in flight any more. `wires` says how those of a physical
        network are; the others are as `WIRE`.
        """
        for physnet in physical_networks(self._blueprint.hosts):
            network.add(self._switch(physnet))
        for host in self._blueprint.hosts:
            self._add_host(network, host, wires)
        for server in self._blueprint.servers:
            self._add_guest(network, server)
        self._add_actors(network)
        for server in self._blueprint.servers:
            network.send(self._start(server))

    def _switch(self, physnet: str) -> Switch:
        """Return the switch of a physical network: a trunk port for each host, named after it.

        What has no tag travels in the native VLAN: the first one that no network has.
        """
        networks = self._blueprint.networks
        used = [plan.segmentation_id for plan in networks if plan.physical_network == physnet]
        free = (vid for vid in range(MIN_VLAN_TAG, MAX_VLAN_TAG + 1) if vid not in used)
        trunk = Trunk(native=next(free, None))
        hosts = [host.name for host in self._blueprint.hosts if physnet in dict(host.nics).values()]
        return Switch(physnet, ports=dict.fromkeys(hosts, trunk))

    def _add_host(
        self, network: Network, host: HostPlan, wires: Mapping[str, LinkSettings]
    ) -> None:
        nics = [(netdev, self._ids.nic_mac(host.name, netdev)) for netdev, _ in host.nics]
        add_host(network, host.name, rng=self._rng.stream("host", host.name), nics=nics)
        for netdev, physnet in host.nics:
            ends = (host.name, netdev), (physnet, host.name)
            network.connect(*ends, wires.get(physnet, WIRE))

    def _add_guest(self, network: Network, server: ServerPlan) -> None:
        """Add the namespace of a VM. Its NICs have no links yet."""
        network.add(Namespace(server.name, rng=self._rng.stream("guest", server.name)))
        nics = [self._guest_nic(server, index) for index in range(len(server.nics))]
        for change in guest_changes(nics):
            network.configure(server.name, change)

    def _guest_nic(self, server: ServerPlan, index: int) -> GuestNic:
        port = self._ports[server.name, index]
        interface = gateway = None
        for fixed_ip in port.fixed_ips:
            subnet = self._plugin.subnet(fixed_ip.subnet_id)
            interface = IPv4Interface((fixed_ip.ip_address, subnet.cidr.prefixlen))
            gateway = subnet.gateway_ip
        return GuestNic(
            name=f"eth{index}",
            mac=port.mac_address,
            mtu=self._plugin.network(port.network_id).mtu,
            interface=interface,
            gateway=gateway,
        )

    # --- actors ----------------------------------------------------------------------------------

    def _add_actors(self, network: Network) -> None:
        hosts = [host for host in self._blueprint.hosts if has_agent(host)]
        agents = tuple([linuxbridge_agent(host.name) for host in hosts])
        network.add_actor(self.client)
        network.add_actor(NeutronServer(self._plugin, dict.fromkeys(rpc.Topic, agents)))
        for host in hosts:
            netdevs = Netdevs(host.name, tuple([netdev for netdev, _ in host.nics]))
            network.add_actor(LinuxBridgeAgent(host, netdevs))
            if COMPUTE in host.roles:
                network.add_actor(NovaCompute(host.name, netdevs))

    def _start(self, server: ServerPlan) -> Message:
        ports = [self._ports[server.name, index].id for index in range(len(server.nics))]
        request = rpc.BuildAndRunInstance(
            instance=server.name,
            instance_id=self._ids.uuid("server", server.name),
            ports=tuple(ports),
        )
        return Message(CLIENT, nova_compute(server.host), request.method, request)
