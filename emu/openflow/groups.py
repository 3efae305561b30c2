"""Groups: lists of actions to choose from. Text as parse_ofp_group_mod_str(), lib/ofp-group.c."""

from dataclasses import dataclass, replace
from enum import StrEnum, unique
from functools import partial
from typing import Final, final

from emu.openflow.actions.base import OF13, Actions, Fitness, render_actions
from emu.openflow.actions.parse import parse_actions
from emu.openflow.actions.wire import wire_actions
from emu.openflow.errors import BadFlow
from emu.openflow.fields import ALL, BY_NAME, Field
from emu.openflow.ports import NO_NAMES, OFPP_CONTROLLER, OFPP_MAX, OFPP_NONE, PortNames
from emu.openflow.values import parse_exact, parse_u, parse_u_plain
from emu.openflow.words import Word, pairs

OFPG_MAX: Final = 0xFFFFFF00
OFPG_ALL: Final = 0xFFFFFFFC


@unique
class GroupType(StrEnum):
    """How a group chooses."""

    ALL = "all"  # every bucket, each with a copy
    SELECT = "select"  # one, by a hash
    INDIRECT = "indirect"  # the one that there is
    FF = "ff"  # the first that is live


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """One choice."""

    id: int
    weight: int = 0
    watch_port: int | None = None  # live while that port is
    watch_group: int | None = None
    actions: Actions = ()

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        parts = [
            f"bucket=bucket_id:{self.id}",
            f"weight:{self.weight}" if self.weight else "",
            "" if self.watch_port is None else f"watch_port:{ports.name(self.watch_port)}",
            "" if self.watch_group is None else f"watch_group:{self.watch_group}",
            f"actions={render_actions(self.actions, ports)}",
        ]
        return ",".join(filter(None, parts))


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class GroupEntry:
    """One group of a bridge."""

    id: int
    type: GroupType
    buckets: tuple[Bucket, ...] = ()
    selection_method: str = ""  # "": the bridge's default, dp_hash
    selection_method_param: int = 0
    fields: tuple[tuple[Field, int], ...] = ()  # and the bits of each that are hashed

    def text(self, ports: PortNames = NO_NAMES) -> str:
        """Return what `ovs-ofctl dump-groups` prints."""
        names = ",".join(field.name for field, _ in self.fields)
        parts = [
            f"group_id={self.id},type={self.type}",
            f"selection_method={self.selection_method}" if self.selection_method else "",
            f"fields({names})" if names else "",
            *(bucket.text(ports) for bucket in self.buckets),
        ]
        return ",".join(filter(None, parts))

    def __str__(self) -> str:
        """Return the group with numbers for ports."""
        return self.text()


@unique
class GroupCommand(StrEnum):
    """What a message does to the group that it names."""

    ADD = "add"
    MODIFY = "modify"
    ADD_OR_MOD = "add_or_mod"
    DELETE = "delete"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class GroupMod:
    """`ovs-ofctl add-group`, `mod-group`, `del-groups`."""

    command: GroupCommand
    id: int | None = None  # None: all of them
    group: GroupEntry | None = None  # None: to be deleted


def parse_group_mod(
    text: str,
    command: GroupCommand = GroupCommand.ADD,
    *,
    version: int = OF13,
    ports: PortNames = NO_NAMES,
) -> GroupMod:
    """Read what follows `ovs-ofctl [-O VERSION] add-group BRIDGE`, or `mod-group`, `del-groups`.

    Raises:
        BadFlow: in the words of ovs-ofctl.
    """
    deletes = command is GroupCommand.DELETE
    if deletes and not text.strip():
        return GroupMod(command=command)
    start = text.find("bucket=")
    head = Word(text if start < 0 else text[:start], 0)
    group = _parse_head(head, ports, deletes=deletes)
    if deletes:
        if start >= 0:
            raise head.bad("bucket is not needed")
        return GroupMod(command=command, id=None if group.id == OFPG_ALL else group.id)
    group = replace(group, buckets=_parse_buckets(text, start, group.type, version, ports))
    if group.type is GroupType.INDIRECT and len(group.buckets) > 1:
        raise BadFlow("Indirect groups can have at most one bucket.")
    return GroupMod(command=command, id=group.id, group=group)


def _parse_head(head: Word, ports: PortNames, *, deletes: bool) -> GroupEntry:
    number: int | None = None
    group_type: GroupType | None = None
    method, param = "", 0
    fields: tuple[tuple[Field, int], ...] = ()
    for key, value in pairs(head):
        name = key.text
        if name == "group_id":
            number = value.read(_parse_id, "a group's number")
        elif deletes:
            raise key.bad(f"unknown keyword {name}", "group_id")
        elif name == "type":
            group_type = value.read(_parse_type, "all, select, indirect or ff")
        elif name == "selection_method":
            method = value.read(_parse_method, "hash or dp_hash")
        elif name == "selection_method_param":
            param = value.read(lambda text: parse_u_plain(text, 64))
        elif name == "fields":
            fields = _parse_fields(value, ports)
        else:
            raise key.bad(f"unknown keyword {name}")
    group = GroupEntry(
        id=-1 if number is None else number,
        type=group_type or GroupType.ALL,
        selection_method=method,
        selection_method_param=param,
        fields=fields,
    )
    _check_head(head, group, has_type=group_type is not None or deletes)
    return group


def _check_head(head: Word, group: GroupEntry, *, has_type: bool) -> None:
    if group.id < 0:
        raise head.bad("must specify a group_id", "group_id=NUMBER")
    if not has_type:
        raise head.bad("must specify a type", "type=all|select|indirect|ff")
    if group.fields and group.selection_method != "hash":
        raise head.bad('fields may only be specified with "selection_method=hash"')
    if group.selection_method_param and not group.selection_method:
        raise head.bad('selection_method_param is only allowed with "selection_method"')


def _parse_id(text: str) -> int:
    if text == "all":
        return OFPG_ALL
    number = parse_u_plain(text, 32)
    if number > OFPG_MAX and number != OFPG_ALL:
        raise ValueError(f"invalid group id {number}")
    return number


def _parse_type(text: str) -> GroupType:
    if text == "fast_failover":
        return GroupType.FF
    if text not in list(GroupType):
        raise ValueError(f"invalid group type {text}")
    return GroupType(text)


def _parse_method(text: str) -> str:
    if text not in ("hash", "dp_hash"):
        raise ValueError(f"ntr selection method '{text}' is not supported")
    return text


def _parse_fields(whole: Word, ports: PortNames) -> tuple[tuple[Field, int], ...]:
    found: dict[str, tuple[Field, int]] = {}
    for key, value in pairs(whole):
        field = BY_NAME.get(key.text)
        if field is None:
            raise key.bad(f"{value.text}: unknown field {key.text}", "a field's name")
        if field.name in found:
            raise key.bad(f"{key.text}: duplicate field")
        mask = field.ones
        if value.text:
            mask = value.read(partial(parse_exact, field, ports=ports))
            if not mask:
                words = "values are wildcards here and must not be all-zeros"
                raise value.bad(f"{value.text}: {words}")
        found[field.name] = (field, mask)
    return tuple(sorted(found.values(), key=lambda pair: ALL.index(pair[0])))


def _parse_buckets(
    text: str, start: int, group_type: GroupType, version: int, ports: PortNames
) -> tuple[Bucket, ...]:
    buckets: list[Bucket] = []
    while start >= 0:
        start += len("bucket=")
        end = text.find("bucket=", start)
        whole = Word(text[start:] if end < 0 else text[start:end], start)
        buckets.append(_parse_bucket(whole, len(buckets), group_type, version, ports))
        start = end
    return tuple(buckets)


def _parse_bucket(
    whole: Word, index: int, group_type: GroupType, version: int, ports: PortNames
) -> Bucket:
    bucket = Bucket(id=index, weight=1 if group_type is GroupType.SELECT else 0)
    actions: list[str] = []
    for key, value in pairs(whole):
        match key.text.lower():
            case "weight":
                weight = value.read(lambda text: parse_u(text, "weight", 16))
                bucket = replace(bucket, weight=weight)
            case "watch_port":
                bucket = replace(bucket, watch_port=_watched(value, ports))
            case "watch_group":
                group = value.read(lambda text: parse_u_plain(text, 32))
                bucket = replace(bucket, watch_group=group)
            case "bucket_id":
                bucket = replace(bucket, id=value.read(lambda text: parse_u_plain(text, 32)))
            case "action" | "actions":
                actions.append(value.text)
            case _:
                actions.append(f"{key.text}({value.text})" if value.text else key.text)
    if not actions:
        raise whole.bad("bucket must specify actions")
    has_liveness = bucket.watch_port is not None or bucket.watch_group is not None
    if group_type is GroupType.FF and not has_liveness:
        raise whole.bad("fast failover bucket requires watch_port or watch_group")
    if group_type is not GroupType.SELECT and bucket.weight:
        raise whole.bad("Only select groups can have bucket weights.")
    parsed = parse_actions(Word(",".join(actions), whole.at), ports, Fitness())
    return replace(bucket, actions=wire_actions(parsed, version))


def _watched(value: Word, ports: PortNames) -> int | None:
    port = ports.number(value.text)
    if port is None or (port >= OFPP_MAX and port not in (OFPP_NONE, OFPP_CONTROLLER)):
        raise value.bad(f"{value.text}: invalid watch_port", "a port's name or number")
    return None if port == OFPP_NONE else port
