"""The internet checksum (RFC 1071), and its update when a field changes (RFC 1624).

The sum of 16-bit words in one's complement is the number that the octets spell, modulo 65535,
because 65536 is 1 modulo 65535: one division by CPython takes the place of a loop. Of the two
zeros of one's complement, a sum has 0xFFFF (and its checksum 0) unless every octet is zero.
"""


def checksum(octets: bytes) -> int:
    """Return the checksum of `octets`, in which the field for it is zero.

    Over octets that hold their right checksum it is 0.
    """
    number = int.from_bytes(octets, "big")
    if len(octets) % 2:
        number <<= 8  # an odd last octet is the upper half of a word: RFC 1071, 2
    return -number % 0xFFFF or (0 if number else 0xFFFF)


def update(before: int, old: bytes, new: bytes) -> int:
    """Return what the checksum `before` becomes when the words `old` become `new`.

    Both have the same even size and stand at an even offset. It is what `checksum` would return,
    but for 0 instead of 0xFFFF where every octet is zero now, which no IPv4 packet is.
    """
    # RFC 1624, 3, eqn. 3: HC' = ~(~HC + ~m + m')
    return (before + int.from_bytes(old, "big") - int.from_bytes(new, "big")) % 0xFFFF
