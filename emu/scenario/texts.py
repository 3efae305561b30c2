"""The words of a scenario file: from the text that was written to the value that was meant.

Each parser takes what stands in the file, a text in most cases, and returns the value or raises
`Wrong` in words for people. Each type beside it tells an editor, through the JSON Schema, what may
be written.
"""

import re
from collections.abc import Callable, Iterable
from enum import StrEnum
from fractions import Fraction
from ipaddress import AddressValueError, IPv4Address, IPv4Interface, IPv4Network, NetmaskValueError
from typing import Annotated, Final, TypeVar

from pydantic import PlainValidator, WithJsonSchema

from emu.core.time import Nanoseconds
from emu.packet.addresses import MacAddress, parse_mac

Choice = TypeVar("Choice", bound=StrEnum)

WHOLE: Final = re.compile(r"[+-]?(0|[1-9][0-9]*|0x[0-9a-fA-F]+|0o[0-7]+)")
QUANTITY: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([a-zA-Z]+(?:/s)?)")
NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9_-])?")
NETDEV: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,14}")  # IFNAMSIZ leaves 15 characters
TIME_UNITS: Final = {
    "ns": 1,
    "us": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "min": 60_000_000_000,
    "h": 3_600_000_000_000,
}
RATE_UNITS: Final = {"bit": 1, "kbit": 10**3, "mbit": 10**6, "gbit": 10**9}  # as in tc(8)
FEW: Final = 8  # choices that are named one by one
TRUE: Final = ("true", "yes", "on")
FALSE: Final = ("false", "no", "off")


class Wrong(ValueError):
    """What is written is not what is wanted here."""

    def __init__(self, what: str, fix: str = "", inside: tuple[int, int] | None = None) -> None:
        super().__init__(what)
        self.fix = fix
        self.inside = inside  # where in the text: line and column, from 1


def text(value: object) -> str:
    """Return `value` if it is a text with something in it."""
    if isinstance(value, str):
        if value:
            return value
        raise Wrong("a text is wanted here, and it is empty")
    if value is None:
        raise Wrong("a text is wanted here, not nothing", "quote it if the text is meant: 'null'")
    raise Wrong(f"a text is wanted here, not a {'list' if isinstance(value, list) else 'mapping'}")


def prose(value: object) -> str:
    """Return a text for people; nothing written means none."""
    return "" if value is None else text(value).strip()


def whole(value: object) -> int:
    """Return a whole number."""
    written = text(value)
    if WHOLE.fullmatch(written):
        return int(written, 0)
    if re.fullmatch(r"0[0-7]+", written):
        fix = f"write {int(written)}, or {int(written, 8)} if octal was meant"
        raise Wrong(f'"{written}" could be a decimal or an octal number', fix)
    bare = written.replace("_", "").lstrip("0")
    fix = f"write {bare}" if WHOLE.fullmatch(bare) else ""
    raise Wrong(f'"{shown(written)}" is not a whole number', fix)


def natural(value: object) -> int:
    """Return a whole number that is not negative."""
    if (number := whole(value)) < 0:
        raise Wrong(f"{number} is negative")
    return number


def positive(value: object) -> int:
    """Return a whole number from 1."""
    if (number := whole(value)) < 1:
        raise Wrong(f"{number} is less than 1")
    return number


def vlan(value: object) -> int:
    """Return the number of a VLAN: IEEE 802.1Q keeps 0 and 4095."""
    if not 1 <= (number := whole(value)) <= 4094:
        raise Wrong(f"{number} is no VLAN: they are 1 to 4094")
    return number


def flag(value: object) -> bool:
    """Return true or false, also written yes and no, on and off."""
    written = text(value).lower()
    if written not in TRUE + FALSE:
        raise Wrong(f'"{shown(written)}" is neither true nor false')
    return written in TRUE


def one_of(choices: type[Choice]) -> Callable[[object], Choice]:
    """Return the parser of one of a closed set of words."""

    def parse(value: object) -> Choice:
        written = text(value)
        if written in list(choices):
            return choices(written)
        words = ", ".join(choices)
        if len(choices) <= FEW:
            raise Wrong(f'"{shown(written)}" is none of {words}', meant(written, choices))
        raise Wrong(
            f'"{shown(written)}" is not known', meant(written, choices) or f"known: {words}"
        )

    return parse


def words_of(choices: type[StrEnum]) -> dict[str, object]:
    """Return the schema of one of a closed set of words."""
    return {"type": "string", "enum": [choice.value for choice in choices]}


def meant(written: str, known: Iterable[str]) -> str:
    """Return a question after what was probably meant, or nothing."""
    from difflib import get_close_matches  # only after a mistake

    folded = {word.lower(): word for word in known}
    near = get_close_matches(written.lower(), folded, 1)
    return f'did you mean "{folded[near[0]]}"?' if near else ""


def name(value: object) -> str:
    """Return a name; it becomes part of file names, and of `HOST/INTERFACE`."""
    written = text(value)
    if not NAME.fullmatch(written):
        fix = "a name has letters, digits, and - _ . within, at most 64"
        raise Wrong(f'"{shown(written)}" cannot be a name', fix)
    return written


def netdev(value: object) -> str:
    """Return the name of an interface or a port."""
    written = text(value)
    if not NETDEV.fullmatch(written):
        fix = "it has letters, digits, and - _ . within, at most 15, as Linux allows"
        raise Wrong(f'"{shown(written)}" cannot be the name of an interface', fix)
    return written


def duration(value: object) -> Nanoseconds:
    """Return a time with its unit: `10ms`, `1.5s`, `5m`."""
    return Nanoseconds(quantity(value, TIME_UNITS, "a time", "10ms, 1.5s, 5m"))


def rate(value: object) -> int:
    """Return bits per second, as tc(8) takes them: `10mbit`."""
    number = quantity(value, RATE_UNITS, "a bandwidth", "100mbit, 1gbit")
    if not number:
        raise Wrong("a link needs a bandwidth above 0", "a link without limit has none written")
    return number


def quantity(value: object, units: dict[str, int], kind: str, examples: str) -> int:
    """Return a number with one of `units`, in the smallest of them."""
    written = text(value)
    found = QUANTITY.fullmatch(written)
    if found is None and re.fullmatch(r"[0-9.]+", written):
        raise Wrong(f"{shown(written)} of what? {kind} needs a unit", f"as in {examples}")
    unit = found[2].lower().removesuffix("/s") if found else ""
    if found is None or unit not in units:
        raise Wrong(f'"{shown(written)}" is not {kind}', f"as in {examples}")
    exact = Fraction(found[1]) * units[unit]
    if exact.denominator != 1 or exact >= 2**62:
        raise Wrong(f'"{shown(written)}" is finer or longer than emu can count')
    return int(exact)


def mac(value: object) -> MacAddress:
    """Return a MAC address: `fa:16:3e:00:00:01`."""
    written = text(value)
    try:
        return parse_mac(written)
    except ValueError:
        raise Wrong(f'"{shown(written)}" is not a MAC address', "as in fa:16:3e:00:00:01") from None


def address(value: object) -> IPv4Address:
    """Return an IPv4 address."""
    written = text(value)
    try:
        return IPv4Address(written)
    except AddressValueError:
        raise _no_address(written, "an IPv4 address") from None


def interface(value: object) -> IPv4Interface:
    """Return an IPv4 address with the length of its prefix."""
    written = text(value)
    try:
        found = IPv4Interface(written)
    except (AddressValueError, NetmaskValueError):
        raise _no_address(written, "an IPv4 address with a prefix length") from None
    if "/" not in written:
        raise Wrong(f'"{written}" lacks its prefix length', f"as in {written}/24")
    return found


def cidr(value: object) -> IPv4Network:
    """Return an IPv4 prefix, with no bits of a host in it."""
    written = text(value)
    try:
        found = IPv4Interface(written)
    except (AddressValueError, NetmaskValueError):
        raise _no_address(written, "an IPv4 prefix") from None
    if "/" not in written:
        raise Wrong(f'"{written}" lacks its prefix length', f"as in {written}/24")
    if found.ip != found.network.network_address:
        raise Wrong(f'"{written}" is an address in a prefix', f"the prefix is {found.network}")
    return found.network


def _no_address(written: str, wanted: str) -> Wrong:
    if ":" in written and re.fullmatch(r"[0-9a-fA-F:.]+(/[0-9]+)?", written):
        return Wrong(f'"{shown(written)}" is IPv6, which is not modelled yet')
    octets = re.fullmatch(r"([0-9]+)\.([0-9]+)\.([0-9]+)\.([0-9]+)(/.*)?", written)
    fix = ""
    if octets and any(len(octet) > 1 and octet[0] == "0" for octet in octets.groups()[:4]):
        fix = "no octet begins with 0: it could be an octal number"
    elif octets and any(int(octet) > 255 for octet in octets.groups()[:4]):
        fix = "an octet is at most 255"
    return Wrong(f'"{shown(written)}" is not {wanted}', fix)


def shown(written: str) -> str:
    """Return `written`, cut if it is long, and without what a terminal would obey."""
    cut = written if len(written) <= 60 else f"{written[:57]}..."
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode() for one in cut
    )


TEXT: Final = {"type": "string", "minLength": 1}
DURATION: Final = {"type": "string", "pattern": r"^[0-9.]+ ?(ns|us|ms|s|m|min|h)$"}
NAMED: Final = {"type": "string", "pattern": f"^{NAME.pattern}$"}

Text = Annotated[str, PlainValidator(text), WithJsonSchema(TEXT)]
Prose = Annotated[str, PlainValidator(prose), WithJsonSchema({"type": ["string", "null"]})]
Name = Annotated[str, PlainValidator(name), WithJsonSchema(NAMED)]
Netdev = Annotated[
    str,
    PlainValidator(netdev),
    WithJsonSchema({"type": "string", "pattern": f"^{NETDEV.pattern}$"}),
]
Natural = Annotated[int, PlainValidator(natural), WithJsonSchema({"type": "integer", "minimum": 0})]
Positive = Annotated[
    int, PlainValidator(positive), WithJsonSchema({"type": "integer", "minimum": 1})
]
Vlan = Annotated[
    int,
    PlainValidator(vlan),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 4094}),
]
Flag = Annotated[bool, PlainValidator(flag), WithJsonSchema({"type": "boolean"})]
Duration = Annotated[Nanoseconds, PlainValidator(duration), WithJsonSchema(DURATION)]
Rate = Annotated[
    int,
    PlainValidator(rate),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9.]+ ?[kKmMgG]?bit(/s)?$"}),
]
Mac = Annotated[
    MacAddress,
    PlainValidator(mac),
    WithJsonSchema({"type": "string", "pattern": "^([0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}$"}),
]
Address = Annotated[
    IPv4Address, PlainValidator(address), WithJsonSchema({"type": "string", "format": "ipv4"})
]
Interface = Annotated[
    IPv4Interface,
    PlainValidator(interface),
    WithJsonSchema({"type": "string", "pattern": "^[0-9.]+/[0-9]+$"}),
]
Cidr = Annotated[
    IPv4Network,
    PlainValidator(cidr),
    WithJsonSchema({"type": "string", "pattern": "^[0-9.]+/[0-9]+$"}),
]
