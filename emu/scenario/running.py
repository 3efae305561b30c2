"""A run: the world is built, then step after step is performed and judged."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final

from emu.core.errors import EmuBug, EmuError, Storm
from emu.core.time import Nanoseconds, seconds
from emu.devices.namespace.changes import Stop
from emu.inet.applications import Finished
from emu.journal import Sink, StepBegun, StepEnded
from emu.neutron.cloud import Cloud, ServerPort
from emu.scenario import byhand
from emu.scenario.expectations.refused import Accepted
from emu.scenario.findings import Finding
from emu.scenario.scenario import Scenario
from emu.scenario.stage import Stage
from emu.scenario.step import LONG, Step
from emu.scenario.watching import StepLog, Watch, render_time
from emu.sim import Halted, Network

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
    refused: str | None = None  # what a tool, or Neutron, said when it did not do what was asked
    result: Finished | None = None  # of the last program that ended

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


def new_network(scenario: Scenario) -> Network:
    """Return the empty world in which `scenario` is performed."""
    return Network(rng=scenario.rng.stream("network"))


def run(
    scenario: Scenario,
    *,
    sinks: Sequence[Sink] = (),
    network: Network | None = None,
    until: Nanoseconds | None = None,
) -> Outcome:
    """Perform `scenario`, and let `sinks` know of all that happens; they are not closed.

    `network`, if given, is a world that is there already, in which the scenario's is built. With
    `until`, everything happens that happens up to that time, and time stands there in the end: a
    step that goes on is cut off, without a verdict; after the last one, timers still run.
    """
    network = network or new_network(scenario)
    for sink in sinks:
        network.subscribe(sink)
    performance = Performance(scenario, network)
    network.halt_at(until)
    try:
        with suppress(Halted):
            performance.run()
        if until is not None:
            network.advance(Nanoseconds(max(until - network.now, 0)))
        return performance.outcome
    finally:
        network.halt_at(None)
        for sink in sinks:
            network.unsubscribe(sink)


class Performance:
    """A scenario while it is performed: its world is built first, then comes step after step.

    `stage` is what it is performed on, and `ports` are the NICs of the servers once they are there.
    """

    def __init__(self, scenario: Scenario, network: Network) -> None:
        self.stage = Stage(network, scenario.rng, scenario.folder)
        self.ports: tuple[ServerPort, ...] = ()
        self.is_over = False  # nothing can follow what happened
        self._scenario = scenario
        self._network = network
        self._left = list(scenario.steps)
        self._done: list[StepOutcome] = []  # the building of the world first
        self._begun = 0  # steps: one may begin while another goes on

    def run(self) -> Outcome:
        """Perform all that is left, until a step is such that nothing can follow."""
        while not self.is_over and self.next_step() is not None:
            pass
        return self.outcome

    def next_step(self) -> StepOutcome | None:
        """Build the world, or perform the next step of the scenario; None if there is none."""
        if not self._begun:
            done = self.act(BUILDING, "", self._build, (Accepted(),), BUILDING_TIME)
            self.is_over = self.is_over or done.refused is not None
            return done
        return self.perform(self._left.pop(0)) if self._left else None

    def perform(self, step: Step) -> StepOutcome:
        """Perform `step`, which need not be one of the scenario's."""
        perform = partial(step.action.perform, self.stage)
        watches, patient = step.watches(), step.is_patient
        return self.act(step.title, step.kind, perform, watches, step.timeout, patient=patient)

    def act(
        self,
        title: str,
        kind: str,
        perform: Callable[[], None],
        watches: tuple[Watch, ...] = (),
        timeout: Nanoseconds = LONG,
        *,
        patient: bool = True,
    ) -> StepOutcome:
        """Do something as a step: what it begins is let come to its end, and judged."""
        log = StepLog(self._network.links, watches)
        index = self._begun
        self._begun += 1
        begun = self._begin(index, title, log)
        try:
            self._perform(log, perform, timeout, patient=patient)
        except BaseException:  # halted, or a device of the user's own went wrong
            self._network.unsubscribe(log)
            raise
        self._done.append(self._end(index, title, kind, begun, log))
        return self._done[-1]

    @property
    def outcome(self) -> Outcome:
        """What became of it until now."""
        return Outcome(
            name=self._scenario.name,
            steps=tuple(self._done),
            left_out=len(self._left) + (not self._done),
            ports=self.ports,
        )

    def _build(self) -> None:
        """Let there be what the scenario says."""
        scenario, network = self._scenario, self._network
        if scenario.has_cloud:
            cloud = Cloud(scenario.blueprint, scenario.rng)
            self.ports = cloud.ports
            cloud.build(network, scenario.wires)
        byhand.build(network, scenario.devices, scenario.links, scenario.rng)

    def _begin(self, index: int, title: str, log: StepLog) -> Nanoseconds:
        self.stage.notes.clear()
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
            self.is_over = True

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
            notes=tuple(dict.fromkeys([*self.stage.notes, *log.notes])),
            account=() if passed else (*self.stage.describe(log.programs), *log.drops()),
            refused=log.refused,
            result=log.result,
        )
        self._network.record(StepEnded(self._network.now, index, outcome.passed))
        self._network.unsubscribe(log)
        return outcome
