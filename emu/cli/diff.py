"""`emu diff`."""

import json as json_format
from collections.abc import Iterable
from pathlib import Path

from emu.capture.diff import Comparison, FrameDifference, LinkComparison, Rules, compare
from emu.cli import FAIL, PASS
from emu.cli.colour import paint
from emu.report.diff import render_comparison, summary

COLOURS = {"changed": "yellow", "missing": "red", "added": "green"}


def diff_captures(
    a: Path, b: Path, *, ignore: list[str], mask: list[str], limit: int, json: bool
) -> int:
    """Print what is different between `a` and `b`, and return the exit status."""
    comparison = compare(a, b, Rules.parse(_split(ignore), _split(mask)))
    if json:
        print(json_format.dumps(_describe(comparison), indent=2))
    else:
        for line in render_comparison(comparison, limit=limit):
            print(_coloured(line))
    return PASS if comparison.is_equal else FAIL


def _split(options: Iterable[str]) -> list[str]:
    """Return the names in options of which each may have several: `time,comment`."""
    names = [name.strip() for option in options for name in option.split(",")]
    return [name for name in names if name]


def _coloured(line: str) -> str:
    word = line[2:].partition(" ")[0] if line.startswith("  ") else ""
    if not line.startswith("  "):
        return line
    return line.replace(word, paint(word, COLOURS[word]), 1) if word in COLOURS else line


def _describe(comparison: Comparison) -> dict[str, object]:
    return {
        "schema_version": 1,
        "equal": comparison.is_equal,
        "summary": summary(comparison),
        "a": str(comparison.a),
        "b": str(comparison.b),
        "remarks": comparison.remarks,
        "counts": {str(aspect): count for aspect, count in comparison.counts.items()},
        "links": [_describe_link(link) for link in comparison.links],
        "fates": comparison.fates,
    }


def _describe_link(link: LinkComparison) -> dict[str, object]:
    return {
        "name": link.name,
        "frames_a": link.a,
        "frames_b": link.b,
        "differences": [_describe_difference(difference) for difference in link.differences],
    }


def _describe_difference(difference: FrameDifference) -> dict[str, object]:
    a, b = difference.a, difference.b
    return {
        "aspect": str(difference.aspect),
        "frame_a": a and a.number,
        "frame_b": b and b.number,
        "changes": [
            {"field": change.field, "before": change.before, "after": change.after}
            for change in difference.changes
        ],
    }
