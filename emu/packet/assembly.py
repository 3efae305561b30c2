"""Headers that a person typed, put together by Scapy."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from ipaddress import IPv4Address, IPv6Address
from itertools import pairwise
from typing import Any

from emu.packet.addresses import BROADCAST, MacAddress, parse_inet, parse_mac, render_mac
from emu.packet.arp import ARPOP_REPLY, ARPOP_REQUEST
from emu.packet.complete import LayerField, headers, is_sent, kind, missing, undecided
from emu.packet.door import (
    ARP,
    IP,
    LAYERS,
    VXLAN,
    Dot1Q,
    Dot3,
    Ether,
    FlagsField,
    IP6Field,
    IPField,
    IPv6,
    MACField,
    Packet,
    conf,
)
from emu.packet.expression import Chain, CraftError, Given, Header, Place

EVERYBODY = render_mac(BROADCAST)
READERS = ((MACField, parse_mac), (IPField, parse_inet), (IP6Field, IPv6Address))


def assemble(
    chain: Chain, mac: MacAddress, address: IPv4Address | None
) -> tuple[bytes, tuple[str, ...]]:
    """Return the frame, and what was filled in of the interface with these addresses."""
    assembly = _Assembly()
    first = assembly.chain(chain)
    if not isinstance(first, Ether | Dot3):
        raise CraftError(assembly.place(first), "a frame begins with Ether", "write Ether()/...")
    assembly.check_decided(first)
    flags = _vxlan_flags(first)
    assembly.check_values()
    assembly.check_destinations(first)
    filled = assembly.fill(first, mac, address)
    return assembly.build(first), filled + flags


class _Assembly:
    """The headers made so far, and where each was typed."""

    def __init__(self) -> None:
        self._made: list[tuple[Packet, Header]] = []

    def chain(self, chain: Chain) -> Packet:
        """Make headers and join them."""
        packets = [self._header(header) for header in chain.headers]
        for outer, inner in pairwise(packets):
            outer.add_payload(inner)
        return packets[0]

    def place(self, layer: Packet, name: str = "") -> Place:
        """Return where a header, or a field of it, was typed."""
        for packet, header in self._made:
            if packet is layer:
                return next((it.at for it in header.given if it.name == name), header.at)
        return Place(1, 1)

    def check_destinations(self, first: Packet) -> None:
        """Refuse a packet that goes nowhere: Scapy would send it to itself."""
        for layer in headers(first):
            name = "pdst" if isinstance(layer, ARP) else "dst"
            asks = isinstance(layer, ARP) and layer.op in (ARPOP_REQUEST, ARPOP_REPLY)
            if (asks or isinstance(layer, IP | IPv6)) and name not in layer.fields:
                what = f"{type(layer).__name__}.{name} must be given"
                raise CraftError(self.place(layer), what)

    def fill(self, first: Packet, mac: MacAddress, address: IPv4Address | None) -> tuple[str, ...]:
        """Fill in what the interface knows, and return it as text."""
        filled = []
        for place, value, why in fillings(first, mac, address):
            if value is None:
                raise CraftError(self.place(*place), f"{place} must be given", why)
            place.layer.setfieldval(place.field, value)
            filled.append(f"{place}={value}")
        return tuple(filled)

    def check_values(self) -> None:
        """Refuse values that Scapy would not send as they were given."""
        for layer, header in self._made:
            for given in header.given:
                name = f"{header.layer}.{given.name}"
                if not is_sent(layer, given.name):
                    flag = f"{given.name}_present"
                    fix = f"add {flag}=1" if flag in layer.fieldtype else ""
                    raise CraftError(given.at, f"{name} would not be sent as things stand", fix)
                _check_value(layer, given, name)

    def check_decided(self, first: Packet) -> None:
        """Refuse what stands for several frames."""
        for layer, name in undecided(first):
            what = f"{type(layer).__name__}.{name} has more than one value: one frame has one"
            raise CraftError(self.place(layer, name), what)

    def build(self, first: Packet) -> bytes:
        """Return the bytes of the packet."""
        try:
            return bytes(first)
        except Exception as refusal:  # whatever Scapy raises, it is about what was typed
            raise CraftError(self.place(first), f"Scapy cannot build it: {refusal}") from None

    def _header(self, header: Header) -> Packet:
        layer = LAYERS.get(header.layer)
        if layer is None:
            what = f"there is no header {header.layer}"
            raise CraftError(header.at, what, _meant(header.layer, LAYERS))
        known = {field.name for field in layer.fields_desc}
        for given in header.given:
            if not given.name:
                fix = f"name the field, as in {header.layer}({_example(layer)}=...)"
                raise CraftError(given.at, "a value without the name of a field", fix)
            if given.name not in known:
                what = f"{header.layer} has no field {given.name}"
                alias, _ = layer.deprecated_fields.get(given.name, ("", ""))
                fix = f"did you mean {alias}?" if alias else _meant(given.name, known)
                raise CraftError(given.at, what, fix)
        packet = self._new(layer, header)
        self._made.append((packet, header))
        return packet

    def _new(self, layer: type[Packet], header: Header) -> Packet:
        values = {given.name: self._value(given.value) for given in header.given}
        try:
            return layer(**values)
        except Exception as refusal:  # whatever Scapy raises, it is about what was typed
            for given in header.given:
                try:
                    layer(**{given.name: values[given.name]})
                except Exception as reason:
                    raise _refused(layer, given, reason) from None
            raise CraftError(header.at, f"Scapy cannot make it: {refusal}") from None

    def _value(self, value: object) -> Any:  # noqa: ANN401 - whatever a field of Scapy takes
        match value:
            case Chain():
                return self.chain(value)
            case list():
                return [self._value(one) for one in value]
            case tuple():
                return tuple([self._value(one) for one in value])
        return value


def _vxlan_flags(first: Packet) -> tuple[str, ...]:
    """Set the flags of VXLAN (RFC 7348, 5); Scapy would make it VXLAN-GPE if it carries frames."""
    tunnels = [layer for layer in headers(first) if isinstance(layer, VXLAN)]
    unset = [layer for layer in tunnels if layer.fields.get("flags") is None]
    for layer in unset:
        layer.flags = 8
    return ("VXLAN.flags=8",) * len(unset)


def _network(first: Packet) -> Packet:
    """Return the header that comes after Ethernet and its tags."""
    layer = first.payload
    while isinstance(layer, Dot1Q):
        layer = layer.payload
    return layer


def fillings(
    first: Packet, mac: MacAddress, address: IPv4Address | None
) -> Iterator[tuple[LayerField, str | None, str]]:
    """Yield what was left out of a packet, and what the interface would put there.

    That is None if nobody knows; then the last says why.
    """
    network = _network(first)
    for place in missing(first):
        is_own = place.layer is first or place.layer is network
        value = _default(*place, network, mac, address) if is_own else None
        yield place, value, "" if value is not None else _who_knows(*place, is_own=is_own)


def _default(
    layer: Packet, name: str, network: Packet, mac: MacAddress, address: IPv4Address | None
) -> str | None:
    """Return what the interface would put into a field that was left out; None: nobody knows."""
    match name:
        case "dst":
            asks = isinstance(network, ARP) and network.op == ARPOP_REQUEST
            return EVERYBODY if asks or network.fields.get("dst") == "255.255.255.255" else None
        case "psrc":
            return str(address) if address else None
        case "src" if isinstance(layer, IP):
            return str(address) if address else None
        case "src" | "hwsrc" if isinstance(layer, Ether | Dot3 | ARP):
            return render_mac(mac)
    return None


def _who_knows(layer: Packet, name: str, *, is_own: bool) -> str:
    """Return why a field was not filled in."""
    if not is_own and isinstance(layer, Ether | Dot3 | ARP | IP | IPv6):
        return "what is inside another packet is not filled in"
    if name == "dst":
        return "write the MAC address of the next hop, or ff:ff:ff:ff:ff:ff"
    return "the interface has no IPv4 address" if isinstance(layer, ARP | IP) else ""


def _check_value(layer: Packet, given: Given, name: str) -> None:
    field = kind(layer, given.name)
    _check_address(field, given, name)
    if isinstance(given.value, str) and layer.get_field(given.name) in conf.noenum:
        what = f"{name}: what '{given.value}' means differs from machine to machine"
        raise CraftError(given.at, what, "write the number")
    if given.value is None or isinstance(given.value, Chain):  # left to Scapy; looked at already
        return
    try:
        fits = not isinstance(given.value, int) or _fits(layer, given.name, field)
        layer.get_field(given.name).addfield(layer, b"", layer.getfieldval(given.name))
    except Exception as reason:  # whatever Scapy raises, it is about what was typed
        raise _refused(type(layer), given, reason) from None
    if not fits:
        raise _refused(type(layer), given, OverflowError())


def _check_address(field: object, given: Given, name: str) -> None:
    """Refuse an address that is none: Scapy sends the letters of a wrong MAC as octets."""
    for kind_of_address, reader in READERS:
        if isinstance(field, kind_of_address) and isinstance(given.value, str):
            try:
                reader(given.value)
            except ValueError as error:
                raise CraftError(given.at, f"{name}: {error}") from None
    if isinstance(field, MACField) and isinstance(given.value, bytes) and len(given.value) != 6:
        raise CraftError(given.at, f"{name} has 6 octets, not {len(given.value)}")


def _fits(layer: Packet, name: str, field: Any) -> bool:  # noqa: ANN401 - a field of Scapy
    """Whether a number is still the same after it was written and read: Scapy cuts some off."""
    number = int(layer.getfieldval(name))
    if isinstance(bits := getattr(field, "size", None), int):
        return 0 <= number < 1 << abs(bits)
    octets = field.addfield(layer, b"", layer.getfieldval(name))
    return bool(field.getfield(layer, octets)[1] == number)


def _refused(layer: type[Packet], given: Given, reason: Exception) -> CraftError:
    """Return the error for a value that Scapy does not take."""
    what = f"{layer.__name__}.{given.name} cannot be {given.value!r:.60}"
    if isinstance(given.value, int):
        return CraftError(given.at, what, "it does not fit")
    if isinstance(given.value, str) and given.value.isdecimal():
        return CraftError(given.at, what, "write the number without quotes")
    if isinstance(reason, ValueError) and "\n" not in str(reason):
        what += f": {reason}"
    field: Any = next(field for field in layer.fields_desc if field.name == given.name)
    if isinstance(field, FlagsField) and isinstance(field.names, str):
        letters = f"{layer.__name__}.{given.name} is written with letters of {field.names}"
        return CraftError(given.at, what.partition(":")[0], letters)
    names = [name for name in getattr(field, "s2i", None) or () if isinstance(name, str)]
    return CraftError(given.at, what, _meant(str(given.value), names, several=2, cutoff=0.5))


def _example(layer: type[Packet]) -> str:
    """Return the field of a header that people name most."""
    names = [field.name for field in layer.fields_desc]
    return next((name for name in ("dst", "pdst", "dport", "vlan") if name in names), "field")


def _meant(word: str, known: Iterable[str], several: int = 1, cutoff: float = 0.6) -> str:
    """Return the question whether one of the known words was meant."""
    spelled = {one.lower(): one for one in known}
    swapped = [one for one in spelled if sorted(one) == sorted(word.lower())]
    close = swapped or get_close_matches(word.lower(), spelled, n=several, cutoff=cutoff)
    return f"did you mean {' or '.join(spelled[one] for one in close)}?" if close else ""
