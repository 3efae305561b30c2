"""How a line is split into words, and what a mistake looks like."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emu.host import CommandError, parse_command
from emu.host.commands import SetLink
from tests.host.mistakes import check

LINES = [
    "ip link add link eth1 name eth1.100 type vlan id 100",
    "ip addr add 10.0.0.1/24 dev eth0",
    "ip route add default via 10.0.0.2 dev eth0",
    "bridge fdb append fa:16:3e:00:00:12 dev tap1 master static",
    "brctl addif br0 eth1",
    "sysctl -w net.ipv4.ip_forward=1",
    "ping -c 3 -i 0.2 10.0.0.2",
]
spaces = st.text(" \t", min_size=1, max_size=5)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("sudo ip link set br0", id="as root"),
        pytest.param("ip link set br0  # up", id="with a comment"),
        pytest.param("""ip 'link' set "br0" """, id="in quotes"),
        pytest.param("""ip li'nk' s"et" b'r'0""", id="in quotes here and there"),
    ],
)
def test_words_are_what_a_shell_would_make_of_them(line: str) -> None:
    assert parse_command(line) == SetLink(name="br0")


@given(st.sampled_from(LINES), st.lists(spaces, min_size=16, max_size=16))
def test_a_line_may_have_odd_spaces(line: str, gaps: list[str]) -> None:
    words = line.split()
    odd = "".join(gap + word for gap, word in zip(gaps, words, strict=False)) + gaps[-1]
    assert parse_command(odd) == parse_command(line)


def mistake_in(line: str) -> CommandError | None:
    try:
        parse_command(line)
    except CommandError as error:
        return error
    return None


@given(st.text(" abeginrtlkdvtypmsuo0123456789./:-='\"#\t", max_size=60), st.sampled_from(LINES))
def test_whatever_else_stands_in_a_line_is_a_mistake_with_a_place(noise: str, line: str) -> None:
    error = mistake_in(line[: len(noise)] + noise)
    assert error is None or (error.what and 1 <= error.column <= len(error.line) + 1)


@pytest.mark.parametrize(
    ("line", "what", "fix"),
    [
        pytest.param("!", "an empty line is no command", "", id="nothing"),
        pytest.param("sudo!", "sudo what?", "", id="only sudo"),
        pytest.param(
            "!iip link", "iip: command not found", 'did you mean "ip"?', id="a misspelt tool"
        ),
        pytest.param(
            "!tcpdump",
            "tcpdump: command not found",
            "emu knows arping, brctl, bridge, ip, ping, sysctl",
            id="an unknown tool",
        ),
        pytest.param(
            "ip link set br0 !up; ip link set br1 up",
            'there is no shell to understand ";"',
            "one command a line",
            id="two commands",
        ),
        pytest.param('ip link set !"br0 up', "this quote is not closed", "", id="an open quote"),
    ],
)
def test_what_is_no_command(line: str, what: str, fix: str) -> None:
    check(line, what, fix)


def test_a_mistake_points_at_the_word() -> None:
    with pytest.raises(CommandError) as caught:
        parse_command("ip link set eth0 mtuu 1400")
    assert str(caught.value).splitlines() == [
        'Error: either "dev" is duplicate, or "mtuu" is a garbage.',
        "    ip link set eth0 mtuu 1400",
        '                     ^ did you mean "mtu"?',
    ]
