"""Cases: what real Open vSwitch did, and what emu did otherwise."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from emu.core.errors import Refused
from emu.devices.ovs.ofctl import parse_ofctl
from tests.conformance.world import Case, World


def find(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the files of all cases in some folders."""
    for path in paths:
        yield from sorted(path.rglob("*.json")) if path.is_dir() else [path]


def load(path: Path) -> Case:
    """Read a case."""
    case: Case = json.loads(path.read_text())
    return case


def differences(case: Case) -> list[str]:
    """Return what emu does otherwise, a line for each thing."""
    try:
        world = World(case)
    except Refused as refused:
        return [f"refused: {refused}"]
    found: list[str] = []
    for at, frame in enumerate(case["frames"]):
        for command in frame.get("pre") or ():
            world.command(*command)
        world.wait(frame.get("warp_ms", 0))
        sent = world.receive(frame) if "hex" in frame else []
        choices = case["expect_any"][at] if "expect_any" in case else [case["expect"][at]]
        if not any(by_port(sent) == by_port(choice) for choice in choices):
            found += compare(at, frame, choices[0], sent)
    found += _rejects(case, world)
    for bridge, wanted in (case.get("expect_flows") or {}).items():
        found += lines_that_differ(f"flows of {bridge}", wanted, world.flows(bridge))
    for bridge, wanted in (case.get("expect_fdb") or {}).items():
        found += lines_that_differ(f"fdb of {bridge}", wanted, world.fdb(bridge))
    return found


def by_port(sent: list[Case]) -> dict[tuple[str, str], list[Case]]:
    """Group by port: in which order different ports send is not said."""
    ports: dict[tuple[str, str], list[Case]] = {}
    for one in sent:
        ports.setdefault((one["bridge"], one["port"]), []).append(one)
    return ports


def compare(at: int, frame: Case, wanted: list[Case], sent: list[Case]) -> Iterator[str]:
    """Say what was sent otherwise because of a frame."""
    yield f"frame {at} into {frame['bridge']}/{frame['port']}: {frame.get('hex', '')}"
    mine, theirs = by_port(sent), by_port(wanted)
    for port in sorted({*mine, *theirs}):
        if mine.get(port) != theirs.get(port):
            for one in theirs.get(port, []):
                yield f"    {'/'.join(port)} expected {_text(one)}"
            for one in mine.get(port, []):
                yield f"    {'/'.join(port)} sent     {_text(one)}"


def _text(sent: Case) -> str:
    beside = "".join(
        f" {name}={value}" for name, value in sorted(sent.items()) if name.startswith("tun_")
    )
    return f"{sent['hex']}{beside}"


def lines_that_differ(what: str, wanted: list[Any], found: list[Any]) -> Iterator[str]:
    """Say which lines are not the same."""
    if wanted != found:
        yield what
        yield from (f"    expected {line}" for line in wanted if line not in found)
        yield from (f"    found    {line}" for line in found if line not in wanted)


def _rejects(case: Case, world: World) -> Iterator[str]:
    for reject, wanted in zip(
        case.get("rejects") or (), case.get("expect_rejects") or (), strict=True
    ):
        version = ("-O", reject["of_version"]) if reject.get("of_version") else ()
        words = (*version, reject.get("cmd", "add-flow"), reject["bridge"], reject["arg"])
        said = ""
        try:
            asked = parse_ofctl(words)
            world.bridges[asked.bridge].configure(world.now, asked.change)
        except Refused as refused:
            said = str(refused)
        if wanted["ok"] != (not said):
            yield f"{' '.join(words)}"
            yield f"    expected {'success' if wanted['ok'] else wanted['stderr']}"
            yield f"    got      {said or 'success'}"
