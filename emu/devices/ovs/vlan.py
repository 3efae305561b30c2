"""VLANs at the ports of a bridge: struct xvlan, ofproto/ofproto-dpif-xlate.c.

Inside the bridge a packet is in a VLAN, whatever tags it has on the wire.
"""

from typing import Final, NamedTuple

from emu.devices.ovs.settings import PriorityTags, VlanMode, VlanSettings
from emu.openflow import layout

_VLAN_TYPES: Final = (0x8100, 0x88A8)
_NATIVE: Final = (VlanMode.NATIVE_TAGGED, VlanMode.NATIVE_UNTAGGED)


class Tag(NamedTuple):
    """A tag; PCP is in the bits that it has in a tag."""

    tpid: int = 0
    vid: int = 0
    pcp: int = 0


NO_TAG: Final = Tag()


class Tags(NamedTuple):
    """The VLAN of a packet, and the tag behind it."""

    outer: Tag = NO_TAG
    inner: Tag = NO_TAG


def extract(key: int) -> Tags:
    """Return the tags that are on a packet; as xvlan_extract()."""
    found = []
    words = layout.VLANS.get(key)
    for word in (words & 0xFFFFFFFF, words >> 32):
        tpid, tci = word >> 16, word & 0xFFFF
        if tpid not in _VLAN_TYPES or not tci & layout.VLAN_CFI:
            break
        found.append(Tag(tpid, tci & layout.VLAN_VID_MASK, tci & layout.VLAN_PCP_MASK))
    return Tags(*found)


def put(key: int, tags: Tags, priority_tags: PriorityTags) -> int:
    """Return the key of a packet with those tags; as xvlan_put()."""
    words = 0
    for at, tag in enumerate(tags):
        word = tag.vid | tag.pcp
        if word or (priority_tags is PriorityTags.ALWAYS and tag.tpid):
            word |= layout.VLAN_CFI | (tag.tpid or layout.ETH_TYPE_VLAN) << 16
        words |= word << 32 * at
    return layout.VLANS.put(key, words)


def why_not_allowed(settings: VlanSettings, vid: int) -> str:
    """Say why a packet with that VID may not come in, "" if it may; as input_vid_is_valid()."""
    mode = settings.mode
    if mode is VlanMode.ACCESS:
        return f"tagged packet on VLAN {settings.vlan} access port" if vid else ""
    if mode is VlanMode.DOT1Q_TUNNEL:
        return "" if vid in settings.inner else "packet on a dot1q-tunnel port that excludes it"
    if mode in _NATIVE and not vid:
        return ""
    return "" if vid in settings.carried else "packet on a port not configured for trunking it"


def enter(settings: VlanSettings, tags: Tags) -> Tags:
    """Return the VLAN of a packet that came in with those tags; as xvlan_input_translate()."""
    mode, outer = settings.mode, tags.outer
    if mode is VlanMode.ACCESS:
        return Tags(Tag(outer.tpid or layout.ETH_TYPE_VLAN, settings.vlan, outer.pcp))
    if mode in _NATIVE and not outer.vid:
        native = Tag(outer.tpid or layout.ETH_TYPE_VLAN, settings.vlan, outer.pcp)
        return Tags(native, tags.inner)
    if mode is VlanMode.DOT1Q_TUNNEL:
        return Tags(Tag(settings.qinq_ethtype, settings.vlan), outer)
    return tags


def leave(settings: VlanSettings, tags: Tags) -> Tags:
    """Return the tags of a packet that leaves; as xvlan_output_translate()."""
    mode = settings.mode
    if mode is VlanMode.ACCESS:
        return Tags()
    is_popped = mode is VlanMode.NATIVE_UNTAGGED and tags.outer.vid == settings.vlan
    if is_popped or mode is VlanMode.DOT1Q_TUNNEL:
        return Tags(tags.inner)
    return tags


def includes(settings: VlanSettings, tags: Tags) -> bool:
    """Whether packets of that VLAN are flooded to the port; as xbundle_includes_vlan()."""
    if settings.mode is VlanMode.ACCESS:
        return tags.outer.vid == settings.vlan and not tags.inner.vid
    if settings.mode is VlanMode.DOT1Q_TUNNEL:
        return tags.outer.vid == settings.vlan and tags.inner.vid in settings.inner
    return tags.outer.vid in settings.carried
