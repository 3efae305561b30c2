"""`ip link add|set|del`: iplink_parse() in ip/iplink.c."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from emu.host.commands import (
    AddLink,
    BridgeKind,
    Command,
    DeleteLink,
    DummyKind,
    Kind,
    LinkSettings,
    SetLink,
    VethKind,
    VlanKind,
)
from emu.host.language.line import Line
from emu.host.language.link_kinds import read_bridge, read_port, read_vlan
from emu.host.language.options import Given, Option, read_options
from emu.host.language.values import (
    fixed,
    flag,
    interface_name,
    mac,
    number,
    on_off,
    text,
    unmodelled,
)
from emu.host.language.verbs import Verbs, only_shows, read_verb, unmodelled_verb

NO_DEV: Final = 'Not enough information: "dev" argument is required.'
NO_TYPE: Final = 'Not enough information: "type" argument is required'


def _kind(line: Line) -> str:
    """Read the kind of an interface that is to be made."""
    word = line.take()
    if word.text not in KINDS:
        raise line.wrong(word, "Error: Unknown device type.", f"emu has {', '.join(KINDS)}")
    return word.text


UP = Option("up", flag)
DOWN = Option("down", flag)
LINK = Option("link", text, short=True)
MAC = Option("address", mac, short=True)
MTU = Option("mtu", number('Invalid "mtu" value'))
MASTER = Option("master", text, short=True)
NOMASTER = Option("nomaster", flag, short=True)
DEV = Option("dev", text)
NEW = Option("dev", interface_name, aliases=("name",))
KIND = Option("type", _kind, short=True)
TYPE = Option("type", text, short=True)
PEER = Option("peer", flag)

PLAIN = (
    *(UP, DOWN, MAC, MTU),
    Option("promisc", on_off("promisc")),  # frames for others end at IP in either case
    Option("arp", fixed("arp", "on")),
    Option("multicast", fixed("multicast", "on")),
    Option("addrgenmode", fixed("addrgenmode", "none", "eui64"), short=True),  # of IPv6
)
SETTINGS = (*PLAIN, MASTER, NOMASTER)
UNMODELLED = (
    *unmodelled("alias", "allmulticast", "brd", "broadcast", "carrier", "dynamic", "group"),
    *unmodelled("index", "link-netns", "link-netnsid", "mode", "name", "netns", "numrxqueues"),
    *unmodelled("numtxqueues", "protodown", "qlen", "state", "txqueuelen", "vf", "vrf", "xdp"),
)


def parse_link(line: Line) -> Command:
    """Read what follows `ip link`."""
    return read_verb(line, VERBS, 'Command "{word}" is unknown, try "ip link help".')


def _add(line: Line) -> AddLink:
    given = read_options(line, (*SETTINGS, LINK, KIND, NEW, *UNMODELLED), rest=NEW, last=KIND)
    kind = given.need(KIND, NO_TYPE)
    if LINK in given and kind != "vlan":
        raise given.wrong(LINK, f'emu does not model "link" of a {kind}')
    name = given.need(NEW, NO_DEV)
    return AddLink(name=name, settings=_settings(given), kind=KINDS[kind](line, given))


def _delete(line: Line) -> DeleteLink:
    given = read_options(line, (DEV, KIND), rest=DEV)
    return DeleteLink(name=given.need(DEV, NO_DEV), kind=given.get(KIND))


def _set(line: Line) -> SetLink:
    given = read_options(line, (*SETTINGS, TYPE, DEV, *UNMODELLED), rest=DEV, last=TYPE)
    change = SetLink(name=given.need(DEV, NO_DEV), settings=_settings(given))
    match given.get(TYPE):
        case None:
            return change
        case "bridge":
            return replace(change, bridge=read_bridge(line))
        case "bridge_slave":
            return replace(change, port=read_port(line))
        case kind:
            raise given.wrong(TYPE, f"emu does not model changes of a {kind}")


def _settings(given: Given) -> LinkSettings:
    given.apart(UP, DOWN)
    given.apart(MASTER, NOMASTER)
    return LinkSettings(
        up=True if UP in given else False if DOWN in given else None,
        mtu=given.get(MTU),
        mac=given.get(MAC),
        master=given.get(MASTER),
        nomaster=NOMASTER in given,
    )


def _bridge(line: Line, _given: Given) -> BridgeKind:
    return BridgeKind(settings=read_bridge(line))


def _vlan(line: Line, given: Given) -> VlanKind:
    vid = read_vlan(line)
    return VlanKind(parent=given.need(LINK, "Error: 8021q: link not specified."), vid=vid)


def _veth(line: Line, _given: Given) -> VethKind:
    read_options(line, (PEER,), last=PEER, unknown='veth: unknown command "{word}"?')
    given = read_options(line, (*PLAIN, NEW, *UNMODELLED), rest=NEW)
    # Differs from Linux: it would call a nameless one veth0, or veth1 ...
    name = given.need(NEW, "the peer needs a name: peer name NAME")
    return VethKind(peer=name, settings=_settings(given))


def _dummy(line: Line, _given: Given) -> DummyKind:
    read_options(line, (), unknown='Garbage instead of arguments "{word} ...".')
    return DummyKind()


KINDS: Final[Mapping[str, Callable[[Line, Given], Kind]]] = {
    "bridge": _bridge,
    "vlan": _vlan,
    "veth": _veth,
    "dummy": _dummy,
}
VERBS: Final[Verbs] = {
    "add": _add,
    "set": _set,
    "change": _set,
    "replace": unmodelled_verb,
    "delete": _delete,
    "show": only_shows,
    "list": only_shows,
    "lst": only_shows,
}
