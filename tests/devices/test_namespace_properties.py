"""What holds for a namespace whatever it is fed."""

from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from hypothesis import given
from hypothesis import strategies as st

from emu.core.errors import Refused
from emu.core.rng import Rng
from emu.core.time import Nanoseconds, milliseconds
from emu.devices.namespace import Namespace
from emu.devices.namespace.changes import (
    AddAddress,
    AddNetdev,
    AddRoute,
    AddVlan,
    Change,
    DeleteAddress,
    DeleteNetdev,
    FlushNeighbours,
    SetMaster,
    SetNetdev,
    SetSysctl,
    Start,
    Stop,
)
from emu.inet.applications import Arping, Ping
from emu.net.device import Device
from emu.net.effects import Deliver, Drop, Effects, Event, Hold, Transmit
from emu.packet.frame import Frame, PacketId, Serial
from tests.strategies import STATIONS, any_frames, inets

T0 = Nanoseconds(0)
NETDEVS = ["eth0", "eth1", "eth0.100", "eth0.100.5"]
names = st.sampled_from([*NETDEVS, "lo", "nope"])
addresses = inets.map(IPv4Address)
interfaces = st.builds(
    lambda address, length: IPv4Interface((int(address), length)),
    addresses,
    st.sampled_from([8, 24, 31, 32]),
)
networks = interfaces.map(lambda interface: interface.network)
programs = st.one_of(
    st.builds(
        Ping,
        destination=addresses,
        count=st.integers(0, 4),
        size=st.sampled_from([0, 8, 56, 1472, 4000]),
        ttl=st.none() | st.integers(1, 255),
        pmtudisc=st.sampled_from(["", "do", "want", "dont"]),
        broadcast=st.booleans(),
        netdev=st.none() | names,
        source=st.none() | addresses,
        identifier=st.none() | st.integers(0, 0xFFFF),
    ),
    st.builds(
        Arping,
        netdev=names,
        destination=addresses,
        count=st.integers(0, 3),
        unsolicited=st.booleans(),
        answer=st.booleans(),
        deadline=st.none() | st.just(milliseconds(1500)),
    ),
)
changes: st.SearchStrategy[Change] = st.one_of(
    st.builds(Start, id=st.sampled_from("pqr"), application=programs),
    st.builds(Stop, id=st.sampled_from("pqr")),
    st.builds(AddAddress, name=names, interface=interfaces),
    st.builds(DeleteAddress, name=names, interface=interfaces),
    st.builds(AddRoute, destination=networks, via=st.none() | addresses, name=st.none() | names),
    st.builds(SetNetdev, name=names, up=st.none() | st.booleans(), mtu=st.none() | st.just(576)),
    st.builds(SetNetdev, name=names, mac=st.sampled_from(STATIONS)),
    st.builds(SetMaster, name=names, master=st.none() | st.just("br")),
    st.builds(DeleteNetdev, name=names),
    st.builds(FlushNeighbours, name=st.none() | names),
    st.builds(
        SetSysctl,
        key=st.sampled_from(["net.ipv4.ip_forward", "net.ipv4.conf.all.arp_ignore"]),
        value=st.sampled_from("01"),
    ),
)
ports = st.sampled_from([*NETDEVS, "eth0:master", "eth0.100:master", "eth0.100.5:master"])
moves = st.lists(
    st.tuples(st.integers(0, 9_000), st.one_of(changes, st.tuples(ports, any_frames))),
    max_size=15,
)
Move = tuple[int, Change | tuple[str, Frame]]


def machine() -> Namespace:
    """Return a host that a station of the strategies could be, with a VLAN in a VLAN."""
    device = Namespace("host", rng=Rng("test"))
    for change in (
        AddNetdev(name="eth0", mac=STATIONS[0]),
        AddNetdev(name="eth1", mac=STATIONS[1]),
        AddVlan(name="eth0.100", parent="eth0", vid=100),
        SetNetdev(name="eth0.100", up=True),
        AddVlan(name="eth0.100.5", parent="eth0.100", vid=5),
        SetNetdev(name="eth0.100.5", up=True),
        AddAddress(name="eth0", interface=IPv4Interface("172.16.100.3/24")),
        AddAddress(name="eth0.100", interface=IPv4Interface("10.10.10.2/24")),
        AddRoute(destination=IPv4Network((0, 0)), via=IPv4Address("172.16.100.4")),
    ):
        device.configure(T0, change)
    return device


class Life:
    """A host that is fed `moves`, and everything that it does, with the time."""

    def __init__(self, moves: list[Move]) -> None:
        self.device: Device = machine()
        self.now = T0
        self.done: list[tuple[Nanoseconds, Effects]] = []
        for serial, (gap, move) in enumerate(moves, start=1):
            self.advance(gap)
            self.take(serial, move)
        for name in "pqr":
            self.take(0, Stop(id=name))
        self.advance(9_000)

    def take(self, serial: int, move: Change | tuple[str, Frame]) -> None:
        if isinstance(move, tuple):
            port, frame = move
            arrived = Frame(frame.wire, PacketId(serial)).arrived(Serial(serial))
            effects = self.device.receive(self.now, port, arrived)
            own = [e for e in effects if not isinstance(e, Event) and e.frame.packet == serial]
            assert own, "a frame vanished"
        else:
            try:
                effects = self.device.configure(self.now, move)  # type: ignore[arg-type]
            except Refused:
                return
        self.note(effects)

    def advance(self, ms: int) -> None:
        """Let time pass as the network does."""
        end = Nanoseconds(self.now + milliseconds(ms))
        while (due := self.device.next_deadline()) is not None and due <= end:
            assert due >= self.now
            self.now = due
            self.note(self.device.tick(due))
            again = self.device.next_deadline()
            assert again is None or again > due, "still due after its tick"
        self.now = end

    def note(self, effects: Effects) -> None:
        self.done.append((self.now, effects))
        deadline = self.device.next_deadline()
        assert deadline is None or deadline >= self.now

    @property
    def effects(self) -> list[Transmit | Deliver | Drop | Hold | Event]:
        return [effect for _, effects in self.done for effect in effects]


@given(moves)
def test_whatever_happens_is_accounted_for(moves: list[Move]) -> None:
    waiting: dict[tuple[PacketId, Serial | None], int] = {}
    for effect in Life(moves).effects:
        if isinstance(effect, Event):
            continue
        key = (effect.frame.packet, effect.frame.parent)
        if isinstance(effect, Hold):
            waiting[key] = waiting.get(key, 0) + 1
        elif waiting.get(key):
            waiting[key] -= 1
        if isinstance(effect, Transmit):
            assert effect.port in ("eth0", "eth1") or effect.port.endswith(":master")
    assert not any(waiting.values())  # nine seconds after the last program nothing waits


@given(moves)
def test_the_same_input_has_the_same_effects(moves: list[Move]) -> None:
    assert Life(moves).done == Life(moves).done
