"""Port binding: whether the mechanism driver can serve a port on a host, and how.

Models: check_segment_for_agent() of neutron/plugins/ml2/drivers/mech_agent.py, mech_linuxbridge.py.
"""

from collections.abc import Iterable
from typing import Final

from emu.neutron.blueprint import HostPlan, Mechanism, NetworkType
from emu.neutron.segment import PHYSICAL, Segment

COMPUTE: Final = "compute"
NETWORK: Final = "network"

NETWORK_TYPES: Final = {  # get_allowed_network_types() of each driver
    Mechanism.LINUXBRIDGE: (
        NetworkType.LOCAL,
        NetworkType.FLAT,
        NetworkType.VLAN,
        NetworkType.VXLAN,
    ),
    Mechanism.OPENVSWITCH: tuple(NetworkType),
}


def has_agent(host: HostPlan) -> bool:
    """Whether a layer 2 agent runs on `host`."""
    return COMPUTE in host.roles or NETWORK in host.roles


def physical_networks(hosts: Iterable[HostPlan]) -> tuple[str, ...]:
    """Return the physical networks that `hosts` map, each once."""
    return tuple(dict.fromkeys([physnet for host in hosts for _, physnet in host.nics]))


def binding_failure(mechanism: Mechanism, segment: Segment, host: HostPlan) -> str:
    """Return why a port of `segment` cannot be bound on `host`; empty if it can."""
    if not has_agent(host):
        return f"no {mechanism} agent runs on {host.name}"
    allowed = NETWORK_TYPES[mechanism]
    if segment.network_type not in allowed:
        return (
            f"the {mechanism} mechanism serves no {segment.network_type} network,"
            f" only {', '.join(allowed)}"
        )
    mapped = [physical_network for _, physical_network in host.nics]
    if segment.network_type in PHYSICAL and segment.physical_network not in mapped:
        return f"{host.name} has no NIC on {segment.physical_network}"
    return ""
