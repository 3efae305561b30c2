"""The journal as JSON Lines: what every line says, and that all of it can be read."""

import json
from dataclasses import dataclass
from enum import StrEnum
from io import StringIO
from ipaddress import IPv4Address, IPv4Network
from typing import Any

import pytest

from emu.core.time import milliseconds
from emu.journal import StepEnded
from emu.net.link import LinkSettings
from emu.packet.frame import Frame, Origin, origin_number
from emu.trace import JsonLinesSink
from emu.trace.jsonl import render
from tests.small_worlds import line

A1 = str(origin_number("a") << 32 | 1)
B1 = str(origin_number("b") << 32 | 1)
WIRE = bytes.fromhex("ffffffffffff02000000000a0800")
INJECT: dict[str, Any] = {
    "table": "inject",
    "rule": None,
    "fields": {},
    "before": None,
    "after": None,
    "text": "inject",
}
FRAME = {"packet": "a#1", "packet_id": A1, "parent": None, "size": 14}


@pytest.fixture
def lines() -> list[dict[str, Any]]:
    """Return a run in which every kind of effect and every end of a frame occurs."""
    file = StringIO()
    sink = JsonLinesSink(file)
    network = line(sink, whims=["forward", "answer", "refuse", "hold"])
    network.inject("a", "eth0", Frame.new(WIRE, Origin("a").number()))
    network.settle(milliseconds(1))
    network.configure("h1/middle", "give up")
    network.set_link("b", "eth0", LinkSettings(up=False))
    network.configure("b", "eth0")
    network.disconnect("b", "eth0")
    network.configure("b", "eth0")
    sink.close()
    return [json.loads(text) for text in file.getvalue().splitlines()]


def of(lines: list[dict[str, Any]], record: str) -> list[dict[str, Any]]:
    return [line for line in lines if line.get("record") == record]


def test_the_first_line_says_what_the_others_are(lines: list[dict[str, Any]]) -> None:
    epoch = 1_767_225_600_000_000_000
    assert lines[0] == {"format": "emu-journal", "schema_version": 1, "epoch": epoch}
    assert all(list(line)[:2] == ["record", "time"] for line in lines[1:])


def test_a_device_that_came(lines: list[dict[str, Any]]) -> None:
    assert lines[1] == {"record": "DeviceAdded", "time": 0, "device": "h1/middle", "kind": "Fickle"}


def test_a_link_that_came(lines: list[dict[str, Any]]) -> None:
    linked = of(lines, "Linked")[1]
    settings = linked.pop("settings")
    assert linked == {
        "record": "Linked",
        "time": 0,
        "link": "h1/tap-b",
        "link_index": 1,
        "a": {"device": "h1/middle", "port": "tap-b"},
        "b": {"device": "b", "port": "eth0"},
        "captured": True,
    }
    assert settings["type"] == "LinkSettings"
    assert (settings["latency"], settings["bandwidth"], settings["up"]) == (10_000, None, True)


def test_a_link_that_changed_and_one_that_went(lines: list[dict[str, Any]]) -> None:
    (changed,), (gone,) = of(lines, "LinkSet"), of(lines, "Unlinked")
    assert (changed["link"], changed["settings"]["up"]) == ("h1/tap-b", False)
    assert (gone["link"], gone["link_index"]) == ("h1/tap-b", 1)


def test_a_frame_that_was_sent(lines: list[dict[str, Any]]) -> None:
    sent = of(lines, "Sent")[0]
    summary = sent["frame"].pop("summary")
    assert isinstance(summary, str)
    assert sent == {
        "record": "Sent",
        "time": 0,
        "serial": 1,
        "link": "h1/tap-a",
        "link_index": 0,
        "from": "a/eth0",
        "to": "h1/tap-a",
        "frame": {**FRAME, "wire": WIRE.hex()},
        "why": [INJECT],
    }


def test_a_frame_that_arrived_and_was_sent_on(lines: list[dict[str, Any]]) -> None:
    step = INJECT | {"table": "fdb", "rule": "a row", "text": "fdb: a row"}
    frame = {**FRAME, "parent": 1}
    assert of(lines, "Arrived")[0] == {
        "record": "Arrived",
        "time": 10_000,
        "serial": 1,
        "device": "h1/middle",
        "port": "tap-a",
        "effects": [
            {"effect": "Transmit", "port": port, "frame": frame, "why": [step]}
            for port in ("eth1.100", "tap-b")
        ][::-1],
    }


def test_what_becomes_of_a_frame_shows_its_octets(lines: list[dict[str, Any]]) -> None:
    delivered, dropped = of(lines, "Arrived")[1:3]
    assert delivered["effects"][0]["effect"] == "Deliver"
    assert delivered["effects"][0]["frame"]["wire"] == WIRE.hex()
    assert dropped["effects"][0]["frame"]["wire"] == WIRE.hex()
    assert (dropped["effects"][0]["reason"], dropped["effects"][0]["class"]) == (
        *("NEIGH_FAILED", "misconfigured"),
    )


def test_an_answer_has_its_own_name_and_its_cause(lines: list[dict[str, Any]]) -> None:
    answer = of(lines, "Sent")[3]
    assert (answer["frame"]["packet"], answer["frame"]["packet_id"]) == ("b#1", B1)
    assert (answer["frame"]["parent"], answer["from"]) == (2, "b/eth0")


def test_an_event(lines: list[dict[str, Any]]) -> None:
    events = [e for line in of(lines, "Arrived") for e in line["effects"] if e["effect"] == "Event"]
    assert events == [{"effect": "Event", "value": "answered", "why": []}]


def test_a_change_and_what_it_did(lines: list[dict[str, Any]]) -> None:
    gave_up = of(lines, "Configured")[0]
    assert (gave_up["device"], gave_up["change"]) == ("h1/middle", "give up")
    assert [effect["effect"] for effect in gave_up["effects"]] == ["Drop"]


def test_a_frame_that_was_lost_has_its_octets_if_it_was_never_sent(
    lines: list[dict[str, Any]],
) -> None:
    sent, unsent = of(lines, "Lost")
    assert (sent["link"], sent["reason"], "wire" in sent["frame"]) == (
        *("h1/tap-b", "DEV_READY", False),
    )
    assert (unsent["link"], unsent["device"], unsent["port"]) == (None, "b", "eth0")
    assert unsent["frame"]["wire"] == bytes(60).hex()


def test_whole_steps_are_handed_over_at_once() -> None:
    class Flushed(StringIO):
        flushes = 0

        def flush(self) -> None:
            self.flushes += 1

    file = Flushed()
    sink = JsonLinesSink(file)
    network = line(sink)
    assert file.flushes == 0
    network.record(StepEnded(network.now, 1, passed=True))
    assert file.flushes == 1


class State(StrEnum):
    STALE = "stale"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    mac: bytes
    address: IPv4Address
    state: State
    ports: tuple[str, ...] = ()
    _hidden: int = 0


@pytest.mark.parametrize(
    ("value", "rendered"),
    [
        pytest.param(7, 7, id="a number"),
        pytest.param(True, True, id="a truth value"),
        pytest.param(None, None, id="nothing"),
        pytest.param("text", "text", id="text"),
        pytest.param(State.STALE, "stale", id="a state"),
        pytest.param(bytes.fromhex("fa163e000001"), "fa:16:3e:00:00:01", id="a MAC address"),
        pytest.param(IPv4Network("10.0.0.0/8"), "10.0.0.0/8", id="a network"),
        pytest.param((1, (b"\x01", None)), [1, ["01", None]], id="a tuple"),
        pytest.param({IPv4Address("10.0.0.1"): State.STALE}, {"10.0.0.1": "stale"}, id="a mapping"),
        pytest.param(
            Row(mac=b"\x01\x02", address=IPv4Address("10.0.0.1"), state=State.STALE, ports=("p1",)),
            {
                "type": "Row",
                "mac": "01:02",
                "address": "10.0.0.1",
                "state": "stale",
                "ports": ["p1"],
            },
            id="a value of many fields, less what is hidden",
        ),
    ],
)
def test_how_a_value_is_rendered(value: object, rendered: object) -> None:
    assert render(value) == rendered
    json.dumps(rendered)
