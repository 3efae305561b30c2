"""Captures: pcapng files of what links carried, written while they do, and read again."""

from emu.capture.sink import Capture, CaptureSink

__all__ = ["Capture", "CaptureSink"]
