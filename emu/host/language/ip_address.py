"""`ip addr add|replace|del|flush`: ipaddr_modify() in ip/ipaddress.c."""

from ipaddress import IPv4Address
from typing import Final

from emu.devices.namespace.changes import AddAddress, DeleteAddress
from emu.host.commands import Command, FlushAddresses, ReplaceAddress
from emu.host.language.line import Line
from emu.host.language.options import Given, Option, read_options
from emu.host.language.values import address, fixed, interface, text, unmodelled
from emu.host.language.verbs import Verbs, only_shows, read_verb, unmodelled_verb

NO_DEV: Final = 'Not enough information: "dev" argument is required.'
NO_LOCAL: Final = "RTNETLINK answers: Operation not supported"


def _broadcast(line: Line) -> IPv4Address | None:
    """Read `+` or a broadcast address."""
    if line.take().text == "+":
        return None
    line.back()
    return address(line)


DEV = Option("dev", text)
LOCAL = Option("local", interface)
BROADCAST = Option("broadcast", _broadcast, short=True, aliases=("brd",))
LABEL = Option("label", text)
OPTIONS = (
    *(DEV, BROADCAST, LABEL, LOCAL),
    Option("scope", fixed("scope", "global")),
    Option("valid_lft", fixed("valid_lft", "forever")),
    Option("preferred_lft", fixed("preferred_lft", "forever")),
    *unmodelled("peer", "remote", "anycast", "metric", "noprefixroute", "proto", "secondary"),
)


def parse_address(line: Line) -> Command:
    """Read what follows `ip addr`."""
    return read_verb(line, VERBS, 'Command "{word}" is unknown, try "ip address help".')


def _add(line: Line) -> AddAddress:
    given = _read(line)
    return AddAddress(name=given.need(DEV, NO_DEV), interface=given.need(LOCAL, NO_LOCAL))


def _replace(line: Line) -> ReplaceAddress:
    given = _read(line)
    return ReplaceAddress(name=given.need(DEV, NO_DEV), interface=given.need(LOCAL, NO_LOCAL))


def _delete(line: Line) -> DeleteAddress:
    given = _read(line)
    return DeleteAddress(name=given.need(DEV, NO_DEV), interface=given.need(LOCAL, NO_LOCAL))


def _flush(line: Line) -> FlushAddresses:
    given = read_options(line, (DEV, Option("scope", fixed("scope", "global"))), rest=DEV)
    return FlushAddresses(name=given.need(DEV, "Flush requires arguments."))


def _read(line: Line) -> Given:
    given = read_options(line, OPTIONS, rest=LOCAL)
    broadcast, local = given.get(BROADCAST), given.get(LOCAL)
    # every subnet up to /30 has this one, told or not: fib_add_ifaddr()
    if broadcast and local and broadcast != local.network.broadcast_address:
        fix = f"only that of the subnet, {local.network.broadcast_address}"
        raise given.wrong(BROADCAST, f'emu does not model "broadcast {broadcast}"', fix)
    return given


VERBS: Final[Verbs] = {
    "add": _add,
    "change": _replace,
    "chg": _replace,
    "replace": _replace,
    "delete": _delete,
    "list": only_shows,
    "show": only_shows,
    "lst": only_shows,
    "flush": _flush,
    "save": only_shows,
    "restore": unmodelled_verb,
}
