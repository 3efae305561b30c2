"""Columns of Open vSwitch's database, which are text, as settings: port_configure() and others."""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Final

from emu.core.errors import Refused
from emu.devices.ovs.settings import PriorityTags, TunnelSettings, VlanMode, VlanSettings

TUNNELS: Final = ("vxlan", "geneve", "gre")
_DEFAULT_TTL: Final = 64  # DEFAULT_TTL, lib/netdev-vport.c
_PRIORITY_TAGS: Final = {
    "if-nonzero": PriorityTags.IF_NONZERO,
    "true": PriorityTags.IF_NONZERO,
    "always": PriorityTags.ALWAYS,
}


def vlan_settings(
    columns: Mapping[str, str], other_config: Mapping[str, str] | None = None
) -> VlanSettings:
    """Read the columns of a Port that have to do with VLANs; `other_config` is one of them."""
    other = other_config or {}
    mode = columns.get("vlan_mode", "")
    if mode and mode not in [known.value for known in VlanMode]:
        modes = ", ".join(VlanMode)
        raise Refused(f'constraint violation: "{mode}" is not one of the allowed values ({modes})')
    tag = _numbers(columns.get("tag", ""))
    return VlanSettings(
        tag=tag[0] if tag else None,
        trunks=_numbers(columns.get("trunks", "")),
        vlan_mode=VlanMode(mode) if mode else None,
        cvlans=_numbers(columns.get("cvlans", "")),
        priority_tags=_PRIORITY_TAGS.get(other.get("priority-tags", ""), PriorityTags.NEVER),
        qinq_ethtype=0x8100 if other.get("qinq-ethtype") == "802.1q" else 0x88A8,
    )


def _numbers(text: str) -> tuple[int, ...]:
    """Read a set of numbers: `1`, `1,2`, `[1, 2]`."""
    words = text.strip().removeprefix("[").removesuffix("]").split(",")
    try:
        return tuple([int(word) for word in words if word.strip()])
    except ValueError:
        raise Refused(f"{text}: unexpected syntax, where numbers are expected") from None


def tunnel_settings(kind: str, options: Mapping[str, str]) -> TunnelSettings:
    """Read `options` of an Interface that is a tunnel; as set_tunnel_config()."""
    if kind not in TUNNELS:
        raise Refused(f'emu does not model interfaces of type "{kind}"')
    remote, local = options.get("remote_ip", ""), options.get("local_ip", "")
    if not remote:
        raise Refused(f"{kind} type requires valid 'remote_ip' argument")
    if local == "flow" and remote != "flow":
        raise Refused(f"{kind} type requires 'remote_ip=flow' with 'local_ip=flow'")
    ttl = options.get("ttl", "")
    return TunnelSettings(
        type=kind,
        remote=_address(remote),
        local=_address(local) if local else 0,
        version=_version(remote, local),
        in_key=_key(options, "in_key"),
        out_key=_key(options, "out_key"),
        has_out_key="key" in options or "out_key" in options,
        tos=None if options.get("tos") == "inherit" else _number(options.get("tos", "0")),
        ttl=None if ttl == "inherit" else _number(ttl or "0") or _DEFAULT_TTL,
        df_default=options.get("df_default") != "false",
        csum=options.get("csum") == "true",
        dst_port=_number(options.get("dst_port", "0")),
        egress_pkt_mark=_optional(options.get("egress_pkt_mark")),
    )


def _address(text: str) -> int | None:
    """Read an address; None stands for `flow`."""
    if text == "flow":
        return None
    try:
        return int(ip_address(text))
    except ValueError:
        raise Refused(f"{text} is not an IP address") from None


def _version(remote: str, local: str) -> int:
    versions = [ip_address(text).version for text in (remote, local) if text not in ("", "flow")]
    if len(set(versions)) > 1:
        raise Refused("'remote_ip' and 'local_ip' has to be of the same address family")
    return versions[0] if versions else 4


def _key(options: Mapping[str, str], name: str) -> int | None:
    """Read a key; None stands for `flow`. As parse_key()."""
    text = options.get(name, options.get("key", "0"))
    return None if text == "flow" else _number(text)


def _number(text: str) -> int:
    try:
        return int(text, 0)
    except ValueError:
        raise Refused(f"{text} is not a number") from None


def _optional(text: str | None) -> int | None:
    return None if text is None else _number(text)
