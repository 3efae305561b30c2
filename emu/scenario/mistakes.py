"""What pydantic finds wrong with a file's shape, in words for people."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final, get_args, get_origin

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from emu.core.errors import Mistake
from emu.packet.fields import FIELDS
from emu.scenario.devices import KINDS as DEVICES
from emu.scenario.devices import known_kinds
from emu.scenario.document import Document, Path
from emu.scenario.expectations.kinds import KEYS as EXPECTATION_KEYS
from emu.scenario.expectations.kinds import KINDS as EXPECTATIONS
from emu.scenario.expectations.matching import WrongMatch
from emu.scenario.file import ScenarioFile
from emu.scenario.findings import Problem
from emu.scenario.links import Cable
from emu.scenario.shape import Shape
from emu.scenario.texts import Wrong, meant, shown

TAGGED: Final[Mapping[str, type[Shape]]] = {
    f"<{tag}>": shape for tag, shape in [*DEVICES.items(), *EXPECTATIONS.items()]
}

LINK: Final = "as in [pc1/eth0, hub1/p1]"
MOST: Final = 50  # mistakes of a phase that are said; who made more reads no more

WORDED: Final = 1_000  # mistakes that words are looked for: that takes its time

# What other tools, and other parts of Neutron, call it
SYNONYMS: Final[Mapping[str, tuple[str, ...]]] = {
    "gateway_ip": ("gateway", "gw"),
    "fixed_ip": ("ip", "address", "ip_address", "fixed_ips"),
    "mac_address": ("mac", "macaddress", "hwaddr", "lladdr"),
    "segmentation_id": ("vlan", "vlan_id", "vid", "vni", "provider:segmentation_id"),
    "physical_network": ("physnet", "provider:physical_network"),
    "type": ("network_type", "provider:network_type"),
    "enable_dhcp": ("dhcp",),
    "allocation_pools": ("allocation_pool", "pools", "pool"),
    "servers": ("instances", "vms", "machines", "guests"),
    "hosts": ("hypervisors", "computes"),
    "nics": ("ports", "interfaces", "networks"),
    "advance": ("wait", "sleep"),
    "latency": ("delay",),
    "bandwidth": ("rate", "speed"),
    "ends": ("endpoints",),
    "expect": ("expected", "assert", "checks"),
    "commands": ("command", "cmd"),
    "interface": ("netdev", "dev"),
    "wait": ("linger",),
    "from": ("source", "src", "on"),
    "to": ("destination", "dst", "target"),
}


def shape_mistakes(document: Document, error: ValidationError) -> tuple[Mistake, ...]:
    """Return what is wrong, each at its place."""
    errors = error.errors(include_url=False)
    found = (one for details in errors[:WORDED] for one in _mistakes(document, details))
    return _first(found, unworded=len(errors[WORDED:]))


def problem_mistakes(document: Document, problems: Iterator[Problem]) -> tuple[Mistake, ...]:
    """Return problems, each at its place."""
    return _first(
        document.mistake(problem.path, problem.what, problem.fix, inside=problem.inside)
        for problem in problems
    )


def _first(found: Iterable[Mistake], unworded: int = 0) -> tuple[Mistake, ...]:
    """Return the mistakes by their places, each once; of very many the first."""
    mistakes = sorted(dict.fromkeys(found), key=lambda mistake: (mistake.line, mistake.column))
    if len(mistakes) <= MOST:
        return tuple(mistakes)
    more = f"here and below are {len(mistakes) - MOST + unworded:,} more mistakes"
    return (*mistakes[:MOST], replace(mistakes[MOST], what=more, fix=""))


def _mistakes(document: Document, details: ErrorDetails) -> Iterator[Mistake]:
    loc = details["loc"]
    path = tuple([step for step in loc if not _is_tag(step) and step != "[key]"])
    wrong = details.get("ctx", {}).get("error")
    match details["type"]:
        case "extra_forbidden":
            what, fix = _unknown_key(loc)
            yield document.mistake(path, what, fix, key=True)
        case "missing" if isinstance(loc[-1], str):
            what, fix = _missing(loc)
            yield document.mistake(path[:-1], what, fix, key=True)
        case "value_error" if isinstance(wrong, WrongMatch):
            for one in wrong.mistakes:
                key = one.field not in FIELDS
                yield document.mistake((*path, one.field), one.what, one.fix, key=key)
        case "value_error" if isinstance(wrong, Wrong):
            key = loc[-1:] == ("[key]",)
            yield document.mistake(path, str(wrong), wrong.fix, key=key, inside=wrong.inside)
        case kind:
            what, fix = _other(kind, details, loc)
            yield document.mistake(path, what, fix)


def _unknown_key(loc: Path) -> tuple[str, str]:
    key = str(loc[-1])
    fields = _shape_at(loc[:-1]).fields()
    known = tuple(fields)
    what = f'there is no key "{shown(key)}" here'
    for right, synonyms in SYNONYMS.items():
        if right in known and key.lower() in synonyms:
            return what, f'it is called "{right}"'
    if key in EXPECTATION_KEYS and "expect" in loc:
        return what, f'make an item of its own of it: "- {{{key}: ...}}"'
    for name, field in fields.items():
        inner, has_items = _contained(field.annotation)
        if inner and not has_items and key in inner.fields():
            return what, f'it belongs within "{name}"'
    if key == "ports" and "kind" in known:
        return what, "its ports are those that links name"
    return what, meant(key, known) or f"known keys: {', '.join(known)}"


def _missing(loc: Path) -> tuple[str, str]:
    key = str(loc[-1])
    field = _shape_at(loc[:-1]).fields().get(key)
    fix = f"{key}: {field.description}" if field and field.description else ""
    return f'the key "{key}" is missing', fix


def _other(kind: str, details: ErrorDetails, loc: Path) -> tuple[str, str]:
    """Return words for what is no list or mapping, or no known kind of one."""
    given = details["input"]
    match kind:
        case "union_tag_not_found" | "union_tag_invalid" if "expect" in loc:
            return _no_expectation(given)
        case "union_tag_not_found" | "union_tag_invalid":
            return _no_device(given)
        case "model_type" if _shape_at(loc) is Cable:
            return f"a link is a list of two ends, not {_what(given)}", LINK
        case "model_type" | "model_attributes_type" | "dict_type":
            return f"keys and values are wanted here, not {_what(given)}", ""
        case "tuple_type" | "list_type":
            return f"a list is wanted here, not {_what(given)}", 'items begin with "- "'
        case "missing" | "too_long":
            return "a link has two ends", LINK
        case _:
            return details["msg"], ""


def _no_expectation(given: object) -> tuple[str, str]:
    if not isinstance(given, dict):
        return f"an expectation has keys and values, it is not {_what(given)}", ""
    key = next(iter(given), "")
    known = ", ".join(EXPECTATION_KEYS)
    if not key:
        return "this expectation is empty", f"one of {known} says what is expected"
    fix = meant(str(key), EXPECTATION_KEYS) or f"one of {known} says what is expected"
    return f'"{shown(str(key))}" expects nothing that emu knows', fix


def _no_device(given: object) -> tuple[str, str]:
    kinds = ", ".join(known_kinds())
    if not isinstance(given, dict):
        return f"keys and values are wanted here, not {_what(given)}", "as in {kind: hub}"
    if "kind" not in given:
        return 'the key "kind" is missing', f"there are {kinds}"
    kind = str(given["kind"])
    what = f'there is no kind of device "{shown(kind)}"'
    return what, meant(kind, known_kinds()) or f"there are {kinds}"


def _what(given: object) -> str:
    match given:
        case None:
            return "nothing"
        case list() | tuple():
            return "a list"
        case dict():
            return "a mapping"
        case _:
            return f'the text "{shown(str(given))}"'


def _is_tag(step: str | int) -> bool:
    return isinstance(step, str) and step.startswith("<")


def _shape_at(loc: Path) -> type[Shape]:
    """Return the shape that is wanted at `loc`."""
    shape: type[Shape] = ScenarioFile
    is_name = False  # whether the next step is the name or the number of an item
    for step in loc:
        if _is_tag(step):
            shape, is_name = TAGGED[str(step)], False
        elif is_name:
            is_name = False
        elif (field := shape.fields().get(str(step))) is not None:
            inner, is_name = _contained(field.annotation)
            shape = inner or shape
    return shape


def _contained(annotation: object) -> tuple[type[Shape] | None, bool]:
    """Return the shape that a field is made of, and whether it has items of that shape."""
    if isinstance(annotation, type) and issubclass(annotation, Shape):
        return annotation, False
    arguments = get_args(annotation)
    if get_origin(annotation) in (dict, tuple):
        item = arguments[1] if get_origin(annotation) is dict else arguments[0]
        return _contained(item)[0], True
    found = (_contained(argument) for argument in arguments)
    return next((inner for inner in found if inner[0]), (None, False))
