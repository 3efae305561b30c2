"""How many: `3`, or `{min: 1, max: 5}`."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import PlainValidator, WithJsonSchema

from emu.scenario.texts import Wrong, meant, natural

AMOUNT_SCHEMA = {
    "anyOf": [
        {"type": "integer", "minimum": 0},
        {
            "type": "object",
            "properties": {
                "min": {"type": "integer", "minimum": 0},
                "max": {"type": "integer", "minimum": 0},
            },
            "additionalProperties": False,
            "minProperties": 1,
        },
    ]
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """A number that is expected: from `least` to `most`, both included; None: no limit."""

    least: int = 0
    most: int | None = None

    def holds(self, number: int) -> bool:
        """Whether `number` is as expected."""
        return self.least <= number and (self.most is None or number <= self.most)

    def __str__(self) -> str:
        """Return the number in words: `3`, `at least 1`, `2 to 5`."""
        if self.least == self.most:
            return str(self.least)
        if self.most is None:
            return f"at least {self.least}"
        return f"{self.least} to {self.most}" if self.least else f"at most {self.most}"

    def of(self, noun: str) -> str:
        """Return the number of things: `3 frames`, `no frames`, `at least 1 frame`."""
        last = self.least if self.most is None else self.most
        return f"{self if last else 'no'} {noun}{'s' * (last != 1)}"


SOME = Amount(least=1)


def amount(value: object) -> Amount:
    """Return what `3` or `{min: 1, max: 5}` stands for."""
    if not isinstance(value, dict):
        number = natural(value)
        return Amount(least=number, most=number)
    for key in value:
        if key not in ("min", "max"):
            raise Wrong(
                f'a count has "min" and "max", not "{key}"', meant(str(key), ["min", "max"])
            )
    if not value:
        raise Wrong("a count is a number, or has min, max, or both")
    least = natural(value.get("min", "0"))
    most = natural(value["max"]) if "max" in value else None
    if most is not None and most < least:
        raise Wrong(f"no number is at least {least} and at most {most}")
    return Amount(least=least, most=most)


Count = Annotated[Amount, PlainValidator(amount), WithJsonSchema(AMOUNT_SCHEMA)]
