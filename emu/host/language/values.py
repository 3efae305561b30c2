"""Readers of the values that options take, with the words of iproute2 for those that are wrong."""

import re
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Final

from emu.host.language.line import Line, Word
from emu.host.language.options import Option, meant
from emu.net.names import dev_valid_name
from emu.packet.frame import MacAddress

NUMBER: Final = re.compile(r"0[xX][0-9a-fA-F]+|[0-9]+")
ANYWHERE: Final = IPv4Network("0.0.0.0/0")
NO_IPV6: Final = "emu has no IPv6"


def flag(_line: Line) -> bool:
    """Read nothing: the keyword says it all."""
    return True


def text(line: Line) -> str:
    """Read any word."""
    return line.take().text


def interface_name(line: Line) -> str:
    """Read the name of an interface that is to be made."""
    return valid_name(line, line.take())


def valid_name(line: Line, word: Word) -> str:
    """Return `word` if an interface may have that name."""
    if not dev_valid_name(word.text):
        what = f'Error: argument "{word.text}" is wrong: "name" not a valid ifname'
        raise line.wrong(word, what, "1 to 15 characters, without / : and spaces")
    return word.text


def whole(word: Word, low: int, high: int) -> int | None:
    """Return `word` as C reads a number of any base, None if it is none from `low` to `high`."""
    if not NUMBER.fullmatch(word.text):
        return None
    octal = word.text.startswith("0") and word.text.isdigit()
    try:
        value = int(word.text, 8 if octal else 0)
    except ValueError:  # an 8 or 9 in an octal number
        return None
    return value if low <= value <= high else None


def number(wrong: str, low: int = 0, high: int = 2**32 - 1) -> Callable[[Line], int]:
    """Return a reader of a number from `low` to `high`; any other is `wrong`."""

    def read(line: Line) -> int:
        word = line.take()
        value = whole(word, low, high)
        if value is None:
            what = f'Error: argument "{word.text}" is wrong: {wrong}'
            raise line.wrong(word, what, f"a number from {low} to {high}")
        return value

    return read


def on_off(name: str) -> Callable[[Line], bool]:
    """Return a reader of the value of `name`, `on` or `off`: parse_on_off()."""

    def read(line: Line) -> bool:
        word = line.take()
        if word.text not in ("on", "off"):
            what = f'Error: argument of "{name}" must be one of "off", "on", not "{word.text}"'
            raise line.wrong(word, what)
        return word.text == "on"

    return read


def fixed(name: str, *values: str) -> Callable[[Line], str]:
    """Return a reader of an option of which emu has only `values`: there it changes nothing."""

    def read(line: Line) -> str:
        word = line.take()
        if word.text not in values:
            what = f'emu does not model "{name} {word.text}"'
            raise line.wrong(word, what, f"only {name} {' or '.join(values)}")
        return word.text

    return read


def unmodelled(*names: str) -> tuple[Option[None], ...]:
    """Return the options of those names: the real tool has them, emu refuses them."""

    def refuse(line: Line) -> None:
        line.back()
        word = line.take()
        raise line.wrong(word, f'emu does not model "{word.text}"')

    return tuple([Option(name, refuse) for name in names])


def mac(line: Line) -> MacAddress:
    """Read a MAC address: ll_addr_a2n()."""
    word = line.take()
    parts = word.text.split(":")
    if not all(re.fullmatch(r"[0-9a-fA-F]{1,2}", part) for part in parts):
        raise line.wrong(word, f'"{word.text}" is invalid lladdr.')
    if len(parts) != 6:
        raise line.wrong(word, f"Invalid address length {len(parts)} - must be 6 bytes")
    return MacAddress(bytes(int(part, 16) for part in parts))


def address(line: Line) -> IPv4Address:
    """Read an IPv4 address: get_addr()."""
    word = line.take()
    value = ipv4(word.text)
    if value is None:
        what = f'Error: inet address is expected rather than "{word.text}".'
        raise line.wrong(word, what, NO_IPV6 if ":" in word.text else "")
    return value


def interface(line: Line) -> IPv4Interface:
    """Read an address with its prefix length, 32 if there is none: get_prefix()."""
    return _interface(line, line.take(), ())


def _interface(line: Line, word: Word, known: Iterable[str]) -> IPv4Interface:
    written, slash, length = word.text.partition("/")
    value, bits = ipv4(written), prefix_length(length) if slash else 32
    if value is None or bits is None:
        what = f'Error: any valid prefix is expected rather than "{word.text}".'
        raise line.wrong(word, what, NO_IPV6 if ":" in word.text else meant(word, known))
    return IPv4Interface((value, bits))


def network(line: Line, known: Iterable[str] = ()) -> IPv4Network:
    """Read a destination: a prefix, an address, or `default`; `known` might have stood here too."""
    word = line.take()
    if word.text in ("default", "any", "all"):
        return ANYWHERE
    value = _interface(line, word, known)
    if value.ip != value.network.network_address:  # fib_valid_key_len()
        what = "Error: Invalid prefix for given prefix length."
        raise line.wrong(word, what, f"did you mean {value.network}?")
    return value.network


def ipv4(text: str) -> IPv4Address | None:
    """Return `text` as an address, 0 for octets that it leaves out: get_addr_ipv4()."""
    parts = text.split(".")
    if len(parts) > 4 or not all(re.fullmatch(r"[0-9]{1,3}", part) for part in parts):
        return None
    octets = list(map(int, parts))
    return IPv4Address(bytes(octets).ljust(4, b"\0")) if max(octets) < 256 else None


def prefix_length(text: str) -> int | None:
    """Return the number of bits that `text` means, a length or a mask: get_netmask()."""
    if re.fullmatch(r"[0-9]{1,2}", text):
        return int(text) if int(text) <= 32 else None
    masks = {str(IPv4Address(2**32 - 2 ** (32 - bits))): bits for bits in range(33)}
    return masks.get(text)
