"""What a scenario's author is told: problems of the file before it runs, findings after a step."""

from dataclasses import dataclass, replace

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something in the file that has the right shape and makes no sense."""

    path: Path = ()  # from where it was found
    what: str
    fix: str = ""
    inside: tuple[int, int] | None = None  # line and column in the text that stands there, from 1

    def under(self, *path: str | int) -> "Problem":
        """Return the problem as it is seen from further up."""
        return replace(self, path=(*path, *self.path))

    def moved(self, columns: int) -> "Problem":
        """Return the problem where the text in the file lacks the first characters."""
        line, column = self.inside or (1, 1)
        return replace(self, inside=(line, max(column + columns, 1)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Whether one thing that was expected happened."""

    passed: bool
    text: str  # what was expected and, if it failed, what was seen
    details: tuple[str, ...] = ()  # if it failed: what happened instead
