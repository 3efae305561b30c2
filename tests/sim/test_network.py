"""What the network makes of effects, links, and those who come and go; and what it journals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emu.core.errors import EmuBug, Refused, Storm
from emu.core.time import Nanoseconds, microseconds, milliseconds, seconds
from emu.devices.hub import Hub
from emu.journal import (
    Arrived,
    Configured,
    DeviceAdded,
    DeviceRemoved,
    Linked,
    LinkSet,
    Lost,
    Sent,
    Ticked,
    Unlinked,
)
from emu.net.effects import Deliver, Drop, DropReason, Effects, Event, Hold
from emu.net.link import LinkSettings, PortRef
from emu.net.world import World
from emu.packet.frame import Frame, PacketId
from emu.sim import Network
from emu.sim import network as module
from tests.sim.puppets import HI, NOW, WHY, Memory, Puppet, send, world

LATE = seconds(9)
LATENCY = milliseconds(2)
ON_TIME = LinkSettings()


def pair(
    settings: LinkSettings = ON_TIME, *, says: Effects | None = None
) -> tuple[Network, Memory, Puppet]:
    """Return a network in which `a` and `b` are linked, its journal, and `b`."""
    b = Puppet("b", says=says)
    network, memory = world(Puppet("a"), b)
    network.connect(("a", "eth0"), ("b", "eth0"), settings)
    return network, memory, b


def lost(memory: Memory) -> list[tuple[Nanoseconds, DropReason]]:
    return [(record.time, record.reason) for record in memory.records if isinstance(record, Lost)]


# --- the life of a frame -------------------------------------------------------------------------


def test_a_frame_is_sent_and_arrives_and_the_journal_tells_both_with_one_serial() -> None:
    network, memory, b = pair(LinkSettings(latency=LATENCY))
    link = network.links[0]
    serial = network.inject("a", "eth0", HI)
    network.settle(LATE)
    (now, port, frame) = b.heard[0]
    assert memory.records[1:] == [
        Sent(NOW, serial, link, True, HI, module.INJECTED),
        Arrived(LATENCY, serial, "b", "eth0", (Drop("eth0", frame, DropReason.OTHERHOST, WHY),)),
    ]
    assert (now, port, frame.wire, frame.packet, frame.parent) == (
        *(LATENCY, "eth0", HI.wire, HI.packet),
        serial,
    )


def test_what_a_frame_causes_tells_it_by_its_parent() -> None:
    wire = Frame.new(b"first" * 12, PacketId(7))
    hub, c = Hub("hub", ports=("p1", "p2")), Puppet("c")
    network, memory = world(Puppet("a"), hub, c)
    network.connect(("a", "eth0"), ("hub", "p1"))
    network.connect(("hub", "p2"), ("c", "eth0"))
    network.inject("a", "eth0", wire)
    network.settle(LATE)
    first, second = [record for record in memory.records if isinstance(record, Sent)]
    assert (first.frame.parent, second.frame.parent) == (None, first.serial)
    assert (second.by_a, str(second.link)) == (True, "hub/p2")
    assert c.heard[0][2].parent == second.serial
    assert c.heard[0][2].packet == PacketId(7)


def test_what_is_injected_into_a_port_comes_from_the_other_end_of_its_link() -> None:
    network, memory, b = pair()
    serial = network.inject_into("b", "eth0", HI)
    network.settle(LATE)
    sent = memory.records[1]
    assert isinstance(sent, Sent)
    assert (sent.serial, sent.by_a, len(b.heard)) == (serial, True, 1)


def test_nothing_can_be_injected_into_a_port_without_a_link() -> None:
    network, _ = world(Puppet("a"))
    with pytest.raises(Refused, match='"a/eth0" has no link'):
        network.inject_into("a", "eth0", HI)


def test_a_frame_that_leaves_by_a_port_without_a_link_is_lost_there() -> None:
    network, memory = world(Puppet("host/br0"))
    serial = network.inject("host/br0", "p1", HI)
    assert memory.records == [
        Lost(NOW, serial, None, "host/br0", "p1", HI, DropReason.DEV_READY),
    ]
    assert network.in_flight == 0


def test_only_a_transmission_puts_a_frame_on_a_link() -> None:
    others: Effects = (
        Deliver("eth0", HI, WHY),
        Hold("eth0", HI, WHY),
        Drop("eth0", HI, DropReason.OTHERHOST, WHY),
        Event("noted"),
    )
    network, memory, b = pair(says=(*others, *send()))
    network.inject("a", "eth0", HI)
    network.settle(LATE)
    assert memory.said() == ["Linked", "Sent", "Arrived", "Sent", "Arrived"]
    assert len(b.heard) == 1


def test_the_effects_of_ticks_and_changes_are_carried_out_and_journalled() -> None:
    a = Puppet("a", deadlines=[1], on_tick=send())
    network, memory = world(a, Puppet("b"))
    network.connect(("a", "eth0"), ("b", "eth0"))
    assert network.configure("a", send()) == send()
    network.settle(LATE)
    network.advance(milliseconds(1))
    assert memory.said()[1:] == ["Configured", "Sent", "Arrived", "Ticked", "Sent", "Arrived"]
    assert memory.records[1] == Configured(NOW, "a", send(), send())
    assert memory.records[4] == Ticked(milliseconds(1), "a", send())


def test_a_tick_without_effects_is_not_worth_a_record() -> None:
    network, memory = world(Puppet("a", deadlines=[1]))
    network.advance(LATE)
    assert memory.said() == []


def test_a_change_that_is_refused_leaves_no_record() -> None:
    network, memory = world(Puppet("a"))
    with pytest.raises(Refused, match="Invalid argument"):
        network.configure("a", -1)
    assert memory.said() == []


def test_a_device_that_says_nothing_of_a_frame_is_a_bug() -> None:
    network, _, _ = pair(says=())
    network.inject("a", "eth0", HI)
    with pytest.raises(EmuBug, match="b said nothing of a frame that arrived on eth0"):
        network.settle(LATE)


# --- links ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "sizes", "arrivals"),
    [
        pytest.param(LinkSettings(), [60, 60], [0, 0], id="by default at once"),
        pytest.param(LinkSettings(latency=microseconds(5)), [60, 1500], [5, 5], id="after latency"),
        pytest.param(
            *(LinkSettings(bandwidth=8_000_000), [60, 100], [60, 160]),
            id="a slow wire takes one octet after the other, and one frame after the other",
        ),
        pytest.param(
            *(LinkSettings(bandwidth=8_000_000, latency=microseconds(5)), [60, 100], [65, 165]),
            id="and then the latency",
        ),
    ],
)
def test_when_frames_arrive(settings: LinkSettings, sizes: list[int], arrivals: list[int]) -> None:
    network, _, b = pair(settings)
    for size in sizes:
        network.inject("a", "eth0", Frame.new(bytes(size)))
    assert network.settle(LATE)
    assert [now for now, _, _ in b.heard] == [microseconds(at) for at in arrivals]


def test_a_part_of_a_nanosecond_on_the_wire_counts_as_a_whole() -> None:
    network, _, b = pair(LinkSettings(bandwidth=3_000_000_000))
    network.inject("a", "eth0", Frame.new(bytes(1)))
    network.settle(LATE)
    assert b.heard[0][0] == 3


def test_each_direction_has_a_wire_of_its_own() -> None:
    network, _, b = pair(LinkSettings(bandwidth=8_000_000))
    network.inject("b", "eth0", Frame.new(bytes(1000)))
    network.inject("a", "eth0", Frame.new(bytes(60)))
    network.settle(LATE)
    assert b.heard[0][0] == microseconds(60)


def test_a_queue_that_is_full_loses_what_comes() -> None:
    network, memory, b = pair(LinkSettings(bandwidth=8_000_000, queue=2))
    for _ in range(4):  # one leaves, two wait
        network.inject("a", "eth0", Frame.new(bytes(60)))
    assert lost(memory) == [(NOW, DropReason.QDISC_OVERLIMIT)]
    network.advance(microseconds(60))  # the first has left: there is room for one more
    network.inject("a", "eth0", Frame.new(bytes(60)))
    network.inject("a", "eth0", Frame.new(bytes(60)))
    assert len(lost(memory)) == 2
    network.settle(LATE)
    assert [now for now, _, _ in b.heard] == [microseconds(60 * n) for n in (1, 2, 3, 4)]


def test_a_link_that_is_down_loses_what_is_sent_and_what_is_on_its_way() -> None:
    network, memory, b = pair(LinkSettings(latency=LATENCY))
    network.inject("a", "eth0", HI)
    network.set_link("b", "eth0", LinkSettings(up=False, latency=LATENCY))
    network.inject("a", "eth0", HI)
    network.settle(LATE)
    assert lost(memory) == [(NOW, DropReason.DEV_READY), (LATENCY, DropReason.LINK_VANISHED)]
    network.set_link("a", "eth0", LinkSettings())
    network.inject("a", "eth0", HI)
    network.settle(LATE)
    assert len(b.heard) == 1
    assert [type(record) for record in memory.records if isinstance(record, Sent | Lost)] == [
        *(Sent, Sent, Lost),
        *(Lost, Sent),
    ]


@pytest.mark.parametrize("plugged_again", [False, True])
@pytest.mark.parametrize("end", ["a", "b"])
def test_what_is_on_a_link_that_is_taken_away_is_lost(end: str, plugged_again: bool) -> None:
    network, memory, b = pair(LinkSettings(latency=LATENCY))
    link = network.links[0]
    serial = network.inject("a", "eth0", HI)
    network.disconnect(end, "eth0")
    if plugged_again:
        network.connect(("a", "eth0"), ("b", "eth0"))
    network.settle(LATE)
    reason = DropReason.LINK_VANISHED
    assert memory.records[-1] == Lost(LATENCY, serial, link, "a", "eth0", HI, reason)
    assert b.heard == []
    assert network.in_flight == 0


def test_so_is_what_is_on_its_way_to_a_device_that_is_removed() -> None:
    network, memory, _ = pair(LinkSettings(latency=LATENCY))
    network.inject("a", "eth0", HI)
    network.remove("b")
    network.settle(LATE)
    assert memory.said()[2:] == ["Unlinked", "DeviceRemoved", "Lost"]
    assert lost(memory) == [(LATENCY, DropReason.LINK_VANISHED)]


def test_links_are_known_by_both_ends_and_listed_as_they_were_made() -> None:
    network, _ = world(Puppet("a"), Puppet("b"), Puppet("c", ports=("p1", "p2")))
    second = network.connect(("c", "p2"), ("b", "eth0"))
    first = network.connect(("a", "eth0"), ("c", "p1"), captured=False)
    assert list(network.links) == [second, first]
    assert (second.index, first.index) == (0, 1)
    assert (second.captured, first.captured) == (True, False)
    assert network.link("c", "p1") is network.link("a", "eth0") is first
    assert network.link("c", "p3") is None
    assert network.settings(first) == LinkSettings()
    network.disconnect("c", "p2")
    network.disconnect("c", "p2")
    assert list(network.links) == [first]
    assert network.connect(("c", "p2"), ("b", "eth0")).index == 2
    with pytest.raises(Refused, match='the link "c/p2" is gone'):
        network.settings(second)


def test_what_happens_to_links_is_journalled() -> None:
    network, memory, _ = pair()
    (link,) = network.links
    slow = LinkSettings(latency=LATENCY)
    network.set_link("b", "eth0", slow)
    assert network.settings(link) == slow
    network.disconnect("b", "eth0")
    assert memory.records == [
        Linked(NOW, link, LinkSettings()),
        LinkSet(NOW, link, slow),
        Unlinked(NOW, link),
    ]
    assert (link.a, link.b) == (PortRef("a", "eth0"), PortRef("b", "eth0"))


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        pytest.param(("a", "eth0"), ("c", "eth0"), '"a/eth0" has a link already', id="a's port"),
        pytest.param(("c", "eth0"), ("b", "eth0"), '"b/eth0" has a link already', id="b's port"),
        pytest.param(("c", "p1"), ("c", "p1"), '"c/p1" cannot be linked to itself', id="itself"),
        pytest.param(("c", "p1"), ("d", "p1"), 'there is no device "d"', id="nobody"),
    ],
)
def test_what_cannot_be_linked(a: tuple[str, str], b: tuple[str, str], words: str) -> None:
    network, memory, _ = pair()
    network.add(Puppet("c"))
    before = network.links
    with pytest.raises(Refused, match=words):
        network.connect(a, b)
    assert network.links == before
    assert network.link("c", "eth0") is None
    assert memory.said() == ["Linked", "DeviceAdded"]


def test_a_device_may_be_linked_to_itself_by_two_ports() -> None:
    network, memory = world(Puppet("a", ports=("p1", "p2")))
    network.connect(("a", "p1"), ("a", "p2"))
    network.inject("a", "p2", HI)
    network.settle(LATE)
    assert memory.said() == ["Linked", "Sent", "Arrived"]


# --- who comes and goes --------------------------------------------------------------------------


def test_devices_come_and_go_by_name() -> None:
    a = Puppet("a")
    network, memory = world()
    network.add(a)
    network.add(Puppet("b"))
    assert network.device("a") is a
    assert [device.name for device in network.devices] == ["a", "b"]
    network.remove("a")
    network.add(Puppet("a"))
    assert [device.name for device in network.devices] == ["b", "a"]
    assert memory.records == [
        DeviceAdded(NOW, "a", "Puppet"),
        DeviceAdded(NOW, "b", "Puppet"),
        DeviceRemoved(NOW, "a"),
        DeviceAdded(NOW, "a", "Puppet"),
    ]


def test_a_name_is_taken_once() -> None:
    network, _ = world(Puppet("a"))
    with pytest.raises(Refused, match='there is a device "a" already'):
        network.add(Puppet("a"))


def test_nothing_can_be_done_with_a_device_that_is_not_there() -> None:
    network, _ = world()
    for refused in (
        lambda: network.device("a"),
        lambda: network.remove("a"),
        lambda: network.configure("a", ()),
        lambda: network.inject("a", "eth0", HI),
        lambda: network.disconnect("a", "eth0"),
        lambda: network.link("a", "eth0"),
    ):
        with pytest.raises(Refused, match='there is no device "a"'):
            refused()


def test_a_link_that_is_not_there_cannot_be_set() -> None:
    network, _ = world(Puppet("a"))
    with pytest.raises(Refused, match='"a/eth0" has no link'):
        network.set_link("a", "eth0", LinkSettings())


def test_a_sink_hears_from_when_it_subscribes_until_it_does_not() -> None:
    early, late = Memory(), Memory()
    network = Network(early)
    network.add(Puppet("a"))
    network.subscribe(late)
    network.add(Puppet("b"))
    network.unsubscribe(early)
    network.add(Puppet("c"))
    assert (len(early.records), len(late.records)) == (2, 2)


def test_a_network_is_what_hosts_take_for_the_world() -> None:
    a_world: World = Network(now=milliseconds(4))
    assert a_world.now == milliseconds(4)


# --- storms --------------------------------------------------------------------------------------


def ring(latency: Nanoseconds) -> Network:
    """Return three hubs in a circle."""
    network, _ = world(*[Hub(name, ports=("p1", "p2")) for name in "abc"])
    for left, right in ("ab", "bc", "ca"):
        network.connect((left, "p1"), (right, "p2"), LinkSettings(latency=latency))
    return network


def test_frames_that_go_in_circles_in_no_time_are_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 1000)
    network = ring(NOW)
    network.inject("a", "p1", HI)
    with pytest.raises(Storm, match=r'1,000 frames .* 0 ns: they go in circles, by way of "./p1"'):
        network.settle(LATE)


def test_frames_that_go_in_circles_slowly_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 1000)
    network = ring(microseconds(1))
    network.inject("a", "p1", HI)
    assert not network.settle(milliseconds(9))
    assert network.now == milliseconds(9)


def test_many_frames_at_one_instant_are_no_storm_if_there_are_many_links(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 10)
    network, _ = world(*[Puppet(f"{n}") for n in range(40)])
    for n in range(0, 40, 2):
        network.connect((f"{n}", "eth0"), (f"{n + 1}", "eth0"))
    for n in range(0, 40, 2):
        for _ in range(20):
            network.inject(f"{n}", "eth0", HI)
    assert network.settle(LATE)


# --- the same again ------------------------------------------------------------------------------


@given(
    st.lists(
        st.tuples(st.sampled_from(["a", "b", "c"]), st.integers(0, 3), st.binary(max_size=40)),
        max_size=8,
    )
)
def test_the_same_run_is_the_same_journal(traffic: list[tuple[str, int, bytes]]) -> None:
    def run() -> str:
        hub = Hub("hub", ports=("p1", "p2", "p3"))
        network, memory = world(hub, *[Puppet(name) for name in "abc"])
        for name, port, latency in zip("abc", hub.ports, (1, 1, 2), strict=True):
            settings = LinkSettings(latency=milliseconds(latency), bandwidth=latency * 100_000)
            network.connect((name, "eth0"), ("hub", port), settings)
        for name, pause, wire in traffic:
            network.advance(milliseconds(pause))
            network.inject(name, "eth0", Frame.new(wire))
        network.settle(LATE)
        sent = {r.serial for r in memory.records if isinstance(r, Sent)}
        ended = [r.serial for r in memory.records if isinstance(r, Arrived | Lost)]
        assert sorted(ended) == sorted(sent)  # each ends once
        assert network.in_flight == 0
        return repr(memory.records)

    assert run() == run()
