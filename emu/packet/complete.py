"""Is a Scapy packet complete, so that its bytes do not depend on the machine or on chance?"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from emu.packet.door import (
    ConditionalField,
    DestMACField,
    Dot3,
    Ether,
    Gen,
    ICMPTimeStampField,
    MultipleTypeField,
    Packet,
    SourceIP6Field,
    SourceIPField,
    SourceMACField,
    UTCTimeField,
    VolatileValue,
)

LOOKED_UP = (DestMACField, SourceMACField, SourceIPField, SourceIP6Field, UTCTimeField)


class LayerField(NamedTuple):
    """A field of one header of a packet."""

    layer: Packet
    field: str

    def __str__(self) -> str:
        """Return `IP.src`."""
        return f"{type(self.layer).__name__}.{self.field}"


def headers(packet: Packet) -> Iterator[Packet]:
    """Yield the headers of `packet`, outermost first, with those that are values of fields."""
    layer = packet
    while layer:  # NoPayload is false
        yield layer
        for value in layer.fields.values():
            for inner in value if isinstance(value, list) else [value]:
                if isinstance(inner, Packet):
                    yield from headers(inner)
        layer = layer.payload


def missing(packet: Packet) -> list[LayerField]:
    """Return the addresses and times left out, which Scapy would look for on the machine."""
    return [
        LayerField(layer, name)
        for layer in headers(packet)
        for name in layer.fieldtype
        if is_sent(layer, name) and _is_looked_up(layer, name)
    ]


def undecided(packet: Packet) -> list[LayerField]:
    """Return the fields that stand for several values, or for one that is drawn anew each time."""
    return [
        LayerField(layer, name)
        for layer in headers(packet)
        for name, field in layer.fieldtype.items()
        if _is_undecided(layer.getfieldval(name), is_list=bool(field.islist))
    ]


def kind(layer: Packet, name: str) -> Any:  # noqa: ANN401 - Scapy's fields have no common type
    """Return the field of that name that `layer` has as it stands, out of its wrappings."""
    field: Any = layer.get_field(name)
    while True:
        if isinstance(field, MultipleTypeField):
            # by the other fields alone: ARP's would take a wrong address for plain octets
            field, _ = field._find_fld_pkt_val(layer, None)  # noqa: SLF001
        elif hasattr(field, "fld"):  # Emph, ConditionalField ...
            field = field.fld
        else:
            return field


def is_sent(layer: Packet, name: str) -> bool:
    """Whether `layer` as it stands has a place for the field: some depend on others."""
    field = layer.get_field(name)
    try:
        return not isinstance(field, ConditionalField) or field._evalcond(layer)  # noqa: SLF001
    except Exception:  # it depends on a value that makes no sense; building will say so
        return True


def wire_of(packet: Packet) -> bytes:
    """Return the bytes of a complete frame; `ValueError` says what is not complete."""
    if not isinstance(packet, Ether | Dot3):
        name = type(packet).__name__  # any Packet is the right type, but not the right value
        raise ValueError(f"a frame begins with Ether or Dot3, not with {name}")  # noqa: TRY004
    if places := missing(packet):
        names = ", ".join(map(str, places))
        raise ValueError(f"{names} left out: Scapy would look on this machine for what to send")
    if places := undecided(packet):
        names = ", ".join(map(str, places))
        raise ValueError(f"{names} has more than one value: Scapy would send several frames")
    return bytes(packet)


def _is_looked_up(layer: Packet, name: str) -> bool:
    field = kind(layer, name)
    if isinstance(field, ICMPTimeStampField):
        return name not in layer.fields  # its default is the time at which Scapy was imported
    return isinstance(field, LOOKED_UP) and layer.getfieldval(name) is None


def _is_undecided(value: object, *, is_list: bool) -> bool:
    if isinstance(value, VolatileValue | Gen):
        return not isinstance(value, Packet)
    if is_list or not isinstance(value, list | tuple):
        return False
    # scapy.base_classes._get_values(): two or three numbers are a range
    return isinstance(value, list) or all(isinstance(number, int) for number in value)
