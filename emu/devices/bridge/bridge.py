"""A learning Ethernet bridge, with a port for each netdev in it and one to a netdev of its own.

Models:          Linux 6.18, net/bridge: br_input.c, br_forward.c, br_if.c, br_device.c; br_fdb.c is
                 in fdb.py.
Does not model:  STP, VLAN filtering (tags pass as they are), multicast snooping (without a querier
                 Linux floods too), br_netfilter, the MTU of the port that a frame comes in by.
Read first:      br_handle_frame() and br_handle_frame_finish() in br_input.c.

The port LOCAL leads to the netdev of the bridge's own name. It is there if the bridge was made with
a MAC address, or after `AddPort(port=LOCAL)`; until somebody gives it an address of its own it has
the lowest of its ports', as br_stp_recalculate_bridge_id() chooses.

br_netfilter hooks in at two places: before `_handle_frame_finish` (PRE_ROUTING), and for each copy
in `_deliver` (FORWARD or LOCAL_OUT, then POST_ROUTING; LOCAL_IN for the copy that goes up).
"""

from dataclasses import dataclass, fields, replace
from typing import assert_never

from emu.core.errors import Refused
from emu.core.time import Nanoseconds, seconds
from emu.devices.bridge.changes import (
    Change,
    FdbAppend,
    FdbDelete,
    FdbFlush,
    SetAgeing,
    SetPort,
)
from emu.devices.bridge.fdb import Fdb, FdbRow, FdbState
from emu.net.changes import MTU, AddPort, RemovePort
from emu.net.effects import Drop, DropReason, Effects, Step, Transmit, Why
from emu.net.link import LOCAL
from emu.packet.addresses import NO_MAC
from emu.packet.dot1q import TPIDS, VLAN_HLEN
from emu.packet.ethernet import ETH_HLEN, EthernetHeader
from emu.packet.frame import Frame, MacAddress, Malformed, is_multicast

AGEING_TIME = seconds(300)  # BR_DEFAULT_AGEING_TIME, include/linux/if_bridge.h

# What a frame may have beyond a port's MTU: __is_skb_forwardable(), include/linux/netdevice.h. Its
# outermost tag is not counted: skb_vlan_untag() has taken it out of the octets before.
ROOM = ETH_HLEN + VLAN_HLEN

# skb_vlan_untag() wants the type that follows a tag and two octets more, or it drops the frame.
SHORTEST_TAGGED = ETH_HLEN + VLAN_HLEN + 2

# The reserved groups 01-80-C2-00-00-0x (IEEE 802.1D, table 7-10) are for the port itself, where
# nothing listens. -00 is not among them: br_handle_frame() forwards it while STP is off.
MAC_CONTROL = bytes.fromhex("0180c2000001")
LINK_LOCAL = frozenset(bytes.fromhex(f"0180c200000{last:x}") for last in range(2, 16))

GROUP = (Step("flood", None),)  # broadcast or multicast: the fdb is not asked
UNKNOWN = (Step("fdb", None),)  # asked, and no row: flooded


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """A port as it is set now; the one named LOCAL stands for the bridge itself."""

    name: str
    master: str  # the bridge
    mac: MacAddress | None = None
    mtu: int = MTU
    up: bool = True  # the netdev is, and its carrier
    learning: bool = True  # BR_LEARNING
    isolated: bool = False  # BR_ISOLATED: no frame passes from one such port to another
    hairpin: bool = False  # BR_HAIRPIN_MODE: a frame may leave by the port that it came in on

    def __str__(self) -> str:
        """Return what `bridge -d link show` says of the port, as far as it matters here."""
        state = "forwarding" if self.up else "disabled"
        isolated = " isolated on" if self.isolated else ""
        return f"{self.name}: mtu {self.mtu} master {self.master} state {state}{isolated}"


class Bridge:
    """Forward by destination MAC, learn by source MAC, flood the unknown."""

    def __init__(
        self,
        name: str,
        *,
        mac: MacAddress | None = None,
        ports: tuple[str, ...] = (),
        ageing: Nanoseconds = AGEING_TIME,
    ) -> None:
        self.name = name
        self._master = name.rpartition("/")[2]  # what the host calls it
        self._is_up = True
        self._mac_is_chosen = False  # NET_ADDR_SET: somebody gave the bridge its address
        self._fdb = Fdb(self._master, ageing)
        self._ports: dict[str, Port] = {}
        self._floods: dict[str, tuple[Port, ...]] = {}  # where to, from each port: while known
        if mac is not None:
            self._add_port(LOCAL, mac, MTU)
        for port in ports:
            self._add_port(port, None, MTU)

    @property
    def ports(self) -> tuple[str, ...]:
        """Port names in creation order."""
        return tuple(self._ports)

    @property
    def mac(self) -> MacAddress | None:
        """The address of the bridge's own netdev, if it has a netdev and an address."""
        return self._ports[LOCAL].mac if LOCAL in self._ports else None

    def receive(self, now: Nanoseconds, port: str, frame: Frame) -> Effects:
        """Learn the source, then forward, flood or drop `frame`."""
        ingress = self._ports.get(port)
        if ingress is None or not ingress.up:
            return (Drop(port, frame, DropReason.DEV_READY, ()),)
        try:
            eth = frame.eth
        except Malformed:
            return (Drop(port, frame, DropReason.HDR_TRUNC, ()),)
        if eth.ethertype in TPIDS and len(frame.wire) < SHORTEST_TAGGED:
            return (Drop(port, frame, DropReason.HDR_TRUNC, ()),)
        if port == LOCAL:
            return self._dev_xmit(ingress, frame, eth)
        return self._handle_frame(now, ingress, frame, eth)

    def configure(self, now: Nanoseconds, change: Change) -> Effects:
        """Do what the command in the docstring of `change` does."""
        match change:
            case AddPort(port=port, mac=mac, mtu=mtu):
                self._add_port(port, mac, mtu)
            case RemovePort(port=port):
                self._remove_port(port)
            case SetPort():
                self._set_port(change)
            case SetAgeing(ageing=ageing):
                self._fdb.set_ageing(now, ageing)
            case FdbAppend():
                self._fdb_append(now, change)
            case FdbDelete(mac=mac, port=port):
                row = self._fdb.get(mac)
                if row is None or row.port != port:
                    raise Refused("RTNETLINK answers: No such file or directory")
                self._fdb.delete([mac])
            case FdbFlush():
                self._fdb.flush()
            case _:
                assert_never(change)
        self._floods.clear()
        self._is_up = LOCAL not in self._ports or self._ports[LOCAL].up
        return ()

    def next_deadline(self) -> Nanoseconds | None:
        """Return when the station that was silent longest is forgotten."""
        return self._fdb.next_deadline()

    def tick(self, now: Nanoseconds) -> Effects:
        """Forget the stations that are due."""
        self._fdb.expire(now)
        return ()

    def rows(self) -> tuple[FdbRow, ...]:
        """Return the table that `bridge fdb show` prints: by port, the newest row first."""
        place = {port: index for index, port in enumerate(self._ports)}
        return tuple(sorted(self._fdb.rows(), key=lambda row: place[row.port]))

    # --- frames ----------------------------------------------------------------------------------

    def _handle_frame(
        self, now: Nanoseconds, ingress: Port, frame: Frame, eth: EthernetHeader
    ) -> Effects:
        """Drop what no bridge forwards: br_handle_frame()."""
        port = ingress.name
        if is_multicast(eth.src) or eth.src == NO_MAC:
            return (Drop(port, frame, DropReason.MAC_INVALID_SOURCE, ()),)
        if eth.dst == MAC_CONTROL:
            return (Drop(port, frame, DropReason.MAC_IEEE_MAC_CONTROL, ()),)
        if eth.dst in LINK_LOCAL:
            if self._is_up and ingress.learning:  # __br_handle_local_finish()
                self._fdb.learn(now, eth.src, port)
            return (Drop(port, frame, DropReason.UNHANDLED_PROTO, ()),)
        if not self._is_up:
            return (Drop(port, frame, DropReason.BRIDGE_INGRESS_STP_STATE, ()),)
        return self._handle_frame_finish(now, ingress, frame, eth)

    def _handle_frame_finish(
        self, now: Nanoseconds, ingress: Port, frame: Frame, eth: EthernetHeader
    ) -> Effects:
        """Learn, look up, and forward, flood or pass up: br_handle_frame_finish()."""
        if ingress.learning:
            self._fdb.learn(now, eth.src, ingress.name)
        if is_multicast(eth.dst):
            return self._deliver(
                ingress, frame, self._flood(ingress), GROUP, up=LOCAL in self._ports
            )
        row = self._fdb.get(eth.dst)
        if row is None:
            return self._deliver(ingress, frame, self._flood(ingress), UNKNOWN)
        if row.state is FdbState.PERMANENT:  # br_pass_frame_up()
            return self._deliver(ingress, frame, (), self._fdb.why(row), up=LOCAL in self._ports)
        return self._forward(ingress, frame, row)

    def _dev_xmit(self, local: Port, frame: Frame, eth: EthernetHeader) -> Effects:
        """Send what comes from the bridge's own netdev, and learn nothing: br_dev_xmit()."""
        if is_multicast(eth.dst):
            return self._deliver(local, frame, self._flood(local), GROUP)
        row = self._fdb.get(eth.dst)
        if row is None:
            return self._deliver(local, frame, self._flood(local), UNKNOWN)
        return self._forward(local, frame, row)

    def _flood(self, ingress: Port) -> tuple[Port, ...]:
        """Return where a frame goes that nobody is known for: br_flood().

        The newest port comes first, because br_add_if() puts it at the head of the list.
        """
        outs = self._floods.get(ingress.name)
        if outs is None:
            others = [port for port in reversed(self._ports.values()) if port.name != LOCAL]
            outs = tuple([port for port in others if should_deliver(port, ingress)])
            self._floods[ingress.name] = outs
        return outs

    def _forward(self, ingress: Port, frame: Frame, row: FdbRow) -> Effects:
        """Send `frame` to the port of `row`: br_forward()."""
        to, why = self._ports[row.port], self._fdb.why(row)
        if should_deliver(to, ingress):
            return self._deliver(ingress, frame, (to,), why)
        if to is not ingress:  # then the row does not tell it all
            why = (*why, Step("port", to))
        return (Drop(ingress.name, frame, DropReason.NO_TX_TARGET, why),)

    def _deliver(
        self, ingress: Port, frame: Frame, outs: tuple[Port, ...], why: Why, *, up: bool = False
    ) -> Effects:
        """Send a copy by each of `outs` that has room for it, and then perhaps one to LOCAL."""
        octets = len(frame.wire) - VLAN_HLEN * (frame.eth.ethertype in TPIDS)
        effects: list[Transmit | Drop] = [
            Transmit(out.name, frame, why)
            if octets <= out.mtu + ROOM  # br_dev_queue_push_xmit()
            else Drop(ingress.name, frame, DropReason.PKT_TOO_BIG, (*why, Step("mtu", out)))
            for out in outs
        ]
        if up:
            effects.append(Transmit(LOCAL, frame, why))
        return tuple(effects) or (Drop(ingress.name, frame, DropReason.NO_TX_TARGET, why),)

    # --- changes ---------------------------------------------------------------------------------

    def _add_port(self, name: str, mac: MacAddress | None, mtu: int) -> None:
        """Add a port, if it is new: br_add_if()."""
        if name in self._ports:
            return
        self._ports[name] = Port(name=name, master=self._master, mtu=mtu)
        if name == LOCAL:  # in Linux it is there from the beginning
            self._ports = {LOCAL: self._ports.pop(LOCAL), **self._ports}
        self._set_mac(name, mac)

    def _remove_port(self, name: str) -> None:
        """Take a port out, if it is there, and all its rows: del_nbp()."""
        for row in self.rows():
            if row.port == name:
                self._delete_row(row)
        self._ports.pop(name, None)
        self._recalculate_mac()

    def _set_port(self, change: SetPort) -> None:
        """Change a port; one that goes down forgets its stations: br_stp_disable_port()."""
        if (old := self._ports.get(change.port)) is None:
            raise Refused(f'Cannot find device "{change.port}"')
        given = {field.name: getattr(change, field.name) for field in fields(change)[1:]}
        given = {name: value for name, value in given.items() if value is not None}
        mac = given.pop("mac", old.mac)
        self._ports[old.name] = replace(old, **given)
        if mac != old.mac:
            self._set_mac(old.name, mac)
        if change.up is False:
            self._fdb.flush(None if old.name == LOCAL else old.name)

    def _fdb_append(self, now: Nanoseconds, change: FdbAppend) -> None:
        """Put in a row by hand: br_fdb_add() and fdb_add_entry()."""
        if (port := self._ports.get(change.port)) is None:
            raise Refused(f'Cannot find device "{change.port}"')
        if change.mac == NO_MAC:
            raise Refused("RTNETLINK answers: Invalid argument")
        if change.state is FdbState.DYNAMIC and not (port.up and self._is_up):
            raise Refused("RTNETLINK answers: Operation not permitted")
        if change.state is not FdbState.PERMANENT and change.port == LOCAL:
            raise Refused("RTNETLINK answers: Invalid argument")
        if change.exclusive and self._fdb.get(change.mac):
            raise Refused("RTNETLINK answers: File exists")
        self._fdb.append(now, change.mac, change.port, change.state)

    def _set_mac(self, name: str, mac: MacAddress | None) -> None:
        """Give a port an address; the bridge's own may follow."""
        if name == LOCAL:
            self._mac_is_chosen = mac is not None
        self._change_mac(name, mac)
        self._recalculate_mac()

    def _recalculate_mac(self) -> None:
        """Give the bridge the lowest address of its ports: br_stp_recalculate_bridge_id()."""
        if LOCAL in self._ports and not self._mac_is_chosen:
            ports = [port for port in self._ports.values() if port.name != LOCAL]
            self._change_mac(LOCAL, min((port.mac for port in ports if port.mac), default=None))

    def _change_mac(self, name: str, mac: MacAddress | None) -> None:
        """Let the fdb know a new address of a port: br_fdb_changeaddr()."""
        port = self._ports[name]
        if port.mac == mac:
            return
        self._ports[name] = replace(port, mac=mac)
        row = self._fdb.get(port.mac) if port.mac else None
        if row is not None and row.port == name and row.state is FdbState.PERMANENT:
            self._delete_row(row)
        if mac is not None:
            self._fdb.add_local(mac, name)

    def _delete_row(self, row: FdbRow) -> None:
        """Take out a row that its port gives up; another may inherit it: fdb_delete_local()."""
        others = [port for port in reversed(self._ports.values()) if port.name != row.port]
        heir = next((port.name for port in others if port.mac == row.mac), None)
        self._fdb.delete([row.mac])
        if heir is not None and row.state is FdbState.PERMANENT:
            self._fdb.add_local(row.mac, heir)


def should_deliver(to: Port, ingress: Port) -> bool:
    """Whether a frame that came in by `ingress` may leave by `to`, as in br_forward.c."""
    return (
        to.up and (to.hairpin or to.name != ingress.name) and not (to.isolated and ingress.isolated)
    )
