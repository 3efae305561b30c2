"""Files that somebody wrote to do harm; run as a program, says what each of them costs.

`python -m tests.errors.hostile FOLDER` gives every file of `FILES` to emu and prints a line of JSON
for each: how it ended, what was said, the processor's seconds, and the most memory until then.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

from emu.cli import main
from tests.errors.captures import ETHERNET, SECTION, announcing, interface, pcap

MEGABYTE = 1 << 20
MEMORY = 2048 * MEGABYTE  # what a process may ask for, so that a bomb ends here and not the machine
WORLD = """
name: hostile
hosts:
  controller: {roles: [network, compute], nics: {eth1: physnet1}}
networks:
  flat: {type: flat, physical_network: physnet1, subnets: [{cidr: 172.16.100.0/24}]}
servers:
  vm1: {host: controller, nics: [{network: flat}]}
"""


def frame(typed: str) -> str:
    """Return a scenario that injects what was typed."""
    return f"{WORLD}steps:\n- inject: {{at: vm1/eth0, frame: {json.dumps(typed)}}}\n"


def replay(name: str) -> str:
    """Return a scenario that injects the frames of a capture."""
    return f"{WORLD}steps:\n- inject: {{at: vm1/eth0, pcap: {json.dumps(name)}, frames: 1-2}}\n"


def named(name: str) -> str:
    """Return a scenario of that name."""
    return WORLD.replace("hostile", json.dumps(name), 1)


def device(*names: str) -> str:
    """Return a scenario with devices of those names."""
    return "name: hostile\ndevices:\n" + "".join(
        f"  {json.dumps(it)}: {{kind: hub}}\n" for it in names
    )


def doubling(item: str, lines: int = 64) -> str:
    """Return lines of which each has the one before twice: 2 to the 64th values."""
    aliases = [f"k{n}: &k{n} {item.replace('X', f'*k{n - 1}')}\n" for n in range(1, lines)]
    return "k0: &k0 [boom]\n" + "".join(aliases)


FILES: dict[str, Callable[[], str]] = {
    "a bomb of lists": lambda: doubling("[X, X]"),
    "a bomb of mappings": lambda: doubling("{a: X, b: X}"),
    "a bomb of merges": lambda: doubling("{<<: [X, X]}"),
    "an alias to itself": lambda: "name: &a [*a]\n",
    "a tag that calls": lambda: "name: !!python/object/apply:os.system ['touch harm']\n",
    "a tag that imports": lambda: "name: !!python/module:subprocess\n",
    "a tag that makes objects": lambda: "name: !!python/object/new:emu.net.Device []\n",
    "20,000 lists": lambda: "[" * 20_000,
    "20,000 mappings": lambda: "{a: " * 20_000,
    "20,000 dashes": lambda: "- " * 20_000,
    "1,400 columns": lambda: "".join(f"{' ' * n}a:\n" for n in range(1400)),
    "a scalar of 3 MB": lambda: f"name: {'x' * 3 * MEGABYTE}\n",
    "a quoted scalar of 900 kB": lambda: f"name: '{'x' * 900_000}'\n",
    "a key of 3 MB": lambda: f"{'x' * 3 * MEGABYTE}: 1\n",
    "a comment of 3 MB": lambda: f"# {'x' * 3 * MEGABYTE}\nname: x\n",
    "24,000 unknown keys": lambda: "".join(f"k{n}: 1\n" for n in range(24_000)),
    "49,000 steps that are none": lambda: "name: x\nsteps:\n" + "- x\n" * 49_000,
    "a name that leads out": lambda: named("../x"),
    "a name with a folder": lambda: named("a/b"),
    "a name from the root": lambda: named("/tmp/x"),  # noqa: S108 - nothing is written there
    "a name of two dots": lambda: named(".."),
    "a name with a NUL": lambda: named("a\0b"),
    "a name of 10,000": lambda: named("x" * 10_000),
    "a device that leads out": lambda: device("../x"),
    "a device of 1,000": lambda: device("x" * 1_000),
    "a device with a NUL": lambda: device("a\0b"),
    "a number of 5,000 digits": lambda: WORLD + "seed: 1\nsteps: [{advance: " + "9" * 5000 + "}]\n",
    "a frame that calls": lambda: frame("__import__('os').system('touch harm')"),
    "a frame that opens": lambda: frame("Ether()/ARP(pdst=open('harm', 'w'))"),
    "a frame that multiplies": lambda: frame("Ether()/Raw('x' * 10**12)"),
    "a frame that reaches attributes": lambda: frame("Ether().__class__.__base__.__subclasses__()"),
    "a frame of 3 MB": lambda: frame(f"Ether()/Raw('{'x' * 3 * MEGABYTE}')"),
    "a frame of 40,000 brackets": lambda: frame("(" * 20_000 + "Ether()" + ")" * 20_000),
    "a frame of 190 brackets": lambda: frame("(" * 190 + "Ether()" + ")" * 190),
    "a frame of 20,000 signs": lambda: frame("Ether(type=" + "-" * 20_000 + "1)"),
    "a frame of 6,000 headers": lambda: frame("Ether()/" * 6_000 + "Ether()"),
    "a frame with 9,000 attributes": lambda: frame("Ether()" + ".a" * 9_000),
    "a frame with a number of 40,000 digits": lambda: frame(f"Ether(type={'9' * 40_000})"),
    "a frame with 20,000 quotes": lambda: frame("Ether(dst=" + "'\"" * 10_000 + ")"),
    "a frame of 65,000 equals signs": lambda: frame("Ether(dst" + "=" * 40_000 + ")"),
    "a frame of 40,000 colons": lambda: frame("Ether(dst=" + ":" * 40_000 + ")"),
    "a capture of 4 GB": lambda: replay("4gb.pcap"),
    "a block of 4 GB": lambda: replay("4gb.pcapng"),
    "a capture that leads out": lambda: replay("../../etc/passwd"),
    "a capture with a NUL": lambda: replay("a\0b"),
    "a capture with a name of 10,000": lambda: replay("x" * 10_000),
    "a capture in 5,000 folders": lambda: replay("x/" * 5_000),
    "a capture with a name of 200 letters of 3 octets": lambda: replay("\u6f22" * 200),
    "a capture that is a folder": lambda: replay("."),
    "a capture of 16 MB": lambda: replay("heads.pcap"),
}


def write_captures() -> None:
    """Write what the scenarios of `replay` name."""
    Path("4gb.pcap").write_bytes(announcing(0xFFFFFFFF))
    block = b"\6\0\0\0\xfc\xff\xff\xff"
    Path("4gb.pcapng").write_bytes(SECTION + interface(ETHERNET) + block)
    Path("heads.pcap").write_bytes(pcap(link_type=101) + bytes(16 * 1_000_000))


def ended(arguments: list[str]) -> tuple[int, str]:
    """Return the exit status of `emu ARGUMENTS` and what it complains of."""
    sys.argv = ["emu", *arguments]
    complaints = StringIO()
    with redirect_stdout(StringIO()), redirect_stderr(complaints):
        try:
            main()
        except SystemExit as exit_:
            return int(exit_.code or 0), complaints.getvalue()


def peak_kilobytes() -> int:
    """Return the most memory that this process had: VmHWM of proc(5).

    Not ru_maxrss, which begins with that of the process that started this one.
    """
    lines = Path("/proc/self/status").read_text().splitlines()
    (line,) = [line for line in lines if line.startswith("VmHWM:")]
    return int(line.split()[1])


def measure_all() -> None:
    """Run every file, and print what it cost."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    write_captures()
    for title, write in FILES.items():
        Path("hostile.yaml").write_text(write())
        begun = time.process_time()
        status, said = ended(["run", "hostile.yaml"])
        spent = time.process_time() - begun
        most = peak_kilobytes() / 1024
        cost = {"title": title, "status": status, "said": said, "seconds": spent, "megabytes": most}
        sys.stdout.write(f"{json.dumps(cost)}\n")


if __name__ == "__main__":
    measure_all()
