"""A Linux host: people type the commands of the real tools on it, and devices change."""

from emu.host.linux import LinuxHost, add_host

__all__ = ["LinuxHost", "add_host"]
