"""Two frames: which fields changed, and which octets that no field tells."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emu.core.errors import EmuError
from emu.packet.addresses import parse_mac
from emu.packet.comparison import compare_frames, masked_key, parse_mask
from emu.packet.craft import Sender
from emu.packet.craft import craft as craft_by
from emu.packet.dissection import field_values

MACS = "Ether(src='fa:16:3e:00:00:01', dst='fa:16:3e:00:00:02')"
INNER = (
    f"{MACS}/IP(src='10.0.0.1', dst='10.0.0.2', ttl=64)/ICMP(id=7, seq=1)/Raw(load='{20 * 'x'}')"
)


def craft(text: str) -> bytes:
    return craft_by(text, Sender(mac=parse_mac("fa:16:3e:00:00:01"))).wire


def ping(ttl: int = 64, ident: int = 7, payload: str = "x") -> bytes:
    ip = f"IP(src='10.0.0.1', dst='10.0.0.2', ttl={ttl})"
    return craft(f"{MACS}/{ip}/ICMP(id={ident}, seq=1)/Raw(load='{20 * payload}')")


def tunnel(vni: int, inner: str = INNER) -> bytes:
    outer = "IP(src='192.0.2.1', dst='192.0.2.2')/UDP(sport=50000, dport=4789, chksum=0)"
    return craft(f"{MACS}/{outer}/VXLAN(flags=8, vni={vni})/{inner}")


ARP = craft(f"{MACS}/ARP(op=1, hwsrc='fa:16:3e:00:00:01', psrc='10.0.0.1', pdst='10.0.0.2')")
TAGGED = craft(INNER.replace(MACS, f"{MACS}/Dot1Q(vlan=100)"))


@pytest.mark.parametrize(
    ("a", "b", "changes"),
    [
        pytest.param(ping(), ping(), [], id="nothing"),
        pytest.param(tunnel(42), tunnel(99), ["vxlan.vni 42 -> 99"], id="a number"),
        pytest.param(
            *(ping(), ping(ttl=63), ["ip.ttl 64 -> 63", "ip.checksum 0x66ca -> 0x67ca"]),
            id="a checksum in hexadecimal",
        ),
        pytest.param(
            *(ARP, ARP[:6] + ARP[:5] + b"\x09" + ARP[12:]),
            ["eth.src fa:16:3e:00:00:01 -> fa:16:3e:00:00:09"],
            id="a MAC address, told once",
        ),
        pytest.param(
            *(ARP, ARP[:41] + b"\x09"), ["arp.dst.proto_ipv4 10.0.0.2 -> 10.0.0.9"], id="an address"
        ),
        pytest.param(
            tunnel(42),
            tunnel(42, INNER.replace("ttl=64", "ttl=9")),
            ["ip.ttl#2 64 -> 9", "ip.checksum#2 0x66ca -> 0x9dca"],
            id="a field inside a tunnel is numbered",
        ),
        pytest.param(
            ping(),
            TAGGED,
            [
                "frame.len 62 -> 66",
                "eth.type 0x0800 -> 0x8100",
                "vlan.priority none -> 0",
                "vlan.dei none -> false",
                "vlan.id none -> 100",
                "vlan.etype none -> 0x0800",
            ],
            id="a tag that came",
        ),
        pytest.param(
            *(ping(), ping()[:-3] + b"?xy"),
            ["octets 59-61 787878 -> 3f7879"],
            id="octets of no field that are near each other",
        ),
        pytest.param(
            ping(),
            ping()[:42] + b"y" * 20,
            ["octets 42-61 7878787878787878... -> 7979797979797979..."],
            id="many octets of no field",
        ),
        pytest.param(
            ping(),
            ping()[:22] + b"\x3f" + ping()[23:50] + b"?" + ping()[51:],
            ["ip.ttl 64 -> 63", "octet 50 78 -> 3f"],
            id="a field, and an octet of none",
        ),
        pytest.param(
            *(b"123", b"12345"), ["frame.len 3 -> 5"], id="what is too short to be a frame"
        ),
    ],
)
def test_changes_are_told_by_field_and_value(a: bytes, b: bytes, changes: list[str]) -> None:
    assert [str(change) for change in compare_frames(a, b)] == changes


@pytest.mark.parametrize(
    ("mask", "a", "b", "changes"),
    [
        pytest.param(["ip.ttl"], ping(), ping(ttl=9), [], id="a field, and the checksum with it"),
        pytest.param(["ip"], ping(), ping(ttl=9), [], id="a protocol means its fields"),
        pytest.param(["icmp.ident"], ping(), ping(ident=9), [], id="a field of another protocol"),
        pytest.param(
            *(["icmp.ident"], ping(), ping(ttl=9)),
            ["ip.ttl 64 -> 9", "ip.checksum 0x66ca -> 0x9dca"],
            id="what is not masked counts",
        ),
        pytest.param(
            *(["ip.id"], ping(), ping()[:24] + b"??" + ping()[26:]),
            ["ip.checksum 0x66ca -> 0x3f3f"],
            id="a checksum counts where nothing that is masked differs",
        ),
        pytest.param(
            *(["eth.addr"], ARP, b"\2" * 12 + ARP[12:], []), id="a field that stands for others"
        ),
        pytest.param(
            *(["ip.ttl"], ping(), ping(ttl=9)[:-1] + b"?", ["octet 61 78 -> 3f"]),
            id="octets of no field count",
        ),
        pytest.param(*(["frame.len", "ip.len"], ping(), ping()[:-1], []), id="how long a frame is"),
        pytest.param(
            *(["ip.ttl"], tunnel(1), tunnel(1, INNER.replace("ttl=64", "ttl=9")), []),
            id="every occurrence of a field",
        ),
    ],
)
def test_masked_fields_do_not_count(
    mask: list[str], a: bytes, b: bytes, changes: list[str]
) -> None:
    assert [str(change) for change in compare_frames(a, b, parse_mask(mask))] == changes


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ip.tll", 'there is no field "ip.tll"; did you mean ip.ttl?'),
        ("ipid", 'there is no field "ipid"; did you mean ip.id?'),
        ("zzz", 'there is no field "zzz"; `emu schema` lists those that there are'),
    ],
)
def test_a_field_that_there_is_not_is_said(name: str, words: str) -> None:
    with pytest.raises(EmuError) as caught:
        parse_mask(["ip.ttl", name])
    assert str(caught.value) == words


def test_frames_that_differ_in_masked_fields_only_have_one_key() -> None:
    mask = parse_mask(["ip.ttl"])
    assert masked_key(ping(), mask) == masked_key(ping(ttl=9), mask)
    assert masked_key(ping(), mask) != masked_key(ping(ident=9), mask)


FRAMES = st.sampled_from([ping(), tunnel(42), ARP, TAGGED, b"", bytes(60)])


@given(FRAMES, st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), max_size=6))
def test_no_difference_is_left_untold(frame: bytes, edits: list[tuple[int, int]]) -> None:
    other = bytearray(frame)
    for place, value in edits:
        if other:
            other[place % len(other)] = value
    changes = compare_frames(frame, bytes(other))
    assert bool(changes) == (bytes(other) != frame)
    if field_values(frame) == field_values(bytes(other)):
        assert all(change.field.startswith("octet") for change in changes)
    starts = [int(it.field.split()[1].split("-")[0]) for it in changes if it.field[:5] == "octet"]
    assert all(x < y for x, y in pairwise(starts))


@given(st.binary(max_size=120), st.binary(max_size=120))
def test_any_two_frames_can_be_compared(a: bytes, b: bytes) -> None:
    assert bool(compare_frames(a, b)) == (a != b)
