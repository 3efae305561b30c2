"""`ip neigh add|replace|change|del|flush`: ipneigh_modify() in ip/ipneigh.c."""

from dataclasses import replace
from typing import Final

from emu.devices.namespace.changes import DeleteNeighbour, FlushNeighbours, SetNeighbour
from emu.host.commands import ChangeNeighbour, Command
from emu.host.language.line import Line
from emu.host.language.options import Option, meant, read_options
from emu.host.language.values import address, flag, mac, text, unmodelled
from emu.host.language.verbs import Verbs, only_shows, read_verb

REQUIRED: Final = "Device and destination are required arguments."

STATES: Final = ("permanent", "reachable")
OTHER_STATES: Final = ("delay", "failed", "incomplete", "noarp", "none", "probe", "stale")


def _nud(line: Line) -> bool:
    """Read a state; return whether it is `permanent`."""
    word = line.take()
    if word.text in OTHER_STATES:
        raise line.wrong(
            word, f'emu does not model "nud {word.text}"', f"only {' or '.join(STATES)}"
        )
    if word.text not in STATES:
        what = f'Error: argument "{word.text}" is wrong: nud state is bad'
        raise line.wrong(word, what, meant(word, STATES))
    return word.text == "permanent"


LLADDR = Option("lladdr", mac, short=True)
NUD = Option("nud", _nud)
DEV = Option("dev", text)
TO = Option("to", address)
ALL = Option("all", flag)
OPTIONS = (
    *(LLADDR, NUD, DEV, TO),
    *unmodelled("proxy", "router", "use", "managed", "extern_learn"),
    Option("protocol", text, short=True),  # who made it: a label
)


def parse_neighbour(line: Line) -> Command:
    """Read what follows `ip neigh`."""
    return read_verb(line, VERBS, 'Command "{word}" is unknown, try "ip neigh help".')


def _add(line: Line) -> SetNeighbour:
    given = read_options(line, OPTIONS, rest=TO)
    return SetNeighbour(
        name=given.need(DEV, REQUIRED),
        address=given.need(TO, REQUIRED),
        mac=given.need(LLADDR, "Error: No link layer address given."),  # neigh_add()
        permanent=given.get(NUD) is not False,
    )


def _replace(line: Line) -> SetNeighbour:
    return replace(_add(line), replace=True)


def _change(line: Line) -> ChangeNeighbour:
    return ChangeNeighbour(row=_replace(line))


def _delete(line: Line) -> DeleteNeighbour:
    given = read_options(line, OPTIONS, rest=TO)
    return DeleteNeighbour(name=given.need(DEV, REQUIRED), address=given.need(TO, REQUIRED))


def _flush(line: Line) -> FlushNeighbours:
    given = read_options(line, (DEV, ALL), unknown='emu does not model "{word}" here')
    given.apart(DEV, ALL)
    if DEV not in given and ALL not in given:
        raise line.short("Flush requires arguments.")
    return FlushNeighbours(name=given.get(DEV))


VERBS: Final[Verbs] = {
    "add": _add,
    "change": _change,
    "chg": _change,
    "replace": _replace,
    "delete": _delete,
    "get": only_shows,
    "show": only_shows,
    "lst": only_shows,
    "list": only_shows,
    "flush": _flush,
}
