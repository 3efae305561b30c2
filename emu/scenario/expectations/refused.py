"""`refused: TEXT`: a command that must not work."""

from collections.abc import Iterator

from pydantic import Field

from emu.scenario.cast import Cast
from emu.scenario.findings import Finding, Problem
from emu.scenario.shape import Shape
from emu.scenario.texts import Text
from emu.scenario.watching import StepLog, Watching


class Refused(Shape):
    """A command, or a plug, is refused in these words."""

    refused: Text = Field(
        description="What the tool says, or a part of it: RTNETLINK answers: File exists"
    )

    def problems(self, cast: Cast) -> Iterator[Problem]:
        """Yield nothing: whether anything can be refused, the step knows."""
        yield from ()

    def watch(self) -> "RefusedWatch":
        """Return what judges this."""
        return RefusedWatch(self)


class RefusedWatch(Watching):
    """Looks for the words of the refusal."""

    def __init__(self, expected: Refused) -> None:
        self._words = expected.refused

    def finding(self, log: StepLog) -> Finding:
        """Judge."""
        expected = f'refused with "{self._words}"'
        if log.refused is None:
            return Finding(passed=False, text=f"expected: {expected}; but all of it worked")
        if self._words in log.refused:
            return Finding(passed=True, text=expected)
        text = f"expected: {expected}; but the words are others"
        return Finding(passed=False, text=text, details=tuple(log.refused.splitlines()))


class Accepted(Watching):
    """What is expected where the author expects no refusal: there is none."""

    def finding(self, log: StepLog) -> Finding:
        """Judge."""
        if log.refused is None:
            return Finding(passed=True, text="")
        words = tuple(log.refused.splitlines())
        return Finding(passed=False, text="refused", details=words)
