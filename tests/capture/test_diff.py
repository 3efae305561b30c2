"""Two captures: which frames belong together, and what is different between them."""

import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emu.capture import pcapng, write_pcap
from emu.capture.alignment import MOST_PAIRS, align, gaps
from emu.capture.diff import Aspect, Comparison, FrameDifference, Rules, compare
from emu.core.errors import EmuError
from emu.core.time import Nanoseconds
from emu.report.diff import render_comparison, summary

ETHERNET = bytes.fromhex("fa163e000002fa163e0000010800")
IP = bytes.fromhex("450000300000400040010000c0000201c0000202")


def ping(seq: int, ttl: int = 64, kind: int = 8, payload: bytes = b"x" * 20) -> bytes:
    """Return an echo request, or what else `kind` says; its checksums are not of interest."""
    icmp = bytes([kind, 0, 0, 0, 0, 7]) + seq.to_bytes(2, "big") + payload
    return ETHERNET + IP[:8] + bytes([ttl]) + IP[9:] + icmp


ARP = bytes.fromhex(
    "fa163e000002fa163e00000108060001080006040001fa163e000001c0000201000000000000c0000202"
)
Told = tuple[str, int, int, list[str]]


def told(difference: FrameDifference) -> Told:
    """Return aspect, number of the frame in either capture (0: none), and changes."""
    a, b = difference.a, difference.b
    changes = [str(change) for change in difference.changes]
    return (str(difference.aspect), a.number if a else 0, b.number if b else 0, changes)


def compare_frames(folder: Path, a: list[bytes], b: list[bytes], *rules: list[str]) -> list[Told]:
    for name, frames in (("a", a), ("b", b)):
        write_pcap(folder / name, [(Nanoseconds(n), wire) for n, wire in enumerate(frames)])
    options = Rules.parse(*rules) if rules else Rules.parse(["time"])
    (link,) = compare(folder / "a", folder / "b", options).links
    return [told(difference) for difference in link.differences]


ONE, TWO, THREE, FOUR = (ping(seq) for seq in (1, 2, 3, 4))
TTL = ["ip.ttl 64 -> 63"]


@pytest.mark.parametrize(
    ("a", "b", "differences"),
    [
        pytest.param([ONE, TWO], [ONE, TWO], [], id="equal"),
        pytest.param([], [], [], id="empty"),
        pytest.param([ONE, TWO, THREE], [ONE, THREE], [("missing", 2, 0, [])], id="one is missing"),
        pytest.param([ONE, THREE], [ONE, TWO, THREE], [("added", 0, 2, [])], id="one was added"),
        pytest.param([ONE, ONE, ONE], [ONE, ONE], [("missing", 3, 0, [])], id="one of several"),
        pytest.param(
            [ONE, TWO, THREE],
            [ONE, ping(2, ttl=63), THREE],
            [("changed", 2, 2, TTL)],
            id="one changed",
        ),
        pytest.param(
            [ARP, ONE, TWO],
            [ping(1, ttl=63), ping(2, ttl=63)],
            [("missing", 1, 0, []), ("changed", 2, 1, TTL), ("changed", 3, 2, TTL)],
            id="one is missing, and all others changed",
        ),
        pytest.param(
            [ONE, TWO, THREE],
            [ping(2, ttl=63), ping(3, ttl=63)],
            [("missing", 1, 0, []), ("changed", 2, 1, TTL), ("changed", 3, 2, TTL)],
            id="the numbers of a conversation tell which is missing",
        ),
        pytest.param(
            *([ONE], [ping(5)], [("changed", 1, 1, ["icmp.seq 1 -> 5"])]), id="a frame of that kind"
        ),
        pytest.param(
            *([ONE], [ping(1, kind=0)], [("changed", 1, 1, ["icmp.type 8 -> 0"])]),
            id="a frame of that protocol",
        ),
        pytest.param(
            [ONE],
            [ARP],
            [("missing", 1, 0, []), ("added", 0, 1, [])],
            id="frames of two protocols are not one that changed",
        ),
        pytest.param(
            [ONE, TWO],
            [TWO, ONE],
            [("missing", 1, 0, []), ("added", 0, 2, [])],
            id="frames that changed places",
        ),
        pytest.param(
            [b"", b"\1"], [b"", b"\2"], [("changed", 2, 2, ["octet 0 01 -> 02"])], id="no frames"
        ),
    ],
)
def test_frames_that_belong_together_are_compared(
    tmp_path: Path, a: list[bytes], b: list[bytes], differences: list[Told]
) -> None:
    assert compare_frames(tmp_path, a, b) == differences


def test_masked_fields_and_ignored_aspects_do_not_count(tmp_path: Path) -> None:
    a, b = [ONE, TWO], [ping(1, ttl=9), ARP]
    assert compare_frames(tmp_path, a, b, ["time", "added"], ["ip.ttl"]) == [("missing", 2, 0, [])]
    assert compare_frames(tmp_path, a, b, ["time", "added", "missing", "changed"], []) == []


def test_an_aspect_that_there_is_not_is_said() -> None:
    with pytest.raises(EmuError, match='captures have no "tme" to ignore; did you mean time'):
        Rules.parse(["tme"])
    with pytest.raises(EmuError, match="there are link, missing, added, changed, fate"):
        Rules.parse(["xyz"])


# --- what is said of frames, links and folders ---------------------------------------------------


def capture(
    *frames: bytes,
    link: str = "h1/tap",
    start: int = 0,
    comment: str = "",
    direction: pcapng.Direction = pcapng.Direction.OUTBOUND,
) -> bytes:
    octets = pcapng.build_section() + pcapng.build_interface(link, "")
    options = pcapng.build_annotations([comment] if comment else [], direction)
    for number, wire in enumerate(frames):
        rest = pcapng.build_rest(Nanoseconds(start + number), wire, options, number)
        octets += pcapng.build_packet(0, rest) + rest
    return octets


def compare_octets(folder: Path, a: bytes, b: bytes) -> Comparison:
    (folder / "a").write_bytes(a)
    (folder / "b").write_bytes(b)
    return compare(folder / "a", folder / "b")


@pytest.mark.parametrize(
    ("other", "differences"),
    [
        pytest.param(
            capture(ONE, start=5),
            [("time", 1, 1, ["time 0.000000000 -> 0.000000005"])],
            id="its time",
        ),
        pytest.param(
            *(capture(ONE, comment="why"), [("comment", 1, 1, ["comment none -> why"])]),
            id="its comment",
        ),
        pytest.param(
            capture(ONE, direction=pcapng.Direction.INBOUND),
            [("direction", 1, 1, ["direction outbound -> inbound"])],
            id="its direction",
        ),
        pytest.param(
            capture(ping(1, ttl=63), start=5),
            [("changed", 1, 1, TTL), ("time", 1, 1, ["time 0.000000000 -> 0.000000005"])],
            id="a field and its time",
        ),
    ],
)
def test_what_else_is_said_of_a_frame_is_compared(
    tmp_path: Path, other: bytes, differences: list[Told]
) -> None:
    (link,) = compare_octets(tmp_path, capture(ONE), other).links
    assert [told(difference) for difference in link.differences] == differences


def test_links_are_compared_by_name(tmp_path: Path) -> None:
    a = pcapng.build_section() + b"".join(pcapng.build_interface(it, "") for it in ("x", "y"))
    b = pcapng.build_section() + b"".join(pcapng.build_interface(it, "") for it in ("y", "z"))
    comparison = compare_octets(tmp_path, a, b)
    assert [(link.name, link.a, link.b) for link in comparison.links] == [
        ("x", 0, None),
        ("y", 0, 0),
        ("z", None, 0),
    ]
    assert comparison.counts == {Aspect.LINK: 2}
    assert list(render_comparison(comparison)) == [
        "x: only in the first, with 0 frames",
        "z: only in the second, with 0 frames",
        "2 links, on 2 of 3 links",
    ]
    assert compare(tmp_path / "a", tmp_path / "b", Rules.parse(["link"])).is_equal


def test_the_only_links_of_two_captures_are_compared_whatever_they_are_called(
    tmp_path: Path,
) -> None:
    comparison = compare_octets(tmp_path, capture(ONE, link="x"), capture(ONE, TWO, link="y"))
    assert comparison.remarks == ("each has one link: x is compared with y",)
    assert comparison.counts == {Aspect.ADDED: 1}


def test_damage_and_what_is_left_out_are_remarked(tmp_path: Path) -> None:
    whole = capture(ONE, TWO)
    comparison = compare_octets(tmp_path, whole, whole[:-1])
    assert comparison.counts == {Aspect.MISSING: 1}
    assert "b is damaged at octet " in comparison.remarks[0]
    assert next(render_comparison(comparison)) == comparison.remarks[0]


def test_folders_are_compared_file_by_file(tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    for folder, ttl in ((a, 64), (b, 63)):
        folder.mkdir()
        (folder / "one.pcapng").write_bytes(capture(ping(1, ttl=ttl), link="one"))
        (folder / "two.pcapng").write_bytes(capture(TWO, link="two"))
        (folder / "run.pcapng").write_bytes(capture(THREE, ping(4, ttl=ttl), link="whole"))
        (folder / "fates.txt").write_text(f"same\nfate {ttl}\n")
    (b / "three.pcapng").write_bytes(capture(link="three"))
    comparison = compare(a, b)
    assert [link.name for link in comparison.links] == ["one", "two", "three"]
    assert comparison.counts == {Aspect.LINK: 1, Aspect.CHANGED: 1, Aspect.FATE: 2}
    assert list(render_comparison(comparison)) == [
        "one: 1 frame",
        "  changed  frame 1          ICMP echo request id=0x0007 seq=1 192.0.2.1 > 192.0.2.2",
        "           ip.ttl 64 -> 63",
        "three: only in the second, with 0 frames",
        "fates.txt",
        "  -fate 64",
        "  +fate 63",
        "1 link, 1 changed, 2 lines of fates.txt, on 2 of 3 links",
    ]
    assert compare(a, b, Rules.parse(["fate", "link", "changed"])).is_equal


def test_a_folder_is_not_compared_with_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(capture(ONE))
    with pytest.raises(EmuError, match=r"is a folder and .*a is not: compare like with like"):
        compare(tmp_path / "a", tmp_path)
    with pytest.raises(EmuError, match="holds no captures"):
        compare(tmp_path, tmp_path)


# --- as people read it ---------------------------------------------------------------------------


def test_equal_captures_are_said_in_a_line(tmp_path: Path) -> None:
    comparison = compare_octets(tmp_path, capture(ONE, TWO), capture(ONE, TWO))
    assert list(render_comparison(comparison)) == ["equal: 2 frames on 1 link"]


def test_a_few_differences_are_all_shown(tmp_path: Path) -> None:
    a = capture(ONE, ARP, TWO, THREE, comment="because")
    b = capture(ONE, TWO, ping(3, ttl=63), comment="because", start=1_000_000_000)
    assert list(render_comparison(compare_octets(tmp_path, a, b))) == [
        "h1/tap: 4 frames, then 3",
        "  missing  frame 2          ARP who has 192.0.2.2? tell 192.0.2.1",
        "  changed  frame 4, now 3   ICMP echo request id=0x0007 seq=3 192.0.2.1 > 192.0.2.2",
        "           ip.ttl 64 -> 63",
        "  time     frame 1          0.000000000 -> 1.000000000 (1 s later)",
        "  time     frame 3, now 2   0.000000002 -> 1.000000001 (0.999999999 s later)",
        "  time     frame 4, now 3   0.000000003 -> 1.000000002 (0.999999999 s later)",
        "1 missing, 1 changed, 3 times",
    ]


def test_comments_stand_below_each_other(tmp_path: Path) -> None:
    a, b = capture(ONE, comment="flood"), capture(ONE)
    assert list(render_comparison(compare_octets(tmp_path, a, b))) == [
        "h1/tap: 1 frame",
        "  comment  frame 1          flood",
        "                         -> none",
        "1 comment",
    ]


def test_times_that_are_all_shifted_alike_are_said_at_once(tmp_path: Path) -> None:
    comparison = compare_octets(tmp_path, capture(ONE, TWO, start=1_500), capture(ONE, TWO))
    assert list(render_comparison(comparison)) == [
        "h1/tap: 2 frames",
        "  time     2 frames         0.0000015 s earlier",
        "2 times",
    ]


def test_frames_that_changed_alike_are_told_together(tmp_path: Path) -> None:
    a = [ping(seq) for seq in range(1, 8)]
    b = [ping(seq, ttl=64 if seq == 4 else 63) for seq in range(1, 8)]
    b[6] = ping(7, ttl=62)
    b[1] = b[1][:24] + b"??" + b[1][26:]
    b[2] = b[2][:24] + b"!!" + b[2][26:]
    assert list(render_comparison(compare_octets(tmp_path, capture(*a), capture(*b)))) == [
        "h1/tap: 7 frames",
        "  changed  frame 1          ICMP echo request id=0x0007 seq=1 192.0.2.1 > 192.0.2.2",
        "           ip.ttl 64 -> 63",
        "           and alike 2 frames: 5-6",
        "  changed  frame 2          ICMP echo request id=0x0007 seq=2 192.0.2.1 > 192.0.2.2",
        "           ip.ttl 64 -> 63",
        "           ip.checksum 0x0000 -> 0x3f3f",
        "           and alike 1 frame: 3",
        "  changed  frame 7          ICMP echo request id=0x0007 seq=7 192.0.2.1 > 192.0.2.2",
        "           ip.ttl 64 -> 62",
        "6 changed",
    ]


def test_ten_thousand_differences_are_a_screenful_and_soon_there(tmp_path: Path) -> None:
    a = [ping(seq) for seq in range(30_000)]
    b = [ping(seq, ttl=64 - seq % 2) for seq in range(20_000)]
    b += [ping(seq)[:-2] + seq.to_bytes(2, "big") for seq in range(20_000, 30_000)]
    begun = time.process_time()
    write_pcap(tmp_path / "a", [(Nanoseconds(0), wire) for wire in a])
    write_pcap(tmp_path / "b", [(Nanoseconds(0), wire) for wire in b])
    comparison = compare(tmp_path / "a", tmp_path / "b")
    lines = list(render_comparison(comparison))
    assert time.process_time() - begun < 20
    assert lines[:4] == [
        "interface 0: 30,000 frames",
        "  changed  frame 2          ICMP echo request id=0x0007 seq=1 192.0.2.1 > 192.0.2.2",
        "           ip.ttl 64 -> 63",
        "           and alike 9,999 frames: 4, 6, 8, 10, 12, 14, 16, 18 ...",
    ]
    assert len(lines) == 1 + 3 + 2 * 9 + 2
    assert lines[-2:] == [
        "  and more: 9,991 changed; of them octets 60-61 in 9,952, octet 60 in 39",
        "20,000 changed",
    ]
    assert len(list(render_comparison(comparison, limit=0))) == 1 + 3 + 2 * 10_000 + 1
    assert summary(comparison) == lines[-1]


# --- alignment -----------------------------------------------------------------------------------

KEYS = st.lists(st.sampled_from("abcd"), max_size=12)


def longest(a: list[str], b: list[str]) -> int:
    """Return how long the longest common subsequence is, by the textbook's table."""
    row = [0] * (len(b) + 1)
    for x in a:
        last = row[:]
        for j, y in enumerate(b):
            row[j + 1] = last[j] + 1 if x == y else max(last[j + 1], row[j])
    return row[-1]


@given(KEYS, KEYS)
def test_as_many_as_there_can_be_are_aligned_in_order(a: list[str], b: list[str]) -> None:
    pairs = align(a, b)
    assert all(a[i] == b[j] for i, j in pairs)
    assert all(i < x and j < y for (i, j), (x, y) in pairwise(pairs))
    assert len(pairs) == longest(a, b)


@given(KEYS, KEYS)
def test_what_is_aligned_and_the_gaps_are_all_there_is(a: list[str], b: list[str]) -> None:
    pairs = align(a, b)
    left = [i for i, _ in pairs]
    right = [j for _, j in pairs]
    for gap_a, gap_b in gaps(pairs, range(len(a)), range(len(b))):
        left += gap_a
        right += gap_b
    assert sorted(left) == list(range(len(a)))
    assert sorted(right) == list(range(len(b)))


def test_one_frame_over_and_over_does_not_take_for_ever() -> None:
    many = MOST_PAIRS // 100
    a, b = ["x"] * many, ["y", *["x"] * (many - 2), "y"]
    begun = time.process_time()
    pairs = align(a, b)
    assert time.process_time() - begun < 5
    assert len(pairs) == many - 2
    assert all(a[i] == b[j] for i, j in pairs)
