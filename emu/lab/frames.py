"""Between Scapy packets and frames: what is left out is filled in, what is seen is genuine."""

from ipaddress import IPv4Address
from typing import Final

from emu.core.errors import Refused
from emu.core.time import Nanoseconds, unix
from emu.net.link import PortRef
from emu.packet.addresses import NO_MAC
from emu.packet.assembly import fillings
from emu.packet.complete import wire_of
from emu.packet.craft import Sender
from emu.packet.door import EDecimal, Packet
from emu.packet.frame import Frame

INBOUND, OUTBOUND = 1, 2  # Packet.direction, as Scapy reads it from pcapng (epb_flags)
NOBODY: Final = Sender(mac=NO_MAC, address=IPv4Address(0))


def completed(packet: Packet, port: PortRef, sender: Sender | None) -> Packet:
    """Return a copy of `packet` in which what was left out is filled in, as for that port.

    `sender` is the interface there, None if the port is none: then nothing may be left out.

    Raises:
        Refused: nobody knows what belongs there.
    """
    whole: Packet = packet.copy()
    interface = sender or NOBODY
    for place, value, why in fillings(whole, interface.mac, interface.address):
        if sender is None and value is not None and place.field != "dst":
            raise Refused(f"{place} left out, and {port} has no address of its own to fill in")
        if value is None:
            raise Refused(f"{place} must be given{why and f': {why}'}")
        place.layer.setfieldval(place.field, value)
    return whole


def wire(packet: Packet) -> bytes:
    """Return the octets of a complete frame; `Refused` says what is wrong with one that is not."""
    try:
        return wire_of(packet)
    except ValueError as error:
        raise Refused(str(error)) from None


def seen(frame: Frame, time: Nanoseconds, port: object, direction: int) -> Packet:
    """Return `frame` as Scapy's sniffer would at that port: a packet that the caller owns."""
    packet = frame.scapy()
    packet.time = seconds_of(unix(time))
    packet.sniffed_on = str(port)
    packet.direction = direction
    return packet


def seconds_of(time: Nanoseconds) -> EDecimal:
    """Return a time in seconds, as Scapy counts them: exactly."""
    return EDecimal(EDecimal(time).scaleb(-9))
