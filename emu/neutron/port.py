"""Ports: what a request for one may say.

Models: _create_db_port_obj() of neutron/db/db_base_plugin_v2.py,
        validate_mac_address() of neutron_lib/api/validators.
"""

from collections.abc import Iterator, Mapping

from emu.neutron.errors import NeutronError
from emu.packet.addresses import BROADCAST, NO_MAC, MacAddress, is_multicast, render_mac


def mac_mistakes(
    mac: MacAddress | None, network: str, in_use: Mapping[MacAddress, str]
) -> Iterator[NeutronError]:
    """Yield what is wrong with `mac` for a port of `network`; None: Neutron picks one.

    `in_use` holds the MACs of the network's other ports, and whose they are.
    """
    if mac is None:
        return
    text = render_mac(mac)
    if mac in (NO_MAC, BROADCAST):
        reason = f"'{text}' is not a valid MAC address"
        yield NeutronError("HTTPBadRequest", ("mac_address",), attr="mac_address", reason=reason)
    elif is_multicast(mac):  # Neutron takes it, and then libvirt starts no domain with it
        fix = "let the first octet be even: fa:16:3e:..."
        yield NeutronError("libvirtError", ("mac_address",), fix=fix, mac=text)
    elif mac in in_use:
        fix = f'the port "{in_use[mac]}" has it'
        yield NeutronError("MacAddressInUse", ("mac_address",), fix=fix, net_id=network, mac=text)
