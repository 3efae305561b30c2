"""`emu list`."""

import json as json_format

from emu.cli import FAIL, PASS
from emu.cli.files import find, shipped, what_it_shows
from emu.journal import DeviceAdded, Linked, Record
from emu.report.table import render_table
from emu.scenario import load, run


class _Inventory:
    """A sink: what came into the world."""

    def __init__(self) -> None:
        self.devices: list[tuple[str, str]] = []
        self.links: list[tuple[str, str]] = []

    def write(self, record: Record) -> None:
        """Take note of `record`."""
        if type(record) is DeviceAdded:
            self.devices.append((record.device, record.kind))
        elif type(record) is Linked and record.link.captured:
            self.links.append((str(record.link.a), str(record.link.b)))

    def close(self) -> None:
        """Do nothing: the lists stay."""


def list_shipped(*, json: bool) -> int:
    """Print the shipped scenarios and what each shows."""
    rows = [(name, what_it_shows(path)) for name, path in shipped().items()]
    if json:
        scenarios = [{"name": name, "shows": shows} for name, shows in rows]
        print(json_format.dumps({"schema_version": 1, "scenarios": scenarios}, indent=2))
    else:
        print("\n".join(render_table(rows, indent="")))
    return PASS


def list_file(file: str, *, json: bool) -> int:
    """Print the devices, links, ports and steps of `file`, and return the exit status."""
    scenario = load(find(file))
    world = _Inventory()
    outcome = run(scenario.without_steps(), sinks=[world])
    ports = [
        (port.server, port.netdev, str(port.ip or "-"), port.mac.hex(":"), port.network, port.host,
         port.tap, port.bridge)
        for port in outcome.ports
    ]  # fmt: skip
    heading = ("server", "netdev", "address", "mac", "network", "host", "tap", "bridge")
    steps = [(index, step.kind, step.title) for index, step in enumerate(scenario.steps, 1)]
    if json:
        print(json_format.dumps({
            "schema_version": 1,
            "name": scenario.name,
            "ports": [dict(zip(heading, port, strict=True)) for port in ports],
            "devices": [{"name": name, "kind": kind} for name, kind in world.devices],
            "links": [{"a": a, "b": b} for a, b in world.links],
            "steps": [{"index": i, "kind": kind, "title": title} for i, kind, title in steps],
        }, indent=2))  # fmt: skip
        return PASS if outcome.passed else FAIL
    _print("ports", [heading, *ports])
    _print("devices", [("name", "kind"), *world.devices])
    _print("links", [("name", "other end"), *world.links])
    _print("steps", [("", "kind", "title"), *steps])
    return PASS if outcome.passed else FAIL


def _print(title: str, rows: list[tuple[object, ...]]) -> None:
    if len(rows) > 1:
        print(title)
        print("\n".join(render_table(rows)))
