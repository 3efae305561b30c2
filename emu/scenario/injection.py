"""A story that somebody interferes with: after some of its steps, frames are injected."""

from dataclasses import replace
from pathlib import Path

from emu.core.errors import EmuError
from emu.scenario.findings import Problem
from emu.scenario.meaning import cast_of
from emu.scenario.replay import Selection, find_problem, selection
from emu.scenario.scenario import Scenario
from emu.scenario.stage import HERE
from emu.scenario.step import Step
from emu.scenario.steps.inject import ALL, Inject
from emu.scenario.texts import Wrong


def with_injection(
    scenario: Scenario,
    *,
    at: str | None = None,
    into: str | None = None,
    frame: str | None = None,
    pcap: Path | None = None,
    frames: str = "",
    after: int = 0,
) -> Scenario:
    """Return the first `after` steps of `scenario`, and one more, which injects.

    Args:
        scenario: the story.
        at: the end of a link that sends, or
        into: the end at which it arrives.
        frame: a Scapy expression or hexadecimal digits, or
        pcap: a capture, from here, and
        frames: which of its frames, as in `3-9`; all if empty.
        after: the number of the last step before it; 0: as soon as the world is built.

    Raises:
        EmuError: it makes no sense, and why.
    """
    if not 0 <= after <= len(scenario.steps):
        raise EmuError(f"{scenario.name} has {len(scenario.steps)} steps, and no step {after}")
    inject = Inject.model_construct(
        {"at", "into", "frame", "pcap", "frames"},
        at=at,
        into=into,
        frame=frame,
        pcap=str(pcap.absolute()) if pcap else None,
        frames=_selection(frames) if frames else ALL,
    )
    if pcap is not None:
        _, what, fix = find_problem(HERE, str(pcap), inject.frames)
        _stop_at(Problem(what=what, fix=fix) if what else None)
    begun = scenario.with_first_steps(after)
    step = Step.model_construct(inject=inject, name=_title(inject, pcap))
    _stop_at(next(step.problems(cast_of(begun)), None), frame or "")
    return replace(begun, steps=(*begun.steps, step))


def _title(inject: Inject, pcap: Path | None) -> str:
    return inject.title() if pcap is None else inject.title().replace(str(inject.pcap), str(pcap))


def _selection(written: str) -> Selection:
    try:
        return selection(written)
    except Wrong as wrong:
        raise EmuError(f"{wrong}\n    {wrong.fix}") from None


def _stop_at(problem: Problem | None, frame: str = "") -> None:
    if problem is not None:
        raise EmuError(_explain(problem, frame))


def _explain(problem: Problem, frame: str) -> str:
    """Return what is wrong, under it where in the frame, and what may mend it."""
    lines = [problem.what]
    if problem.inside is not None and len(line := _line(frame, problem.inside[0])) <= 200:
        lines += [f"    {line}", f"    {' ' * (problem.inside[1] - 1)}^"]
    lines += [f"    {problem.fix}"] if problem.fix else []
    return "\n".join(lines)


def _line(text: str, number: int) -> str:
    return dict(enumerate(text.splitlines(), 1)).get(number, "")
