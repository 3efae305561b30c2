"""How YAML is read: as texts with places, within limits, and without YAML 1.1's guesses."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emu.core.errors import ScenarioError
from emu.scenario.document import Path as Keys
from emu.scenario.document import Plain
from emu.scenario.reading import MAX_CHARACTERS, MAX_DEPTH, MAX_NODES, MAX_SCALAR, parse

FILE = "file.yaml"


def plain(text: str) -> Plain:
    return parse(text, FILE).plain()


def said_of(text: str) -> str:
    with pytest.raises(ScenarioError) as raised:
        parse(text, FILE)
    return str(raised.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("a: no", {"a": "no"}, id="no is a word"),
        pytest.param("on: off", {"on": "off"}, id="on and off are words, also as keys"),
        pytest.param("a: 52:54:00:12:34:56", {"a": "52:54:00:12:34:56"}, id="a MAC address"),
        pytest.param("a: 12:30:00", {"a": "12:30:00"}, id="a time is no number of base 60"),
        pytest.param("a: 010", {"a": "010"}, id="no number is octal"),
        pytest.param("a: 1_000", {"a": "1_000"}, id="a number stays as it is written"),
        pytest.param("a: 2026-01-01", {"a": "2026-01-01"}, id="a date is a text"),
        pytest.param("a: <<", {"a": "<<"}, id="there is no merging"),
        pytest.param("a: =", {"a": "="}, id="nor a default value"),
        pytest.param("a:\nb: ~\nc: null", dict.fromkeys("abc"), id="three ways to say nothing"),
        pytest.param("a: 'null'\nb: ''", {"a": "null", "b": ""}, id="a quoted text is a text"),
        pytest.param("null: 1", {"null": "1"}, id="a key is a text, even null"),
        pytest.param("a: &x [1, 2]\nb: *x", {"a": ["1", "2"], "b": ["1", "2"]}, id="an alias"),
        pytest.param("&k a: 1\nb: *k", {"a": "1", "b": "a"}, id="an alias to a key"),
        pytest.param("- - 1\n- {a: []}", [["1"], {"a": []}], id="lists and mappings in lists"),
        pytest.param("|\n x\n y\n", "x\ny\n", id="a block of lines"),
        pytest.param("%YAML 1.1\n---\na: yes\n...\n", {"a": "yes"}, id="whatever version it says"),
        pytest.param("\ufeffa: 1", {"a": "1"}, id="a byte order mark"),
    ],
)
def test_what_a_text_becomes(text: str, value: Plain) -> None:
    assert plain(text) == value


TREE = """\
name: here
servers:
  vm1: {host: controller, nics: [{network: net1}, null]}
empty:
steps:
  - configure:
      commands: |
        first
        second
  - frame: "Ether()/Foo()"
    folded: >
      one
      two
"""


@pytest.mark.parametrize(
    ("path", "place"),
    [
        pytest.param((), (1, 1), id="the whole"),
        pytest.param(("name",), (1, 7), id="a text"),
        pytest.param(("servers", "vm1"), (3, 8), id="a mapping"),
        pytest.param(("servers", "vm1", "nics", 0, "network"), (3, 44), id="deep within"),
        pytest.param(("servers", "vm1", "nics", 1), (3, 51), id="a null that is written"),
        pytest.param(("empty",), (4, 1), id="nothing at all: its key"),
        pytest.param(("servers", "vm1", "flavor"), (3, 3), id="a missing key: who lacks it"),
        pytest.param(("servers", "vm2", "host"), (2, 1), id="a missing part: the last that is"),
        pytest.param(("servers", "vm1", "nics", "ends", 0), (3, 34), id="a key that may lack"),
        pytest.param(("steps", 7), (5, 1), id="an item that is not there: the key of the list"),
    ],
)
def test_where_a_mistake_is(path: Keys, place: tuple[int, int]) -> None:
    mistake = parse(TREE, FILE).mistake(path, "wrong", "right")
    assert (mistake.line, mistake.column) == place
    assert (mistake.file, mistake.what, mistake.fix) == (FILE, "wrong", "right")


def test_a_mistake_may_be_at_a_key() -> None:
    mistake = parse(TREE, FILE).mistake(("servers", "vm1"), "wrong", key=True)
    assert (mistake.line, mistake.column) == (3, 3)


@pytest.mark.parametrize(
    ("path", "inside", "place"),
    [
        pytest.param(("name",), (1, 3), (1, 9), id="in a plain text"),
        pytest.param(("steps", 1, "frame"), (1, 9), (10, 21), id="in quotes, which are not of it"),
        pytest.param(("steps", 0, "configure", "commands"), (2, 3), (9, 11), id="in a block"),
        pytest.param(
            *(("steps", 0, "configure", "commands", 1), (1, 3), (9, 11)), id="in a line of a block"
        ),
        pytest.param(("steps", 1, "folded"), (1, 3), (11, 13), id="in a folded text: the whole"),
        pytest.param(("name",), (2, 1), (1, 7), id="in a line that it has not: the whole"),
    ],
)
def test_where_a_mistake_inside_a_text_is(
    path: Keys, inside: tuple[int, int], place: tuple[int, int]
) -> None:
    mistake = parse(TREE, FILE).mistake(path, "wrong", inside=inside)
    assert (mistake.line, mistake.column) == place


def test_all_that_can_be_read_is_judged() -> None:
    assert said_of("a: !!str 1\na: !x 2\nb: {c: 1, c: 2}\nd: [").count(FILE) == 5


BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("[" * 20_000, f"more than {MAX_DEPTH} deep", id="20,000 lists"),
        pytest.param("{a: " * 20_000, f"more than {MAX_DEPTH} deep", id="20,000 mappings"),
        pytest.param("- " * 20_000, f"more than {MAX_DEPTH} deep", id="20,000 dashes"),
        pytest.param(
            "\n".join(" " * n + "a:" for n in range(1_000)),
            f"more than {MAX_DEPTH} deep",
            id="1,000 steps to the right",
        ),
        pytest.param(BOMB, f"more than {MAX_NODES:,} values", id="each line doubles it"),
        pytest.param(
            "a: &a [" + "x, " * 900 + "x]\nb: [" + "*a, " * 900 + "x]",
            f"more than {MAX_NODES:,} values",
            id="aliases to a long list",
        ),
        pytest.param(
            f"a: {'x' * (MAX_SCALAR + 1)}", f"{MAX_SCALAR:,} are allowed", id="a long text"
        ),
        pytest.param(
            "x" * (MAX_CHARACTERS + 1), f"{MAX_CHARACTERS:,} are allowed", id="a long file"
        ),
        pytest.param("a: !!python/name:os.system", "!!python/name:os.system", id="a tag"),
        pytest.param("!!python/object/new:type [x]", "!!python/object/new:type", id="a tag first"),
        pytest.param("a: \x1b[2J", "U+001B", id="a terminal's control sequence"),
        pytest.param("a: \x00", "U+0000", id="a zero"),
        pytest.param("a: *" + "b" * 100_000, "bbb... stands for nothing", id="a long alias"),
    ],
)
def test_a_hostile_text_ends_in_a_mistake(text: str, words: str) -> None:
    assert words in said_of(text)


@pytest.mark.parametrize(
    ("text", "ok"),
    [
        pytest.param("[" * MAX_DEPTH + "]" * MAX_DEPTH, True, id="as deep as is allowed"),
        pytest.param("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), False, id="one deeper"),
        pytest.param("x" * MAX_SCALAR, True, id="as long as is allowed"),
        pytest.param("x" * (MAX_SCALAR + 1), False, id="one longer"),
        pytest.param("[" + "a," * (MAX_NODES - 1) + "]", True, id="as many as are allowed"),
        pytest.param("[" + "a," * MAX_NODES + "]", False, id="one more"),
        pytest.param("a: &a [[1]]\nb: [[*a]]", True, id="aliases count as what they mean"),
    ],
)
def test_limits_are_met_to_the_last(text: str, ok: bool) -> None:
    if ok:
        plain(text)
    else:
        said_of(text)


def test_an_alias_counts_with_its_depth() -> None:
    deep = "[" * 30 + "]" * 30
    assert "deep" in said_of(f"a: &a {deep}\nb: {'[' * 30}*a{']' * 30}")


HOSTILE = {
    "20,000 levels": "a: " + "[" * 20_000,
    "a text of 3 MB": "a: " + "x" * 3_000_000,
    "a bomb": "name: x\n" + BOMB,
    "60,000 unknown keys": "\n".join(f"k{n}: 1" for n in range(60_000)),
    "15,000 servers with a slip each": "servers:\n"
    + "\n".join(f"  s{n}: {{hots: x}}" for n in range(15_000)),
    "nothing but question marks": "? " * 400_000,
    "a quote over 900,000 lines": "a: '" + "\n" * 900_000,
}
COST = """
import json, sys, time
from tests.errors.hostile import peak_kilobytes
from emu.core.errors import ScenarioError
from emu.scenario import load
costs = {}
for name, text in json.load(sys.stdin).items():
    before = peak_kilobytes()
    began = time.process_time()
    try:
        load(text)
    except ScenarioError:
        grown = peak_kilobytes() - before
        costs[name] = (time.process_time() - began, grown / 1024)
print(json.dumps(costs))
"""


def test_a_hostile_file_costs_less_than_2_s_and_100_mb() -> None:
    done = subprocess.run(
        [sys.executable, "-c", COST],
        input=json.dumps(HOSTILE),
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    costs = json.loads(done.stdout)
    assert list(costs) == list(HOSTILE)
    assert [name for name, (seconds, mb) in costs.items() if seconds > 2 or mb > 100] == []


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8)
noise = st.text(st.sampled_from("ab:-?[]{}&*!|>'\"%@`#,. \n\t~"), max_size=60)


@given(st.one_of(words, noise))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        plain(text)
    except ScenarioError as error:
        assert error.mistakes  # noqa: PT017 - most texts are refused, and some are not
