"""What may differ between a recording and emu: `masks.yaml`, read and applied."""

import re
from collections.abc import Mapping
from enum import StrEnum, unique
from pathlib import Path
from typing import Final

import yaml

from emu.core.time import Nanoseconds, milliseconds

MASKS: Final = Path(__file__).with_name("masks.yaml")


@unique
class Compare(StrEnum):
    """How a field is compared that is not the same."""

    ONE_TO_ONE = "one to one"  # in the whole run
    ONE_TO_ONE_IN_A_CONVERSATION = "one to one in a conversation"
    NEVER = "never"


class Masks:
    """The masks."""

    def __init__(self, path: Path = MASKS) -> None:
        read = yaml.safe_load(path.read_text())
        self.fields: Mapping[str, Compare] = {
            name: Compare(mask["compare"]) for name, mask in read["fields"].items()
        }
        self.links: tuple[str, ...] = tuple(read["links"])
        self.gap: Nanoseconds = milliseconds(read["times"]["gap"]["allowed"])
        self.first: Nanoseconds = milliseconds(read["times"]["first"]["allowed"])
        self._output = [re.compile(pattern) for pattern in read["output"]]

    def blot(self, line: str) -> str:
        """Return a line of output without the parts that differ."""
        for pattern in self._output:
            line = pattern.sub("...", line)
        return line


class Partners:
    """Values that stand for each other, one to one, within a scope."""

    def __init__(self) -> None:
        self._of: dict[tuple[str, str, object], object] = {}

    def agree(self, scope: str, recorded: object, emulated: object) -> bool:
        """Whether the two stand for each other, as they do from now on if neither did before."""
        there = self._of.setdefault((scope, "recorded", recorded), emulated)
        back = self._of.setdefault((scope, "emulated", emulated), recorded)
        return there == emulated and back == recorded and bool(recorded) == bool(emulated)
