"""`{received: 3}`, `{exit_status: 1}` ...: what the step's program counts and prints."""

from collections.abc import Iterator
from typing import Final

from pydantic import Field

from emu.inet.applications import Finished, Ping
from emu.scenario.amount import Amount, Count
from emu.scenario.cast import Cast
from emu.scenario.findings import Finding, Problem
from emu.scenario.shape import Shape
from emu.scenario.texts import Text
from emu.scenario.watching import StepLog, Watching

COUNTS: Final = ("sent", "received", "errors", "exit_status")


class Program(Shape):
    """What the program of this step counts, prints and exits with."""

    sent: Count | None = Field(None, description="How many requests it sent.")
    received: Count | None = Field(None, description="How many replies it got.")
    errors: Count | None = Field(
        None, description="How many ICMP errors it got: the +3 errors of ping."
    )
    exit_status: Count | None = Field(
        None, description="What it exits with: ping 0 for any reply, 1 for none, 2 for an error."
    )
    printed: Text | None = Field(None, description="A text within a line that it prints.")

    def problems(self, cast: Cast) -> Iterator[Problem]:
        """Yield nothing: whether there is a program, the step knows."""
        yield from ()

    def watch(self) -> "ProgramWatch":
        """Return what judges this."""
        return ProgramWatch(self)

    def counts(self) -> list[tuple[str, Amount]]:
        """Return the counts that are expected, by what they count."""
        asked = [(count, getattr(self, count)) for count in COUNTS]
        return [(count, amount) for count, amount in asked if amount is not None]


class ProgramWatch(Watching):
    """Compares with what the program said at its end."""

    def __init__(self, expected: Program) -> None:
        self._expected = expected

    def _tried(self, result: Finished) -> bool:
        """Whether there was anything to count: a program that did not start proves nothing.

        Unless that it did not is just what is expected.
        """
        return bool(
            result.sent or {"sent", "exit_status", "printed"} & self._expected.model_fields_set
        )

    def finding(self, log: StepLog) -> Finding:
        """Judge."""
        counts = self._expected.counts()
        wanted = [f"{words(count)} {amount}" for count, amount in counts]
        if self._expected.printed is not None:
            wanted.append(f'printed "{self._expected.printed}"')
        text = ", ".join(wanted)
        if (result := log.result) is None:
            text = f"expected: {text}; but no program ran to its end"
            return Finding(passed=False, text=text)
        wrong = [] if self._tried(result) else ["it sent nothing"]
        wrong += [
            f"{words(count)} {seen}"
            for count, amount in counts
            if not amount.holds(seen := counted(result, count))
        ]
        printed = self._expected.printed
        if printed is not None and not any(printed in line for line in log.output):
            wrong.append("printed other lines")
        if not wrong:
            return Finding(passed=True, text=text)
        return Finding(passed=False, text=f"expected: {text}; but {', '.join(wrong)}")


class Succeeded(Watching):
    """What is expected of a program of which the author expects nothing: that all went well.

    Of a ping that is more than its exit status, which is 0 for a single reply: nothing is lost.
    """

    def finding(self, log: StepLog) -> Finding:
        """Judge."""
        if (result := log.result) is None:
            return Finding(passed=True, text="")
        text = f"sent {result.sent}, received {result.received}"
        if result.status:
            text = f"expected: exit status 0; but exit status {result.status}, {text}"
        elif result.received < result.sent and isinstance(log.programs[-1][1], Ping):
            text = f"expected: no loss; but {text}"
        else:
            return Finding(passed=True, text=text)
        return Finding(passed=False, text=text)


def words(count: str) -> str:
    """Return the name of a count, for people."""
    return count.replace("_", " ")


def counted(result: Finished, count: str) -> int:
    """Return what the program counted under that name."""
    number: int = getattr(result, "status" if count == "exit_status" else count)
    return number
