"""The journal in words: what captures, traces and tables say of steps and effects.

A step reads `TABLE: ROW`, with `(BEFORE -> AFTER)` where it changed something; a row prints itself
as the real tool does. An effect reads as the fate of the frame: `forwarded to PORTS`, or one of
`delivered`, `held` and `dropped REASON`, then `at PORT (STEP)`: the last step, which decided.
"""

from collections.abc import Iterable
from enum import Enum
from typing import Final, assert_never

from emu.net.effects import Deliver, Drop, Effects, Event, Hold, Step, Transmit, Why
from emu.net.link import PortRef
from emu.packet.frame import PacketId

MANY: Final = 8  # ports that are named one by one
UNASKED: Final = ("flood", "inject", "repeat")  # steps that need no row, and so miss none


def render_value(value: object) -> str:
    """Return `value` as people write it: octets in hexadecimal."""
    match value:
        case bytes():
            return value.hex(":")
        case Enum():
            return str(value.value)
        case tuple():
            return ", ".join(map(render_value, value))
        case _:
            return str(value)


def render_step(step: Step) -> str:
    """Return what was asked, what answered, and what it changed."""
    if step.rule is not None:
        text = f"{step.table}: {render_value(step.rule)}"
    else:
        text = step.table if step.table in UNASKED else f"{step.table}: no row"
    if step.before is None and step.after is None:
        return text
    return f"{text} ({render_value(step.before)} -> {render_value(step.after)})"


def render_why(why: Why) -> str:
    """Return the steps, first to last."""
    return "; ".join(map(render_step, why))


def render_outcome(effect: Deliver | Drop | Hold) -> str:
    """Return what became of a frame that a device kept."""
    match effect:
        case Deliver():
            return "delivered"
        case Drop(reason=reason):
            return f"dropped {reason}"
        case Hold():
            return "held"
        case _:
            assert_never(effect)


def render_decision(why: Why) -> str:
    """Return the step that decided, which is the last, in parentheses after a space."""
    return f" ({render_step(why[-1])})" if why else ""


def render_fate(device: str, effect: Deliver | Drop | Hold) -> str:
    """Return what became of a frame that `device` kept, where, and why."""
    place = PortRef(device, effect.port)
    return f"{render_outcome(effect)} at {place}{render_decision(effect.why)}"


def own_effects(packet: PacketId, effects: Effects) -> list[Transmit | Deliver | Drop | Hold]:
    """Return those of `effects` that say what became of a frame of `packet`.

    Others are consequences: an answer, or frames that were held until this one came.
    """
    return [e for e in effects if type(e) is not Event and e.frame.packet == packet]


def render_verdict(device: str, packet: PacketId, effects: Effects) -> str:
    """Return what `device` made of a frame of `packet`, in one sentence."""
    own = own_effects(packet, effects)
    outs = [effect.port for effect in own if type(effect) is Transmit]
    fates = [render_fate(device, effect) for effect in own if type(effect) is not Transmit]
    if outs:
        fates.insert(0, f"forwarded to {render_ports(outs)}")
    if not own:
        answers = dict.fromkeys(e.port for e in effects if type(e) is Transmit)
        fates.append(f"answered on {render_ports(answers)}" if answers else "noted")
    return "; ".join(fates)


def render_ports(ports: Iterable[str]) -> str:
    """Return the names of `ports`, or of the first of very many."""
    names = list(ports)
    if len(names) <= MANY:
        return ", ".join(names)
    return f"{', '.join(names[:MANY])} and {len(names) - MANY} more"
