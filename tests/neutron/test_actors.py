"""What the actors of Neutron have in common."""

import pytest

from emu.core.errors import EmuBug
from emu.core.rng import Rng
from emu.net.actor import Actor, Message
from emu.neutron import rpc
from emu.neutron.blueprint import Mechanism
from emu.neutron.client import Client
from emu.neutron.ids import Ids
from emu.neutron.linuxbridge import LinuxBridgeAgent
from emu.neutron.netdevs import Netdevs
from emu.neutron.nova import NovaCompute
from emu.neutron.plugin import Ml2Plugin
from emu.neutron.server import NeutronServer
from tests.neutron.plans import host
from tests.neutron.talk import T0, tell

NETDEVS = Netdevs("compute1", ("eth1",))
PLUGIN = Ml2Plugin(Ids(Rng("test")), hosts=(), mechanism=Mechanism.LINUXBRIDGE)
ACTORS = [
    pytest.param(Client(), "openstack", id="the client"),
    pytest.param(NeutronServer(PLUGIN, {}), "neutron-server", id="the server"),
    pytest.param(NovaCompute("compute1", NETDEVS), "compute1/nova-compute", id="Nova"),
    pytest.param(
        LinuxBridgeAgent(host("compute1"), NETDEVS),
        "compute1/neutron-linuxbridge-agent",
        id="the Linux Bridge agent",
    ),
]


@pytest.mark.parametrize(("actor", "name"), ACTORS)
def test_an_actor_without_timers_is_never_due(actor: Actor, name: str) -> None:
    assert actor.name == name
    assert actor.next_deadline() is None
    assert actor.tick(T0) == ()


@pytest.mark.parametrize(("actor", "name"), ACTORS)
def test_a_method_that_an_actor_does_not_know_is_a_bug_of_emu(actor: Actor, name: str) -> None:
    with pytest.raises(EmuBug, match=f"{name} knows no nonsense"):
        actor.on_message(T0, Message("somebody", name, "nonsense", None))


def test_the_client_keeps_the_answers_in_their_order() -> None:
    client = Client()
    first, second = (rpc.Reply(request=rpc.DeletePort(port=p), result=None) for p in "ab")
    assert [tell(client, first), tell(client, second)] == [[], []]
    assert client.answers == (first, second)


def test_netdevs_are_remembered_with_their_masters() -> None:
    netdevs = Netdevs("compute1", ("eth1",))
    assert [name in netdevs for name in ("eth1", "br0", "eth1.5")] == [True, False, False]
    netdevs.add_bridge("br0")
    netdevs.add_vlan("eth1.5", "eth1", 5)
    assert [name in netdevs for name in ("eth1", "br0", "eth1.5")] == [True, True, True]
    netdevs.set_master("eth1.5", "br0")
    assert (netdevs.master("eth1.5"), netdevs.interfaces("br0")) == ("br0", ("eth1.5",))
    netdevs.set_master("eth1.5", None)
    assert (netdevs.master("eth1.5"), netdevs.interfaces("br0")) == (None, ())
    netdevs.delete("eth1.5")
    assert "eth1.5" not in netdevs
