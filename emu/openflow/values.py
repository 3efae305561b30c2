"""Values of fields in text: what ovs-ofctl takes and prints.

`parse_*` raise `ValueError` with the words of lib/meta-flow.c, lib/packets.c and lib/flow.c.
"""

import re
from collections.abc import Callable, Mapping
from ipaddress import IPv6Address
from typing import Final

from emu.openflow.fields import Field, Form
from emu.openflow.ports import PortNames
from emu.packet.addresses import render_inet, render_mac

TCP_FLAGS: Final = {
    "fin": 1,
    "syn": 2,
    "rst": 4,
    "psh": 8,
    "ack": 0x10,
    "urg": 0x20,
    "ece": 0x40,
    "cwr": 0x80,
    "ns": 0x100,
    "[200]": 0x200,
    "[400]": 0x400,
    "[800]": 0x800,
}
CT_STATES: Final = {
    "new": 1,
    "est": 2,
    "rel": 4,
    "rpl": 8,
    "inv": 0x10,
    "trk": 0x20,
    "snat": 0x40,
    "dnat": 0x80,
}
TUNNEL_FLAGS: Final = {"df": 1, "csum": 2, "key": 4, "oam": 8}
TCP_FLAGS_ALL: Final = 0xFFF
CT_STATE_ALL: Final = 0xFF
TUNNEL_FLAGS_ALL: Final = 8  # those that flows may name: FLOW_TNL_PUB_F_MASK

FRAGMENTS: Final = (  # word, mask, value: all_frags[]
    *(("no", 3, 0), ("first", 3, 1), ("later", 3, 3)),
    *(("no", 1, 0), ("yes", 1, 1)),
    *(("not_later", 2, 0), ("later", 2, 2)),
)

_OCTETS = r"(\d+)\.(\d+)\.(\d+)\.(\d+)"
_IPV4: Final = re.compile(rf"{_OCTETS}(?:/(?:{_OCTETS}|(-?\d+)))?")
_HEXITS = ":".join([r"([0-9a-fA-F]{1,2})"] * 6)
_MAC: Final = re.compile(rf"{_HEXITS}(?:/{_HEXITS})?")
_HEX: Final = re.compile(r"0[xX]([0-9a-fA-F\s]*)")
_C_INTEGER: Final = re.compile(r"[+-]?(?:0[xX][0-9a-fA-F]+|[0-9]+)")

Masked = tuple[int, int]


def c_integer(text: str) -> int:
    """Read a whole number as strtol(3) does with base 0; `ValueError` if there is more or less."""
    if not _C_INTEGER.fullmatch(text):
        raise ValueError(f"invalid numeric format {text}")
    digits = text.lstrip("+-")
    base = 16 if digits[:2].lower() == "0x" else 8 if digits[0] == "0" else 10
    try:
        number = int(digits, base)
    except ValueError:
        raise ValueError(f"invalid numeric format {text}") from None
    return -number if text[0] == "-" else number


def parse_u(text: str, what: str, bits: int) -> int:
    """Read an unsigned number; as str_to_u8(), str_to_u16()."""
    try:
        number = c_integer(text)
    except ValueError:
        number = -1
    if not 0 <= number < 1 << bits:
        raise ValueError(f'invalid {what} "{text}"')
    return number


def parse_u_plain(text: str, bits: int) -> int:
    """Read an unsigned number; as str_to_u32(), str_to_u64()."""
    if not text:
        raise ValueError("missing required numeric argument")
    number = c_integer(text)
    if not 0 <= number < 1 << bits:
        raise ValueError(f"invalid numeric format {text}")
    return number


def parse_mac(text: str) -> int:
    """Read an Ethernet address, one or two digits to the octet, and nothing behind it."""
    found = _MAC.fullmatch(text)
    if found is None or found[7] is not None:
        raise ValueError(f"invalid mac address {text}")
    return _octets(found.groups()[:6], 16)


def parse_ip(text: str) -> int:
    """Read an IPv4 address; a number above 255 loses its upper bits, as with C's `%hhu`."""
    found = _IPV4.fullmatch(text)
    if found is None or "/" in text:
        raise ValueError(f"{text}: invalid IP address")
    return _octets(found.groups()[:4], 10)


def integer(text: str, octets: int) -> int:
    """Read a number of so many octets; `OverflowError` if it is bigger."""
    found = _HEX.fullmatch(text)
    number = int("".join(found[1].split()) or "0", 16) if found else c_integer(text)
    if number < 0:
        number &= (1 << 64) - 1  # strtoull(3) takes a sign
    if number >> 8 * octets:
        raise OverflowError(text)
    return number


def _octets(parts: tuple[str | None, ...], base: int) -> int:
    return int.from_bytes(bytes([int(part or "0", base) & 0xFF for part in parts]), "big")


# --- parse: one function for each form, to value and mask ----------------------------------------


def _parse_integer(field: Field, text: str) -> Masked:
    value, slash, mask = text.partition("/")
    what = "value"
    try:
        number = integer(value, field.octets)
        what = "mask"
        return number, integer(mask, field.octets) if slash else field.ones
    except OverflowError:
        words = f"{text}: {what} too large for {field.octets}-byte field {field.name}"
        raise ValueError(words) from None
    except ValueError:
        raise ValueError(f"{text}: bad syntax for {field.name} {what}") from None


def _parse_ethernet(field: Field, text: str) -> Masked:
    found = _MAC.fullmatch(text)
    if found is None:
        raise ValueError(f"{text}: invalid Ethernet address")
    mask = found.groups()[6:]
    return _octets(found.groups()[:6], 16), field.ones if mask[0] is None else _octets(mask, 16)


def _parse_ipv4(field: Field, text: str) -> Masked:
    found = _IPV4.fullmatch(text)
    if found is None:
        raise ValueError(f"{text}: invalid IP address")
    value, mask, prefix = _octets(found.groups()[:4], 10), found.groups()[4:8], found[9]
    if prefix is not None:
        if not 0 <= int(prefix) <= 32:
            raise ValueError(f"{text}: IPv4 network prefix bits not between 0 and 32, inclusive")
        return value, prefix_mask(int(prefix), 32)
    return value, field.ones if mask[0] is None else _octets(mask, 10)


def _parse_ipv6(field: Field, text: str) -> Masked:
    address, slash, mask = text.partition("/")
    try:
        value = int(IPv6Address(address))
    except ValueError:
        raise ValueError(f"{text}: invalid IPv6 address") from None
    if not slash:
        return value, field.ones
    if re.fullmatch(r"-?\d+", mask):
        if not 0 <= int(mask) <= 128:
            raise ValueError(f"{text}: IPv6 network prefix bits not between 0 and 128, inclusive")
        return value, prefix_mask(int(mask), 128)
    try:
        return value, int(IPv6Address(mask))
    except ValueError:
        raise ValueError(f"{text}: Invalid IPv6 mask") from None


def _parse_port(field: Field, text: str, ports: PortNames) -> Masked:
    number = ports.number(text)
    if number is None:
        if field.form is Form.PORT:
            raise ValueError(f"{text}: invalid or unknown port for {field.name}")
        raise ValueError(f"{text}: port value out of range for {field.name}")
    return number, field.ones


def _parse_fragment(_field: Field, text: str) -> Masked:
    for word, mask, value in FRAGMENTS:
        if text.lower() == word:
            return value, mask | 0xFC  # the upper bits make an exact match of it
    words = '"no", "yes", "first", "later", "not_later"'
    raise ValueError(f"{text}: unknown fragment type (valid types are {words}")


def _parse_flags(field: Field, text: str) -> Masked:
    names, allowed, what = _FLAGS[field.form]
    unknown = ValueError(f"{text}: unknown {what} flag(s)")
    if found := re.fullmatch(rf"({_C_INTEGER.pattern})/({_C_INTEGER.pattern})", text):
        value, mask = c_integer(found[1]), c_integer(found[2])
        if value & ~allowed or mask & ~allowed:
            raise unknown
        return value, mask
    if text[:1] in ("+", "-"):
        return _parse_signed_flags(text, names, allowed, what)
    value = 0
    for part in filter(None, text.split("|")):
        bit = c_integer(part) if _C_INTEGER.fullmatch(part) else names.get(part, -1)
        if bit & ~allowed:
            raise unknown
        value |= bit
    return value, field.ones


def _parse_signed_flags(text: str, names: Mapping[str, int], allowed: int, what: str) -> Masked:
    value = mask = 0
    for found in re.finditer(r"([+-])([^+-]*)", text):
        bit = names.get(found[2], -1)
        if bit & ~allowed:
            raise ValueError(f"{text[found.start(2) :]}: unknown {what} flag(s)")
        if mask & bit:
            rest = text[found.start(2) :]
            raise ValueError(f"{rest}: Each {what} flag can be specified only once")
        mask |= bit
        value |= bit if found[1] == "+" else 0
    return value, mask


def _parse_packet_type(field: Field, text: str) -> Masked:
    if not re.fullmatch(r"\(\s*0+(x0+)?\s*,\s*0+(x0+)?\s*\)", text):
        raise ValueError(f"{text}: emu has Ethernet frames only, packet_type=(0,0)")
    return 0, field.ones


_FLAGS: Final[Mapping[Form, tuple[Mapping[str, int], int, str]]] = {
    Form.TCP_FLAGS: (TCP_FLAGS, TCP_FLAGS_ALL, "TCP"),
    Form.CT_STATE: (CT_STATES, CT_STATE_ALL, "ct_state"),
    Form.TUNNEL_FLAGS: (TUNNEL_FLAGS, TUNNEL_FLAGS_ALL, "tunnel"),
}
_PARSE: Final[Mapping[Form, Callable[[Field, str], Masked]]] = {
    Form.DECIMAL: _parse_integer,
    Form.HEXADECIMAL: _parse_integer,
    Form.ETHERNET: _parse_ethernet,
    Form.IPV4: _parse_ipv4,
    Form.IPV6: _parse_ipv6,
    Form.FRAGMENT: _parse_fragment,
    Form.TCP_FLAGS: _parse_flags,
    Form.CT_STATE: _parse_flags,
    Form.TUNNEL_FLAGS: _parse_flags,
    Form.PACKET_TYPE: _parse_packet_type,
}


def parse_masked(field: Field, text: str, ports: PortNames) -> Masked:
    """Read a value of `field`, and its mask; as mf_parse()."""
    if text == "*":
        return 0, 0
    if field.form in (Form.PORT, Form.PORT_OXM):
        return _parse_port(field, text, ports)
    value, mask = _PARSE[field.form](field, text)
    if not field.maskable and mask not in (0, field.ones):
        raise ValueError(f"{text}: invalid mask for field {field.name}")
    return value, mask


def parse_exact(field: Field, text: str, ports: PortNames) -> int:
    """Read a value of `field` without a mask; as mf_parse_value()."""
    value, mask = parse_masked(field, text, ports)
    if mask != field.ones:
        raise ValueError(f"{text}: wildcards not allowed here")
    return value


# --- render --------------------------------------------------------------------------------------


def render_hex(value: int) -> str:
    """Write a number as ds_put_hex(): without leading zeros, and 0 without 0x."""
    return f"{value:#x}" if value else "0"


def render_ipv4(value: int, mask: int = 0xFFFFFFFF) -> str:
    """Write an address or a network, with the length of its prefix if it has one."""
    text = render_inet(value.to_bytes(4, "big"))
    if mask == 0xFFFFFFFF:
        return text
    prefix = prefix_length(mask, 32)
    return f"{text}/{render_inet(mask.to_bytes(4, 'big')) if prefix is None else prefix}"


def render_ipv6(value: int, mask: int = (1 << 128) - 1) -> str:
    """Write an address or a network, with the length of its prefix if it has one."""
    text = str(IPv6Address(value))
    if mask == (1 << 128) - 1:
        return text
    prefix = prefix_length(mask, 128)
    return f"{text}/{IPv6Address(mask) if prefix is None else prefix}"


def render_ethernet(value: int, mask: int = 0xFFFFFFFFFFFF) -> str:
    """Write an address, and its mask if it does not cover all."""
    text = render_mac(value.to_bytes(6, "big"))
    return text if mask == 0xFFFFFFFFFFFF else f"{text}/{render_mac(mask.to_bytes(6, 'big'))}"


def render_flags(names: Mapping[str, int], value: int, mask: int, everything: int) -> str:
    """Write `+syn-ack` if the mask covers some flags, `syn|psh` if it covers all."""
    if mask == everything:
        return "|".join(name for name, bit in names.items() if value & bit) or "0"
    signed = (("+" if value & bit else "-") + name for name, bit in names.items() if mask & bit)
    return "".join(signed) or "0/0"


def prefix_mask(length: int, width: int) -> int:
    """Return the mask of a network's prefix."""
    return (1 << width) - (1 << width - length)


def prefix_length(mask: int, width: int) -> int | None:
    """Return how long the prefix is that `mask` covers; None if it covers anything else."""
    length = mask.bit_count()
    return length if mask == prefix_mask(length, width) else None


def render_masked(field: Field, value: int, mask: int, ports: PortNames) -> str:
    """Write a value of `field` as mf_format() does."""
    if not mask:
        return "ANY"
    match field.form:
        case Form.ETHERNET:
            return render_ethernet(value, mask)
        case Form.IPV4:
            return render_ipv4(value, mask)
        case Form.IPV6:
            return render_ipv6(value, mask)
        case Form.TCP_FLAGS | Form.CT_STATE | Form.TUNNEL_FLAGS:
            names, everything, _ = _FLAGS[field.form]
            return render_flags(names, value, mask & everything, everything)
        case Form.FRAGMENT:
            pair = (mask & 3, value & mask & 3)
            return next(word for word, *row in FRAGMENTS if tuple(row) == pair)
        case Form.PACKET_TYPE:
            return "(0,0)"
        case Form.PORT | Form.PORT_OXM if mask == field.ones:
            return ports.name(value)
        case _:
            return _render_number(field, value, mask)


def _render_number(field: Field, value: int, mask: int) -> str:
    text = render_hex(value) if field.form is Form.HEXADECIMAL else str(value)
    return text if mask == field.ones else f"{text}/{render_hex(mask)}"
