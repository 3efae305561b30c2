"""The sysctls of a namespace that change what it does.

Models:          net/ipv4/devinet.c, net/core/neighbour.c: directories `conf` and `neigh` for each
                 netdev, which begin with a copy of `default`; IN_DEV_MAXCONF and the like.
Does not model:  other keys, which are refused as if the kernel did not have them; those of IPv6 are
                 accepted, and do nothing.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final, NamedTuple

from emu.core.errors import Refused
from emu.inet.jiffies import HZ, milliseconds_to_jiffies
from emu.inet.neigh.entry import NeighbourSettings

INT_MIN: Final = -(2**31)
INT_MAX: Final = 2**31 - 1
USER_HZ: Final = 100
# A number as proc_get_long() reads it: of any base, without a plus; what follows a space is ignored
NUMBER: Final = re.compile(r"\s*(-?)(?:0[xX]([0-9a-fA-F]+)|(0[0-7]*)|([1-9][0-9]*))(?:\s.*)?", re.S)


class Setting(NamedTuple):
    """One key, and what it may be: struct ctl_table with extra1 and extra2."""

    default: int
    low: int = INT_MIN
    high: int = INT_MAX


class NeighSetting(NamedTuple):
    """One key of the directories `neigh`."""

    field: str  # of NeighbourSettings
    convert: Callable[[int], int]
    high: int = INT_MAX
    low: int = 0  # Differs from Linux: there, some of these times may be negative


def _count(value: int) -> int:
    """Return a number as it is."""
    return value


def _seconds(value: int) -> int:
    """Return seconds in jiffies: proc_dointvec_jiffies()."""
    return value * HZ


def _ticks(value: int) -> int:
    """Return hundredths of a second in jiffies: clock_t_to_jiffies()."""
    return value * HZ // USER_HZ


IPV4: Final[Mapping[str, Setting]] = MappingProxyType(
    {  # net/ipv4/sysctl_net_ipv4.c
        "icmp_echo_ignore_all": Setting(0, 0, 1),
        "icmp_echo_ignore_broadcasts": Setting(1, 0, 1),
        "icmp_ratelimit": Setting(1000, 0),  # ms
        "icmp_ratemask": Setting(0x1818),  # a bit for each type: 3, 4, 11, 12
        "ip_default_ttl": Setting(64, 1, 255),
    }
)
CONF: Final[Mapping[str, Setting]] = MappingProxyType(
    {  # devinet_sysctl, net/ipv4/devinet.c: any number will do
        "arp_accept": Setting(0),
        "arp_announce": Setting(0),
        "arp_ignore": Setting(0),
        "drop_unicast_in_l2_multicast": Setting(0),
        "forwarding": Setting(0),
        "rp_filter": Setting(0),
    }
)
NEIGH: Final[Mapping[str, NeighSetting]] = MappingProxyType(
    {  # neigh_sysctl_table, net/core/neighbour.c
        "base_reachable_time": NeighSetting("base_reachable_time", _seconds, INT_MAX // HZ),
        "base_reachable_time_ms": NeighSetting("base_reachable_time", milliseconds_to_jiffies),
        "delay_first_probe_time": NeighSetting("delay_first_probe_time", _seconds, INT_MAX // HZ),
        "gc_stale_time": NeighSetting("gc_stale_time", _seconds, INT_MAX // HZ),
        "locktime": NeighSetting("locktime", _ticks),
        "mcast_solicit": NeighSetting("mcast_solicit", _count),
        "retrans_time_ms": NeighSetting("retrans_time", milliseconds_to_jiffies),
        "ucast_solicit": NeighSetting("ucast_solicit", _count),
        "unres_qlen_bytes": NeighSetting("unres_qlen_bytes", _count),
    }
)


class Sysctls:
    """The values of `net.ipv4`."""

    def __init__(self) -> None:
        self._ipv4 = {name: setting.default for name, setting in IPV4.items()}
        conf = {name: setting.default for name, setting in CONF.items()}
        self._conf = {"all": dict(conf), "default": conf}
        self._neigh = {"default": NeighbourSettings()}

    def add_netdev(self, netdev: str) -> None:
        """Make the directories of `netdev`."""
        self._conf[netdev] = dict(self._conf["default"])
        self._neigh[netdev] = self._neigh["default"]

    def remove_netdev(self, netdev: str) -> None:
        """Remove them."""
        del self._conf[netdev], self._neigh[netdev]

    def ipv4(self, name: str) -> int:
        """Return `net.ipv4.NAME`."""
        return self._ipv4[name]

    def conf(self, netdev: str, name: str) -> int:
        """Return what counts of `net.ipv4.conf.NETDEV.NAME`: `all` may raise it."""
        own = self._conf[netdev][name]
        if name == "forwarding":  # IN_DEV_CONF_GET; the others are IN_DEV_MAXCONF, IN_DEV_ORCONF
            return own
        return max(own, self._conf["all"][name])

    def neigh(self, netdev: str) -> NeighbourSettings:
        """Return `net.ipv4.neigh.NETDEV`."""
        return self._neigh[netdev]

    def set(self, key: str, text: str) -> None:
        """Do as `sysctl -w KEY=TEXT` does."""
        path = key.replace("/", ".")
        if path.startswith("net.ipv6."):
            return  # Differs from Linux: there is no IPv6 here
        directory, _, name = path.rpartition(".")
        setting = self._find(directory, name)
        if setting is None:
            file = f"/proc/sys/{path.replace('.', '/')}"
            raise Refused(f"sysctl: cannot stat {file}: No such file or directory")
        value = _read(text)
        if value is None or not setting.low <= value <= setting.high:
            raise Refused(f'sysctl: setting key "{key}": Invalid argument')
        self._put(directory, name, value)

    def _find(self, directory: str, name: str) -> Setting | NeighSetting | None:
        """Return what there is to know of a key; None if there is no such key."""
        if directory == "net.ipv4":
            return CONF["forwarding"] if name == "ip_forward" else IPV4.get(name)
        tree, _, netdev = directory.removeprefix("net.ipv4.").partition(".")
        if tree == "conf" and netdev in self._conf:
            return CONF.get(name)
        return NEIGH.get(name) if tree == "neigh" and netdev in self._neigh else None

    def _put(self, directory: str, name: str, value: int) -> None:
        """Set what is there."""
        tree, _, netdev = directory.removeprefix("net.ipv4.").partition(".")
        if name == "ip_forward" or (netdev, name) == ("all", "forwarding"):
            for conf in self._conf.values():  # inet_forward_change()
                conf["forwarding"] = value
        elif directory == "net.ipv4":
            self._ipv4[name] = value
        elif tree == "conf":
            self._conf[netdev][name] = value
        else:
            setting = NEIGH[name]
            changed = {setting.field: setting.convert(value)}
            self._neigh[netdev] = replace(self._neigh[netdev], **changed)


def _read(text: str) -> int | None:
    """Return the number that `text` begins with; None if that is none."""
    match = NUMBER.fullmatch(text)
    if match is None:
        return None
    sign, *digits = match.groups()
    bases = zip(digits, (16, 8, 10), strict=True)
    (value,) = [int(number, base) for number, base in bases if number]
    return -value if sign else value
