"""Translation of addresses: what a connection's packets are rewritten to, and how."""

from dataclasses import dataclass
from typing import Final, final
from zlib import crc32

from emu.conntrack.connection import Connection, Rewrites
from emu.conntrack.reading import pseudo_header, read_network
from emu.conntrack.table import Connections
from emu.conntrack.tuples import ICMPV6, IPV4, TCP, UDP, Tuple
from emu.core.time import Nanoseconds
from emu.packet import editing
from emu.packet.checksum import checksum
from emu.packet.editing import ABSENT, Layers, Octets

_EPHEMERAL: Final = (1024, 65535)
_WELL_KNOWN: Final = ((511, (1, 511)), (1023, (600, 1023)))  # by the port that they replace
_MOST_ATTEMPTS: Final = 128
_LEAST_ATTEMPTS: Final = 16


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """What a rule asks for: struct nat_action_info_t."""

    rewrites: Rewrites = Rewrites.NOTHING
    first: int = 0  # of a range of addresses; 0: those that the packet has
    last: int = 0
    first_port: int = 0  # of a range of ports; 0: none
    last_port: int = 0

    @property
    def _ports(self) -> tuple[int, int]:
        return self.first_port, max(self.first_port, self.last_port)

    def reply(self, known: Connections, original: Tuple, now: Nanoseconds) -> Tuple | None:
        """Return what will come back, None if all that might is taken: nat_get_unique_tuple()."""
        chance = crc32(repr((original, self.first, self.last, self._ports)).encode())
        wanted = self._with_address(original, chance)
        if original.protocol not in (TCP, UDP):
            return wanted if known.find(wanted, now) is None else None
        if self.rewrites is Rewrites.DESTINATION and self.first_port:
            first, last = self._ports
            wanted = wanted._replace(src_port=first + chance % (last - first + 1))
            for port in _ports(wanted.src_port, first, last, chance):
                tried = wanted._replace(src_port=port)
                if known.find(tried, now) is None:
                    return tried
        current, first, last = self._source_ports(original.src_port, chance)
        for port in _ports(current, first, last, chance):
            tried = wanted._replace(dst_port=port)
            if known.find(tried, now) is None:
                return tried
        return None

    def _with_address(self, original: Tuple, chance: int) -> Tuple:
        reply = original.reversed()
        if self.rewrites is Rewrites.NOTHING:
            return reply
        if not self.first:
            return reply
        count = max(self.last, self.first) - self.first + 1
        address = self.first + chance % min(count, 0xFFFFFFFF)
        if self.rewrites is Rewrites.SOURCE:
            return reply._replace(dst=address)
        return reply._replace(src=address)

    def _source_ports(self, port: int, chance: int) -> tuple[int, int, int]:
        """As set_sport_range()."""
        if self.rewrites is Rewrites.SOURCE and self.first_port:
            first, last = self._ports
            return first + chance % (last - first + 1), first, last
        for highest, (first, last) in _WELL_KNOWN:
            if port <= highest:
                return port, first, last
        return port, *_EPHEMERAL


def _ports(current: int, first: int, last: int, chance: int) -> list[int]:
    """Return the ports that are tried, in order; as nat_get_unique_l4()."""
    count = last - first + 1
    attempts = min(count, _MOST_ATTEMPTS)
    found: list[int] = []
    while True:
        port = current
        for _ in range(min(attempts, count + (not first <= current <= last))):
            found.append(port)
            port = port + 1 if first <= port < last else first
        if not _LEAST_ATTEMPTS <= attempts < count:
            return found
        attempts //= 2
        chance = chance * 1103515245 + 12345 & 0xFFFFFFFF
        current = first + chance % count


# --- packets -------------------------------------------------------------------------------------


def rewritten(connection: Connection, *, is_reply: bool) -> Rewrites:
    """Return which address changes in a packet of that direction."""
    return connection.rewrites.backwards if is_reply else connection.rewrites


def translate(packet: Octets, connection: Connection, *, is_reply: bool, is_related: bool) -> None:
    """Rewrite the packet as the connection has it; as nat_packet()."""
    rewrites = rewritten(connection, is_reply=is_reply)
    if rewrites is Rewrites.NOTHING:
        return
    other = connection.original if is_reply else connection.reply
    _rewrite_address(packet, rewrites, other)
    if is_related:
        _translate_inner(packet, rewrites.backwards, other.reversed())
    else:
        editing.set_ports(packet, other.protocol, other.dst_port, other.src_port)


def _rewrite_address(packet: Octets, rewrites: Rewrites, other: Tuple) -> None:
    is_v4 = other.version == IPV4
    if rewrites is Rewrites.SOURCE:
        (editing.set_ipv4_src if is_v4 else editing.set_ipv6_src)(packet, other.dst)
    else:
        (editing.set_ipv4_dst if is_v4 else editing.set_ipv6_dst)(packet, other.src)


def _translate_inner(packet: Octets, rewrites: Rewrites, other: Tuple) -> None:
    """Rewrite the packet that an ICMP error tells of; as nat_inner_packet()."""
    l3 = packet.l4 + 8
    network = read_network(packet.wire, other.version, l3, packet.end)
    if network is None:  # an error without one has no tuple
        return
    inner = Octets(packet.wire, Layers(ABSENT, l3, network.l4, packet.end))
    editing.set_ports(inner, other.protocol, other.dst_port, other.src_port)
    _rewrite_address(inner, rewrites, other)
    packet.wire = inner.wire
    packet.put(packet.l4 + 2, bytes(2))
    covered = packet.wire[packet.l4 : packet.end]
    if other.version != IPV4:
        covered = pseudo_header(packet, other.version, ICMPV6) + covered
    packet.put(packet.l4 + 2, checksum(covered).to_bytes(2, "big"))
