"""What people call a packet, and what it is in one line."""

from emu.journal import DeviceAdded, Record
from emu.packet import summary
from emu.packet.frame import UNNUMBERED, Frame, PacketId, origin_number

INJECT = "inject"  # the origin of what people send by hand


class PacketNames:
    """Gives packets their names: `cirros-vm1#3` is the third that cirros-vm1 sent."""

    def __init__(self) -> None:
        self._origins = {origin_number(INJECT): INJECT}

    def write(self, record: Record) -> None:
        """Learn of a device that may be an origin."""
        if type(record) is DeviceAdded:
            self._origins.setdefault(origin_number(record.device), record.device)

    def name(self, packet: PacketId) -> str:
        """Return the name of `packet`."""
        if packet == UNNUMBERED:
            return "unnumbered"
        number, count = packet >> 32, packet & 0xFFFFFFFF
        return f"{self._origins.get(number) or f'{number:08x}'}#{count}"


def summarize(frame: Frame) -> str:
    """Return what `frame` is, in one line."""
    return summary.summarize(frame.wire)
