"""Captures with something wrong in them, made octet by octet."""

from dataclasses import dataclass
from struct import pack

ETHERNET, COOKED, RAW_IP = 1, 113, 101
FRAME = bytes.fromhex("ffffffffffff fa163e000001 0806") + bytes(46)


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """A file, and which frames of it a scenario names."""

    name: str
    octets: bytes | None  # None: there is no such file
    frames: str = "1-"

    @property
    def title(self) -> str:
        """What stands in the golden."""
        return f"{self.name}, frames {self.frames}"


def pcap(*frames: bytes, link_type: int = ETHERNET) -> bytes:
    """Return the classic format, with microseconds."""
    head = pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link_type)
    heads = [pack("<IIII", second, 0, len(wire), len(wire)) for second, wire in enumerate(frames)]
    return head + b"".join(head + wire for head, wire in zip(heads, frames, strict=True))


def block(kind: int, body: bytes) -> bytes:
    """Return a block of pcapng."""
    size = len(body) + 12
    return pack("<II", kind, size) + body + pack("<I", size)


SECTION = block(0x0A0D0D0A, pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
PACKET = block(6, pack("<IIIII", 0, 0, 0, len(FRAME), len(FRAME)) + FRAME)


def interface(link_type: int) -> bytes:
    """Return the description of an interface."""
    return block(1, pack("<HHI", link_type, 0, 0))


def announcing(size: int) -> bytes:
    """Return a pcap whose second frame is said to have that many octets."""
    return pcap(FRAME) + pack("<IIII", 2, 0, size, size) + FRAME


CAPTURES = (
    Capture(name="nowhere.pcap", octets=None),
    Capture(name="empty.pcap", octets=b""),
    Capture(name="text.pcap", octets=b"No.  Time  Source\n1  0.0  172.16.100.3\n"),
    Capture(name="scenario.yaml", octets=b"name: this is no capture\n"),
    Capture(name="compressed.pcap.gz", octets=b"\x1f\x8b\x08" + bytes(60)),
    Capture(name="half-a-header.pcap", octets=pcap()[:13]),
    Capture(name="no-frames.pcap", octets=pcap()),
    Capture(name="no-frames.pcap", octets=pcap(), frames="1"),
    Capture(name="two.pcap", octets=pcap(FRAME, FRAME), frames="3-9"),
    Capture(name="two.pcap", octets=pcap(FRAME, FRAME), frames="2-1"),
    Capture(name="two.pcap", octets=pcap(FRAME, FRAME), frames="0"),
    Capture(name="two.pcap", octets=pcap(FRAME, FRAME), frames="first"),
    Capture(name="cut.pcap", octets=pcap(FRAME, FRAME)[:-10]),
    Capture(name="cut.pcap", octets=pcap(FRAME, FRAME)[:-10], frames="2"),
    Capture(name="cut-in-a-head.pcap", octets=pcap(FRAME) + b"\0\0\0"),
    Capture(name="cooked.pcap", octets=pcap(FRAME, link_type=COOKED)),
    Capture(name="raw.pcap", octets=pcap(FRAME, link_type=RAW_IP)),
    Capture(name="unheard-of.pcap", octets=pcap(FRAME, link_type=4242)),
    Capture(name="four-gigabytes.pcap", octets=announcing(0xFFFFFFFF)),
    Capture(name="section-only.pcapng", octets=SECTION, frames="1"),
    Capture(name="no-byte-order.pcapng", octets=SECTION[:8] + bytes(20)),
    Capture(name="version-2.pcapng", octets=SECTION[:12] + b"\2" + SECTION[13:]),
    Capture(name="no-interface.pcapng", octets=SECTION + PACKET),
    Capture(name="cut.pcapng", octets=SECTION + interface(ETHERNET) + PACKET + PACKET[:-20]),
    Capture(name="cooked.pcapng", octets=SECTION + interface(COOKED) + PACKET, frames="1"),
    Capture(
        name="huge-block.pcapng",
        octets=SECTION + interface(ETHERNET) + PACKET + pack("<II", 6, 0xFFFFFFFC),
    ),
    Capture(
        name="two-lengths.pcapng",
        octets=SECTION + interface(ETHERNET) + PACKET[:-4] + pack("<I", 16),
    ),
    Capture(
        name="frame-beyond-its-block.pcapng",
        octets=SECTION + interface(ETHERNET) + block(6, pack("<IIIII", 0, 0, 0, 90000, 90000)),
    ),
)
