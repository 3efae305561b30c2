"""The languages of the command line: a line of text becomes a `Command`, or a `CommandError`.

Nothing unknown is ignored: what emu does not model is refused, and says so.
"""

from collections.abc import Callable, Mapping
from typing import Final

from emu.host.commands import Command
from emu.host.language.brctl import parse_brctl
from emu.host.language.bridge import parse_bridge
from emu.host.language.ip import parse_ip
from emu.host.language.line import CommandError, Line
from emu.host.language.options import meant
from emu.host.language.programs import parse_arping, parse_ping
from emu.host.language.sysctl import parse_sysctl

__all__ = ["CommandError", "parse_command"]

TOOLS: Final[Mapping[str, Callable[[Line], Command]]] = {
    "arping": parse_arping,
    "brctl": parse_brctl,
    "bridge": parse_bridge,
    "ip": parse_ip,
    "ping": parse_ping,
    "sysctl": parse_sysctl,
}


def parse_command(text: str) -> Command:
    """Return what a command line asks for; `CommandError` if it is none that emu knows."""
    line = Line(text)
    word = line.take("an empty line is no command")
    if word.text == "sudo":
        word = line.take("sudo what?")
    if word.text not in TOOLS:
        fix = meant(word, TOOLS) or f"emu knows {', '.join(TOOLS)}"
        raise line.wrong(word, f"{word.text}: command not found", fix)
    return TOOLS[word.text](line)
