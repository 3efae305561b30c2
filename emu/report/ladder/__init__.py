"""Ladders: a conversation with devices across and time down, as text or SVG."""

from emu.report.ladder.conversation import Conversation, LadderSink, Wish
from emu.report.ladder.picture import render_ladder_svg
from emu.report.ladder.text import render_ladder

__all__ = ["Conversation", "LadderSink", "Wish", "render_ladder", "render_ladder_svg"]
