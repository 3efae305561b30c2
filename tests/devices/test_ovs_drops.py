"""Why a bridge of Open vSwitch drops a frame."""

import pytest

from emu.core.time import seconds
from emu.devices.ovs import (
    FlowText,
    ModPort,
    OvsBridge,
    PortSettings,
    PutPort,
    TunnelSettings,
)
from emu.net.effects import Drop, DropReason
from emu.openflow.actions.base import OF13
from emu.packet.addresses import MacAddress
from emu.packet.beside import Beside, Outer
from emu.packet.ethernet import ETH_P_IP, build_ethernet
from emu.packet.frame import Frame
from emu.packet.ipv4 import build_ipv4

T0 = seconds(0)
UNTAGGED = bytes.fromhex("02000000000b02000000000a") + b"\x88\xb5" + bytes(46)
UDP = build_ethernet(
    MacAddress(UNTAGGED[:6]),
    MacAddress(UNTAGGED[6:12]),
    ETH_P_IP,
    build_ipv4(17, bytes.fromhex("0001000200080000"), src=b"\x0a\0\0\1", dst=b"\x0a\0\0\2"),
)
WIDE = tuple(
    f"table={table}, actions=" + ",".join([f"resubmit(,{table + 1})"] * 20) for table in range(6)
)
LABELS = ",".join(["push_mpls:0x8847"] * 4)


def bridge(*flows: str) -> OvsBridge:
    device = OvsBridge("br0")
    for port in ("p1", "p2"):
        device.configure(T0, PutPort(port=port))
    device.configure(T0, FlowText(texts=("priority=0, actions=drop", *flows), version=OF13))
    return device


@pytest.mark.parametrize(
    ("flows", "reason"),
    [
        pytest.param((), DropReason.OVS_DROP_EXPLICIT, id="a flow says drop"),
        pytest.param(
            ("ip, actions=ct(commit)",),
            DropReason.OVS_DROP_LAST_ACTION,
            id="the actions end without an output",
        ),
        pytest.param(
            ("actions=resubmit(,0)",), DropReason.RECURSION_TOO_DEEP, id="resubmits in resubmits"
        ),
        pytest.param(WIDE, DropReason.TOO_MANY_RESUBMITS, id="resubmits without end"),
        pytest.param(
            (f"actions={LABELS},output:2",),
            DropReason.TOO_MANY_MPLS_LABELS,
            id="a label more than it keeps",
        ),
    ],
)
def test_why_flows_drop(flows: tuple[str, ...], reason: DropReason) -> None:
    effects = bridge(*flows).receive(T0, "p1", Frame.new(UDP))
    assert [effect.reason for effect in effects if isinstance(effect, Drop)] == [reason]


def test_a_port_that_must_not_receive_drops() -> None:
    device = bridge("actions=output:2")
    device.configure(T0, ModPort(port="p1", no_recv=True))
    (drop,) = device.receive(T0, "p1", Frame.new(UNTAGGED))
    assert isinstance(drop, Drop)
    assert drop.reason is DropReason.FORWARDING_DISABLED


def tunnelled(beside: Beside | None, wire: bytes = UNTAGGED) -> list[DropReason]:
    """Return why a bridge with a vxlan port to 10.0.0.2 drops what comes out of tunnels."""
    device = bridge("actions=output:2")
    settings = PortSettings(tunnel=TunnelSettings(remote=0x0A000002))
    device.configure(T0, PutPort(port="vxlan0", settings=settings))
    (link,) = [port for port in device.ports if port not in ("LOCAL", "p1", "p2")]
    effects = device.receive(T0, link, Frame.new(wire).accompanied(wire, beside))
    return [effect.reason for effect in effects if isinstance(effect, Drop)]


def test_what_comes_from_no_known_remote_is_dropped() -> None:
    assert tunnelled(None) == [DropReason.NO_TUNNEL_PORT]
    assert tunnelled(Beside(outer=Outer(src=0x0A000009))) == [DropReason.NO_TUNNEL_PORT]
    assert tunnelled(Beside(outer=Outer(src=0x0A000002))) == []


def test_congestion_that_an_inner_packet_without_ecn_cannot_tell_is_dropped() -> None:
    congested = Beside(outer=Outer(src=0x0A000002, dst=0x0A000001, tos=3))
    assert tunnelled(congested, UDP) == [DropReason.CONGESTION_DROP]
