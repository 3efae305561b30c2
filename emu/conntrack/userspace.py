"""The tracker of the userspace datapath of Open vSwitch 3.1."""

from types import MappingProxyType
from typing import Final

from emu.conntrack import simple, tcp
from emu.conntrack.policy import Policy
from emu.conntrack.tuples import ICMP, ICMPV6, IPV4, IPV6, TCP
from emu.core.time import seconds

OVS_USERSPACE: Final = Policy(
    name="ovs-userspace",
    transports=MappingProxyType(
        {TCP: tcp.Tcp(), ICMP: simple.ICMP_QUERIES, ICMPV6: simple.ICMPV6_QUERIES}
    ),
    other=simple.Datagrams(),
    lifetimes=MappingProxyType(  # ct_dpif_netdev_tp_def, lib/conntrack-tp.c
        {
            tcp.FIRST_PACKET: seconds(30),
            tcp.OPENING: seconds(30),
            tcp.OPEN: seconds(24 * 60 * 60),
            tcp.CLOSING: seconds(15 * 60),
            tcp.FIN_WAIT: seconds(45),
            tcp.CLOSED: seconds(30),
            simple.FIRST: seconds(60),
            simple.MULTIPLE: seconds(60),
            simple.BOTH_WAYS: seconds(30),
            simple.ICMP_FIRST: seconds(60),
            simple.ICMP_REPLY: seconds(30),
        }
    ),
    least_fragment=MappingProxyType({IPV4: 1200, IPV6: 1280}),  # lib/ipf.c
    most_fragments=1000,
    most_pieces=MappingProxyType({IPV4: 58, IPV6: 65535}),
    fragment_lifetime=seconds(15),
    fragment_grace=seconds(10),
)
