"""What actions do that send, resubmit, copy, choose, learn and track."""

from functools import lru_cache
from typing import Final

from emu.conntrack.connection import Rewrites
from emu.conntrack.tracker import Request
from emu.conntrack.translation import Translation
from emu.conntrack.tuples import IPV4, IPV6
from emu.openflow import layout
from emu.openflow.actions import control, output
from emu.openflow.actions.conntrack import Ct, CtClear, Nat
from emu.openflow.actions.fields import Move, SetField
from emu.openflow.actions.hashing import Bundle
from emu.openflow.actions.learn import Learn
from emu.openflow.hashing import hash_fields, two_words
from emu.openflow.learning import learned_flow
from emu.openflow.operations import Copy, Track, Truncate, Untrack
from emu.openflow.perform_fields import move, set_field
from emu.openflow.ports import (
    OFPP_ALL,
    OFPP_CONTROLLER,
    OFPP_FLOOD,
    OFPP_IN_PORT,
    OFPP_LOCAL,
    OFPP_MAX,
    OFPP_NONE,
    OFPP_NORMAL,
    OFPP_TABLE,
    PortNames,
)
from emu.openflow.select import choose_bucket
from emu.openflow.subfield import Subfield, is_ip_any
from emu.openflow.walk import Walk, performs

# --- output --------------------------------------------------------------------------------------


def send_to(walk: Walk, port: int) -> None:
    """As xlate_output_action()."""
    switch = walk.switch
    if port == OFPP_IN_PORT:
        switch.send(walk, walk.in_port())
    elif port == OFPP_NORMAL:
        switch.send_normal(walk)
    elif port in (OFPP_FLOOD, OFPP_ALL):
        in_port = walk.in_port()
        for out in switch.flood_ports():
            if out != in_port and (port == OFPP_ALL or switch.is_floodable(out)):
                switch.send(walk, out)
    elif port == OFPP_TABLE:
        walk.resubmit(0, walk.key)
    elif port == OFPP_CONTROLLER:
        walk.say("there is no controller")
    elif port == walk.in_port():
        walk.say("skipping output to input port")
    elif port != OFPP_NONE:
        switch.send(walk, port)


@performs(output.Output)
def output_to(walk: Walk, action: output.Output) -> None:
    """Send the packet."""
    send_to(walk, action.port)


@performs(output.OutputReg)
def output_reg(walk: Walk, action: output.OutputReg) -> None:
    """Send the packet to the port whose number stands in a field."""
    port = action.source.get(walk.key)
    if port <= 0xFFFF:
        walk.say(f"output port is {port}")
        send_to(walk, port)
    else:
        walk.say(f"output port {port} is out of range")


@performs(output.OutputTrunc)
def output_trunc(walk: Walk, action: output.OutputTrunc) -> None:
    """Send the first octets of the packet; as xlate_output_trunc_action()."""
    port = action.port
    if port >= OFPP_MAX and port not in (OFPP_LOCAL, OFPP_IN_PORT):
        walk.say(f"output_trunc does not support port: {PortNames().name(port)}")
    elif port == walk.in_port():
        walk.say("skipping output to input port")
    elif walk.switch.may_truncate(port):
        walk.operations.append(Truncate(action.max_len))
        walk.switch.send(walk, port, truncated=True)
    else:  # IN_PORT too: no port has that number
        walk.say(f"output_trunc does not support patch port {PortNames().name(port)}")


@performs(output.Enqueue)
def enqueue(walk: Walk, action: output.Enqueue) -> None:
    """Send the packet into a queue of the port."""
    port = walk.in_port() if action.port == OFPP_IN_PORT else action.port
    if action.port != OFPP_IN_PORT and port == walk.in_port():
        return
    queue = layout.SKB_PRIORITY.get(walk.key)
    walk.key = layout.SKB_PRIORITY.put(walk.key, action.queue)
    walk.switch.send(walk, port)
    walk.key = layout.SKB_PRIORITY.put(walk.key, queue)


@performs(output.Controller)
def controller(walk: Walk, _action: output.Controller) -> None:
    """Do nothing: there is no controller."""
    walk.say("there is no controller")


@performs(Bundle)
def bundle(walk: Walk, action: Bundle) -> None:
    """Send the packet to one of some ports; as bundle_execute()."""
    port = OFPP_NONE
    live = [at for at, member in enumerate(action.members) if walk.switch.is_live(member)]
    if live and action.algorithm == "active_backup":
        port = action.members[live[0]]
    elif live:
        value = hash_fields(walk.key, action.fields, action.basis)
        best = max(live, key=lambda at: two_words(at, value))
        port = action.members[best]
    if action.target is not None:
        walk.key = action.target.put(walk.key, port)
    else:
        send_to(walk, port)


# --- tables --------------------------------------------------------------------------------------


@performs(control.Resubmit)
def resubmit(walk: Walk, action: control.Resubmit) -> None:
    """Look the packet up again."""
    port = walk.in_port() if action.port == OFPP_IN_PORT else action.port
    table = walk.table if action.table == control.ANY_TABLE else action.table
    key = walk.key
    if action.ct:
        if not layout.CT_NW_PROTO.get(key) or not is_ip_any(key):
            walk.say("resubmit(ct) with non-tracked or non-IP packet!")
            return
        key = _swap(key)
    walk.resubmit(table, layout.IN_PORT.put(key, port))


_TUPLE: Final = (
    (layout.NW_PROTO, layout.CT_NW_PROTO),
    (layout.TP_SRC, layout.CT_TP_SRC),
    (layout.TP_DST, layout.CT_TP_DST),
)
_TUPLE_V4: Final = ((layout.NW_SRC, layout.CT_NW_SRC), (layout.NW_DST, layout.CT_NW_DST))
_TUPLE_V6: Final = ((layout.IPV6_SRC, layout.CT_IPV6_SRC), (layout.IPV6_DST, layout.CT_IPV6_DST))


def _swap(key: int) -> int:
    """Let the addresses of the connection stand where those of the packet do: tuple_swap()."""
    is_v4 = layout.DL_TYPE.get(key) == layout.ETH_TYPE_IP
    for slot, other in (*_TUPLE, *(_TUPLE_V4 if is_v4 else _TUPLE_V6)):
        value, original = slot.get(key), other.get(key)
        key = other.put(slot.put(key, original), value)
    return key


@performs(control.GotoTable)
def goto_table(walk: Walk, action: control.GotoTable) -> None:
    """Go on in a later table."""
    walk.resubmit(action.table, walk.key)


@performs(control.WriteActions)
def write_actions(walk: Walk, action: control.WriteActions) -> None:
    """Add to what is done at the end."""
    walk.write_actions(action.actions)


@performs(control.ClearActions)
def clear_actions(walk: Walk, _action: control.ClearActions) -> None:
    """Forget what would be done at the end."""
    walk.clear_actions()


# --- copies --------------------------------------------------------------------------------------


@performs(control.Clone)
def clone(walk: Walk, action: control.Clone) -> None:
    """Do the actions with a copy; as clone_xlate_actions()."""
    reversible = not any(isinstance(a, Ct | output.OutputTrunc) for a in action.actions)
    if not reversible:
        walk.commit()
        walk.open_operations()
    saved = walk.save()

    def done() -> None:
        if not reversible:
            inner = walk.close_operations()
            if inner:
                walk.operations.append(Copy(inner))
        walk.restore(saved, in_place=reversible)

    walk.do_pipeline(action.actions, done)


@performs(output.Group)
def group(walk: Walk, action: output.Group) -> None:
    """Do some of the group's buckets; as xlate_group_action()."""
    if not walk.may_resubmit():
        return
    found = walk.switch.tables.groups.get(action.group)
    if found is None:
        walk.say(f"output to nonexistent group {action.group}")
        walk.end_list()
        return
    choose_bucket(walk, found)


# --- learn ---------------------------------------------------------------------------------------


@performs(Learn)
def learn(walk: Walk, action: Learn) -> None:
    """Make a flow of what the packet is like now."""
    flow = learned_flow(action, walk.key)
    walk.say(f"table={flow.table} {flow}")
    done = walk.switch.tables.may_learn(flow, action.limit, walk.learned)
    if done:
        walk.learned.append(flow)
    if action.result is not None:
        walk.key = action.result.put(walk.key, int(done))
    if not done:
        walk.say("Limit exceeded, learn failed")


# --- connections ---------------------------------------------------------------------------------


@performs(Ct)
def ct(walk: Walk, action: Ct) -> None:
    """Let the packet be tracked, and a copy go on; as compose_conntrack_action()."""
    zone = action.zone
    number = zone.get(walk.key) if isinstance(zone, Subfield) else zone
    walk.commit()
    masks = {"ct_mark": 0, "ct_label": 0}
    translation = None
    for inner in action.actions:
        if isinstance(inner, Nat):
            translation = _translation(inner)
        elif isinstance(inner, SetField):
            set_field(walk, inner)
            masks[inner.field.name] |= inner.mask
        elif isinstance(inner, Move):
            move(walk, inner)
            masks[inner.target.field.name] |= inner.target.mask
    mark, label = layout.CT_MARK.get(walk.key), layout.CT_LABEL.get(walk.key)
    request = Request(
        zone=number & 0xFFFF,
        commit=action.commit,
        force=action.force,
        mark=(mark & masks["ct_mark"], masks["ct_mark"]),
        label=(label & masks["ct_label"], masks["ct_label"]),
        translation=translation,
    )
    is_v4 = layout.DL_TYPE.get(walk.arrived) == layout.ETH_TYPE_IP
    walk.operations.append(Track(IPV4 if is_v4 else IPV6, request))
    if action.table is not None:
        walk.conntracked = True
        walk.recirculate(action.table)
    walk.key &= ~layout.CONNTRACK_MASK
    walk.conntracked = False
    walk.say("Sets the packet to an untracked state, and clears all the conntrack fields.")


@lru_cache(maxsize=1024)
def _translation(action: Nat) -> Translation:
    return Translation(
        rewrites=Rewrites(action.kind),
        first=int(action.first or 0),
        last=int(action.last or 0),
        first_port=action.first_port,
        last_port=action.last_port,
    )


@performs(CtClear)
def ct_clear(walk: Walk, _action: CtClear) -> None:
    """Forget what connection tracking said."""
    if walk.conntracked:
        walk.key &= ~layout.CONNTRACK_MASK
        walk.conntracked = False
        walk.operations.append(Untrack())
