"""What each kind of step does."""

import pytest

from emu.scenario import StepOutcome
from tests.scenario.stages import PING, last, outcome_of, texts

CLOUD = """
name: cloud
hosts:
  compute1: {}
networks:
  net1: {type: local, subnets: [{cidr: 10.0.1.0/24}]}
  net2: {type: local, subnets: [{cidr: 10.0.2.0/24}]}
servers:
  vm1: {host: compute1, nics: [{network: net1, fixed_ip: 10.0.1.3}]}
  vm2:
    host: compute1
    nics: [{network: net1, fixed_ip: 10.0.1.4}, {network: net2, fixed_ip: 10.0.2.4}]
  vm3: {host: compute1, nics: [{network: net2, fixed_ip: 10.0.2.3}]}
steps:
"""


def printed(step: StepOutcome) -> str:
    return "\n".join(step.output)


# --- ping, arping --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "address"),
    [
        pytest.param("vm1", "10.0.1.4", id="on the first subnet"),
        pytest.param("vm3", "10.0.2.4", id="on the second"),
    ],
)
def test_of_several_addresses_that_on_a_common_subnet_is_meant(source: str, address: str) -> None:
    step = last(f"  - ping: {{from: {source}, to: vm2, count: 1}}\n", world=CLOUD)
    assert step.passed
    assert step.output[0].startswith(f"PING {address} ({address})")


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ("size: 100", "PING 10.0.0.2 (10.0.0.2) 100(128) bytes of data."),
        ("count: 2, interval: 200ms", "2 packets transmitted, 2 received, 0% packet loss, time "),
        ("interface: eth0", "PING 10.0.0.2 (10.0.0.2) from 10.0.0.1 eth0: 56(84) bytes of data."),
        (
            "source_address: 10.0.0.1",
            "PING 10.0.0.2 (10.0.0.2) from 10.0.0.1 : 56(84) bytes of data.",
        ),
    ],
)
def test_options_of_ping(options: str, line: str) -> None:
    assert line in printed(last(f"  - ping: {{from: pc1, to: pc2, {options}}}\n"))


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ("ttl: 5", "{ip.ttl: 5}"),
        ("pmtudisc: do", "{ip.flags.df: true, ip.id: 0}"),
        ("pmtudisc: dont", "{ip.flags.df: false}"),
        ("size: 10", "{ip.len: 38}"),
    ],
)
def test_options_of_ping_on_the_wire(options: str, match: str) -> None:
    step = f"  - ping: {{from: pc1, to: pc2, {options}}}\n"
    expected = f"    expect: [{{link: pc1/eth0, match: {match}, sent_by: pc1/eth0, count: 3}}]\n"
    assert last(step + expected).passed


def test_a_broadcast_is_pinged_only_on_purpose() -> None:
    ping = "  - ping: {from: pc1, to: 10.0.0.255, count: 1, wait: 1s%s}\n"
    careful = last(ping % "" + "    expect: [{exit_status: 2, printed: broadcast}]\n")
    assert careful.passed
    assert last(ping % ", broadcast: yes" + "    expect: [{sent: 1, received: 0}]\n").passed


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ("to: 10.0.0.1, unsolicited: true", "{arp.opcode: 1, arp.isgratuitous: true}"),
        ("to: 10.0.0.1, answer: true", "{arp.opcode: 2, arp.isgratuitous: true}"),
        ("to: pc2, source_address: 10.0.0.1", "{arp.opcode: 1, arp.src.proto_ipv4: 10.0.0.1}"),
    ],
)
def test_options_of_arping(options: str, match: str) -> None:
    step = f"  - arping: {{from: pc1, {options}}}\n"
    seen = f"{{link: pc3/eth0, match: {match}, count: 1}}"
    assert last(f"{step}    expect: [{{sent: 1}}, {seen}]\n").passed


def test_arping_gives_up_at_its_deadline() -> None:
    step = last(
        "  - arping: {from: pc1, to: 10.0.0.9, count: 9, deadline: 3s}\n    expect: [{sent: 4}]\n"
    )
    assert step.passed


# --- inject --------------------------------------------------------------------------------------

ETHERTYPE = "{eth.type: 0x88b5}"


def test_a_frame_in_hexadecimal_is_sent_as_it_is() -> None:
    frame = "02:00:00:00:00:02 02:00:00:00:00:99 88b5 00"
    seen = "{link: pc2/eth0, match: {eth.type: 0x88b5, eth.src: 02:00:00:00:00:99, frame.len: 15}}"
    step = f'  - inject: {{at: pc1/eth0, frame: "{frame}"}}\n    expect: [{seen}]\n'
    assert last(step).passed


def test_addresses_that_are_left_out_are_those_of_the_sender_and_the_notes_say_so() -> None:
    frame = "Ether(dst='ff:ff:ff:ff:ff:ff')/ARP(pdst='10.0.0.2')"
    step = last(
        f'  - inject: {{at: pc1/eth0, frame: "{frame}"}}\n'
        "    expect: [{delivered: {at: pc2, match: {arp.src.proto_ipv4: 10.0.0.1}}}]\n"
    )
    assert step.passed
    assert step.notes == (
        "filled in: Ether.src=02:00:00:00:00:01, ARP.hwsrc=02:00:00:00:00:01, ARP.psrc=10.0.0.1",
    )


def test_a_frame_can_be_made_to_arrive() -> None:
    """Its sender, which is the other end of the link, knows nothing of it."""
    step = last(
        '  - inject: {into: pc2/eth0, frame: "ffffffffffff 020000000009 88b5"}\n'
        f"    expect: [{{link: pc2/eth0, match: {ETHERTYPE}, sent_by: hub1/p2, count: 1}},"
        "             {link: pc1/eth0, count: 0}]\n"
    )
    assert step.passed


def test_a_frame_can_be_sent_several_times() -> None:
    step = last(
        "  - inject: {at: pc1/eth0, count: 3, interval: 2s,"
        '             frame: "ffffffffffff 020000000009 88b5"}\n'
        f"    expect: [{{link: pc3/eth0, match: {ETHERTYPE}, count: 3}}]\n"
    )
    assert step.passed
    assert step.ended == 4_000_000_000


# --- configure -----------------------------------------------------------------------------------


def test_commands_work_on_a_guest_as_on_a_host() -> None:
    outcome = outcome_of(
        "  - configure: {on: vm1, commands: [ip addr add 10.0.2.9/24 dev eth0]}\n"
        "  - configure: {on: compute1, commands: [ip link add br9 type bridge]}\n"
        "  - configure: {on: compute1, commands: [ip link add br9 type bridge]}\n"
        "    expect: [{refused: File exists}]\n",
        world=CLOUD,
    )
    assert outcome.passed


def test_a_host_made_by_hand_has_bridges_and_vlans() -> None:
    world = """
name: host
devices:
  host1:
    kind: host
    nics: {eth1: {mac_address: 02:00:00:00:00:11}, eth2: {mtu: 1400}}
    addresses: [10.0.0.11/24]
    commands: |
      ip link add br0 type bridge
      ip link set br0 up
      ip link set eth2 master br0
      ip addr add 10.0.9.1/24 dev br0
  pc1: {kind: namespace, addresses: [10.0.0.1/24]}
  pc2: {kind: namespace, addresses: [10.0.9.2/24]}
links: [[pc1/eth0, host1/eth1], [pc2/eth0, host1/eth2]]
steps:
"""
    outcome = outcome_of(
        "  - ping: {from: pc1, to: host1, count: 1}\n"
        "    expect: [{received: 1}, {link: pc1/eth0, match: {eth.src: 02:00:00:00:00:11}}]\n"
        "  - ping: {from: pc2, to: 10.0.9.1, count: 1}\n"
        "    expect: [{received: 1}, {link: host1/br0, match: {icmp: true}, count: 2}]\n",
        world=world,
    )
    assert outcome.passed


# --- link, plug, unplug --------------------------------------------------------------------------


def test_a_link_that_is_down_carries_nothing_and_one_that_is_up_again_does() -> None:
    ping = "  - ping: {from: pc1, to: pc2, count: 1}\n"
    down = f"  - link: {{at: hub1/p2, up: false}}\n{ping}    expect: [{{received: 0}}]\n"
    up = f"  - link: {{at: pc2/eth0, up: true}}\n{ping}"
    assert outcome_of(down + up).passed


def test_what_is_not_said_of_a_link_stays_as_it_is() -> None:
    steps = "  - link: {at: pc1/eth0, latency: 5ms}\n  - link: {at: pc1/eth0, bandwidth: 1gbit}\n"
    assert last(steps + PING).output[1].endswith("time=20.0 ms")  # the first had to wait for ARP


def test_a_plug_is_pulled_and_put_in_elsewhere() -> None:
    outcome = outcome_of(
        "  - unplug: pc2/eth0\n"
        "  - ping: {from: pc1, to: pc2, count: 1}\n"
        "    expect: [{received: 0}, {link: pc3/eth0, match: {arp: true}}]\n"
        "  - plug: [pc2/eth0, hub1/p9]\n"
        "  - ping: {from: pc1, to: pc2, count: 1}\n"
        "    expect: [{received: 1}, {link: hub1/p9, match: {icmp: true}, count: 2}]\n"
    )
    assert outcome.passed


def test_a_plug_makes_the_nic_that_it_needs() -> None:
    outcome = outcome_of(
        "  - plug: {ends: [pc3/eth1, pc2/eth1], latency: 1ms}\n"
        "  - configure: {on: pc3, commands: [ip addr add 10.0.5.3/24 dev eth1]}\n"
        "  - configure: {on: pc2, commands: [ip addr add 10.0.5.2/24 dev eth1]}\n"
        "  - ping: {from: pc3, to: 10.0.5.2, count: 1}\n"
    )
    assert outcome.passed


def test_a_link_is_addressed_by_a_pattern_if_only_one_is_meant() -> None:
    assert last("  - link: {at: compute1/tap*, up: false}\n", world=CLOUD).findings[0].details[
        0
    ] == ('"compute1/tap*" names 4 links: ' + ", ".join(TAPS))


TAPS = ["compute1/" + port.tap for port in outcome_of("  - advance: 1s\n", world=CLOUD).ports]


def test_time_passes() -> None:
    step = last("  - advance: 90s\n")
    assert (step.ended, texts(step)) == (90_000_000_000, [])
