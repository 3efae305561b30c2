"""What follows `type KIND` in `ip link`: ip/iplink_{bridge,bridge_slave,vlan,veth}.c.

An option of which emu has one value only is accepted at that value, and refused at others.
"""

from typing import Final

from emu.core.time import milliseconds
from emu.host.commands import BridgeSettings, PortSettings
from emu.host.language.line import Line
from emu.host.language.options import Given, Option, read_options
from emu.host.language.values import fixed, flag, number, on_off, unmodelled

# --- bridge --------------------------------------------------------------------------------------

AGEING = Option("ageing_time", number("invalid ageing_time"), short=True)  # 1/100 s
FLUSH = Option("fdb_flush", flag, short=True)
BRIDGE_OPTIONS = (
    # without STP nothing waits for a delay: br_make_forwarding()
    Option("forward_delay", number("invalid forward_delay"), short=True),
    Option("hello_time", number("invalid hello_time", 100, 1000), short=True),
    Option("max_age", number("invalid max_age", 600, 4000), short=True),
    AGEING,
    Option("stp_state", fixed("stp_state", "0"), short=True),
    Option("priority", number("invalid priority", 0, 65535), short=True),
    Option("vlan_filtering", fixed("vlan_filtering", "0"), short=True),
    Option("vlan_protocol", fixed("vlan_protocol", "802.1Q", "802.1q"), short=True),
    Option("group_fwd_mask", fixed("group_fwd_mask", "0"), short=True),
    Option("no_linklocal_learn", fixed("no_linklocal_learn", "0")),
    FLUSH,
    Option("vlan_default_pvid", number("invalid vlan_default_pvid", 0, 4094), short=True),
    # without a querier a bridge that snoops floods as well: br_multicast_querier_exists()
    Option("mcast_snooping", fixed("mcast_snooping", "0", "1"), short=True),
    Option("mcast_querier", fixed("mcast_querier", "0"), short=True),
    Option("nf_call_iptables", fixed("nf_call_iptables", "0"), short=True),
    Option("nf_call_ip6tables", fixed("nf_call_ip6tables", "0"), short=True),
    Option("nf_call_arptables", fixed("nf_call_arptables", "0"), short=True),
)


def read_bridge(line: Line) -> BridgeSettings:
    """Read what follows `type bridge`."""
    given = read_options(line, BRIDGE_OPTIONS, unknown='bridge: unknown command "{word}"?')
    ageing = given.get(AGEING)
    return BridgeSettings(
        ageing=None if ageing is None else milliseconds(10 * ageing), flush=FLUSH in given
    )


# --- port of a bridge ----------------------------------------------------------------------------

LEARNING = Option("learning", on_off("learning"), short=True)
ISOLATED = Option("isolated", on_off("isolated"), short=True)
HAIRPIN = Option("hairpin", on_off("hairpin"), short=True)
ALWAYS_ON: Final = ("flood", "mcast_flood", "bcast_flood")
ALWAYS_OFF: Final = (
    *("guard", "root_block", "fastleave", "learning_sync", "mcast_to_unicast", "proxy_arp"),
    *("proxy_arp_wifi", "neigh_suppress", "vlan_tunnel", "locked"),
)
PORT_OPTIONS = (
    *(LEARNING, ISOLATED, HAIRPIN),
    *[Option(name, fixed(name, "on"), short=True) for name in ALWAYS_ON],
    *[Option(name, fixed(name, "off"), short=True) for name in ALWAYS_OFF],
    Option("state", fixed("state", "3", "forwarding"), short=True),
    # of STP, which is off
    Option("cost", number("cost is invalid", 1, 65535), short=True),
    Option("priority", number("priority is invalid", 0, 63), short=True),
)


def read_port(line: Line) -> PortSettings:
    """Read what follows `type bridge_slave`."""
    unknown = 'bridge_slave: unknown option "{word}"?'
    return port_settings(read_options(line, PORT_OPTIONS, unknown=unknown))


def port_settings(given: Given) -> PortSettings:
    """Return what `given` says of a port."""
    return PortSettings(
        learning=given.get(LEARNING), isolated=given.get(ISOLATED), hairpin=given.get(HAIRPIN)
    )


# --- VLAN ----------------------------------------------------------------------------------------

VID = Option("id", number("id is invalid", 0, 65535), short=True)
VLAN_OPTIONS = (
    Option("protocol", fixed("protocol", "802.1Q", "802.1q"), short=True),
    VID,
    Option("reorder_hdr", fixed("reorder_hdr", "on"), short=True),
    *[
        Option(name, fixed(name, "off"), short=True)
        for name in ("gvrp", "mvrp", "loose_binding", "bridge_binding")
    ],
    *unmodelled("ingress-qos-map", "egress-qos-map"),
)


def read_vlan(line: Line) -> int:
    """Read what follows `type vlan`; return the VLAN's id."""
    given = read_options(line, VLAN_OPTIONS, unknown='vlan: unknown command "{word}"?')
    vid = given.need(VID, "Error: 8021q: VLAN id not specified.")  # vlan_newlink()
    if not 0 < vid < 4095:
        raise given.wrong(VID, "Error: 8021q: Invalid VLAN id.", "1 to 4094")  # vlan_validate()
    return vid
