"""A Scapy AnsweringMachine as a device: no socket, no thread, no machine around it."""

from collections.abc import Iterable

from emu.core.errors import EmuError
from emu.lab.scapy_device import ScapyDevice
from emu.net.effects import DropReason
from emu.packet.addresses import parse_mac, render_mac
from emu.packet.door import (
    AnsweringMachine,
    Dot3,
    Ether,
    InterfaceProvider,
    NetworkInterface,
    Packet,
    PacketList,
)


class AnsweringDevice(ScapyDevice):
    """Answers what the machine's `is_request` takes for a request with what its `make_reply` makes.

        AnsweringDevice("farpd", ARP_am(IP_addr="10.0.0.9"), mac="02:00:00:00:00:09")

    `mac` is its own address: machines that ask their interface for one get this, and it is the
    source of replies that leave theirs out. What is no request is dropped.
    """

    def __init__(
        self,
        name: str,
        machine: AnsweringMachine[Packet],
        *,
        mac: str = "02:00:00:00:00:01",
        ports: Iterable[str] = ("eth0",),
    ) -> None:
        super().__init__(name, ports=ports)
        self._machine = machine
        self._mac = render_mac(parse_mac(mac))
        described = {"name": name, "network_name": name, "mac": self._mac, "dummy": True}
        machine.optsend = {"iface": NetworkInterface(InterfaceProvider(), described)}

    def on_packet(self, port: str, packet: Packet) -> Iterable[Packet]:
        """Answer `packet`, or drop it."""
        kind = type(self._machine).__name__
        if not self._machine.is_request(packet):
            self.drop(f"{kind}: not a request", DropReason.CONSUMED)
            return ()
        reply: object = self._machine.make_reply(packet)
        replies = [reply] if isinstance(reply, Packet) else reply
        if not isinstance(replies, list | PacketList) or not replies:
            self.drop(f"{kind}: no reply to this request")
            return ()
        return [self._framed(one, packet, kind) for one in replies]

    def _framed(self, reply: Packet, request: Packet, kind: str) -> Packet:
        """Return `reply` as a frame from this device."""
        frame = reply if isinstance(reply, Ether | Dot3) else Ether(dst=request.src) / reply
        if frame.fields.get("src") is None:
            frame.src = self._mac
        if frame.fields.get("dst") is None:
            raise EmuError(f"{kind} replies to nobody: its Ether has no dst")
        return frame
