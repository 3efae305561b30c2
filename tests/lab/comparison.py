"""Holds what emu did against what was recorded: link by link, conversation by conversation."""

from collections.abc import Iterator
from itertools import pairwise

from emu.core.time import Nanoseconds
from tests.lab.conversations import describe, fields, render_field, sort_apart
from tests.lab.emulated import Emulation
from tests.lab.masks import Compare, Masks, Partners
from tests.lab.recorded import Recording, Timed


class Comparison:
    """Says in what two runs differ; what stands for what holds for the whole of both."""

    def __init__(self, masks: Masks) -> None:
        self._masks = masks
        self._partners = Partners()

    def of_step(
        self,
        name: str,
        recording: Recording,
        emulation: Emulation,
        ends: list[str],
        names: list[str],
    ) -> list[str]:
        """Return in what one step differs.

        Args:
            name: of the step.
            recording: what was recorded.
            emulation: what emu did.
            ends: whose links are compared.
            names: of all steps that are compared.
        """
        there, here = recording.steps[name], emulation.steps[name]
        duration = Nanoseconds(there.ended - there.begun)
        found = [
            f"{end}: {difference}"
            for end in ends
            for difference in self.of_link(
                name, recording.frames(end, there), emulation.frames(end, name, duration, names)
            )
        ]
        found += self.of_output(there.output, here.output)
        if here.status != there.status:
            found.append(f"exit status {here.status}, recorded {there.status}")
        return found

    def of_link(self, step: str, recorded: list[Timed], emulated: list[Timed]) -> Iterator[str]:
        """Yield in what the frames of one link differ in one step."""
        there, here = sort_apart(recorded), sort_apart(emulated)
        for name in dict.fromkeys([*there, *here]):
            scope = f"{step}: {name}"
            for difference in self._conversation(scope, there.get(name, []), here.get(name, [])):
                yield f"{name}: {difference}"

    def of_output(self, recorded: tuple[str, ...], emulated: tuple[str, ...]) -> Iterator[str]:
        """Yield in what the lines of a program differ."""
        there = [self._masks.blot(line) for line in recorded if line]
        here = [self._masks.blot(line) for line in emulated if line]
        for number in range(max(len(there), len(here))):
            pair = [lines[number] if number < len(lines) else None for lines in (there, here)]
            if pair[0] != pair[1]:
                yield f"line {number + 1} printed is {pair[1]!r}, recorded {pair[0]!r}"

    def _conversation(
        self, scope: str, recorded: list[Timed], emulated: list[Timed]
    ) -> Iterator[str]:
        for number, (there, here) in enumerate(zip(recorded, emulated, strict=False), start=1):
            for difference in self._frame(scope, there.wire, here.wire):
                yield f"frame {number}, {describe(there.wire)}: {difference}"
        shorter = min(len(recorded), len(emulated))
        for frame in recorded[shorter:]:
            yield f"missing {_seconds(frame.after)} after the step began: {describe(frame.wire)}"
        for frame in emulated[shorter:]:
            yield f"not recorded, at {_seconds(frame.after)}: {describe(frame.wire)}"
        yield from self._times(recorded[:shorter], emulated[:shorter])

    def _frame(self, scope: str, recorded: bytes, emulated: bytes) -> Iterator[str]:
        there, here = fields(recorded), fields(emulated)
        for name in dict.fromkeys([*there, *here]):
            values = there.get(name, "absent"), here.get(name, "absent")
            if not self._are_alike(scope, name, *values):
                yield f"{name} is {render_field(values[1])}, recorded {render_field(values[0])}"

    def _are_alike(self, scope: str, name: str, recorded: object, emulated: object) -> bool:
        pair = _first(recorded), _first(emulated)
        match self._masks.fields.get(name):
            case Compare.NEVER:
                return True
            case Compare.ONE_TO_ONE:
                return self._partners.agree(name, *pair)
            case Compare.ONE_TO_ONE_IN_A_CONVERSATION:
                return self._partners.agree(f"{scope}: {name}", *pair)
            case None:
                return recorded == emulated

    def _times(self, recorded: list[Timed], emulated: list[Timed]) -> Iterator[str]:
        """Yield which frames come too early or too late."""
        if not recorded:
            return
        first = recorded[0].after, emulated[0].after
        if abs(first[0] - first[1]) > self._masks.first:
            yield f"begins {_seconds(first[1])} after the step, recorded {_seconds(first[0])}"
        gaps = zip(_gaps(recorded), _gaps(emulated), strict=True)
        for number, (there, here) in enumerate(gaps, start=2):
            if abs(there - here) > self._masks.gap:
                gap = f"{_seconds(here)} after the one before, recorded {_seconds(there)}"
                yield f"frame {number} comes {gap}"


def _gaps(frames: list[Timed]) -> list[Nanoseconds]:
    return [Nanoseconds(b.after - a.after) for a, b in pairwise(frames)]


def _first(value: object) -> object:
    """Return the outermost occurrence of a field as it counts: nothing is 0."""
    return value[0] if isinstance(value, tuple) else 0


def _seconds(time: Nanoseconds) -> str:
    return f"{time / 1_000_000_000:.3f} s"
