"""Netdevs: the interfaces of a namespace, their addresses, and the rows that `ip` prints."""

from dataclasses import dataclass
from ipaddress import IPv4Interface

from emu.devices.namespace.changes import master_port
from emu.inet.fib import Scope
from emu.net.effects import Step, Why
from emu.packet.addresses import BROADCAST, NO_MAC, MacAddress, render_mac
from emu.packet.dot1q import VLAN_HLEN
from emu.packet.ethernet import ETH_HLEN

UNTAGGED = "untagged"


@dataclass(frozen=True, slots=True, kw_only=True)
class VlanRow:
    """How a VLAN netdev is made: what a tag was put on, or taken off, for."""

    name: str
    parent: str
    vid: int

    def __str__(self) -> str:
        """Return the part of `ip -d link show` that says so."""
        return f"{self.name}@{self.parent} vlan protocol 802.1Q id {self.vid}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterRow:
    """Whom a netdev hands its frames to."""

    name: str
    master: str

    def __str__(self) -> str:
        """Return the part of `ip link show` that says so."""
        return f"{self.name} master {self.master}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressRow:
    """One address of `ip addr show`."""

    interface: IPv4Interface
    netdev: str
    scope: Scope
    secondary: bool = False  # in the network of an address that was there before

    @property
    def packed(self) -> bytes:
        """The address as 4 octets."""
        return self.interface.ip.packed

    def contains(self, number: int) -> bool:
        """Whether an address, as a number, is in the network of this one: inet_ifa_match()."""
        network = self.interface.network
        return number & int(network.netmask) == int(network.network_address)

    def __str__(self) -> str:
        """Return the row as `ip addr show` prints it."""
        scope = "global" if self.scope is Scope.UNIVERSE else self.scope.name.lower()
        secondary = " secondary" if self.secondary else ""
        return f"inet {self.interface} scope {scope}{secondary} {self.netdev}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NetdevRow:
    """One netdev of `ip link show`."""

    index: int
    name: str
    mac: MacAddress
    mtu: int
    up: bool
    loopback: bool = False
    parent: str | None = None
    vid: int | None = None
    master: str | None = None

    def __str__(self) -> str:
        """Return the two lines that `ip link show` prints."""
        name = f"{self.name}@{self.parent}" if self.parent else self.name
        flags = ["LOOPBACK"] if self.loopback else ["BROADCAST", "MULTICAST"]
        flags += ["UP", "LOWER_UP"] if self.up else []
        master = f" master {self.master}" if self.master else ""
        kind, broadcast = ("loopback", NO_MAC) if self.loopback else ("ether", BROADCAST)
        state = "UP" if self.up else "DOWN"
        return (
            f"{self.index}: {name}: <{','.join(flags)}> mtu {self.mtu}{master} state {state}\n"
            f"    link/{kind} {render_mac(self.mac)} brd {render_mac(broadcast)}"
        )


class Netdev:
    """One netdev: struct net_device."""

    __slots__ = (
        *("addresses", "children", "has_own_mac", "index", "is_loopback", "is_of_bridge", "mac"),
        *(
            "master",
            "master_port",
            "mtu",
            "name",
            "parent",
            "tagged",
            "to_master",
            "untagged",
            "up",
            "vid",
        ),
    )

    def __init__(self, name: str, index: int, mac: MacAddress, mtu: int, *, up: bool) -> None:
        self.name = name
        self.index = index
        self.mac = mac
        self.mtu = mtu
        self.up = up
        self.is_loopback = False
        self.is_of_bridge = False
        self.parent: Netdev | None = None  # of a VLAN
        self.vid = 0
        self.children: dict[int, Netdev] = {}  # VLANs by VID
        self.has_own_mac = True  # a VLAN's follows its parent's, until it is set
        self.addresses: tuple[AddressRow, ...] = ()  # the primary ones first
        self.master: str | None = None
        self.master_port = master_port(name)
        self.tagged: Why = ()  # the step that each way takes, if this is a VLAN
        self.untagged: Why = ()
        self.to_master: Why = ()

    def become_vlan(self, parent: "Netdev", vid: int) -> None:
        """Be a VLAN of `parent` from now on."""
        self.parent = parent
        self.vid = vid
        self.has_own_mac = False
        parent.children[vid] = self
        row = VlanRow(name=self.name, parent=parent.name, vid=vid)
        self.tagged = (Step("vlan", row, UNTAGGED, vid),)
        self.untagged = (Step("vlan", row, vid, UNTAGGED),)

    def enslave(self, master: str | None) -> None:
        """Hand what arrives to `master` from now on, or to nobody."""
        self.master = master
        row = MasterRow(name=self.name, master=master or "")
        self.to_master = (Step("master", row),)

    def fits(self, size: int) -> bool:
        """Whether a frame of `size` octets, less its tag, may come in: __is_skb_forwardable().

        Veth asks, a bridge that hands it up does not; there is room for a tag, whoever uses it.
        """
        return self.is_of_bridge or size <= self.mtu + ETH_HLEN + VLAN_HLEN

    @property
    def row(self) -> NetdevRow:
        """The netdev as it is now."""
        return NetdevRow(
            index=self.index,
            name=self.name,
            mac=self.mac,
            mtu=self.mtu,
            up=self.up,
            loopback=self.is_loopback,
            parent=self.parent.name if self.parent else None,
            vid=self.vid if self.parent else None,
            master=self.master,
        )
