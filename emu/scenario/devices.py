"""Devices made by hand, below the cloud: a shape for each kind that has settings.

A kind of the catalog without a shape of its own here can be named too: it is `Plain`. Its ports are
those that links name.
"""

from collections.abc import Mapping
from ipaddress import IPv4Interface
from typing import Annotated, Final, Literal

from pydantic import Discriminator, Field, Tag

from emu.catalog import CATALOG
from emu.scenario.commands import Commands, is_command
from emu.scenario.shape import Shape
from emu.scenario.texts import Duration, Interface, Mac, Netdev, Positive, Text, Vlan


class Plain(Shape):
    """A device of a kind without settings. Its ports are those that links name."""

    kind: Text = Field(description="What it is: hub.")

    def settings(self) -> dict[str, object]:
        """Return what the catalog wants to know."""
        return self.model_dump(exclude={"kind"}, exclude_none=True)

    def typed(self) -> tuple[str, ...]:
        """Return what is typed on it at the beginning: nothing."""
        return ()


class Bridge(Plain):
    """A Linux bridge without a host around it. Its ports are those that links name."""

    kind: Literal["bridge"] = Field(description="A Linux bridge without a host around it.")
    mac: Mac | None = Field(None, description="Its own address, for a port LOCAL.")
    ageing: Duration | None = Field(
        None, description="How long a silent station is known: 300s; 0s: it learns nothing."
    )


class SwitchPort(Shape):
    """A port of a switch: of one VLAN, or a trunk."""

    access: Vlan | None = Field(None, description="The VLAN of an access port; 1 if absent.")
    trunk: tuple[Vlan, ...] | None = Field(
        None, description="The VLANs of a trunk: [100, 101]; all if only native is given."
    )
    native: Vlan | None = Field(
        None, description="The VLAN of frames without a tag on a trunk; refused if absent."
    )


class Switch(Plain):
    """A physical VLAN switch. Ports that links name and `vlans` does not are in VLAN 1."""

    kind: Literal["switch"] = Field(description="A physical VLAN switch.")
    vlans: dict[Netdev, SwitchPort] | None = Field(
        None, description="What its ports are: {p1: {access: 100}, p9: {trunk: [100, 101]}}."
    )
    mtu: Positive | None = Field(None, description="Octets of the IP packets that it takes; 1500.")


class Nic(Shape):
    """A NIC of a machine."""

    mac_address: Mac | None = Field(None, description="Derived from the seed if absent.")
    mtu: Positive | None = Field(None, description="Octets of an IP packet; 1500.")
    addresses: tuple[Interface, ...] = Field((), description="Its addresses: [10.0.0.1/24].")


class Machine(Shape):
    """What is common to Linux machines."""

    nics: dict[Netdev, Nic] = Field(
        {}, description="Its NICs; those that links name and that are not here are plain."
    )
    addresses: tuple[Interface, ...] = Field(
        (), description="The addresses of its first NIC: [10.0.0.1/24]."
    )
    routes: tuple[Text, ...] = Field(
        (), description='As in "ip route add": [default via 10.0.0.254].'
    )
    commands: Commands = Field((), description="What is typed on it at the beginning.")

    def typed(self) -> tuple[str, ...]:
        """Return what is typed on it at the beginning."""
        routes = [f"ip route add {route}" for route in self.routes]
        return (*routes, *filter(is_command, self.commands))

    def addresses_of(self, netdev: str, *, is_first: bool) -> tuple[IPv4Interface, ...]:
        """Return the addresses of a NIC."""
        nic = self.nics.get(netdev)
        return (*(self.addresses if is_first else ()), *(nic.addresses if nic else ()))


class Namespace(Machine):
    """A Linux machine by itself: a PC, a server, a router."""

    kind: Literal["namespace"] = Field(description="A Linux machine: a PC, a server, a router.")


class Host(Machine):
    """A Linux host, on which commands make bridges and VLANs, below Neutron."""

    kind: Literal["host"] = Field(description="A Linux host with bridges of its own.")


Device = Plain | Bridge | Switch | Namespace | Host
KINDS: Final[Mapping[str, type[Shape]]] = {
    "bridge": Bridge,
    "switch": Switch,
    "namespace": Namespace,
    "host": Host,
    "plain": Plain,
}


def known_kinds() -> tuple[str, ...]:
    """Return every kind that can be named."""
    shaped = [kind for kind in KINDS if kind != "plain"]
    return tuple(dict.fromkeys([*[kind.name for kind in CATALOG.kinds], *shaped]))


def kind_of(value: object) -> str | None:
    """Return the tag of the kind of device that `value` is."""
    kind = value.get("kind") if isinstance(value, dict) else None
    if kind not in known_kinds():
        return None
    return f"<{kind}>" if kind in KINDS else "<plain>"


OneDevice = Annotated[
    Annotated[Bridge, Tag("<bridge>")]
    | Annotated[Switch, Tag("<switch>")]
    | Annotated[Namespace, Tag("<namespace>")]
    | Annotated[Host, Tag("<host>")]
    | Annotated[Plain, Tag("<plain>")],
    Discriminator(kind_of),
]
