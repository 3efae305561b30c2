"""How steps run: when they end, what becomes of them, what the journal and the outcome tell."""

import pytest

from emu.core.errors import Refused
from emu.core.rng import Rng
from emu.core.time import milliseconds, seconds
from emu.devices.hub import Hub
from emu.journal import Record, Sent, StepBegun, StepEnded
from emu.scenario import load, run, watching
from emu.sim.network import Network
from tests.scenario.stages import PING, WORLD, last, outcome_of, texts


class Steps:
    """A sink that keeps where steps begin and end, and counts frames."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.frames = 0

    def write(self, record: Record) -> None:
        match record:
            case StepBegun(time=time, index=index, name=name):
                self.lines.append(f"{time / 1e9:g} begin {index} {name}")
            case StepEnded(time=time, index=index, passed=passed):
                self.lines.append(f"{time / 1e9:g} end {index} {passed}")
            case Sent():
                self.frames += 1
            case _:
                pass

    def close(self) -> None:
        raise AssertionError("sinks are the caller's to close")


CLOUD = """
name: cloud
hosts:
  controller: {nics: {eth1: physnet1}}
  compute1: {nics: {eth1: physnet1}}
physical_networks: {physnet1: {latency: 10ms}}
networks:
  vlan100:
    {type: vlan, physical_network: physnet1, segmentation_id: 7, subnets: [{cidr: 172.16.100.0/24}]}
servers:
  cirros-vm1: {host: controller, nics: [{network: vlan100, fixed_ip: 172.16.100.3}]}
  cirros-vm2: {host: compute1, nics: [{network: vlan100, fixed_ip: 172.16.100.4}]}
steps:
"""


def test_the_journal_tells_where_steps_begin_and_end_and_time_stands_between_them() -> None:
    sink = Steps()
    outcome_of(
        PING + "  - advance: 2s\n  - advance: 1s\n    expect: [{link: pc1/eth0}]\n", sinks=[sink]
    )
    assert sink.lines == [
        "0 begin 0 the world is built",
        "0 end 0 True",
        "0 begin 1 pc1 pings pc2",
        "2.048 end 1 True",
        "2.048 begin 2 2s pass",
        "4.048 end 2 True",
        "4.048 begin 3 1s pass",
        "5.048 end 3 False",
    ]
    assert sink.frames > 0


def test_the_outcome_tells_of_each_step() -> None:
    outcome = outcome_of("  - name: they talk\n" + PING.replace("  -", "   "))
    built, talk = outcome.steps
    assert (outcome.name, outcome.passed, outcome.left_out, outcome.ports) == ("stage", True, 0, ())
    assert (built.index, built.title, built.kind, built.passed) == (
        0,
        "the world is built",
        "",
        True,
    )
    assert (talk.index, talk.title, talk.kind, talk.passed) == (1, "they talk", "ping", True)
    assert (talk.begun, talk.ended) == (0, milliseconds(2048))
    assert talk.output[0] == "PING 10.0.0.2 (10.0.0.2) 56(84) bytes of data."
    assert talk.output[-2] == "3 packets transmitted, 3 received, 0% packet loss, time 2048ms"


def test_a_cloud_is_built_before_the_first_step_and_the_outcome_has_its_ports() -> None:
    outcome = outcome_of("  - ping: {from: cirros-vm1, to: cirros-vm2, count: 1}\n", world=CLOUD)
    assert outcome.passed
    assert [(port.server, port.netdev, str(port.ip), port.host) for port in outcome.ports] == [
        ("cirros-vm1", "eth0", "172.16.100.3", "controller"),
        ("cirros-vm2", "eth0", "172.16.100.4", "compute1"),
    ]


def test_the_wires_of_a_physical_network_are_as_the_file_says() -> None:
    ping = last("  - ping: {from: cirros-vm1, to: cirros-vm2, count: 2}\n", world=CLOUD)
    *_, rtt = ping.output  # request and reply go over two wires of 10 ms each
    assert rtt.startswith("rtt min/avg/max/mdev = 40.")


def test_the_same_seed_gives_the_same_run_and_another_another() -> None:
    scenario = load(CLOUD + PING.replace("pc", "cirros-vm"))
    first, again, other = (run(it).ports for it in (scenario, scenario, scenario.with_seed("x")))
    assert first == again
    assert [port.mac for port in first] != [port.mac for port in other]


# --- when a step ends ----------------------------------------------------------------------------


def test_a_step_of_which_no_end_was_foreseen_fails_when_it_is_stopped() -> None:
    step = last("  - ping: {from: pc1, to: pc2, count: 9999}\n")
    assert step.ended == seconds(600)
    assert texts(step)[0] == "FAIL it does not end: stopped at 600.000000 s, its timeout"
    assert step.output[-3] == "--- 10.0.0.2 ping statistics ---"


def test_a_timeout_of_its_own_interrupts_a_program_and_that_is_no_mistake() -> None:
    step = last(
        "  - ping: {from: pc1, to: pc2, count: 9999}\n    timeout: 2500ms\n"
        "    expect: [{sent: 3, received: 3, exit_status: 0}]\n"
    )
    assert step.passed
    assert step.ended == milliseconds(2500)
    assert step.notes == ("stopped at 2.500000 s, its timeout",)


def test_a_step_waits_for_the_frames_that_are_in_flight() -> None:
    slow = "  - link: {at: pc3/eth0, latency: 5s}\n"
    step = last(slow + '  - inject: {at: pc1/eth0, frame: "ffffffffffff 020000000001 88b5"}\n')
    assert step.ended == seconds(5)


LOOP = """
name: loop
devices: {hub1: {kind: hub}, hub2: {kind: hub}, pc1: {kind: namespace}}
links:
  - [pc1/eth0, hub1/p1]
  - {ends: [hub1/p2, hub2/p2], latency: 1ms}
  - {ends: [hub1/p3, hub2/p3], latency: 1ms}
steps:
"""
BROADCAST = '  - inject: {at: pc1/eth0, frame: "ffffffffffff 020000000001 88b5"}\n'


def test_a_storm_ends_at_the_timeout_that_its_author_gave_it() -> None:
    step = last(
        f"{BROADCAST}    timeout: 100ms\n    expect: [{{link: hub1/p2, count: {{min: 90}}}}]\n",
        world=LOOP,
    )
    assert step.passed
    assert step.notes == ("stopped at 0.100000 s, its timeout, with 2 frames in flight",)


def test_a_storm_that_nobody_expects_ends_by_the_number_of_its_frames(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watching, "MOST_FRAMES", 1_000)
    outcome = outcome_of(BROADCAST + "  - advance: 1s\n", world=LOOP)
    assert texts(outcome.steps[-1])[0] == (
        "FAIL more than 1,000 frames in one step: do links form a loop?"
    )
    assert (outcome.passed, outcome.left_out) == (False, 1)


def test_a_storm_in_no_time_is_a_finding_too() -> None:
    outcome = outcome_of(BROADCAST, world=LOOP.replace("1ms", "0s"))
    assert texts(outcome.steps[-1])[0].startswith("FAIL ")
    assert not outcome.passed


# --- what cannot be done -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "words"),
    [
        pytest.param(
            "configure: {on: pc1, commands: [ip link del eth7, ip link set eth0 down]}",
            'Cannot find device "eth7"',
            id="a command is refused, and none after it is typed",
        ),
        pytest.param(
            "plug: [pc1/eth0, hub1/p9]", '"pc1/eth0" has a link already', id="a plug is taken"
        ),
        pytest.param(
            "inject: {into: pc1/eth0, frame: \"Ether(dst='02:00:00:00:00:01')/IP(dst='1.1.1.1')\"}",
            "Ether.src, IP.src left out, and hub1/p1 has no address of its own to fill in",
            id="addresses are left out, and the sending end has none",
        ),
        pytest.param("ping: {from: pc1, to: pc4}", '"pc4" has no address', id="who has no address"),
    ],
)
def test_what_is_refused_is_the_outcome_of_its_step(step: str, words: str) -> None:
    world = WORLD.replace("devices:\n", "devices:\n  pc4: {kind: namespace}\n")
    outcome = outcome_of(f"  - {step}\n{PING}", world=world)
    _, refused, after = outcome.steps
    assert texts(refused) == ["FAIL refused"]
    assert refused.findings[0].details == (words,)
    assert after.passed  # the run went on, and eth0 is still up


def test_a_world_that_cannot_be_built_ends_the_run() -> None:
    world = WORLD.replace("steps:", "    # no steps yet").replace(
        "  hub1:", "  pc9: {kind: namespace, routes: [default via 10.9.9.9]}\n  hub1:"
    )
    outcome = outcome_of("steps:\n" + PING, world=world)
    (built,) = outcome.steps
    assert texts(built) == ["FAIL refused"]
    assert (outcome.passed, outcome.left_out) == (False, 1)


def test_a_scenario_can_be_built_into_a_network_that_is_there_already() -> None:
    network = Network(rng=Rng("mine"))
    network.add(Hub("hub9"))
    outcome = run(load(WORLD + PING), network=network)
    assert outcome.passed
    assert [device.name for device in network.devices] == ["hub9", "hub1", "pc1", "pc2", "pc3"]


def test_a_name_that_the_network_has_already_is_refused() -> None:
    network = Network()
    network.add(Hub("pc1"))
    outcome = run(load(WORLD + PING), network=network)
    assert outcome.steps[0].findings[0].details == ('there is a device "pc1" already',)


def test_sinks_hear_of_the_run_and_no_more_of_what_comes_after() -> None:
    network, sink = Network(), Steps()
    run(load(WORLD + PING), network=network, sinks=[sink])
    heard = sink.frames
    with pytest.raises(Refused):
        network.device("pc9")
    network.advance(seconds(60))  # the neighbours' timers send probes
    assert sink.frames == heard
