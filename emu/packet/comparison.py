"""What is different between two frames: fields, by Wireshark's names, and octets of no field.

A field that occurs again, in the frame that a tunnel carries or in the packet that an ICMP error
quotes, is numbered as in display filters: `ip.ttl#2`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import zip_longest
from typing import Final

from emu.core.errors import EmuError
from emu.packet.addresses import render_inet, render_mac
from emu.packet.dissection import Found, Value, field_values
from emu.packet.fields import FIELDS, Kind

Octets = tuple[int, int]  # the first, and the one after the last

# Fields that say again what others say
UNIONS: Final = {
    "eth.addr": ("eth.dst", "eth.src"),
    "ip.addr": ("ip.src", "ip.dst"),
    "ip.flags": ("ip.flags.df", "ip.flags.mf"),
    "udp.port": ("udp.srcport", "udp.dstport"),
    "tcp.port": ("tcp.srcport", "tcp.dstport"),
    "tcp.flags": tuple([name for name in FIELDS if name.startswith("tcp.flags.")]),
}
HEXADECIMAL: Final = {"eth.type", "vlan.etype", "gre.proto", "ip.id", "ip.dsfield", "icmp.ident"}
CHECKSUM: Final = ".checksum"
TOGETHER: Final = 4  # octets: runs that are nearer to each other are told as one
SHOWN: Final = 8  # octets of a run


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """A field, or octets of none, that have another value."""

    field: str
    before: str  # empty if it was not there
    after: str  # empty if it is not there

    def __str__(self) -> str:
        """Return `vxlan.vni 42 -> 99`."""
        return f"{self.field} {self.before or 'none'} -> {self.after or 'none'}"


def parse_mask(names: Iterable[str]) -> frozenset[str]:
    """Return the fields that are meant; a protocol means all of its fields.

    `EmuError` if there is no such field.
    """
    return frozenset(field for name in names for field in _meant(name))


def _meant(name: str) -> Iterable[str]:
    if (field := FIELDS.get(name)) is None:
        close = get_close_matches(name, FIELDS, n=1)
        fix = f"did you mean {close[0]}?" if close else "`emu schema` lists those that there are"
        raise EmuError(f'there is no field "{name}"; {fix}')
    if field.kind is Kind.PROTOCOL:
        return [other for other in FIELDS if other.startswith(f"{name}.")]
    return UNIONS.get(name, (name,))


def masked_key(wire: bytes, mask: frozenset[str]) -> tuple[object, ...]:
    """Return what frames have in common that differ in masked fields and checksums only."""
    return tuple([item for item in _told(field_values(wire), mask) if CHECKSUM not in item[0]])


def compare_frames(
    a: bytes, b: bytes, mask: frozenset[str] = frozenset()
) -> tuple[FieldChange, ...]:
    """Return what is different in the frame `b`, but for what is masked.

    Where a masked field differs, checksums differ with it: they are masked then.
    """
    if a == b:
        return ()
    before, after = field_values(a), field_values(b)
    changes = list(_field_changes(before, after))
    if any(_base(change.field) in mask for change in changes):
        changes = [change for change in changes if not _base(change.field).endswith(CHECKSUM)]
    told = [change for change in changes if _base(change.field) not in mask]
    if len(a) == len(b) or "frame.len" in mask:
        told += [_octets_change(a, b, octets) for octets in _untold(a, b, before, after)]
    return tuple(told)


def _base(field: str) -> str:
    return field.partition("#")[0]


def _told(found: Found, mask: frozenset[str]) -> list[tuple[str, tuple[Value, ...]]]:
    """Return the fields that are told: not those that follow from others, nor masked ones."""
    return [
        (name, values)
        for name, values in found.items()
        if name not in UNIONS and name not in mask and FIELDS[name].kind is not Kind.PROTOCOL
    ]


def _field_changes(before: Found, after: Found) -> Iterator[FieldChange]:
    names = dict.fromkeys([name for found in (before, after) for name, _ in _told(found, _NONE)])
    for name in names:
        pairs = zip_longest(before.get(name, ()), after.get(name, ()))
        for number, (old, new) in enumerate(pairs, 1):
            if old != new:
                yield FieldChange(
                    field=f"{name}#{number}" if number > 1 else name,
                    before=_render(name, old),
                    after=_render(name, new),
                )


_NONE: Final = frozenset[str]()


def _render(name: str, value: Value) -> str:
    if value is None:
        return ""
    match FIELDS[name].kind:
        case Kind.MAC:
            return render_mac(value)
        case Kind.INET:
            return render_inet(value)
        case Kind.FLAG:
            return "true" if value else "false"
        case _:
            is_hex = name in HEXADECIMAL or name.endswith(CHECKSUM)
            return f"{value:#06x}" if is_hex else str(value)


# --- octets of no field --------------------------------------------------------------------------


def _untold(a: bytes, b: bytes, before: Found, after: Found) -> Iterator[Octets]:
    """Yield where the frames differ and no field tells it.

    Octets are told by a field if a field changes when they alone are exchanged.
    """

    def is_told(start: int, stop: int) -> bool:
        a_with_b = a[:start] + b[start:stop] + a[stop:]
        b_with_a = b[:start] + a[start:stop] + b[stop:]
        return field_values(a_with_b) != before or field_values(b_with_a) != after

    pending = list(_runs(a, b))
    pending.reverse()
    while pending:
        start, stop = pending.pop()
        if a[start:stop] == b[start:stop]:
            continue
        if not is_told(start, stop):
            yield start, stop
        elif stop - start > 1:
            middle = (start + stop) // 2
            pending += [(middle, stop), (start, middle)]


def _runs(a: bytes, b: bytes) -> Iterator[Octets]:
    """Yield where the frames differ, as far as both reach."""
    places = [place for place, (x, y) in enumerate(zip(a, b, strict=False)) if x != y]
    if not places:
        return
    start = last = places[0]
    for place in places[1:]:
        if place - last > TOGETHER:
            yield start, last + 1
            start = place
        last = place
    yield start, last + 1


def _octets_change(a: bytes, b: bytes, octets: Octets) -> FieldChange:
    start, stop = octets
    name = f"octet {start}" if stop == start + 1 else f"octets {start}-{stop - 1}"
    return FieldChange(field=name, before=_hex(a[start:stop]), after=_hex(b[start:stop]))


def _hex(octets: bytes) -> str:
    return octets[:SHOWN].hex() + ("..." if len(octets) > SHOWN else "")
