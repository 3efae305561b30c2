"""Scapy without the machine that it runs on.

Left alone, Scapy's import asks the kernel for interfaces and routes, keeps a cache in the home
directory and reads Wireshark's list of vendors. Later it resolves host names, ARPs on the real
network for a missing destination, and takes a missing source from a real interface. `closed` is an
import that does none of the first, `settle` ends the second.

If Scapy is there already, because somebody imported it before emu, `closed` has nothing to keep
out: the interfaces and routes that it found stay. Nothing of them gets into a frame even so,
because `Frame.of` and `craft` refuse packets that leave an address for Scapy to find.
"""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from socket import AF_INET6, inet_pton
from types import ModuleType
from typing import Any, Final

# A folder cannot be made below a file: neither cache nor configuration, on any machine
NOWHERE: Final = f"{os.devnull}/emu"
FOLDERS: Final = ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "BASH_COMPLETION_USER_DIR")
VENDORS: Final = "share/wireshark/manuf"
UNWANTED: Final = {"scapy.libs.manuf": "", "scapy.libs.bluetoothids": {}}  # large, and for names


@contextmanager
def closed() -> Iterator[None]:
    """Let what is imported of Scapy inside know nothing of the machine.

    Afterwards all is as it was, but host names stay refused, and interfaces are not looked for.
    """
    with ExitStack() as undo:
        for folder in FOLDERS:
            undo.enter_context(_entry(os.environ, folder, NOWHERE))
        for name, content in UNWANTED.items():
            module = ModuleType(name)
            module.__dict__["DATA"] = content
            if name not in sys.modules:
                undo.enter_context(_entry(sys.modules, name, module))
        exists = os.path.exists
        undo.enter_context(
            _attribute(
                os.path, "exists", lambda path: not str(path).endswith(VENDORS) and exists(path)
            )
        )
        from scapy.base_classes import Net
        from scapy.config import conf
        from scapy.interfaces import NetworkInterfaceDict

        Net.name2addr = classmethod(_refuse_names)  # type: ignore[assignment,method-assign]
        NetworkInterfaceDict.reload = _nothing  # type: ignore[assignment,method-assign]
        undo.enter_context(_attribute(conf, "route_autoload", value=False))
        undo.enter_context(_attribute(conf, "route6_autoload", value=False))
        undo.enter_context(_attribute(NetworkInterfaceDict, "load_confiface", _nothing))
        yield


def settle() -> None:
    """Take from Scapy, once its layers are there, the ways by which it would look things up."""
    from scapy.config import conf
    from scapy.contrib.geneve import GENEVE
    from scapy.interfaces import InterfaceProvider, NetworkInterface
    from scapy.layers.inet import IP, TCP, UDP
    from scapy.layers.inet6 import IP6ListField
    from scapy.layers.l2 import ARP, GRE, SNAP, Dot1Q, Ether

    conf.neighbor.resolvers.clear()  # a destination MAC is not asked for on the network
    conf.raise_no_dst_mac = True  # ... and not made broadcast either
    IP6ListField.i2m = _addresses  # type: ignore[method-assign]
    conf.verb = 0
    logging.getLogger("scapy.runtime").setLevel(logging.ERROR)
    # Names of ports and protocols are those of the machine's /etc: numbers are the same anywhere
    conf.noenum.add(TCP.sport, TCP.dport, UDP.sport, UDP.dport, IP.proto)
    conf.noenum.add(Ether.type, Dot1Q.type, ARP.ptype, SNAP.code, GRE.proto, GENEVE.proto)
    if conf.loopback_name not in conf.ifaces:  # what a packet without a route asks for its source
        name = conf.loopback_name
        loopback = {"name": name, "network_name": name, "mac": "00:00:00:00:00:00", "dummy": True}
        conf.ifaces[name] = NetworkInterface(InterfaceProvider(), loopback)


def _refuse_names(cls: Any, name: str) -> str:  # noqa: ANN401 - Scapy's Net or Net6
    """Stand in for the method of Scapy that asks the resolver, even for an address."""
    try:
        inet_pton(cls.family, name)
    except OSError:
        raise ValueError(f"'{name}' is not an address, and names are not looked up") from None
    return name


def _addresses(_field: object, _packet: object, addresses: list[str]) -> bytes:
    """Stand in for the method of Scapy that asks the resolver for what is no address."""
    return b"".join([inet_pton(AF_INET6, address) for address in addresses])


def _nothing(*_: object) -> None:
    """Stand in for a method that would look at the machine."""


@contextmanager
def _entry(mapping: Any, key: str, value: object) -> Iterator[None]:  # noqa: ANN401 - of any kind
    """Have `mapping[key]` be `value` for a while."""
    kept = {key: mapping[key]} if key in mapping else {}
    mapping[key] = value
    try:
        yield
    finally:
        del mapping[key]
        mapping.update(kept)


@contextmanager
def _attribute(owner: object, name: str, value: object) -> Iterator[None]:
    """Have the attribute be `value` for a while."""
    kept = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, kept)
