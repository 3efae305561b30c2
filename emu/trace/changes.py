"""What a device changed in a frame, header by header, in Wireshark's names.

    ip.ttl 64 -> 63       a field has another value
    +vlan.id 100          a header came that has the field
    -vlan.id 100          a header went that had it

Fields that follow from others (lengths, checksums, what comes next) are left out.
"""

from typing import Final

from emu.packet.addresses import render_inet, render_mac
from emu.packet.dissection import Value, field_values
from emu.packet.fields import FIELDS, Kind

Values = tuple[Value, ...]

DERIVED: Final = (
    *("frame.len", "eth.addr", "eth.type", "vlan.etype", "vlan.priority", "vlan.dei"),
    *("ieee8021ad.priority", "ieee8021ad.dei", "ip.version", "ip.hdr_len", "ip.len", "ip.addr"),
    *("ip.checksum", "icmp.checksum", "udp.port", "udp.length", "udp.checksum"),
    *("tcp.port", "tcp.hdr_len", "tcp.checksum", "ip.flags"),
)


def render_changes(before: bytes, after: bytes) -> list[str]:
    """Return what is different in the frame `after`."""
    if before == after:
        return []
    old, new = field_values(before), field_values(after)
    names = [name for name in FIELDS if name in old or name in new]
    changes = [
        _render(name, old.get(name, ()), new.get(name, ())) for name in names if name not in DERIVED
    ]
    return [change for change in changes if change]


def _render(name: str, old: Values, new: Values) -> str:
    """Return how the values of one field changed, outermost header first; empty if they did not."""
    if old == new or FIELDS[name].kind is Kind.PROTOCOL:
        return ""
    if len(new) > len(old) and new[len(new) - len(old) :] == old:  # new headers outside the old
        return f"+{name} {_texts(name, new[: len(new) - len(old)])}"
    if len(old) > len(new) and old[len(old) - len(new) :] == new:
        return f"-{name} {_texts(name, old[: len(old) - len(new)])}"
    return f"{name} {_texts(name, old)} -> {_texts(name, new)}"


def _texts(name: str, values: Values) -> str:
    match FIELDS[name].kind:
        case Kind.MAC:
            return ", ".join(map(render_mac, values))
        case Kind.INET:
            return ", ".join(map(render_inet, values))
        case _:
            return ", ".join(map(str, values))
