"""What the table of a run counts."""

from emu.core.time import milliseconds
from emu.net.effects import DropReason
from emu.net.link import LinkSettings
from emu.packet.frame import Frame
from emu.trace import DropRow, LinkCounts
from tests.small_worlds import line

LATER = milliseconds(1000)
WIRE = bytes(60)


def rows(counts: LinkCounts) -> dict[str, tuple[int, ...]]:
    return {
        str(row.link): (
            *(row.frames_from_a, row.octets_from_a, row.frames_from_b, row.octets_from_b),
            row.lost,
        )
        for row in counts.links
    }


def test_frames_and_octets_are_counted_in_each_direction() -> None:
    counts = LinkCounts()
    network = line(counts, whims=["forward", "answer"])
    network.inject("a", "eth0", Frame.new(WIRE))
    network.settle(LATER)
    network.inject("c", "eth0", Frame.new(WIRE[:10]))
    counts.close()
    assert rows(counts) == {
        "h1/tap-a": (0, 0, 1, 60, 0),
        "h1/tap-b": (1, 60, 1, 60, 0),
        "h1/eth1.100": (1, 60, 1, 10, 0),
    }


def test_a_frame_that_is_lost_was_sent() -> None:
    counts = LinkCounts()
    network = line(counts)
    network.set_link("a", "eth0", LinkSettings(up=False))
    network.inject("a", "eth0", Frame.new(WIRE))
    assert rows(counts)["h1/tap-a"] == (0, 0, 1, 60, 1)


def test_a_link_that_comes_again_counts_on_and_one_to_another_port_begins() -> None:
    counts = LinkCounts()
    network = line(counts)
    for station in ("a", "a", "c"):
        network.disconnect("h1/middle", "tap-a")
        network.disconnect(station, "eth0")
        network.connect(("h1/middle", "tap-a"), (station, "eth0"))
        network.inject(station, "eth0", Frame.new(WIRE))
    assert [row.frames_from_b for row in counts.links] == [2, 0, 0, 1]


def test_a_sink_that_joins_late_counts_from_then_on() -> None:
    network = line()
    network.inject("a", "eth0", Frame.new(WIRE))
    counts = LinkCounts()
    network.subscribe(counts)
    network.inject("a", "eth0", Frame.new(WIRE))
    assert rows(counts) == {"h1/tap-a": (0, 0, 1, 60, 0)}


def test_drops_are_counted_by_device_and_reason() -> None:
    counts = LinkCounts()
    network = line(counts, whims=["forward", "refuse", "refuse", "hold", "ignore"])
    for station in "aba":
        network.inject(station, "eth0", Frame.new(WIRE))
        network.settle(LATER)
    network.configure("h1/middle", "give up")
    network.disconnect("b", "eth0")
    network.configure("b", "eth0")
    assert counts.drops == (
        DropRow("b", DropReason.DEV_READY, 1),  # it has no link
        DropRow("b", DropReason.NEIGH_FAILED, 1),
        DropRow("c", DropReason.NEIGH_FAILED, 1),
        DropRow("h1/middle", DropReason.NEIGH_FAILED, 1),
        DropRow("h1/middle", DropReason.OTHERHOST, 1),
    )
