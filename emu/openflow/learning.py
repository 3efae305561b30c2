"""The flow that a `learn` action makes of a packet: learn_execute(), lib/learn.c."""

from emu.openflow.actions.base import Action
from emu.openflow.actions.control import FinTimeout
from emu.openflow.actions.fields import SetField
from emu.openflow.actions.learn import Learn, Target
from emu.openflow.actions.output import Output
from emu.openflow.flow import Flow
from emu.openflow.match import EVERYTHING, ask_subfield
from emu.openflow.ports import OFPP_ALL, OFPP_FLOOD, OFPP_IN_PORT, OFPP_LOCAL, OFPP_MAX
from emu.openflow.subfield import Subfield


def learned_flow(learn: Learn, key: int) -> Flow:
    """Return what `learn` says a flow is like that a packet of that key teaches."""
    match = EVERYTHING
    actions: list[Action] = []
    if learn.fin_idle_timeout or learn.fin_hard_timeout:
        actions.append(FinTimeout(learn.fin_idle_timeout, learn.fin_hard_timeout))
    for spec in learn.specs:
        source, target = spec.source, spec.target
        value = source.get(key) if isinstance(source, Subfield) else source
        if target is None:
            if value < OFPP_MAX or value in (OFPP_IN_PORT, OFPP_FLOOD, OFPP_LOCAL, OFPP_ALL):
                actions.append(Output(value))
        elif spec.kind is Target.MATCH:
            match = ask_subfield(match, target, value)
        else:
            moved = (value & target.ones) << target.start
            actions.append(SetField(target.field, moved, target.mask, load=True))
    return Flow(
        table=learn.table,
        priority=learn.priority,
        match=match,
        cookie=learn.cookie,
        idle_timeout=learn.idle_timeout,
        hard_timeout=learn.hard_timeout,
        flags=("send_flow_rem",) if learn.send_flow_rem else (),
        actions=tuple(actions),
    )
