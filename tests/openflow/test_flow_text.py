"""How flows are read and written. The texts beside this file are what a real switch said."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emu.openflow.errors import BadFlow
from emu.openflow.fields import ALL, Form, Needs
from emu.openflow.flow import Command
from emu.openflow.flow_text import parse_flow, parse_flow_mod, parse_flows
from emu.openflow.match import EVERYTHING, Match, ask, normalise
from emu.openflow.match_text import render_match
from emu.openflow.ports import PortNames

HERE = Path(__file__).parent
NAMES = PortNames({"tap1": 1, "int-br-eth1": 2, "0odd": 3})


def blocks(name: str, size: int) -> list[list[str]]:
    """Return the lines of a file, so many at a time, without its comments."""
    lines = [line for line in (HERE / name).read_text().splitlines() if line[:1] != "#"]
    return [lines[at : at + size] for at in range(0, len(lines), size)]


@pytest.mark.parametrize(
    ("added", "in_10", "in_15"), [pytest.param(*b, id=b[0]) for b in blocks("held.txt", 3)]
)
def test_what_the_switch_holds_of_a_flow(added: str, in_10: str, in_15: str) -> None:
    version, text = added.split(" ", 1)
    flow = parse_flow(text, version=int(version))
    assert f"15 {flow.text(version=15)}" == in_15.strip()
    if in_10.strip() != "10 ?":
        assert f"10 {flow.text(version=10)}" == in_10.strip()


@pytest.mark.parametrize(
    ("added", "words"), [pytest.param(*b, id=b[0]) for b in blocks("refused.txt", 2)]
)
def test_what_is_said_of_a_flow_that_is_refused(added: str, words: str) -> None:
    version, text = added.split(" ", 1)
    with pytest.raises(BadFlow) as refused:
        parse_flow_mod(text, version=int(version))
    assert str(refused.value).splitlines()[0] == words.strip()


@pytest.mark.parametrize("text", [b[0] for b in blocks("held.txt", 3) if b[0].startswith("10 ")])
def test_what_is_printed_reads_as_the_same_flow(text: str) -> None:
    flow = parse_flow(text.split(" ", 1)[1])
    assert parse_flow(flow.text()) == flow


@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param(
            "ip,nw_src=10.0.0.0/33,actions=drop",
            "line 1, column 11: expected an IPv4 address or network, such as 10.0.0.0/24",
            id="a value of a match",
        ),
        pytest.param(
            "foo=1,actions=drop",
            "line 1, column 1: expected a field of a match, or a setting of a flow",
            id="a keyword",
        ),
        pytest.param(
            "table=0,actions=output:1,clone(resubmit(,x))",
            "line 1, column 41: expected a table, 0 to 254",
            id="an action in an action",
        ),
        pytest.param(
            "priority=3", "line 1, column 11: expected actions=...", id="what is missing at the end"
        ),
    ],
)
def test_where_the_trouble_is_and_what_was_expected(text: str, place: str) -> None:
    with pytest.raises(BadFlow) as refused:
        parse_flow_mod(text)
    assert str(refused.value).splitlines()[1].strip() == place


def test_a_file_of_flows_has_comments_commands_and_lines_with_numbers() -> None:
    lines = [
        "# flows",
        "",
        "table=1,actions=drop  # none",
        "delete table=1",
        "modify actions=NORMAL",
    ]
    commands = [mod.command for mod in parse_flows(lines)]
    assert commands == [Command.ADD, Command.DELETE, Command.MODIFY]
    with pytest.raises(BadFlow, match=r"line 6, column 1"):
        list(parse_flows([*lines, "foo=1,actions=drop"]))


def test_what_a_real_switch_dumps_can_be_read() -> None:
    counted = "duration=2.041s, table=5, n_packets=7, n_bytes=420, idle_timeout=30, idle_age=2"
    line = f" cookie=0x1f, {counted}, hard_age=9, priority=10,ip,in_port=tap1 actions=resubmit(,6)"
    dumped = ["NXST_FLOW reply (xid=0x4):", line]
    (mod,) = parse_flows(dumped, ports=NAMES)
    written = "cookie=0x1f, table=5, idle_timeout=30, priority=10,ip,in_port=tap1"
    assert mod.flow().text(NAMES) == f"{written} actions=resubmit(,6)"


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        pytest.param("in_port=tap1", "in_port=tap1", id="a name"),
        pytest.param("in_port=2", "in_port=int-br-eth1", id="a number that has a name"),
        pytest.param('in_port="0odd"', 'in_port="0odd"', id="a name that needs quotes"),
        pytest.param("in_port=9", "in_port=9", id="a number without a name"),
        pytest.param("in_port=local", "in_port=LOCAL", id="a reserved name in any case"),
    ],
)
def test_ports_have_names(text: str, printed: str) -> None:
    flow = parse_flow(f"{text},actions=drop", ports=NAMES)
    assert flow.text(NAMES) == f"{printed} actions=drop"


@pytest.mark.parametrize(
    ("command", "text", "expected"),
    [
        pytest.param(Command.DELETE, "cookie=5/-1", (5, (1 << 64) - 1), id="a cookie to look for"),
        pytest.param(Command.DELETE, "cookie=0x15/0xf", (5, 15), id="some of its bits"),
        pytest.param(Command.DELETE, "", (0, 0), id="none"),
    ],
)
def test_which_cookies_a_deletion_looks_for(
    command: Command, text: str, expected: tuple[int, int]
) -> None:
    mod = parse_flow_mod(text, command)
    assert (mod.cookie, mod.cookie_mask) == expected


@pytest.mark.parametrize(("version", "may_add"), [(10, True), (11, True), (12, False), (15, False)])
def test_whether_a_modification_adds_what_it_does_not_find(version: int, may_add: bool) -> None:
    mod = parse_flow_mod("actions=drop", Command.MODIFY, version=version)
    assert mod.may_add == may_add


ALONE = [
    field
    for field in ALL
    if field.needs in (Needs.NOTHING, Needs.ETHERNET)
    and field.names
    and field.form is not Form.PACKET_TYPE
    and field.name != "tun_gbp_flags"  # which OVS prints without its mask
]


@st.composite
def asked(draw: st.DrawFn) -> Match:
    """Draw a match that asks something of fields that need no other."""
    match = EVERYTHING
    for field in draw(st.lists(st.sampled_from(ALONE), max_size=4)):
        whole = st.just(field.ones)
        mask = draw(whole | st.integers(1, field.ones) if field.maskable else whole)
        match = ask(match, field, draw(st.integers(0, field.ones)) & mask & field.legal, mask)
    return match


@given(asked())
def test_a_match_that_is_printed_reads_as_the_same_match(match: Match) -> None:
    assert parse_flow_mod(render_match(match), Command.DELETE).match == normalise(match)


def parse_or_refuse(text: str) -> None:
    """Read a flow; what is refused is refused in the tool's words."""
    try:
        parse_flow(text)
    except BadFlow as refused:
        words = str(refused)
    else:
        return
    assert words.startswith("ovs-ofctl: ")


@given(st.text(max_size=60))
def test_any_text_is_a_flow_or_refused(text: str) -> None:
    for whole in (text, f"actions={text}", f"ip,{text},actions=ct({text}),learn({text})"):
        parse_or_refuse(whole)


WORDS = st.sampled_from(
    [
        *("ip,", "tcp,", "actions=", "ct(", "nat(", "src=", "10.0.0.1", "learn(", ")", ",", "="),
        *("resubmit(", "load:", "->", "NXM_NX_REG0[", "]", "0x5", "set_field:", "reg0", "output:"),
        *("multipath(", "bundle(", "members:", "eth_src", "clone(", "move:", "..", "99999", "-1"),
    ]
)


@given(st.lists(WORDS, max_size=12).map("".join))
def test_words_in_any_order_are_a_flow_or_refused(text: str) -> None:
    parse_or_refuse(f"ip,actions={text}")
