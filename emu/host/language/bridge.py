"""`bridge fdb|link` of iproute2: fdb_modify() in bridge/fdb.c, brlink_modify() in bridge/link.c."""

from typing import Final

from emu.devices.bridge import FdbState
from emu.host.commands import AddFdb, Command, DeleteFdb, SetBridgePort
from emu.host.language.line import Line
from emu.host.language.link_kinds import PORT_OPTIONS, port_settings
from emu.host.language.options import Given, Option, read_options
from emu.host.language.values import flag, mac, text, unmodelled
from emu.host.language.verbs import Verbs, only_shows, read_verb, unmodelled_verb

REQUIRED: Final = "Device and address are required arguments."

DEV = Option("dev", text)
TO = Option("to", mac)
SELF = Option("self", flag)
MASTER = Option("master", flag, short=True)
STATES: Final = {
    Option("local", flag, short=True): FdbState.PERMANENT,
    Option("permanent", flag, short=True): FdbState.PERMANENT,
    Option("temp", flag, short=True): FdbState.STATIC,
    Option("static", flag, short=True): FdbState.STATIC,
    Option("dynamic", flag, short=True): FdbState.DYNAMIC,
}
FDB_OPTIONS = (
    *(DEV, SELF, MASTER, *STATES, TO),
    *unmodelled("dst", "port", "vni", "src_vni", "via", "vlan", "nhid", "router", "use"),
    *unmodelled("extern_learn", "sticky"),
)


def parse_bridge(line: Line) -> Command:
    """Read what follows `bridge`."""
    return read_verb(line, OBJECTS, 'Object "{word}" is unknown, try "bridge help".')


def _fdb(line: Line) -> Command:
    return read_verb(line, FDB_VERBS, 'Command "{word}" is unknown, try "bridge fdb help".')


def _link(line: Line) -> Command:
    return read_verb(line, LINK_VERBS, 'Command "{word}" is unknown, try "bridge link help".')


def _add(line: Line) -> AddFdb:
    return _row(line, exclusive=True)


def _append(line: Line) -> AddFdb:
    return _row(line, exclusive=False)


def _row(line: Line, *, exclusive: bool) -> AddFdb:
    given = _read(line)
    state = next((STATES[option] for option in STATES if option in given), FdbState.PERMANENT)
    return AddFdb(
        mac=given.need(TO, REQUIRED),
        name=given.need(DEV, REQUIRED),
        state=state,
        exclusive=exclusive,
        own=MASTER not in given,  # fdb_modify(): "Assume self", and above "Assume permanent"
    )


def _delete(line: Line) -> DeleteFdb:
    given = _read(line)
    return DeleteFdb(
        mac=given.need(TO, REQUIRED), name=given.need(DEV, REQUIRED), own=MASTER not in given
    )


def _read(line: Line) -> Given:
    given = read_options(line, FDB_OPTIONS, rest=TO)
    given.apart(*STATES)
    given.apart(SELF, MASTER)
    return given


def _set(line: Line) -> SetBridgePort:
    options = (DEV, MASTER, *unmodelled("self"), *PORT_OPTIONS)
    given = read_options(line, options, unknown='bridge link: unknown option "{word}"')
    return SetBridgePort(
        name=given.need(DEV, "Device is a required argument."), settings=port_settings(given)
    )


FDB_VERBS: Final[Verbs] = {
    "add": _add,
    "append": _append,
    "replace": _append,
    "delete": _delete,
    "get": only_shows,
    "show": only_shows,
    "lst": only_shows,
    "list": only_shows,
    "flush": unmodelled_verb,
}
LINK_VERBS: Final[Verbs] = {
    "set": _set,
    "change": _set,
    "show": only_shows,
    "lst": only_shows,
    "list": only_shows,
}
OBJECTS: Final[Verbs] = {
    "link": _link,
    "fdb": _fdb,
    "mdb": unmodelled_verb,
    "vlan": unmodelled_verb,
    "vni": unmodelled_verb,
    "monitor": unmodelled_verb,
}
