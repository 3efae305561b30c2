"""One SHA-256 over the frames, times and fates of a run: equal runs have equal fingerprints.

Words are not in it: neither steps nor rows nor names of steps change it, so that it moves only when
what happens does. Serials are not in it either, but the order of what happens is.
"""

from hashlib import sha256

from emu.journal import Arrived, Configured, Lost, Record, Sent, Ticked
from emu.net.effects import Drop, Effects, Event


class Fingerprint:
    """Take the fingerprint of a run."""

    def __init__(self) -> None:
        self._hash = sha256()

    def write(self, record: Record) -> None:
        """Take note of `record`."""
        if type(record) is Sent:
            frame, link = record.frame, record.link
            self._take("Sent", record.time, str(link.a), str(link.b), record.by_a, frame.packet)
            self._take(frame.wire)
        elif type(record) is Arrived:
            self._take("Arrived", record.time, record.device, record.port)
            self._effects(record.effects)
        elif type(record) is Lost:
            self._take("Lost", record.time, record.device, record.port, record.reason.value)
            self._take(record.frame.packet, record.frame.wire)
        elif type(record) is Ticked or type(record) is Configured:
            self._take("Reacted", record.time, record.device)
            self._effects(record.effects)

    def close(self) -> None:
        """Do nothing: the fingerprint stays."""

    def hexdigest(self) -> str:
        """Return the fingerprint of what happened until now."""
        return self._hash.hexdigest()

    def _effects(self, effects: Effects) -> None:
        for effect in effects:
            if type(effect) is Event:
                continue
            reason = effect.reason.value if type(effect) is Drop else ""
            frame = effect.frame
            self._take(type(effect).__name__, effect.port, reason, frame.packet, frame.wire)

    def _take(self, *values: str | int | bytes) -> None:
        self._hash.update(repr(values).encode())
