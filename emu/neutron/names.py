"""The names that Neutron gives to devices, and those of its own parts.

A netdev's name has 15 characters at most (IFNAMSIZ), so ids are cut and long parents are hashed:
constants.LINUX_DEV_LEN and plugins.utils.get_interface_name() in neutron-lib,
linuxbridge_neutron_agent.py and linuxbridge/agent/common/constants.py in neutron.
"""

from hashlib import sha1
from typing import Final

DEVICE_NAME_MAX_LEN: Final = 15  # characters of a netdev's name
RESOURCE_ID_LENGTH: Final = 11  # characters of an id in a name
MAX_VLAN_POSTFIX_LEN: Final = 5  # characters of ".4094"
INTERFACE_HASH_LEN: Final = 6  # hexadecimal digits
TAP_DEVICE_PREFIX: Final = "tap"
BRIDGE_NAME_PREFIX: Final = "brq"

SERVER: Final = "neutron-server"
CLIENT: Final = "openstack"  # the command line, from which people ask


def tap_device_name(port_id: str) -> str:
    """Return the name of the tap of a VM's port: `tap5f1a2b3c-4d`."""
    return TAP_DEVICE_PREFIX + port_id[:RESOURCE_ID_LENGTH]


def bridge_name(network_id: str) -> str:
    """Return the name of the Linux bridge of a network: `brq5f1a2b3c-4d`."""
    return BRIDGE_NAME_PREFIX + network_id[:RESOURCE_ID_LENGTH]


def subinterface_name(physical_interface: str, vlan_id: int) -> str:
    """Return the name of a VLAN's netdev on a NIC: `eth1.100`, `enp05ce057.4000` where too long."""
    postfix = f".{vlan_id}"
    if len(physical_interface) + len(postfix) > DEVICE_NAME_MAX_LEN:
        physical_interface = interface_name(
            physical_interface, max_len=DEVICE_NAME_MAX_LEN - MAX_VLAN_POSTFIX_LEN
        )
    return physical_interface + postfix


def interface_name(name: str, prefix: str = "", max_len: int = DEVICE_NAME_MAX_LEN) -> str:
    """Return `prefix` and `name`, which ends in its own hash where both are too long."""
    if len(prefix + name) <= max_len:
        return prefix + name
    digest = sha1(name.encode(), usedforsecurity=False).hexdigest()
    kept = max_len - len(prefix) - INTERFACE_HASH_LEN
    return prefix + name[:kept] + digest[:INTERFACE_HASH_LEN]


def linuxbridge_agent(host: str) -> str:
    """Return the name of the Linux Bridge agent of `host`."""
    return f"{host}/neutron-linuxbridge-agent"


def nova_compute(host: str) -> str:
    """Return the name of the Nova of `host`."""
    return f"{host}/nova-compute"


def port_name(server: str, index: int) -> str:
    """Return the name of a server's port: that of the NIC to which it leads."""
    return f"{server}/eth{index}"
