"""The classic format, draft-ietf-opsawg-pcap: one header, then a head before each frame.

In both byte orders, of micro- and of nanoseconds, and as "modified" by Alexey Kuznetsov, whose
heads are 8 octets longer (Wireshark's wiretap/libpcap.c has all that exist).
"""

from collections.abc import Iterator
from struct import Struct
from typing import Final

from emu.capture.foreign.scan import (
    ETHERNET,
    MAX_FRAME,
    CaptureError,
    Damaged,
    ForeignFrame,
    ForeignInterface,
    Scan,
)

MICROSECONDS: Final = 0xA1B2C3D4
NANOSECONDS: Final = 0xA1B23C4D
MODIFIED: Final = 0xA1B2CD34  # microseconds
MAGICS: Final = tuple(
    magic.to_bytes(4, order)
    for magic in (MICROSECONDS, NANOSECONDS, MODIFIED)
    for order in ("little", "big")
)  # as they stand in a file

LINK_TYPE: Final = 0x03FFFFFF  # in the header's last field
HAS_FCS: Final = 0x04000000  # there too: above it stands how many times 2 octets an FCS has
SECOND: Final = 1_000_000_000
NAME: Final = "interface 0"  # of its only interface, which has none


def pcap_frames(scan: Scan) -> Iterator[ForeignFrame]:
    """Yield the frames of a file that begins with one of `MAGICS`."""
    header = scan.take(24, "the header of the file")
    order = "<" if header[:4] in MAGICS[::2] else ">"
    magic, _, _, _, _, _, network = Struct(order + "IHHiIII").unpack(header)
    interface = ForeignInterface(NAME, network & LINK_TYPE)
    if interface.link_type != ETHERNET:
        raise CaptureError(f"{scan.name} carries {interface.carries}, not Ethernet")
    scan.interfaces.append(interface)
    fcs = 2 * (network >> 28) if network & HAS_FCS else 0
    unit = 1 if magic == NANOSECONDS else 1000
    head = Struct(order + ("IIII8x" if magic == MODIFIED else "IIII"))
    while scan.begin():
        seconds, fraction, captured, size = head.unpack(scan.take(head.size, "a frame's head"))
        if captured > MAX_FRAME:
            raise Damaged(f"a frame of {captured} octets; {MAX_FRAME} are the most there can be")
        wire = scan.take(captured, "a frame")
        size = max(size - fcs, 0)
        unix = seconds * SECOND + fraction * unit
        if frame := scan.frame(interface, unix, wire[:size], size):
            yield frame
