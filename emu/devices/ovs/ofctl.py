"""`ovs-ofctl`: what its commands ask a bridge for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, final

from emu.core.errors import Refused
from emu.devices.ovs.changes import Change, FlowText, GroupText, ModPort
from emu.openflow.actions.base import OF10, OF13, OF15, VERSIONS
from emu.openflow.flow import Command
from emu.openflow.groups import GroupCommand

SHOWS: Final = (
    *("dump-flows", "dump-groups", "dump-ports", "dump-ports-desc", "dump-tables", "show"),
    *("diff-flows", "dump-group-stats", "dump-group-features", "monitor", "snoop", "ofp-parse"),
)
UNMODELLED: Final = (
    *("add-meter", "mod-meter", "del-meters", "add-tlv-map", "del-tlv-map", "packet-out"),
    *("set-frags", "mod-table", "bundle", "replace-flows"),
)
_FLAGS: Final[Mapping[str, tuple[str, bool]]] = {
    "up": ("is_down", False),
    "down": ("is_down", True),
    "receive": ("no_recv", False),
    "receive-stp": ("no_recv_stp", False),
    "flood": ("no_flood", False),
    "forward": ("no_fwd", False),
}
_VERSION_NAMES: Final = {
    name: version
    for version in VERSIONS
    for name in (f"openflow1{version - 10}", f"openflow1.{version - 10}")
}


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Ofctl:
    """What a command asks for."""

    bridge: str
    change: Change


@final
@dataclass(slots=True)
class _Options:
    version: int | None = None
    is_strict: bool = False
    may_create: bool = False


def parse_ofctl(words: tuple[str, ...]) -> Ofctl:
    """Read what follows `ovs-ofctl`.

    Raises:
        Refused: It is nothing that changes a bridge of emu.
    """
    options, words = _split_options(words)
    if not words:
        raise Refused("ovs-ofctl: missing command name; use --help for help")
    verb, arguments = words[0], words[1:]
    if verb in SHOWS:
        raise Refused(f"ovs-ofctl: {verb} only shows; a host runs commands that change something")
    if verb in UNMODELLED:
        raise Refused(f'ovs-ofctl: emu does not model "{verb}"')
    if verb not in _VERBS:
        raise Refused(f"ovs-ofctl: unknown command '{verb}'; use --help for help")
    least, most, read = _VERBS[verb]
    if not least <= len(arguments) <= most:
        kind = "requires at least" if len(arguments) < least else "takes at most"
        count = least if len(arguments) < least else most
        raise Refused(f"ovs-ofctl: '{verb}' command {kind} {count} arguments")
    return Ofctl(bridge=arguments[0], change=read(verb, arguments[1:], options))


def _split_options(words: tuple[str, ...]) -> tuple[_Options, tuple[str, ...]]:
    options, rest, at = _Options(), [], 0
    while at < len(words):
        word = words[at]
        at += 1
        if word in ("-O", "--protocols"):
            if at == len(words):
                raise Refused(f"ovs-ofctl: option '{word}' requires an argument")
            options.version = _version(words[at])
            at += 1
        elif word.startswith(("--protocols=", "-O")) and word != "-O":
            options.version = _version(word.removeprefix("--protocols=").removeprefix("-O"))
        elif word == "--strict":
            options.is_strict = True
        elif word == "--may-create":
            options.may_create = True
        elif word in ("--bundle", "--no-names", "--names", "--no-stats"):
            continue  # what comes of it is the same
        elif word.startswith("-") and word != "-":
            raise Refused(f"ovs-ofctl: unrecognized option '{word}'")
        else:
            rest.append(word)
    return options, tuple(rest)


def _version(text: str) -> int:
    """Return the highest of some versions: the bridge speaks all that emu knows."""
    versions = []
    for name in text.split(","):
        version = _VERSION_NAMES.get(name.strip().lower())
        if version is None:
            raise Refused(f"ovs-ofctl: {name.strip()}: unsupported OpenFlow version")
        versions.append(version)
    return max(versions)


def _flows(verb: str, arguments: tuple[str, ...], options: _Options) -> FlowText:
    command = _COMMANDS[verb, options.is_strict]
    version = OF10 if options.version is None else options.version
    return FlowText(command=command, texts=arguments or ("",), version=version)


_COMMANDS: Final = {
    ("add-flow", False): Command.ADD,
    ("add-flow", True): Command.ADD,
    ("mod-flows", False): Command.MODIFY,
    ("mod-flows", True): Command.MODIFY_STRICT,
    ("del-flows", False): Command.DELETE,
    ("del-flows", True): Command.DELETE_STRICT,
}


def _group(verb: str, arguments: tuple[str, ...], options: _Options) -> GroupText:
    text = arguments[0] if arguments else ""
    command = {
        "add-group": GroupCommand.ADD,
        "mod-group": GroupCommand.ADD_OR_MOD if options.may_create else GroupCommand.MODIFY,
        "del-groups": GroupCommand.DELETE,
    }[verb]
    version = options.version
    if version is None:  # the tool goes up to the first version that can say it
        version = OF15 if "selection_method" in text or "command_bucket" in text else OF13
    return GroupText(command=command, text=text, version=version)


def _mod_port(_verb: str, arguments: tuple[str, ...], _options: _Options) -> ModPort:
    port, word = arguments
    flag = word.lower()
    negated = flag.startswith("no")
    if negated:
        flag = flag.removeprefix("no-") if flag.startswith("no-") else flag.removeprefix("no")
    if flag in ("stp", "packet-in"):
        raise Refused(f'ovs-ofctl: emu does not model "{word}"')
    if flag not in _FLAGS:
        raise Refused(f"ovs-ofctl: unknown mod-port command '{word}'")
    name, value = _FLAGS[flag]
    return ModPort(port=port, **{name: value != negated})


_Read = Callable[[str, tuple[str, ...], _Options], Change]
_VERBS: Final[Mapping[str, tuple[int, int, _Read]]] = {
    "add-flow": (2, 2, _flows),
    "mod-flows": (2, 2, _flows),
    "del-flows": (1, 2, _flows),
    "add-group": (1, 2, _group),
    "mod-group": (1, 2, _group),
    "del-groups": (1, 2, _group),
    "mod-port": (3, 3, _mod_port),
}
