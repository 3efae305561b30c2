"""Commands, in short, as changes of a namespace: `link set eth0 mtu 1400`.

A shorter language than the real ones, so that these tests need no parser of the host layer.
"""

import shlex
from collections.abc import Callable
from functools import partial
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from emu.devices.namespace import Namespace
from emu.devices.namespace.changes import (
    AddAddress,
    AddNetdev,
    AddRoute,
    AddVlan,
    Change,
    DeleteAddress,
    DeleteNeighbour,
    DeleteNetdev,
    DeleteRoute,
    FlushNeighbours,
    RouteType,
    SetMaster,
    SetNeighbour,
    SetNetdev,
    SetSysctl,
)
from emu.packet.addresses import parse_mac
from tests.devices.hosts import MACS, T0, host

B = MACS["b"]
Said = dict[str, str]  # what a command names after its first argument


def set_link(name: str, said: Said) -> Change:
    state, mtu, mac = (said.get(word) for word in ("state", "mtu", "address"))
    return SetNetdev(
        name=name,
        up=None if state is None else state == "up",
        mtu=int(mtu) if mtu else None,
        mac=parse_mac(mac) if mac else None,
    )


def add_route(destination: str, said: Said, *, replace: bool = False) -> Change:
    return AddRoute(
        destination=IPv4Network(destination),
        via=IPv4Address(said["via"]) if "via" in said else None,
        name=said.get("dev"),
        metric=int(said.get("metric", "0")),
        source=IPv4Address(said["src"]) if "src" in said else None,
        type=RouteType(said.get("type", "unicast")),
        replace=replace,
    )


def delete_route(destination: str, said: Said) -> Change:
    return DeleteRoute(
        destination=IPv4Network(destination),
        via=IPv4Address(said["via"]) if "via" in said else None,
        name=said.get("dev"),
        metric=int(said["metric"]) if "metric" in said else None,
    )


def set_neighbour(address: str, said: Said, *, replace: bool = False) -> Change:
    return SetNeighbour(
        name=said["dev"],
        address=IPv4Address(address),
        mac=parse_mac(said["lladdr"]),
        permanent=said.get("nud", "permanent") == "permanent",
        replace=replace,
    )


COMMANDS: dict[str, Callable[[str, Said], Change]] = {
    "link add": lambda name, said: AddNetdev(
        name=name, mac=parse_mac(said.get("address", B.hex(":")))
    ),
    "link vlan": lambda name, said: AddVlan(name=name, parent=said["link"], vid=int(said["id"])),
    "link del": lambda name, _: DeleteNetdev(name=name),
    "link set": set_link,
    "link master": lambda name, said: SetMaster(name=name, master=said.get("to")),
    "addr add": lambda text, said: AddAddress(name=said["dev"], interface=IPv4Interface(text)),
    "addr del": lambda text, said: DeleteAddress(name=said["dev"], interface=IPv4Interface(text)),
    "route add": add_route,
    "route replace": partial(add_route, replace=True),
    "route del": delete_route,
    "neigh add": set_neighbour,
    "neigh replace": partial(set_neighbour, replace=True),
    "neigh del": lambda text, said: DeleteNeighbour(name=said["dev"], address=IPv4Address(text)),
    "neigh flush": lambda name, _: FlushNeighbours(name=None if name == "all" else name),
}


def command(text: str) -> Change:
    """Read what a person types, in short."""
    kind, verb, *words = shlex.split(text)
    if kind == "sysctl":
        return SetSysctl(key=verb, value=words[0])
    if kind == "route" and words[0] in list(RouteType):
        words += ["type", words.pop(0)]
    first = str(IPv4Network((0, 0))) if words[0] == "default" else words[0]
    said = dict(zip(words[1::2], words[2::2], strict=True))
    return COMMANDS[f"{kind} {verb}"](first, said)


def machine(*commands: str) -> Namespace:
    device = host("a", "10.0.0.1/24")
    for text in commands:
        device.configure(T0, command(text))
    return device
