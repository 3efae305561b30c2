"""Who talked with whom about what: the frames of a link, sorted apart.

How two conversations interleave on a link is chance; within one the order is what matters.
"""

from collections.abc import Iterable

from emu.packet.addresses import render_inet, render_mac
from emu.packet.dissection import Found, field_values
from emu.packet.frame import Frame
from emu.packet.icmp import ICMP_ECHO, ICMP_ECHOREPLY, parse_icmp
from emu.packet.ipv4 import IPPROTO_ICMP, parse_ipv4, payload
from emu.packet.malformed import Malformed
from tests.lab.recorded import Timed

TIMEVAL = 16  # octets
EITHER_END = ("eth.addr", "ip.addr", "tcp.port", "udp.port")  # which say things twice


def sort_apart(frames: Iterable[Timed]) -> dict[str, list[Timed]]:
    """Return the conversations among `frames`, each by a name that has nothing ephemeral in it."""
    sorted_apart: dict[str, list[Timed]] = {}
    pings: dict[tuple[str, int], int] = {}
    for frame in frames:
        sorted_apart.setdefault(_name(field_values(frame.wire), pings), []).append(frame)
    return sorted_apart


def fields(wire: bytes) -> dict[str, object]:
    """Return what is compared of a frame: Wireshark's fields, checksums judged, and the data."""
    found: dict[str, object] = {
        name: values for name, values in field_values(wire).items() if name not in EITHER_END
    }
    try:
        ip = parse_ipv4(wire)
        found["ip.checksum.status"] = "good"
        if ip.protocol == IPPROTO_ICMP and not ip.is_fragment:
            message = payload(wire, ip)
            icmp = parse_icmp(message)
            found["icmp.checksum.status"] = "good"
            data = message[8:]
            if icmp.type in (ICMP_ECHO, ICMP_ECHOREPLY) and len(data) >= TIMEVAL:
                found["echo.time"], data = data[:TIMEVAL], data[TIMEVAL:]
            if not icmp.is_error:  # what an error quotes is there field by field
                found["data"] = data
    except Malformed as error:
        if "ip" in found:
            found["malformed"] = str(error)
    return found


def render_field(value: object) -> str:
    """Return a field's values as people write them."""
    parts = value if isinstance(value, tuple) else (value,)
    words = []
    for part in parts:
        if isinstance(part, bytes):
            known = {4: render_inet, 6: render_mac}.get(len(part), bytes.hex)
            words.append(known(part))
        else:
            words.append(str(part))
    return ", ".join(words)


def describe(wire: bytes) -> str:
    """Return a frame in one line."""
    summary = Frame.new(wire).scapy().summary()
    return summary.removeprefix("Ether / ")


def _name(found: Found, pings: dict[tuple[str, int], int]) -> str:
    if "arp" in found:
        ends = [render_inet(found[f"arp.{end}.proto_ipv4"][0]) for end in ("src", "dst")]
        if found["arp.opcode"][0] == 2 and ends[0] != ends[1]:
            ends.reverse()
        return f"ARP {ends[0]} for {ends[1]}"
    if "ip" not in found:
        return f"type 0x{found['eth.type'][0]:04x}" if "eth.type" in found else "runts"
    src, dst = (render_inet(found[f"ip.{end}"][0]) for end in ("src", "dst"))
    if "icmp.ident" in found and found["icmp.type"][0] in (ICMP_ECHO, ICMP_ECHOREPLY):
        pair = f"{src} > {dst}" if found["icmp.type"][0] == ICMP_ECHO else f"{dst} > {src}"
        key = pair, found["icmp.ident"][0]
        number = pings.setdefault(key, 1 + sum(known == pair for known, _ in pings))
        return f"ping {number} of {pair}"
    kind = next((kind for kind in ("tcp", "udp", "icmp") if kind in found), "ip")
    return f"{kind} {src} > {dst}"
