"""Does a scenario make sense? What can be known of that before anything is built."""

from collections.abc import Iterator

from emu.neutron.binding import physical_networks
from emu.neutron.blueprint import NetworkType
from emu.neutron.cloud import Cloud, ServerPort
from emu.neutron.names import subinterface_name
from emu.neutron.validation import check
from emu.scenario.cast import Cast
from emu.scenario.commands import command_problems
from emu.scenario.devices import Machine
from emu.scenario.findings import Problem
from emu.scenario.scenario import Scenario
from emu.scenario.steps.cable import Plug
from emu.scenario.steps.configure import Configure
from emu.scenario.texts import meant

ROUTE = "ip route add "


# --- what there is -------------------------------------------------------------------------------


def world_problems(scenario: Scenario) -> Iterator[Problem]:
    """Yield what is wrong with the cloud, in Neutron's words, and with what is made by hand."""
    for error in check(scenario.blueprint):
        yield Problem(path=error.path, what=error.named, fix=error.fix)
    known = physical_networks(scenario.blueprint.hosts)
    for name in scenario.wires:
        if name not in known:
            what = f'no host has a NIC in a physical network "{name}"'
            yield Problem(path=("physical_networks", name), what=what, fix=meant(name, known))
    yield from _device_problems(scenario)
    yield from _link_problems(scenario)


def _cloud_kinds(scenario: Scenario) -> dict[str, str]:
    """Return what the devices of the cloud are, by name."""
    blueprint = scenario.blueprint
    return (
        dict.fromkeys([host.name for host in blueprint.hosts], "host")
        | dict.fromkeys([server.name for server in blueprint.servers], "server")
        | dict.fromkeys(physical_networks(blueprint.hosts), "switch")
    )


def _device_problems(scenario: Scenario) -> Iterator[Problem]:
    taken = _cloud_kinds(scenario)
    for name, device in scenario.devices.items():
        if name in taken:
            what = f'"{name}" is the name of a {taken[name]} of the cloud already'
            yield Problem(path=("devices", name), what=what, fix="give one of them another name")
        if isinstance(device, Machine):
            for problem in command_problems(device.commands):
                yield problem.under("devices", name, "commands")
            for problem in command_problems(tuple([ROUTE + route for route in device.routes])):
                yield problem.under("devices", name, "routes").moved(-len(ROUTE))


def _link_problems(scenario: Scenario) -> Iterator[Problem]:
    names = [*scenario.devices, *_cloud_kinds(scenario)]
    taken: dict[str, int] = {}
    plugged = [
        f"{server.name}/eth{number}"
        for server in scenario.blueprint.servers
        for number in range(len(server.nics))
    ]
    for index, cable in enumerate(scenario.links):
        for side, (device, _) in enumerate(cable.sockets()):
            end, path = cable.ends[side], ("links", index, "ends", side)
            if device.partition("/")[0] not in names:
                what = f'there is no device "{device}"'
                yield Problem(path=path, what=what, fix=meant(device, names))
            elif end in plugged:
                what = f'"{end}" is a NIC that Nova plugs, into a tap of its host'
                yield Problem(path=path, what=what, fix="link another port of the server")
            elif end in taken:
                what = f'"{end}" has a link already'
                fix = f"that is number {taken[end] + 1} of the links"
                yield Problem(path=path, what=what, fix=fix)
            taken.setdefault(end, index)


# --- what happens --------------------------------------------------------------------------------


def step_problems(scenario: Scenario) -> Iterator[Problem]:
    """Yield what is wrong with the steps of a scenario whose world is right."""
    cast = cast_of(scenario)
    names: dict[str, int] = {}
    for index, step in enumerate(scenario.steps):
        for problem in step.problems(cast):
            yield problem.under("steps", index)
        if step.name is not None and names.setdefault(step.name, index) != index:
            what = f'step {names[step.name] + 1} has the name "{step.name}" too'
            yield Problem(path=("steps", index, "name"), what=what)


def cast_of(scenario: Scenario) -> Cast:
    """Return who takes part in `scenario`."""
    kinds = _cloud_kinds(scenario)
    growing = [step.action.on for step in scenario.steps if isinstance(step.action, Configure)]
    ends = list[str]()
    if scenario.has_cloud:
        ports = Cloud(scenario.blueprint, scenario.rng).ports
        kinds |= {f"{port.host}/{port.bridge}": "bridge" for port in ports}
        ends += _cloud_ends(scenario, ports)
    for name, device in scenario.devices.items():
        kinds[name] = device.kind
        if isinstance(device, Machine) and device.commands:
            growing.append(name)
    plugs = [step.action.cable for step in scenario.steps if isinstance(step.action, Plug)]
    for cable in (*scenario.links, *plugs):
        ends += cable.ends
    return Cast(
        kinds=kinds,
        ends=tuple(dict.fromkeys(ends)),
        growing=tuple(growing),
        folder=scenario.folder,
    )


def _cloud_ends(scenario: Scenario, ports: tuple[ServerPort, ...]) -> Iterator[str]:
    networks = {network.name: network for network in scenario.blueprint.networks}
    for host in scenario.blueprint.hosts:
        for netdev, physnet in host.nics:
            yield f"{host.name}/{netdev}"
            yield f"{physnet}/{host.name}"
    for port in ports:
        yield from (f"{port.server}/{port.netdev}", f"{port.host}/{port.tap}")
        yield f"{port.host}/{port.bridge}"
        network = networks[port.network]
        if network.type is NetworkType.VLAN and network.segmentation_id is not None:
            for netdev, physnet in _nics(scenario, port.host):
                if physnet == network.physical_network:
                    yield f"{port.host}/{subinterface_name(netdev, network.segmentation_id)}"


def _nics(scenario: Scenario, name: str) -> tuple[tuple[str, str], ...]:
    return next(host.nics for host in scenario.blueprint.hosts if host.name == name)
