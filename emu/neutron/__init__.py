"""Neutron in small: resources, server, bus and agents; compiles to devices and commands."""

from emu.neutron.errors import NeutronError
from emu.neutron.validation import check

__all__ = ["NeutronError", "check"]
