"""What every action can do, and what is known while actions are read and checked."""

from collections.abc import Iterable
from typing import Final, final

from emu.openflow import layout
from emu.openflow.errors import BadFlow
from emu.openflow.fields import Needs
from emu.openflow.match import Match
from emu.openflow.ports import PortNames
from emu.openflow.subfield import Subfield, meets

OF10: Final = 10
OF11: Final = 11
OF12: Final = 12
OF13: Final = 13
OF14: Final = 14
OF15: Final = 15
VERSIONS: Final = (OF10, OF11, OF12, OF13, OF14, OF15)
INCONSISTENT: Final = "OFPBAC_MATCH_INCONSISTENT"
_CT_TRACKED: Final = 0x20
_CT_INVALID: Final = 0x10


@final
class Fitness:
    """Which versions of OpenFlow can carry what was read so far: `usable_protocols` of OVS."""

    def __init__(self) -> None:
        self.versions = frozenset(VERSIONS)

    def since(self, version: int) -> None:
        """Note something that no earlier version can say."""
        self.versions = frozenset(v for v in VERSIONS if v in self.versions and v >= version)

    def lax(self) -> None:
        """Note something that only OpenFlow 1.0 allows: inconsistent_match()."""
        self.versions = frozenset(v for v in VERSIONS if v in self.versions and v == OF10)


@final
class Checking:
    """The match of a flow, as it changes under the actions that were checked before."""

    def __init__(self, match: Match, fitness: Fitness, table: int | None = None) -> None:
        self.key = match.value
        self.mask = match.mask
        self.fitness = fitness
        self.table = table

    def demand(self, needs: Needs) -> None:
        """Refuse the flow unless its match guarantees that."""
        if not match_meets(Match(self.key, self.mask), needs):
            raise inconsistent()

    def prefer(self, needs: Needs) -> None:
        """Let only OpenFlow 1.0 carry the flow unless its match guarantees that."""
        if not meets(self.key, needs):
            self.fitness.lax()

    def demand_source(self, subfield: Subfield) -> None:
        """As mf_check_src()."""
        self.demand(subfield.field.needs)

    def demand_target(self, subfield: Subfield) -> None:
        """As mf_check_dst()."""
        self.demand(subfield.field.needs)
        if not subfield.field.writable:
            raise BadFlow("OFPBAC_BAD_SET_ARGUMENT")


def match_meets(match: Match, needs: Needs) -> bool:
    """Whether all packets that match have what `needs` asks for; as mf_are_match_prereqs_ok()."""
    if needs is not Needs.CONNTRACK:
        return meets(match.value, needs)
    state, mask = match.get(layout.CT_STATE), match.asks(layout.CT_STATE)
    is_valid = bool(state & _CT_TRACKED and mask & _CT_INVALID and not state & _CT_INVALID)
    return is_valid or bool(state & ~(_CT_TRACKED | _CT_INVALID))


def inconsistent() -> BadFlow:
    """Return the refusal of a flow whose actions need what its match does not guarantee."""
    return BadFlow(f"actions are invalid with specified match ({INCONSISTENT})")


class Action:
    """An action or an instruction. Frozen, equal by value."""

    __slots__ = ()

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        raise NotImplementedError

    def check(self, _state: Checking) -> "Action":
        """Return the action with what it learns from the match; `BadFlow` if it cannot follow it.

        As check_*(), lib/ofp-actions.c.
        """
        return self

    def __str__(self) -> str:
        """Return its text, with numbers for ports."""
        return self.text(PortNames())


Actions = tuple[Action, ...]


def render_actions(actions: Iterable[Action], ports: PortNames) -> str:
    """Return the list as ovs-ofctl prints it; an empty one is `drop`."""
    return ",".join(action.text(ports) for action in actions) or "drop"


def check_actions(actions: Actions, state: Checking) -> Actions:
    """Check each in turn; the match is afterwards what it was before."""
    key = state.key
    checked = tuple([action.check(state) for action in actions])
    state.key = key
    return checked
