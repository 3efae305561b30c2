"""The bridges of one case in a real ovs-vswitchd."""

import shutil
import struct
from collections.abc import Iterator
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from tests.conformance.daemon import Daemon, RealError
from tests.conformance.vsctl_words import bridge_words, mirror_words, port_words
from tests.conformance.world import LOCAL_END, Case

UNDERLAY = "uly0"  # the bridge by which tunnels leave
UNDERLAY_PORT = "uly0p"
_STEP = 500  # milliseconds that pass at once


class Real:
    """The bridges of one case in a daemon, with the interface of `World`."""

    def __init__(self, daemon: Daemon, case: Case) -> None:
        self._daemon = daemon
        self._case = case
        self._pcaps = daemon.folder / "pcaps"
        self._watched: dict[tuple[str, str], Path] = {}
        self._tunnels: dict[tuple[str, str], Case] = {}
        self._read: dict[Path, int] = {}
        self._clear()
        self._add_bridges()
        self._add_flows()
        daemon.settle()
        daemon.control("fdb/flush")
        daemon.control("dpctl/flush-conntrack")
        daemon.settle()
        list(self._collect())

    # --- set up -----------------------------------------------------------------------------------

    def _clear(self) -> None:
        bridges = self._daemon.run("ovs-vsctl", "list-br").split()
        words = [word for bridge in bridges for word in ("--", "del-br", bridge)]
        if words:
            self._daemon.run("ovs-vsctl", "--timeout=30", *words[1:])
        if UNDERLAY in bridges:
            with suppress(RealError):
                self._daemon.control("ovs/route/del", "10.9.0.0/24")
            self._daemon.control("tnl/arp/flush")
        shutil.rmtree(self._pcaps, ignore_errors=True)
        self._pcaps.mkdir()

    def _add_bridges(self) -> None:
        limit = self._case.get("vlan_limit", 1)
        words = ["set", "Open_vSwitch", ".", f"other_config:vlan-limit={limit}"]
        for number, (bridge, wanted) in enumerate(self._case["bridges"].items(), 1):
            words += bridge_words(bridge, wanted, number)
            words += self._watch(bridge, bridge)
            for port, columns in (wanted.get("ports") or {}).items():
                words += port_words(bridge, port, columns)
                if columns.get("tunnel"):
                    self._tunnels[bridge, port] = columns["tunnel"]
                else:
                    words += [*self._watch(bridge, port), "type=dummy"]
            for port, columns in (wanted.get("patches") or {}).items():
                words += port_words(bridge, port, columns)
                words += ["type=patch", f"options:peer={columns['peer_port']}"]
        if self._tunnels:
            words += ["--", "add-br", UNDERLAY, "--", "set", "bridge", UNDERLAY]
            words += ["datapath-type=dummy", "fail-mode=standalone"]
            words += ["other-config:hwaddr=aa:55:aa:55:00:fe", "--", "add-port", UNDERLAY]
            words += [UNDERLAY_PORT, "--", "set", "interface", UNDERLAY_PORT, "type=dummy"]
            words += self._watch(UNDERLAY, UNDERLAY_PORT)
        for bridge, wanted in self._case["bridges"].items():
            for mirror in wanted.get("mirrors") or ():
                words += mirror_words(bridge, mirror)
        self._daemon.run("ovs-vsctl", "--timeout=30", *words)
        if self._tunnels:
            self._add_routes()

    def _watch(self, bridge: str, port: str) -> list[str]:
        path = self._watched[bridge, port] = self._pcaps / f"{bridge}.{port}"
        return ["--", "set", "interface", port, f'options:tx_pcap="{path}"']

    def _add_routes(self) -> None:
        control = self._daemon.control
        control("netdev-dummy/ip4addr", UNDERLAY, f"{LOCAL_END}/24")
        self._daemon.settle()
        control("ovs/route/add", "10.9.0.0/24", UNDERLAY)
        for last in range(2, 12):
            mac = f"f8:bc:12:00:00:{last:02x}"
            control("tnl/arp/set", UNDERLAY, f"10.9.0.{last}", mac)
        self._daemon.settle()

    def _add_flows(self) -> None:
        for bridge, wanted in self._case["bridges"].items():
            version = ["-O", wanted["of_version"]] if wanted.get("of_version") else []
            for port, flag in wanted.get("mod_port") or ():
                self._daemon.run("ovs-ofctl", *version, "mod-port", bridge, port, flag)
            for text in wanted.get("groups") or ():
                has_method = "selection_method" in text or "command_bucket" in text
                newest = ["-O", "OpenFlow15" if has_method else "OpenFlow13"]
                words = [*(version or newest), "add-group", bridge, text]
                self._daemon.run("ovs-ofctl", *words)
            if wanted.get("flows"):
                lines = "\n".join(wanted["flows"]) + "\n"
                words = [*version, "add-flows", bridge, "-"]
                self._daemon.run("ovs-ofctl", *words, text=lines)

    # --- run --------------------------------------------------------------------------------------

    def command(self, tool: str, *words: str) -> None:
        """Do what is done before a frame."""
        if tool == "ofctl":
            self._daemon.run("ovs-ofctl", *words)
        elif tool == "link":
            self._daemon.control("netdev-dummy/set-admin-state", *words)
        else:
            method = "dpctl/flush-conntrack" if tool == "flush-conntrack" else tool
            self._daemon.control(method, *words)
        self._daemon.settle()

    def wait(self, milliseconds: int) -> None:
        """Let time pass."""
        while milliseconds > 0:
            self._daemon.control("time/warp", min(_STEP, milliseconds))
            milliseconds -= _STEP
            if milliseconds <= 0:
                for _ in range(2):
                    self._daemon.settle()
                    self._daemon.control("revalidator/wait")
                self._daemon.settle()

    def receive(self, *frames: Case) -> list[Case]:
        """Let frames come in, on different bridges; return all that leaves because of them."""
        self._daemon.control("revalidator/purge")  # so that the tables are asked, not a cache
        self._daemon.settle()
        for frame in frames:
            tunnel = self._tunnels.get((frame["bridge"], frame["port"]))
            port = frame["port"] if tunnel is None else UNDERLAY_PORT
            octets = frame["hex"] if tunnel is None else wrapped(frame, tunnel["type"])
            self._daemon.control("netdev-dummy/receive", port, octets)
        self._daemon.settle()
        return list(self._collect())

    def _collect(self) -> Iterator[Case]:
        for (bridge, port), path in self._watched.items():
            for octets in self._new(path):
                if bridge == UNDERLAY:
                    yield self._unwrapped(octets)
                else:
                    yield {"bridge": bridge, "port": port, "hex": octets.hex()}

    def _new(self, path: Path) -> Iterator[bytes]:
        if not path.exists():
            return
        with path.open("rb") as file:
            at = self._read.get(path, 24)
            file.seek(at)
            while len(head := file.read(16)) == 16:
                size = struct.unpack("<4I", head)[2]
                yield file.read(size)
                at += 16 + size
            self._read[path] = at

    def _unwrapped(self, octets: bytes) -> Case:
        """Take a packet out of its tunnel."""
        ip = octets[14:]
        src, dst = (str(ip_address(ip[at : at + 4])) for at in (12, 16))
        payload = ip[(ip[0] & 15) * 4 :]
        if ip[9] == 17:
            kind = "vxlan" if payload[2:4] == b"\x12\xb5" else "geneve"
            skipped = 16 if kind == "vxlan" else 16 + (payload[8] & 0x3F) * 4
            number, inner = int.from_bytes(payload[12:15], "big"), payload[skipped:]
        else:
            kind, at = "gre", 8 if payload[0] & 0x80 else 4
            has_key = payload[0] & 0x20
            number = int.from_bytes(payload[at : at + 4], "big") if has_key else 0
            inner = payload[at + 4 if has_key else at :]
        bridge, port = self._tunnel_port(kind, dst, number)
        seen = {"bridge": bridge, "port": port, "hex": inner.hex(), "tun_src": src}
        return seen | {"tun_dst": dst, "tun_id": number, "tun_tos": ip[1], "tun_ttl": ip[8]}

    def _tunnel_port(self, kind: str, remote: str, number: int) -> tuple[str, str]:
        best = ("", "")
        for at, tunnel in self._tunnels.items():
            key = tunnel.get("key", "flow")
            fits = tunnel["type"] == kind and tunnel["remote_ip"] in (remote, "flow")
            if fits and (key == "flow" or int(str(key), 0) == number):
                best = at if tunnel["remote_ip"] == remote or best == ("", "") else best
        return best

    # --- look -------------------------------------------------------------------------------------

    def flows(self, bridge: str) -> list[str]:
        """Return the flows, sorted as `World.flows` does."""
        self._daemon.control("revalidator/purge")
        self._daemon.settle()
        options = ("-O", "OpenFlow15", "--no-stats", "--names")
        printed = self._daemon.run("ovs-ofctl", *options, "dump-flows", bridge)
        lines = [" ".join(line.split()) for line in printed.splitlines() if "actions=" in line]
        return sorted([line.replace("reset_counts ", "") for line in lines], key=_by_table)

    def fdb(self, bridge: str) -> list[list[Any]]:
        """Return what was learned: port, VLAN, address."""
        rows = []
        for line in self._daemon.control("fdb/show", bridge).splitlines()[1:]:
            port, vlan, mac, _age = line.split()
            rows.append([port, int(vlan), mac])
        return sorted(rows, key=lambda row: (row[1], row[2]))


def _by_table(line: str) -> tuple[int, str]:
    words = line.split("actions=", maxsplit=1)[0].replace(",", " ").split()
    tables = [int(word[6:]) for word in words if word.startswith("table=")]
    return (tables or [0])[0], line


def wrapped(frame: Case, kind: str) -> str:
    """Put a frame into its tunnel."""
    inner, number = bytes.fromhex(frame["hex"]), frame.get("tun_id", 0)
    if kind == "gre":
        body, protocol = b"\x20\0\x65\x58" + number.to_bytes(4, "big") + inner, 47
    else:
        port, first = (4789, b"\x08\0\0\0") if kind == "vxlan" else (6081, b"\0\0\x65\x58")
        head = first + number.to_bytes(3, "big") + b"\0"
        body = struct.pack("!HHHH", 51234, port, 16 + len(inner), 0) + head + inner
        protocol = 17
    src = ip_address(frame["tun_src"]).packed
    dst = ip_address(frame.get("tun_dst", LOCAL_END)).packed
    tos, ttl = frame.get("tun_tos", 0), frame.get("tun_ttl", 64)
    ip = struct.pack("!BBHHHBBH", 0x45, tos, 20 + len(body), 0, 0x4000, ttl, protocol, 0)
    total = sum(struct.unpack("!10H", ip + src + dst))
    total = (total & 0xFFFF) + (total >> 16)
    check = 0xFFFF - ((total & 0xFFFF) + (total >> 16))
    ip = ip[:10] + check.to_bytes(2, "big")
    ethernet = bytes.fromhex("aa55aa5500fe") + b"\xf8\xbc\x12\0\0" + src[3:] + b"\x08\0"
    octets: bytes = ethernet + ip + src + dst + body
    return octets.hex()
