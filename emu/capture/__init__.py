"""Captures: pcapng files of what links carried, written while they do, and read again."""

from emu.capture.folder import RunFolder, read_index
from emu.capture.pcap import read_pcap, write_pcap
from emu.capture.reader import CapturedFrame, Interface, read_capture, read_frames
from emu.capture.sink import Capture, CaptureSink

__all__ = [
    "Capture",
    "CaptureSink",
    "CapturedFrame",
    "Interface",
    "RunFolder",
    "read_capture",
    "read_frames",
    "read_index",
    "read_pcap",
    "write_pcap",
]
