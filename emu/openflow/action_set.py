"""The order in which what `write_actions` collected is done: ofpacts_execute_action_set()."""

from typing import Final

from emu.openflow.actions.base import Action, Actions
from emu.openflow.actions.conntrack import Ct, CtClear
from emu.openflow.actions.control import Resubmit
from emu.openflow.actions.fields import Move, SetField
from emu.openflow.actions.header import DecMplsTtl, DecTtl, PopMpls, PushMpls
from emu.openflow.actions.mod import Mod
from emu.openflow.actions.output import Group, Output, SetQueue
from emu.openflow.actions.vlan import PushVlan, SetVlanPcp, SetVlanVid, StripVlan

_ORDER: Final = (StripVlan, PopMpls, PushMpls, PushVlan, DecTtl, DecMplsTtl)  # the last of each
_FINAL: Final = (Ct, CtClear, Resubmit, Output, Group)  # the last of the greatest
_CHANGES: Final = (SetField, Move, Mod, SetQueue, SetVlanPcp, SetVlanVid)  # all, as they came


def action_list(action_set: Actions) -> Actions:
    """Return what is done, in order: nothing, if the packet would go nowhere."""
    last: dict[type[Action], Action] = {type(action): action for action in action_set}
    final = next((last[kind] for kind in reversed(_FINAL) if kind in last), None)
    if final is None:
        return ()
    first = [last[kind] for kind in _ORDER if kind in last]
    changes = [action for action in action_set if type(action) in _CHANGES]
    return (*first, *changes, final)
