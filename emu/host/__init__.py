"""A Linux host: people type the commands of the real tools on it, and devices change."""

from emu.host.commands import Command
from emu.host.language import CommandError, parse_command
from emu.host.linux import LinuxHost, add_host

__all__ = ["Command", "CommandError", "LinuxHost", "add_host", "parse_command"]
