"""A Linux host: a naming scope on which commands are typed and interfaces are plugged."""

from collections.abc import Sequence

from emu.core.errors import Refused
from emu.core.rng import Rng
from emu.net.world import World
from emu.packet.frame import MacAddress
from emu.sim.network import Network


class LinuxHost:
    """A root namespace (the device of the host's name), bridges (`name/...`) and taps."""

    def __init__(self, name: str, *, rng: Rng) -> None:
        self.name = name
        self._rng = rng

    def execute(self, world: World, command: str) -> None:
        """Carry out one line of the real tool's language; `Refused` in that tool's words."""
        raise Refused(f"{self.name} understands no command yet")

    def plug(self, world: World, interface: str, device: str, port: str) -> None:
        """Make an interface that leads to `port` of `device`: down at first, without a master."""
        raise Refused(f"{self.name} plugs no interface yet")

    def unplug(self, world: World, interface: str) -> None:
        """Take that interface away."""
        raise Refused(f'Cannot find device "{interface}"')


def add_host(
    network: Network, name: str, *, rng: Rng, nics: Sequence[tuple[str, MacAddress]] = ()
) -> LinuxHost:
    """Add a host with its root namespace and NICs to `network`; `rng` is the host's own stream."""
    host = LinuxHost(name, rng=rng)
    network.add_host(host)
    return host
