"""What OpenFlow makes of actions on their way to the switch, and back to the one who asks for them.

Text is read into actions, these go into a message of some version of OpenFlow, and the switch makes
actions of the message again. What arrives is not always what was sent: OpenFlow 1.0 has no
`set_field`, and later versions have no `mod_nw_src`. As encode_*() and decode_*(),
lib/ofp-actions.c.
"""

from dataclasses import replace
from functools import singledispatch
from typing import Final

from emu.openflow import layout
from emu.openflow.actions import mod
from emu.openflow.actions.base import OF10, OF11, OF12, OF15, Action, Actions
from emu.openflow.actions.conntrack import Ct
from emu.openflow.actions.control import (
    ClearActions,
    Clone,
    GotoTable,
    Resubmit,
    WriteActions,
)
from emu.openflow.actions.fields import SetField
from emu.openflow.actions.mod import Mod
from emu.openflow.actions.output import Enqueue, Output, PopQueue, SetQueue
from emu.openflow.actions.vlan import PushVlan, SetVlanPcp, SetVlanVid, StripVlan
from emu.openflow.errors import BadFlow
from emu.openflow.fields import BY_NAME
from emu.openflow.layout import VLAN_CFI


def wire_actions(actions: Actions, version: int) -> Actions:
    """Return what arrives where that version of OpenFlow carries the list."""
    return tuple([arrived for action in actions for arrived in _wire(action, version)])


@singledispatch
def _wire(action: Action, _version: int) -> Actions:
    """Most arrive as they were sent."""
    return (action,)


# --- fields --------------------------------------------------------------------------------------


@_wire.register
def _set_field(action: SetField, version: int) -> Actions:
    """As encode_SET_FIELD()."""
    if version >= OF15:
        if action.value & ~action.mask:
            raise BadFlow("OFPBMC_BAD_WILDCARDS")  # nx_pull_entry__()
        return (replace(action, load=False),)
    if action.load:
        return _loads(action)
    if version < OF12:
        return _legacy(action, version)
    return (action,) if action.mask == action.field.ones else _loads(action)


def _loads(action: SetField) -> Actions:
    """As set_field_to_nxast()."""
    if not action.field.learnable:  # it takes NXAST_REG_LOAD2, which arrives as set_field
        return (replace(action, load=False, value=action.value & action.mask),)
    action = replace(action, value=action.value & action.mask)
    return tuple(
        [
            SetField(action.field, value << part.start, part.mask, load=True)
            for part, value in action.segments()
        ]
    )


_LEGACY: Final = {  # fields that OpenFlow 1.0 has an action for
    "eth_src": mod.ETH_SRC,
    "eth_dst": mod.ETH_DST,
    "ip_src": mod.IPV4_SRC,
    "ip_dst": mod.IPV4_DST,
    "nw_tos": mod.IP_DSCP,
    "nw_ecn": mod.IP_ECN,
    "tcp_src": mod.L4_SRC,
    "udp_src": mod.L4_SRC,
    "tcp_dst": mod.L4_DST,
    "udp_dst": mod.L4_DST,
}


def _legacy(action: SetField, version: int) -> Actions:
    """As set_field_to_legacy_openflow(), which does not look at the mask."""
    value, push = action.value, version == OF10
    match action.field.name:
        case "vlan_tci":
            return _legacy_tci(action, version)
        case "vlan_vid":
            return (SetVlanVid(value & layout.VLAN_VID_MASK, push),)
        case "vlan_pcp":
            return (SetVlanPcp(value & 7, push),)
        case "ip_dscp":
            return (Mod(mod.IP_DSCP, value << 2),)
        case name:
            kind = _LEGACY.get(name)
            return _loads(action) if kind is None else _mod(Mod(kind, value), version)


def _legacy_tci(action: SetField, version: int) -> Actions:
    tci = action.value
    vid, pcp = tci & layout.VLAN_VID_MASK, tci >> layout.VLAN_PCP_SHIFT
    if not tci & VLAN_CFI:
        return (StripVlan(pop=version > OF10),)
    if version == OF10:
        return SetVlanVid(vid, push=True), SetVlanPcp(pcp, push=True)
    return (*_push_unless(action.has_vlan), SetVlanVid(vid), SetVlanPcp(pcp))


@_wire.register
def _mod(action: Mod, version: int) -> Actions:
    kind, value = action.kind, action.value
    if version == OF10 and kind in (mod.IP_ECN, mod.IP_TTL):  # it has none of these
        return _loads(SetField(BY_NAME[kind.field], value, kind.slot.ones, load=True))
    if version < OF12 or kind in (mod.IP_TTL, mod.MPLS_TTL):
        return (action,)
    if kind is mod.IP_DSCP:
        return (_whole("ip_dscp", value >> 2),)
    if kind in (mod.L4_SRC, mod.L4_DST):
        if action.protocol not in mod.PROTOCOLS:
            return (action,)
        return (_whole(kind.field % mod.PROTOCOLS[action.protocol], value),)
    return (_whole(kind.field, value),)


def _whole(name: str, value: int) -> SetField:
    field = BY_NAME[name]
    return SetField(field, value, field.ones)


# --- tags ----------------------------------------------------------------------------------------


@_wire.register
def _set_vlan_vid(action: SetVlanVid, version: int) -> Actions:
    if version == OF10:
        return (replace(action, push=True),)
    first = _push_unless(not action.push or action.has_vlan)
    if version == OF11:
        return (*first, replace(action, push=False))
    return (*first, _whole("vlan_vid", action.vid | VLAN_CFI))


@_wire.register
def _set_vlan_pcp(action: SetVlanPcp, version: int) -> Actions:
    if version == OF10:
        return (replace(action, push=True),)
    first = _push_unless(not action.push or action.has_vlan)
    if version == OF11:
        return (*first, replace(action, push=False))
    return (*first, _whole("vlan_pcp", action.pcp))


def _push_unless(tagged: bool) -> Actions:
    return () if tagged else (PushVlan(layout.ETH_TYPE_VLAN),)


@_wire.register
def _strip_vlan(_action: StripVlan, version: int) -> Actions:
    return (StripVlan(pop=version > OF10),)


@_wire.register
def _push_vlan(action: PushVlan, version: int) -> Actions:
    return () if version == OF10 else (action,)  # there, setting a VID makes the tag


# --- the rest ------------------------------------------------------------------------------------


@_wire.register
def _enqueue(action: Enqueue, version: int) -> Actions:
    if version == OF10:
        return (action,)
    return SetQueue(action.queue), Output(action.port), PopQueue()


@_wire.register
def _goto_table(action: GotoTable, version: int) -> Actions:
    return (Resubmit(table=action.table),) if version == OF10 else (action,)


@_wire.register
def _clear_actions(action: ClearActions, version: int) -> Actions:
    return () if version == OF10 else (action,)  # lost without a word


@_wire.register
def _write_actions(action: WriteActions, version: int) -> Actions:
    inner = wire_actions(action.actions, version)
    return () if version == OF10 or not inner else (WriteActions(inner),)


@_wire.register
def _clone(action: Clone, version: int) -> Actions:
    return (Clone(wire_actions(action.actions, version)),)


@_wire.register
def _ct(action: Ct, version: int) -> Actions:
    return (replace(action, actions=wire_actions(action.actions, version)),)
