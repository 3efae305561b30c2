"""`emu graph`, `emu ladder` and `--walk`, as a person types them."""

from pathlib import Path

import pytest

from tests.cli.command import Emu

WALK = "cirros-vm1#2  ARP who has 172.16.100.4? tell 172.16.100.3\n\nIn guest cirros-vm1, "


@pytest.mark.parametrize(
    ("words", "begin"),
    [
        pytest.param(["-o", "x.svg"], "<svg ", id="SVG by its name"),
        pytest.param(["-o", "x.mmd"], "---\ntitle: ", id="Mermaid by its name"),
        pytest.param(["-o", "x.txt", "--format", "mermaid"], "---\ntitle: ", id="as is said"),
        pytest.param(["-o", "x.mmd", "--format", "svg"], "<svg ", id="what is said counts more"),
    ],
)
def test_a_graph_is_written_to_a_file(emu: Emu, words: list[str], begin: str) -> None:
    done = emu("graph", "lb-vlan", *words)
    assert (done.status, done.out, done.err) == (0, f"{words[1]}\n", "")
    assert Path(words[1]).read_text().startswith(begin)


@pytest.mark.parametrize(
    ("words", "begin"),
    [
        pytest.param([], "<svg ", id="SVG"),
        pytest.param(["--format", "mermaid"], "---\ntitle: ", id="Mermaid"),
    ],
)
def test_without_a_file_a_graph_is_printed(emu: Emu, words: list[str], begin: str) -> None:
    done = emu("graph", "hub", *words)
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith(begin)


@pytest.mark.parametrize(
    ("words", "error"),
    [
        pytest.param(["graph", "hub", "-o", "x.png"], "--format svg or --format", id="a name"),
        pytest.param(["graph", "hub", "--format", "dot"], "svg and mermaid", id="a format"),
        pytest.param(["graph", "hub", "-o", "no/x.svg"], 'cannot write "no/x.svg"', id="a folder"),
        pytest.param(["ladder", "hub", "--only", "arpp"], "did you mean arp", id="a field"),
        pytest.param(["run", "hub", "--walk", "--json"], "as text", id="a walk as JSON"),
        pytest.param(["trace", "hub", "--walk", "--all"], "--packet only", id="a walk with more"),
        pytest.param(["trace", "hub", "--walk", "--packet", "x#1"], "pc1#1", id="a packet"),
    ],
)
def test_what_cannot_be_drawn_is_a_mistake_of_usage(emu: Emu, words: list[str], error: str) -> None:
    done = emu(*words)
    assert done.status == 2
    assert error in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["trace", "lb-vlan", "--walk", "--packet", "cirros-vm1#2"], id="trace"),
        pytest.param(["run", "lb-vlan", "--walk", "cirros-vm1#2"], id="run"),
        pytest.param(["run", "--walk", "cirros-vm1#2", "lb-vlan"], id="in another order"),
    ],
)
def test_a_walk_is_told_of_the_packet_that_is_named(emu: Emu, words: list[str]) -> None:
    done = emu(*words)
    assert done.status == 0
    assert WALK in done.out


def test_a_ladder_is_printed_or_drawn(emu: Emu) -> None:
    done = emu("ladder", "lb-vlan", "--machines", "--between", "cirros-vm1,cirros-vm2")
    assert done.status == 0
    assert done.out.split()[:6] == [
        "seconds",
        "cirros-vm1",
        "controller",
        "physnet1",
        "compute1",
        "cirros-vm2",
    ]
    assert emu("ladder", "lb-vlan", "-o", "x.svg").out == "x.svg\n"
    assert Path("x.svg").read_text().startswith("<svg ")
