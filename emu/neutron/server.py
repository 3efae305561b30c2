"""The Neutron server on the bus: what agents ask, what people and Nova ask.

Models: neutron/plugins/ml2/rpc.py (RpcCallbacks, AgentNotifierApi), neutron/notifiers/nova.py.

A request that is refused is answered with its error: an outcome, not the end of the run.
"""

from collections.abc import Iterator, Mapping
from typing import Final, assert_never

from emu.core.errors import EmuBug
from emu.core.time import Nanoseconds
from emu.net.actor import Actions, Message, Send
from emu.neutron import rpc
from emu.neutron.errors import NeutronError
from emu.neutron.names import SERVER, nova_compute
from emu.neutron.plugin import Ml2Plugin
from emu.neutron.resources import COMPUTE_PREFIX, Network, Port, PortStatus, Subnet, VifType

VIF_PLUGGED: Final = "network-vif-plugged"


class NeutronServer:
    """Answer who asks, and tell the agents what changed."""

    def __init__(self, plugin: Ml2Plugin, listeners: Mapping[rpc.Topic, tuple[str, ...]]) -> None:
        self.name = SERVER
        self._plugin = plugin
        self._listeners = listeners

    def on_message(self, now: Nanoseconds, message: Message) -> Actions:
        """Do and answer what `message` asks."""
        request = message.arguments
        match request:
            case rpc.GetDevicesDetailsList(devices=devices, host=host):
                details = tuple([self._get_device_details(device, host) for device in devices])
                return (self._call(message.sender, rpc.DevicesDetailsList(details=details)),)
            case rpc.UpdateDeviceUp(device=device, host=host):
                return tuple(self._update_device_up(device, host))
            case rpc.UpdateDeviceDown(device=device, host=host):
                if (port := self._bound_port(device, host)) is not None:
                    self._plugin.set_port_status(port, PortStatus.DOWN)
                return ()
        if isinstance(request, rpc.Request):
            return tuple(self._answer(request, message.sender))
        raise EmuBug(f"{self.name} knows no {message.method}")

    def next_deadline(self) -> None:
        """Return that nothing is ever due."""
        return

    def tick(self, now: Nanoseconds) -> Actions:
        """Do nothing."""
        return ()

    # --- agents ----------------------------------------------------------------------------------

    def _get_device_details(self, device: str, host: str) -> rpc.DeviceDetails | rpc.UnknownDevice:
        if (port := self._bound_port(device, host)) is None:
            return rpc.UnknownDevice(device=device)
        self._plugin.set_port_status(
            port, PortStatus.BUILD if port.admin_state_up else PortStatus.DOWN
        )
        network = self._plugin.network(port.network_id)
        return rpc.DeviceDetails(
            device=device,
            port_id=port.id,
            network_id=network.id,
            network_type=network.provider_network_type,
            physical_network=network.provider_physical_network,
            segmentation_id=network.provider_segmentation_id,
            mtu=network.mtu,
            mac_address=port.mac_address,
            fixed_ips=port.fixed_ips,
            device_owner=port.device_owner,
            admin_state_up=port.admin_state_up,
        )

    def _update_device_up(self, device: str, host: str) -> Iterator[Send]:
        port = self._bound_port(device, host)
        if port is None or port.status is PortStatus.ACTIVE:
            return
        self._plugin.set_port_status(port, PortStatus.ACTIVE)
        if port.device_owner.startswith(COMPUTE_PREFIX):
            event = rpc.ExternalInstanceEvent(name=VIF_PLUGGED, tag=port.id)
            yield self._call(nova_compute(host), event)

    def _bound_port(self, device: str, host: str) -> Port | None:
        """Return the port of `device` if it is bound, and to `host`."""
        port = self._plugin.port_of_device(device)
        if port is None or port.binding_vif_type is not VifType.BRIDGE:
            return None
        return port if port.binding_host_id == host else None

    # --- people and Nova -------------------------------------------------------------------------

    def _answer(self, request: rpc.Request, sender: str) -> Iterator[Send]:
        try:
            result = self._serve(request)
        except NeutronError as error:
            yield self._call(sender, rpc.Reply(request=request, result=error))
            return
        yield self._call(sender, rpc.Reply(request=request, result=result))
        match request, result:
            case rpc.DeleteNetwork(), Network(id=network_id):
                yield from self._cast(
                    rpc.Topic.NETWORK_DELETE, rpc.NetworkDelete(network_id=network_id)
                )
            case rpc.UpdatePort(), Port(binding_vif_type=VifType.BRIDGE) as port:
                yield from self._cast(rpc.Topic.PORT_UPDATE, rpc.PortUpdate(port=port))

    def _serve(self, request: rpc.Request) -> Network | Subnet | Port:
        """Return what was made, changed or deleted."""
        plugin = self._plugin
        match request:
            case rpc.CreateNetwork(network=plan):
                return plugin.create_network(plan)
            case rpc.DeleteNetwork(network=name):
                return plugin.delete_network(name)
            case rpc.CreateSubnet(network=name, subnet=plan):
                return plugin.create_subnet(name, plan)
            case rpc.DeleteSubnet(subnet=name):
                return plugin.delete_subnet(name)
            case rpc.CreatePort():
                return plugin.create_port(
                    request.name,
                    request.network,
                    fixed_ip=request.fixed_ip,
                    mac_address=request.mac_address,
                )
            case rpc.UpdatePort():
                return plugin.update_port(
                    request.port,
                    admin_state_up=request.admin_state_up,
                    binding_host_id=request.binding_host_id,
                    device_id=request.device_id,
                    device_owner=request.device_owner,
                )
            case rpc.DeletePort(port=name):
                return plugin.delete_port(name)
        assert_never(request)

    # --- the bus ---------------------------------------------------------------------------------

    def _call(self, to: str, arguments: rpc.Arguments) -> Send:
        return rpc.send(self.name, to, arguments)

    def _cast(self, topic: rpc.Topic, arguments: rpc.Arguments) -> Iterator[Send]:
        for listener in self._listeners[topic]:
            yield self._call(listener, arguments)
