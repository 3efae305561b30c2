"""Random bridges, in emu and in a real ovs-vswitchd."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from random import Random

from emu.core.errors import Refused
from emu.openflow.flow_text import parse_flow_mod
from emu.openflow.groups import parse_group_mod
from tests.conformance.cases import by_port, compare, lines_that_differ
from tests.conformance.daemon import Daemon, RealError
from tests.conformance.frames import VLANS, Frames
from tests.conformance.real import Real
from tests.conformance.tables import Tables
from tests.conformance.world import Case, World

AT_ONCE = 10  # bridges, each of which is a case
FRAMES = 10  # into each

_WORD = re.compile(r"[a-z][a-z0-9_]*", re.IGNORECASE)


def draw(seed: str, count: int) -> Case:
    """Draw that many bridges, and frames into them."""
    random = Random(seed)
    bridges: Case = {}
    frames: list[Case] = []
    for at in range(count):
        name, is_new = f"b{at}", random.random() < 0.4
        columns = {f"{name}p{n}": _columns(random) | {"ofport": n} for n in range(1, 5)}
        patches: Case = {}
        if at % 4 == 3:  # two of four are joined
            peer = f"b{at - 1}"
            patches[f"{name}x"] = {"peer_bridge": peer, "peer_port": f"{peer}x", "ofport": 9}
            other = {"peer_bridge": name, "peer_port": f"{name}x", "ofport": 9}
            bridges[peer]["patches"] = {f"{peer}x": other}
        is_joined = at % 4 >= 2
        tables = Tables(random, [1, 2, 3, 4, 9], is_new=is_new, comes_back=not is_joined)
        bridges[name] = {"ports": columns, "patches": patches, "groups": tables.groups}
        bridges[name]["flows"] = tables.draw()
        if is_new:
            bridges[name]["of_version"] = "OpenFlow13"
        _keep_what_is_accepted(bridges[name])
        drawn = Frames(random)
        frames += [_frame(random, drawn, name) for _ in range(FRAMES)]
    limit = random.choice([1, 1, 2])
    return {"name": seed, "vlan_limit": limit, "bridges": bridges, "frames": frames}


def _columns(random: Random) -> Case:
    if random.random() < 0.4:
        return {}
    mode = random.choice([None, None, "trunk", "native-tagged", "native-untagged", "dot1q-tunnel"])
    columns: Case = {"vlan_mode": mode}
    if mode != "trunk":
        columns["tag"] = random.choice(VLANS)
    if mode not in (None, "dot1q-tunnel") and random.random() < 0.5:
        columns["trunks"] = random.sample(VLANS, 2)
    if random.random() < 0.1:
        columns["protected"] = True
    return columns


def _frame(random: Random, drawn: Frames, name: str) -> Case:
    port = f"{name}p{random.randint(1, 4)}" if random.random() < 0.95 else name
    return {"bridge": name, "port": port, "hex": drawn.draw()}


def _keep_what_is_accepted(bridge: Case) -> None:
    """Leave out what emu refuses; what only the real one refuses is a difference."""
    version = 13 if "of_version" in bridge else 10
    groups, flows = [], []
    for text in bridge["groups"]:
        try:
            parse_group_mod(text, version=15 if "selection_method" in text else 13)
        except Refused:
            continue
        groups.append(text)
    if len(groups) < len(bridge["groups"]):
        groups = []
    for text in bridge["flows"]:
        try:
            parse_flow_mod(text, version=version)
        except Refused:
            continue
        if "group:" not in text or groups:
            flows.append(text)
    bridge["groups"], bridge["flows"] = groups, flows


def differences(daemon: Daemon, case: Case) -> list[str]:
    """Return what emu does otherwise than the real one."""
    try:
        real = Real(daemon, case)
    except RealError as error:
        return [f"real Open vSwitch refuses: {error}"]
    try:
        world = World(case)
    except Refused as refused:
        return [f"emu refuses what the real one takes: {refused}"]
    found: list[str] = []
    for at, frame in enumerate(case["frames"]):
        wanted, sent = real.receive(frame), world.receive(frame)
        if by_port(wanted) != by_port(sent):
            found += compare(at, frame, wanted, sent)
    for bridge in case["bridges"]:
        found += lines_that_differ(f"flows of {bridge}", real.flows(bridge), world.flows(bridge))
        found += lines_that_differ(f"fdb of {bridge}", real.fdb(bridge), world.fdb(bridge))
    return found


def smaller(daemon: Daemon, case: Case) -> Case:
    """Leave out what is not needed for emu and the real one to differ."""
    kept = [case]
    is_refused = "refuses" in differences(daemon, case)[0]
    size = -1
    while size != len(str(kept[-1])):
        size = len(str(kept[-1]))
        for candidate in _smaller_by_one(case, lambda: kept[-1]):
            found = differences(daemon, candidate)
            if found and ("refuses" in found[0]) == is_refused:
                kept.append(candidate)
    return kept[-1]


def _smaller_by_one(case: Case, kept: Callable[[], Case]) -> Iterator[Case]:
    """Yield what is kept now without a bridge, a frame, a flow or a group that `case` has."""
    for bridge in case["bridges"]:
        yield from _without_bridge(kept(), bridge)
    for frame in case["frames"]:
        frames = [other for other in kept()["frames"] if other is not frame]
        if 0 < len(frames) < len(kept()["frames"]):
            yield {**kept(), "frames": frames}
    for bridge, wanted in case["bridges"].items():
        for part in ("flows", "groups"):
            for text in wanted[part]:
                now = kept()["bridges"].get(bridge, {})
                texts = [other for other in now.get(part, ()) if other != text]
                if len(texts) < len(now.get(part, ())):
                    changed = {**now, part: texts}
                    yield {**kept(), "bridges": {**kept()["bridges"], bridge: changed}}


def _without_bridge(kept: Case, bridge: str) -> Iterator[Case]:
    frames = [frame for frame in kept["frames"] if frame["bridge"] != bridge]
    bridges = {}
    for name, wanted in kept["bridges"].items():
        patches = wanted["patches"].items()
        left = {port: patch for port, patch in patches if patch["peer_bridge"] != bridge}
        if name != bridge:
            bridges[name] = {**wanted, "patches": left}
    if frames and len(bridges) < len(kept["bridges"]):
        yield {**kept, "bridges": bridges, "frames": frames}


def occurrences(case: Case) -> tuple[Counter[str], Counter[str]]:
    """Count the fields and the actions that occur in the flows of a case."""
    fields: Counter[str] = Counter()
    actions: Counter[str] = Counter()
    for wanted in case["bridges"].values():
        for text in wanted["flows"]:
            match, _, done = text.partition("actions=")
            fields.update(word.split("=")[0] for word in match.split(",") if word)
            actions.update(_WORD.findall(re.sub(r"->[^,)]*|=[^,)(]*|:[^,)]*", "", done)))
    return fields, actions
