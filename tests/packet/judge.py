"""What tshark says of frames."""

import struct
import subprocess
from collections.abc import Sequence
from pathlib import Path

COMMAND = ("tshark", "-n", "-o", "ip.defragment:FALSE", "-d", "udp.port==8472,vxlan")


def tshark(wires: Sequence[bytes], folder: Path, *options: str) -> list[str]:
    """Run tshark once over all the frames and return its lines."""
    file = folder / "frames.pcap"
    file.write_bytes(pcap(wires))
    command = [*COMMAND, "-r", str(file), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def pcap(wires: Sequence[bytes]) -> bytes:
    """Return a file of the frames, in the format that is shortest to write."""
    head = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    return head + b"".join(struct.pack("<IIII", 0, 0, len(w), len(w)) + w for w in wires)
