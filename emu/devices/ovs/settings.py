"""What a port of an Open vSwitch bridge is told to be: columns of its database, as values."""

from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import Final, final

from emu.core.errors import Refused
from emu.net.changes import MTU
from emu.packet.frame import MacAddress

VLANS: Final = range(4096)


@unique
class VlanMode(StrEnum):
    """The column `vlan_mode` of the table Port."""

    ACCESS = "access"
    TRUNK = "trunk"
    NATIVE_TAGGED = "native-tagged"
    NATIVE_UNTAGGED = "native-untagged"
    DOT1Q_TUNNEL = "dot1q-tunnel"


@unique
class PriorityTags(StrEnum):
    """`other_config:priority-tags` of the table Port."""

    NEVER = "never"
    IF_NONZERO = "if-nonzero"
    ALWAYS = "always"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class VlanSettings:
    """What a port has to do with VLANs; as it is written, and as it acts."""

    tag: int | None = None
    trunks: tuple[int, ...] = ()  # none: all
    vlan_mode: VlanMode | None = None
    cvlans: tuple[int, ...] = ()  # none: all
    priority_tags: PriorityTags = PriorityTags.NEVER
    qinq_ethtype: int = 0x88A8
    mode: VlanMode = field(init=False, compare=False)
    vlan: int = field(init=False, compare=False)
    carried: frozenset[int] = field(init=False, compare=False)  # by a port that has trunks
    inner: frozenset[int] = field(init=False, compare=False)  # allowed behind a dot1q-tunnel's tag

    def __post_init__(self) -> None:
        """As port_configure(), vswitchd/bridge.c, and bundle_set(), ofproto/ofproto-dpif.c."""
        for vlan in (*self.trunks, *self.cvlans, *([] if self.tag is None else [self.tag])):
            if vlan not in VLANS:
                raise Refused(f"a VLAN is one of 0 to 4095, not {vlan}")
        implied = VlanMode.TRUNK if self.tag is None else VlanMode.ACCESS
        mode = self.vlan_mode or implied
        vlan = 0 if self.tag is None or mode is VlanMode.TRUNK else self.tag
        carried = frozenset(self.trunks or VLANS)
        is_native = mode in (VlanMode.NATIVE_TAGGED, VlanMode.NATIVE_UNTAGGED)
        if is_native and vlan and (vlan not in carried or 0 in carried):
            carried = carried - {0} | {vlan}  # the native VLAN is there, and VLAN 0 is not
        object.__setattr__(self, "mode", mode)
        object.__setattr__(self, "vlan", vlan)
        object.__setattr__(self, "carried", carried)
        object.__setattr__(self, "inner", frozenset(self.cvlans or VLANS))


NO_VLANS: Final = VlanSettings()


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class TunnelSettings:
    """The column `options` of an Interface that is a tunnel; None stands for `flow`."""

    type: str = "vxlan"
    remote: int | None = None  # the address, as a number
    local: int | None = 0  # 0: any
    version: int = 4  # of IP
    in_key: int | None = 0
    out_key: int | None = 0
    has_out_key: bool = False
    tos: int | None = 0  # None: inherit
    ttl: int | None = 64  # None: inherit
    df_default: bool = True
    csum: bool = False
    dst_port: int = 0  # 0: the one that the type has
    egress_pkt_mark: int | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class PortSettings:
    """What a port is; what `ovs-ofctl mod-port` sets is apart from it."""

    vlans: VlanSettings = NO_VLANS
    is_protected: bool = False
    mac: MacAddress | None = None
    mtu: int = MTU
    is_patch: bool = False  # another bridge is at the other end of the link
    tunnel: TunnelSettings | None = None
    has_carrier: bool = True
    queue_dscp: tuple[tuple[int, int], ...] = ()  # of the queues of its QoS: number and DSCP


PLAIN: Final = PortSettings()


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class PortFlags:
    """What `ovs-ofctl mod-port` sets: OFPPC_*, include/openflow/openflow-1.0.h."""

    is_down: bool = False
    no_recv: bool = False
    no_recv_stp: bool = False
    no_flood: bool = False
    no_fwd: bool = False


NO_FLAGS: Final = PortFlags()
