"""What emu writes, emu reads; what it did not write is refused in words."""

import struct
from ipaddress import IPv4Address
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emu.capture import (
    CapturedFrame,
    CaptureSink,
    Interface,
    read_capture,
    read_frames,
    read_pcap,
    write_pcap,
)
from emu.capture.names import FileNames
from emu.capture.pcapng import ENHANCED_PACKET
from emu.capture.reader import AddressName, Statistics
from emu.core.errors import EmuError
from emu.core.time import Nanoseconds, milliseconds, unix
from emu.packet.frame import Frame
from tests.capture.judges import tshark
from tests.small_worlds import line

times = st.integers(0, 2**32 * 10**9 - 1).map(Nanoseconds)


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    """Return a capture of two frames."""
    sink = CaptureSink(tmp_path, names={IPv4Address("10.0.0.1"): "a"})
    network = line(sink)
    for _ in range(2):
        network.inject("a", "eth0", Frame.new(bytes(60)))
        network.settle(milliseconds(1))
    sink.close()
    return tmp_path / "h1.tap-a.pcapng"


def test_a_capture_is_read_block_by_block(capture: Path) -> None:
    interface = Interface(name="h1/tap-a", description="h1/tap-a <-> a/eth0")
    first, second, *frames, last = read_capture(capture)
    assert first == interface
    assert second == AddressName(address=IPv4Address("10.0.0.1"), name="a")
    assert frames == list(read_frames(capture))
    assert last == Statistics(interface=interface, unix=unix(Nanoseconds(10_000)), frames=2)


def ends_of_packets(octets: bytes) -> list[int]:
    """Return where each packet block ends."""
    ends, start = [], 0
    while start < len(octets):
        kind, size = struct.unpack_from("<II", octets, start)
        start += size
        ends += [start] * (kind == ENHANCED_PACKET)
    return ends


def read_what_can_be_read(capture: Path) -> tuple[list[CapturedFrame], str]:
    """Return the frames that can be read, and what the reader says then."""
    found: list[CapturedFrame] = []
    try:
        found.extend(read_frames(capture))  # keeps those that came before an error
    except EmuError as error:
        return found, str(error)
    return found, ""


def test_a_capture_that_is_cut_off_is_read_up_to_there(capture: Path) -> None:
    whole = capture.read_bytes()
    ends = ends_of_packets(whole)
    assert len(ends) == 2
    for size in range(len(whole)):
        capture.write_bytes(whole[:size])
        frames, words = read_what_can_be_read(capture)
        assert len(frames) == sum(end <= size for end in ends)
        assert words == "" or f"{capture} is not as emu writes it: it " in words


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_damaged_capture_is_read_or_refused_in_words(
    capture: Path, place: int, change: int
) -> None:
    whole = capture.read_bytes()
    damaged = bytearray(whole)
    damaged[place % len(damaged)] ^= change
    capture.write_bytes(damaged)
    read_what_can_be_read(capture)
    capture.write_bytes(whole)


@pytest.mark.parametrize(
    ("octet", "value", "words"),
    [
        pytest.param(0, 0xFF, "it does not begin with emu's section header", id="another format"),
        pytest.param(40, 0x99, "it has a block of type 153", id="a block that emu does not write"),
        pytest.param(44, 0x00, "it is cut off in the block at octet 40", id="a block of no length"),
        pytest.param(
            44, 0x50, "the block at octet 40 has two lengths", id="a block of a wrong length"
        ),
        pytest.param(56, 0x99, "", id="an interface without a name"),
        pytest.param(59, 0x99, "", id="an option that is longer than its block"),
    ],
)
def test_a_file_that_emu_did_not_write_is_refused(
    capture: Path, octet: int, value: int, words: str
) -> None:
    damaged = bytearray(capture.read_bytes())
    damaged[octet] = value
    capture.write_bytes(damaged)
    with pytest.raises(EmuError, match=f"{capture} is not as emu writes it: {words}"):
        list(read_capture(capture))


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(EmuError, match=r"cannot read .*none\.pcapng: No such file or directory"):
        list(read_frames(tmp_path / "none.pcapng"))


@given(st.lists(st.tuples(times, st.binary(max_size=100))))
def test_a_pcap_file_keeps_frames_and_times(frames: list[tuple[Nanoseconds, bytes]]) -> None:
    with TemporaryDirectory() as name:
        path = Path(name, "golden.pcap")
        write_pcap(path, frames)
        assert list(read_pcap(path)) == frames


def test_tshark_reads_a_pcap_file_to_the_nanosecond(tmp_path: Path) -> None:
    path = tmp_path / "golden.pcap"
    write_pcap(path, [(unix(Nanoseconds(1)), bytes(60)), (unix(Nanoseconds(2)), bytes(61))])
    fields = ("-e", "frame.time_epoch", "-e", "frame.len", "-e", "frame.encap_type")
    assert tshark("-r", str(path), "-T", "fields", *fields).splitlines() == [
        "1767225600.000000001\t60\t1",
        "1767225600.000000002\t61\t1",
    ]


def test_a_pcap_file_that_is_cut_off_or_another_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "golden.pcap"
    write_pcap(path, [(Nanoseconds(1), bytes(10))])
    whole = path.read_bytes()
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        if size == 24:  # there is nothing but the header
            assert list(read_pcap(path)) == []
            continue
        words = "is no pcap file as emu writes it" if size < 24 else "is cut off"
        with pytest.raises(EmuError, match=f"{path} {words}"):
            list(read_pcap(path))


@pytest.mark.parametrize(
    ("wishes", "names"),
    [
        pytest.param(["a", "b"], ["a", "b"], id="names that differ stay"),
        pytest.param(["a", "a", "a"], ["a", "a~2", "a~3"], id="names that are taken get a number"),
        pytest.param(["a~2", "a", "a"], ["a_2", "a", "a~2"], id="no name looks like a number"),
        pytest.param(["Tap", "tap"], ["Tap", "tap~2"], id="case does not make two names"),
        pytest.param(["run"], ["run~2"], id="what was taken from the beginning is taken"),
        pytest.param(["a/b", "a\0b", "a b"], ["a_b", "a_b~2", "a_b~3"], id="no name is a path"),
        pytest.param(["..", ".x", "-r", ""], ["_..", "_.x", "_-r", "_"], id="no name is special"),
        pytest.param(["x" * 300], ["x" * 200], id="long names are cut"),
        pytest.param(
            *(["compute1.tap1a2b3c4d-5e"], ["compute1.tap1a2b3c4d-5e"]),
            id="the names of links are safe as they are",
        ),
    ],
)
def test_each_thing_gets_a_file_name_of_its_own(wishes: list[str], names: list[str]) -> None:
    file_names = FileNames("run")
    assert [file_names.claim(wish) for wish in wishes] == names


@given(st.lists(st.text()))
def test_whatever_things_are_called_their_files_are_distinct_and_safe(wishes: list[str]) -> None:
    file_names = FileNames("run")
    names = [file_names.claim(wish) for wish in wishes]
    assert len({name.casefold() for name in names} | {"run"}) == len(wishes) + 1
    assert all(Path(name).name == name and name.isascii() and len(name) < 250 for name in names)
