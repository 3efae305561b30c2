"""`sysctl [-w] KEY=VALUE` of procps."""

from typing import Final

from emu.devices.namespace.changes import SetSysctl
from emu.host.language.line import Line

FLAGS: Final = ("-w", "--write", "-q", "--quiet", "-wq", "-qw")


def parse_sysctl(line: Line) -> SetSysctl:
    """Read what follows `sysctl`: one setting."""
    word = line.take("sysctl: no variables specified")
    while word.text in FLAGS:
        word = line.take("sysctl: no variables specified")
    if word.text.startswith("-"):
        raise line.wrong(word, f'emu does not model "sysctl {word.text}"', "only -w and -q")
    key, equals, value = word.text.partition("=")
    if not (key and equals):
        what = f'"{word.text}" is no setting'
        raise line.wrong(word, what, "KEY=VALUE, without spaces around the sign")
    if line.left:
        raise line.wrong(line.take(), "one setting a command, please")
    return SetSysctl(key=dotted(key), value=value)


def dotted(key: str) -> str:
    """Return `key` with dots between its parts, as sysctl prints it.

    The first sign between parts, `.` or `/`, is the one that is; the other then stands for a dot
    within a part: `net/ipv4/conf/eth1.100/rp_filter` is `net.ipv4.conf.eth1/100.rp_filter`.
    """
    slash, dot = key.find("/"), key.find(".")
    if slash != -1 and (dot == -1 or slash < dot):
        return key.translate(str.maketrans("/.", "./"))
    return key
