"""Blueprints in few words, for the tests of Neutron."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

from emu.neutron.blueprint import (
    Blueprint,
    HostPlan,
    NetworkPlan,
    NetworkType,
    NicPlan,
    PoolPlan,
    ServerPlan,
    SubnetPlan,
)
from emu.neutron.validation import check
from emu.packet.addresses import parse_mac


def host(name: str, nics: str = "eth1:physnet1", roles: str = "compute") -> HostPlan:
    """Return a host; `nics` are NETDEV:PHYSICAL_NETWORK, separated by blanks."""
    pairs = [nic.rsplit(":", 1) for nic in nics.split()]
    return HostPlan(
        name=name,
        roles=tuple(roles.split()),
        nics=tuple([(netdev, physnet) for netdev, physnet in pairs]),
    )


def subnet(
    cidr: str, gateway: str = "", pools: str = "", *, name: str = "", dhcp: bool = False
) -> SubnetPlan:
    """Return a subnet; `gateway` is an address, `none` or left out; pools are START-END."""
    return SubnetPlan(
        cidr=IPv4Network(cidr),
        name=name,
        gateway=gateway != "none",
        gateway_ip=IPv4Address(gateway) if gateway not in ("", "none") else None,
        allocation_pools=tuple(
            [
                PoolPlan(start=IPv4Address(start), end=IPv4Address(end))
                for start, end in [pool.split("-") for pool in pools.split()]
            ]
        ),
        enable_dhcp=dhcp,
    )


def network(
    name: str,
    type: str,
    *subnets: SubnetPlan,
    physnet: str | None = None,
    vid: int | None = None,
    mtu: int | None = None,
) -> NetworkPlan:
    """Return a network."""
    return NetworkPlan(
        name=name,
        type=NetworkType(type),
        physical_network=physnet,
        segmentation_id=vid,
        mtu=mtu,
        subnets=subnets,
    )


def vlan(name: str, vid: int, *subnets: SubnetPlan) -> NetworkPlan:
    """Return a VLAN network on physnet1."""
    return network(name, "vlan", *subnets, physnet="physnet1", vid=vid)


def server(name: str, host: str, *nics: str) -> ServerPlan:
    """Return a server; each NIC is NETWORK, or NETWORK ADDRESS, or NETWORK ADDRESS MAC."""
    return ServerPlan(name=name, host=host, nics=tuple(map(nic, nics)))


def nic(text: str) -> NicPlan:
    """Return a NIC; `-` for an address is none."""
    network, address, mac, *_ = [*text.split(), "-", "-"]
    return NicPlan(
        network=network,
        fixed_ip=None if address == "-" else IPv4Address(address),
        mac_address=None if mac == "-" else parse_mac(mac),
    )


HOSTS = (host("controller", roles="network compute"), host("compute1"))
NETWORKS = (
    vlan("vlan100", 100, subnet("172.16.100.0/24", "172.16.100.1")),
    vlan("vlan101", 101, subnet("172.16.101.0/24", "172.16.101.1")),
)
SERVERS = (
    server("cirros-vm1", "controller", "vlan100 172.16.100.3"),
    server("cirros-vm2", "compute1", "vlan100 172.16.100.4"),
    server("cirros-vm3", "compute1", "vlan101 172.16.101.3"),
)
LB_VLAN = Blueprint(hosts=HOSTS, networks=NETWORKS, servers=SERVERS)


def cloud(
    *networks: NetworkPlan,
    hosts: tuple[HostPlan, ...] = HOSTS,
    servers: tuple[ServerPlan, ...] = (),
) -> Blueprint:
    """Return a cloud with Linux bridges."""
    return Blueprint(hosts=hosts, networks=networks, servers=servers)


def one_network(type: str, **attributes: object) -> Blueprint:
    """Return a cloud with a network `net` and two physical networks."""
    plan = replace(network("net", type), **attributes)  # type: ignore[arg-type]
    return cloud(plan, hosts=(host("compute1", "eth1:physnet1 eth2:physnet2"),))


def one_subnet(cidr: str, gateway: str = "", pools: str = "") -> Blueprint:
    """Return a cloud with a subnet of the network `net`."""
    return cloud(network("net", "local", subnet(cidr, gateway, pools)))


def one_server(*nics: str, where: str = "compute1") -> Blueprint:
    """Return a cloud with a server `vm1` and the networks vlan100 and vlan101."""
    return cloud(*NETWORKS, servers=(server("vm1", where, *nics),))


def mistakes(blueprint: Blueprint) -> list[str]:
    """Return each mistake as `path: kind: text`, and what would mend it after an arrow."""
    return [
        f"{'.'.join(map(str, error.path))}: {error.kind}: {error.message}"
        + (f" -> {error.fix}" if error.fix else "")
        for error in check(blueprint)
    ]
