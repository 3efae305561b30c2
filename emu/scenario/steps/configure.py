"""`configure: {on: compute1, commands: [...]}`: type commands, as on the real machine."""

from collections.abc import Iterator

from pydantic import Field

from emu.scenario.cast import Cast
from emu.scenario.commands import Commands, command_problems, is_command
from emu.scenario.findings import Problem
from emu.scenario.shape import Shape
from emu.scenario.stage import Stage
from emu.scenario.texts import Name


class Configure(Shape):
    """Type commands on a host or in a namespace; the first that is refused is the last."""

    on: Name = Field(description="Where: a host, a server, or a device made by hand.")
    commands: Commands = Field(
        description='One a line: ["ip addr add 10.0.0.1/24 dev eth0", "ip neigh flush dev eth0"].'
    )

    def title(self) -> str:
        """Return what a step is called that has no name."""
        typed = [line.strip() for line in self.commands if is_command(line)]
        more = f" and {len(typed) - 1} more" if typed[1:] else ""
        return f"{self.on}: {typed[0] if typed else 'nothing'}{more}"

    def problems(self, cast: Cast) -> Iterator[Problem]:
        """Yield what makes no sense among those who are there."""
        yield from cast.check_runner(self.on, "on")
        for problem in command_problems(self.commands):
            yield problem.under("commands")

    def perform(self, stage: Stage) -> None:
        """Type them."""
        for command in filter(is_command, self.commands):
            stage.execute(self.on, command)
