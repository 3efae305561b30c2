"""What a namespace holds."""

from emu.core.rng import Rng
from emu.devices.namespace.netdev import Netdev
from emu.devices.namespace.sysctl import Sysctls
from emu.inet.fib import Fib, RouteType
from emu.inet.ipid import IdGenerator
from emu.inet.neigh.table import NeighbourTable
from emu.packet.frame import Frame, Origin


class Net:
    """The tables that the parts of one namespace share: struct net."""

    def __init__(self, name: str, *, rng: Rng) -> None:
        self.name = name
        self.netdevs: dict[str, Netdev] = {}  # oldest first
        self.sysctl = Sysctls()
        self.fib = Fib()
        self.neighbours = NeighbourTable(rng=rng.stream("neigh"))
        self.ids = IdGenerator(rng=rng.stream("ipid"))
        self._origin = Origin(name)

    def new_frame(self, wire: bytes, cause: Frame | None = None) -> Frame:
        """Start a packet of this namespace."""
        return Frame.new(wire, self._origin.number(), cause)

    def is_local(self, address: bytes, netdev: str | None = None) -> bool:
        """Whether `address` is this host's own, on that netdev if one is named."""
        return self.fib.type_of(address, netdev=netdev) is RouteType.LOCAL
