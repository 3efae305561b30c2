"""IP address management: who has which address of a network.

Models: neutron/ipam/utils.py, neutron/ipam/drivers/neutrondb_ipam/driver.py,
        neutron/db/ipam_backend_mixin.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from typing import Final

from emu.core.rng import Rng
from emu.neutron.errors import NeutronError

WINDOW: Final = 1000  # addresses of a pool to pick from: MAX_WIN of the driver
DRAWS: Final = 20  # before the lowest free address is taken


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Pool:
    """One of a subnet's `allocation_pools`: addresses that IPAM may pick."""

    start: IPv4Address
    end: IPv4Address

    def __contains__(self, address: IPv4Address) -> bool:
        """Whether `address` is one of the pool."""
        return self.start <= address <= self.end

    def __iter__(self) -> Iterator[IPv4Address]:
        """Yield the addresses, lowest first."""
        return map(IPv4Address, range(int(self.start), int(self.end) + 1))

    def __len__(self) -> int:
        """How many addresses there are."""
        return int(self.end) - int(self.start) + 1

    def __str__(self) -> str:
        """Return `10.0.0.2-10.0.0.254`, as netaddr's IPRange does."""
        return f"{self.start}-{self.end}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedIp:
    """One of a port's `fixed_ips`."""

    subnet_id: str
    ip_address: IPv4Address


def default_gateway(cidr: IPv4Network) -> IPv4Address:
    """Return the gateway of a subnet that names none: the address after the network's own."""
    return IPv4Address(min(int(cidr.network_address) + 1, int(IPv4Address("255.255.255.255"))))


def usable(cidr: IPv4Network) -> Pool:
    """Return what pools may hold: up to /30 all but the network and broadcast addresses."""
    first, last = cidr.network_address, cidr.broadcast_address
    if cidr.prefixlen > 30:
        return Pool(start=first, end=last)
    return Pool(start=first + 1, end=last - 1)


def generate_pools(cidr: IPv4Network, gateway: IPv4Address | None) -> tuple[Pool, ...]:
    """Return the pools of a subnet that names none: all that is usable, around the gateway."""
    whole = usable(cidr)
    if gateway is None or gateway not in whole or len(whole) == 1:
        return (whole,)
    below = (Pool(start=whole.start, end=gateway - 1),) if gateway > whole.start else ()
    above = (Pool(start=gateway + 1, end=whole.end),) if gateway < whole.end else ()
    return below + above


def check_subnet_ip(cidr: IPv4Network, address: IPv4Address) -> bool:
    """Whether a port can have `address`: not the network's own, nor the broadcast address."""
    if address == cidr.network_address:
        return False
    has_broadcast = cidr.prefixlen <= 30  # as netaddr sees it: a /31 has none
    return address in cidr and not (has_broadcast and address == cidr.broadcast_address)


@dataclass(slots=True)
class _SubnetIpam:
    """The addresses of one subnet."""

    subnet_id: str
    cidr: IPv4Network
    pools: tuple[Pool, ...]
    owners: dict[IPv4Address, str] = field(default_factory=dict)

    def pick(self, stream: Rng) -> IPv4Address | None:
        """Return an address of the pools that nobody has; None if there is none.

        Neutron picks at random among the first 1,000 free addresses of the first pool that has one.
        Here the numbers come from the port's own stream, so a pick changes only if it is taken.
        """
        for pool in self.pools:
            taken = [address for address in self.owners if address in pool]
            if len(taken) == len(pool):
                continue
            for _ in range(DRAWS):
                address = pool.start + stream.below(min(len(pool), WINDOW))
                if address not in self.owners:
                    return address
            return next(address for address in pool if address not in self.owners)
        return None


class Ipam:
    """The addresses of one network."""

    def __init__(self, network_id: str) -> None:
        self._network_id = network_id
        self._subnets: dict[str, _SubnetIpam] = {}

    def __contains__(self, subnet_id: str) -> bool:
        """Whether addresses of that subnet are given out."""
        return subnet_id in self._subnets

    def add_subnet(self, subnet_id: str, cidr: IPv4Network, pools: tuple[Pool, ...]) -> None:
        """Let addresses of a subnet be given out."""
        self._subnets[subnet_id] = _SubnetIpam(subnet_id, cidr, pools)

    def remove_subnet(self, subnet_id: str) -> None:
        """Give out addresses of a subnet no more, unless a port has one."""
        if self._subnets[subnet_id].owners:
            raise NeutronError("SubnetInUse", subnet_id=subnet_id)
        del self._subnets[subnet_id]

    def allocate(self, address: IPv4Address, owner: str) -> FixedIp:
        """Give `address` to the port `owner`: a pool need not hold it."""
        if not self._subnets:
            reason = "IP allocation requires subnets for network"
            raise NeutronError("InvalidInput", error_message=reason)
        for subnet in self._subnets.values():
            if check_subnet_ip(subnet.cidr, address):
                return self._give(subnet, address, owner)
        raise NeutronError("InvalidIpForNetwork", ip_address=address, fix=self._explain(address))

    def allocate_any(self, owner: str, stream: Rng) -> FixedIp | None:
        """Give the port `owner` what the pools have; None if the network has no subnet."""
        if not self._subnets:
            return None
        for subnet in self._subnets.values():
            if (address := subnet.pick(stream)) is not None:
                return self._give(subnet, address, owner)
        raise NeutronError("IpAddressGenerationFailure", net_id=self._network_id)

    def release(self, fixed_ip: FixedIp) -> None:
        """Take an address back."""
        del self._subnets[fixed_ip.subnet_id].owners[fixed_ip.ip_address]

    def _give(self, subnet: _SubnetIpam, address: IPv4Address, owner: str) -> FixedIp:
        if address in subnet.owners:
            fix = f'the port "{subnet.owners[address]}" has it'
            raise NeutronError(
                "IpAddressAlreadyAllocated", ip=address, subnet_id=subnet.subnet_id, fix=fix
            )
        subnet.owners[address] = owner
        return FixedIp(subnet_id=subnet.subnet_id, ip_address=address)

    def _explain(self, address: IPv4Address) -> str:
        for subnet in self._subnets.values():
            if address in subnet.cidr:
                of = "network" if address == subnet.cidr.network_address else "broadcast"
                return f"it is the {of} address of {subnet.cidr}"
        return f"subnets: {', '.join(str(subnet.cidr) for subnet in self._subnets.values())}"
