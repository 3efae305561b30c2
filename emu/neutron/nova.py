"""Nova on one host: what starts servers there and plugs their taps, with os-vif and libvirt.

Models:          nova/compute/manager.py and nova/virt/libvirt/driver.py as far as the network sees
                 them; vif_plug_linux_bridge/linux_net.py of os-vif 3.0; src/util/virnetdevtap.c of
                 libvirt.
Does not model:  the guest, which waits for `network-vif-plugged` and here does not; the MTU that
                 libvirt gives a tap: the agent gives it the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum, unique

from emu.core.errors import EmuBug
from emu.core.time import Nanoseconds
from emu.net.actor import Action, Actions, Configure, Message
from emu.neutron import rpc
from emu.neutron.errors import NeutronError
from emu.neutron.names import SERVER, bridge_name, linuxbridge_agent, nova_compute, tap_device_name
from emu.neutron.netdevs import Netdevs
from emu.neutron.resources import COMPUTE_OWNER, Port, VifType


@unique
class InstanceStatus(StrEnum):
    """`status` of a server."""

    BUILD = "BUILD"
    ACTIVE = "ACTIVE"  # every port is wired
    ERROR = "ERROR"  # a port could not be bound


@dataclass(slots=True)
class _Instance:
    """A server on its way."""

    request: rpc.BuildAndRunInstance
    requester: str
    status: InstanceStatus = InstanceStatus.BUILD
    bound: dict[str, Port] = field(default_factory=dict)  # by id
    plugged: tuple[str, ...] = ()  # taps
    wired: tuple[str, ...] = ()  # ids of ports


class NovaCompute:
    """Bind the ports of a new server, make their taps, and wait until they are wired."""

    def __init__(self, host: str, netdevs: Netdevs) -> None:
        self.name = nova_compute(host)
        self._host = host
        self._netdevs = netdevs
        self._instances: dict[str, _Instance] = {}

    def on_message(self, now: Nanoseconds, message: Message) -> Actions:
        """React to who wants a server, and to what Neutron says."""
        match message.arguments:
            case rpc.BuildAndRunInstance() as request:
                return tuple(self._build(request, message.sender))
            case rpc.TerminateInstance() as request:
                return tuple(self._terminate(request, message.sender))
            case rpc.Reply(request=rpc.UpdatePort(port=port_id), result=result):
                return tuple(self._on_port(port_id, result))
            case rpc.Reply():  # a port was deleted
                return ()
            case rpc.ExternalInstanceEvent(tag=port_id):
                return tuple(self._on_vif_plugged(port_id))
        raise EmuBug(f"{self.name} knows no {message.method}")

    def next_deadline(self) -> None:
        """Return that nothing is ever due."""
        return

    def tick(self, now: Nanoseconds) -> Actions:
        """Do nothing."""
        return ()

    def status(self, instance: str) -> InstanceStatus | None:
        """Return how far a server is; None if there is none of that name."""
        return found.status if (found := self._instances.get(instance)) else None

    # --- servers come and go ---------------------------------------------------------------------

    def _build(self, request: rpc.BuildAndRunInstance, requester: str) -> Iterator[Action]:
        instance = self._instances[request.instance] = _Instance(request, requester)
        for port_id in request.ports:
            yield self._call(
                SERVER,
                rpc.UpdatePort(
                    port=port_id,
                    binding_host_id=self._host,
                    device_id=request.instance_id,
                    device_owner=COMPUTE_OWNER,
                ),
            )
        if not request.ports:
            yield self._end(instance, InstanceStatus.ACTIVE)

    def _terminate(self, request: rpc.TerminateInstance, requester: str) -> Iterator[Action]:
        if (instance := self._instances.pop(request.instance, None)) is None:
            error = NeutronError("InstanceNotFound", ("instance",), instance_id=request.instance)
            yield self._call(requester, rpc.Reply(request=request, result=error))
            return
        for tap in instance.plugged:
            yield self._netdevs.unplug(tap)
        if instance.plugged:
            yield self._call(
                linuxbridge_agent(self._host), rpc.ScanDevices(removed=instance.plugged)
            )
        for port_id in instance.request.ports:
            yield self._call(SERVER, rpc.DeletePort(port=port_id))
        yield self._call(requester, rpc.Reply(request=request, result=None))

    # --- ports -----------------------------------------------------------------------------------

    def _on_port(self, port_id: str, result: rpc.Result) -> Iterator[Action]:
        instance = self._find(port_id)
        if instance is None or instance.status is not InstanceStatus.BUILD:
            return
        if not isinstance(result, Port) or result.binding_vif_type is VifType.BINDING_FAILED:
            failed = NeutronError("PortBindingFailed", port_id=port_id)
            error = result if isinstance(result, NeutronError) else failed
            yield self._end(instance, InstanceStatus.ERROR, error)
            return
        instance.bound[port_id] = result
        if len(instance.bound) == len(instance.request.ports):
            yield from self._plug(instance)

    def _plug(self, instance: _Instance) -> Iterator[Action]:
        taps = []
        for index, port_id in enumerate(instance.request.ports):
            port = instance.bound[port_id]
            bridge, tap = bridge_name(port.network_id), tap_device_name(port.id)
            yield from self._ensure_bridge(bridge)
            yield self._netdevs.plug(tap, instance.request.instance, f"eth{index}")
            yield self._netdevs.set_master(tap, bridge)
            yield self._netdevs.set(tap, "up")
            taps.append(tap)
        instance.plugged = tuple(taps)
        yield self._call(linuxbridge_agent(self._host), rpc.ScanDevices(added=instance.plugged))

    def _ensure_bridge(self, bridge: str) -> Iterator[Configure]:
        """As _ensure_bridge_privileged() of os-vif."""
        if bridge not in self._netdevs:
            options = "forward_delay 0 stp_state 0 mcast_snooping 0"
            yield self._netdevs.add_bridge(bridge, options)
            yield self._netdevs.sysctl(f"net.ipv6.conf.{bridge}.disable_ipv6", 1)
            yield self._netdevs.sysctl(f"net.ipv4.conf.{bridge}.arp_ignore", 1)
            yield self._netdevs.sysctl(f"net.ipv4.conf.{bridge}.arp_announce", 2)
            yield self._netdevs.set(bridge, "up")

    def _on_vif_plugged(self, port_id: str) -> Iterator[Action]:
        instance = self._find(port_id)
        if instance is None or instance.status is not InstanceStatus.BUILD:
            return
        instance.wired = (*instance.wired, port_id)
        if len(instance.wired) == len(instance.request.ports):
            yield self._end(instance, InstanceStatus.ACTIVE)

    def _end(
        self, instance: _Instance, status: InstanceStatus, error: NeutronError | None = None
    ) -> Action:
        instance.status = status
        return self._call(instance.requester, rpc.Reply(request=instance.request, result=error))

    def _find(self, port_id: str) -> _Instance | None:
        owners = (one for one in self._instances.values() if port_id in one.request.ports)
        return next(owners, None)

    def _call(self, to: str, arguments: rpc.Arguments) -> Action:
        return rpc.send(self.name, to, arguments)
