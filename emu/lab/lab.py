"""A laboratory: a world to build, to run scenarios in, and to try things out on."""

from collections.abc import Callable, Sequence
from functools import partial
from io import StringIO
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any, Final, TypeVar, overload

from emu.core.errors import EmuBug, EmuError, Refused, Storm
from emu.core.time import Nanoseconds
from emu.devices.namespace import Namespace
from emu.inet.applications import Finished
from emu.journal import Record, Sink
from emu.lab.collection import Collection
from emu.lab.frames import completed, wire
from emu.lab.routed_socket import RoutedSocket
from emu.lab.virtual_socket import EmuSocket, Packets
from emu.net.device import Device
from emu.net.link import PortRef
from emu.packet.door import Packet, PacketList, SndRcvList
from emu.scenario import Outcome, Recording, Scenario, StepOutcome, load
from emu.scenario.byhand import build
from emu.scenario.file import SEED
from emu.scenario.parts import cable_of, device_of, empty_scenario, step_of
from emu.scenario.recording import address_names, write_down
from emu.scenario.running import Performance, new_network
from emu.scenario.shipped import find
from emu.scenario.step import LONG, Step
from emu.scenario.texts import duration
from emu.trace import Fates, Level, render_trace
from emu.trace.packets import PacketNames

Result = TypeVar("Result")
Time = float | str  # seconds, or with a unit: "10ms"

LONGEST: Final = 100 * 365 * 86_400  # seconds: a century


class Lab:
    """A world on virtual time, built by hand or by a scenario.

    Ports have the names that people use: `compute1/eth1`, `cirros-vm1/eth0`. Whatever is asked for
    runs until nothing is in flight and no program goes on; then time stands. The whole journal is
    kept, so that it can be told (`trace`) and written down (`record`) at any time.
    """

    def __init__(self, *, seed: str = SEED, scenario: Scenario | None = None) -> None:
        self._scenario = scenario or empty_scenario("lab", seed)
        self._names = PacketNames()
        self._journal = _Journal(self._names)
        self.network = new_network(self._scenario)
        self.network.subscribe(self._journal)
        self._performance = Performance(self._scenario, self.network)
        self._stage = self._performance.stage
        self._performance.next_step()
        self._settle(self._performance.outcome.steps[0])

    @classmethod
    def load(cls, source: str | Path, *, seed: str | None = None) -> "Lab":
        """Build the world of a scenario: a file, or the name of one that comes with emu.

        Raises:
            EmuError: there is none, or something is wrong with it.
        """
        scenario = load(find(str(source)))
        return cls(scenario=scenario if seed is None else scenario.with_seed(seed))

    # --- scenarios -------------------------------------------------------------------------------

    def run(self) -> Outcome:
        """Perform the steps of the scenario that are left, and return what became of all."""
        return self._performance.run()

    def step(self) -> StepOutcome | None:
        """Perform the next step of the scenario, and return what became of it; None: it is over."""
        return self._performance.next_step()

    def perform(self, **step: object) -> StepOutcome:
        """Perform one more step, in the words of a scenario file.

        As in `lab.perform(ping={"from": "pc1", "to": "pc2"}, expect=[{"received": 3}])`.
        """
        return self._performance.perform(step_of(step))

    @property
    def outcome(self) -> Outcome:
        """What became of the steps until now."""
        return self._performance.outcome

    # --- what there is ---------------------------------------------------------------------------

    @overload
    def add(self, device: Device, /) -> Device: ...
    @overload
    def add(self, device: str, /, kind: str, **settings: object) -> Device: ...
    def add(self, device: Device | str, /, kind: str = "", **settings: object) -> Device:
        """Add a device: one that was made, or a name, a kind and what a scenario says of that kind.

        As in `lab.add("pc1", "namespace", addresses=["10.0.0.1/24"])`. The first NIC of a machine
        is called eth0 if nothing else is said. Ports of other kinds come with their links.
        """
        if not isinstance(device, str):
            self.network.add(device)
            return device
        if settings.get("addresses") and not settings.get("nics"):
            settings["nics"] = {"eth0": {}}
        described = device_of(device, {"kind": kind, **settings})
        build(self.network, {device: described}, (), self._scenario.rng)
        return self.network.device(device)

    def device(self, name: str) -> Device:
        """Return the device of that name; `Refused` if there is none."""
        return self.network.device(name)

    def connect(self, a: str, b: str, **carriage: object) -> None:
        """Join two ports; `carriage` says how the link carries frames: `latency="1ms"`."""
        self._stage.plug(cable_of(a, b, carriage))

    def disconnect(self, port: str) -> None:
        """Take away the link at that port."""
        _, end = self._stage.end(port)
        self.network.disconnect(end.device, end.port)

    # --- what people do --------------------------------------------------------------------------

    @property
    def now(self) -> Nanoseconds:
        """The virtual time since the run began."""
        return self.network.now

    def advance(self, time: Time) -> None:
        """Let time pass: seconds, or `"10ms"`."""
        until = partial(self.network.advance, _nanoseconds(time))
        self._act(f"{time if isinstance(time, str) else f'{time:g}s'} pass", "advance", until)

    def execute(self, machine: str, commands: str) -> str:
        """Type commands, one a line, on a host or a machine; return what they print.

        Raises:
            Refused: one of them does not work, in the words of the real tool.
        """
        step = step_of({"configure": {"on": machine, "commands": commands}})
        return "\n".join(self._begin(step, step.timeout).output)

    def start(self, machine: str, command: str) -> None:
        """Type a command and wait for nothing: a ping runs while time passes otherwise."""
        self._stage.execute(machine, command)

    def ping(self, machine: str, to: str, **options: object) -> Finished:
        """Run ping on a machine and return how it ended: `received`, `sent`, `output`...

        The options are those of the step of a scenario: `count=1`, `interval="10ms"`, `size=1472`.
        """
        step = step_of({"ping": {"from": machine, "to": to, **options}})
        takes = step.ping.count * step.ping.interval + step.ping.wait if step.ping else 0
        outcome = self._begin(step, Nanoseconds(step.timeout + takes))
        if outcome.result is None:
            raise EmuBug(f"{outcome.title}, and nobody says how it ended")
        return outcome.result

    def inject(self, port: str, packet: Packet | bytes | str) -> str:
        """Send a frame from that port, past its device; return the name that traces give it.

        It is a Scapy packet, octets, or the text of an expression. Addresses that are left out are
        those of the port.
        """
        _, sender = self._stage.end(port)
        return self._inject(sender, packet, f"a frame from {port}")

    def inject_into(self, port: str, packet: Packet | bytes | str) -> str:
        """Make a frame arrive at that port, as if the other end of its link had sent it."""
        link, end = self._stage.end(port)
        sender = link.b if end == link.a else link.a
        return self._inject(sender, packet, f"a frame into {port}")

    # --- what people see -------------------------------------------------------------------------

    def collect(self, port: str) -> Collection:
        """Collect the frames that this port sends and receives from now on; use it in `with`."""
        _, end = self._stage.end(port)
        return Collection(self.network, end, self._names)

    @property
    def records(self) -> tuple[Record, ...]:
        """The journal: everything that has happened."""
        return tuple(self._journal.records)

    def trace(
        self,
        *,
        packet: str | None = None,
        step: int | None = None,
        level: Level = Level.SUMMARY,
        normal: bool = False,
    ) -> str:
        """Return the whole way of each packet, or of one by its name, as `emu trace` prints it."""
        return render_trace(
            self._journal.records, level=level, packet=packet, step=step, normal=normal
        )

    def fates(self) -> str:
        """Return a line for each packet: its way, and how it ended."""
        file = StringIO()
        self._journal.replay([fates := Fates(file)])
        fates.close()
        return file.getvalue()

    def record(self, folder: str | Path) -> Recording:
        """Write captures, trace and fates of all that has happened into `folder`, as `emu run`.

        Raises:
            EmuError: `folder` cannot be written, or holds what is not emu's.
        """
        names: dict[IPv4Address, str] = address_names(self._scenario)

        def perform(sinks: Sequence[Sink]) -> Outcome:
            self._journal.replay(sinks)
            return self.outcome

        return write_down(self._scenario.name, Path(folder), names, perform)

    # --- Scapy's own functions -------------------------------------------------------------------

    def socket(self, where: str, *, outgoing: bool = False) -> EmuSocket:
        """Open a socket for Scapy: at a port, for frames; or on a machine, for IP packets.

        `outgoing`: it hears what the port sends too, as a sniffer does.
        """
        if "/" in where or all(device.name != where for device in self.network.devices):
            return EmuSocket(self._stage, self._stage.end(where)[1], outgoing=outgoing)
        machine = self.network.device(where)
        if not isinstance(machine, Namespace):
            raise Refused(f'"{where}" has no routes: name one of its ports, as in {where}/...')
        return RoutedSocket(self._stage, machine)

    def sr(self, where: str, x: Packets, **options: Any) -> tuple[SndRcvList, PacketList]:  # noqa: ANN401 - Scapy's
        """Send packets from there; return those that were answered, and those that were not.

        The options are Scapy's: timeout (seconds of virtual time), inter, retry, multi.
        """
        with self.socket(where) as socket:
            return self._do(f"packets from {where}", "sr", lambda: socket.sr(x, **options))

    def sr1(self, where: str, x: Packets, **options: Any) -> Packet | None:  # noqa: ANN401 - Scapy's
        """Send packets from there, and return the first answer."""
        with self.socket(where) as socket:
            return self._do(f"packets from {where}", "sr1", lambda: socket.sr1(x, **options))

    srp = sr
    srp1 = sr1

    def sniff(self, where: str, **options: Any) -> PacketList:  # noqa: ANN401 - Scapy's
        """Let time pass and return the frames that the port sends and receives.

        The options are Scapy's: count, timeout (seconds of virtual time), lfilter, prn, store,
        stop_filter, started_callback.
        """
        with self.socket(where, outgoing=True) as socket:
            return self._do(f"sniff at {where}", "sniff", lambda: socket.sniff(**options))

    # --- inside ----------------------------------------------------------------------------------

    def _inject(self, sender: PortRef, packet: object, title: str) -> str:
        if isinstance(packet, str):
            send = partial(self._stage.inject, sender, packet)
        elif isinstance(packet, bytes):
            send = partial(self._stage.send, sender, packet)
        elif not isinstance(packet, Packet):
            kind = type(packet).__name__
            raise Refused(f"a frame is a Scapy packet, octets or a text, not a {kind}")
        else:
            whole = completed(packet, sender, self._stage.sender_at(sender))
            send = partial(self._stage.send, sender, wire(whole))
        return self._names.name(self._do(title, "inject", send))

    def _do(self, title: str, kind: str, perform: Callable[[], Result]) -> Result:
        """Do something as a step of its own, and return what it returns."""
        results: list[Result] = []
        self._act(title, kind, lambda: results.append(perform()))
        return results[0]

    def _begin(self, step: Step, timeout: Nanoseconds) -> StepOutcome:
        """Do what `step` does, without judging it."""
        perform = partial(step.action.perform, self._stage)
        return self._act(step.title, step.kind, perform, timeout)

    def _act(
        self, title: str, kind: str, perform: Callable[[], None], timeout: Nanoseconds = LONG
    ) -> StepOutcome:
        """Do something as a step of its own; `EmuError` if not all of it can be done."""
        return self._settle(self._performance.act(title, kind, perform, timeout=timeout))

    def _settle(self, outcome: StepOutcome) -> StepOutcome:
        """Return `outcome` if all of it could be done."""
        texts = "\n".join(finding.text for finding in outcome.findings if not finding.passed)
        if outcome.refused is not None:
            raise Refused(outcome.refused)
        if self._performance.is_over:
            raise Storm(texts)
        if texts:
            raise EmuError(texts)
        return outcome


class _Journal:
    """Everything that has happened, and what packets are called."""

    def __init__(self, names: PacketNames) -> None:
        self.records: list[Record] = []
        self._names = names

    def write(self, record: Record) -> None:
        """Keep `record`."""
        self._names.write(record)
        self.records.append(record)

    def close(self) -> None:
        """Keep what there is."""

    def replay(self, sinks: Sequence[Sink]) -> None:
        """Tell `sinks` all of it."""
        for record in self.records:
            for sink in sinks:
                sink.write(record)


def _nanoseconds(time: Time) -> Nanoseconds:
    if not isinstance(time, str):
        if not 0 <= time < LONGEST:
            raise Refused(f"{time} is no number of seconds that can pass")
        return Nanoseconds(round(time * 1e9))
    try:
        return duration(time)
    except ValueError as error:
        raise Refused(str(error)) from None
