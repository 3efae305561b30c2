"""Captures that others wrote are read, as far as they can be, and no file makes emu stumble."""

import struct
import tracemalloc
from collections.abc import Iterable
from pathlib import Path
from struct import pack
from tempfile import TemporaryDirectory
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pcapng import FileWriter, blocks  # type: ignore[import-untyped]

from emu.capture.foreign import CaptureError, ForeignCapture, ForeignFrame, read_foreign
from emu.capture.pcap import write_pcap
from emu.capture.pcapng import build_interface, build_names, build_section, build_statistics
from emu.core.time import Nanoseconds

Order = Literal["<", ">"]
ORDERS: list[Order] = ["<", ">"]
WIRE = bytes(range(60))
SECOND = 10**9


def pcap(
    order: Order,
    magic: int = 0xA1B2C3D4,
    *,
    network: int = 1,
    frames: Iterable[tuple[int, int, bytes]] = ((7, 5, WIRE),),
    more: bytes = b"",
) -> bytes:
    header = pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, network)
    heads = (
        pack(order + "IIII", seconds, fraction, len(wire), len(wire)) + more + wire
        for seconds, fraction, wire in frames
    )
    return header + b"".join(heads)


def block(order: Order, kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    size = pack(order + "I", 12 + len(body))
    return pack(order + "I", kind) + size + body + size


def option(order: Order, code: int, value: bytes) -> bytes:
    return pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)


def section(order: Order) -> bytes:
    return block(order, 0x0A0D0D0A, pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))


def interface(order: Order, *options: bytes, link_type: int = 1, snaplen: int = 0) -> bytes:
    return block(order, 1, pack(order + "HHI", link_type, 0, snaplen) + b"".join(options))


def packet(order: Order, number: int, time: int, *options: bytes, wire: bytes = WIRE) -> bytes:
    head = pack(order + "IIIII", number, time >> 32, time & 0xFFFFFFFF, len(wire), len(wire))
    return block(order, 6, head + wire + bytes(-len(wire) % 4) + b"".join(options))


def read(path: Path, octets: bytes) -> tuple[ForeignCapture, list[ForeignFrame]]:
    path.write_bytes(octets)
    capture = read_foreign(path)
    return capture, list(capture)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "theirs.pcap"


# --- pcap ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    ("magic", "more", "unix"),
    [
        pytest.param(0xA1B2C3D4, b"", 7_000_005_000, id="microseconds"),
        pytest.param(0xA1B23C4D, b"", 7_000_000_005, id="nanoseconds"),
        pytest.param(0xA1B2CD34, bytes(8), 7_000_005_000, id="the modified format"),
    ],
)
def test_pcap_is_read_in_all_its_kinds(
    path: Path, order: Order, magic: int, more: bytes, unix: int
) -> None:
    frames = [(7, 5, WIRE), (7, 5, b"short"), (8, 0, b"")]
    capture, found = read(path, pcap(order, magic, frames=frames, more=more))
    assert [frame.wire for frame in found] == [WIRE, b"short", b""]
    assert [frame.unix for frame in found] == [unix, unix, 8 * SECOND]
    assert [frame.number for frame in found] == [1, 2, 3]
    assert {frame.interface for frame in found} == set(capture.interfaces) == {"interface 0"}
    assert capture.damage == ""


def test_an_fcs_of_which_the_header_tells_is_not_part_of_the_frames(path: Path) -> None:
    network = 2 << 28 | 0x04000000 | 1
    _, (frame,) = read(path, pcap("<", network=network, frames=[(0, 0, WIRE + b"fcs!")]))
    assert (frame.wire, frame.size) == (WIRE, len(WIRE))


def test_a_frame_that_a_snap_length_cut_says_how_long_it_was(path: Path) -> None:
    octets = pcap("<", frames=()) + pack("<IIII", 1, 2, 14, 1514) + WIRE[:14]
    _, (frame,) = read(path, octets)
    assert (frame.wire, frame.size, frame.is_cut) == (WIRE[:14], 1514, True)
    _, (frame,) = read(path, pcap("<"))
    assert not frame.is_cut


def test_what_emu_writes_is_read_too(path: Path) -> None:
    write_pcap(path, [(Nanoseconds(3), WIRE)])
    assert [(frame.unix, frame.wire) for frame in read_foreign(path)] == [(3, WIRE)]


# --- pcapng --------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ORDERS)
def test_pcapng_is_read_past_blocks_and_options_that_nobody_knows(path: Path, order: Order) -> None:
    name = option(order, 2, b"eth1")
    unknown = option(order, 4711, b"strange")
    comments = [option(order, 1, "größer".encode()), option(order, 1, b"\xff")]
    octets = (
        section(order)
        + interface(order, unknown, name, option(order, 0, b""))
        + block(order, 0x0BAD, b"what")
        + block(order, 5, b"")
        + packet(order, 0, 7_000_005, unknown, *comments)
        + packet(order, 0, 8, wire=b"odd")
    )
    capture, (first, second) = read(path, octets)
    assert first == ForeignFrame(
        number=1,
        interface="eth1",
        unix=Nanoseconds(7_000_005_000),
        wire=WIRE,
        size=60,
        comments=("größer", "\N{REPLACEMENT CHARACTER}"),
    )
    assert (second.wire, second.comments) == (b"odd", ())
    assert (capture.interfaces, capture.damage, capture.left_out) == (("eth1",), "", ())


@pytest.mark.parametrize(
    ("options", "time", "unix"),
    [
        pytest.param([], 3, 3_000, id="microseconds where nothing is said"),
        pytest.param([option("<", 9, b"\x09")], 3, 3, id="nanoseconds"),
        pytest.param([option("<", 9, b"\x00")], 3, 3 * SECOND, id="seconds"),
        pytest.param([option("<", 9, b"\x0c")], 3_999, 3, id="picoseconds"),
        pytest.param([option("<", 9, b"\x81")], 3, 1_500_000_000, id="halves of a second"),
        pytest.param([option("<", 9, b"\x7f")], 3, 0, id="as fine as can be written"),
        pytest.param([option("<", 14, pack("<q", 2))], 3, 2_000_003_000, id="an offset"),
        pytest.param([option("<", 14, pack("<q", -1))], 2_000_000, SECOND, id="one into the past"),
        pytest.param([option("<", 9, b""), option("<", 14, b"\1")], 3, 3_000, id="odd options"),
    ],
)
def test_times_are_read_as_the_interface_says(
    path: Path, options: list[bytes], time: int, unix: int
) -> None:
    octets = section("<") + interface("<", *options) + packet("<", 0, time)
    _, (frame,) = read(path, octets)
    assert frame.unix == unix


def test_each_section_has_its_byte_order_and_its_interfaces(path: Path) -> None:
    sections: list[tuple[Order, bytes]] = [("<", b"eth0"), (">", b"eth1"), ("<", b"eth0")]
    octets = b"".join(
        section(order) + interface(order, option(order, 2, name)) + packet(order, 0, 1)
        for order, name in sections
    )
    capture, frames = read(path, octets)
    assert [frame.interface for frame in frames] == ["eth0", "eth1", "eth0"]
    assert [frame.number for frame in frames] == [1, 2, 3]
    assert capture.interfaces == ("eth0", "eth1")


@pytest.mark.parametrize("order", ORDERS)
def test_obsolete_and_simple_packets_are_read(path: Path, order: Order) -> None:
    obsolete = pack(order + "HHIIII", 1, 0, 0, 9, 60, 60) + WIRE + option(order, 1, b"old")
    simple = pack(order + "I", 1514) + WIRE[:20]
    octets = (
        section(order)
        + interface(order, snaplen=20)
        + interface(order, option(order, 2, b"b"))
        + block(order, 2, obsolete)
        + block(order, 3, simple)
    )
    _, (old, bare) = read(path, octets)
    assert (old.interface, old.unix, old.wire, old.comments) == ("b", 9_000, WIRE, ("old",))
    assert (bare.interface, bare.unix) == ("interface 0", 9_000)  # it has no time of its own
    assert (bare.wire, bare.size, bare.is_cut) == (WIRE[:20], 1514, True)


def test_what_python_pcapng_writes_is_read(path: Path) -> None:
    header = blocks.SectionHeader(endianness=">", options={"shb_userappl": "another"})
    lan = header.new_member(
        blocks.InterfaceDescription, link_type=1, snaplen=0, options={"if_name": "lan"}
    )
    with path.open("wb") as file:
        writer = FileWriter(file, header)
        for number in range(3):
            options = {"opt_comment": ["one", "two"]}
            fresh = header.new_member(
                *(blocks.EnhancedPacket,),
                interface_id=lan.interface_id,
                timestamp_high=0,
                timestamp_low=number,
                packet_data=WIRE[: 14 + number],
                options=options,
            )
            writer.write_block(fresh)
    found = list(read_foreign(path))
    assert [frame.unix for frame in found] == [0, 1_000, 2_000]
    assert [frame.wire for frame in found] == [WIRE[:14], WIRE[:15], WIRE[:16]]
    assert {frame.comments for frame in found} == {("one", "two")}


def test_interfaces_are_known_though_they_carried_nothing(path: Path) -> None:
    octets = build_section() + build_interface("h1/tap", "h1/tap <-> a/eth0") + build_names({})
    capture, frames = read(path, octets + build_statistics(0, Nanoseconds(0), 0))
    assert (capture.interfaces, frames, capture.damage) == (("h1/tap",), [], "")


# --- what is no Ethernet, and what is no capture -------------------------------------------------


def test_interfaces_that_do_not_carry_ethernet_are_left_out_and_that_is_said(path: Path) -> None:
    octets = (
        section("<")
        + interface("<", option("<", 2, b"any"), link_type=113)
        + interface("<", option("<", 2, b"odd"), link_type=299)
        + interface("<", option("<", 2, b"idle"), link_type=105)
        + interface("<", option("<", 2, b"eth0"))
        + packet("<", 0, 0) * 2
        + packet("<", 1, 0)
        + packet("<", 3, 0)
    )
    capture, (frame,) = read(path, octets)
    assert (frame.interface, frame.number) == ("eth0", 4)
    assert capture.interfaces == ("eth0",)
    cooked = "Linux cooked capture, as of `tcpdump -i any` (link type 113)"
    assert capture.left_out == (
        f"any carries {cooked}, not Ethernet: 2 frames are left out",
        "odd carries link type 299, not Ethernet: 1 frame is left out",
    )


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        pytest.param(b"", "theirs.pcap is empty", id="an empty file"),
        pytest.param(b"\xd4\xc3\xb2", "is neither pcap nor pcapng", id="half a magic number"),
        pytest.param(b"name: lab\n", "is neither pcap nor pcapng", id="a scenario"),
        pytest.param(b"\x1f\x8b\x08\0", "is compressed: `gunzip` it first", id="gzip"),
        pytest.param(
            *(pcap("<", network=101), r"carries raw IP \(link type 101\), not Ethernet"),
            id="pcap of another link type",
        ),
    ],
)
def test_what_is_no_capture_of_ethernet_is_refused_at_once(
    path: Path, octets: bytes, words: str
) -> None:
    path.write_bytes(octets)
    with pytest.raises(CaptureError, match=words):
        read_foreign(path)


def test_what_cannot_be_opened_is_said(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match=r"cannot read .*none: No such file or directory"):
        read_foreign(tmp_path / "none")
    with pytest.raises(CaptureError, match=r"cannot read .*: Is a directory"):
        read_foreign(tmp_path)


# --- damage --------------------------------------------------------------------------------------

GOOD = section("<") + interface("<") + packet("<", 0, 1)
HUGE = 0xFFFFFFFF


@pytest.mark.parametrize(
    ("good", "bad", "words"),
    [
        pytest.param(*(pcap("<"), b"\1\2\3", "the file ends inside a frame's head"), id="a head"),
        pytest.param(
            *(pcap("<"), pack("<IIII", 0, 0, 9, 9) + b"12345678", "the file ends inside a frame"),
            id="a frame of pcap that is cut off",
        ),
        pytest.param(
            pcap(">"),
            pack(">IIII", 0, 0, HUGE, HUGE),
            "a frame of 4294967295 octets; 262144 are the most there can be",
            id="a frame of pcap that is huge",
        ),
        pytest.param(
            *(GOOD, b"\6\0", "the file ends inside the head of a block"), id="half a head"
        ),
        pytest.param(
            *(GOOD, packet("<", 0, 1)[:-1], "the file ends inside a block"), id="a cut block"
        ),
        pytest.param(
            GOOD,
            pack("<III", 0x0BAD, HUGE, 0),
            "a block of 4294967295 octets; there can be 12 to 16777216",
            id="a block that is huge",
        ),
        pytest.param(
            *(GOOD, bytes(12), "a block of 0 octets; there can be 12 to 16777216"), id="zeroes"
        ),
        pytest.param(
            GOOD, pack("<III", 0x0BAD, 12, 16), "a block with two lengths", id="a block's other end"
        ),
        pytest.param(
            *(GOOD, block("<", 6, b"1234"), "a block of type 6 is too short"), id="a short packet"
        ),
        pytest.param(
            GOOD,
            packet("<", 1, 1),
            "a packet of interface 1, which is not described",
            id="a packet of no interface",
        ),
        pytest.param(
            GOOD,
            block("<", 6, pack("<IIIII", 0, 0, 0, 61, 61) + WIRE),
            "a frame is longer than its block",
            id="a frame that does not end",
        ),
        pytest.param(
            GOOD,
            block("<", 3, pack("<I", 61) + WIRE),
            "a frame is longer than its block",
            id="a simple one too",
        ),
        pytest.param(
            GOOD,
            block("<", 6, pack("<IIIII", 0, 0, 0, 300_000, 0) + bytes(300_000)),
            "a frame of 300000 octets; 262144 are the most there can be",
            id="a frame of pcapng that is huge",
        ),
        pytest.param(
            GOOD,
            packet("<", 0, 1, pack("<HH", 1, 5) + b"1234"),
            "an option is longer than its block",
            id="an option that does not end",
        ),
        pytest.param(
            GOOD,
            packet("<", 0, 1 << 60),
            "the time of frame 2 is not one between 1970 and 2262",
            id="an absurd time",
        ),
        pytest.param(
            GOOD,
            block("<", 0x0A0D0D0A, bytes(16)),
            "a section header without a byte order",
            id="a section of no byte order",
        ),
        pytest.param(
            GOOD,
            block("<", 0x0A0D0D0A, pack("<IHHq", 0x1A2B3C4D, 2, 0, -1)),
            "version 2 of pcapng is not known",
            id="a section of another version",
        ),
    ],
)
def test_a_damaged_file_is_read_up_to_the_damage(
    path: Path, good: bytes, bad: bytes, words: str
) -> None:
    capture, frames = read(path, good + bad)
    assert [frame.wire for frame in frames] == [WIRE]
    assert capture.damage == f"{path} is damaged at octet {len(good)}: {words}"
    assert capture.interfaces == ("interface 0",)


def test_a_capture_can_be_read_again_and_not_to_the_end(path: Path) -> None:
    capture, frames = read(path, GOOD + packet("<", 0, 2) + b"\0")
    assert next(iter(capture)) == frames[0]
    assert list(capture) == frames
    assert capture.damage


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(pcap("<", frames=()) + pack("<IIII", 0, 0, HUGE, HUGE), id="a frame of 4 GB"),
        pytest.param(section("<") + pack("<II", 1, HUGE - 3), id="a block of 4 GB"),
    ],
)
def test_what_a_file_says_of_its_sizes_takes_no_memory(path: Path, bad: bytes) -> None:
    path.write_bytes(bad)
    tracemalloc.start()
    try:
        list(read_foreign(path))
        assert tracemalloc.get_traced_memory()[1] < 2 << 20
    finally:
        tracemalloc.stop()


# --- whatever a file holds -----------------------------------------------------------------------

WHOLE = [
    pcap("<", frames=[(1, 2, WIRE), (3, 4, WIRE)]),
    pcap(">", 0xA1B2CD34, more=bytes(8)),
    GOOD + block("<", 3, pack("<I", 60) + WIRE) + section(">") + interface(">") + packet(">", 0, 1),
    section("<")
    + interface("<", option("<", 2, b"a"), option("<", 9, b"\x89"), option("<", 14, bytes(8)))
    + packet("<", 0, 1, option("<", 1, b"why"))
    + block("<", 2, pack("<HHIIII", 0, 0, 0, 9, 60, 60) + WIRE),
]
STARTS = [pcap("<", frames=()), pcap(">", frames=()), section("<"), section(">"), GOOD, b""]


def assert_read_or_refused(octets: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "theirs")
        path.write_bytes(octets)
        capture = ForeignCapture(path)
        try:
            frames = list(capture)
        except CaptureError:
            return
    assert sum(len(frame.wire) for frame in frames) <= len(octets)
    assert all(0 <= frame.unix < 1 << 63 for frame in frames)
    assert [frame.number for frame in frames] == sorted({frame.number for frame in frames})


@given(st.sampled_from(STARTS), st.binary(max_size=200))
def test_any_octets_are_read_or_refused(start: bytes, octets: bytes) -> None:
    assert_read_or_refused(start + octets)


@given(st.sampled_from(WHOLE), st.lists(st.integers(0, 10_000), min_size=1, max_size=4))
def test_captures_with_flipped_bits_are_read_or_refused(whole: bytes, places: list[int]) -> None:
    octets = bytearray(whole)
    for place in places:
        octets[place // 8 % len(octets)] ^= 1 << place % 8
    assert_read_or_refused(bytes(octets))


def test_captures_that_end_anywhere_have_the_frames_before(path: Path) -> None:
    whole = pcap("<", frames=[(1, 2, WIRE), (3, 4, WIRE)])
    ends = [24 + 76, 24 + 2 * 76]
    for size in range(24, len(whole)):
        capture, frames = read(path, whole[:size])
        assert len(frames) == sum(end <= size for end in ends)
        assert bool(capture.damage) == (size not in (24, *ends))


def test_a_pcap_file_that_ends_in_its_header_is_damaged(path: Path) -> None:
    capture, frames = read(path, struct.pack("<IH", 0xA1B2C3D4, 2))
    assert frames == []
    assert capture.damage.endswith("at octet 0: the file ends inside the header of the file")
