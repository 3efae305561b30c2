"""Actions on MPLS labels and on the TTL."""

from dataclasses import dataclass
from typing import final

from emu.openflow import layout
from emu.openflow.actions.base import Action, Actions, Checking, Fitness
from emu.openflow.fields import Needs
from emu.openflow.ports import PortNames
from emu.openflow.values import parse_u
from emu.openflow.words import Word


@final
@dataclass(frozen=True, slots=True)
class DecTtl(Action):
    """`dec_ttl`: one less, or the end of this list if there is no more than one."""

    controllers: tuple[int, ...] = ()  # who wants to know; empty: only the first

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        return f"dec_ttl({','.join(map(str, self.controllers))})" if self.controllers else "dec_ttl"

    def check(self, state: Checking) -> Action:
        """Note whether the match is of IP."""
        state.prefer(Needs.IP)
        return self


def parse_dec_ttl(value: Word, _ports: PortNames, _fitness: Fitness) -> Actions:
    """Read `dec_ttl` or `dec_ttl(ID,...)`."""
    if not value.text:
        return (DecTtl(),)
    words = value.text.replace(",", " ").split()
    if not words:
        raise value.bad("dec_ttl_cnt_ids: expected at least one controller id.")
    numbers = [int(word) if word.isdigit() else 0 for word in words]  # as atoi(3)
    return (DecTtl(tuple([number & 0xFFFF for number in numbers])),)


@final
@dataclass(frozen=True, slots=True)
class DecMplsTtl(Action):
    """`dec_mpls_ttl`."""

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        return "dec_mpls_ttl"

    def check(self, state: Checking) -> Action:
        """Note whether the match is of MPLS."""
        state.prefer(Needs.MPLS)
        return self


@final
@dataclass(frozen=True, slots=True)
class PushMpls(Action):
    """`push_mpls:TYPE`."""

    ethertype: int

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        return f"push_mpls:0x{self.ethertype:04x}"

    def check(self, state: Checking) -> Action:
        """Let what follows see MPLS, and nothing of what is in it."""
        state.key = layout.DL_TYPE.put(state.key, self.ethertype)
        state.key = layout.NW_PROTO.put(state.key, 0)
        return self


@final
@dataclass(frozen=True, slots=True)
class PopMpls(Action):
    """`pop_mpls:TYPE`: take a label off; TYPE is what the packet is then."""

    ethertype: int

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        return f"pop_mpls:0x{self.ethertype:04x}"

    def check(self, state: Checking) -> Action:
        """Note whether the match is of MPLS; let what follows see the new type."""
        state.prefer(Needs.MPLS)
        state.key = layout.DL_TYPE.put(state.key, self.ethertype)
        return self


def parse_push_mpls(value: Word, _ports: PortNames, _fitness: Fitness) -> Actions:
    """Read `push_mpls:TYPE`."""
    ethertype = value.read(lambda text: parse_u(text, "push_mpls", 16), "0x8847 or 0x8848")
    if ethertype not in (layout.ETH_TYPE_MPLS, layout.ETH_TYPE_MPLS_MCAST):
        raise value.bad("OFPBAC_BAD_ARGUMENT", "0x8847 or 0x8848")  # the switch says this
    return (PushMpls(ethertype),)


def parse_pop_mpls(value: Word, _ports: PortNames, _fitness: Fitness) -> Actions:
    """Read `pop_mpls:TYPE`."""
    return (PopMpls(value.read(lambda text: parse_u(text, "pop_mpls", 16), "an Ethernet type")),)


def parse_dec_mpls_ttl(_value: Word, _ports: PortNames, _fitness: Fitness) -> Actions:
    """Read `dec_mpls_ttl`."""
    return (DecMplsTtl(),)
