"""What actions on fields, tags and labels do to the key of a walk."""

from typing import Final

from emu.net.effects import DropReason
from emu.openflow import layout
from emu.openflow.actions import header, mod, vlan
from emu.openflow.actions.control import (
    CheckPktLarger,
    Conjunction,
    DebugRecirc,
    Exit,
    FinTimeout,
    Note,
    Sample,
    WriteMetadata,
)
from emu.openflow.actions.fields import Move, SetField, StackPop, StackPush
from emu.openflow.actions.hashing import Multipath
from emu.openflow.actions.output import PopQueue, SetQueue
from emu.openflow.commit import labels
from emu.openflow.fields import Needs
from emu.openflow.hashing import choose_link, hash_fields
from emu.openflow.layout import VLAN_CFI, VLAN_TCI, VLAN_TPID
from emu.openflow.operations import CheckSize
from emu.openflow.subfield import assign_masked, is_ip_any, is_mpls, meets
from emu.openflow.walk import Walk, performs

_TCP_FIN_RST: Final = 0x05
_BOS: Final = 0x100
_MAX_LABELS: Final = 3  # FLOW_MAX_MPLS_LABELS

# What a label hides: everything from the addresses of IP on (FLOW_SEGMENT_2_ENDS_AT)
_HIDDEN: Final = sum(
    slot.mask
    for slot in (
        *(layout.NW_PROTO, layout.NW_TOS, layout.NW_TTL, layout.NW_FRAG, layout.NW_SRC),
        *(layout.NW_DST, layout.TP_SRC, layout.TP_DST, layout.TCP_FLAGS, layout.ARP_SHA),
        *(layout.ARP_THA, layout.IPV6_SRC, layout.IPV6_DST, layout.IPV6_LABEL),
        *(layout.ND_TARGET, layout.IGMP_GROUP, layout.DP_HASH, layout.CT_NW_SRC),
        *(layout.CT_NW_DST, layout.CT_IPV6_SRC, layout.CT_IPV6_DST),
        *(layout.CT_TP_SRC, layout.CT_TP_DST),
    )
)

# --- fields --------------------------------------------------------------------------------------


@performs(SetField)
def set_field(walk: Walk, action: SetField) -> None:
    """Set the field, if the packet has it."""
    if meets(walk.key, action.field.needs):
        walk.key = assign_masked(action.field, walk.key, action.value, action.mask)
    else:
        walk.say(f"unmet prerequisites for {action.field.name}, set_field ignored")


@performs(mod.Mod)
def modify(walk: Walk, action: mod.Mod) -> None:
    """Set the field, if the packet has it."""
    kind = action.kind
    if not meets(walk.key, kind.has):
        return
    later = layout.NW_FRAG.get(walk.key) & layout.FRAG_LATER
    if later and kind in (mod.L4_SRC, mod.L4_DST):
        return
    walk.key = kind.slot.put(walk.key, action.value)


@performs(Move)
def move(walk: Walk, action: Move) -> None:
    """Copy bits; as mf_subfield_copy(): only if the packet has both fields."""
    source, target = action.source, action.target
    if meets(walk.key, source.field.needs) and meets(walk.key, target.field.needs):
        walk.key = target.put(walk.key, source.get(walk.key))


@performs(StackPush)
def push(walk: Walk, action: StackPush) -> None:
    """Put the bits on the stack."""
    walk.stack.append(action.subfield.get(walk.key))


@performs(StackPop)
def pop(walk: Walk, action: StackPop) -> None:
    """Take bits from the stack."""
    if walk.stack:
        walk.key = action.subfield.put(walk.key, walk.stack.pop())
    else:
        walk.say("stack underflow")


@performs(WriteMetadata)
def write_metadata(walk: Walk, action: WriteMetadata) -> None:
    """Set some bits of the metadata."""
    old = layout.METADATA.get(walk.key)
    walk.key = layout.METADATA.put(walk.key, old & ~action.mask | action.value & action.mask)


@performs(Multipath)
def multipath(walk: Walk, action: Multipath) -> None:
    """Choose a link by a hash."""
    value = hash_fields(walk.key, action.fields, action.basis)
    link = choose_link(value, action.algorithm, action.links, action.arg)
    walk.key = action.target.put(walk.key, link)


# --- tags ----------------------------------------------------------------------------------------


def _change_tci(walk: Walk, mask: int, value: int, *, push_if_needed: bool) -> None:
    tci = VLAN_TCI.get(walk.key)
    if not tci & VLAN_CFI and not push_if_needed:
        return
    if not VLAN_TPID.get(walk.key):
        walk.key = VLAN_TPID.put(walk.key, layout.ETH_TYPE_VLAN)
    walk.key = VLAN_TCI.put(walk.key, tci & ~mask | value | VLAN_CFI)


@performs(vlan.SetVlanVid)
def set_vlan_vid(walk: Walk, action: vlan.SetVlanVid) -> None:
    """Set the VID of the outermost tag."""
    _change_tci(walk, layout.VLAN_VID_MASK, action.vid, push_if_needed=action.push)


@performs(vlan.SetVlanPcp)
def set_vlan_pcp(walk: Walk, action: vlan.SetVlanPcp) -> None:
    """Set the PCP of the outermost tag."""
    pcp = action.pcp << layout.VLAN_PCP_SHIFT
    _change_tci(walk, layout.VLAN_PCP_MASK, pcp, push_if_needed=action.push)


@performs(vlan.StripVlan)
def strip_vlan(walk: Walk, _action: vlan.StripVlan) -> None:
    """Take the outermost tag off."""
    walk.key = vlan.pop_tag(walk.key)


@performs(vlan.PushVlan)
def push_vlan(walk: Walk, action: vlan.PushVlan) -> None:
    """Put a tag on: VID 0, PCP 0."""
    walk.key = vlan.push_tag(walk.key, action.tpid << 16 | VLAN_CFI)


# --- labels --------------------------------------------------------------------------------------


@performs(header.PushMpls)
def push_mpls(walk: Walk, action: header.PushMpls) -> None:
    """Put a label on; as compose_mpls_push_action() and flow_push_mpls()."""
    stack = labels(walk.key)
    if len(stack) >= _MAX_LABELS:
        walk.say(f"dropping packet: more MPLS labels than the {_MAX_LABELS} supported")
        walk.error = DropReason.TOO_MANY_MPLS_LABELS
        return
    if stack:
        entry = stack[0] & ~_BOS
        entries = layout.MPLS_LSE.get(walk.key) << 32 & layout.MPLS_LSE.ones | entry
    else:
        walk.commit()  # what is in the packet cannot be changed any more
        entries = _first_label(walk.key)
        walk.key &= ~_HIDDEN
    walk.key = layout.MPLS_LSE.put(walk.key, entries)
    walk.key = layout.DL_TYPE.put(walk.key, action.ethertype)


def _first_label(key: int) -> int:
    label = 2 if layout.DL_TYPE.get(key) == layout.ETH_TYPE_IPV6 else 0  # explicit null
    tc, ttl = 0, 64
    if is_ip_any(key):
        tc = layout.NW_TOS.get(key) >> 2 & 7
        ttl = layout.NW_TTL.get(key) or ttl
    return label << 12 | tc << 9 | _BOS | ttl


@performs(header.PopMpls)
def pop_mpls(walk: Walk, action: header.PopMpls) -> None:
    """Take a label off; as compose_mpls_pop_action() and flow_pop_mpls()."""
    stack = labels(walk.key)
    if not stack:
        return
    if len(stack) == _MAX_LABELS and not stack[-1] & _BOS:
        walk.say(f"dropping packet: more MPLS labels than the {_MAX_LABELS} supported")
        walk.error = DropReason.TOO_MANY_MPLS_LABELS
        return
    walk.key = layout.MPLS_LSE.put(walk.key, layout.MPLS_LSE.get(walk.key) >> 32)
    walk.key = layout.DL_TYPE.put(walk.key, action.ethertype)
    if not is_mpls(walk.key):
        walk.was_mpls = True


@performs(header.DecMplsTtl)
def dec_mpls_ttl(walk: Walk, _action: header.DecMplsTtl) -> None:
    """Count down, or end the list."""
    entry = layout.MPLS_LSE.get(walk.key)
    if is_mpls(walk.key) and entry & 0xFF > 1:
        walk.key = layout.MPLS_LSE.put(walk.key, entry - 1)
        return
    walk.say("MPLS decrement TTL exception")
    walk.end_list()


@performs(header.DecTtl)
def dec_ttl(walk: Walk, _action: header.DecTtl) -> None:
    """Count down, or end the list; as compose_dec_ttl()."""
    if not meets(walk.key, Needs.IP):
        return
    ttl = layout.NW_TTL.get(walk.key)
    if ttl > 1:
        walk.key = layout.NW_TTL.put(walk.key, ttl - 1)
        return
    version = 4 if layout.DL_TYPE.get(walk.key) == layout.ETH_TYPE_IP else 6
    walk.say(f"IPv{version} decrement TTL exception")
    walk.end_list()


# --- the rest ------------------------------------------------------------------------------------


@performs(SetQueue)
def set_queue(walk: Walk, action: SetQueue) -> None:
    """Remember the queue."""
    walk.key = layout.SKB_PRIORITY.put(walk.key, action.queue)


@performs(PopQueue)
def pop_queue(walk: Walk, _action: PopQueue) -> None:
    """Forget the queue."""
    walk.key = layout.SKB_PRIORITY.put(walk.key, layout.SKB_PRIORITY.get(walk.arrived))


@performs(FinTimeout)
def fin_timeout(walk: Walk, action: FinTimeout) -> None:
    """Shorten the life of the flow if the packet ends a connection."""
    flags = layout.TCP_FLAGS.get(walk.arrived)
    is_tcp = layout.NW_PROTO.get(walk.arrived) == layout.IPPROTO_TCP
    if walk.rule is not None and is_tcp and flags & _TCP_FIN_RST:
        walk.switch.tables.shorten(walk.rule, action.idle, action.hard)


@performs(Exit)
def exit_walk(walk: Walk, _action: Exit) -> None:
    """End all lists."""
    walk.exit = True


@performs(DebugRecirc)
def debug_recirc(walk: Walk, _action: DebugRecirc) -> None:
    """Stop here, and go on when the packet was read anew."""
    walk.freeze()


@performs(Conjunction)
def conjunction(walk: Walk, _action: Conjunction) -> None:
    """Do nothing: such a flow is never found."""
    walk.say("executing no-op conjunction action")


@performs(Note)
def remark(_walk: Walk, _action: Note) -> None:
    """Do nothing."""


@performs(Sample)
def sample(_walk: Walk, _action: Sample) -> None:
    """Do nothing: there is no collector."""


@performs(CheckPktLarger)
def check_pkt_larger(walk: Walk, action: CheckPktLarger) -> None:
    """Do the rest of the list twice, once for each answer; as xlate_check_pkt_larger()."""
    rest = walk.rest()
    walk.end_list()
    walk.commit()
    saved = walk.save()
    walk.open_operations()
    walk.key = action.target.put(walk.key, 1)

    def otherwise() -> None:
        larger = walk.close_operations()
        # The action set was done, and is not there to be done again
        walk.restore(saved._replace(action_set=walk.action_set))
        was_exit, walk.exit = walk.exit, False
        walk.open_operations()
        walk.key = action.target.put(walk.key, 0)

        def done() -> None:
            other = walk.close_operations()
            walk.operations.append(CheckSize(action.size, larger, other))
            walk.restore(saved)
            walk.exit = was_exit

        walk.do_pipeline(rest, done)

    walk.do_pipeline(rest, otherwise)
