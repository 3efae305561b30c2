"""The hashes by which OVS chooses a bucket or a link: lib/hash.h, lib/jhash.c, lib/flow.c.

They are those of a build without SSE 4.2, which distributions ship: MurmurHash3 and Jenkins' hash
of 2006, on little-endian words.
"""

from typing import Final

from emu.openflow import layout

_ONES: Final = 0xFFFFFFFF


def _rotate(word: int, bits: int) -> int:
    return (word << bits | word >> 32 - bits) & _ONES


def add(value: int, word: int) -> int:
    """As hash_add()."""
    if word:
        word = _rotate(word * 0xCC9E2D51 & _ONES, 15) * 0x1B873593 & _ONES
    return (_rotate(value ^ word, 13) * 5 + 0xE6546B64) & _ONES


def finish(value: int, final: int) -> int:
    """As hash_finish()."""
    value ^= final
    value = (value ^ value >> 16) * 0x85EBCA6B & _ONES
    value = (value ^ value >> 13) * 0xC2B2AE35 & _ONES
    return value ^ value >> 16


def two_words(x: int, y: int) -> int:
    """As hash_2words()."""
    return finish(add(add(x, 0), y), 8)


def hash_int(x: int, basis: int) -> int:
    """Mix in one word: hash_2words() by another name."""
    return two_words(x, basis)


def hash_u64(x: int) -> int:
    """As hash_uint64()."""
    return finish(_add64(0, x), 8)


def hash_octets(octets: bytes, basis: int) -> int:
    """As hash_bytes()."""
    value = basis
    for at in range(0, len(octets), 4):
        value = add(value, int.from_bytes(octets[at : at + 4], "little"))
    return finish(value, len(octets))


def _add64(value: int, word: int) -> int:
    return add(add(value, word & _ONES), word >> 32)


def _jhash_mix(a: int, b: int, c: int) -> tuple[int, int, int]:
    for first, second, third in ((4, 6, 8), (16, 19, 4)):
        a = (a - c & _ONES) ^ _rotate(c, first)
        c = c + b & _ONES
        b = (b - a & _ONES) ^ _rotate(a, second)
        a = a + c & _ONES
        c = (c - b & _ONES) ^ _rotate(b, third)
        b = b + a & _ONES
    return a, b, c


def _jhash_final(a: int, b: int, c: int) -> int:
    c = ((c ^ b) - _rotate(b, 14)) & _ONES
    a = ((a ^ c) - _rotate(c, 11)) & _ONES
    b = ((b ^ a) - _rotate(a, 25)) & _ONES
    c = ((c ^ b) - _rotate(b, 16)) & _ONES
    a = ((a ^ c) - _rotate(c, 4)) & _ONES
    b = ((b ^ a) - _rotate(a, 14)) & _ONES
    return ((c ^ b) - _rotate(b, 24)) & _ONES


def jhash(octets: bytes, basis: int) -> int:
    """As jhash_bytes()."""
    a = b = c = (0xDEADBEEF + len(octets) + basis) & _ONES
    while len(octets) >= 12:
        words = [int.from_bytes(octets[at : at + 4], "little") for at in (0, 4, 8)]
        a, b, c = _jhash_mix(a + words[0] & _ONES, b + words[1] & _ONES, c + words[2] & _ONES)
        octets = octets[12:]
    if octets:
        octets = octets.ljust(12, b"\0")
        words = [int.from_bytes(octets[at : at + 4], "little") for at in (0, 4, 8)]
        return _jhash_final(a + words[0] & _ONES, b + words[1] & _ONES, c + words[2] & _ONES)
    return c


# --- of a packet ---------------------------------------------------------------------------------

_IP: Final = (layout.ETH_TYPE_IP, layout.ETH_TYPE_ARP)
_WITH_PORTS: Final = (
    *(layout.IPPROTO_TCP, layout.IPPROTO_UDP, layout.IPPROTO_SCTP),
    *(layout.IPPROTO_ICMP, layout.IPPROTO_ICMPV6),
)


def _wire_word(value: int, octets: int) -> int:
    """Return a number as the machine reads it from the wire."""
    return int.from_bytes(value.to_bytes(octets, "big"), "little")


def five_tuple(key: int, basis: int) -> int:
    """As flow_hash_5tuple(): addresses, protocol and ports."""
    dl_type, protocol = layout.DL_TYPE.get(key), layout.NW_PROTO.get(key)
    value = basis
    if dl_type == layout.ETH_TYPE_IPV6:
        both = layout.IPV6_SRC.get(key).to_bytes(16, "big")
        both += layout.IPV6_DST.get(key).to_bytes(16, "big")
        for at in range(0, 32, 8):
            value = _add64(value, int.from_bytes(both[at : at + 8], "little"))
    elif dl_type in _IP:
        value = add(value, _wire_word(layout.NW_SRC.get(key), 4))
        value = add(value, _wire_word(layout.NW_DST.get(key), 4))
    else:
        return finish(value, 42)
    value = add(value, protocol)
    if protocol in _WITH_PORTS:
        ports = layout.TP_SRC.get(key) << 16 | layout.TP_DST.get(key)
        value = add(value, _wire_word(ports, 4))
    return finish(value, 42)


def _vids(key: int) -> int:
    tags = layout.VLANS.get(key)
    return (tags ^ tags >> 32) & layout.VLAN_VID_MASK


def symmetric_l4(key: int, basis: int) -> int:
    """As flow_hash_symmetric_l4(): the same for both directions of a connection."""
    dl_type, protocol = layout.DL_TYPE.get(key), 0
    ports = 0
    address = bytes(16)
    if dl_type == layout.ETH_TYPE_IP:
        address = (layout.NW_SRC.get(key) ^ layout.NW_DST.get(key)).to_bytes(4, "big") + bytes(12)
    elif dl_type == layout.ETH_TYPE_IPV6:
        address = (layout.IPV6_SRC.get(key) ^ layout.IPV6_DST.get(key)).to_bytes(16, "big")
    if dl_type in (layout.ETH_TYPE_IP, layout.ETH_TYPE_IPV6):
        protocol = layout.NW_PROTO.get(key)
        if protocol in (layout.IPPROTO_TCP, layout.IPPROTO_SCTP):
            ports = layout.TP_SRC.get(key) ^ layout.TP_DST.get(key)
    macs = layout.DL_SRC.get(key) ^ layout.DL_DST.get(key)
    fields = address + dl_type.to_bytes(2, "big") + _vids(key).to_bytes(2, "big")
    fields += ports.to_bytes(2, "big") + macs.to_bytes(6, "big") + bytes((protocol, 0, 0, 0))
    return jhash(fields, basis)


def _symmetric_l2(key: int, basis: int) -> int:
    macs = layout.DL_SRC.get(key) ^ layout.DL_DST.get(key)
    fields = layout.DL_TYPE.get(key).to_bytes(2, "big") + _vids(key).to_bytes(2, "big")
    fields += macs.to_bytes(6, "big") + bytes(2)
    value = basis
    for at in (0, 4, 8):
        value = add(value, int.from_bytes(fields[at : at + 4], "little"))
    return finish(value, basis)


def _symmetric_l3(key: int, basis: int, *, ports: tuple[int, ...] | None) -> int:
    """As flow_hash_symmetric_l3l4() with the ports of those protocols; None: symmetric_l3."""
    dl_type, protocol = layout.DL_TYPE.get(key), layout.NW_PROTO.get(key)
    value = basis
    if dl_type == layout.ETH_TYPE_IP:
        value = add(value, _wire_word(layout.NW_SRC.get(key) ^ layout.NW_DST.get(key), 4))
    elif dl_type == layout.ETH_TYPE_IPV6:
        both = (layout.IPV6_SRC.get(key) ^ layout.IPV6_DST.get(key)).to_bytes(16, "big")
        value = _add64(value, int.from_bytes(both[:8], "little"))
        value = _add64(value, int.from_bytes(both[8:], "little"))
    else:
        return _symmetric_l2(key, basis)
    if ports is not None:
        value = add(value, protocol)
        if protocol in ports and not layout.NW_FRAG.get(key):
            value = add(value, _wire_word(layout.TP_SRC.get(key) ^ layout.TP_DST.get(key), 2))
    return finish(value, basis)


_L4: Final = (layout.IPPROTO_TCP, layout.IPPROTO_SCTP)


def symmetric_l3l4(key: int, basis: int) -> int:
    """As flow_hash_symmetric_l3l4() without the ports of UDP."""
    return _symmetric_l3(key, basis, ports=_L4)


def hash_fields(key: int, fields: str, basis: int) -> int:
    """As flow_hash_fields()."""
    match fields:
        case "eth_src":
            return jhash(layout.DL_SRC.get(key).to_bytes(6, "big"), basis)
        case "symmetric_l4":
            return symmetric_l4(key, basis)
        case "symmetric_l3l4":
            return _symmetric_l3(key, basis, ports=_L4)
        case "symmetric_l3l4+udp":
            return _symmetric_l3(key, basis, ports=(*_L4, layout.IPPROTO_UDP))
        case "symmetric_l3":
            return _symmetric_l3(key, basis, ports=None)
        case _:
            return _hash_address(key, basis, is_source=fields == "nw_src")


def _hash_address(key: int, basis: int, *, is_source: bool) -> int:
    dl_type = layout.DL_TYPE.get(key)
    if dl_type == layout.ETH_TYPE_IP:
        slot, octets = (layout.NW_SRC if is_source else layout.NW_DST), 4
    elif dl_type == layout.ETH_TYPE_IPV6:
        slot, octets = (layout.IPV6_SRC if is_source else layout.IPV6_DST), 16
    else:
        return basis
    return jhash(slot.get(key).to_bytes(octets, "big"), basis)


# --- choices -------------------------------------------------------------------------------------


def choose_link(value: int, algorithm: str, links: int, arg: int) -> int:
    """As multipath_algorithm()."""
    if algorithm == "modulo_n":
        return value % links
    if algorithm == "hash_threshold":
        return 0 if links == 1 else value // (_ONES // links + 1)
    if algorithm == "hrw" and links <= 64:
        return max(range(links), key=lambda link: two_words(link, value))
    return _iterate(value, links, arg if algorithm == "iter_hash" else 0)


def _iterate(value: int, links: int, modulo: int) -> int:
    """As algorithm_iter_hash()."""
    if modulo < links or modulo // 2 > links:
        modulo = 1 << (links - 1).bit_length()
    count = 0
    while True:
        link = two_words(value, count) % modulo
        count += 1
        if link < links:
            return link
