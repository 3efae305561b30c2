"""ICMP messages in the words of ping: iputils 20221126, ping/ping.c, pr_icmph()."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from emu.packet.addresses import render_inet
from emu.packet.icmp import (
    ICMP_DEST_UNREACH,
    ICMP_FRAG_NEEDED,
    ICMP_PARAMETERPROB,
    ICMP_REDIRECT,
    ICMP_SOURCE_QUENCH,
    ICMP_TIME_EXCEEDED,
    IcmpHeader,
)

UNREACHABLE: Final[Mapping[int, str]] = MappingProxyType(
    {
        0: "Destination Net Unreachable",
        1: "Destination Host Unreachable",
        2: "Destination Protocol Unreachable",
        3: "Destination Port Unreachable",
        5: "Source Route Failed",
        6: "Destination Net Unknown",
        7: "Destination Host Unknown",
        8: "Source Host Isolated",
        9: "Destination Net Prohibited",
        10: "Destination Host Prohibited",
        11: "Destination Net Unreachable for Type of Service",
        12: "Destination Host Unreachable for Type of Service",
        13: "Packet filtered",
        14: "Precedence Violation",
        15: "Precedence Cutoff",
    }
)
REDIRECTS: Final[Mapping[int, str]] = MappingProxyType(
    {
        0: "Redirect Network",
        1: "Redirect Host",
        2: "Redirect Type of Service and Network",
        3: "Redirect Type of Service and Host",
    }
)
EXCEEDED: Final[Mapping[int, str]] = MappingProxyType(
    {0: "Time to live exceeded", 1: "Frag reassembly time exceeded"}
)


def render_icmp(icmp: IcmpHeader) -> str:
    """Return what ping prints of an error or a redirect."""
    if icmp.type == ICMP_DEST_UNREACH:
        if icmp.code == ICMP_FRAG_NEEDED:
            return f"Frag needed and DF set (mtu = {icmp.mtu})"
        return UNREACHABLE.get(icmp.code, f"Dest Unreachable, Bad Code: {icmp.code}")
    if icmp.type == ICMP_REDIRECT:
        words = REDIRECTS.get(icmp.code, f"Redirect, Bad Code: {icmp.code}")
        return f"{words}(New nexthop: {render_inet(icmp.gateway)})"
    if icmp.type == ICMP_TIME_EXCEEDED:
        return EXCEEDED.get(icmp.code, f"Time exceeded, Bad Code: {icmp.code}")
    if icmp.type == ICMP_PARAMETERPROB:
        return f"Parameter problem: pointer = {icmp.rest >> 24}"
    return "Source Quench" if icmp.type == ICMP_SOURCE_QUENCH else f"Bad ICMP type: {icmp.type}"
