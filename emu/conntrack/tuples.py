"""What tells one connection from another, and how it is read from a packet."""

from ipaddress import IPv4Address, IPv6Address
from typing import Final, NamedTuple

IPV4: Final = 4
IPV6: Final = 6
ICMP, TCP, UDP, SCTP, ICMPV6 = 1, 6, 17, 132, 58


class Tuple(NamedTuple):
    """One direction of a connection: struct conn_key, struct nf_conntrack_tuple.

    ICMP has no ports: its identifier and its type stand there, as `icmp_port` puts them.
    """

    zone: int
    version: int  # of IP
    protocol: int
    src: int
    src_port: int
    dst: int
    dst_port: int

    def reversed(self) -> "Tuple":
        """Return the tuple of what comes back."""
        zone, version, protocol, src, src_port, dst, dst_port = self
        return Tuple(zone, version, protocol, dst, dst_port, src, src_port)

    @property
    def is_icmp(self) -> bool:
        """Whether there are an identifier and a type instead of ports."""
        return self.protocol == (ICMP if self.version == IPV4 else ICMPV6)

    @property
    def ports(self) -> tuple[int, int]:
        """What stands for ports where a flow can match on them: of ICMP, type and code."""
        if self.is_icmp:
            return icmp_type(self.src_port), 0
        return self.src_port, self.dst_port

    def __str__(self) -> str:
        """Return the tuple as ct_dpif_format_tuple() prints it."""
        address = IPv4Address if self.version == IPV4 else IPv6Address
        text = f"src={address(self.src)},dst={address(self.dst)}"
        if self.is_icmp:
            return f"{text},id={self.src_port >> 8},type={icmp_type(self.src_port)},code=0"
        return f"{text},sport={self.src_port},dport={self.dst_port}"


def icmp_port(identifier: int, kind: int) -> int:
    """Return what stands for the port of an ICMP query."""
    return identifier << 8 | kind


def icmp_type(port: int) -> int:
    """Return the type of an ICMP query of that port."""
    return port & 0xFF
