"""The Wireshark profile that comes with emu, and how a capture is opened with it."""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

PROFILE: Final = "emu"
CONFIGURATION: Final = Path(__file__).parents[1] / "wireshark"  # as Wireshark wants it laid out
MAC_APP: Final = Path("/Applications/Wireshark.app/Contents/MacOS/Wireshark")
NO_SEQUENCE: Final = "tcp.analyze_sequence_numbers:FALSE"  # every link has each segment once more


def find_wireshark() -> str | None:
    """Return the program, if this machine has it."""
    return shutil.which("wireshark") or (str(MAC_APP) if MAC_APP.exists() else None)


def has_display() -> bool:
    """Whether a window can be shown."""
    if sys.platform in ("darwin", "win32"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def arguments(capture: Path, *, several_links: bool) -> list[str]:
    """Return what follows `wireshark` or `tshark` on the command line."""
    options = ["-o", NO_SEQUENCE] if several_links else []
    return ["-C", PROFILE, *options, "-r", str(capture)]


def open_wireshark(program: str, words: list[str]) -> int:
    """Run Wireshark until its user closes it; return its exit status.

    It gets a configuration of its own, which is forgotten with what its user changes there.
    """
    with tempfile.TemporaryDirectory(prefix="emu-wireshark-") as scratch:
        configuration = Path(scratch, "wireshark")
        shutil.copytree(CONFIGURATION, configuration)
        environment = {**os.environ, "WIRESHARK_CONFIG_DIR": str(configuration)}
        return subprocess.run([program, *words], env=environment, check=False).returncode


def what_to_type(words: list[str]) -> list[str]:
    """Return the lines that show a capture with the profile, in a window or in a terminal."""
    config, profile = shlex.quote(str(CONFIGURATION)), CONFIGURATION / "profiles" / PROFILE
    folder = "~/.config/wireshark/profiles"
    return [
        "to see it in a window, once add emu's profile to your own, and open it with that:",
        f"    mkdir -p {folder} && cp -r {shlex.quote(str(profile))} {folder}/",
        f"    {shlex.join(['wireshark', *words])}",
        "to see it in a terminal, with nothing added to your own:",
        f"    WIRESHARK_CONFIG_DIR={config} {shlex.join(['tshark', *words])}",
    ]
