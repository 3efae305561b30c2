"""A cloud that runs, and what people can see and do in it."""

from ipaddress import IPv4Address

from emu.core.rng import Rng
from emu.core.time import Nanoseconds, seconds
from emu.devices.namespace.changes import Start
from emu.inet.applications import Finished, Ping
from emu.journal import Arrived, Commanded, Configured, Record, Sent, Ticked
from emu.net.actor import Message
from emu.net.effects import Event
from emu.neutron import rpc
from emu.neutron.blueprint import Blueprint
from emu.neutron.cloud import Cloud, ServerPort
from emu.neutron.names import CLIENT, SERVER, nova_compute
from emu.packet.frame import Frame
from emu.sim import Network

MINUTE = seconds(60)


class Seen:
    """A sink that keeps commands, what programs said, and frames by the end that sent them."""

    def __init__(self) -> None:
        self.commands: list[Commanded] = []
        self.finished: list[Finished] = []
        self.frames: dict[str, list[Frame]] = {}

    def write(self, record: Record) -> None:
        match record:
            case Commanded():
                self.commands.append(record)
            case Sent(link=link, by_a=by_a, frame=frame) if link.captured:
                end = str(link.a if by_a else link.b)
                self.frames.setdefault(end, []).append(frame)
            case Arrived(effects=effects) | Configured(effects=effects) | Ticked(effects=effects):
                values = [effect.value for effect in effects if isinstance(effect, Event)]
                self.finished += [value for value in values if isinstance(value, Finished)]
            case _:
                pass

    def close(self) -> None:
        pass


class World:
    """A cloud whose servers have started."""

    def __init__(self, blueprint: Blueprint, rng: Rng | None = None) -> None:
        self.seen = Seen()
        self.network = Network(self.seen)
        self.cloud = Cloud(blueprint, rng or Rng("test"))
        self.cloud.build(self.network)
        self.settle()

    def settle(self) -> None:
        assert self.network.settle(Nanoseconds(self.network.now + MINUTE))

    def port(self, server: str, netdev: str = "eth0") -> ServerPort:
        [port] = [p for p in self.cloud.ports if (p.server, p.netdev) == (server, netdev)]
        return port

    def typed(self, host: str) -> list[str]:
        """Return what was typed on a host so far."""
        return [record.command for record in self.seen.commands if record.host == host]

    def devices(self) -> list[str]:
        return [device.name for device in self.network.devices]

    def links(self) -> list[str]:
        """Return the links that are captured, by both ends."""
        return [f"{link.a} - {link.b}" for link in self.network.links if link.captured]

    def ping(self, server: str, to: str, count: int = 2) -> int:
        """Return how many answers `server` gets from a server or an address."""
        owner = self.cloud.address(to) if not to[0].isdigit() else IPv4Address(to)
        assert owner is not None
        self.seen.frames.clear()
        before = len(self.seen.finished)
        ping = Ping(destination=owner, count=count)
        self.network.configure(server, Start(id=f"ping-{before}", application=ping))
        self.network.advance(seconds(count + 15))
        [finished] = self.seen.finished[before:]
        assert finished.sent == count
        return finished.received

    def ask(self, request: rpc.Request) -> rpc.Result:
        """Return how the Neutron server answers."""
        return self._tell(SERVER, request)

    def ask_nova(
        self, host: str, request: rpc.BuildAndRunInstance | rpc.TerminateInstance
    ) -> rpc.Result:
        """Return how Nova on `host` answers."""
        return self._tell(nova_compute(host), request)

    def _tell(self, to: str, request: rpc.Arguments) -> rpc.Result:
        self.network.send(Message(CLIENT, to, request.method, request))
        self.settle()
        answer = self.cloud.client.answers[-1]
        assert answer.request is request
        return answer.result
