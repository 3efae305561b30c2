"""`ip route add|replace|del`: iproute_modify() in ip/iproute.c."""

from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Network
from typing import Final

from emu.devices.namespace.changes import AddRoute, DeleteRoute, RouteType
from emu.host.commands import Command
from emu.host.language.line import Line
from emu.host.language.options import Given, Option, read_options
from emu.host.language.values import address, fixed, network, number, text, unmodelled
from emu.host.language.verbs import Verbs, only_shows, read_verb, unmodelled_verb

TYPES: Final = {str(kind): kind for kind in RouteType}


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """`[TYPE] PREFIX`."""

    network: IPv4Network
    type: RouteType | None = None


def _destination(line: Line) -> Destination:
    word = line.take()
    if word.text in TYPES:
        return Destination(type=TYPES[word.text], network=network(line))
    if word.text in ("throw", "local", "broadcast", "multicast", "nat", "anycast"):
        raise line.wrong(word, f'emu does not model "{word.text}" routes')
    line.back()
    return Destination(network=network(line, known=TYPES))


def _gateway(line: Line) -> IPv4Address:
    """Read the address that follows `via`, which may say its family."""
    if line.take().text != "inet":
        line.back()
    return address(line)


TO = Option("to", _destination)
VIA = Option("via", _gateway)
DEV = Option("dev", text, aliases=("oif",))
METRIC = Option("metric", number('"metric" value is invalid'), short=True, aliases=("preference",))
PRIORITY = Option("priority", number('"metric" value is invalid'), short=True)
SOURCE = Option("src", address)
SCOPE = Option("scope", fixed("scope", "link", "global"))  # which follows from `via`
OPTIONS = (
    *(SOURCE, VIA, METRIC, PRIORITY, SCOPE, DEV, TO),
    Option("protocol", text, short=True),  # who made it: a label
    Option("table", fixed("table", "main", "254"), short=True),
    *unmodelled("advmss", "as", "cwnd", "dsfield", "encap", "expires", "features", "from"),
    *unmodelled("hoplimit", "initcwnd", "mtu", "nexthop", "nhid", "onlink", "pref", "realms"),
    *unmodelled("rto_min", "rtt", "rttvar", "ssthresh", "tos", "vrf", "window"),
)


def parse_route(line: Line) -> Command:
    """Read what follows `ip route`."""
    return read_verb(line, VERBS, 'Command "{word}" is unknown, try "ip route help".')


def _add(line: Line) -> AddRoute:
    given = _read(line)
    to = given.need(TO, "a destination is required")
    for option in (VIA, DEV):
        if to.type not in (None, RouteType.UNICAST) and option in given:  # fib_create_info()
            words = "Gateway, device and multipath can not be specified for this route type."
            raise given.wrong(option, f"Error: {words}")
    return AddRoute(
        destination=to.network,
        via=given.get(VIA),
        name=given.get(DEV),
        metric=given.get(METRIC) or given.get(PRIORITY) or 0,
        source=given.get(SOURCE),
        type=to.type or RouteType.UNICAST,
    )


def _replace(line: Line) -> AddRoute:
    return replace(_add(line), replace=True)


def _delete(line: Line) -> DeleteRoute:
    given = _read(line)
    to = given.need(TO, "a destination is required")
    if to.type:
        raise given.wrong(TO, f'emu does not ask for "{to.type}" of a route to delete')
    if SOURCE in given:
        raise given.wrong(SOURCE, 'emu does not ask for "src" of a route to delete')
    metric = given.get(METRIC)
    return DeleteRoute(
        destination=to.network,
        via=given.get(VIA),
        name=given.get(DEV),
        metric=given.get(PRIORITY) if metric is None else metric,
    )


def _read(line: Line) -> Given:
    given = read_options(line, OPTIONS, rest=TO)
    given.apart(METRIC, PRIORITY)
    if VIA in given and given.get(SCOPE) == "link":
        raise given.wrong(SCOPE, "Error: Nexthop has invalid gateway.")  # fib_check_nh()
    return given


VERBS: Final[Verbs] = {
    "add": _add,
    "change": unmodelled_verb,
    "chg": unmodelled_verb,
    "replace": _replace,
    "prepend": unmodelled_verb,
    "append": unmodelled_verb,
    "test": unmodelled_verb,
    "delete": _delete,
    "list": only_shows,
    "show": only_shows,
    "lst": only_shows,
    "get": only_shows,
    "flush": unmodelled_verb,
    "save": only_shows,
    "restore": unmodelled_verb,
}
