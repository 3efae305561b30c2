"""The commands that read a scenario: how they end, what they print, and what programs read."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from emu import __version__
from emu.cli import FAIL, INVALID, PASS, USAGE
from tests.cli.command import Emu
from tests.cli.test_test import LAN

ROOT = Path(__file__).parents[2]
WRONG = "name: wrong\nstep: []\n"


@pytest.fixture
def lan(tmp_path: Path) -> Path:
    path = tmp_path / "lan.yaml"
    path.write_text(LAN)
    return path


@pytest.fixture
def failing(tmp_path: Path) -> Path:
    """Return a scenario that expects what does not happen."""
    path = tmp_path / "failing.yaml"
    path.write_text(LAN.replace("lan", "failing", 1).replace("received: 1", "received: 7"))
    return path


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    path = tmp_path / "wrong.yaml"
    path.write_text(WRONG)
    return path


def of_program(*words: str, cwd: Path, **more: str) -> "subprocess.Popen[str]":
    """Start `emu` as a program of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "emu", *words],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **more},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


# --- the list of commands ------------------------------------------------------------------------


def test_no_line_of_the_help_is_cut(emu: Emu) -> None:
    helped = emu("--help")
    assert helped.status == PASS
    commands = helped.out.partition("Commands:\n")[2].splitlines()
    assert [line for line in commands if not line.startswith("  ") or "..." in line] == []
    assert len(commands) > 5


def test_its_version(emu: Emu) -> None:
    assert emu("--version").out == f"emu {__version__}\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["rnu", "lan.yaml"], "No such command 'rnu'. Did you mean 'run'?"),
        (["run", "--sed", "3", "lan.yaml"], "No such option: --sed (Possible options: --seed)"),
        (["run"], "Missing argument 'FILE...'"),
        (["trace", "--minimal", "--json", "lan.yaml"], "choose one of --minimal, --summary"),
        (["graph", "--format", "png", "lan.yaml"], "the formats are svg and mermaid"),
    ],
)
def test_a_mistyped_command_line_ends_with_2(emu: Emu, words: list[str], said: str) -> None:
    done = emu(*words)
    assert (done.status, done.out) == (USAGE, "")
    assert said in done.err


# --- files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["run", "validate", "compile", "trace", "list", "graph"])
def test_a_name_that_is_nearly_shipped_is_asked_back(emu: Emu, command: str) -> None:
    done = emu(command, "lb-vlna")
    assert (done.status, done.out) == (USAGE, "")
    assert done.err == (
        'emu: there is no file "lb-vlna", and no shipped scenario of that name\n'
        '    did you mean "lb-vlan"?\n'
    )


@pytest.mark.parametrize("name", ["", "nowhere.yaml", "x" * 10_000, "a/b/c", "lb-vlan/"])
def test_what_is_no_file_ends_with_2(emu: Emu, name: str) -> None:
    done = emu("run", name)
    assert (done.status, done.out) == (USAGE, "")
    assert done.err.startswith(f'emu: there is no file "{name[:60]}"')
    assert len(done.err) < 200


@pytest.mark.parametrize("command", ["run", "compile", "trace", "list"])
def test_a_wrong_file_ends_with_4_and_its_mistakes(emu: Emu, wrong: Path, command: str) -> None:
    done = emu(command, wrong.name)
    assert (done.status, done.out) == (INVALID, "")
    assert done.err == (
        'wrong.yaml:2:1: there is no key "step" here\n    did you mean "steps"?\n1 mistake\n'
    )


# --- run -----------------------------------------------------------------------------------------


def test_run_ends_with_0_and_says_where_the_captures_are(
    emu: Emu, lan: Path, tmp_path: Path
) -> None:
    done = emu("run", lan)
    assert (done.status, done.err) == (PASS, "")
    assert done.out.endswith("PASS lan: 1 step\n")
    assert "captures: emu-runs/lan/" in done.out
    assert (tmp_path / "emu-runs" / "lan" / "run.pcapng").is_file()


def test_run_ends_with_1_if_a_check_failed(emu: Emu, lan: Path, failing: Path) -> None:
    done = emu("run", lan, failing)
    assert (done.status, done.err) == (FAIL, "")
    assert done.out.endswith("PASS lan\nFAIL failing\n1 passed, 1 failed\n")


def test_nothing_runs_if_one_of_several_files_is_wrong(
    emu: Emu, lan: Path, wrong: Path, tmp_path: Path
) -> None:
    assert emu("run", lan, wrong).status == INVALID
    assert not (tmp_path / "emu-runs").exists()


def test_two_scenarios_of_one_name_do_not_overwrite_each_other(emu: Emu, lan: Path) -> None:
    done = emu("run", lan, lan)
    assert done.status == USAGE
    assert 'two of these scenarios are called "lan"' in done.err


def test_several_runs_go_into_one_folder_if_it_is_named(
    emu: Emu, lan: Path, failing: Path, tmp_path: Path
) -> None:
    emu("run", "--out", "mine", lan, failing)
    assert sorted(path.name for path in (tmp_path / "mine").iterdir()) == ["failing", "lan"]


def test_run_says_as_json_what_programs_read(emu: Emu, lan: Path, failing: Path) -> None:
    done = emu("run", "--json", lan, failing)
    said = json.loads(done.out)
    assert (done.status, said["schema_version"], said["passed"]) == (FAIL, 1, False)
    assert [run["passed"] for run in said["runs"]] == [True, False]
    [step] = [step for step in said["runs"][0]["steps"] if step["index"]]
    assert (step["title"], step["kind"], step["passed"]) == ("pc1 pings pc2", "ping", True)
    link = said["runs"][0]["links"][0]
    assert (link["a"], link["b"], link["file"]) == ("pc1/eth0", "hub1/p1", "pc1.eth0.pcapng")
    assert sum(link["frames"].values()) > 0


def test_the_seed_can_be_another(emu: Emu, lan: Path) -> None:
    prints = [
        json.loads(emu("run", "--json", "--seed", seed, lan).out)["runs"][0]["fingerprint"]
        for seed in ("1", "2", "1")
    ]
    assert prints[0] == prints[2] != prints[1]


# --- validate, compile, trace, list, schema ------------------------------------------------------


def test_validate_tells_the_good_files_from_the_wrong_ones(
    emu: Emu, lan: Path, wrong: Path
) -> None:
    done = emu("validate", lan.name, wrong.name)
    assert (done.status, done.out) == (INVALID, "lan.yaml: ok\n")
    assert done.err.startswith('wrong.yaml:2:1: there is no key "step" here\n')
    assert emu("validate", lan.name).status == PASS


def test_validate_says_as_json_where_and_what(emu: Emu, lan: Path, wrong: Path) -> None:
    done = emu("validate", "--json", lan.name, wrong.name)
    assert (done.status, done.err) == (INVALID, "")
    assert json.loads(done.out) == {
        "schema_version": 1,
        "mistakes": [
            {
                "file": "wrong.yaml",
                "line": 2,
                "column": 1,
                "what": 'there is no key "step" here',
                "fix": 'did you mean "steps"?',
            }
        ],
    }


def test_compile_prints_what_agents_type_on_each_host(emu: Emu) -> None:
    done = emu("compile", "lb-vlan")
    assert (done.status, done.err) == (PASS, "")
    assert done.out.startswith("# controller\n")
    assert "ip link add link eth1 name eth1.100 type vlan id 100" in done.out
    hosts = json.loads(emu("compile", "--json", "lb-vlan").out)["hosts"]
    assert sorted(hosts) == ["compute1", "controller"]
    assert all(line in done.out.splitlines() for lines in hosts.values() for line in lines)


def test_trace_ends_with_the_fate_of_a_packet(emu: Emu, lan: Path) -> None:
    done = emu("trace", lan, "--packet", "pc1#1")
    assert (done.status, done.err) == (PASS, "")
    assert done.out.count("pc1#1") == 1
    assert "=> delivered at pc2/eth0" in done.out
    assert len(emu("trace", "--minimal", lan).out) < len(emu("trace", lan).out)


def test_trace_says_if_there_is_no_such_packet(emu: Emu, lan: Path) -> None:
    done = emu("trace", lan, "--packet", "pc9#1")
    assert (done.status, done.err) == (USAGE, "emu: lan has no frames of packet pc9#1\n")


def test_trace_as_json_is_a_record_a_line(emu: Emu, lan: Path) -> None:
    lines = emu("trace", "--json", lan).out.splitlines()
    assert len(lines) > 10
    assert all(isinstance(json.loads(line), dict) for line in lines)


def test_list_names_who_is_in_a_scenario(emu: Emu, lan: Path) -> None:
    said = json.loads(emu("list", "--json", lan).out)
    assert [device["name"] for device in said["devices"]] == ["hub1", "pc1", "pc2"]
    assert said["links"][0] == {"a": "pc1/eth0", "b": "hub1/p1"}
    assert said["steps"] == [{"index": 1, "kind": "ping", "title": "pc1 pings pc2"}]
    assert all(name in emu("list", lan).out for name in ("hub1", "pc1/eth0", "pc1 pings pc2"))


def test_schema_is_json(emu: Emu) -> None:
    done = emu("schema")
    assert done.status == PASS
    assert "steps" in json.loads(done.out)["properties"]


# --- terminals, pipes, and sudden ends -----------------------------------------------------------


def coloured(emu: Emu, monkeypatch: pytest.MonkeyPatch, lan: Path) -> bool:
    monkeypatch.setattr("emu.cli.colour.sys.stdout.isatty", lambda: True)
    return "\x1b[" in emu("run", lan).out


def test_a_terminal_shows_colours(emu: Emu, monkeypatch: pytest.MonkeyPatch, lan: Path) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert coloured(emu, monkeypatch, lan)


def test_nobody_who_says_no_color_sees_colours(
    emu: Emu, monkeypatch: pytest.MonkeyPatch, lan: Path
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert not coloured(emu, monkeypatch, lan)


@pytest.mark.parametrize(
    ("words", "is_read"),
    [
        pytest.param("trace lb-vlan --detailed", True, id="after a line, as head -1 does"),
        pytest.param("list", False, id="before there is anything"),
        pytest.param("schema", False, id="before there is anything, and much is to come"),
    ],
)
def test_a_reader_that_goes_away_is_no_error(tmp_path: Path, words: str, is_read: bool) -> None:
    program = of_program(*words.split(), cwd=tmp_path)
    assert program.stdout is not None
    assert program.stderr is not None
    if is_read:
        assert program.stdout.readline()
    program.stdout.close()
    said = program.stderr.read()
    program.stderr.close()
    assert (program.wait(timeout=20), said) == (PASS, "")


@pytest.mark.parametrize("words", ["list", "trace lb-vlan --detailed"])
def test_a_full_disk_behind_the_output_is_said(tmp_path: Path, words: str) -> None:
    with Path("/dev/full").open("w") as full:
        program = subprocess.run(
            [sys.executable, "-m", "emu", *words.split()],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert program.returncode == USAGE
    assert program.stderr == "emu: cannot print: No space left on device\n"


def test_closed_output_is_no_error(tmp_path: Path) -> None:
    quiet = f'"{sys.executable}" -m emu list >&-'
    program = subprocess.run(
        ["sh", "-c", quiet],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert (program.returncode, program.stderr) == (PASS, "")


def test_a_run_that_was_killed_can_be_run_again(tmp_path: Path, lan: Path) -> None:
    lan.write_text(LAN.replace("count: 1,", "count: 100000, interval: 1ms,"))
    program = of_program("run", "lan.yaml", cwd=tmp_path)
    captures = tmp_path / "emu-runs"
    while program.poll() is None and not list(captures.rglob("*.pcapng")):
        pass
    program.kill()
    program.communicate()
    lan.write_text(LAN)
    again = of_program("run", "lan.yaml", cwd=tmp_path)
    out, err = again.communicate(timeout=20)
    assert (again.returncode, err) == (PASS, "")
    assert out.endswith("PASS lan: 1 step\n")
    assert sorted(path.name for path in captures.iterdir()) == ["lan"]
