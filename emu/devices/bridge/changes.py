"""The changes that a bridge takes: each is one command of iproute2.

A refused change raises `Refused` with the words that the real tool prints.
"""

from dataclasses import dataclass

from emu.core.time import Nanoseconds
from emu.devices.bridge.fdb import FdbState
from emu.net.changes import AddPort, RemovePort
from emu.packet.frame import MacAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPort:
    """`ip link set dev PORT up|down`, `mtu N`, `address MAC`; `bridge link set dev PORT FLAG on`.

    None leaves a thing as it is. While the port LOCAL is down, all ports are disabled.
    """

    port: str
    up: bool | None = None
    mtu: int | None = None
    mac: MacAddress | None = None
    learning: bool | None = None
    isolated: bool | None = None
    hairpin: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAgeing:
    """`ip link set dev BRIDGE type bridge ageing_time N`; with 0 the bridge learns nothing."""

    ageing: Nanoseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class FdbAppend:
    """`bridge fdb append MAC dev PORT master STATE`: put in, or take the place of, a row."""

    mac: MacAddress
    port: str
    state: FdbState = FdbState.STATIC
    exclusive: bool = False  # `add` instead of `append`: refused if there is a row already


@dataclass(frozen=True, slots=True, kw_only=True)
class FdbDelete:
    """`bridge fdb del MAC dev PORT master`: take out a row, whatever its state."""

    mac: MacAddress
    port: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FdbFlush:
    """`ip link set dev BRIDGE type bridge fdb_flush`: take out the dynamic rows."""


Change = AddPort | RemovePort | SetPort | SetAgeing | FdbAppend | FdbDelete | FdbFlush
