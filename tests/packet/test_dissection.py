"""The fields of a frame: tshark is the judge."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from emu.packet.addresses import parse_inet, parse_mac
from emu.packet.dissection import DEPTH, Value, field_values
from emu.packet.dot1q import push_vlan
from emu.packet.fields import FIELDS, Kind
from emu.packet.frame import Frame
from tests.packet.judge import tshark
from tests.packet.specimens import WIRES
from tests.strategies import any_frames, valid_wires

Row = dict[str, tuple[Value, ...]]


def read(name: str, text: str) -> tuple[Value, ...]:
    """Return the values of a field as tshark prints them, separated by semicolons."""
    readers = {Kind.MAC: parse_mac, Kind.INET: parse_inet}
    if FIELDS[name].kind is Kind.PROTOCOL:
        return (1,) if text else ()
    reader = readers.get(FIELDS[name].kind, lambda number: int(number, 0))
    return tuple([reader(value) for value in text.split(";") if value])


def judged(wires: list[bytes], folder: Path) -> list[Row]:
    """Return what tshark finds in the frames, in one run."""
    asked = [word for name in FIELDS for word in ("-e", name)]
    separated = ("-T", "fields", "-E", "separator=|", "-E", "aggregator=;")
    lines = [line.split("|") for line in tshark(wires, folder, *separated, *asked)]
    return [
        {name: read(name, text) for name, text in zip(FIELDS, line, strict=True)} for line in lines
    ]


def found(wire: bytes) -> Row:
    """Return what emu finds in a frame, each protocol once."""
    values = field_values(wire)
    return {
        name: values.get(name, ())[: 1 if field.kind is Kind.PROTOCOL else None]
        for name, field in FIELDS.items()
    }


@pytest.fixture(scope="module")
def judgement(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Row]:
    rows = judged(list(WIRES.values()), tmp_path_factory.mktemp("tshark"))
    return dict(zip(WIRES, rows, strict=True))


@pytest.mark.parametrize("name", [name for name in WIRES if name != "IPv6"])
def test_the_fields_are_those_that_tshark_prints(name: str, judgement: dict[str, Row]) -> None:
    assert found(WIRES[name]) == judgement[name]


@pytest.mark.parametrize("field", FIELDS)
def test_each_field_is_seen_in_some_frame(field: str, judgement: dict[str, Row]) -> None:
    assert any(row[field] for row in judgement.values())


# tshark is started for each example: a few examples of many frames
@settings(
    max_examples=5,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[*HealthCheck],
)
@given(st.lists(valid_wires, min_size=40, max_size=40))
def test_the_fields_of_any_valid_frame_are_those_that_tshark_prints(
    tmp_path_factory: pytest.TempPathFactory, wires: list[bytes]
) -> None:
    rows = judged(wires, tmp_path_factory.mktemp("tshark"))
    assert [found(wire) for wire in wires] == rows


@given(any_frames)
def test_anything_can_be_looked_at_and_only_listed_fields_are_found(frame: Frame) -> None:
    sizes = {Kind.MAC: 6, Kind.INET: 4}
    for name, values in field_values(frame.wire).items():
        field = FIELDS[name]
        for value in values:
            if field.kind in sizes:
                assert len(value) == sizes[field.kind]
            else:
                assert 0 <= value < 1 << (field.bits or 1)


@given(valid_wires, st.data())
def test_of_a_frame_cut_short_the_headers_that_are_whole_are_found(
    wire: bytes, data: st.DataObject
) -> None:
    whole = field_values(wire)
    cut = field_values(wire[: data.draw(st.integers(0, len(wire)))])
    del whole["frame.len"], cut["frame.len"]
    assert all(whole[name][: len(values)] == values for name, values in cut.items())


def test_addresses_are_octets_and_occur_outermost_first() -> None:
    fields = field_values(WIRES["VXLAN"])
    assert fields["vxlan.vni"] == (100,)
    assert fields["eth.src"] == (parse_mac("fa:16:3e:00:00:0a"), parse_mac("fa:16:3e:00:00:0c"))
    assert fields["ip.dst"] == (parse_inet("10.0.2.10"), parse_inet("172.16.101.3"))
    assert "arp" not in fields


def test_ipv6_is_not_looked_into() -> None:
    assert [*field_values(WIRES["IPv6"])] == [*field_values(WIRES["unknown type"])]


def test_there_is_an_end_to_headers_in_headers() -> None:
    wire = WIRES["echo"]
    for vid in range(5000):
        wire = push_vlan(wire, vid % 4096)
    assert len(field_values(wire)["vlan.id"]) == DEPTH
