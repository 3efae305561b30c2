"""Subnets: what a request for one may say.

Models: _validate_subnet() of neutron/db/db_base_plugin_v2.py, _validate_subnet_cidr() and
        validate_allocation_pools() of neutron/db/ipam_backend_mixin.py, neutron/ipam/requests.py.
"""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network
from itertools import combinations
from typing import Final

from emu.neutron.blueprint import PoolPlan, SubnetPlan
from emu.neutron.errors import NeutronError
from emu.neutron.ipam import Pool, default_gateway, generate_pools, usable

# fib_check_nh() in net/ipv4/fib_semantics.c wants a unicast address, as inet_addr_type() sees it
NO_GATEWAYS: Final = tuple(map(IPv4Network, ("0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/3")))


def gateway_ip(plan: SubnetPlan) -> IPv4Address | None:
    """Return the gateway that the subnet will have."""
    if not plan.gateway:
        return None
    return plan.gateway_ip or default_gateway(plan.cidr)


def allocation_pools(plan: SubnetPlan) -> tuple[Pool, ...]:
    """Return the pools that the subnet will have, those left out that are none."""
    if not plan.allocation_pools:
        return generate_pools(plan.cidr, gateway_ip(plan))
    return tuple(
        [Pool(start=p.start, end=p.end) for p in plan.allocation_pools if p.start <= p.end]
    )


def subnet_mistakes(
    plan: SubnetPlan, network: str, others: Sequence[IPv4Network]
) -> Iterator[NeutronError]:
    """Yield what is wrong with `plan` for a subnet of `network`, which has `others` already."""
    if plan.cidr.prefixlen == 0:
        yield _invalid_input("0 is not allowed as CIDR prefix length", "cidr")
    for other in others:
        if plan.cidr.overlaps(other):
            reason = (
                f"Requested subnet with cidr: {plan.cidr} for network: {network}"
                " overlaps with another subnet"
            )
            yield _invalid_input(reason, "cidr", f"the other is {other}")
    if plan.enable_dhcp:
        what = "a subnet with a DHCP server (enable_dhcp: true)"
        yield NeutronError("NotModelled", ("enable_dhcp",), what=what)
    yield from _gateway_mistakes(plan)
    yield from _pool_mistakes(plan)


def _gateway_mistakes(plan: SubnetPlan) -> Iterator[NeutronError]:
    gateway, cidr = gateway_ip(plan), plan.cidr
    if gateway is None:
        return
    key = "gateway_ip" if plan.gateway_ip else "cidr"
    none = 'the subnet can have none: "gateway_ip: null"'
    if gateway in (cidr.network_address, cidr.broadcast_address):
        if plan.gateway_ip:
            of = "network" if gateway == cidr.network_address else "broadcast"
            fix = f"{gateway} is the {of} address of {cidr}"
            yield _invalid_input("Gateway is not valid on subnet", key, fix)
        else:
            yield NeutronError(
                "IpamValueInvalid", (key,), fix=none, gateway_ip=gateway, subnet_cidr=cidr
            )
    elif any(gateway in network for network in NO_GATEWAYS):
        # Neutron takes it, and then no guest does
        yield NeutronError("ip", (key,), fix=none, error="Error: Nexthop has invalid gateway.")


def _pool_mistakes(plan: SubnetPlan) -> Iterator[NeutronError]:
    gateway, inside = gateway_ip(plan), usable(plan.cidr)
    pools: list[tuple[int, Pool]] = []
    for index, asked in enumerate(plan.allocation_pools):
        place = ("allocation_pools", index)
        if asked.start > asked.end:
            yield NeutronError("InvalidAllocationPool", place, pool=_as_written(asked))
            continue
        pool = Pool(start=asked.start, end=asked.end)
        pools.append((index, pool))
        if pool.start not in inside or pool.end not in inside:
            fix = f"what a pool can hold is {inside}"
            yield NeutronError(
                "OutOfBoundsAllocationPool", place, fix=fix, pool=pool, subnet_cidr=plan.cidr
            )
        if gateway is not None and gateway in pool:
            yield NeutronError(
                "GatewayConflictWithAllocationPools",
                ("gateway_ip",) if plan.gateway_ip else place,
                fix=_around(gateway, pool),
                ip_address=gateway,
                pool=pool,
            )
    for (_, first), (index, second) in combinations(pools, 2):
        if first.start <= second.end and second.start <= first.end:
            yield NeutronError(
                "OverlappingAllocationPools",
                ("allocation_pools", index),
                pool_1=first,
                pool_2=second,
                subnet_cidr=plan.cidr,
            )


def _around(gateway: IPv4Address, pool: Pool) -> str:
    if len(pool) == 1:
        return "take the pool away: it holds nothing but the gateway"
    if gateway == pool.start:
        return f"let the pool begin at {gateway + 1}"
    if gateway == pool.end:
        return f"let the pool end at {gateway - 1}"
    return f"make two pools of it: {pool.start}-{gateway - 1} and {gateway + 1}-{pool.end}"


def _as_written(pool: PoolPlan) -> dict[str, str]:
    return {"start": str(pool.start), "end": str(pool.end)}


def _invalid_input(reason: str, key: str, fix: str = "") -> NeutronError:
    return NeutronError("InvalidInput", (key,), fix=fix, error_message=reason)
