"""Neutron in small: resources, server, bus and agents; compiles to devices and commands."""
