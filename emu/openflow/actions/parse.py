"""A list of actions in text: ofpacts_parse(), lib/ofp-actions.c."""

from collections.abc import Callable, Mapping
from enum import IntEnum, unique
from typing import Final

from emu.openflow.actions import control, fields, hashing, header, mod, output, vlan
from emu.openflow.actions.base import Action, Actions, Fitness
from emu.openflow.actions.conntrack import HELPERS, Ct, CtClear, Nat, parse_nat
from emu.openflow.actions.learn import parse_learn
from emu.openflow.errors import BadFlow
from emu.openflow.ports import PortNames
from emu.openflow.subfield import Subfield, parse_subfield
from emu.openflow.values import parse_u
from emu.openflow.words import Word, pairs

MAX_DEPTH: Final = 100  # MAX_OFPACT_PARSE_DEPTH

Parser = Callable[[Word, PortNames, Fitness], Actions]


def _constant(*actions: Action) -> Parser:
    return lambda _value, _ports, _fitness: actions


def _refuse(what: str) -> Parser:
    def parse(value: Word, _ports: PortNames, _fitness: Fitness) -> Actions:
        raise value.bad(f"emu has no {what}")

    return parse


_PARSERS: Final[Mapping[str, Parser]] = {
    "output": output.parse_output,
    "group": output.parse_group,
    "controller": output.parse_controller,
    "enqueue": output.parse_enqueue,
    "set_queue": output.parse_set_queue,
    "pop_queue": output.parse_pop_queue,
    "bundle": hashing.parse_bundle,
    "bundle_load": hashing.parse_bundle_load,
    "multipath": hashing.parse_multipath,
    "set_vlan_vid": lambda value, _ports, _fitness: vlan.parse_vid(value, push=False),
    "mod_vlan_vid": lambda value, _ports, _fitness: vlan.parse_vid(value, push=True),
    "set_vlan_pcp": lambda value, _ports, _fitness: vlan.parse_pcp(value, push=False),
    "mod_vlan_pcp": lambda value, _ports, _fitness: vlan.parse_pcp(value, push=True),
    "strip_vlan": _constant(vlan.StripVlan()),
    "pop_vlan": _constant(vlan.StripVlan(pop=True)),
    "push_vlan": vlan.parse_push_vlan,
    **{kind.keyword[:-1]: mod.parse_mod(kind) for kind in mod.KINDS},
    "set_nw_ttl": mod.parse_mod(mod.IP_TTL),
    "set_field": fields.parse_set_field,
    "load": fields.parse_load,
    "move": fields.parse_move,
    "push": fields.parse_push,
    "pop": fields.parse_pop,
    "dec_ttl": header.parse_dec_ttl,
    "dec_mpls_ttl": header.parse_dec_mpls_ttl,
    "push_mpls": header.parse_push_mpls,
    "pop_mpls": header.parse_pop_mpls,
    "resubmit": control.parse_resubmit,
    "learn": parse_learn,
    "conjunction": control.parse_conjunction,
    "note": control.parse_note,
    "exit": _constant(control.Exit()),
    "fin_timeout": control.parse_fin_timeout,
    "sample": control.parse_sample,
    "check_pkt_larger": control.parse_check_pkt_larger,
    "debug_recirc": _constant(control.DebugRecirc()),
    "ct_clear": _constant(CtClear()),
    "nat": parse_nat,
    "clear_actions": _constant(control.ClearActions()),
    "write_metadata": control.parse_write_metadata,
    "goto_table": control.parse_goto_table,
    "meter": _refuse("meters"),
    "encap": _refuse("generic encapsulation"),
    "decap": _refuse("generic encapsulation"),
    "dec_nsh_ttl": _refuse("NSH"),
    "delete_field": _refuse("Geneve options"),
    "debug_slow": _constant(),
}


def parse_actions(
    whole: Word,
    ports: PortNames,
    fitness: Fitness,
    *,
    outer: str = "",
    instructions: bool = False,
    depth: int = 0,
) -> Actions:
    """Read a list of actions.

    Args:
        whole: the text behind `actions=`, or in the parentheses of `outer`.
        ports: the names that ports have.
        fitness: notes which versions of OpenFlow can carry the list.
        outer: the action that the list is part of, "" if none.
        instructions: whether `goto_table` and its like may stand in the list.
        depth: how many lists this one is in.

    Raises:
        BadFlow: in the words of ovs-ofctl.
    """
    if depth >= MAX_DEPTH:
        raise whole.bad("Action nested too deeply")
    found: list[Action] = []
    drop: Word | None = None
    for key, value in pairs(whole):
        name = key.text.lower()
        if name == "drop":
            drop = key
        elif name in ("ct", "clone", "write_actions"):
            found += _NESTING[name](value, ports, fitness, depth)
        elif (parser := _PARSERS.get(name)) is not None:
            found += parser(value, ports, fitness)
        elif name == "apply_actions":
            raise key.bad("apply_actions is the default instruction")
        elif (port := output.parse_port(key, ports)) is not None:
            found.append(port)
        else:
            raise key.bad(f"unknown action {key.text}", "an action or a port")
    if drop is not None and found:
        words = '"drop" must not be accompanied by any other action or instruction'
        raise drop.bad(words)
    verify(tuple(found), whole, outer=outer, instructions=instructions)
    return tuple(found)


# --- actions that hold actions -------------------------------------------------------------------


def _parse_clone(value: Word, ports: PortNames, _fitness: Fitness, depth: int) -> Actions:
    # ofpacts_parse_copy() forgets which versions the actions before could be carried by
    inner = parse_actions(value, ports, _fitness, outer="clone", depth=depth + 1)
    return (control.Clone(inner),)


def _parse_write_actions(value: Word, ports: PortNames, fitness: Fitness, depth: int) -> Actions:
    inner = parse_actions(value, ports, fitness, outer="write_actions", depth=depth + 1)
    return (control.WriteActions(inner),)


def _parse_ct(whole: Word, ports: PortNames, fitness: Fitness, depth: int) -> Actions:
    commit = force = False
    table: int | None = None
    zone: int | Subfield = 0
    alg = 0
    inner: list[Action] = []
    for key, value in pairs(whole):
        match key.text:
            case "commit":
                commit = True
            case "force":
                force = True
            case "table":
                table = _ct_table(value)
            case "zone":
                zone = _zone(value)
            case "alg":
                alg = _helper(value)
            case "nat":
                inner += parse_nat(value, ports, fitness)
            case "exec":
                inner += parse_actions(value, ports, fitness, outer="ct", depth=depth + 1)
            case unknown:
                raise key.bad(f'invalid argument to "ct" action: `{unknown}\'')
    if force and not commit:
        raise whole.bad('"force" flag requires "commit" flag.')
    actions = tuple(inner)
    return (Ct(commit=commit, force=force, table=table, zone=zone, alg=alg, actions=actions),)


def _ct_table(value: Word) -> int:
    try:
        table = control.parse_table(value.text)
    except ValueError:
        raise value.bad(f"unknown table {value.text}", "a table, 0 to 254") from None
    if table == control.ANY_TABLE:
        raise value.bad("invalid table 0xff", "a table, 0 to 254")
    return table


def _zone(value: Word) -> int | Subfield:
    try:
        return parse_u(value.text, "zone", 16)
    except ValueError:
        return value.read(parse_subfield, "a number, or 16 bits of a field")


def _helper(value: Word) -> int:
    if value.text not in HELPERS:
        raise value.bad(f'invalid conntrack helper "{value.text}"', "ftp or tftp")
    return HELPERS[value.text]


_NESTING: Final[Mapping[str, Callable[[Word, PortNames, Fitness, int], Actions]]] = {
    "clone": _parse_clone,
    "write_actions": _parse_write_actions,
    "ct": _parse_ct,
}

# --- order and nesting: ofpacts_verify() ---------------------------------------------------------


@unique
class _Instruction(IntEnum):
    """OVS_INSTRUCTIONS, in the order that OpenFlow demands."""

    meter = 0
    apply_actions = 1
    clear_actions = 2
    write_actions = 3
    write_metadata = 4
    goto_table = 5


_INSTRUCTIONS: Final[Mapping[type[Action], _Instruction]] = {
    control.ClearActions: _Instruction.clear_actions,
    control.WriteActions: _Instruction.write_actions,
    control.WriteMetadata: _Instruction.write_metadata,
    control.GotoTable: _Instruction.goto_table,
}


def verify(actions: Actions, whole: Word, *, outer: str, instructions: bool) -> None:
    """Refuse a list that is out of order, or that stands where it may not."""
    if any(isinstance(action, control.Conjunction) for action in actions):
        _verify_conjunction(actions, whole)
        return
    last = _Instruction.meter
    for index, action in enumerate(actions):
        _verify_nested(action, whole, outer)
        this = _INSTRUCTIONS.get(type(action), _Instruction.apply_actions)
        is_list = last is _Instruction.apply_actions
        if index and (this < last if is_list else this <= last):
            raise whole.bad(_order(last, this))
        if this is not _Instruction.apply_actions and not instructions:
            raise whole.bad(f"{this.name} instruction not allowed here")
        last = this


def _order(last: _Instruction, this: _Instruction) -> str:
    compatible = "for OpenFlow 1.1+ compatibility"
    if last is this:
        return f"duplicate {last.name} instruction not allowed, {compatible}"
    order = f"{this.name} must appear before {last.name}"
    return f"invalid instruction ordering: {order}, {compatible}"


def _verify_conjunction(actions: Actions, whole: Word) -> None:
    for action in actions:
        if not isinstance(action, control.Conjunction | control.Note):
            name = str(action).partition(":")[0].partition("(")[0]
            other = f'(such as the "{name}" action used here)'
            also = 'may be used along with "note" but not any other kind of action'
            raise whole.bad(f'"conjunction" actions {also} {other}')


def _verify_nested(action: Action, whole: Word, outer: str) -> None:
    """As ofpacts_verify_nested()."""
    field = None
    if isinstance(action, fields.SetField):
        field = action.field
    elif isinstance(action, fields.Move):
        field = action.target.field
    needs_ct = field is not None and field.name in ("ct_mark", "ct_label")
    if needs_ct and outer != "ct":
        raise whole.bad("cannot set CT fields outside of ct action")
    if isinstance(action, Nat) and outer != "ct":
        raise whole.bad('Cannot have NAT action outside of "ct" action')
    if outer == "ct" and not isinstance(action, Nat) and not needs_ct:
        if field is not None:
            raise whole.bad(f"ct action doesn't support nested modification of {field.name}")
        name = str(action).partition(":")[0].partition("(")[0]
        raise whole.bad(f"ct action doesn't support nested action {name}")
    if outer == "write_actions" and type(action) in _NOT_IN_A_SET:
        raise BadFlow("OFPBAC_BAD_TYPE")  # from the switch: ofpacts_decode_for_action_set()


_NOT_IN_A_SET: Final = (
    *(hashing.Bundle, hashing.Multipath, control.Clone, output.Controller, output.Enqueue),
    *(control.Exit, control.FinTimeout, control.Conjunction, control.Note, output.OutputReg),
    *(output.OutputTrunc, output.PopQueue, control.Sample, fields.StackPop, fields.StackPush),
    *(control.DebugRecirc, control.CheckPktLarger),
)
