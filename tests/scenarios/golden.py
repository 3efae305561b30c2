"""The goldens of a scenario: its frames and times, link by link, and the fates of its packets.

A golden capture is what `emu run` writes without the comments, which may be bettered in peace.
"""

from collections.abc import Iterator
from pathlib import Path

from emu.capture import pcapng
from emu.capture.reader import CapturedFrame, Interface, read_capture

ROOT = Path(__file__).parents[2]
SCENARIOS = ROOT / "scenarios"
GOLDENS = ROOT / "pcaps"
FINGERPRINTS = Path(__file__).parent / "fingerprints.csv"
FATES = "fates.txt"
REGENERATE = "look at what changed; if it is right: ./tools/regen"


def golden_files(run: Path) -> dict[str, bytes]:
    """Return what the goldens of the run in that folder must be, by file name."""
    captures = sorted(path for path in run.glob("*.pcapng") if path.name != "run.pcapng")
    files = {path.name: b"".join(_plain(path)) for path in captures}
    files[FATES] = (run / FATES).read_bytes()
    return files


def _plain(path: Path) -> Iterator[bytes]:
    """Yield the blocks of a capture without comments, names and statistics."""
    yield pcapng.build_section()
    for block in read_capture(path):
        if isinstance(block, Interface):
            yield pcapng.build_interface(block.name, block.description)
        elif isinstance(block, CapturedFrame):
            rest = pcapng.build_rest(
                block.unix, block.wire, pcapng.build_annotations((), block.direction), block.packet
            )
            yield pcapng.build_packet(0, rest) + rest
