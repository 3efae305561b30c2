"""The states of a neighbour (RFC 4861, 7.3.2) and how one leads to another.

Models:          net/core/neighbour.c; each state names the function that leads there.
Does not model:  NUD_NOARP (broadcast and multicast are not resolved), NTF_MANAGED.
Read first:      the states below, then TRANSITIONS.

What happens in a state, and when its timer fires, stands in table.py.
"""

from collections.abc import Mapping
from enum import StrEnum, unique
from types import MappingProxyType
from typing import Final

from emu.core.errors import EmuBug


@unique
class Nud(StrEnum):
    """A state, spelled as `ip neigh` spells it."""

    NONE = "NONE"  # made, and nothing known yet: neigh_create()
    INCOMPLETE = "INCOMPLETE"  # asked for, and packets wait: __neigh_event_send()
    REACHABLE = "REACHABLE"  # it answered lately: neigh_update()
    STALE = "STALE"  # its MAC is known, but who knows for how long: neigh_update()
    DELAY = "DELAY"  # used while stale; five seconds for an upper layer to confirm it
    PROBE = "PROBE"  # asked again, by unicast: neigh_timer_handler()
    FAILED = "FAILED"  # it did not answer: neigh_timer_handler()
    PERMANENT = "PERMANENT"  # an administrator said so


@unique
class Happening(StrEnum):
    """What may happen to a neighbour."""

    USED = "a packet is sent to it"
    ANSWERED = "it answers"
    HEARD = "it is heard of"  # it asks, or is spoken of, and its MAC is news
    IDLE = "the time for which it counts as reachable ends, and it is not used"
    BUSY = "that time ends, and it is used"
    CONFIRMED = "an upper layer confirmed it meanwhile"
    DOUBTED = "nobody confirmed it meanwhile"
    SILENT = "it does not answer, and there are no tries left"
    FIXED = "an administrator fixes its MAC"


TRANSITIONS: Final[Mapping[Nud, Mapping[Happening, Nud]]] = MappingProxyType(
    {
        Nud.NONE: {
            Happening.USED: Nud.INCOMPLETE,
            Happening.ANSWERED: Nud.REACHABLE,
            Happening.HEARD: Nud.STALE,
            Happening.FIXED: Nud.PERMANENT,
        },
        Nud.INCOMPLETE: {
            Happening.USED: Nud.INCOMPLETE,
            Happening.ANSWERED: Nud.REACHABLE,
            Happening.HEARD: Nud.STALE,
            Happening.SILENT: Nud.FAILED,
            Happening.FIXED: Nud.PERMANENT,
        },
        Nud.REACHABLE: {
            Happening.USED: Nud.REACHABLE,
            Happening.ANSWERED: Nud.REACHABLE,
            Happening.HEARD: Nud.STALE,
            Happening.IDLE: Nud.STALE,
            Happening.BUSY: Nud.DELAY,
            Happening.FIXED: Nud.PERMANENT,
        },
        Nud.STALE: {
            Happening.USED: Nud.DELAY,
            Happening.ANSWERED: Nud.REACHABLE,
            Happening.HEARD: Nud.STALE,
            Happening.FIXED: Nud.PERMANENT,
        },
        Nud.DELAY: {
            Happening.USED: Nud.DELAY,
            Happening.ANSWERED: Nud.REACHABLE,
            Happening.HEARD: Nud.STALE,
            Happening.CONFIRMED: Nud.REACHABLE,
            Happening.DOUBTED: Nud.PROBE,
            Happening.FIXED: Nud.PERMANENT,
        },
        Nud.PROBE: {
            Happening.USED: Nud.PROBE,
            Happening.ANSWERED: Nud.REACHABLE,
            Happening.HEARD: Nud.STALE,
            Happening.SILENT: Nud.FAILED,
            Happening.FIXED: Nud.PERMANENT,
        },
        Nud.FAILED: {
            Happening.USED: Nud.INCOMPLETE,
            Happening.ANSWERED: Nud.REACHABLE,
            Happening.HEARD: Nud.STALE,
            Happening.FIXED: Nud.PERMANENT,
        },
        Nud.PERMANENT: {
            Happening.USED: Nud.PERMANENT,
            Happening.ANSWERED: Nud.REACHABLE,  # only an administrator's word counts here
            Happening.FIXED: Nud.PERMANENT,
        },
    }
)

# include/net/neighbour.h
NUD_CONNECTED: Final = (Nud.PERMANENT, Nud.REACHABLE)
NUD_VALID: Final = (*NUD_CONNECTED, Nud.STALE, Nud.DELAY, Nud.PROBE)
NUD_ASKING: Final = (Nud.INCOMPLETE, Nud.PROBE)


def after(state: Nud, happening: Happening) -> Nud:
    """Return the state that `happening` leads to."""
    try:
        return TRANSITIONS[state][happening]
    except KeyError:
        raise EmuBug(f"a neighbour is {state}, and {happening}") from None
