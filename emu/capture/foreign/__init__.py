"""Reads captures that others wrote: pcap and pcapng, as tolerantly as Wireshark does.

Frames come one by one, so that a capture may be larger than memory, and what a file says of its
sizes is believed only as far as Wireshark believes it. A damaged file is read up to the damage.
"""

from emu.capture.foreign.capture import ForeignCapture, read_foreign
from emu.capture.foreign.scan import CaptureError, ForeignFrame

__all__ = ["CaptureError", "ForeignCapture", "ForeignFrame", "read_foreign"]
