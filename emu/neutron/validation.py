"""What is wrong with a cloud, before it is built: every mistake at once, in Neutron's own words.

Where Neutron's text has an id, the name stands here: nobody has seen the id yet.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from emu.core.rng import Rng
from emu.net.names import dev_valid_name
from emu.neutron.binding import COMPUTE, binding_failure, physical_networks
from emu.neutron.blueprint import (
    Blueprint,
    HostPlan,
    Mechanism,
    NetworkPlan,
    NicPlan,
    Path,
)
from emu.neutron.errors import NeutronError, did_you_mean
from emu.neutron.ipam import Ipam
from emu.neutron.names import port_name
from emu.neutron.port import mac_mistakes
from emu.neutron.segment import Segment, segment_mistakes
from emu.neutron.subnet import allocation_pools, subnet_mistakes
from emu.packet.addresses import MacAddress

SYSCTL_NAMES: Final = ("all", "default")  # sysctl_dev_name_is_allowed(), include/net/ip.h
LOOPBACK: Final = "lo"


@dataclass(slots=True)
class _Checked:
    """A network as far as it was looked at."""

    plan: NetworkPlan
    ipam: Ipam
    macs: dict[MacAddress, str] = field(default_factory=dict)  # and whose they are
    bindable: bool = True  # False: what is wrong with it was said, and its ports cannot be better


def check(blueprint: Blueprint) -> tuple[NeutronError, ...]:
    """Return every mistake in `blueprint`; where there is none, the cloud can be built."""
    return tuple(_mistakes(blueprint))


def _mistakes(blueprint: Blueprint) -> Iterator[NeutronError]:
    if blueprint.mechanism is not Mechanism.LINUXBRIDGE:
        what = f"the {blueprint.mechanism} mechanism"
        yield NeutronError("NotModelled", ("mechanism",), what=what)
    yield from _name_mistakes(blueprint)
    for host in blueprint.hosts:
        for error in _nic_mistakes(host):
            yield error.under("hosts", host.name, "nics")
    networks: dict[str, _Checked] = {}
    yield from _network_mistakes(blueprint, networks)
    yield from _server_mistakes(blueprint, networks)


# --- names and hosts -----------------------------------------------------------------------------


def _name_mistakes(blueprint: Blueprint) -> Iterator[NeutronError]:
    """Hosts, servers and the switches of physical networks are devices, each with its own name."""
    named: dict[str, str] = {}
    for name, what, path in _named(blueprint):
        if name in named:
            fix = "give one of them another name"
            yield NeutronError(
                "NameInUse", path, fix=fix, name=name, first=named[name], second=what
            )
        named[name] = what


def _named(blueprint: Blueprint) -> Iterator[tuple[str, str, Path]]:
    for host in blueprint.hosts:
        yield host.name, "a host", ("hosts", host.name)
    for server in blueprint.servers:
        yield server.name, "a server", ("servers", server.name)
    places: dict[str, Path] = {}
    for host in blueprint.hosts:
        for netdev, physnet in host.nics:
            places.setdefault(physnet, ("hosts", host.name, "nics", netdev))
    for physnet, path in places.items():
        yield physnet, "a physical network", path


def _nic_mistakes(host: HostPlan) -> Iterator[NeutronError]:
    """Check what becomes the agent's `physical_interface_mappings`: physical network:netdev."""
    mapped: dict[str, str] = {}
    for netdev, physnet in host.nics:
        if not dev_valid_name(netdev):
            error = f'Error: argument "{netdev}" is wrong: "name" not a valid ifname'
            yield NeutronError("ip", (netdev,), error=error)
        elif netdev in (LOOPBACK, *SYSCTL_NAMES):
            words = "File exists" if netdev == LOOPBACK else "Invalid argument"
            yield NeutronError("ip", (netdev,), error=f"RTNETLINK answers: {words}")
        # parse_mappings() of neutron_lib/utils/helpers.py
        mapping = f"{physnet}:{netdev}"
        if physnet in mapped:
            error = f"Key {physnet} in mapping: '{mapping}' not unique"
            fix = f"{mapped[physnet]} is on it already"
            yield NeutronError("ValueError", (netdev,), fix=fix, error=error)
        elif netdev in mapped.values():
            error = f"Value {netdev} in mapping: '{mapping}' not unique"
            yield NeutronError("ValueError", (netdev,), error=error)
        mapped[physnet] = netdev


# --- networks ------------------------------------------------------------------------------------


def _network_mistakes(
    blueprint: Blueprint, networks: dict[str, _Checked]
) -> Iterator[NeutronError]:
    """Check the networks and put them into `networks`."""
    known = physical_networks(blueprint.hosts)
    in_use: dict[Segment, str] = {}
    for plan in blueprint.networks:
        if plan.name in networks:
            path = ("networks", plan.name)
            both = {"first": "a network", "second": "another"}
            yield NeutronError("NameInUse", path, name=plan.name, **both)
            continue
        checked = networks[plan.name] = _Checked(plan, Ipam(plan.name))
        for error in segment_mistakes(plan, known, in_use):
            checked.bindable = False
            yield error.under("networks", plan.name)
        in_use.setdefault(Segment.of(plan), plan.name)
        for error in _subnet_mistakes(plan, checked.ipam):
            yield error.under("networks", plan.name, "subnets")


def _subnet_mistakes(plan: NetworkPlan, ipam: Ipam) -> Iterator[NeutronError]:
    """Check the subnets and put them into `ipam`."""
    for index, subnet in enumerate(plan.subnets):
        others = [other.cidr for other in plan.subnets[:index]]
        for error in subnet_mistakes(subnet, plan.name, others):
            yield error.under(index)
        names = (subnet.name or str(subnet.cidr), f"{subnet.name} {subnet.cidr}")
        if name := next((name for name in names if name not in ipam), None):
            ipam.add_subnet(name, subnet.cidr, allocation_pools(subnet))


# --- servers -------------------------------------------------------------------------------------


def _server_mistakes(
    blueprint: Blueprint, networks: Mapping[str, _Checked]
) -> Iterator[NeutronError]:
    hosts = {host.name: host for host in blueprint.hosts}
    computes = tuple([name for name, host in hosts.items() if COMPUTE in host.roles])
    for server in blueprint.servers:
        if server.host not in computes:
            fix = did_you_mean(server.host, computes)
            if server.host in hosts:
                fix = f'give {server.host} the role "{COMPUTE}"'
            yield NeutronError(
                "ComputeHostNotFound", ("servers", server.name, "host"), fix=fix, host=server.host
            )
    nics = [
        (port_name(server.name, index), nic, server.host, ("servers", server.name, "nics", index))
        for server in blueprint.servers
        for index, nic in enumerate(server.nics)
    ]
    # who asks for an address gets it before others are given what is left, as in the cloud
    for name, nic, host, path in sorted(nics, key=lambda asked: asked[1].fixed_ip is None):
        if (network := networks.get(nic.network)) is None:
            fix = did_you_mean(nic.network, tuple(networks))
            yield NeutronError("NetworkNotFound", (*path, "network"), fix=fix, net_id=nic.network)
            continue
        for error in _port_mistakes(name, nic, network):
            yield error.under(*path)
        if host in computes and network.bindable and blueprint.mechanism is Mechanism.LINUXBRIDGE:
            segment = Segment.of(network.plan)
            if why := binding_failure(blueprint.mechanism, segment, hosts[host]):
                yield NeutronError("PortBindingFailed", (*path, "network"), fix=why, port_id=name)


def _port_mistakes(name: str, nic: NicPlan, network: _Checked) -> Iterator[NeutronError]:
    yield from mac_mistakes(nic.mac_address, network.plan.name, network.macs)
    if nic.mac_address is not None:
        network.macs.setdefault(nic.mac_address, name)
    try:
        if nic.fixed_ip is not None:
            network.ipam.allocate(nic.fixed_ip, name)
        else:
            network.ipam.allocate_any(name, Rng())  # no matter which, if there is one
    except NeutronError as error:
        yield error if nic.fixed_ip is None else error.under("fixed_ip")
