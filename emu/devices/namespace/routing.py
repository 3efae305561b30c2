"""Which way: what becomes of a packet that comes in, and how one goes out.

Models:          net/ipv4/route.c, ip_route_input_slow() and ip_route_output_key_hash_rcu();
                 fib_frontend.c, fib_validate_source(); devinet.c, inet_select_addr().
Does not model:  routing policy, multicast routing, groups joined but all-hosts, route_localnet.
"""

from typing import Final, NamedTuple

from emu.devices.namespace.net import Net
from emu.devices.namespace.netdev import Netdev
from emu.inet.fib import Match, RouteType, Scope
from emu.inet.program import Errno
from emu.net.effects import DropReason, Step, Why
from emu.packet.addresses import INADDR_ANY, INADDR_BROADCAST

LOOPBACK_NET: Final = 127
ALL_HOSTS: Final = b"\xe0\x00\x00\x01"  # 224.0.0.1, which every host has joined

NO_ROUTE: Final = (Step("fib", None),)
TO_ALL: Final = (Step("fib", "broadcast 255.255.255.255"),)
TO_GROUP: Final = (Step("fib", "multicast 224.0.0.1"),)

ERRNO: Final = {  # fib_props[], net/ipv4/fib_semantics.c
    RouteType.BLACKHOLE: Errno.EINVAL,
    RouteType.UNREACHABLE: Errno.EHOSTUNREACH,
    RouteType.PROHIBIT: Errno.EACCES,
}


class Way(NamedTuple):
    """How a packet that came in goes on: struct rtable of an input route."""

    type: RouteType  # LOCAL and BROADCAST: to this host
    match: Match | None
    why: Why


class Refusal(NamedTuple):
    """Why a packet that came in goes nowhere."""

    reason: DropReason
    why: Why = ()


class Path(NamedTuple):
    """How a packet goes out: struct rtable of an output route."""

    type: RouteType  # LOCAL: back in
    netdev: Netdev
    nexthop: bytes
    src: bytes
    why: Why


class Routing:
    """The questions that are asked of the FIB."""

    def __init__(self, net: Net) -> None:
        self._net = net

    # --- in --------------------------------------------------------------------------------------

    def input(self, netdev: Netdev, *, src: bytes, dst: bytes) -> Way | Refusal:
        """Return what becomes of a packet that arrived at `netdev`."""
        if is_multicast_inet(dst):
            return self._input_multicast(src, dst)
        if is_multicast_inet(src) or src == INADDR_BROADCAST:
            return Refusal(DropReason.IP_INVALID_SOURCE)
        if dst == INADDR_BROADCAST or src == dst == INADDR_ANY:  # old BSD's way to say all
            return self._to_host(netdev, src, Way(RouteType.BROADCAST, None, TO_ALL))
        if src == INADDR_ANY:
            return Refusal(DropReason.IP_INVALID_SOURCE)
        if dst == INADDR_ANY:
            return Refusal(DropReason.IP_INVALID_DEST)
        if LOOPBACK_NET in (src[0], dst[0]):
            return Refusal(DropReason.IP_LOCALNET)
        match = self._net.fib.lookup(dst)
        if match is not None and match.type in (RouteType.LOCAL, RouteType.BROADCAST):
            return self._to_host(netdev, src, Way(match.type, match, match.why))
        forwards = self._net.sysctl.conf(netdev.name, "forwarding")
        if match is None or not forwards:  # ip_error(): either counts as a host that is not there
            return Refusal(DropReason.IP_INADDRERRORS, match.why if match else NO_ROUTE)
        return Way(match.type, match, match.why)

    def _input_multicast(self, src: bytes, dst: bytes) -> Way | Refusal:
        if dst != ALL_HOSTS:
            return Refusal(DropReason.NOT_SPECIFIED)
        if is_multicast_inet(src) or src == INADDR_BROADCAST:
            return Refusal(DropReason.IP_INVALID_SOURCE)
        return Way(RouteType.BROADCAST, None, TO_GROUP)

    def _to_host(self, netdev: Netdev, src: bytes, way: Way) -> Way | Refusal:
        if src == INADDR_ANY:  # who has no address yet may broadcast
            return way
        refused = self._validate_source(netdev, src)
        return way if refused is None else Refusal(refused, way.why)

    def _validate_source(self, netdev: Netdev, src: bytes) -> DropReason | None:
        """Return why a packet from `src` cannot have come in there: fib_validate_source()."""
        if self._net.is_local(src):
            return DropReason.IP_LOCAL_SOURCE
        strictness = self._net.sysctl.conf(netdev.name, "rp_filter")
        if not strictness:
            return None
        back = self._net.fib.lookup(src)
        if back is None or back.type is not RouteType.UNICAST:
            return DropReason.IP_RPFILTER
        return DropReason.IP_RPFILTER if strictness == 1 and back.netdev != netdev.name else None

    # --- out -------------------------------------------------------------------------------------

    def output(
        self,
        dst: bytes,
        *,
        src: bytes | None = None,
        netdev: str | None = None,
        scope: Scope = Scope.UNIVERSE,
    ) -> Path | Errno:
        """Return how a packet of this host goes to `dst`.

        Args:
            dst: the destination; 0.0.0.0 is this host itself.
            src: the source, if the sender has chosen.
            netdev: the netdev by which it must go.
            scope: LINK if it must not go through a router.
        """
        if src is not None and not self._net.is_local(src):
            return Errno.EINVAL
        bound = self._net.netdevs.get(netdev) if netdev is not None else None
        if netdev is not None and bound is None:
            return Errno.ENODEV
        if bound is not None and not bound.up:
            return Errno.ENETUNREACH
        if dst == INADDR_ANY:
            dst = src or bytes((LOOPBACK_NET, 0, 0, 1))
        if dst == INADDR_BROADCAST and bound is not None:
            return self._on_link(bound, dst, src, RouteType.BROADCAST, TO_ALL)
        match = self._net.fib.lookup(dst, netdev=netdev, scope=scope)
        if match is None:
            if bound is None:
                return Errno.ENETUNREACH
            # "routing tables are wrong. Assume, that the destination is on link."
            return self._on_link(bound, dst, src, RouteType.UNICAST, NO_ROUTE)
        if match.type in ERRNO:
            return ERRNO[match.type]
        return self._along(match, dst, src)

    def _along(self, match: Match, dst: bytes, src: bytes | None) -> Path | Errno:
        """Return the path by a route: __mkroute_output()."""
        if match.type is RouteType.LOCAL:
            lo = self._net.netdevs["lo"]
            if not lo.up:
                return Errno.ENETUNREACH
            return Path(match.type, lo, dst, src or match.source or dst, match.why)
        netdev = self._net.netdevs[match.netdev]
        kind = RouteType.BROADCAST if dst == INADDR_BROADCAST else match.type
        nexthop = dst if is_multicast_inet(dst) else match.via or dst
        router = match.via or INADDR_ANY  # fib_result_prefsrc(): the destination does not count
        chosen = src or match.source or self.select_source(netdev, router, match.route.scope)
        if chosen[0] == LOOPBACK_NET and not netdev.is_loopback:
            return Errno.EINVAL
        return Path(kind, netdev, nexthop, chosen, match.why)

    def _on_link(
        self, netdev: Netdev, dst: bytes, src: bytes | None, kind: RouteType, why: Why
    ) -> Path:
        """Return the path to a neighbour."""
        chosen = src or self.select_source(netdev, INADDR_ANY, Scope.LINK)
        return Path(kind, netdev, dst, chosen, why)

    def select_source(self, netdev: Netdev, dst: bytes, scope: Scope) -> bytes:
        """Return the address to send from to `dst`, 0.0.0.0 if any will do: inet_select_addr()."""
        primary = [
            address
            for address in netdev.addresses
            if not address.secondary and address.scope <= scope
        ]
        number = int.from_bytes(dst, "big")
        for address in primary if number else ():
            if address.contains(number):
                return address.packed
        if primary:
            return primary[0].packed
        for other in self._net.netdevs.values():
            for address in other.addresses:
                if not address.secondary and address.scope <= scope:
                    return address.packed
        return INADDR_ANY


def is_multicast_inet(address: bytes) -> bool:
    """Whether `address` is a group's: ipv4_is_multicast()."""
    return address[0] & 0xF0 == 0xE0
