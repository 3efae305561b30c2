"""What a walk that stops keeps of a list of actions, and when it has to stop."""

from typing import Final

from emu.openflow.actions.base import Action
from emu.openflow.actions.control import ANY_TABLE, GotoTable, Resubmit, WriteMetadata
from emu.openflow.actions.fields import SetField
from emu.openflow.actions.mod import ETH_DST, ETH_SRC, TUNNEL, TUNNEL64, Mod
from emu.openflow.actions.output import Enqueue, Group, Output, OutputReg, OutputTrunc, SetQueue
from emu.openflow.actions.vlan import SetVlanPcp, SetVlanVid
from emu.openflow.fields import ALL, BY_NAME


def thawed(action: Action, table: int) -> Action:
    """Return what does later, outside of `table`, what the action does in it.

    As freeze_unroll_actions().
    """
    if isinstance(action, GotoTable):
        return Resubmit(table=action.table)
    if isinstance(action, WriteMetadata):
        return SetField(BY_NAME["metadata"], action.value, action.mask)
    if isinstance(action, Resubmit) and action.table == ANY_TABLE:
        return Resubmit(action.port, table, action.ct)
    return action


# What can be done without the headers behind a label that came off: recirc_for_mpls().
_OF_LAYER_2: Final = (
    *(Output, OutputTrunc, Enqueue, OutputReg, Group, SetQueue, SetVlanVid, SetVlanPcp),
)
_MODS_OF_LAYER_2: Final = (ETH_SRC, ETH_DST, TUNNEL, TUNNEL64)
_FIELDS_ABOVE: Final = ALL[ALL.index(BY_NAME["mpls_label"]) :]


def needs_headers(action: Action) -> bool:
    """Whether the action must know what is behind a label that came off."""
    if isinstance(action, Mod):
        return action.kind not in _MODS_OF_LAYER_2
    if isinstance(action, SetField):
        return action.field in _FIELDS_ABOVE
    return not isinstance(action, _OF_LAYER_2)
