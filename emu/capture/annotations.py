"""What the capture of a frame says besides its bytes: why it was sent, and what became of it.

Two comments, the direction, and on drops a verdict, as the options of its block. Steps recur as
shared objects, so that annotations recur too: they are kept by the identity of the steps.
"""

from typing import Final

from emu.capture.pcapng import DROPPED, Direction, build_annotations
from emu.journal import Arrived, Lost, Sent
from emu.journal.words import own_effects, render_verdict, render_why
from emu.net.effects import Drop, Event, Transmit

ENTRIES: Final = 4096  # that are kept


class Annotations:
    """Makes the options of a frame's block."""

    def __init__(self) -> None:
        # With the steps of each, so that no other object gets the identity of one
        self._kept: dict[object, tuple[bytes, object]] = {}

    def of_arrived(self, sent: Sent, arrived: Arrived) -> bytes:
        """Return what is said of a frame to which a device reacted."""
        key: list[object] = [id(sent.why), sent.by_a, arrived.device]
        for effect in arrived.effects:
            if type(effect) is Event:
                continue
            own = effect.frame.packet == sent.frame.packet
            if type(effect) is Transmit:
                key.append((own, effect.port))
            else:
                reason = effect.reason if type(effect) is Drop else type(effect)
                key.append((own, effect.port, reason, id(effect.why)))
        whole = tuple(key)
        if (kept := self._kept.get(whole)) is not None:
            return kept[0]
        made = self._make(sent, arrived)
        if len(self._kept) >= ENTRIES:
            self._kept.clear()
        self._kept[whole] = made, (sent.why, *[effect.why for effect in arrived.effects])
        return made

    def of_lost(self, sent: Sent, lost: Lost) -> bytes:
        """Return what is said of a frame that did not get there."""
        return _annotate(sent, f"lost {lost.reason}", dropped=True)

    def of_in_flight(self, sent: Sent) -> bytes:
        """Return what is said of a frame that was still on its way when the run ended."""
        return _annotate(sent, "in flight", dropped=False)

    def _make(self, sent: Sent, arrived: Arrived) -> bytes:
        packet, effects = sent.frame.packet, arrived.effects
        own = own_effects(packet, effects)
        dropped = bool(own) and all(type(effect) is Drop for effect in own)
        verdict = render_verdict(arrived.device, packet, effects)
        return _annotate(sent, verdict, dropped=dropped)


def _annotate(sent: Sent, fate: str, *, dropped: bool) -> bytes:
    direction = Direction.OUTBOUND if sent.by_a else Direction.INBOUND
    comments = [comment for comment in (render_why(sent.why), fate) if comment]
    return build_annotations(comments, direction, DROPPED if dropped else None)
