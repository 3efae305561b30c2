"""A run that is written down: captures, journal and fates in a folder."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path
from typing import Final

from emu.capture import Capture, CaptureSink, RunFolder
from emu.core.errors import EmuBug
from emu.journal import Sink
from emu.neutron.cloud import Cloud
from emu.scenario.running import Outcome, run
from emu.scenario.scenario import Scenario
from emu.trace import DropRow, Fates, Fingerprint, JsonLinesSink, LinkCounts

TRACE: Final = "trace.jsonl"
FATES: Final = "fates.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """What became of a scenario, and where it is written down."""

    outcome: Outcome
    folder: Path
    captures: tuple[Capture, ...]
    drops: tuple[DropRow, ...]
    fingerprint: str
    left: Path | None  # where files of the user's were moved that could not stay


def record(scenario: Scenario, target: Path, *, sinks: Sequence[Sink] = ()) -> Recording:
    """Run `scenario` and write it down in the folder `target`, in place of an earlier run.

    `sinks` hear of all that happens too; they are not closed.

    Raises:
        EmuError: `target` cannot be written, or holds what is not emu's.
    """

    def perform(own: Sequence[Sink]) -> Outcome:
        return run(scenario, sinks=[*own, *sinks])

    return write_down(scenario.name, target, address_names(scenario), perform)


def write_down(
    name: str,
    target: Path,
    names: Mapping[IPv4Address, str],
    perform: Callable[[Sequence[Sink]], Outcome],
) -> Recording:
    """Write down in the folder `target` what `perform` tells the sinks that it is given.

    `names` say whose each address is.

    Raises:
        EmuError: `target` cannot be written, or holds what is not emu's.
    """
    with RunFolder(target, name=name) as folder:
        captures = CaptureSink(folder.path, names=names)
        counts, fingerprint = LinkCounts(), Fingerprint()
        with folder.open(TRACE) as trace_file, folder.open(FATES) as fates_file:
            fates = Fates(fates_file)
            own: list[Sink] = [captures, JsonLinesSink(trace_file), fates, counts, fingerprint]
            try:
                outcome = perform(own)
            finally:
                for sink in own:
                    sink.close()
        if fates.mistakes:
            raise EmuBug("frames are not accounted for:\n" + "\n".join(fates.mistakes))
        left = folder.finish(captures.captures)
        return Recording(
            outcome=outcome,
            folder=target,
            captures=captures.captures,
            drops=counts.drops,
            fingerprint=fingerprint.hexdigest(),
            left=left,
        )


def address_names(scenario: Scenario) -> dict[IPv4Address, str]:
    """Return whose each address of the cloud is, for captures that show names."""
    if not scenario.has_cloud:
        return {}
    return Cloud(scenario.blueprint, scenario.rng).address_names()
