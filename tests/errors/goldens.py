"""What emu says of mistakes, to the letter: `tools/regen --errors` writes it anew.

* `../scenario/errors/CASE.yaml` is a wrong scenario, `CASE.txt` what is said of it.
* `expressions.txt` holds wrong frames as people type them, and below each what is said of it.
* `captures.txt` the same of wrong captures, which `captures.py` makes.

Read the difference as the one who made the mistake would.
"""

from ipaddress import IPv4Address
from pathlib import Path
from tempfile import TemporaryDirectory

from emu.packet.addresses import parse_mac
from emu.packet.craft import CraftError, Sender, craft
from emu.scenario.replay import find_problem, frames, selection
from emu.scenario.texts import Wrong
from tests.errors.captures import CAPTURES, Capture
from tests.scenario import error_goldens as scenarios

HERE = Path(__file__).parent
EXPRESSIONS = HERE / "expressions.txt"
OF_CAPTURES = HERE / "captures.txt"
SENDER = Sender(mac=parse_mac("fa:16:3e:00:00:01"), address=IPv4Address("172.16.100.3"))


def said_of_expression(typed: str) -> str:
    """Return what is said of a frame that was typed."""
    try:
        crafted = craft(typed, SENDER)
    except CraftError as error:
        return str(error)
    return f"nothing is wrong: {crafted.wire.hex()}"


def said_of_capture(capture: Capture, folder: Path) -> str:
    """Return what is said of injecting frames of a capture, which is put into `folder`."""
    path = folder / capture.name
    if capture.octets is not None:
        path.write_bytes(capture.octets)
    try:
        wanted = selection(capture.frames)
    except Wrong as error:
        return "\n".join([f"frames: {error}", error.fix])
    key, what, fix = find_problem(folder, capture.name, wanted)
    notes: list[str] = []
    if what:
        notes = [f"{key}: {what}", *([fix] if fix else [])]
    else:
        sent = sum(1 for _ in frames(folder, capture.name, wanted, notes))
        notes.insert(0, f"{sent} frame{'s' * (sent != 1)} to send")
    return "\n".join(notes).replace(f"{folder}/", "")


def cases_of(golden: Path) -> list[str]:
    """Return what stands at the beginning of a line: the cases; below is what is said of them."""
    lines = golden.read_text().splitlines()
    return [line for line in lines if line and not line.startswith("    ")]


def entry(case: str, said: str) -> str:
    """Return a case as a golden has it."""
    return "\n    ".join([case, *said.splitlines()]) + "\n"


def rewrite() -> None:
    """Write all of them."""
    for path in scenarios.CASES:
        path.with_suffix(".txt").write_text(scenarios.said_of(path))
    typed = cases_of(EXPRESSIONS)
    EXPRESSIONS.write_text("\n".join(entry(one, said_of_expression(one)) for one in typed))
    with TemporaryDirectory() as folder:
        OF_CAPTURES.write_text(
            "\n".join(entry(one.title, said_of_capture(one, Path(folder))) for one in CAPTURES)
        )


if __name__ == "__main__":
    rewrite()
