"""CRC-32C (Castagnoli), the checksum of SCTP: RFC 9260, appendix A."""

from typing import Final

_POLYNOMIAL: Final = 0x82F63B78  # reflected


def _entry(index: int) -> int:
    for _ in range(8):
        index = index >> 1 ^ (_POLYNOMIAL if index & 1 else 0)
    return index


_TABLE: Final = tuple(map(_entry, range(256)))


def crc32c(octets: bytes) -> int:
    """Return the checksum of `octets` as the number that stands in the header."""
    crc = 0xFFFFFFFF
    for octet in octets:
        crc = crc >> 8 ^ _TABLE[(crc ^ octet) & 0xFF]
    return int.from_bytes((crc ^ 0xFFFFFFFF).to_bytes(4, "little"), "big")
