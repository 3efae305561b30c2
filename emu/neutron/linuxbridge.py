"""The Linux Bridge agent: what wires the taps of a host to its NICs.

Models:          neutron/plugins/ml2/drivers/agent/_common_agent.py and
                 linuxbridge/agent/linuxbridge_neutron_agent.py, for local, flat and VLAN networks.
Does not model:  VXLAN, security groups, ARP protection, bridge_mappings, live migration, addresses
                 of NICs that would move to the bridge of a flat network.
Read first:      process_network_devices() and _add_tap_interface().

There is one bridge `brq...` for each network that has a tap on the host. It is made with the first
tap, by Nova or by the agent, and goes with the network, not with the last tap.
"""

from collections.abc import Iterator
from itertools import chain

from emu.core.errors import EmuBug
from emu.core.time import Nanoseconds
from emu.net.actor import Action, Actions, Configure, Message, Send
from emu.neutron import rpc
from emu.neutron.blueprint import HostPlan, NetworkType
from emu.neutron.names import (
    SERVER,
    bridge_name,
    linuxbridge_agent,
    subinterface_name,
    tap_device_name,
)
from emu.neutron.netdevs import Netdevs
from emu.neutron.resources import COMPUTE_PREFIX


class LinuxBridgeAgent:
    """Ask the server about each tap that appears, and join it to its network."""

    topics = (rpc.Topic.PORT_UPDATE, rpc.Topic.NETWORK_DELETE)

    def __init__(self, host: HostPlan, netdevs: Netdevs) -> None:
        self.name = linuxbridge_agent(host.name)
        self._host = host.name
        self._interface_mappings = {physnet: netdev for netdev, physnet in host.nics}
        self._netdevs = netdevs
        self._seen: dict[str, None] = {}  # the taps that are there as far as it looked

    def on_message(self, now: Nanoseconds, message: Message) -> Actions:
        """React to taps that come and go, and to what the server says."""
        match message.arguments:
            # Differs from Neutron: the agent looks for taps every 2 s (polling_interval); here it
            # is told at once
            case rpc.ScanDevices() as found:
                return tuple(self._scan(found))
            case rpc.PortUpdate(port=port):
                device = tap_device_name(port.id)
                return tuple(self._ask(device)) if device in self._seen else ()
            case rpc.DevicesDetailsList(details=details):
                known = [found for found in details if isinstance(found, rpc.DeviceDetails)]
                return tuple(chain.from_iterable(map(self._process_device, known)))
            case rpc.NetworkDelete(network_id=network_id):
                return tuple(self._delete_bridge(bridge_name(network_id)))
        raise EmuBug(f"{self.name} knows no {message.method}")

    def next_deadline(self) -> None:
        """Return that nothing is ever due."""
        return

    def tick(self, now: Nanoseconds) -> Actions:
        """Do nothing."""
        return ()

    # --- taps ------------------------------------------------------------------------------------

    def _scan(self, found: rpc.ScanDevices) -> Iterator[Send]:
        self._seen |= dict.fromkeys(found.added)
        yield from self._ask(*found.added)
        for device in found.removed:
            self._seen.pop(device, None)
            yield self._say_down(device)

    def _ask(self, *devices: str) -> Iterator[Send]:
        if devices:
            yield self._call(rpc.GetDevicesDetailsList(devices=devices, host=self._host))

    def _process_device(self, details: rpc.DeviceDetails) -> Iterator[Action]:
        device = details.device
        plugged = device in self._netdevs and self._has_uplink(details)
        if plugged:
            yield from self._add_tap_interface(details)
            yield self._netdevs.set(device, "up" if details.admin_state_up else "down")
        if details.admin_state_up:
            yield self._say_up(device) if plugged else self._say_down(device)

    def _has_uplink(self, details: rpc.DeviceDetails) -> bool:
        local = details.network_type is NetworkType.LOCAL
        return local or details.physical_network in self._interface_mappings

    def _add_tap_interface(self, details: rpc.DeviceDetails) -> Iterator[Configure]:
        bridge, tap = bridge_name(details.network_id), details.device
        if details.network_type is NetworkType.LOCAL:
            yield from self._ensure_bridge(bridge)
        else:
            yield from self._ensure_physical_in_bridge(bridge, details)
        yield self._netdevs.set(tap, f"mtu {details.mtu}")
        # libvirt, which makes a VM's tap, puts it into the bridge
        made_elsewhere = details.device_owner.startswith(COMPUTE_PREFIX)
        if not made_elsewhere and self._netdevs.master(tap) is None:
            yield self._netdevs.set_master(tap, bridge)

    # --- bridges ---------------------------------------------------------------------------------

    def _ensure_physical_in_bridge(
        self, bridge: str, details: rpc.DeviceDetails
    ) -> Iterator[Configure]:
        nic = self._interface_mappings[details.physical_network or ""]
        interface = nic
        if (vlan_id := details.segmentation_id) is not None:
            interface = subinterface_name(nic, vlan_id)
            yield from self._ensure_vlan(interface, nic, vlan_id)
        yield from self._ensure_bridge(bridge)
        if (other := self._netdevs.master(interface)) != bridge:
            if other is not None:
                yield self._netdevs.set_master(interface, None)
            yield self._netdevs.set_master(interface, bridge)

    def _ensure_vlan(self, interface: str, nic: str, vlan_id: int) -> Iterator[Configure]:
        if interface not in self._netdevs:
            yield self._netdevs.add_vlan(interface, nic, vlan_id)
            # a slash stands for a dot in sysctl(8)
            key = f"net.ipv6.conf.{interface.replace('.', '/')}.disable_ipv6"
            yield self._netdevs.sysctl(key, 1)
            yield self._netdevs.set(interface, "up")

    def _ensure_bridge(self, bridge: str) -> Iterator[Configure]:
        # Differs from Neutron: ensure_device_is_ready() sets up a bridge that is there, which is
        # up already
        if bridge not in self._netdevs:
            yield self._netdevs.add_bridge(bridge)
            yield self._netdevs.set(bridge, "type bridge forward_delay 0")
            yield self._netdevs.set(bridge, "type bridge stp_state 0")
            yield self._netdevs.set(bridge, "up")

    def _delete_bridge(self, bridge: str) -> Iterator[Configure]:
        if bridge not in self._netdevs:
            return
        for interface in self._netdevs.interfaces(bridge):
            yield self._netdevs.set_master(interface, None)
            if interface not in self._interface_mappings.values():
                yield self._netdevs.set(interface, "down")
                yield self._netdevs.delete(interface)
        yield self._netdevs.set(bridge, "down")
        yield self._netdevs.delete(bridge)

    # --- what the server hears -------------------------------------------------------------------

    def _say_up(self, device: str) -> Send:
        return self._call(rpc.UpdateDeviceUp(device=device, host=self._host))

    def _say_down(self, device: str) -> Send:
        return self._call(rpc.UpdateDeviceDown(device=device, host=self._host))

    def _call(self, arguments: rpc.Arguments) -> Send:
        return rpc.send(self.name, SERVER, arguments)
