"""`ping` and `arping` of iputils: ping/ping.c and arping.c."""

import re
from collections.abc import Callable
from decimal import Decimal
from ipaddress import IPv4Address
from typing import Final

from emu.core.time import Nanoseconds
from emu.host.language.line import Line
from emu.host.language.options import Option, read_options
from emu.host.language.values import flag, ipv4, text
from emu.inet.applications import Arping, Ping

USUAL: Final = Ping(destination=IPv4Address(0))  # for what it does without options
LONGEST: Final = 65507  # octets of data that fit behind the headers of one IP packet

NEVER_ENDS: Final = "without -c COUNT it never ends"


def _whole(tool: str, low: int, high: int) -> Callable[[Line], int]:
    """Return a reader of a decimal number: strtol_or_err()."""

    def read(line: Line) -> int:
        word = line.take()
        what = f"{tool}: invalid argument: '{word.text}'"
        if not re.fullmatch(r"-?[0-9]{1,19}", word.text):
            raise line.wrong(word, what, f"a number from {low} to {high}")
        if not low <= int(word.text) <= high:
            raise line.wrong(word, f"{what}: out of range: {low} <= value <= {high}")
        return int(word.text)

    return read


def _seconds(tool: str) -> Callable[[Line], Nanoseconds]:
    """Return a reader of seconds, with decimals if need be."""

    def read(line: Line) -> Nanoseconds:
        word = line.take()
        if not re.fullmatch(r"[0-9]+(\.[0-9]*)?|\.[0-9]+", word.text) or not float(word.text):
            raise line.wrong(word, f"{tool}: bad timing interval: {word.text}", "seconds, above 0")
        return Nanoseconds(int(Decimal(word.text) * 1_000_000_000))

    return read


def _destination(tool: str) -> Callable[[Line], IPv4Address]:
    """Return a reader of an address."""

    def read(line: Line) -> IPv4Address:
        word = line.take()
        if (value := ipv4(word.text)) is None:
            raise line.wrong(word, f"{tool}: {word.text}: Name or service not known", "an address")
        return value

    return read


def _pmtudisc(line: Line) -> str:
    word = line.take()
    if word.text not in ("do", "want", "dont"):
        raise line.wrong(word, f"ping: invalid -M argument: {word.text}", "do, want or dont")
    return word.text


# --- ping ----------------------------------------------------------------------------------------

PING_LETTERS: Final = "4bc:e:i:I:M:nqs:t:W:"
COUNT = Option("-c", _whole("ping", 1, 2**63 - 1))
INTERVAL = Option("-i", _seconds("ping"))
SIZE = Option("-s", _whole("ping", 0, LONGEST))
TTL = Option("-t", _whole("ping", 1, 255))
PMTUDISC = Option("-M", _pmtudisc)
BROADCAST = Option("-b", flag)
LINGER = Option("-W", _seconds("ping"))
FROM = Option("-I", text)
IDENTIFIER = Option("-e", _whole("ping", 0, 65535))
PLAIN = (Option("-n", flag), Option("-q", flag), Option("-4", flag))  # emu's ping is all of these
TO = Option("destination", _destination("ping"))
PING_OPTIONS = (
    *(COUNT, INTERVAL, SIZE, TTL, PMTUDISC, BROADCAST, LINGER, FROM, IDENTIFIER),
    *PLAIN,
)


def parse_ping(line: Line) -> Ping:
    """Read what follows `ping`."""
    line.spell_out("ping", PING_LETTERS)
    given = read_options(line, PING_OPTIONS, rest=TO, unknown='ping: not also "{word}"')
    came_from = given.get(FROM)
    source = ipv4(came_from) if came_from else None
    return Ping(
        destination=given.need(TO, "ping: usage error: Destination address required"),
        count=given.need(COUNT, "without -c COUNT a ping never ends"),
        interval=given.value(INTERVAL, USUAL.interval),
        size=given.value(SIZE, USUAL.size),
        ttl=given.get(TTL),
        pmtudisc=given.value(PMTUDISC, USUAL.pmtudisc),
        broadcast=BROADCAST in given,
        linger=given.value(LINGER, USUAL.linger),
        netdev=None if source else came_from,
        source=source,
        identifier=given.get(IDENTIFIER),
    )


# --- arping --------------------------------------------------------------------------------------

ARPING_LETTERS: Final = "Abc:I:qs:Uw:"
PROBES = Option("-c", _whole("arping", 1, 2**31 - 1))
NETDEV = Option("-I", text)
UNSOLICITED = Option("-U", flag)
ANSWER = Option("-A", flag)
SOURCE = Option("-s", _destination("arping"))
DEADLINE = Option("-w", _seconds("arping"))
TARGET = Option("destination", _destination("arping"))
ARPING_OPTIONS = (PROBES, NETDEV, UNSOLICITED, ANSWER, SOURCE, DEADLINE, Option("-q", flag))


def parse_arping(line: Line) -> Arping:
    """Read what follows `arping`."""
    line.spell_out("arping", ARPING_LETTERS)
    given = read_options(line, ARPING_OPTIONS, rest=TARGET, unknown='arping: not also "{word}"')
    return Arping(
        netdev=given.need(NETDEV, "arping: which interface? -I NETDEV"),
        destination=given.need(TARGET, "arping: usage error: Destination address required"),
        count=given.need(PROBES, "without -c COUNT an arping never ends"),
        unsolicited=UNSOLICITED in given,
        answer=ANSWER in given,
        source=given.get(SOURCE),
        deadline=given.get(DEADLINE),
    )
