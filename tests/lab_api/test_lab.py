"""A laboratory: scenarios and worlds made by hand, what is done in them and what is seen."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from emu.capture import read_frames
from emu.core.errors import EmuError, Refused, Storm
from emu.core.time import milliseconds
from emu.devices.hub import Hub
from emu.lab import Lab
from emu.packet.door import ARP, ICMP, IP, Dot1Q, Ether, Packet, Raw
from emu.scenario import load, record
from emu.scenario.shipped import find
from tests.lab_api.worlds import EVERYBODY, ONE, TWO, ask, two_pcs

# --- scenarios -----------------------------------------------------------------------------------


def test_a_scenario_is_performed_step_by_step() -> None:
    lab = Lab.load("lb-vlan")
    first = lab.step()
    assert first is not None
    assert (first.index, first.passed) == (1, True)
    assert lab.outcome.left_out == 2
    assert [step.index for step in lab.run().steps] == [0, 1, 2, 3]
    assert lab.outcome.passed
    assert lab.step() is None


def test_a_file_is_a_scenario_too_and_may_have_another_seed(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(find("hub").read_text())
    macs = []
    for lab in (Lab.load(file), Lab.load(str(file)), Lab.load(file, seed="other")):
        with lab.collect("pc1/eth0") as frames:
            assert lab.run().passed
        macs.append(frames[0].src)
    assert macs[0] == macs[1] != macs[2]


def test_what_is_written_down_is_what_emu_run_writes(tmp_path: Path) -> None:
    lab = Lab.load("lb-vlan")
    lab.run()
    ours = lab.record(tmp_path / "ours")
    theirs = record(load(find("lb-vlan")), tmp_path / "theirs")
    assert ours.outcome == theirs.outcome
    names = sorted(path.name for path in theirs.folder.iterdir())
    assert sorted(path.name for path in ours.folder.iterdir()) == names
    for name in names:
        assert (ours.folder / name).read_bytes() == (theirs.folder / name).read_bytes(), name
    assert lab.fates() == (theirs.folder / "fates.txt").read_text()


def test_a_run_can_be_written_down_again_when_more_has_happened(tmp_path: Path) -> None:
    lab = two_pcs()
    folder = tmp_path / "run"
    counts = []
    for _ in range(2):
        lab.ping("pc1", "pc2", count=1)
        lab.record(folder)
        counts.append(len(list(read_frames(folder / "pc1.eth0.pcapng"))))
    assert counts == [4, 6]


def test_a_step_has_the_words_and_the_verdict_of_a_file() -> None:
    lab = two_pcs()
    passed = lab.perform(ping={"from": "pc1", "to": "pc2"}, expect=[{"received": 3}])
    failed = lab.perform(ping={"from": "pc1", "to": "pc2"}, expect=[{"received": 2}])
    assert (passed.passed, failed.passed) == (True, False)
    assert [step.index for step in lab.outcome.steps] == [0, 1, 2]


# --- worlds made by hand -------------------------------------------------------------------------


def test_kinds_have_the_settings_that_a_file_gives_them() -> None:
    lab = Lab()
    lab.add("sw", "switch", vlans={"p1": {"access": 100}, "p2": {"trunk": [100, 101]}})
    lab.add("pc1", "namespace", addresses=["10.0.0.1/24"], routes=["default via 10.0.0.254"])
    lab.add("pc2", "namespace", nics={"eth0": {"mtu": 1400}})
    lab.connect("pc1/eth0", "sw/p1")
    lab.connect("pc2/eth0", "sw/p2")
    with lab.collect("pc2/eth0") as frames:
        lab.inject("pc1/eth0", ask(TWO))
    assert [frame[Dot1Q].vlan for frame in frames] == [100]
    with lab.collect("pc1/eth0") as frames:
        lab.ping("pc1", "192.0.2.1", count=1)
    assert frames[0][ARP].pdst == "10.0.0.254"


def test_a_host_takes_commands_and_prints_what_they_print() -> None:
    lab = Lab()
    lab.add("h1", "host", nics={"eth0": {}})
    lab.add("pc2", "namespace", addresses=["10.0.0.2/24"])
    lab.connect("h1/eth0", "pc2/eth0")
    printed = lab.execute("h1", "ip addr add 10.0.0.1/24 dev eth0\n# now\nping -c 1 10.0.0.2")
    assert "1 packets transmitted, 1 received, 0% packet loss" in printed
    lab.execute("h1", "ip link add br0 type bridge")
    assert lab.device("h1/br0").name == "h1/br0"


def test_a_device_that_was_made_is_added_as_it_is() -> None:
    lab = two_pcs()
    hub = lab.add(Hub("hub2"))
    lab.disconnect("pc2/eth0")
    lab.connect("pc2/eth0", "hub2/a")
    lab.connect("hub2/b", "hub1/b")
    assert hub.ports == ("a", "b")
    assert lab.ping("pc1", "pc2", count=1).received == 1


def test_the_seed_decides_what_is_random() -> None:
    def mac(seed: str) -> str:
        lab = Lab(seed=seed)
        lab.add("pc1", "namespace", addresses=["10.0.0.1/24"])
        lab.add("hub1", "hub")
        lab.connect("pc1/eth0", "hub1/p1")
        with lab.collect("pc1/eth0") as frames:
            lab.inject("pc1/eth0", ask(TWO))
        return str(frames[0].src)

    assert mac("a") == mac("a") != mac("b")


# --- time ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("time", "passes"), [(2, 2000), (0.25, 250), ("10ms", 10), ("5m", 300_000)]
)
def test_time_passes_in_seconds_or_with_a_unit(time: float | str, passes: int) -> None:
    lab = Lab()
    lab.advance(time)
    assert lab.now == milliseconds(passes)


def test_what_is_started_runs_while_time_passes() -> None:
    lab = two_pcs()
    lab.start("pc1", "ping -c 5 10.0.0.2")
    with lab.collect("pc2/eth0") as frames:
        lab.advance(1.5)
    assert [frame[ICMP].type for frame in frames if ICMP in frame] == [8, 0, 8, 0]


def test_a_ping_beside_a_started_one_has_a_result_of_its_own() -> None:
    lab = two_pcs()
    lab.start("pc1", "ping -c 2 10.0.0.2")
    assert lab.ping("pc2", "pc1", count=4).sent == 4


# --- frames --------------------------------------------------------------------------------------


def whole() -> Packet:
    return Ether(src="02:00:00:00:00:01", dst=EVERYBODY) / Raw(b"x" * 50)


@pytest.mark.parametrize(
    ("packet", "octets"),
    [
        pytest.param(whole(), bytes(whole()), id="a Scapy packet"),
        pytest.param(bytes(whole()), bytes(whole()), id="octets"),
        pytest.param(bytes(whole()).hex(), bytes(whole()), id="hexadecimal digits"),
        pytest.param(b"short", b"short", id="fewer octets than a header has"),
    ],
)
def test_what_is_injected_is_sent_as_it_is(packet: Packet | bytes | str, octets: bytes) -> None:
    lab = two_pcs()
    with lab.collect("pc2/eth0") as frames:
        assert lab.inject("pc1/eth0", packet) == "inject#1"
    assert [bytes(frame) for frame in frames] == [octets]


@pytest.mark.parametrize("packet", [ask(TWO), f"Ether()/ARP(pdst='{TWO}')"], ids=["packet", "text"])
def test_addresses_that_are_left_out_are_those_of_the_port(packet: Packet | str) -> None:
    lab = two_pcs()
    with lab.collect("pc1/eth0") as frames:
        lab.inject("pc1/eth0", packet)
    request, reply = frames
    assert (request.psrc, request.src, request.hwsrc) == (ONE, reply.dst, reply.dst)
    assert not isinstance(packet, Packet) or "psrc" not in packet[ARP].fields


def test_a_frame_is_sent_by_a_port_or_arrives_there() -> None:
    lab = two_pcs()
    with lab.collect("pc1/eth0") as frames:
        lab.inject("pc1/eth0", whole())
        lab.inject_into("pc1/eth0", whole())
    assert [sighting.outgoing for sighting in frames.sightings] == [True, False]


def test_the_way_of_a_frame_is_told_by_its_name() -> None:
    lab = two_pcs()
    first, second = lab.inject("pc1/eth0", whole()), lab.inject("pc1/eth0", ask(TWO))
    assert lab.trace(packet=first).count("inject#") == 1
    assert "delivered at pc2/eth0" in lab.trace(packet=second)
    assert [line.split()[0] for line in lab.fates().splitlines()] == [first, second, "pc2#1"]
    assert lab.trace(step=2).startswith("== step 2: a frame from pc1/eth0 ==")


def test_a_collection_knows_when_and_which_way_each_frame_went() -> None:
    lab = two_pcs(latency="5ms")
    with lab.collect("pc2/eth0") as frames:
        name = lab.inject("pc1/eth0", ask(TWO))
    request, reply = frames.sightings
    assert [request.time, reply.time] == [milliseconds(10), milliseconds(10)]
    assert [request.outgoing, reply.outgoing] == [False, True]
    assert [request.name, reply.name] == [name, "pc2#1"]
    assert str(request) == (f"0.010000000 pc2/eth0 in  inject#1  ARP who has {TWO}? tell {ONE}")
    assert str(frames).splitlines() == [str(request), str(reply)]


def test_collected_packets_are_what_scapy_would_have_sniffed() -> None:
    lab = two_pcs()
    with lab.collect("pc2/eth0") as frames:
        lab.inject("pc1/eth0", ask(TWO))
    assert [frame.direction for frame in frames] == [1, 2]
    assert [frame.sniffed_on for frame in frames] == ["pc2/eth0"] * 2
    assert str(frames[0].time) == "1767225600.010000000"
    assert frames[0] is frames[0]  # one's own, to change
    assert frames[:1] == [frames[0]]
    assert repr(frames) == "<2 frames at pc2/eth0>"


def test_a_collection_ends_with_its_with_and_goes_on_while_the_link_changes() -> None:
    lab = two_pcs()
    with lab.collect("pc2/eth0") as frames:
        lab.inject("pc1/eth0", whole())
        lab.disconnect("pc2/eth0")
        lab.connect("pc2/eth0", "hub1/again")
        lab.inject("pc1/eth0", whole())
    lab.inject("pc1/eth0", whole())
    assert len(frames) == 2


def test_a_frame_that_does_not_arrive_is_not_seen_there() -> None:
    lab = two_pcs()
    lab.perform(link={"at": "pc2/eth0", "up": False})
    with lab.collect("pc2/eth0") as here, lab.collect("hub1/pc2") as there:
        lab.inject("pc1/eth0", whole())
    assert (len(here), len(there)) == (0, 1)


# --- what is wrong -------------------------------------------------------------------------------

MISTAKES: dict[str, tuple[Callable[[Lab], object], str]] = {
    "no such scenario": (lambda _: Lab.load("lb-vlna"), 'did you mean "lb-vlan"?'),
    "no such kind": (
        lambda lab: lab.add("x", "hbu"),
        'there is no kind of device "hbu" (did you mean "hub"?)',
    ),
    "no such setting": (
        lambda lab: lab.add("x", "namespace", adresses=[]),
        'there is no key "adresses" here (did you mean "addresses"?)',
    ),
    "a name that is taken": (lambda lab: lab.add("pc1", "hub"), 'a device "pc1" already'),
    "a port without its device": (lambda lab: lab.connect("pc1", "hub1/x"), '"pc1" lacks its port'),
    "no such device": (lambda lab: lab.connect("pc9/eth0", "hub1/x"), 'no device "pc9"'),
    "a link on a port that has one": (
        lambda lab: lab.connect("pc1/eth0", "hub1/x"),
        '"pc1/eth0" has a link already',
    ),
    "no such port": (lambda lab: lab.collect("pc1/eth1"), 'did you mean "pc1/eth0"?'),
    "a command that is refused": (
        lambda lab: lab.execute("pc1", "ip link set eth7 up"),
        'Cannot find device "eth7"',
    ),
    "a command that is none": (lambda lab: lab.execute("pc1", "ip lnk"), "lnk"),
    "commands for a hub": (lambda lab: lab.execute("hub1", "ip link"), "hub1"),
    "an option that ping has not": (
        lambda lab: lab.ping("pc1", "pc2", cuont=1),
        'there is no key "cuont" here (did you mean "count"?)',
    ),
    "who pings is not there": (lambda lab: lab.ping("pc9", "pc2"), 'no device "pc9"'),
    "a time without sense": (lambda lab: lab.advance("soon"), '"soon" is not a time'),
    "a packet without Ethernet": (
        lambda lab: lab.inject("pc1/eth0", Raw(b"x")),
        "a frame begins with Ether or Dot3, not with Raw",
    ),
    "nobody knows the next hop": (
        lambda lab: lab.inject("pc1/eth0", Ether() / IP(dst=TWO)),
        "Ether.dst must be given: write the MAC address of the next hop",
    ),
    "a hub has no addresses to fill in": (
        lambda lab: lab.inject("hub1/pc1", ask(TWO)),
        "Ether.src left out, and hub1/pc1 has no address of its own to fill in",
    ),
    "an expression with a mistake": (
        lambda lab: lab.inject("pc1/eth0", "Ehter()"),
        "did you mean Ether?",
    ),
    "a hub has no routes": (lambda lab: lab.socket("hub1"), '"hub1" has no routes'),
}


@pytest.mark.parametrize(("do", "words"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_said_in_clear_words(do: Callable[[Lab], object], words: str) -> None:
    with pytest.raises(EmuError, match=re.escape(words)):
        do(two_pcs())


def test_a_step_that_is_refused_leaves_the_lab_as_it_is() -> None:
    lab = two_pcs()
    with pytest.raises(Refused):
        lab.execute("pc1", "ip link set eth7 up")
    assert lab.ping("pc1", "pc2", count=1).received == 1


def test_a_loop_ends_in_a_storm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emu.sim.network.PATIENCE", 1000)
    lab = two_pcs(latency="0s")
    lab.add("hub2", "hub")
    for port in ("a", "b"):
        lab.connect(f"hub1/{port}", f"hub2/{port}")
    with pytest.raises(Storm):
        lab.inject("pc1/eth0", whole())


def test_a_ping_may_take_as_long_as_it_takes_but_commands_end_some_time() -> None:
    lab = two_pcs()
    assert lab.ping("pc1", "pc2", count=1000).received == 1000
    with pytest.raises(EmuError, match="it does not end"):
        lab.execute("pc1", "ping -c 1000 10.0.0.2")
