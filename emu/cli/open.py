"""`emu open`."""

from difflib import get_close_matches
from pathlib import Path

from emu.capture import read_index
from emu.cli import FAIL, PASS
from emu.cli.packages import how_to_install
from emu.cli.runs import RUNS
from emu.cli.wireshark import (
    arguments,
    find_wireshark,
    has_display,
    open_wireshark,
    what_to_type,
)
from emu.core.errors import EmuError


def open_capture(what: str | None, *, link: str | None, only_say: bool) -> int:
    """Show a capture in Wireshark with emu's profile, or say what to type; return the status."""
    capture, several_links = find_capture(what, link)
    words = arguments(capture, several_links=several_links)
    program = find_wireshark()
    if program is not None and has_display() and not only_say:
        print(
            f"Wireshark shows {capture} with emu's profile; your own configuration stays as it is"
        )
        return PASS if open_wireshark(program, words) == 0 else FAIL
    if program is None:
        print("Wireshark is not installed here:")
        print(f"    {how_to_install('wireshark')}")
    elif not only_say:
        print("there is no display here to open a window on (DISPLAY is not set)")
    print("\n".join(what_to_type(words)))
    return PASS


def find_capture(what: str | None, link: str | None) -> tuple[Path, bool]:
    """Return the file that is meant, and whether it holds several links.

    Args:
        what: a capture, the folder of a run or the name of one; None: the newest run.
        link: an end of the link that is wanted; None: all of them.

    Raises:
        EmuError: there is none.
    """
    path = _newest() if what is None else _find(what)
    if not path.is_dir():
        if link is not None:
            raise EmuError(f"{path} is one capture: --link chooses one of a run")
        return path, path.name == "run.pcapng"
    index = read_index(path)
    if index is None:
        raise EmuError(f"{path} holds no run of emu")
    if link is None:
        return path / str(index["run"]), True
    return path / _file_of(index, link), False


def _newest() -> Path:
    runs = [path for path in RUNS.glob("*") if (read_index(path) or {}).get("finished")]
    if not runs:
        raise EmuError(f"there is no run in {RUNS}/\n    `emu run lb-vlan` makes one")
    return max(runs, key=lambda path: ((path / "index.json").stat().st_mtime_ns, path.name))


def _find(what: str) -> Path:
    if (path := Path(what)).exists() and path.suffix not in (".yaml", ".yml"):
        return path
    name = path.stem if path.suffix in (".yaml", ".yml") else what
    if read_index(RUNS / name) is not None and Path(name).name == name:
        return RUNS / name
    if path.exists():
        raise EmuError(f"{what} is no capture, and was not run here\n    first `emu run {what}`")
    near = get_close_matches(what, [run.name for run in RUNS.glob("*")], 1)
    fix = f'did you mean "{near[0]}"?' if near else f"first `emu run {what}`, if it is a scenario"
    raise EmuError(f'there is no capture, and no run, "{what}"\n    {fix}')


def _file_of(index: dict[str, object], wanted: str) -> str:
    """Return the capture of the link that has an end of that name."""
    links = index["links"]
    files: dict[str, str] = {}
    for link in links if isinstance(links, list) else []:
        scope = str(link["b"]["device"]).partition("/")[0]
        files[f"{scope}/{link['b']['port']}"] = link["file"]
        files[link["name"]] = link["file"]
    if wanted in files:
        return files[wanted]
    near = get_close_matches(wanted, files, 1)
    fix = f'did you mean "{near[0]}"?' if near else f"there are: {', '.join(files)}"
    raise EmuError(f'no link of the run ends at "{wanted}"\n    {fix}')
