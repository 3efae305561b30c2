"""`brctl` of bridge-utils: brctl/brctl_cmd.c. A command is a verb and so many words."""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from emu.core.time import Nanoseconds, milliseconds
from emu.host.commands import (
    BrctlAddBridge,
    BrctlAddInterface,
    BrctlDeleteBridge,
    BrctlDeleteInterface,
    BrctlSet,
    BridgeSettings,
    Command,
)
from emu.host.language.line import Line, Word
from emu.host.language.options import meant
from emu.host.language.values import valid_name
from emu.host.language.verbs import ONLY_SHOWS

SHOWS: Final = ("show", "showmacs", "showstp")
UNMODELLED: Final = (
    *("hairpin", "sethello", "setmaxage", "setbridgeprio", "setpathcost", "setportprio"),
)


def parse_brctl(line: Line) -> Command:
    """Read what follows `brctl`."""
    verb = line.take("Usage: brctl [commands]")
    if verb.text in SHOWS:
        raise line.wrong(verb, ONLY_SHOWS)
    if verb.text in UNMODELLED:
        raise line.wrong(verb, f'emu does not model "{verb.text}"')
    if verb.text not in VERBS:
        raise line.wrong(verb, f"never heard of command [{verb.text}]", meant(verb, VERBS))
    usage, parse = VERBS[verb.text]
    wanted = len(usage.split())
    words = []
    while line.left:
        words.append(line.take())
    if len(words) != wanted:
        at = words[wanted] if len(words) > wanted else None
        what, fix = "Incorrect number of arguments for command", f"brctl {verb.text} {usage}"
        raise line.wrong(at, what, fix) if at else line.short(what, fix)
    return parse(line, words)


def _addbr(line: Line, words: Sequence[Word]) -> BrctlAddBridge:
    return BrctlAddBridge(bridge=valid_name(line, words[0]))


def _delbr(_line: Line, words: Sequence[Word]) -> BrctlDeleteBridge:
    return BrctlDeleteBridge(bridge=words[0].text)


def _addif(_line: Line, words: Sequence[Word]) -> BrctlAddInterface:
    return BrctlAddInterface(bridge=words[0].text, interface=words[1].text)


def _delif(_line: Line, words: Sequence[Word]) -> BrctlDeleteInterface:
    return BrctlDeleteInterface(bridge=words[0].text, interface=words[1].text)


def _setageing(line: Line, words: Sequence[Word]) -> BrctlSet:
    ageing = _duration(line, words[1], "bad ageing time value")
    settings = BridgeSettings(ageing=ageing)
    return BrctlSet(bridge=words[0].text, settings=settings, what="set ageing time")


def _setfd(line: Line, words: Sequence[Word]) -> BrctlSet:
    """Read a delay for which nothing waits without STP."""
    _duration(line, words[1], "bad forward delay value")
    return BrctlSet(bridge=words[0].text, settings=BridgeSettings(), what="set forward delay")


def _stp(line: Line, words: Sequence[Word]) -> BrctlSet:
    if words[1].text in ("on", "yes", "1"):
        raise line.wrong(words[1], 'emu does not model "stp on"', "only stp off")
    if words[1].text not in ("off", "no", "0"):
        raise line.wrong(words[1], "expect on/off for argument")
    return BrctlSet(bridge=words[0].text, settings=BridgeSettings(), what="set stp status")


def _duration(line: Line, word: Word, wrong: str) -> Nanoseconds:
    """Return seconds, of which the bridge keeps hundredths."""
    if not re.fullmatch(r"[0-9]+(\.[0-9]*)?|\.[0-9]+", word.text):
        raise line.wrong(word, wrong, "seconds")
    return milliseconds(10 * int(Decimal(word.text) * 100))


VERBS: Final[Mapping[str, tuple[str, Callable[[Line, Sequence[Word]], Command]]]] = {
    "addbr": ("<bridge>", _addbr),
    "delbr": ("<bridge>", _delbr),
    "addif": ("<bridge> <device>", _addif),
    "delif": ("<bridge> <device>", _delif),
    "setageing": ("<bridge> <time>", _setageing),
    "setfd": ("<bridge> <time>", _setfd),
    "stp": ("<bridge> {on|off}", _stp),
}
