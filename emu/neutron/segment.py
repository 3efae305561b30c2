"""The segment of a network: what its provider attributes may say.

Models: neutron/plugins/ml2/drivers/type_{local,flat,vlan,gre,vxlan,tunnel}.py, and
        _get_network_mtu() of neutron/plugins/ml2/plugin.py.

The server that is modelled knows the physical networks that its hosts map, and no ranges of ids
(`network_vlan_ranges = physnet1`, `tunnel_id_ranges =`): who wants a VLAN says which.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from emu.neutron.blueprint import NetworkPlan, NetworkType
from emu.neutron.errors import NeutronError, did_you_mean

PHYSNET_MTU: Final = 1500  # global_physnet_mtu, neutron/conf/common.py
IPV4_OVERHEAD: Final = 20  # octets of the outer IP header
MTU_OVERHEAD: Final = {  # octets within it: neutron_lib/constants.py
    NetworkType.VXLAN: IPV4_OVERHEAD + 30,
    NetworkType.GRE: IPV4_OVERHEAD + 22,
}
MIN_MTU: Final = 68  # octets: ETH_MIN_MTU, include/uapi/linux/if_ether.h
MIN_VLAN_TAG: Final = 1
MAX_VLAN_TAG: Final = 4094
PHYSICAL: Final = (NetworkType.FLAT, NetworkType.VLAN)  # they need a physical network
TUNNELLED: Final = (NetworkType.GRE, NetworkType.VXLAN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """The provider attributes of a network."""

    network_type: NetworkType
    physical_network: str | None = None
    segmentation_id: int | None = None

    @classmethod
    def of(cls, plan: NetworkPlan) -> "Segment":
        """Return what `plan` asks for; what its type has no use for is no part of it."""
        return cls(
            network_type=plan.type,
            physical_network=plan.physical_network if plan.type in PHYSICAL else None,
            segmentation_id=None
            if plan.type in (NetworkType.LOCAL, NetworkType.FLAT)
            else plan.segmentation_id,
        )


def max_mtu(network_type: NetworkType) -> int:
    """Return the largest packet that fits on the wire, in octets."""
    return PHYSNET_MTU - MTU_OVERHEAD.get(network_type, 0)


def segment_mistakes(
    plan: NetworkPlan, physical_networks: tuple[str, ...], in_use: Mapping[Segment, str]
) -> Iterator[NeutronError]:
    """Yield what is wrong with the provider attributes of `plan`.

    `in_use` holds the names of the networks that there are, by their segments.
    """
    if plan.type is NetworkType.VXLAN:
        yield NeutronError("NotModelled", ("type",), what="a network of type vxlan")
    match plan.type:
        case NetworkType.LOCAL:
            yield from _prohibited(plan, "physical_network", "segmentation_id")
        case NetworkType.FLAT:
            yield from _flat_mistakes(plan, physical_networks, in_use)
        case NetworkType.VLAN:
            yield from _vlan_mistakes(plan, physical_networks, in_use)
        case NetworkType.GRE | NetworkType.VXLAN:
            yield from _tunnel_mistakes(plan, in_use)
    yield from _mtu_mistakes(plan)


def _flat_mistakes(
    plan: NetworkPlan, physical_networks: tuple[str, ...], in_use: Mapping[Segment, str]
) -> Iterator[NeutronError]:
    physical_network = plan.physical_network
    if not physical_network:
        reason = "physical_network required for flat provider network"
        fix = _choose(physical_networks)
        yield _invalid_input(reason, "physical_network", fix)
    elif physical_network not in physical_networks:
        reason = f"physical_network '{physical_network}' unknown for flat provider network"
        fix = did_you_mean(physical_network, physical_networks)
        yield _invalid_input(reason, "physical_network", fix)
    elif (other := in_use.get(Segment.of(plan))) is not None:
        yield NeutronError(
            "FlatNetworkInUse",
            ("physical_network",),
            fix=f'the network "{other}" is the one flat network that it can have',
            physical_network=physical_network,
        )
    yield from _prohibited(plan, "segmentation_id")


def _vlan_mistakes(
    plan: NetworkPlan, physical_networks: tuple[str, ...], in_use: Mapping[Segment, str]
) -> Iterator[NeutronError]:
    physical_network, vlan_id = plan.physical_network, plan.segmentation_id
    if physical_network and physical_network not in physical_networks:
        reason = f"physical_network '{physical_network}' unknown for VLAN provider network"
        fix = did_you_mean(physical_network, physical_networks)
        yield _invalid_input(reason, "physical_network", fix)
    if not physical_network and vlan_id is not None:
        reason = "segmentation_id requires physical_network for VLAN provider network"
        yield _invalid_input(reason, "physical_network", _choose(physical_networks))
    if vlan_id is None:
        fix = "say which VLAN: segmentation_id, 1 to 4094"
        yield NeutronError("NoNetworkAvailable", ("segmentation_id",), fix=fix)
    elif not MIN_VLAN_TAG <= vlan_id <= MAX_VLAN_TAG:
        reason = f"segmentation_id out of range ({MIN_VLAN_TAG} through {MAX_VLAN_TAG})"
        yield _invalid_input(reason, "segmentation_id")
    elif (other := in_use.get(Segment.of(plan))) is not None and physical_network:
        yield NeutronError(
            "VlanIdInUse",
            ("segmentation_id",),
            fix=f'the network "{other}" has it',
            vlan_id=vlan_id,
            physical_network=physical_network,
        )


def _tunnel_mistakes(plan: NetworkPlan, in_use: Mapping[Segment, str]) -> Iterator[NeutronError]:
    if plan.physical_network:
        reason = f"provider:physical_network specified for {plan.type} network"
        fix = "take it away: tunnels need none"
        yield _invalid_input(reason, "physical_network", fix)
    if plan.segmentation_id is None:
        fix = "say which tunnel: segmentation_id"
        yield NeutronError("NoNetworkAvailable", ("segmentation_id",), fix=fix)
    elif (other := in_use.get(Segment.of(plan))) is not None:
        yield NeutronError(
            "TunnelIdInUse",
            ("segmentation_id",),
            fix=f'the network "{other}" has it',
            tunnel_id=plan.segmentation_id,
        )


def _mtu_mistakes(plan: NetworkPlan) -> Iterator[NeutronError]:
    if not plan.mtu:  # 0 too means what Neutron computes
        return
    largest = max_mtu(plan.type)
    if plan.mtu < 0:
        reason = f"'{plan.mtu}' should be non-negative"
        yield NeutronError("HTTPBadRequest", ("mtu",), attr="mtu", reason=reason)
    elif plan.mtu < MIN_MTU:  # Neutron takes it, and then no tap does
        fix = f"{MIN_MTU} to {largest}"
        yield NeutronError("ip", ("mtu",), fix=fix, error="Error: mtu less than device minimum.")
    elif plan.mtu > largest:
        yield _invalid_input(f"Requested MTU is too big, maximum is {largest}", "mtu")


def _prohibited(plan: NetworkPlan, *keys: str) -> Iterator[NeutronError]:
    for key in keys:
        if getattr(plan, key):
            reason = f"{key} prohibited for {plan.type} provider network"
            yield _invalid_input(reason, key, "take it away")


def _invalid_input(reason: str, key: str, fix: str = "") -> NeutronError:
    return NeutronError("InvalidInput", (key,), fix=fix, error_message=reason)


def _choose(physical_networks: tuple[str, ...]) -> str:
    return f"known: {', '.join(physical_networks)}" if physical_networks else "no host maps one"
