"""What actors hear and do: the control plane in the network."""

import pytest

from emu.core.errors import Refused
from emu.core.time import Nanoseconds, milliseconds
from emu.journal import Commanded, MessageArrived, MessageSent
from emu.net.actor import Actions, Configure, Message, Plug, Send, Unplug
from emu.net.world import World
from tests.sim.puppets import NOW, Clerk, Desk, Puppet, send, world

LATE = milliseconds(1000)
HELLO = Message("server", "agent", "hello", {"port": 1})
ANSWER = Message("agent", "server", "report", None)


def test_a_message_takes_a_millisecond_and_is_journalled_at_both_ends() -> None:
    agent = Clerk("agent", (Send(ANSWER),))
    network, memory = world()
    network.add_actor(agent)
    network.add_actor(server := Clerk("server"))
    network.send(HELLO)
    network.settle(LATE)
    assert agent.heard == [(milliseconds(1), "hello")]
    assert server.heard == [(milliseconds(2), "report")]
    assert memory.records == [
        MessageSent(NOW, 1, HELLO),
        MessageArrived(milliseconds(1), 1, "agent", HELLO, (Send(ANSWER),)),
        MessageSent(milliseconds(1), 2, ANSWER),
        MessageArrived(milliseconds(2), 2, "server", ANSWER, ()),
    ]


def test_an_actor_acts_at_its_time_and_says_so_if_it_did_something() -> None:
    agent = Clerk("agent", (Send(HELLO),), deadlines=[3, 5])
    network, memory = world()
    network.add_actor(agent)
    network.advance(LATE)
    assert agent.heard == [
        (milliseconds(3), "tick"),
        (milliseconds(4), "hello"),
        (milliseconds(5), "tick"),
    ]
    assert memory.records[0] == MessageArrived(milliseconds(3), 0, "agent", None, (Send(HELLO),))
    assert memory.said() == ["MessageArrived", "MessageSent", "MessageArrived"]


def test_an_actor_types_commands_and_plugs_interfaces_on_hosts() -> None:
    actions = (
        Configure("compute1", "ip link add brq1 type bridge"),
        Plug("compute1", "tap1", "vm1", "eth0"),
        Unplug("compute1", "tap0"),
    )
    desk = Desk("compute1")
    network, memory = world()
    network.add_host(desk)
    network.add_actor(Clerk("agent", actions))
    network.send(HELLO)
    network.settle(LATE)
    assert desk.done == [
        ("execute", "ip link add brq1 type bridge"),
        ("plug", "tap1", "vm1", "eth0"),
        ("unplug", "tap0"),
    ]
    assert memory.records[2:] == [
        Commanded(milliseconds(1), "compute1", "ip link add brq1 type bridge")
    ]


def test_an_actor_goes_on_when_a_host_refuses_its_command() -> None:
    desk = Desk("compute1")
    network, memory = world()
    network.add_host(desk)
    acts = (Configure("compute1", "false"), Configure("compute1", "true"))
    network.add_actor(Clerk("agent", acts))
    network.send(HELLO)
    assert network.settle(LATE)
    assert desk.done == [("execute", "true")]
    assert memory.records[2:] == [
        Commanded(milliseconds(1), "compute1", "false", "false: no"),
        Commanded(milliseconds(1), "compute1", "true"),
    ]


def test_an_actor_goes_on_when_a_host_refuses_an_interface() -> None:
    class Full(Desk):
        def plug(self, world: World, interface: str, device: str, port: str) -> None:
            raise Refused("no more taps")

    network, memory = world()
    network.add_host(desk := Full("compute1"))
    acts = (Plug("compute1", "tap1", "vm1", "eth0"), Unplug("compute1", "tap0"))
    network.add_actor(Clerk("agent", acts))
    network.send(HELLO)
    assert network.settle(LATE)
    assert desk.done == [("unplug", "tap0")]
    refused = Commanded(milliseconds(1), "compute1", "plug tap1", "no more taps")
    assert memory.records[2:] == [refused]


def test_a_timer_that_a_message_sets_runs() -> None:
    class Waiter(Clerk):
        def on_message(self, now: Nanoseconds, message: Message) -> Actions:
            self.deadlines.append(milliseconds(7))
            return super().on_message(now, message)

    network, _ = world()
    network.add_actor(waiter := Waiter("agent"))
    network.send(HELLO)
    network.advance(LATE)
    assert waiter.heard == [(milliseconds(1), "hello"), (milliseconds(7), "tick")]


def test_a_message_to_nobody_is_refused() -> None:
    network, memory = world()
    with pytest.raises(Refused, match='there is no actor "agent"'):
        network.send(HELLO)
    assert (memory.records, network.in_flight) == ([], 0)


def test_a_command_that_does_not_work_is_journalled_with_the_words_of_the_tool() -> None:
    network, memory = world()
    network.add_host(Desk("compute1"))
    with pytest.raises(Refused, match="false: no"):
        network.execute("compute1", "false")
    assert memory.records == [Commanded(NOW, "compute1", "false", "false: no")]


def test_a_command_on_a_host_that_is_not_there_is_refused() -> None:
    network, memory = world()
    with pytest.raises(Refused, match='there is no host "compute9"'):
        network.execute("compute9", "true")
    assert memory.records == [
        Commanded(NOW, "compute9", "true", 'there is no host "compute9"'),
    ]


def test_hosts_and_actors_have_names_of_their_own_and_once() -> None:
    desk = Desk("a")
    network, _ = world(Puppet("a"))
    network.add_host(desk)
    network.add_actor(Clerk("a"))
    assert network.hosts == (desk,)
    assert network.host("a") is desk
    with pytest.raises(Refused, match='there is a host "a" already'):
        network.add_host(Desk("a"))
    with pytest.raises(Refused, match='there is an actor "a" already'):
        network.add_actor(Clerk("a"))


def test_at_one_instant_devices_and_actors_tick_as_they_came() -> None:
    network, memory = world()
    network.add_actor(Clerk("first", (Send(HELLO),), deadlines=[3]))
    network.add(Puppet("second", deadlines=[3], on_tick=send()))
    network.add_actor(Clerk("agent", (Send(HELLO),), deadlines=[3]))
    network.advance(milliseconds(3))
    assert memory.said()[1:] == [
        *("MessageArrived", "MessageSent"),
        *("Ticked", "Lost"),
        *("MessageArrived", "MessageSent"),
    ]
