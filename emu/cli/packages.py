"""How the programs that emu can use are installed on this machine."""

import shutil
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

DOWNLOAD: Final = "see https://www.wireshark.org/download.html"
SHARK_CLI: Final = MappingProxyType({"tshark": "wireshark-cli"})  # what the package is called
SHARK_ONE: Final = MappingProxyType({"tshark": "wireshark"})
SAME: Final[Mapping[str, str]] = MappingProxyType({})

# Who installs here: the program that tells, the command, and other names that packages have there
INSTALLERS: Final = (
    ("apt-get", "sudo apt-get install -y", SAME),
    ("dnf", "sudo dnf install -y", SHARK_CLI),
    ("pacman", "sudo pacman -S", SHARK_CLI | {"wireshark": "wireshark-qt"}),
    ("zypper", "sudo zypper install", SHARK_ONE),
    ("apk", "sudo apk add", SAME),
    ("brew", "brew install --cask", SHARK_ONE),
)


def how_to_install(program: str) -> str:
    """Return the command that installs `program`, tshark or wireshark."""
    for installer, command, names in INSTALLERS:
        if shutil.which(installer):
            return f"{command} {names.get(program, program)}"
    return DOWNLOAD
