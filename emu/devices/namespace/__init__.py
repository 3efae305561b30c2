"""A Linux network namespace: an IPv4 host, a hypervisor's root namespace, a router, a server."""

from emu.devices.namespace.namespace import Namespace

__all__ = ["Namespace"]
