"""Some bridges of one case, and what they did."""

from dataclasses import replace
from ipaddress import ip_address
from typing import Any

from emu.conntrack.table import Connections
from emu.core.time import Nanoseconds, milliseconds, seconds
from emu.devices.ovs import (
    FailMode,
    FlushConnections,
    FlushFdb,
    Mirror,
    ModPort,
    OvsBridge,
    PortSettings,
    PutMirror,
    PutPort,
    SetBridge,
    TunnelSettings,
)
from emu.devices.ovs.columns import tunnel_settings, vlan_settings
from emu.devices.ovs.ofctl import parse_ofctl
from emu.devices.ovs.tunnel import netdev
from emu.net.effects import Effects, Transmit
from emu.net.link import LOCAL
from emu.openflow.actions.base import OF15
from emu.openflow.layout import TUN_F_DF
from emu.openflow.ports import OFPP_LOCAL
from emu.packet.beside import Beside, Outer
from emu.packet.frame import Frame

LOCAL_END = "10.9.0.1"  # of all tunnels
Case = dict[str, Any]


class World:
    """The bridges of a case, joined by patch ports, and everything that leaves them."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.now = Nanoseconds(0)
        self.sent: list[Case] = []
        self.last: Effects = ()  # of the bridge that got the last frame
        connections = Connections()
        self.bridges: dict[str, OvsBridge] = {}
        self._peers: dict[tuple[str, str], tuple[str, str]] = {}
        self._tunnels: dict[tuple[str, str], TunnelSettings] = {}
        for name, wanted in case["bridges"].items():
            self.bridges[name] = OvsBridge(
                name,
                fail_mode=FailMode(wanted.get("fail_mode", "secure")),
                connections=connections,
                vlan_limit=case.get("vlan_limit", 1),
            )
            self._add_ports(name, wanted)
        for name, wanted in case["bridges"].items():
            self._set_up(name, wanted)

    # --- set up -----------------------------------------------------------------------------------

    def _add_ports(self, name: str, wanted: Case) -> None:
        bridge = self.bridges[name]
        for port, columns in (wanted.get("ports") or {}).items():
            settings = _settings(columns)
            if settings.tunnel is not None:
                self._tunnels[name, port] = settings.tunnel
            number = columns.get("ofport")
            bridge.configure(self.now, PutPort(port=port, number=number, settings=settings))
        for port, columns in (wanted.get("patches") or {}).items():
            settings = replace(_settings(columns), is_patch=True)
            number = columns.get("ofport")
            bridge.configure(self.now, PutPort(port=port, number=number, settings=settings))
            self._peers[name, port] = (columns["peer_bridge"], columns["peer_port"])

    def _set_up(self, name: str, wanted: Case) -> None:
        bridge = self.bridges[name]
        bridge.configure(self.now, _bridge_settings(wanted))
        for mirror in wanted.get("mirrors") or ():
            bridge.configure(self.now, PutMirror(mirror=_mirror(mirror)))
        given = ("-O", wanted["of_version"]) if wanted.get("of_version") else ()
        for port, flag in wanted.get("mod_port") or ():
            self.command("ofctl", *given, "mod-port", name, port, flag)
        for text in wanted.get("groups") or ():
            self.command("ofctl", *given, "add-group", name, text)
        for text in wanted.get("flows") or ():
            self.command("ofctl", *given, "add-flow", name, text)

    # --- run --------------------------------------------------------------------------------------

    def command(self, tool: str, *words: str) -> None:
        """Do what is done before a frame."""
        if tool == "ofctl":
            asked = parse_ofctl(words)
            self.bridges[asked.bridge].configure(self.now, asked.change)
        elif tool == "link":
            for bridge in self.bridges.values():
                if bridge.port_names.number(words[0]) is not None:
                    bridge.configure(self.now, ModPort(port=words[0], is_down=words[1] == "down"))
        elif tool == "fdb/flush":
            self.bridges[words[0]].configure(self.now, FlushFdb())
        elif tool == "flush-conntrack":
            for bridge in self.bridges.values():
                bridge.configure(self.now, FlushConnections())
        else:
            raise NotImplementedError(tool)

    def wait(self, milliseconds_: int) -> None:
        """Let time pass."""
        end = Nanoseconds(self.now + milliseconds(milliseconds_))
        while True:
            dues = {name: bridge.next_deadline() for name, bridge in self.bridges.items()}
            due = min((due for due in dues.values() if due is not None), default=None)
            if due is None or due > end:
                break
            self.now = max(due, self.now)
            for bridge in self.bridges.values():
                bridge.tick(self.now)
        self.now = end

    def receive(self, frame: Case) -> list[Case]:
        """Let a frame come in; return all that leaves because of it."""
        self.sent = []
        name, port = frame["bridge"], frame["port"]
        tunnel = self._tunnels.get((name, port))
        beside, link = None, LOCAL if port == name else port
        if tunnel is not None:
            link = netdev(tunnel)
            beside = Beside(outer=_outer(frame))
        wire = bytes.fromhex(frame["hex"])
        self._deliver(name, link, Frame(wire).accompanied(wire, beside))
        return self.sent

    def _deliver(self, name: str, link: str, frame: Frame) -> None:
        effects = self.bridges[name].receive(self.now, link, frame)
        self.last = effects
        if not effects:
            raise AssertionError(f"{name} did nothing with a frame")
        for effect in effects:
            if not isinstance(effect, Transmit):
                continue
            peer = self._peers.get((name, effect.port))
            if peer is not None:
                self._deliver(*peer, effect.frame)
            else:
                self.sent.append(self._seen(name, effect))

    def _seen(self, name: str, effect: Transmit) -> Case:
        frame, port = effect.frame, name if effect.port == LOCAL else effect.port
        seen = {"bridge": name, "port": port, "hex": frame.wire.hex()}
        outer = frame.beside.outer if frame.beside is not None else None
        if outer is None:
            return seen
        seen["port"] = self._tunnel_port(name, effect.port, outer)
        return seen | {
            "tun_src": str(ip_address(outer.src)) if outer.src else LOCAL_END,
            "tun_dst": str(ip_address(outer.dst)),
            "tun_id": outer.id,
            "tun_tos": outer.tos,
            "tun_ttl": outer.ttl,
        }

    def _tunnel_port(self, name: str, link: str, outer: Outer) -> str:
        """Tell the port from the outer header, as whoever made the cases had to."""
        best = ""
        for (bridge, port), tunnel in self._tunnels.items():
            if bridge != name or netdev(tunnel) != link:
                continue
            if tunnel.remote in (outer.dst, None) and tunnel.out_key in (outer.id, None):
                best = port if tunnel.remote == outer.dst else best or port
        return best

    # --- look -------------------------------------------------------------------------------------

    def flows(self, name: str) -> list[str]:
        """Return the flows as `ovs-ofctl --names --no-stats dump-flows` prints them, sorted."""
        bridge = self.bridges[name]
        rules = bridge.tables.rules()
        texts = [
            (rule.flow.table, rule.flow.text(bridge.port_names, version=OF15)) for rule in rules
        ]
        return [text.replace("reset_counts ", "") for _, text in sorted(texts)]

    def fdb(self, name: str) -> list[list[Any]]:
        """Return what was learned: port, VLAN, address."""
        rows = []
        for row in self.bridges[name].fdb.rows():
            port = "LOCAL" if row.port == OFPP_LOCAL else str(row.port)
            rows.append([port, row.vlan, row.mac.to_bytes(6, "big").hex(":")])
        return sorted(rows, key=lambda row: (row[1], row[2]))


def _settings(columns: Case) -> PortSettings:
    texts = {
        column: ",".join(map(str, value)) if isinstance(value, list) else str(value)
        for column, value in columns.items()
        if value is not None
    }
    tunnel = columns.get("tunnel")
    return PortSettings(
        vlans=vlan_settings(texts, _texts(columns.get("other_config") or {})),
        is_protected=bool(columns.get("protected")),
        tunnel=None if tunnel is None else tunnel_settings(tunnel["type"], _texts(tunnel)),
    )


def _texts(options: Case) -> dict[str, str]:
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in options.items()
    }


def _bridge_settings(wanted: Case) -> SetBridge:
    other = wanted.get("other_config") or {}
    ageing, most = other.get("mac-aging-time"), other.get("mac-table-size")
    return SetBridge(
        forward_bpdu=other.get("forward-bpdu") in (True, "true"),
        mac_ageing=None if ageing is None else seconds(int(ageing)),
        mac_table_size=None if most is None else int(most),
        mcast_snooping=bool(wanted.get("mcast_snooping")),
    )


def _mirror(wanted: Case) -> Mirror:
    return Mirror(
        name=wanted["name"],
        select_all=bool(wanted.get("select_all")),
        select_src_port=tuple(wanted.get("select_src_port") or ()),
        select_dst_port=tuple(wanted.get("select_dst_port") or ()),
        select_vlan=tuple(wanted.get("select_vlan") or ()),
        output_port=wanted.get("output_port"),
        output_vlan=wanted.get("output_vlan"),
    )


def _outer(frame: Case) -> Outer:
    return Outer(
        id=frame.get("tun_id", 0),
        src=int(ip_address(frame["tun_src"])),
        dst=int(ip_address(frame.get("tun_dst", LOCAL_END))),
        tos=frame.get("tun_tos", 0),
        ttl=frame.get("tun_ttl", 64),
        flags=TUN_F_DF,
    )
