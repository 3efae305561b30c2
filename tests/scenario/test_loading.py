"""What a scenario file becomes: the cloud's blueprint, devices and links by hand, steps."""

from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest

from emu.core.errors import ScenarioError
from emu.core.time import microseconds, milliseconds, seconds
from emu.net.link import LinkSettings
from emu.neutron.blueprint import (
    Blueprint,
    HostPlan,
    Mechanism,
    NetworkPlan,
    NetworkType,
    NicPlan,
    PoolPlan,
    ServerPlan,
    SubnetPlan,
)
from emu.scenario import load
from emu.scenario.links import Cable

CLOUD = """
name: all
hosts:
  controller: {roles: [network, compute], nics: {eth1: physnet1, eth2: physnet2}}
  compute1: {}
physical_networks:
  physnet2: {bandwidth: 1gbit}
networks:
  vlan100:
    type: vlan
    physical_network: physnet1
    segmentation_id: 100
    mtu: 1400
    subnets:
      - {cidr: 172.16.100.0/24, name: no, gateway_ip: null}
      - cidr: 172.16.101.0/24
        gateway_ip: 172.16.101.254
        allocation_pools: [{start: 172.16.101.10, end: 172.16.101.19}]
  local1: {type: local, subnets: [{cidr: 172.16.1.0/24, enable_dhcp: off}]}
servers:
  on:
    host: controller
    nics:
      - {network: vlan100, fixed_ip: 172.16.100.3, mac_address: fa:16:3e:00:00:03}
      - {network: local1}
"""


def test_a_cloud_becomes_a_blueprint() -> None:
    assert load(CLOUD).blueprint == Blueprint(
        mechanism=Mechanism.LINUXBRIDGE,
        hosts=(
            HostPlan(
                name="controller",
                roles=("network", "compute"),
                nics=(("eth1", "physnet1"), ("eth2", "physnet2")),
            ),
            HostPlan(name="compute1", roles=("compute",), nics=()),
        ),
        networks=(
            NetworkPlan(
                name="vlan100",
                type=NetworkType.VLAN,
                physical_network="physnet1",
                segmentation_id=100,
                mtu=1400,
                subnets=(
                    SubnetPlan(cidr=IPv4Network("172.16.100.0/24"), name="no", gateway=False),
                    SubnetPlan(
                        cidr=IPv4Network("172.16.101.0/24"),
                        gateway_ip=IPv4Address("172.16.101.254"),
                        allocation_pools=(
                            PoolPlan(
                                start=IPv4Address("172.16.101.10"), end=IPv4Address("172.16.101.19")
                            ),
                        ),
                    ),
                ),
            ),
            NetworkPlan(
                name="local1",
                type=NetworkType.LOCAL,
                subnets=(SubnetPlan(cidr=IPv4Network("172.16.1.0/24")),),
            ),
        ),
        servers=(
            ServerPlan(
                name="on",
                host="controller",
                nics=(
                    NicPlan(
                        network="vlan100",
                        fixed_ip=IPv4Address("172.16.100.3"),
                        mac_address=bytes.fromhex("fa163e000003"),  # type: ignore[arg-type]
                    ),
                    NicPlan(network="local1"),
                ),
            ),
        ),
    )


def test_wires_of_a_physical_network_keep_their_latency_where_nothing_else_is_said() -> None:
    wires = load(CLOUD).wires
    assert wires == {"physnet2": LinkSettings(latency=microseconds(50), bandwidth=1_000_000_000)}


@pytest.mark.parametrize(
    ("written", "cable", "settings"),
    [
        pytest.param("[a/p1, b/p1]", ("a/p1", "b/p1"), LinkSettings(), id="in brief"),
        pytest.param("{ends: [a/p1, b/p1]}", ("a/p1", "b/p1"), LinkSettings(), id="at length"),
        pytest.param(
            "{ends: [a/p1, b/p1], latency: 2ms, bandwidth: 10mbit, queue: 5, up: no}",
            ("a/p1", "b/p1"),
            LinkSettings(latency=milliseconds(2), bandwidth=10_000_000, queue=5, up=False),
            id="with all that can be said",
        ),
    ],
)
def test_a_link_by_hand(written: str, cable: tuple[str, str], settings: LinkSettings) -> None:
    text = f"name: x\ndevices: {{a: {{kind: hub}}, b: {{kind: hub}}}}\nlinks: [{written}]"
    (link,) = load(text).links
    assert isinstance(link, Cable)
    assert link.ends == cable
    assert link.settings() == settings
    assert link.sockets() == (("a", "p1"), ("b", "p1"))


def test_what_a_file_leaves_out() -> None:
    scenario = load("name: little\ndescription:\nsteps:\ndevices:\n")
    assert (scenario.name, scenario.description, scenario.seed) == ("little", "", "emu")
    assert scenario.blueprint == Blueprint()
    assert (scenario.devices, scenario.links, scenario.steps) == ({}, (), ())
    assert not scenario.has_cloud


STEPS = """
name: steps
devices:
  pc1: {kind: namespace, addresses: [10.0.0.1/24]}
  pc2: {kind: namespace, addresses: [10.0.0.2/24]}
links: [[pc1/eth0, pc2/eth0]]
steps:
  - ping: {from: pc1, to: pc2}
  - name: what it shows
    ping: {from: pc1, to: 10.0.0.2, count: 5}
    timeout: 2s
  - arping: {from: pc1, to: pc2}
  - arping: {from: pc1, to: 10.0.0.1, answer: true}
  - advance: 301s
  - inject: {at: pc1/eth0, frame: "ffffffffffff 020000000001 88b5"}
  - inject: {into: pc1/eth0, frame: "ffffffffffff 020000000001 88b5"}
  - configure: {on: pc1, commands: [ip link set eth0 down, ip link set eth0 up]}
  - configure:
      on: pc1
      commands: |

        # nothing yet
        ip link set eth0 up
  - link: {at: pc1/eth0, up: false}
  - link: {at: pc1/eth0, latency: 1ms}
  - unplug: pc1/eth0
  - plug: [pc1/eth0, pc2/eth0]
"""


def test_every_step_has_a_kind_and_a_title() -> None:
    assert [(step.kind, step.title) for step in load(STEPS).steps] == [
        ("ping", "pc1 pings pc2"),
        ("ping", "what it shows"),
        ("arping", "pc1 asks for pc2"),
        ("arping", "pc1 announces 10.0.0.1"),
        ("advance", "301s pass"),
        ("inject", "a frame from pc1/eth0"),
        ("inject", "a frame into pc1/eth0"),
        ("configure", "pc1: ip link set eth0 down and 1 more"),
        ("configure", "pc1: ip link set eth0 up"),
        ("link", "the link at pc1/eth0 is down"),
        ("link", "the link at pc1/eth0 changes"),
        ("unplug", "pc1/eth0 is unplugged"),
        ("plug", "pc1/eth0 is plugged into pc2/eth0"),
    ]


def test_a_step_may_have_a_timeout_of_its_own() -> None:
    first, second, *_ = load(STEPS).steps
    assert (first.timeout, first.is_patient) == (seconds(600), True)
    assert (second.timeout, second.is_patient) == (seconds(2), False)


def test_a_file_is_read_whatever_line_ends_and_byte_order_mark_it_has(tmp_path: Path) -> None:
    path = tmp_path / "dos.yaml"
    path.write_bytes(b"\xef\xbb\xbfname: dos\r\nhosts:\r\n  compute1: {}\r\n")
    assert (load(path).name, load(path).file) == ("dos", str(path))


def test_a_file_that_is_not_there_is_a_mistake_too(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"gone.yaml:1:1: cannot be read: No such file"):
        load(tmp_path / "gone.yaml")


def test_a_text_has_the_name_that_it_is_given() -> None:
    with pytest.raises(ScenarioError, match=r"^editor:1:1: "):
        load("nmae: x", name="editor")


def test_a_phase_ends_with_its_mistakes() -> None:
    """The shape is wrong, so nobody asks yet what Neutron would say of compute9."""
    with pytest.raises(ScenarioError) as raised:
        load("name: x\nservers: {vm1: {host: compute9, nics: [{network: n, mac: x}]}}")
    assert "compute9" not in str(raised.value)
    assert len(raised.value.mistakes) == 1


def test_of_very_many_mistakes_the_first_are_said() -> None:
    with pytest.raises(ScenarioError) as raised:
        load("name: x\n" + "\n".join(f"k{n}: x" for n in range(1_000)))
    *said, last = raised.value.mistakes
    assert [mistake.line for mistake in said] == list(range(2, 52))
    assert (last.line, last.what) == (52, "here and below are 950 more mistakes")
