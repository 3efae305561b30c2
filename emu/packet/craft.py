"""A frame from what a person typed.

What is given is sent as it is; lengths, checksums and types that are left out are computed by
Scapy. Addresses that are left out are those of the interface that sends, and `filled` lists them:
Scapy would take them from the machine that emu runs on.
"""

from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Final

from emu.packet.addresses import MacAddress
from emu.packet.expression import CraftError, Place, parse_frame

__all__ = ["CraftError", "Crafted", "Sender", "craft"]

FRAME_LIMIT: Final = 14 + 65_535  # octets: the longest IP packet behind an Ethernet header


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """The interface that sends; what is left out comes from here."""

    mac: MacAddress
    address: IPv4Address | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Crafted:
    """A frame, and what was filled in, such as `Ether.src=fa:16:3e:00:00:01`."""

    wire: bytes
    filled: tuple[str, ...] = ()


def craft(text: str, sender: Sender) -> Crafted:
    """Make the frame that `text`, a Scapy expression or hexadecimal digits, describes.

    Raises:
        CraftError: it is none; the error says where and why.
    """
    typed = parse_frame(text)
    if isinstance(typed, bytes):
        made = Crafted(wire=typed)
    else:
        from emu.packet.assembly import assemble  # brings Scapy

        wire, filled = assemble(typed, sender.mac, sender.address)
        made = Crafted(wire=wire, filled=filled)
    if len(made.wire) > FRAME_LIMIT:
        what = f"a frame of {len(made.wire)} octets is longer than {FRAME_LIMIT}"
        raise CraftError(Place(1, 1), what)
    return made
