"""A port of an Open vSwitch bridge, as it is now."""

from dataclasses import dataclass
from typing import final

from emu.devices.ovs.settings import NO_FLAGS, PortFlags, PortSettings
from emu.openflow.ports import OFPP_LOCAL


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """A port: another takes its place when something changes. Equal to none but itself."""

    number: int
    name: str
    link: str  # the port of the device that its frames go by; tunnels of one kind share one
    settings: PortSettings
    flags: PortFlags = NO_FLAGS

    @property
    def is_local(self) -> bool:
        """Whether it leads to the bridge's own netdev."""
        return self.number == OFPP_LOCAL

    @property
    def is_up(self) -> bool:
        """Whether frames go in and out: the netdev is up."""
        return not self.flags.is_down

    @property
    def is_live(self) -> bool:
        """Whether a group may choose it: OFPPS_LIVE."""
        return self.is_up and self.settings.has_carrier
