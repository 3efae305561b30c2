"""`emu inject`."""

import json as json_format
import re
import sys
from pathlib import Path
from typing import Final

from emu.cli import FAIL, PASS
from emu.cli.files import find
from emu.cli.runs import RUNS
from emu.core.errors import EmuError
from emu.report.injection import InjectionSink
from emu.report.run import render_outcome
from emu.scenario import Outcome, Recording, load, record
from emu.scenario.injection import with_injection
from emu.trace import Level, TraceSink
from emu.trace.packets import INJECT

__all__ = ["Level", "inject_frame"]

NUMBERED: Final = re.compile(r"(.+)#([0-9][0-9, -]*)")  # capture.pcapng#3-9
CAPTURES: Final = (".pcap", ".pcapng", ".cap")


def inject_frame(
    file: str,
    frame: str | None,
    *,
    at: str | None,
    into: str | None,
    pcap: Path | None,
    frames: str,
    after: int,
    out: Path | None,
    level: Level,
    normal: bool,
    json: bool,
) -> int:
    """Run `file` as far as `after`, inject, print what comes of it; return the exit status."""
    if (at is None) == (into is None):
        raise EmuError("say where: --at the end of a link that sends, or --into the one it reaches")
    frame, pcap, frames = _what(frame, pcap, frames)
    scenario = load(find(file))
    story = with_injection(
        scenario, at=at, into=into, frame=frame, pcap=pcap, frames=frames, after=after
    )
    result = InjectionSink(after + 1)
    trace = TraceSink(sys.stdout, level=level, step=after + 1, origin=INJECT, normal=normal)
    target = out or RUNS / f"{scenario.name}.inject"
    recording = record(story, target, sinks=[result] if json else [result, trace])
    result.close()
    passed = _is_done(recording.outcome, after)
    if json:
        print(json_format.dumps(_describe(recording, result, passed=passed), indent=2))
        return PASS if passed else FAIL
    trace.close()
    _print_end(recording, result, after)
    return PASS if passed else FAIL


def _what(frame: str | None, pcap: Path | None, frames: str) -> tuple[str | None, Path | None, str]:
    """Return the frame that was typed, or the capture and which of its frames."""
    if frame is not None and pcap is not None:
        raise EmuError("inject either a FRAME or the frames of a --pcap")
    if frame is not None and (numbered := NUMBERED.fullmatch(frame)) and not frames:
        return None, Path(numbered[1]), numbered[2]
    if frame is not None and (Path(frame).suffix in CAPTURES):
        return None, Path(frame), frames
    if frame is None and pcap is None:
        raise EmuError(
            "say what: FRAME is a Scapy expression, hexadecimal digits, or FILE.pcap#3\n"
            "    as in \"Ether(dst='ff:ff:ff:ff:ff:ff')/ARP(pdst='172.16.100.9')\""
        )
    if frames and pcap is None:
        raise EmuError("--frames are those of a --pcap, and there is none")
    return frame, pcap, frames


def _is_done(outcome: Outcome, after: int) -> bool:
    last = outcome.steps[-1]
    return last.index == after + 1 and last.passed


def _print_end(recording: Recording, result: InjectionSink, after: int) -> None:
    outcome = recording.outcome
    for line in outcome.steps[-1].notes:
        print(f"note: {line}")
    if not _is_done(outcome, after):
        print("\n".join(render_outcome(outcome)))
    elif failed := [step for step in outcome.steps if not step.passed]:
        print(f"note: step {failed[0].index} had failed before: {failed[0].title}")
    print(f"verdict: {result.verdict()}")
    print(f"captures: {recording.folder}/")


def _describe(recording: Recording, result: InjectionSink, *, passed: bool) -> dict[str, object]:
    last = recording.outcome.steps[-1]
    return {
        "schema_version": 1,
        "name": recording.outcome.name,
        "passed": passed,
        "verdict": result.verdict(),
        "notes": last.notes,
        "failed": [finding.text for finding in last.findings if not finding.passed],
        "folder": str(recording.folder),
        "packets": [
            {
                "name": packet.name,
                "summary": packet.summary,
                "cause": packet.cause or None,
                "fate": packet.fate,
            }
            for packet in result.packets
        ],
    }
