"""Random frames: few addresses, so that flows find them, and everything that can be wrong."""

import struct
from ipaddress import ip_address
from random import Random

from emu.packet.checksum import checksum

MACS = [f"fa:16:3e:00:00:{last:02x}" for last in range(1, 6)]
GROUPS = ["ff:ff:ff:ff:ff:ff", "01:00:5e:01:02:03", "33:33:00:00:00:01", "01:80:c2:00:00:0e"]
IPV4 = [f"10.0.0.{last}" for last in range(1, 6)] + ["224.1.2.3"]
IPV6 = [f"fd00::{last}" for last in range(1, 6)] + ["ff02::1"]
PORTS = [22, 53, 80, 8080, 40000]
VLANS = [1, 10, 20, 30, 4095]
LABELS = [16, 100, 1000]

_TCP_FLAGS = [0x02, 0x12, 0x10, 0x18, 0x11, 0x04, 0x14, 0x00, 0x29]


def mac(text: str) -> bytes:
    """Return the octets of an address."""
    return bytes.fromhex(text.replace(":", ""))


class Frames:
    """Draws frames."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def draw(self) -> str:
        """Draw a frame, as hex."""
        random = self._random
        dst = random.choice(MACS + MACS + GROUPS)
        src = random.choice(MACS) if random.random() < 0.97 else "01:00:00:00:00:01"
        kinds = [self._arp, self._ipv4, self._ipv4, self._ipv4, self._ipv6, self._ipv6]
        ethertype, payload = random.choice([*kinds, self._other])()
        head = mac(dst) + mac(src) + self._tags()
        frame = head + (ethertype.to_bytes(2, "big") if ethertype else b"") + payload
        return _without_dei(self._damaged(frame)).hex()

    def _tags(self) -> bytes:
        random, tags = self._random, b""
        count = random.choices([0, 1, 2, 3], [60, 30, 8, 2])[0]
        for at in range(count):
            outer = count > 1 and at == 0 and random.random() < 0.5
            tci = random.choice([0, *VLANS, *VLANS]) | random.choice([0, 0, 0, 3, 7]) << 13
            tags += struct.pack("!HH", 0x88A8 if outer else 0x8100, tci)
        return tags

    def _damaged(self, frame: bytes) -> bytes:
        """Cut a frame short, or pad it, or change an octet, now and then."""
        random = self._random
        chance = random.random()
        if chance < 0.03:
            return frame[: random.randint(14, len(frame))]
        if chance < 0.06 and len(frame) > 14:
            at = random.randrange(14, len(frame))
            return frame[:at] + bytes([random.randrange(256)]) + frame[at + 1 :]
        return frame + bytes(max(0, 60 - len(frame))) if chance < 0.6 else frame

    # --- what a frame carries ---------------------------------------------------------------------

    def _arp(self) -> tuple[int, bytes]:
        random = self._random
        op = random.choice([1, 1, 2, 2, 3, 300])
        sender, target = (ip_address(random.choice(IPV4[:5])).packed for _ in "12")
        body = struct.pack("!HHBBH", 1, 0x0800, 6, 4, op) + mac(random.choice(MACS)) + sender
        body += mac(random.choice([*MACS, "00:00:00:00:00:00"])) + target
        return random.choice([0x0806, 0x0806, 0x0806, 0x8035]), body

    def _other(self) -> tuple[int, bytes]:
        random = self._random
        kind = random.choice(["mpls", "mpls", "llc", "snap", "unknown", "nothing"])
        if kind == "mpls":
            return self._mpls()
        if kind == "llc":
            body = b"\x42\x42\x03" + bytes(35)
            return len(body), body
        if kind == "snap":
            ethertype, body = self._ipv4()
            body = b"\xaa\xaa\x03\0\0\0" + ethertype.to_bytes(2, "big") + body
            return min(len(body), 1500), body
        return (0x88B5, bytes(random.randrange(50))) if kind == "unknown" else (0x0800, b"")

    def _mpls(self) -> tuple[int, bytes]:
        random, body = self._random, b""
        count = random.choice([1, 1, 2, 3, 4])
        for at in range(count):
            is_last = at == count - 1 and random.random() < 0.95
            entry = random.choice(LABELS) << 12 | random.randrange(8) << 9 | is_last << 8
            body += (entry | random.choice([0, 1, 2, 64])).to_bytes(4, "big")
        return random.choice([0x8847, 0x8847, 0x8848]), body + self._ipv4()[1]

    def _ipv4(self) -> tuple[int, bytes]:
        random = self._random
        src, dst = (ip_address(random.choice(IPV4[: 5 + at])).packed for at in (0, 1))
        protocol, payload = self._transport(4, src, dst)
        options = bytes([1] * 4) if random.random() < 0.04 else b""
        fragment = 0x4000 if random.random() < 0.5 else 0
        if random.random() < 0.06:
            fragment = random.choice([0x2000, 0x2001, 0x0001, 0x0010])
        head = struct.pack(
            *("!BBHHHBBH", 0x45 + len(options) // 4, random.choice([0, 0, 0x10, 0xB8, 1, 3])),
            *(20 + len(options) + len(payload), random.randrange(65536), fragment),
            *(random.choice([0, 1, 2, 63, 64]), protocol, 0),
        )
        head += src + dst + options
        check = checksum(head) if random.random() < 0.97 else 0x1234
        return 0x0800, head[:10] + check.to_bytes(2, "big") + head[12:] + payload

    def _ipv6(self) -> tuple[int, bytes]:
        random = self._random
        src, dst = (ip_address(random.choice(IPV6[: 5 + at])).packed for at in (0, 1))
        protocol, payload = self._transport(6, src, dst)
        if random.random() < 0.15:
            protocol, payload = self._extended(protocol, payload)
        word = 0x60000000 | random.choice([0, 0, 0x10, 0xB8, 3]) << 20
        word |= random.choice([0, 0, 0x12345])
        head = struct.pack("!IHBB", word, len(payload), protocol, random.choice([0, 1, 2, 64]))
        return 0x86DD, head + src + dst + payload

    def _extended(self, protocol: int, payload: bytes) -> tuple[int, bytes]:
        random = self._random
        for kind in random.choices([0, 43, 44, 51, 60], k=random.choice([1, 1, 2])):
            if kind == 44:
                offset = random.choice([0, 1, 8, 9])
                payload = struct.pack("!BBHI", protocol, 0, offset, 7) + payload
            elif kind == 43:
                payload = struct.pack("!BBBBI", protocol, 0, 4, 0, 0) + payload
            else:
                payload = bytes([protocol, 0, 1, 4, 0, 0, 0, 0]) + payload
            protocol = kind
        return protocol, payload

    def _transport(self, version: int, src: bytes, dst: bytes) -> tuple[int, bytes]:
        random = self._random
        kind = random.choices(["tcp", "udp", "icmp", "sctp", "igmp", "gre"], [5, 5, 5, 1, 1, 1])[0]
        ports = struct.pack("!HH", random.choice(PORTS), random.choice(PORTS))
        if kind == "tcp":
            flags = random.choice(_TCP_FLAGS)
            seq, ack = (random.choice([1000, 1001, 2000, 2001, 0]) for _ in "12")
            body = ports + struct.pack("!IIBBHHH", seq, ack, 0x50, flags, 8192, 0, 0)
            return 6, _summed(body + random.randbytes(random.choice([0, 0, 6])), 16, 6, src, dst)
        if kind == "udp":
            data = random.randbytes(random.choice([0, 4, 9]))
            body = ports + struct.pack("!HH", 8 + len(data), 0) + data
            if version == 4 and random.random() < 0.1:
                return 17, body
            return 17, _summed(body, 6, 17, src, dst)
        if kind == "icmp":
            return self._icmp() if version == 4 else (58, self._icmpv6(src, dst))
        if kind == "sctp":
            return 132, ports + bytes(8) + random.randbytes(8)
        if kind == "igmp" and version == 4:
            body = bytes([random.choice([0x11, 0x16, 0x17]), 0, 0, 0]) + bytes([224, 1, 2, 3])
            return 2, body[:2] + checksum(body).to_bytes(2, "big") + body[4:]
        return 47, b"\0\0\x08\0" + random.randbytes(8)

    def _icmp(self) -> tuple[int, bytes]:
        random = self._random
        kind, code = random.choice(
            [(8, 0), (8, 0), (0, 0), (0, 0), (3, 3), (11, 0), (13, 0), (8, 1)]
        )
        body = struct.pack("!BBHHH", kind, code, 0, random.choice([7, 8]), 1)
        if kind in (3, 11):
            src, dst = (ip_address(random.choice(IPV4[:5])).packed for _ in "12")
            inner = struct.pack("!BBHHHBBH", 0x45, 0, 28, 0, 0, 64, 17, 0) + src + dst
            inner = inner[:10] + checksum(inner).to_bytes(2, "big") + inner[12:]
            ports = struct.pack("!HH", random.choice(PORTS), random.choice(PORTS))
            body = body[:4] + bytes(4) + inner + ports + bytes([0, 8, 0, 0])
        else:
            body += random.randbytes(random.choice([0, 8]))
        return 1, body[:2] + checksum(body).to_bytes(2, "big") + body[4:]

    def _icmpv6(self, src: bytes, dst: bytes) -> bytes:
        random = self._random
        kind = random.choice([128, 128, 129, 135, 135, 136, 136, 130, 131])
        body = struct.pack("!BBHHH", kind, 0, 0, random.choice([7, 8]), 1)
        if kind in (135, 136):
            body = body[:4] + bytes(4) + ip_address(random.choice(IPV6[:5])).packed
            for option in random.choices([1, 2, 5], k=random.choice([0, 1, 1, 2])):
                body += bytes([option, 1]) + mac(random.choice(MACS))
        elif kind in (130, 131):
            body += ip_address("ff02::1").packed
        return _summed(body, 2, 58, src, dst)


def _without_dei(frame: bytes) -> bytes:
    """Clear DEI: whether it survives NORMAL depends on the order of an unordered set of ports."""
    octets, at = bytearray(frame), 12
    while frame[at : at + 2] in (b"\x81\x00", b"\x88\xa8") and at + 2 < len(frame):
        octets[at + 2] &= 0xEF
        at += 4
    return bytes(octets)


def _summed(body: bytes, at: int, protocol: int, src: bytes, dst: bytes) -> bytes:
    """Put the checksum of TCP and the like at its place."""
    pseudo = src + dst + len(body).to_bytes(4, "big") + protocol.to_bytes(4, "big")
    return body[:at] + checksum(pseudo + body).to_bytes(2, "big") + body[at + 2 :]
