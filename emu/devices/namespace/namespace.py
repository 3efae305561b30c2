"""A Linux network namespace as an IPv4 host.

Models:          Linux 6.18: netdevs and VLANs (dev.py), ARP (arp.py, neigh.py), IPv4 (routing.py,
                 input.py, output.py), ICMP (icmp.py), programs (programs.py), `ip` (rtnetlink.py).
Does not model:  IPv6, forwarding, netfilter, putting fragments together, sockets for TCP and UDP.
Read first:      receive() below, then the modules in the order in which it calls them.

`lo` is there from the beginning, and up. A netdev that `AddNetdev` makes has a port of its name;
one that is enslaved has one more, `master_port(NAME)`, by which it and its bridge meet.
"""

from emu.core.rng import Rng
from emu.core.time import Nanoseconds
from emu.devices.namespace import dev
from emu.devices.namespace.arp import Arp
from emu.devices.namespace.changes import Change, Start, Stop
from emu.devices.namespace.icmp import Icmp
from emu.devices.namespace.input import Input
from emu.devices.namespace.neigh import Neighbours
from emu.devices.namespace.net import Net
from emu.devices.namespace.netdev import AddressRow, Netdev, NetdevRow
from emu.devices.namespace.output import Output
from emu.devices.namespace.programs import Programs
from emu.devices.namespace.routing import Routing
from emu.devices.namespace.rtnetlink import Rtnetlink
from emu.devices.namespace.turn import Arrival, PacketType, Turn
from emu.inet.fib import Route, Table
from emu.inet.neigh.entry import NeighbourRow
from emu.inet.program import ArpReceived
from emu.net.effects import Drop, DropReason, Effects
from emu.packet.ethernet import ETH_P_ARP, ETH_P_IP
from emu.packet.frame import Frame


class Namespace:
    """A host: a VM, a hypervisor's root namespace, a router's or a DHCP server's namespace."""

    def __init__(self, name: str, *, rng: Rng) -> None:
        self.name = name
        self.ports: tuple[str, ...] = ()
        self._by_port: dict[str, Netdev] = {}
        self._by_master_port: dict[str, Netdev] = {}
        self._net = Net(name, rng=rng)
        routing = Routing(self._net)
        self._neighbours = Neighbours(self._net, routing)
        self._arp = Arp(self._net, routing, self._neighbours)
        output = Output(self._net, routing, self._neighbours)
        self._programs = Programs(self._net, routing, output, rng=rng.stream("programs"))
        self._icmp = Icmp(self._net, output, self._programs)
        self._input = Input(self._net, routing, self._icmp)
        self._rtnetlink = Rtnetlink(self._net, self._neighbours)

    # --- the contract ----------------------------------------------------------------------------

    def receive(self, now: Nanoseconds, port: str, frame: Frame) -> Effects:
        """Take in `frame` from a wire, or from the bridge that a netdev is enslaved to."""
        turn = Turn(now)
        if (netdev := self._by_port.get(port)) is not None:
            arrival = dev.receive(turn, port, netdev, frame)
            if arrival is not None:
                self._receive_protocol(turn, arrival)
        elif (netdev := self._by_master_port.get(port)) is not None:
            dev.from_master(turn, netdev, frame)
        else:
            turn.emit(Drop(port, frame, DropReason.DEV_READY, ()))
        return self._finish(turn)

    def configure(self, now: Nanoseconds, change: Change) -> Effects:
        """Do what the command in the docstring of `change` does."""
        turn = Turn(now)
        match change:
            case Start(id=id, application=application):
                self._programs.start(turn, id, application)
            case Stop(id=id):
                self._programs.stop(turn, id)
            case _:
                self._rtnetlink.change(turn, change)
                self._name_ports()
        return self._finish(turn)

    def next_deadline(self) -> Nanoseconds | None:
        """Return when a neighbour's timer fires or a program wakes."""
        neighbour, program = self._net.neighbours.next_deadline(), self._programs.next_deadline()
        if neighbour is None or program is None:
            return program if neighbour is None else neighbour
        return min(neighbour, program)

    def tick(self, now: Nanoseconds) -> Effects:
        """Run the timers that are due: the neighbours' first, and their news last.

        On Linux, too, a ping that wakes in the tick in which a neighbour fails sends its next
        packet before it hears of that: the error comes through lo, whose queue is emptied later.
        """
        turn = Turn(now)
        self._neighbours.carry_out(turn, self._net.neighbours.tick(now))
        self._report_unreachable(turn)
        self._programs.tick(turn)
        return self._finish(turn)

    # --- what people see -------------------------------------------------------------------------

    def netdevs(self) -> tuple[NetdevRow, ...]:
        """Return what `ip link show` prints."""
        return tuple([netdev.row for netdev in self._net.netdevs.values()])

    def netdev(self, name: str) -> NetdevRow | None:
        """Return what `ip link show NAME` prints, if there is such a netdev."""
        netdev = self._net.netdevs.get(name)
        return netdev.row if netdev else None

    def addresses(self) -> tuple[AddressRow, ...]:
        """Return what `ip addr show` prints of IPv4."""
        return tuple([row for netdev in self._net.netdevs.values() for row in netdev.addresses])

    def routes(self, table: Table = Table.MAIN) -> tuple[Route, ...]:
        """Return what `ip route show table TABLE` prints."""
        return self._net.fib.rows(table)

    def neighbours(self) -> tuple[NeighbourRow, ...]:
        """Return what `ip neigh show` prints."""
        return self._net.neighbours.rows()

    # --- inside ----------------------------------------------------------------------------------

    def _receive_protocol(self, turn: Turn, arrival: Arrival) -> None:
        """Hand a frame to its protocol: deliver_skb()."""
        ethertype = arrival.inner.eth.ethertype
        if ethertype == ETH_P_IP:
            self._input.receive(turn, arrival)
        elif ethertype == ETH_P_ARP:
            self._receive_arp(turn, arrival)
        else:
            # Differs from Linux: IPv6 is nobody's here
            arrival.drop(turn, DropReason.UNHANDLED_PROTO)

    def _receive_arp(self, turn: Turn, arrival: Arrival) -> None:
        arp = self._arp.receive(turn, arrival)
        if arp is not None:
            broadcast = arrival.type is not PacketType.HOST
            received = ArpReceived(arrival.netdev.name, arp, broadcast)
            self._programs.run(turn, self._programs.hear(turn, received), arrival.frame)

    def _finish(self, turn: Turn) -> Effects:
        """Let packets to this host itself arrive, and what they lead to; return the effects."""
        self._report_unreachable(turn)
        while turn.backlog:
            self._input.receive_looped(turn, self._net.netdevs["lo"], turn.backlog.popleft())
        return tuple(turn.effects)

    def _report_unreachable(self, turn: Turn) -> None:
        frames, turn.unreachable = turn.unreachable, []
        for frame in frames:
            self._icmp.report_unreachable(turn, frame)

    def _name_ports(self) -> None:
        """Know which ports there are, and whose they are."""
        netdevs = self._net.netdevs.values()
        wired = [netdev for netdev in netdevs if netdev.parent is None and not netdev.is_loopback]
        self._by_port = {netdev.name: netdev for netdev in wired}
        enslaved = [netdev for netdev in netdevs if netdev.master is not None]
        self._by_master_port = {netdev.master_port: netdev for netdev in enslaved}
        self.ports = (*self._by_port, *self._by_master_port)
