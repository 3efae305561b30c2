"""A flow, and the message that changes flows: include/openvswitch/ofp-flow.h."""

from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final, final

from emu.openflow import layout
from emu.openflow.actions.base import OF12, OF13, OF14, OF15, Actions, render_actions
from emu.openflow.actions.wire import wire_actions
from emu.openflow.fields import BY_NAME
from emu.openflow.match import EVERYTHING, Match, ask
from emu.openflow.match_text import DEFAULT_PRIORITY, render_match
from emu.openflow.ports import NO_NAMES, PortNames

_SINCE_13: Final = (OF13, OF14, OF15)  # the replies of earlier versions have no flags
FLAGS: Final = (
    *("send_flow_rem", "check_overlap", "reset_counts", "no_packet_counts", "no_byte_counts"),
)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One flow of a table: what `ovs-ofctl dump-flows` shows, but for what it counted."""

    table: int = 0
    priority: int = DEFAULT_PRIORITY
    match: Match = EVERYTHING
    cookie: int = 0
    idle_timeout: int = 0  # seconds without a packet after which it goes; 0: never
    hard_timeout: int = 0  # seconds after which it goes; 0: never
    importance: int = 0
    flags: tuple[str, ...] = ()
    actions: Actions = ()

    def text(self, ports: PortNames = NO_NAMES, *, version: int | None = None) -> str:
        """Return the flow as `ovs-ofctl --no-stats dump-flows` prints it.

        Args:
            ports: the names of the bridge's ports.
            version: of OpenFlow that the question is asked in; None prints what the switch holds.
        """
        head = "".join(f"{part}, " for part in self._head())
        says_flags, says_importance = version in (None, *_SINCE_13), version in (None, OF14, OF15)
        flags = "".join(f"{flag} " for flag in self.flags if says_flags)
        told = self.importance and says_importance
        importance = f"importance={self.importance}, " if told else ""
        match, actions = self.match, self.actions
        if version is not None:
            match, actions = wire_match(match, version), wire_actions(actions, version)
        matched = render_match(match, ports, self.priority)
        space = " " if matched else ""
        doing = f"actions={render_actions(actions, ports)}"
        return f"{head}{flags}{importance}{matched}{space}{doing}"

    def _head(self) -> list[str]:
        parts = {
            "cookie": f"{self.cookie:#x}" if self.cookie else "",
            "table": str(self.table) if self.table else "",
            "idle_timeout": str(self.idle_timeout) if self.idle_timeout else "",
            "hard_timeout": str(self.hard_timeout) if self.hard_timeout else "",
        }
        return [f"{name}={value}" for name, value in parts.items() if value]

    def __str__(self) -> str:
        """Return the flow with numbers for ports."""
        return self.text()


@unique
class Command(StrEnum):
    """What a message does to the flows that it names."""

    ADD = "add"
    MODIFY = "modify"
    MODIFY_STRICT = "modify_strict"
    DELETE = "delete"
    DELETE_STRICT = "delete_strict"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class FlowMod:
    """`ovs-ofctl add-flow`, `mod-flows`, `del-flows`."""

    command: Command = Command.ADD
    table: int | None = None  # None: every table, or table 0 to add to
    priority: int = DEFAULT_PRIORITY
    match: Match = EVERYTHING
    cookie: int = 0  # that flows must have, in the bits of the mask
    cookie_mask: int = 0
    new_cookie: int | None = None  # None: as it was
    idle_timeout: int = 0
    hard_timeout: int = 0
    importance: int = 0
    flags: tuple[str, ...] = ()
    out_port: int | None = None  # only flows that send there
    out_group: int | None = None
    actions: Actions = ()
    may_add: bool = False  # whether to add the flow that MODIFY does not find

    @property
    def is_strict(self) -> bool:
        """Whether match and priority must be just those."""
        return self.command in (Command.MODIFY_STRICT, Command.DELETE_STRICT)

    def flow(self) -> Flow:
        """Return the flow that the message adds."""
        return Flow(
            table=self.table or 0,
            priority=self.priority,
            match=self.match,
            cookie=self.new_cookie or 0,
            idle_timeout=self.idle_timeout,
            hard_timeout=self.hard_timeout,
            importance=self.importance,
            flags=self.flags,
            actions=self.actions,
        )


_VID_AND_CFI: Final = layout.VLAN_VID_MASK | layout.VLAN_CFI


def wire_match(match: Match, version: int) -> Match:
    """Return what arrives of a match: OXM has fields for VID and PCP only, as nx_put_raw() says."""
    tci, mask = match.get(layout.VLAN_TCI), match.asks(layout.VLAN_TCI)
    if version < OF12 or not mask:
        return match
    arrived = match.narrow(layout.VLAN_TCI, tci, mask & _VID_AND_CFI)
    if tci & _VID_AND_CFI and mask & layout.VLAN_PCP_MASK:
        pcp = BY_NAME["dl_vlan_pcp"]
        arrived = ask(arrived, pcp, tci >> layout.VLAN_PCP_SHIFT, pcp.ones)
    return arrived
