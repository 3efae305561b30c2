"""The kinds of device that a scenario can name, and how each is made of plain values.

A kind is a function with the kind's name: it imports the device when the first one is made, so that
to list the kinds costs nothing. Its keyword arguments are what one can say of such a device; those
that every scenario knows are `ports` and `rng`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from inspect import signature
from typing import TypedDict, TypeVar

from emu.core.errors import EmuBug, Refused
from emu.core.rng import Rng
from emu.core.time import Nanoseconds
from emu.net.changes import MTU
from emu.net.device import Device
from emu.packet.frame import MacAddress

LOCALLY_ADMINISTERED = b"\x02"  # IEEE 802-2014, 8.4: an address that nobody was sold

Make = Callable[..., Device]
AnyMake = TypeVar("AnyMake", bound=Make)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of device."""

    name: str
    summary: str  # for people, one line
    settings: tuple[str, ...]  # what one can say of such a device
    make: Make

    def build(
        self, name: str, *, ports: Sequence[str] = (), rng: Rng, **settings: object
    ) -> Device:
        """Make a device of this kind; `Refused` if it does not know one of `settings`."""
        for setting in settings:
            if setting not in self.settings:
                known = ", ".join(self.settings)
                raise Refused(f'a {self.name} has no "{setting}" (there are: {known})')
        given = {"ports": ports, "rng": rng} | settings
        return self.make(name, **{key: given[key] for key in self.settings if key in given})


class Catalog:
    """Kinds by name, in the order in which they are listed."""

    def __init__(self) -> None:
        self._kinds: dict[str, Kind] = {}

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """All kinds."""
        return tuple(self._kinds.values())

    def add(self, make: AnyMake) -> AnyMake:
        """Add the kind that `make` makes; the first line of its docstring is the summary."""
        name, summary = make.__name__, (make.__doc__ or "").partition("\n")[0]
        if name in self._kinds:
            raise EmuBug(f'two kinds of device are called "{name}"')
        settings = tuple(signature(make).parameters)[1:]
        self._kinds[name] = Kind(name=name, summary=summary, settings=settings, make=make)
        return make

    def find(self, name: str) -> Kind:
        """Return the kind of that name; `Refused` names those that there are."""
        if (kind := self._kinds.get(name)) is not None:
            return kind
        meant = get_close_matches(name, self._kinds, n=1)
        hint = f', did you mean "{meant[0]}"?' if meant else ""
        known = ", ".join(self._kinds)
        raise Refused(f'there is no kind of device called "{name}"{hint} (there are: {known})')


CATALOG = Catalog()


@CATALOG.add
def hub(name: str, *, ports: Sequence[str]) -> Device:
    """A hub: what comes in on one port goes out of all the others."""
    from emu.devices.hub import Hub

    return Hub(name, ports=tuple(ports))


@CATALOG.add
def bridge(
    name: str,
    *,
    ports: Sequence[str],
    mac: MacAddress | None = None,
    ageing: Nanoseconds | None = None,
) -> Device:
    """A Linux bridge without a host around it; with a MAC address it has a port LOCAL."""
    from emu.devices.bridge import AGEING_TIME, Bridge

    ageing = AGEING_TIME if ageing is None else ageing
    return Bridge(name, mac=mac, ports=tuple(ports), ageing=ageing)


class SwitchPort(TypedDict, total=False):
    """A port of one VLAN, `access`; or a trunk for `trunk` (None: all) and `native`, untagged."""

    access: int
    trunk: Sequence[int] | None
    native: int


@CATALOG.add
def switch(
    name: str,
    *,
    ports: Sequence[str],
    vlans: Mapping[str, SwitchPort] | None = None,
    mtu: int = MTU,
) -> Device:
    """A physical VLAN switch; a port that `vlans` does not name is in VLAN 1."""
    from emu.devices.switch import Access, Mode, Switch, Trunk

    modes = dict[str, Mode](dict.fromkeys(ports, Access()))
    for port, said in (vlans or {}).items():
        if "trunk" not in said and "native" not in said:
            modes[port] = Access(vid=said.get("access", 1))
        elif "access" not in said:
            trunk = said.get("trunk")
            allowed = None if trunk is None else tuple(trunk)
            modes[port] = Trunk(allowed=allowed, native=said.get("native"))
        else:
            raise Refused(f'"{port}" is an access port or a trunk, not both')
    return Switch(name, ports=modes, mtu=mtu)


@CATALOG.add
def namespace(name: str, *, ports: Sequence[str], rng: Rng) -> Device:
    """A Linux machine; each port is a NIC that is up, with an address drawn from `rng`."""
    from emu.devices.namespace import Namespace
    from emu.devices.namespace.changes import AddNetdev

    machine = Namespace(name, rng=rng)
    for port in ports:
        mac = MacAddress(LOCALLY_ADMINISTERED + rng.stream("nic", port).octets(5))
        machine.configure(Nanoseconds(0), AddNetdev(name=port, mac=mac))
    return machine
