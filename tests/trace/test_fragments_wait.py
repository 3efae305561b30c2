"""Fragments of one packet share its id and its cause, and each waits for itself."""

from io import StringIO

import pytest

from emu.core.time import seconds
from emu.journal import Configured, Ticked
from emu.net.effects import Drop, DropReason, Hold
from emu.packet.frame import Frame, PacketId
from emu.trace import Fates

T0 = seconds(0)
FRAGMENTS = [Frame.new(bytes([number]) * 60, PacketId(7)) for number in range(3)]


@pytest.mark.parametrize("ended", range(4))
def test_each_effect_ends_one_wait(ended: int) -> None:
    fates = Fates(StringIO())
    holds = tuple(Hold("eth0", fragment, ()) for fragment in FRAGMENTS)
    fates.write(Configured(T0, "a", None, holds))
    failed = DropReason.NEIGH_FAILED
    drops = tuple(Drop("eth0", fragment, failed, ()) for fragment in FRAGMENTS[:ended])
    fates.write(Ticked(seconds(3), "a", drops))
    fates.close()
    assert (fates.held, fates.mistakes) == (3 - ended, ())
