"""A Linux network namespace: an IPv4 host, a hypervisor's root namespace, a router, a server."""
