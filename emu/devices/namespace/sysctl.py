"""The sysctls of a namespace that change what it does.

Models:          net/ipv4/devinet.c, net/core/neighbour.c: directories `conf` and `neigh` for each
                 netdev, which begin with a copy of `default`; IN_DEV_MAXCONF and the like.
Does not model:  other keys, which are refused as if the kernel did not have them; those of IPv6 are
                 accepted, and do nothing.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from emu.core.errors import Refused
from emu.inet.jiffies import HZ
from emu.inet.neigh.entry import NeighbourSettings

IPV4: Final[Mapping[str, int]] = MappingProxyType(
    {
        "icmp_echo_ignore_all": 0,
        "icmp_echo_ignore_broadcasts": 1,
        "icmp_ratelimit": 1000,  # ms
        "icmp_ratemask": 0x1818,  # a bit for each type: 3, 4, 11, 12
        "ip_default_ttl": 64,
    }
)
CONF: Final[Mapping[str, int]] = MappingProxyType(
    {
        "arp_accept": 0,
        "arp_announce": 0,
        "arp_ignore": 0,
        "drop_unicast_in_l2_multicast": 0,
        "forwarding": 0,
        "rp_filter": 0,
    }
)
NEIGH: Final[Mapping[str, tuple[str, float]]] = MappingProxyType(
    {  # its field in NeighbourSettings, and how much of that one unit is
        "base_reachable_time": ("base_reachable_time", HZ),
        "base_reachable_time_ms": ("base_reachable_time", HZ / 1000),
        "delay_first_probe_time": ("delay_first_probe_time", HZ),
        "gc_stale_time": ("gc_stale_time", HZ),
        "locktime": ("locktime", HZ / 100),  # USER_HZ
        "mcast_solicit": ("mcast_solicit", 1),
        "retrans_time_ms": ("retrans_time", HZ / 1000),
        "ucast_solicit": ("ucast_solicit", 1),
        "unres_qlen_bytes": ("unres_qlen_bytes", 1),
    }
)


class Sysctls:
    """The values of `net.ipv4`."""

    def __init__(self) -> None:
        self._ipv4 = dict(IPV4)
        self._conf = {"all": dict(CONF), "default": dict(CONF)}
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
        try:
            value = int(text)
        except ValueError:
            raise Refused(f'sysctl: setting key "{key}": Invalid argument') from None
        if not self._put(directory, name, value):
            file = f"/proc/sys/{path.replace('.', '/')}"
            raise Refused(f"sysctl: cannot stat {file}: No such file or directory")

    def _put(self, directory: str, name: str, value: int) -> bool:
        """Set a value; return False if there is no such key."""
        if (directory, name) == ("net.ipv4", "ip_forward"):  # inet_forward_change()
            for conf in self._conf.values():
                conf["forwarding"] = value
            return True
        if directory == "net.ipv4" and name in IPV4:
            self._ipv4[name] = value
            return True
        tree, _, netdev = directory.removeprefix("net.ipv4.").partition(".")
        if tree == "conf" and netdev in self._conf and name in CONF:
            self._conf[netdev][name] = value
            if (netdev, name) == ("all", "forwarding"):
                return self._put("net.ipv4", "ip_forward", value)
            return True
        if tree == "neigh" and netdev in self._neigh and name in NEIGH:
            field, unit = NEIGH[name]
            self._neigh[netdev] = replace(self._neigh[netdev], **{field: round(value * unit)})
            return True
        return False
