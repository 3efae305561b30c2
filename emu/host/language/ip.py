"""`ip` of iproute2: the options of the tool, and the object of the command (ip/ip.c)."""

from typing import Final, Never

from emu.host.commands import Command
from emu.host.language.ip_address import parse_address
from emu.host.language.ip_link import parse_link
from emu.host.language.ip_neigh import parse_neighbour
from emu.host.language.ip_route import parse_route
from emu.host.language.line import Line
from emu.host.language.verbs import Verbs, read_verb, unmodelled_verb


def _netns(line: Line) -> Never:
    line.back()
    what = 'emu does not model "ip netns"'
    raise line.wrong(line.take(), what, "a namespace is a device: run the command there")


# In the order of cmds[], because the first that a word begins is meant
OBJECTS: Final[Verbs] = {
    "address": parse_address,
    "addrlabel": unmodelled_verb,
    "maddress": unmodelled_verb,
    "route": parse_route,
    "rule": unmodelled_verb,
    "neighbor": parse_neighbour,
    "neighbour": parse_neighbour,
    "ntable": unmodelled_verb,
    "link": parse_link,
    "l2tp": unmodelled_verb,
    "tunnel": unmodelled_verb,
    "tuntap": unmodelled_verb,
    "monitor": unmodelled_verb,
    "xfrm": unmodelled_verb,
    "netns": _netns,
    "vrf": unmodelled_verb,
    "nexthop": unmodelled_verb,
}


def parse_ip(line: Line) -> Command:
    """Read what follows `ip`."""
    while line.left:
        word = line.take()
        if not word.text.startswith("-"):
            line.back()
            break
        if word.text != "-4":
            raise line.wrong(word, f'Option "{word.text}" is unknown, try "ip -help".', "only -4")
    return read_verb(line, OBJECTS, 'Object "{word}" is unknown, try "ip help".')
