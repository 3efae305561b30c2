"""The command line as a whole: one function for each command, each in a few lines."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="emu",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from emu import __version__

        print(f"emu {__version__}")
        raise typer.Exit


@app.callback()
def emu(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Emulate OpenStack Neutron's data plane: real frames, every decision explained."""


Files = Annotated[
    list[str], typer.Argument(metavar="FILE...", help="Scenario files, or names of shipped ones.")
]
File = Annotated[str, typer.Argument(metavar="FILE", help="A scenario file, or a shipped name.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


@app.command()
def run(
    files: Files,
    out: Annotated[
        Path | None, typer.Option(help="Where the run goes; ./emu-runs/NAME by default.")
    ] = None,
    seed: Annotated[
        str | None,
        typer.Option(help="What all that is random derives from, instead of the file's."),
    ] = None,
    walk: Annotated[
        bool,
        typer.Option(
            "--walk",
            help="Tell the numbered way of a packet: of the one you name beside the files, as in "
            "`cirros-vm1#3`, else of the first ping that arrived.",
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Run scenarios: print each step's verdict and write the captures."""
    from emu.cli.run import run_files

    raise typer.Exit(run_files(files, out=out, seed=seed, json=json, walk=walk))


@app.command()
def validate(files: Files, json: Json = False) -> None:
    """Check scenario files and say everything that is wrong with them."""
    from emu.cli.validate import validate_files

    raise typer.Exit(validate_files(files, json=json))


@app.command("compile")
def compile_(file: File, json: Json = False) -> None:
    """Print the commands that a cloud compiles to, host by host."""
    from emu.cli.compile import compile_file

    raise typer.Exit(compile_file(file, json=json))


@app.command()
def trace(  # noqa: PLR0917 - typer makes an option of each
    file: File,
    minimal: Annotated[bool, typer.Option("--minimal", help="A line for each packet.")] = False,
    summary: Annotated[bool, typer.Option("--summary", help="Each hop and its rule.")] = False,
    detailed: Annotated[bool, typer.Option("--detailed", help="Every step and change.")] = False,
    json: Annotated[bool, typer.Option("--json", help="The journal as JSON Lines.")] = False,
    walk: Annotated[
        bool, typer.Option("--walk", help="The numbered way of one packet, --packet or a ping's.")
    ] = False,
    packet: Annotated[
        str | None, typer.Option(help="Only this packet, as in `cirros-vm1#3`.")
    ] = None,
    step: Annotated[int | None, typer.Option(help="Only this step, from 1.")] = None,
    normal: Annotated[
        bool, typer.Option("--all", help="Show also the drops that are of no interest.")
    ] = False,
) -> None:
    """Show each packet's way: every hop, and the rule that decided it."""
    from emu.cli.trace import Level, trace_file, walk_file

    if walk:
        if minimal or summary or detailed or json or normal or step is not None:
            raise typer.BadParameter("--walk goes with --packet only")
        raise typer.Exit(walk_file(file, packet=packet))
    if minimal + summary + detailed + json > 1:
        raise typer.BadParameter("choose one of --minimal, --summary, --detailed and --json")
    level = Level.MINIMAL if minimal else Level.DETAILED if detailed else Level.SUMMARY
    wanted = trace_file(file, level=level, json=json, packet=packet, step=step, normal=normal)
    raise typer.Exit(wanted)


@app.command()
def graph(
    file: File,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="A file: .svg or .mmd; else stdout.")
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option("--format", metavar="FORMAT", help="svg or mermaid, if the name says not."),
    ] = None,
) -> None:
    """Draw the topology: hosts, what is inside them, and the wires."""
    from emu.cli.graph import graph_file

    if kind not in (None, "svg", "mermaid"):
        raise typer.BadParameter("the formats are svg and mermaid")
    raise typer.Exit(graph_file(file, out=out, kind=kind))


@app.command()
def ladder(  # noqa: PLR0917 - typer makes an option of each
    file: File,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="A file: .svg or .txt; else text on stdout.")
    ] = None,
    step: Annotated[int | None, typer.Option(help="Only this step, from 1.")] = None,
    between: Annotated[
        str | None, typer.Option(metavar="A,B", help="Only packets that all of these devices had.")
    ] = None,
    only: Annotated[
        str | None,
        typer.Option(metavar="WHAT", help="A packet, `cirros-vm1#3`, or a match, `icmp.type=8`."),
    ] = None,
    machines: Annotated[
        bool, typer.Option("--machines", help="A column for each machine, not for each device.")
    ] = False,
    normal: Annotated[
        bool, typer.Option("--all", help="Show also the drops that are of no interest.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="How many frames on links are shown.")] = 60,
) -> None:
    """Show a conversation as a ladder: devices across, time down."""
    from emu.cli.ladder import ladder_file, read_wish

    wish = read_wish(
        step=step, between=between, only=only, machines=machines, normal=normal, limit=limit
    )
    raise typer.Exit(ladder_file(file, wish, out=out))


@app.command("list")
def list_(
    file: Annotated[
        str | None, typer.Argument(metavar="[FILE]", help="A scenario: list its parts.")
    ] = None,
    json: Json = False,
) -> None:
    """List the shipped scenarios, or what there is in one."""
    from emu.cli.list import list_file, list_shipped

    raise typer.Exit(list_file(file, json=json) if file else list_shipped(json=json))


@app.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    from emu.cli.schema import print_schema

    print_schema()


@app.command()
def diff(  # noqa: PLR0917 - typer makes an option of each
    a: Annotated[Path, typer.Argument(metavar="A", help="A capture, or the folder of a run.")],
    b: Annotated[Path, typer.Argument(metavar="B", help="Another, which may be of any tool.")],
    ignore: Annotated[
        list[str] | None,
        typer.Option(help="Do not count these: time, comment, direction, added, missing ..."),
    ] = None,
    mask: Annotated[
        list[str] | None, typer.Option(help="Do not look at these fields: ip.id,icmp.ident")
    ] = None,
    limit: Annotated[int, typer.Option(min=0, help="How many of a kind to show; 0: all.")] = 10,
    json: Json = False,
) -> None:
    """Say what differs between two captures. Exit 0: nothing; 1: something."""
    from emu.cli.diff import diff_captures

    found = diff_captures(a, b, ignore=ignore or [], mask=mask or [], limit=limit, json=json)
    raise typer.Exit(found)


@app.command("test")
def suite(  # noqa: PLR0917 - typer makes an option of each
    places: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[DIR...]",
            help="Folders of scenarios, or files; else every *.emu.yaml below here.",
        ),
    ] = None,
    keyword: Annotated[
        str, typer.Option("-k", metavar="WORD", help="Only files with this in their path.")
    ] = "",
    only_list: Annotated[bool, typer.Option("--list", help="Only say which there are.")] = False,
    update: Annotated[
        bool, typer.Option("--update", help="Accept what they do now as golden.")
    ] = False,
    goldens: Annotated[
        Path | None, typer.Option(help="Where NAME/ is kept; beside each file by default.")
    ] = None,
    junit: Annotated[Path | None, typer.Option(help="Write the results for a CI, as XML.")] = None,
) -> None:
    """Run scenarios as tests. Golden captures are in goldens/NAME beside."""
    from emu.cli.test import list_tests, run_tests

    if only_list:
        raise typer.Exit(list_tests(places or [], keyword))
    raise typer.Exit(run_tests(places or [], keyword, goldens=goldens, update=update, junit=junit))


@app.command()
def inject(  # noqa: PLR0917 - typer makes an option of each
    file: File,
    frame: Annotated[
        str | None,
        typer.Argument(
            metavar="[FRAME]",
            help="A Scapy expression, hexadecimal digits, or frames of a capture: FILE.pcap#3-9.",
        ),
    ] = None,
    at: Annotated[
        str | None, typer.Option(metavar="END", help="The end of a link that sends it: vm1/eth0.")
    ] = None,
    into: Annotated[
        str | None, typer.Option(metavar="END", help="The end at which it arrives.")
    ] = None,
    pcap: Annotated[
        Path | None, typer.Option(help="Replay this capture, with the times that it has.")
    ] = None,
    frames: Annotated[
        str, typer.Option("--frames", "--frame", metavar="3-9", help="Only these of its frames.")
    ] = "",
    after: Annotated[
        int, typer.Option(min=0, help="Inject after this step; 0: when the world is built.")
    ] = 0,
    out: Annotated[
        Path | None, typer.Option(help="Where the run goes; ./emu-runs/NAME.inject by default.")
    ] = None,
    detailed: Annotated[bool, typer.Option("--detailed", help="Every step and change.")] = False,
    normal: Annotated[
        bool, typer.Option("--all", help="Show also the drops that are of no interest.")
    ] = False,
    json: Json = False,
) -> None:
    """Inject one frame, print its trace, and write the captures."""
    from emu.cli.inject import Level, inject_frame

    level = Level.DETAILED if detailed else Level.SUMMARY
    done = inject_frame(
        file,
        frame,
        at=at,
        into=into,
        pcap=pcap,
        frames=frames,
        after=after,
        out=out,
        level=level,
        normal=normal,
        json=json,
    )
    raise typer.Exit(done)


@app.command()
def show(  # noqa: PLR0917 - typer makes an option of each
    what: Annotated[
        str,
        typer.Argument(
            help="One of bridge, fdb, neigh, links, addr, routes and macs (a switch's)."
        ),
    ],
    file: File,
    on: Annotated[
        str | None, typer.Option(metavar="DEVICE", help="Only there: compute1, 'cirros-vm*'.")
    ] = None,
    at: Annotated[
        str | None, typer.Option(metavar="TIME", help="At this time of the run: 1.5s.")
    ] = None,
    after: Annotated[
        int | None, typer.Option(metavar="STEP", min=0, help="After this step; 0: before all.")
    ] = None,
    json: Json = False,
) -> None:
    """Show tables at any time, as `ip` and `bridge` print them."""
    from emu.cli.show import show_state

    raise typer.Exit(show_state(what, file, on=on, at=at, after=after, json=json))


@app.command("open")
def open_(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="[RUN|FILE]", help="A run, by name or folder, or a capture; else the last run."
        ),
    ] = None,
    link: Annotated[
        str | None, typer.Option(metavar="END", help="Only this link of the run: compute1/eth1.")
    ] = None,
    only_say: Annotated[bool, typer.Option("--print", help="Only say what to type.")] = False,
) -> None:
    """Open a run in Wireshark, with columns and colours for it."""
    from emu.cli.open import open_capture

    raise typer.Exit(open_capture(what, link=link, only_say=only_say))


@app.command()
def doctor(json: Json = False) -> None:
    """Say what this machine has, and how to get what it lacks.

    Exit 1: something is missing that emu needs.
    """
    from emu.cli.doctor import examine

    raise typer.Exit(examine(json=json))
