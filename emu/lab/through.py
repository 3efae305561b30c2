"""One Scapy frame through one device, without a network around it."""

from emu.core.time import Nanoseconds
from emu.net.device import Device
from emu.net.effects import Effect, Transmit
from emu.packet.door import Packet
from emu.packet.frame import Frame

BEGIN = Nanoseconds(0)


def through(
    device: Device, port: str, packet: Packet, now: Nanoseconds = BEGIN
) -> list[tuple[str, Packet]]:
    """Let `packet` arrive at `port` of `device`, and return what leaves then, and by which ports.

    `packet` is a whole Ethernet frame, as `Ether(src=..., dst=...) / ...`. What leaves are frames
    that the caller owns: `Ether`, `Dot3` for 802.3, `Raw` for what is too short. The device stays
    as the frame has left it, for the next one; timers that are due until `now` run first, and what
    they send leaves too.

    Raises:
        ValueError: `packet` is no whole Ethernet frame.
    """
    frame = Frame.of(packet)
    effects = list[Effect]()
    while (due := device.next_deadline()) is not None and due <= now:
        effects += device.tick(due)
    effects += device.receive(now, port, frame)
    return [(e.port, e.frame.scapy()) for e in effects if type(e) is Transmit]
