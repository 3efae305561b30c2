"""The netdevs of one host, as those see and change them who work there.

Nova and the agent of a host look into the same /sys/class/net. An actor cannot look, so what they
do is remembered here: each change is the command that is typed, and what it leaves behind.
"""

from emu.net.actor import Configure, Plug, Unplug


class Netdevs:
    """What there is on a host, by name, and in which bridge."""

    def __init__(self, host: str, nics: tuple[str, ...]) -> None:
        self._host = host
        self._masters: dict[str, str | None] = dict.fromkeys(nics)

    def __contains__(self, name: str) -> bool:
        """Whether there is a netdev of that name."""
        return name in self._masters

    def master(self, name: str) -> str | None:
        """Return the bridge that `name` is in."""
        return self._masters.get(name)

    def interfaces(self, bridge: str) -> tuple[str, ...]:
        """Return what is in `bridge`, oldest first."""
        return tuple([name for name, master in self._masters.items() if master == bridge])

    def add_bridge(self, name: str, options: str = "") -> Configure:
        """Make a Linux bridge."""
        self._masters[name] = None
        return self._type(f"ip link add {name} type bridge{options and ' '}{options}")

    def add_vlan(self, name: str, parent: str, vid: int) -> Configure:
        """Make the netdev of a VLAN on a NIC."""
        self._masters[name] = None
        return self._type(f"ip link add link {parent} name {name} type vlan id {vid}")

    def set_master(self, name: str, bridge: str | None) -> Configure:
        """Put `name` into `bridge`, or out of the one that it is in."""
        self._masters[name] = bridge
        return self._type(f"ip link set {name} {f'master {bridge}' if bridge else 'nomaster'}")

    def set(self, name: str, what: str) -> Configure:
        """Change what concerns nobody else: `up`, `mtu 1500`, `type bridge stp_state 0`."""
        return self._type(f"ip link set {name} {what}")

    def sysctl(self, key: str, value: int) -> Configure:
        """Set a kernel parameter."""
        return self._type(f"sysctl -w {key}={value}")

    def delete(self, name: str) -> Configure:
        """Take a netdev away."""
        del self._masters[name]
        return self._type(f"ip link del {name}")

    def plug(self, name: str, device: str, port: str) -> Plug:
        """Make the tap of a VM."""
        self._masters[name] = None
        return Plug(self._host, name, device, port)

    def unplug(self, name: str) -> Unplug:
        """Take the tap of a VM away."""
        del self._masters[name]
        return Unplug(self._host, name)

    def _type(self, command: str) -> Configure:
        return Configure(self._host, command)
