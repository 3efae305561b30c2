"""Our pcapng blocks are those of python-pcapng, to the octet."""

from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emu.capture import pcapng
from emu.capture.pcapng import DROPPED, Direction
from emu.core.time import Nanoseconds
from tests.capture.judges import Judge, packets

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=9)
times = st.integers(0, 2**64 - 1).map(Nanoseconds)
numbers = st.integers(0, 2**64 - 1)
wires = st.binary(min_size=1, max_size=70)  # python-pcapng cannot write an empty packet


def test_a_section_header_names_emu_and_no_version() -> None:
    assert pcapng.build_section() == Judge().take()


@given(words, words)
def test_an_interface_has_name_description_and_nanoseconds(name: str, description: str) -> None:
    judge = Judge()
    judge.take()
    judge.interface(name, description)
    assert pcapng.build_interface(name, description) == judge.take()


@given(st.dictionaries(st.ip_addresses(v=4), words.filter(bool), max_size=4))
def test_addresses_have_names(names: dict[IPv4Address, str]) -> None:
    judge = Judge()
    judge.take()
    records = [{"type": 1, "address": str(ip), "names": [name]} for ip, name in names.items()]
    judge.write("NameResolution", records=records)
    assert pcapng.build_names(names) == judge.take()


@given(
    unix=times,
    wire=wires,
    comments=st.lists(words, max_size=3),
    direction=st.sampled_from(Direction),
    number=numbers,
    dropped=st.booleans(),
)
def test_a_packet_has_comments_direction_verdict_and_id(
    *,
    unix: Nanoseconds,
    wire: bytes,
    comments: list[str],
    direction: Direction,
    number: int,
    dropped: bool,
) -> None:
    judge = Judge()
    judge.interface("a", "a")
    judge.interface("b", "b")
    judge.take()
    options = {"opt_comment": comments, "epb_flags": int(direction)}
    verdict = {"epb_verdict": [(1, (2).to_bytes(8, "little"))]} if dropped else {}
    judge.write(
        "EnhancedPacket",
        interface_id=1,
        timestamp_high=unix >> 32,
        timestamp_low=unix & 0xFFFFFFFF,
        packet_data=wire,
        options=options | verdict | {"epb_packetid": number},
    )
    annotations = pcapng.build_annotations(comments, direction, DROPPED if dropped else None)
    rest = pcapng.build_rest(unix, wire, annotations, number)
    assert pcapng.build_packet(1, rest) + rest == judge.take()


@given(times, numbers)
def test_statistics_count_frames(unix: Nanoseconds, frames: int) -> None:
    judge = Judge()
    judge.interface("a", "a")
    judge.take()
    judge.write(
        "InterfaceStatistics",
        interface_id=0,
        timestamp_high=unix >> 32,
        timestamp_low=unix & 0xFFFFFFFF,
        options={"isb_ifrecv": frames},
    )
    assert pcapng.build_statistics(0, unix, frames) == judge.take()


@pytest.mark.parametrize(
    ("comment", "kept"),
    [
        pytest.param("x" * 65535, 65535, id="what an option holds is whole"),
        pytest.param("x" * 65536, 65535, id="what it does not hold is cut off"),
        pytest.param("x" * 65534 + "\u2192", 65534, id="no character is cut in two"),
    ],
)
def test_a_long_comment(comment: str, kept: int) -> None:
    annotations = pcapng.build_annotations([comment], Direction.INBOUND)
    rest = pcapng.build_rest(Nanoseconds(0), b"wire", annotations, 1)
    before = pcapng.build_section() + pcapng.build_interface("a", "a")
    file = before + pcapng.build_packet(0, rest) + rest
    assert packets(file)[0].options["opt_comment"] == comment[:kept]
