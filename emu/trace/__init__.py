"""The journal for people and programs: fates, traces, JSON Lines, counts, a fingerprint."""

from emu.trace.counts import DropRow, LinkCounts, LinkRow
from emu.trace.fates import Fates
from emu.trace.fingerprint import Fingerprint
from emu.trace.jsonl import JsonLinesSink
from emu.trace.text import Level, TraceSink, render_trace

__all__ = [
    "DropRow",
    "Fates",
    "Fingerprint",
    "JsonLinesSink",
    "Level",
    "LinkCounts",
    "LinkRow",
    "TraceSink",
    "render_trace",
]
