"""Actions on VLAN tags."""

from dataclasses import dataclass, replace
from typing import Final, final

from emu.openflow import layout
from emu.openflow.actions.base import OF11, Action, Actions, Checking, Fitness
from emu.openflow.errors import BadFlow
from emu.openflow.fields import Needs
from emu.openflow.layout import VLAN_CFI, VLAN_TCI, VLANS
from emu.openflow.ports import PortNames
from emu.openflow.values import parse_u
from emu.openflow.words import Word

TAG_TYPES: Final = (layout.ETH_TYPE_VLAN, layout.ETH_TYPE_QINQ)  # eth_type_vlan()


def push_tag(key: int, tag: int = 0) -> int:
    """Return the key with one more tag; of two, the inner is lost: flow_push_vlan_uninit()."""
    return VLANS.put(key, VLANS.get(key) << 32 & VLANS.ones | tag)


def pop_tag(key: int) -> int:
    """Return the key without its outermost tag, if it has one: flow_pop_vlan()."""
    tags = VLANS.get(key)
    return VLANS.put(key, tags >> 32) if tags & VLAN_CFI else key


def _mark_tagged(state: Checking) -> bool:
    """Let what follows see a tag; return whether there was one."""
    tci = VLAN_TCI.get(state.key)
    state.key = VLAN_TCI.put(state.key, tci | VLAN_CFI)
    return bool(tci & VLAN_CFI)


@final
@dataclass(frozen=True, slots=True)
class SetVlanVid(Action):
    """`mod_vlan_vid:VID`, which makes a tag if there is none, or `set_vlan_vid`, which does not."""

    vid: int
    push: bool = False
    has_vlan: bool = False  # whether the packet has a tag at this point, as far as is known

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        return f"{'mod' if self.push else 'set'}_vlan_vid:{self.vid}"

    def check(self, state: Checking) -> Action:
        """Note whether there is a tag."""
        has_vlan = _mark_tagged(state)
        if not has_vlan and not self.push:
            state.fitness.lax()
        return replace(self, has_vlan=has_vlan)


@final
@dataclass(frozen=True, slots=True)
class SetVlanPcp(Action):
    """`mod_vlan_pcp:PCP`, which makes a tag if there is none, or `set_vlan_pcp`."""

    pcp: int
    push: bool = False
    has_vlan: bool = False

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        return f"{'mod' if self.push else 'set'}_vlan_pcp:{self.pcp}"

    def check(self, state: Checking) -> Action:
        """Note whether there is a tag."""
        has_vlan = _mark_tagged(state)
        if not has_vlan and not self.push:
            state.fitness.lax()
        return replace(self, has_vlan=has_vlan)


@final
@dataclass(frozen=True, slots=True)
class StripVlan(Action):
    """`strip_vlan`, or `pop_vlan`, as OpenFlow 1.1 calls it."""

    pop: bool = False

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        return "pop_vlan" if self.pop else "strip_vlan"

    def check(self, state: Checking) -> Action:
        """Note whether there is a tag."""
        state.prefer(Needs.VLAN)
        state.key = pop_tag(state.key)
        return self


@final
@dataclass(frozen=True, slots=True)
class PushVlan(Action):
    """`push_vlan:TYPE`."""

    tpid: int

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        return f"push_vlan:{self.tpid:#x}"

    def check(self, state: Checking) -> Action:
        """Refuse a third tag."""
        if layout.VLAN_INNER.get(state.key) & VLAN_CFI:
            raise BadFlow("actions are invalid with specified match (OFPBAC_BAD_TAG)")
        state.key = push_tag(state.key, VLAN_CFI)
        return self


def parse_vid(value: Word, push: bool) -> Actions:
    """Read the VID of `mod_vlan_vid` or `set_vlan_vid`."""
    vid = value.read(lambda text: parse_u(text, "VLAN VID", 16), "0 to 4095")
    if vid > layout.VLAN_VID_MASK:
        raise value.bad(f"{value.text}: not a valid VLAN VID", "0 to 4095")
    return (SetVlanVid(vid, push),)


def parse_pcp(value: Word, push: bool) -> Actions:
    """Read the PCP of `mod_vlan_pcp` or `set_vlan_pcp`."""
    pcp = value.read(lambda text: parse_u(text, "VLAN PCP", 8), "0 to 7")
    if pcp > 7:
        raise value.bad(f"{value.text}: not a valid VLAN PCP", "0 to 7")
    return (SetVlanPcp(pcp, push),)


def parse_push_vlan(value: Word, _ports: PortNames, fitness: Fitness) -> Actions:
    """Read `push_vlan:TYPE`."""
    fitness.since(OF11)
    tpid = value.read(lambda text: parse_u(text, "ethertype", 16), "0x8100 or 0x88a8")
    if tpid not in TAG_TYPES:
        raise value.bad(f"{value.text}: not a valid VLAN ethertype", "0x8100 or 0x88a8")
    return (PushVlan(tpid),)
