"""Where devices are, as people see it: on a host, in a guest, or between the machines."""

from typing import Final

from emu.journal import DeviceAdded, Linked, Record

KINDS: Final = {"OvsBridge": "bridge", "Namespace": ""}  # where it is not the class in lower case


class Places:
    """A sink that learns where devices are."""

    def __init__(self) -> None:
        self._kinds: dict[str, str] = {}
        self._hosts: dict[str, None] = {}
        self._homes: dict[str, str] = {}  # the hosts of guests

    def write(self, record: Record) -> None:
        """Take note of `record`."""
        if type(record) is DeviceAdded:
            self._kinds[record.device] = KINDS.get(record.kind, record.kind.lower())
            host, scoped, _ = record.device.partition("/")
            if scoped:
                self._hosts[host] = None
        elif type(record) is Linked:
            for end, other in ((record.link.a, record.link.b), (record.link.b, record.link.a)):
                host, scoped, _ = other.device.partition("/")
                if scoped and "/" not in end.device and end.device not in self._hosts:
                    self._homes.setdefault(end.device, host)

    def close(self) -> None:
        """Do nothing: what is known stays."""

    def machine(self, device: str) -> str:
        """Return the host that `device` is a part of, or the device itself."""
        return device.partition("/")[0]

    def home(self, device: str) -> str | None:
        """Return the host of a guest."""
        return None if device in self._hosts else self._homes.get(device)

    def describe(self, device: str) -> str:
        """Return what people call a device among those of its place: `bridge br-int`."""
        return f"{self._kinds.get(device, '')} {device.rpartition('/')[2]}".strip()

    def heading(self, device: str) -> str:
        """Return where `device` is."""
        machine = self.machine(device)
        if machine in self._hosts:
            return f"On host {machine}"
        if home := self._homes.get(device):
            return f"In guest {device}, on {home}"
        return "Between the machines" if self._kinds.get(device) else f"On {device}"
