"""The journal for people and programs: fates, traces, JSON Lines, counts, a fingerprint."""

from emu.trace.counts import DropRow, LinkCounts, LinkRow
from emu.trace.fates import Fates

__all__ = ["DropRow", "Fates", "LinkCounts", "LinkRow"]
