"""`brctl show` (bridge-utils), `bridge fdb show` (iproute2), `show mac address-table` (IOS).

Of `bridge fdb show`, the rows `self` are left out: a netdev's own filters, which emu has not.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from emu.devices.bridge import FdbRow, FdbState
from emu.devices.switch import MacRow
from emu.net.link import LOCAL
from emu.packet.addresses import NO_MAC, MacAddress, render_mac

PRIORITY: Final = "8000"  # the default of IEEE 802.1D, in front of the address
BRCTL_HEADING: Final = "bridge name\tbridge id\t\tSTP enabled\tinterfaces"
MAC_HEADING: Final = (
    "          Mac Address Table",
    "-------------------------------------------",
    "",
    "Vlan    Mac Address       Type        Ports",
    "----    -----------       --------    -----",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeRow:
    """A bridge, as `brctl show` shows it."""

    name: str
    mac: MacAddress | None
    ports: tuple[str, ...]

    @property
    def id(self) -> str:
        """Its bridge id."""
        return f"{PRIORITY}.{(self.mac or NO_MAC).hex()}"

    @property
    def interfaces(self) -> list[str]:
        """Its ports by name, as scandir() of brctl has them."""
        return sorted(port for port in self.ports if port != LOCAL)


def render_bridges(rows: Sequence[BridgeRow]) -> Iterator[str]:
    """Yield the lines of `brctl show`: br_cmd_show()."""
    yield BRCTL_HEADING
    for row in sorted(rows, key=lambda row: row.name):
        first, *others = row.interfaces or [""]
        yield f"{row.name}\t\t{row.id}\tno\t\t{first}".rstrip()
        yield from ("\t" * 7 + other for other in others)


def describe_bridges(rows: Sequence[BridgeRow]) -> list[dict[str, object]]:
    """Return the same as values; brctl has no such output of its own."""
    return [
        {"ifname": row.name, "bridge_id": row.id, "stp_state": 0, "interfaces": row.interfaces}
        for row in sorted(rows, key=lambda row: row.name)
    ]


def render_fdb(rows: Sequence[FdbRow]) -> Iterator[str]:
    """Yield the lines of `bridge fdb show`."""
    yield from map(str, rows)


def describe_fdb(rows: Sequence[FdbRow]) -> list[dict[str, object]]:
    """Return what `bridge -j fdb show` prints."""
    return [
        {
            "mac": render_mac(row.mac),
            "ifname": row.master if row.port == LOCAL else row.port,
            "flags": [],
            "master": row.master,
            "state": "" if row.state is FdbState.DYNAMIC else row.state.value,
        }
        for row in rows
    ]


def render_macs(rows: Sequence[MacRow]) -> Iterator[str]:
    """Yield the lines of `show mac address-table`."""
    yield from MAC_HEADING
    for row in rows:
        digits = row.mac.hex()
        dotted = ".".join([digits[0:4], digits[4:8], digits[8:12]])
        yield f"{row.vid:>4}    {dotted}    DYNAMIC     {row.port}"
    yield f"Total Mac Addresses for this criterion: {len(rows)}"


def describe_macs(rows: Sequence[MacRow]) -> list[dict[str, object]]:
    """Return the same as values."""
    return [
        {"vlan": row.vid, "mac": render_mac(row.mac), "type": "DYNAMIC", "port": row.port}
        for row in rows
    ]
