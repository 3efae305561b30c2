"""Mirrors: what else gets a copy of a packet. mirror_packet(), ofproto/ofproto-dpif-xlate.c."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import final

from emu.devices.ovs import vlan
from emu.devices.ovs.vlan import Tag


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Mirror:
    """A row of the table Mirror. Ports are named."""

    name: str
    select_all: bool = False
    select_src_port: tuple[str, ...] = ()
    select_dst_port: tuple[str, ...] = ()
    select_vlan: tuple[int, ...] = ()  # none: all
    output_port: str | None = None
    output_vlan: int | None = None
    snaplen: int = 0  # octets; 0: all

    def takes_from(self, port: str) -> bool:
        """Whether it gets what comes in by the port."""
        return self.select_all or port in self.select_src_port

    def takes_to(self, port: str) -> bool:
        """Whether it gets what goes out by the port."""
        return self.select_all or port in self.select_dst_port

    def is_like(self, other: "Mirror") -> bool:
        """Whether the copies of both go to the same place: one of them is enough."""
        mine = (self.output_port, self.output_vlan)
        return mine == (other.output_port, other.output_vlan)


@final
class Mirrors:
    """All mirrors of a bridge."""

    def __init__(self) -> None:
        self._mirrors: tuple[Mirror, ...] = ()
        self.outputs: frozenset[str] = frozenset()  # ports that nothing else goes to

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._mirrors)

    def __iter__(self) -> Iterator[Mirror]:
        """Yield all mirrors."""
        return iter(self._mirrors)

    def put(self, mirror: Mirror) -> None:
        """Add a mirror, or let it take the place of the one of its name."""
        others = [other for other in self._mirrors if other.name != mirror.name]
        self._set((*others, mirror))

    def remove(self, name: str | None = None) -> None:
        """Take a mirror away, or all."""
        self._set(tuple([m for m in self._mirrors if name is not None and m.name != name]))

    def _set(self, mirrors: tuple[Mirror, ...]) -> None:
        self._mirrors = mirrors
        ports = [mirror.output_port for mirror in mirrors]
        self.outputs = frozenset(port for port in ports if port is not None)

    def bits(self, port: str, *, is_source: bool) -> int:
        """Return a bit for each mirror that gets what comes in by the port, or goes out by it."""
        return sum(
            1 << at
            for at, mirror in enumerate(self._mirrors)
            if (mirror.takes_from if is_source else mirror.takes_to)(port)
        )

    def chosen(self, bits: int, tags: vlan.Tags) -> Iterator[tuple[int, Mirror]]:
        """Yield the mirrors that take a packet of that VLAN, each with the bits of its like."""
        for at, mirror in enumerate(self._mirrors):
            if bits & 1 << at and self._selects(mirror, tags):
                like = [1 << n for n, m in enumerate(self._mirrors) if m.is_like(mirror)]
                yield sum(like), mirror

    def _selects(self, mirror: Mirror, tags: vlan.Tags) -> bool:
        return not mirror.select_vlan or tags.outer.vid in mirror.select_vlan


def retagged(tags: vlan.Tags, vid: int) -> vlan.Tags:
    """Return the tags with another VID."""
    outer = tags.outer
    return tags._replace(outer=Tag(outer.tpid, vid, outer.pcp))
