"""A run: the world is built, then step after step is performed and judged."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from emu.core.errors import EmuBug, EmuError, Storm
from emu.core.time import Nanoseconds, seconds
from emu.devices.namespace.changes import Stop
from emu.journal import Sink, StepBegun, StepEnded
from emu.neutron.cloud import Cloud, ServerPort
from emu.scenario import byhand
from emu.scenario.expectations.refused import Accepted
from emu.scenario.findings import Finding
from emu.scenario.scenario import Scenario
from emu.scenario.stage import Stage
from emu.scenario.step import Step
from emu.scenario.watching import StepLog, render_time
from emu.sim.network import Network

BUILDING: Final = "the world is built"  # step 0
BUILDING_TIME: Final = seconds(600)  # in which that must be done


@dataclass(frozen=True, slots=True, kw_only=True)
class StepOutcome:
    """What became of one step."""

    index: int  # from 1; 0 is the building of the world
    title: str
    kind: str  # ping, inject ...; "" for step 0
    begun: Nanoseconds
    ended: Nanoseconds
    findings: tuple[Finding, ...]
    output: tuple[str, ...] = ()  # the lines that its programs printed
    notes: tuple[str, ...] = ()  # what its author should know
    account: tuple[str, ...] = ()  # if it failed: who ran what, what was dropped, and by which rule

    @property
    def passed(self) -> bool:
        """Whether all that was expected happened."""
        return all(finding.passed for finding in self.findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a scenario."""

    name: str
    steps: tuple[StepOutcome, ...]  # that were performed, with step 0
    left_out: int  # steps that were not, because nothing could follow what happened
    ports: tuple[ServerPort, ...]  # the NICs of the servers

    @property
    def passed(self) -> bool:
        """Whether every step passed."""
        return not self.left_out and all(step.passed for step in self.steps)


def run(
    scenario: Scenario, *, sinks: Sequence[Sink] = (), network: Network | None = None
) -> Outcome:
    """Perform `scenario`, and let `sinks` know of all that happens; they are not closed.

    `network`, if given, is a world that is there already, in which the scenario's is built.
    """
    network = network or Network(rng=scenario.rng.stream("network"))
    for sink in sinks:
        network.subscribe(sink)
    try:
        return _Runner(scenario, network).run()
    finally:
        for sink in sinks:
            network.unsubscribe(sink)


class _Runner:
    """Performs the steps, one by one."""

    def __init__(self, scenario: Scenario, network: Network) -> None:
        self._scenario = scenario
        self._network = network
        self._stage = Stage(network, scenario.rng)
        self._ports: tuple[ServerPort, ...] = ()
        self._over = False  # nothing can follow what happened

    def run(self) -> Outcome:
        """Perform them until one is such that nothing can follow."""
        done = [self._build()]
        for index, step in enumerate(self._scenario.steps, 1):
            if self._over:
                break
            done.append(self._step(index, step))
        return Outcome(
            name=self._scenario.name,
            steps=tuple(done),
            left_out=len(self._scenario.steps) + 1 - len(done),
            ports=self._ports,
        )

    def _build(self) -> StepOutcome:
        log = StepLog(self._network.links, (Accepted(),))
        begun = self._begin(0, BUILDING, log)
        self._perform(log, self._build_world, BUILDING_TIME, patient=True)
        self._over = self._over or log.refused is not None
        return self._end(0, BUILDING, "", begun, log)

    def _build_world(self) -> None:
        """Let there be what the scenario says."""
        scenario, network = self._scenario, self._network
        if scenario.has_cloud:
            cloud = Cloud(scenario.blueprint, scenario.rng)
            self._ports = cloud.ports
            cloud.build(network, scenario.wires)
        byhand.build(network, scenario.devices, scenario.links, scenario.rng)

    def _step(self, index: int, step: Step) -> StepOutcome:
        log = StepLog(self._network.links, step.watches())
        begun = self._begin(index, step.title, log)
        perform = partial(step.action.perform, self._stage)
        self._perform(log, perform, step.timeout, patient=step.is_patient)
        return self._end(index, step.title, step.kind, begun, log)

    def _begin(self, index: int, title: str, log: StepLog) -> Nanoseconds:
        self._stage.notes.clear()
        self._network.subscribe(log)
        self._network.record(StepBegun(self._network.now, index, title))
        return self._network.now

    def _perform(
        self, log: StepLog, perform: Callable[[], None], timeout: Nanoseconds, *, patient: bool
    ) -> None:
        """Begin what the step does, and let it come to its end, or to the timeout."""
        try:
            try:
                perform()
            except (EmuBug, Storm):
                raise
            except EmuError as refused:  # what a tool, or Neutron, will not do
                log.refused = str(refused)
            self._wait(log, Nanoseconds(self._network.now + timeout), patient=patient)
        except Storm as storm:
            log.failures.append(Finding(passed=False, text=str(storm)))
            self._over = True

    def _wait(self, log: StepLog, deadline: Nanoseconds, *, patient: bool) -> None:
        if self._network.run_until(lambda: not log.running, deadline):
            return
        flying = self._network.in_flight
        text = f"stopped at {render_time(deadline)}, its timeout"
        if flying:
            text += f", with {flying} frame{'s' * (flying != 1)} in flight"
        if patient:  # nobody said that it might take for ever
            log.failures.append(Finding(passed=False, text=f"it does not end: {text}"))
        log.notes.append(text)
        for program, device in tuple(log.running.items()):
            self._network.configure(device, Stop(id=program))

    def _end(
        self, index: int, title: str, kind: str, begun: Nanoseconds, log: StepLog
    ) -> StepOutcome:
        findings = log.findings()
        passed = all(finding.passed for finding in findings)
        outcome = StepOutcome(
            index=index,
            title=title,
            kind=kind,
            begun=begun,
            ended=self._network.now,
            findings=findings,
            output=log.output,
            notes=tuple(dict.fromkeys([*self._stage.notes, *log.notes])),
            account=() if passed else (*self._stage.describe(log.programs), *log.drops()),
        )
        self._network.record(StepEnded(self._network.now, index, outcome.passed))
        self._network.unsubscribe(log)
        return outcome
