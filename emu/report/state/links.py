"""`ip link show` and `ip addr show`, as iproute2 6.1 prints them: ip/ipaddress.c."""

from collections.abc import Iterator, Sequence
from typing import Final

from emu.devices.namespace.netdev import AddressRow
from emu.host.rows import LinkKind, LinkRow
from emu.inet.fib import Scope
from emu.packet.addresses import BROADCAST, NO_MAC, render_mac

FOREVER: Final = 0xFFFFFFFF  # INFINITY_LIFE_TIME
QLEN: Final = 1000  # DEFAULT_TX_QUEUE_LEN
QUEUED: Final = (LinkKind.NIC, LinkKind.TAP)  # the others are IFF_NO_QUEUE
NO_STATE: Final = (LinkKind.LOOPBACK, LinkKind.TAP, LinkKind.DUMMY)  # nobody sets their operstate
STACKED: Final = (LinkKind.VLAN, LinkKind.VETH)


def render_links(rows: Sequence[LinkRow]) -> Iterator[str]:
    """Yield the lines of `ip link show`."""
    for row in rows:
        yield from _render(row, " mode DEFAULT")


def describe_links(rows: Sequence[LinkRow]) -> list[dict[str, object]]:
    """Return what `ip -j link show` prints."""
    return [_describe(row, {"linkmode": "DEFAULT"}) for row in rows]


def render_addresses(rows: Sequence[LinkRow], addresses: Sequence[AddressRow]) -> Iterator[str]:
    """Yield the lines of `ip addr show`."""
    for row in rows:
        yield from _render(row, "")
        for address in addresses:
            if address.netdev == row.name:
                yield f"    {address}"
                yield "       valid_lft forever preferred_lft forever"


def describe_addresses(
    rows: Sequence[LinkRow], addresses: Sequence[AddressRow]
) -> list[dict[str, object]]:
    """Return what `ip -j addr show` prints."""
    return [
        _describe(row, {})
        | {"addr_info": [_describe_address(a) for a in addresses if a.netdev == row.name]}
        for row in rows
    ]


def _render(row: LinkRow, mode: str) -> Iterator[str]:
    name = f"{row.name}@{row.lower}" if row.lower else row.name
    master = f" master {row.master}" if row.master else ""
    yield (
        f"{row.index}: {name}: <{','.join(_flags(row))}> mtu {row.mtu} qdisc {_qdisc(row)}{master} "
        f"state {_operstate(row)}{mode} group default qlen {QLEN}"
    )
    yield f"    link/{_type(row)} {render_mac(row.mac)} brd {render_mac(_broadcast(row))}"


def _describe(row: LinkRow, mode: dict[str, object]) -> dict[str, object]:
    described: dict[str, object] = {"ifindex": row.index}
    if row.lower:
        described["link"] = row.lower
    described |= {"ifname": row.name, "flags": _flags(row), "mtu": row.mtu, "qdisc": _qdisc(row)}
    if row.master:
        described["master"] = row.master
    described |= {"operstate": _operstate(row), **mode, "group": "default", "txqlen": QLEN}
    return described | {
        "link_type": _type(row),
        "address": render_mac(row.mac),
        "broadcast": render_mac(_broadcast(row)),
    }


def _describe_address(row: AddressRow) -> dict[str, object]:
    described: dict[str, object] = {
        "family": "inet",
        "local": str(row.interface.ip),
        "prefixlen": row.interface.network.prefixlen,
        "scope": "global" if row.scope is Scope.UNIVERSE else row.scope.name.lower(),
    }
    if row.secondary:
        described["secondary"] = True
    return described | {
        "label": row.netdev,
        "valid_life_time": FOREVER,
        "preferred_life_time": FOREVER,
    }


def _flags(row: LinkRow) -> list[str]:
    """Return the flags in the order of print_link_flags()."""
    carrier = ["NO-CARRIER"] if row.up and not row.running else []
    match row.kind:
        case LinkKind.LOOPBACK:
            kind = ["LOOPBACK"]
        case LinkKind.DUMMY:
            kind = ["BROADCAST", "NOARP"]
        case _:
            kind = ["BROADCAST", "MULTICAST"]
    state = ["UP"] * row.up + ["LOWER_UP"] * row.running
    return carrier + kind + state + ["M-DOWN"] * (not row.lower_up)


def _qdisc(row: LinkRow) -> str:
    """Return the queueing discipline that the kernel gives it: attach_one_default_qdisc()."""
    if not row.up:
        return "noop"
    return "pfifo_fast" if row.kind in QUEUED else "noqueue"


def _operstate(row: LinkRow) -> str:
    """Return what default_operstate() of net/core/link_watch.c makes of it."""
    if row.kind in NO_STATE:
        return "UNKNOWN" if row.up else "DOWN"
    if row.running:
        return "UP"
    return "LOWERLAYERDOWN" if row.up and row.kind in STACKED else "DOWN"


def _type(row: LinkRow) -> str:
    return "loopback" if row.kind is LinkKind.LOOPBACK else "ether"


def _broadcast(row: LinkRow) -> bytes:
    return NO_MAC if row.kind is LinkKind.LOOPBACK else BROADCAST
