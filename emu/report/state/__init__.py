"""What a world is like at one moment, as the real tools show it, host by host."""

from emu.report.state.views import Shown, View, find_view, show

__all__ = ["Shown", "View", "find_view", "show"]
