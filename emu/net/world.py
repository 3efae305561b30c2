"""What an operator of the world may do to it: the network's face to hosts and to scenarios."""

from typing import Protocol

from emu.core.time import Nanoseconds
from emu.net.device import Device
from emu.net.effects import Effects
from emu.net.link import Link, LinkSettings


class World(Protocol):
    """Devices and links that can be changed while they run."""

    @property
    def now(self) -> Nanoseconds:
        """The time on the virtual clock."""

    def add(self, device: Device) -> None:
        """Put `device` into the world; `Refused` if its name is taken."""

    def remove(self, name: str) -> None:
        """Take the device out, and its links with it; `Refused` if there is none."""

    def device(self, name: str) -> Device:
        """Return the device of that name; `Refused` if there is none."""

    def configure(self, name: str, change: object) -> Effects:
        """Apply `change` to the device of that name and carry out the effects."""

    def connect(
        self,
        a: tuple[str, str],
        b: tuple[str, str],
        settings: LinkSettings = ...,
        *,
        captured: bool = True,
    ) -> Link:
        """Join two ports, each (device, port), neither linked yet; `a` names the link."""

    def disconnect(self, device: str, port: str) -> None:
        """Take away the link at that port, if there is one."""

    def set_link(self, device: str, port: str, settings: LinkSettings) -> None:
        """Change how the link at that port carries frames; `Refused` if there is none."""

    def link(self, device: str, port: str) -> Link | None:
        """Return the link at that port."""


class Operator(Protocol):
    """A host: a naming scope on which commands are typed and interfaces are plugged."""

    @property
    def name(self) -> str:
        """The host's name, which is the scope of its devices."""

    def execute(self, world: World, command: str) -> None:
        """Carry out one line of the real tool's language; `Refused` in that tool's words."""

    def plug(self, world: World, interface: str, device: str, port: str) -> None:
        """Make an interface that leads to `port` of `device`."""

    def unplug(self, world: World, interface: str) -> None:
        """Take that interface away."""
