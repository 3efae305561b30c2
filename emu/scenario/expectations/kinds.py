"""The kinds of expectation, and how to tell them apart."""

from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import Discriminator, Tag

from emu.scenario.expectations.ends import Delivered, Dropped
from emu.scenario.expectations.frames import Frames
from emu.scenario.expectations.program import Program
from emu.scenario.expectations.refused import Refused
from emu.scenario.shape import Shape

# By the keys that make it that kind, in this order
KINDS: Final[Mapping[str, type[Shape]]] = {
    "link": Frames,
    "dropped": Dropped,
    "delivered": Delivered,
    "refused": Refused,
    "program": Program,
}

KEYS: Final = (*[key for key in KINDS if key != "program"], *Program.model_fields)


def kind_of(value: object) -> str | None:
    """Return the tag of the kind of expectation that `value` is."""
    if not isinstance(value, dict):
        return None
    if key := next((key for key in KINDS if key in value), None):
        return f"<{key}>"
    return "<program>" if any(key in Program.model_fields for key in value) else None


Expectation = Annotated[
    Annotated[Frames, Tag("<link>")]
    | Annotated[Dropped, Tag("<dropped>")]
    | Annotated[Delivered, Tag("<delivered>")]
    | Annotated[Refused, Tag("<refused>")]
    | Annotated[Program, Tag("<program>")],
    Discriminator(kind_of),
]
