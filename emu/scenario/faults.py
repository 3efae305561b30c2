"""What goes wrong on a link, in the words of tc-netem(8): `loss 10%`, `delay 5ms every 3`."""

import re
from dataclasses import replace
from fractions import Fraction
from typing import Annotated, Final

from pydantic import PlainValidator, WithJsonSchema

from emu.net.faults import ALWAYS, Fault, FaultKind
from emu.scenario.texts import Wrong, duration, meant, positive, shown, text

CHANCE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)%")
FIX: Final = "as in loss 10%, delay 5ms, loss every 3, reorder 5ms 25%"
LATER: Final = (FaultKind.DELAY, FaultKind.REORDER)  # kinds that need a time


def fault(value: object) -> Fault:
    """Return what is written as `KIND [TIME] [every N] [P%]`."""
    word, *words = text(value).split()
    if word not in list(FaultKind):
        raise Wrong(f'"{shown(word)}" is no fault', meant(word, FaultKind) or FIX)
    made = Fault(kind=FaultKind(word))
    while words:
        word = words.pop(0)
        if word == "every" and words:
            made = replace(made, every=positive(words.pop(0)))
        elif found := CHANCE.fullmatch(word):
            made = replace(made, chance=Fraction(found[1]) / 100)
        else:
            made = replace(made, by=duration(word))
    if made.chance > ALWAYS:
        raise Wrong("a chance is at most 100%", FIX)
    if bool(made.by) != (made.kind in LATER):
        what = "needs a time" if made.kind in LATER else "takes no time"
        raise Wrong(f"{made.kind} {what}", FIX)
    return made


OneFault = Annotated[
    Fault,
    PlainValidator(fault),
    WithJsonSchema({"type": "string", "pattern": f"^({'|'.join(FaultKind)})( .*)?$"}),
]
