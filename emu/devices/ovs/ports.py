"""The ports of a bridge, by number, by name and by link."""

from dataclasses import fields, replace
from typing import final

from emu.core.errors import Refused
from emu.devices.ovs import tunnel
from emu.devices.ovs.changes import ModPort
from emu.devices.ovs.port import Port
from emu.devices.ovs.settings import PLAIN, PortFlags, PortSettings
from emu.net.link import LOCAL
from emu.openflow.ports import OFPP_LOCAL, OFPP_MAX, PortNames


@final
class Ports:
    """All ports. The one that leads to the bridge's own netdev is always there, and is first."""

    def __init__(self, bridge: str) -> None:
        self.by_number: dict[int, Port] = {}
        self._by_name: dict[str, Port] = {}
        self._by_link: dict[str, tuple[Port, ...]] = {}
        self._next = 1
        self.names = PortNames()
        self._put(Port(number=OFPP_LOCAL, name=bridge, link=LOCAL, settings=PLAIN))

    @property
    def links(self) -> tuple[str, ...]:
        """The ports of the device, in the order in which they came."""
        return tuple(self._by_link)

    def at(self, link: str) -> tuple[Port, ...]:
        """Return the ports that have that link: one, or some tunnels."""
        return self._by_link.get(link, ())

    def named(self, name: str) -> Port:
        """Return the port of that name; `Refused` if there is none."""
        port = self._by_name.get(name)
        if port is None:
            raise Refused(f"no port named {name}")
        return port

    def find(self, name: str) -> Port | None:
        """Return the port of that name, if there is one."""
        return self._by_name.get(name)

    def put(self, name: str, number: int | None, settings: PortSettings) -> Port:
        """Add a port, or change the one of that name; return what it is now."""
        if number is not None and not 1 <= number < OFPP_MAX:
            raise Refused(f"{number} is not a number that a port can have (1 to {OFPP_MAX - 1})")
        before = self._by_name.get(name)
        if before is not None:
            number = before.number if number is None or before.is_local else number
        if number is None or (number in self.by_number and self.by_number[number] is not before):
            number = self._free()
        if before is not None and before.is_local:
            link = LOCAL
        else:
            link = name if settings.tunnel is None else tunnel.netdev(settings.tunnel)
        port = Port(number=number, name=name, link=link, settings=settings)
        if before is not None:
            port = replace(port, flags=before.flags)
        self._put(port, before)
        return port

    def set_flags(self, change: ModPort) -> None:
        """Set what `mod-port` sets."""
        number = self.names.number(change.port)
        before = None if number is None else self.by_number.get(number)
        if before is None:
            raise Refused(f"couldn't find port `{change.port}'")
        wanted = {flag.name: getattr(change, flag.name) for flag in fields(PortFlags)}
        flags = {name: value for name, value in wanted.items() if value is not None}
        port = replace(before, flags=replace(before.flags, **flags))
        self._put(port, before)

    def remove(self, name: str) -> Port:
        """Take a port away; `Refused` if it is not there, or cannot go."""
        port = self.named(name)
        if port.is_local:
            raise Refused(f"cannot delete port {name} because it is the local port")
        del self.by_number[port.number], self._by_name[name]
        self._index()
        return port

    def _free(self) -> int:
        """As alloc_ofp_port(): a number that was in use before is the last choice."""
        while self._next in self.by_number:
            self._next += 1
        self._next += 1
        return self._next - 1

    def _put(self, port: Port, before: Port | None = None) -> None:
        if before is not None and before.number != port.number:
            del self.by_number[before.number]
        self.by_number[port.number] = port
        self._by_name[port.name] = port
        self._index()

    def _index(self) -> None:
        links: dict[str, tuple[Port, ...]] = {}
        for port in self._by_name.values():
            links[port.link] = (*links.get(port.link, ()), port)
        self._by_link = links
        numbers = {name: port.number for name, port in self._by_name.items()}
        self.names = PortNames(numbers)
