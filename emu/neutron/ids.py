"""Ids and MACs: random in reality, here derived from the scenario's seed and the thing's name.

So a new VM shifts nobody's numbers.
"""

from collections.abc import Container
from typing import Final, final
from uuid import UUID

from emu.core.rng import Rng
from emu.packet.addresses import MacAddress

BASE_MAC: Final = bytes.fromhex("fa163e")  # base_mac, neutron/conf/common.py: 3 octets are kept
NIC_MAC: Final = b"\x02"  # of physical NICs: locally administered (IEEE 802-2014, 8.4.3)


@final
class Ids:
    """Who gives out ids and MACs."""

    def __init__(self, rng: Rng) -> None:
        self._rng = rng

    def stream(self, *names: str) -> Rng:
        """Return the numbers of the thing of that name."""
        return self._rng.stream(*names)

    def uuid(self, kind: str, *names: str, taken: Container[str] = ()) -> str:
        """Return an id for a thing, in the form of uuid4 (RFC 9562, 5.4), that `taken` has not."""
        stream = self._rng.stream(kind, *names)
        while (drawn := str(UUID(bytes=stream.octets(16), version=4))) in taken:
            pass
        return drawn

    def port_mac(self, port: str, taken: Container[MacAddress]) -> MacAddress:
        """Return a MAC for a port that none of `taken` is: Neutron too draws until one is free."""
        stream = self._rng.stream("mac", port)
        while (mac := MacAddress(BASE_MAC + stream.octets(3))) in taken:
            pass
        return mac

    def nic_mac(self, host: str, netdev: str) -> MacAddress:
        """Return the MAC of a physical NIC."""
        return MacAddress(NIC_MAC + self._rng.stream("nic", host, netdev).octets(5))
