"""tshark reads from our captures what was put into them."""

from ipaddress import IPv4Address
from pathlib import Path

import pytest

from emu.capture import CaptureSink
from emu.core.time import milliseconds
from emu.packet.frame import Frame, Origin
from tests.capture.judges import rows
from tests.small_worlds import line

NUMBER = str(Origin("a").number())
NUMBER_OF_B = str(Origin("b").number())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the captures of a frame that b answers and c drops; the answer is held."""
    folder = tmp_path_factory.mktemp("run")
    sink = CaptureSink(folder, names={IPv4Address("10.0.0.1"): "a"})
    network = line(sink, whims=["forward", "answer", "refuse", "hold"])
    network.inject("a", "eth0", Frame.new(bytes(60), Origin("a").number()))
    network.settle(milliseconds(1))
    sink.close()
    return folder


def test_the_file_of_the_run_shows_every_link(folder: Path) -> None:
    inbound, outbound, shot = "0x00000001", "0x00000002", "2"
    assert rows(folder / "run.pcapng") == [
        [
            *("h1/tap-a", "h1/tap-a <-> a/eth0", "1767225600.000000000", inbound, NUMBER, "", "60"),
            "inject|forwarded to tap-b, eth1.100",
        ],
        [
            *(
                "h1/tap-b",
                "h1/tap-b <-> b/eth0",
                "1767225600.000010000",
                outbound,
                NUMBER,
                "",
                "60",
            ),
            "fdb: a row|delivered at b/eth0 (mac: mine)",
        ],
        [
            *("h1/eth1.100", "h1/eth1.100 <-> c/eth0", "1767225600.000010000", outbound, NUMBER),
            *(shot, "60"),
            "fdb: a row|dropped NEIGH_FAILED at c/eth0 (iptables: -A FORWARD -j DROP)",
        ],
        [
            *("h1/tap-b", "h1/tap-b <-> b/eth0", "1767225600.000020000", inbound, NUMBER_OF_B),
            *("", "60"),
            "mac: mine|held at h1/tap-b (neigh: 10.0.0.9 INCOMPLETE)",
        ],
    ]


def test_the_file_of_a_link_shows_what_that_link_carried(folder: Path) -> None:
    whole = rows(folder / "run.pcapng")
    for link, name in {"h1/tap-a": "h1.tap-a", "h1/tap-b": "h1.tap-b"}.items():
        assert rows(folder / f"{name}.pcapng") == [row for row in whole if row[0] == link]
