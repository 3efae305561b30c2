"""IPv4 options that come in: which header Linux complains of, and where in it.

Models:          net/ipv4/ip_options.c: ip_options_compile(), and of ip_rcv_options() that packets
                 with a route of their own are not taken (sysctl accept_source_route = 0).
Does not model:  CIPSO, what record route and timestamp are filled with.
Read first:      ip_options_compile().
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from emu.packet.ipv4 import IPV4_HLEN

# include/uapi/linux/ip.h
IPOPT_END: Final = 0
IPOPT_NOOP: Final = 1
IPOPT_RR: Final = 7
IPOPT_TIMESTAMP: Final = 68
IPOPT_LSRR: Final = 131
IPOPT_SSRR: Final = 137
IPOPT_RA: Final = 148
SOURCE_ROUTES: Final = (IPOPT_LSRR, IPOPT_SSRR)
ONCE: Final = (IPOPT_RR, IPOPT_TIMESTAMP, IPOPT_LSRR)  # at most one of a kind in a packet
WITH_ADDRESS: Final = (1, 3)  # IPOPT_TS_TSANDADDR, IPOPT_TS_PRESPEC
PRESPEC: Final = 3


def find_mistake(options: bytes) -> int | None:
    """Return which octet of the header is wrong, for ICMP's "parameter problem"; None if none."""
    seen: list[int] = []
    for at, option in _split(options):
        kind = IPOPT_LSRR if option[0] == IPOPT_SSRR else option[0]
        if len(option) < 2 or kind in seen:
            return IPV4_HLEN + at
        wrong = CHECKS[kind](option) if kind in CHECKS else None
        if wrong is not None:
            return IPV4_HLEN + at + wrong
        seen += [kind] if kind in ONCE else []
    return None


def is_source_routed(options: bytes) -> bool:
    """Whether the packet names routers of its own."""
    return any(option[0] in SOURCE_ROUTES for _, option in _split(options))


def _split(options: bytes) -> Iterator[tuple[int, bytes]]:
    """Return where each option begins, and its octets: one octet if its length is wrong."""
    at = 0
    while at < len(options) and options[at] != IPOPT_END:
        if options[at] == IPOPT_NOOP:
            at += 1
            continue
        size = options[at + 1] if at + 1 < len(options) else 0
        if not 2 <= size <= len(options) - at:
            yield at, options[at : at + 1]
            return
        yield at, options[at : at + size]
        at += size


def _check_source_route(option: bytes) -> int | None:
    if len(option) < 3:
        return 1
    return 2 if option[2] < 4 else None


def _check_record_route(option: bytes) -> int | None:
    wrong = _check_source_route(option)
    if wrong is None and option[2] <= len(option) < option[2] + 3:
        return 2  # there is room, and not enough
    return wrong


def _check_timestamp(option: bytes) -> int | None:
    if len(option) < 4:
        return 1
    pointer, flag, overflow = option[2], option[3] & 15, option[3] >> 4
    if pointer > len(option):  # it is full: this host only counts
        return 3 if overflow == 15 and flag != PRESPEC else None
    needed = 7 if flag in WITH_ADDRESS else 3
    return 2 if pointer < 5 or pointer + needed > len(option) else None


def _check_router_alert(option: bytes) -> int | None:
    return 1 if len(option) < 4 else None


CHECKS: Final[Mapping[int, Callable[[bytes], int | None]]] = MappingProxyType(
    {
        IPOPT_LSRR: _check_source_route,
        IPOPT_RR: _check_record_route,
        IPOPT_TIMESTAMP: _check_timestamp,
        IPOPT_RA: _check_router_alert,
    }
)
