"""`emu graph`: the topology of a scenario as a picture."""

import sys
from enum import StrEnum, unique
from pathlib import Path

from emu.cli import FAIL, PASS
from emu.cli.files import find
from emu.core.errors import EmuError
from emu.report.graph import render_mermaid, render_svg, topology_of
from emu.scenario import load


@unique
class Format(StrEnum):
    """How a picture is written down."""

    SVG = "svg"
    MERMAID = "mermaid"


SUFFIXES = {".svg": Format.SVG, ".mmd": Format.MERMAID, ".mermaid": Format.MERMAID}


def graph_file(file: str, *, out: Path | None, kind: str | None) -> int:
    """Build the world of `file`, draw it to `out` or stdout, and return the exit status."""
    scenario = load(find(file))
    chosen = _format(out, kind)
    topology, outcome = topology_of(scenario)
    text = render_svg(topology) if chosen is Format.SVG else render_mermaid(topology)
    write_picture(text, out)
    for step in outcome.steps:
        for finding in step.findings:
            if not finding.passed:
                print(f"emu: {scenario.name}: {finding.text}", file=sys.stderr)
    return PASS if outcome.passed else FAIL


def _format(out: Path | None, kind: str | None) -> Format:
    """Return what is asked for; what is not said, the name of the file says."""
    if kind is not None:
        return Format(kind)
    if out is None:
        return Format.SVG
    if (found := SUFFIXES.get(out.suffix)) is None:
        known = " or ".join(SUFFIXES)
        raise EmuError(f'"{out}" ends in neither {known}: say --format svg or --format mermaid')
    return found


def write_picture(text: str, out: Path | None) -> None:
    """Write `text` to a file, or to stdout."""
    if out is None:
        sys.stdout.write(text)
        return
    try:
        out.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise EmuError(f'cannot write "{out}": {error.strerror}') from error
    print(out)
