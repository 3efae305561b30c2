"""Tunnel ports of a bridge: ofproto/tunnel.c.

All tunnels of one type share one netdev of the machine. Which port a packet belongs to is said by
the header that was around it, and that header is decided on here; the netdev puts it on.
"""

from collections.abc import Iterable
from typing import Final

from emu.devices.ovs.port import Port
from emu.devices.ovs.settings import TunnelSettings
from emu.openflow import layout
from emu.openflow.subfield import is_ip_any
from emu.packet.beside import Outer

_CE: Final = 3  # IP_ECN_CE
_ECT_0: Final = 2
_ECN: Final = 3
_SYSTEM_FLAGS: Final = layout.TUN_F_DF | layout.TUN_F_CSUM | layout.TUN_F_KEY

NETDEVS: Final = {"vxlan": "vxlan_sys", "geneve": "genev_sys", "gre": "gre_sys"}
DST_PORTS: Final = {"vxlan": 4789, "geneve": 6081, "gre": 0}


def netdev(settings: TunnelSettings) -> str:
    """Return the name of the netdev that all such tunnels share."""
    port = settings.dst_port or DST_PORTS[settings.type]
    return f"{NETDEVS[settings.type]}_{port}" if port else NETDEVS[settings.type]


# --- receive -------------------------------------------------------------------------------------


def key_of(outer: Outer) -> int:
    """Return the slots of a key that an outer header fills."""
    src, dst = _addresses(outer.version)
    key = outer.id << layout.TUN_ID.at | outer.src << src.at | outer.dst << dst.at
    flags = outer.flags | (layout.TUN_F_KEY if outer.has_id else 0)
    key |= flags << layout.TUN_FLAGS.at | outer.tos << layout.TUN_TOS.at
    key |= outer.ttl << layout.TUN_TTL.at
    key |= outer.gbp_id << layout.TUN_GBP_ID.at | outer.gbp_flags << layout.TUN_GBP_FLAGS.at
    return key


def _addresses(version: int) -> tuple[layout.Slot, layout.Slot]:
    if version == 4:
        return layout.TUN_SRC, layout.TUN_DST
    return layout.TUN_IPV6_SRC, layout.TUN_IPV6_DST


def find(ports: Iterable[Port], outer: Outer) -> Port | None:
    """Return the port that a packet came in by: of those that fit, the one that says most.

    As tnl_find(): the key counts more than the remote end, and that more than the local end.
    """
    best, best_rank = None, (9, 9, 9)
    for port in ports:
        tunnel = port.settings.tunnel
        if tunnel is None:
            continue
        fits = (
            (tunnel.in_key is None or tunnel.in_key == outer.id)
            and (tunnel.remote is None or (tunnel.version, tunnel.remote) == _from(outer))
            and (tunnel.local in (None, 0) or tunnel.local == outer.dst)
        )
        local = 2 if tunnel.local is None else int(tunnel.local == 0)
        rank = (int(tunnel.in_key is None), int(tunnel.remote is None), local)
        if fits and rank < best_rank:
            best, best_rank = port, rank
    return best


def _from(outer: Outer) -> tuple[int, int]:
    return outer.version, outer.src


def came_by_tunnel(key: int) -> bool:
    """As tnl_port_should_receive()."""
    return bool(layout.TUN_DST.get(key) or layout.TUN_IPV6_DST.get(key))


def heed_congestion(key: int) -> int | None:
    """Return the key with what the outer header says of congestion; None: it cannot say so.

    As tnl_process_ecn(), RFC 6040 4.2.
    """
    tos = layout.NW_TOS.get(key)
    marked = came_by_tunnel(key) and layout.TUN_TOS.get(key) & _ECN == _CE
    if not marked or not is_ip_any(key):
        return key
    return None if not tos & _ECN else layout.NW_TOS.put(key, tos | _CE)


# --- send ----------------------------------------------------------------------------------------


def prepare(settings: TunnelSettings, key: int) -> int:
    """Return the key with the header that goes around the packet; as tnl_port_send()."""
    src, dst = _addresses(settings.version)
    if settings.local is not None:
        key = src.put(key, settings.local)
    if settings.remote is not None:
        key = dst.put(key, settings.remote)
    if settings.out_key is not None:
        key = layout.TUN_ID.put(key, settings.out_key)
    inner_tos, is_ip = layout.NW_TOS.get(key), is_ip_any(key)
    ttl = settings.ttl if settings.ttl is not None else 64
    if settings.ttl is None and is_ip:
        ttl = layout.NW_TTL.get(key)
    tos = settings.tos or 0
    if settings.tos is None and is_ip:
        tos = inner_tos & ~_ECN
    if is_ip:
        tos |= _ECT_0 if inner_tos & _ECN == _CE else inner_tos & _ECN
    flags = layout.TUN_FLAGS.get(key) & ~_SYSTEM_FLAGS
    flags |= layout.TUN_F_DF if settings.df_default else 0
    flags |= layout.TUN_F_CSUM if settings.csum else 0
    flags |= layout.TUN_F_KEY if settings.has_out_key else 0
    key = layout.TUN_TTL.put(layout.TUN_TOS.put(key, tos), ttl)
    return layout.TUN_FLAGS.put(key, flags)


def outer_of(key: int) -> Outer:
    """Return the outer header that a key asks for."""
    v4, v6 = _addresses(4), _addresses(6)
    is_v6 = not v4[1].get(key) and bool(v6[1].get(key))
    src, dst = v6 if is_v6 else v4
    flags = layout.TUN_FLAGS.get(key)
    return Outer(
        id=layout.TUN_ID.get(key),
        has_id=bool(flags & layout.TUN_F_KEY),
        src=src.get(key),
        dst=dst.get(key),
        version=6 if is_v6 else 4,
        tos=layout.TUN_TOS.get(key),
        ttl=layout.TUN_TTL.get(key),
        flags=flags & ~layout.TUN_F_KEY,
        gbp_id=layout.TUN_GBP_ID.get(key),
        gbp_flags=layout.TUN_GBP_FLAGS.get(key),
    )
