"""`emu show`: the tables of a world, at the end of a run or at any time of it."""

import json
from pathlib import Path

import pytest

from tests.cli.command import Emu
from tests.scenario.stages import WORLD

STORY = """\
  - link: {at: pc2/eth0, latency: 10ms}
  - {name: one ping, ping: {from: pc1, to: pc2, count: 1}}
  - advance: 100s
  - configure: {on: pc1, commands: [ip addr add 10.9.0.1/24 dev eth0]}
"""
REACHABLE = "10.0.0.2 dev eth0 lladdr 02:00:00:00:00:02 REACHABLE\n"
STALE = "10.0.0.2 dev eth0 lladdr 02:00:00:00:00:02 STALE\n"


@pytest.fixture
def story(tmp_path: Path) -> Path:
    path = tmp_path / "story.yaml"
    path.write_text(WORLD + STORY)
    return path


@pytest.mark.parametrize(
    ("moment", "table"),
    [
        pytest.param([], STALE, id="at the end"),
        pytest.param(["--after", "1"], "", id="after a step in which nobody asked"),
        pytest.param(["--after", "2"], REACHABLE, id="after a ping"),
        pytest.param(["--at", "5ms"], "10.0.0.2 dev eth0 INCOMPLETE\n", id="in between"),
        pytest.param(["--at", "1s"], REACHABLE, id="soon"),
        pytest.param(["--at", "1000s"], STALE, id="long after the end"),
    ],
)
def test_a_table_is_that_of_the_moment(
    emu: Emu, story: Path, moment: list[str], table: str
) -> None:
    done = emu("show", "neigh", story, "--on", "pc1", *moment)
    assert done.out == table
    assert done.err == ""
    assert done.status == 0


def test_several_places_have_headings_and_those_without_rows_none(emu: Emu, story: Path) -> None:
    done = emu("show", "neigh", story, "--at", "1s")
    row = "10.0.0.1 dev eth0 lladdr 02:00:00:00:00:01"
    assert done.out.startswith(f"# pc1\n{REACHABLE}\n# pc2\n{row} ")
    assert "pc3" not in done.out


@pytest.mark.parametrize("on", ["pc1", "*1"], ids=["by its name", "by a pattern"])
def test_one_place_has_no_heading(emu: Emu, story: Path, on: str) -> None:
    done = emu("show", "interfaces", story, "--on", on)
    assert done.out.startswith("1: lo: <LOOPBACK,UP,LOWER_UP>")
    assert "    inet 10.9.0.1/24 scope global eth0\n" in done.out


def test_json_of_one_place_is_the_tools_and_of_several_is_by_place(emu: Emu, story: Path) -> None:
    one = json.loads(emu("show", "neigh", story, "--on", "pc1", "--json").out)
    assert one == [
        {"dst": "10.0.0.2", "dev": "eth0", "lladdr": "02:00:00:00:00:02", "state": ["STALE"]}
    ]
    several = json.loads(emu("show", "neigh", story, "--json").out)
    assert list(several) == ["pc1", "pc2", "pc3"]
    assert several["pc1"] == one
    assert several["pc3"] == []


def test_the_bridges_of_a_cloud(emu: Emu) -> None:
    done = emu("show", "bridge", "lb-local", "--after", 0)
    assert done.out.startswith("bridge name\tbridge id\t\tSTP enabled\tinterfaces\nbrq")
    assert "\ttap" in done.out


def test_a_step_that_failed_is_named_beside_the_table(emu: Emu, story: Path) -> None:
    failing = "  - {name: in vain, ping: {from: pc1, to: 10.0.0.99, count: 1, wait: 1s}}\n"
    story.write_text(WORLD + failing)
    done = emu("show", "neigh", story)
    assert done.out.startswith("# pc1\n10.0.0.99 dev eth0 ")
    assert done.err == "note: step 1 failed: in vain\n"
    assert done.status == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(
            ["fbd", "story.yaml"],
            'emu: "fbd" is nothing that can be shown\n    did you mean "fdb"?\n',
            id="an unknown table",
        ),
        pytest.param(
            ["zzz", "story.yaml"],
            "    there are: bridge, fdb, neigh, links, addr, routes, macs\n",
            id="nothing like any table",
        ),
        pytest.param(
            ["neigh", "story.yaml", "--on", "pc9"],
            'emu: "pc9" is nothing on which "ip neigh show" shows anything\n'
            '    did you mean "pc3"?\n',
            id="an unknown device",
        ),
        pytest.param(
            ["neigh", "story.yaml", "--on", "hub1"],
            "    there are: pc1, pc2, pc3\n",
            id="a device without such a table",
        ),
        pytest.param(
            ["neigh", "story.yaml", "--at", "5"],
            "emu: --at: 5 of what? a time needs a unit\n    as in 10ms, 1.5s, 5m\n",
            id="a time without a unit",
        ),
        pytest.param(
            ["neigh", "story.yaml", "--at", "5s", "--after", "1"],
            "emu: the moment is either --at a time or --after a step\n",
            id="two moments",
        ),
        pytest.param(
            ["neigh", "story.yaml", "--after", "9"],
            "emu: stage has 4 steps, and no step 9\n",
            id="a step that is not there",
        ),
    ],
)
@pytest.mark.usefixtures("story")
def test_what_is_said_of_a_mistake(emu: Emu, words: list[str], said: str) -> None:
    done = emu("show", *words)
    assert said in done.err
    assert done.out == ""
    assert done.status == 2
