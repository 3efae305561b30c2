"""What the READMEs show is true: their Python runs, their commands print what stands there.

The blocks of a README run in its order in one empty folder: Python in one namespace, and of shell
blocks the commands of emu. Where output stands below `$ COMMAND`, it is compared; `...` stands for
any text, and on a line of its own for any lines. Beside the language of a block may stand `no-run`:
it is not run; or `fails`: its commands end with another status than 0.
"""

import re
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from emu.cli import main

ROOT = Path(__file__).parents[1]
PLACES = ("*.md", "*/README.md", "emu/*/README.md", ".github/*.md")
READMES = sorted(
    str(path.relative_to(ROOT))
    for place in PLACES
    for path in ROOT.glob(place)
    if path == path.resolve()  # emu/shipped is a link to scenarios
)
ELSEWHERE = {"emu/devices/README.md": "tests/devices/test_readme.py"}  # that runs its blocks
FENCE = re.compile(r"^```(\w*)(.*)\n((?:.*\n)*?)```$", re.MULTILINE)
PYTHON, SHELLS = "python", ("console", "sh")
SHOWN = ("text", "yaml", "ini", "toml", "json", "mermaid")  # there is nothing to run in these
NO_RUN, FAILS = "no-run", "fails"
PROGRAMS = ("emu", "./tools/emu", "tools/emu")


@dataclass
class Block:
    """A block that is to be run."""

    line: int  # of its file, from 1
    language: str
    fails: bool
    text: str


@dataclass
class Command:
    """What is typed, and what is shown below it."""

    typed: list[str]
    shown: list[str] = field(default_factory=list)


def blocks(text: str) -> Iterator[Block]:
    for found in FENCE.finditer(text):
        language, options = found[1], found[2].split()
        line = text.count("\n", 0, found.start(3)) + 1
        assert language in (PYTHON, *SHELLS, *SHOWN), f"line {line}: what is a block of {language}?"
        assert set(options) <= {NO_RUN, FAILS}, f"line {line}: what is {options}?"
        if language not in SHOWN and NO_RUN not in options:
            yield Block(line, language, FAILS in options, found[3])


def commands(block: Block) -> Iterator[Command]:
    """Yield what is typed after `$`, or in each line where no line has one."""
    lines = block.text.splitlines()
    has_prompts = any(line.startswith("$ ") for line in lines)
    command: Command | None = None
    for line in lines:
        if line.startswith("$ ") or not has_prompts:
            if command is not None:
                yield command
            # As in a shell, and other than in shlex, "#" begins a comment only at that of a word
            words = shlex.split(re.sub(r"(^|\s)#.*", "", line.removeprefix("$ ")))
            command = Command(words) if words else None
        elif command is not None:
            command.shown.append(line)
    if command is not None:
        yield command


def is_shown(shown: list[str], printed: str) -> bool:
    """Whether `printed` is what stands in `shown`; nothing shown fits anything."""
    pattern = "".join(
        "(?:.*\n)?" if line.strip() == "..." else _pattern(line) + " *\n"
        for line in shown or ["..."]
    )
    return re.fullmatch(pattern, printed.rstrip("\n") + "\n", re.DOTALL) is not None


def _pattern(line: str) -> str:
    return ".*".join(re.escape(part) for part in line.rstrip().split("..."))


# --- the READMEs ---------------------------------------------------------------------------------


@pytest.mark.parametrize("readme", READMES)
def test_what_a_readme_shows_is_true(
    readme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scenarios").symlink_to(ROOT / "scenarios")
    if readme in ELSEWHERE:
        assert Path(readme).name in (ROOT / ELSEWHERE[readme]).read_text()
        return
    names: dict[str, object] = {"__name__": "readme"}
    for block in blocks((ROOT / readme).read_text()):
        if block.language == PYTHON:
            source = "\n" * (block.line - 1) + block.text  # so that a traceback names the line
            exec(compile(source, str(ROOT / readme), "exec"), names)  # noqa: S102 - our own
            continue
        for command in commands(block):
            where = f"{readme}:{block.line}: {' '.join(command.typed)}"
            assert command.typed[0] in PROGRAMS, f"{where} is not run: mark the block {NO_RUN}"
            monkeypatch.setattr(sys, "argv", ["emu", *command.typed[1:]])
            capsys.readouterr()
            with pytest.raises(SystemExit) as exit_:
                main()
            printed = capsys.readouterr()
            assert bool(exit_.value.code) == block.fails, f"{where}\n{printed.out}{printed.err}"
            said = printed.err if block.fails else printed.out
            assert is_shown(command.shown, said), f"{where} prints:\n{said}"


# --- how they are read ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shown", "printed", "expected"),
    [
        pytest.param([], "anything\n", True, id="nothing shown: anything may be printed"),
        pytest.param(["a", "b"], "a\nb\n", True, id="the same lines"),
        pytest.param(["a"], "a\nb\n", False, id="a line less than was printed"),
        pytest.param(["a", "b"], "a\n", False, id="a line more than was printed"),
        pytest.param(["a", "...", "z"], "a\nb\nc\nz\n", True, id="dots stand for lines"),
        pytest.param(["a", "...", "z"], "a\nz\n", True, id="and for none"),
        pytest.param(["a", "...", "z"], "a\nb\n", False, id="but not for what stands after them"),
        pytest.param(["a", "..."], "a\nb\nc\n", True, id="also at the end"),
        pytest.param(["...", "c"], "a\nb\nc\n", True, id="and at the beginning"),
        pytest.param(["took ... s"], "took 0.2 s\n", True, id="dots in a line stand for text"),
        pytest.param(["took ..."], "took 1\n2 s\n", True, id="that may go on in the next line"),
        pytest.param(["a.c"], "abc\n", False, id="a dot is a dot"),
    ],
)
def test_how_output_is_compared(shown: list[str], printed: str, *, expected: bool) -> None:
    assert is_shown(shown, printed) is expected


def test_how_blocks_are_found() -> None:
    text = (
        "# A\n```python\nx = 1\n```\n```sh no-run\nrm\n```\n```console fails\n$ emu\nusage\n```\n"
    )
    found = list(blocks(text))
    assert [(block.line, block.language, block.fails) for block in found] == [
        (3, "python", False),
        (9, "console", True),
    ]
    assert list(commands(found[1])) == [Command(["emu"], ["usage"])]


def test_where_no_line_has_a_prompt_each_is_a_command() -> None:
    block = Block(1, "sh", False, "emu trace hub --packet pc1#1  # look\n# no\nemu list\n")
    assert [command.typed for command in commands(block)] == [
        ["emu", "trace", "hub", "--packet", "pc1#1"],
        ["emu", "list"],
    ]


@pytest.mark.parametrize("fence", ["```", "```python later", "```fortran"])
def test_a_block_that_nobody_understands_is_a_mistake(fence: str) -> None:
    with pytest.raises(AssertionError, match="line 2: what is"):
        list(blocks(f"{fence}\nx\n```\n"))
