"""What is said of flow text that cannot be understood or carried out."""

from typing import final

from emu.core.errors import Refused


@final
class BadFlow(Refused):
    """`ovs-ofctl` or the switch refuses a flow: its words, and where in the text the trouble is."""

    def __init__(self, words: str, *, at: int | None = None, expected: str = "") -> None:
        super().__init__(words)
        self.words = words
        self.at = at  # offset in the text, if a place can be named
        self.expected = expected
        self.line = 1

    @property
    def column(self) -> int | None:
        """Where the trouble begins, counted from 1."""
        return None if self.at is None else self.at + 1

    def __str__(self) -> str:
        """Return the tool's words; then, on a line of its own, the place and what was expected."""
        text = f"ovs-ofctl: {self.words}"
        place = "" if self.at is None else f"line {self.line}, column {self.column}"
        hint = f"expected {self.expected}" if self.expected else ""
        return f"{text}\n    {': '.join(filter(None, (place, hint)))}" if place or hint else text
