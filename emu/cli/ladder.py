"""`emu ladder`: a conversation, devices across and time down."""

from difflib import get_close_matches
from pathlib import Path

from emu.cli import FAIL, PASS
from emu.cli.files import find
from emu.cli.graph import write_picture
from emu.core.errors import EmuError
from emu.packet.fields import Match
from emu.report.ladder import LadderSink, Wish, render_ladder, render_ladder_svg
from emu.scenario import load, run


def ladder_file(file: str, wish: Wish, *, out: Path | None) -> int:
    """Run `file`, print its ladder or draw it to `out`, and return the exit status."""
    if out is not None and out.suffix not in (".svg", ".txt"):
        raise EmuError(f'a ladder is drawn as .svg or .txt, and "{out}" is neither')
    scenario = load(find(file))
    ladder = LadderSink(wish)
    outcome = run(scenario, sinks=[ladder])
    ladder.close()
    for name in wish.between:
        if name not in ladder.devices:
            near = get_close_matches(name, ladder.devices, 1)
            meant = f', did you mean "{near[0]}"?' if near else ""
            raise EmuError(f'{scenario.name} has no device "{name}" that had a frame{meant}')
    step = "" if wish.step is None else f", step {wish.step}"
    conversation = ladder.conversation(scenario.name + step)
    if not conversation.events:
        raise EmuError(f"{scenario.name} has no frames of that kind")
    if out is not None and out.suffix == ".svg":
        write_picture(render_ladder_svg(conversation), out)
    else:
        write_picture("".join([f"{line}\n" for line in render_ladder(conversation)]), out)
    return PASS if outcome.passed else FAIL


def read_wish(
    *, step: int | None, between: str | None, only: str | None, machines: bool, normal: bool,
    limit: int,
) -> Wish:  # fmt: skip
    """Return what the options say."""
    packet, match = None, None
    if only is not None and "#" in only:
        packet = only
    elif only is not None:
        match = Match.parse(dict([_condition(text) for text in only.split(",")]))
    names = tuple([name.strip() for name in between.split(",")]) if between else ()
    return Wish(
        step=step, packet=packet, match=match, between=names, machines=machines, normal=normal,
        limit=limit,
    )  # fmt: skip


def _condition(text: str) -> tuple[str, object]:
    """Return the field and the value of `icmp.type=8`; `arp` is there."""
    name, is_equal, value = text.strip().partition("=")
    return name.strip("= "), (value.strip("= ") if is_equal else True)
