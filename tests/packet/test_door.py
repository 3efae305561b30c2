"""The door to Scapy: nothing of the machine comes in, and nothing is left behind on it."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from scapy.error import ScapyNoDstMacException

from emu.packet import door
from emu.packet.door import ARP, DNS, DNSQR, GENEVE, IP, LAYERS, TCP, UDP, VXLAN, Ether, IPv6

# In a process of its own, because what a process has imported it has imported.
WATCHED = """
import os, sys
seen = []
def look(event, args):
    writes = event == "open" and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    runs = event in ("os.system", "os.exec", "os.fork", "os.posix_spawn", "subprocess.Popen")
    if writes or runs or event.startswith("socket."):
        seen.append((event, args))
sys.addaudithook(look)
environment, exists = dict(os.environ), os.path.exists
import emu.packet.MODULE
from emu.packet.door import ARP, IP, TCP, Ether, IPv6
assert dict(os.environ) == environment and os.path.exists is exists
for packet in [Ether() / ARP(), Ether() / IP(dst="10.0.0.0/30") / TCP(), Ether() / IPv6()]:
    repr(packet), packet.summary(), packet.show(dump=True)
    packet.dst = "ff:ff:ff:ff:ff:ff"
    bytes(packet)
print(seen)
"""


def run(program: str, home: Path) -> str:
    """Run `program` in a process of its own, with an empty home, and return what it prints."""
    environment = {"HOME": str(home), "SHELL": "/bin/bash", "PYTHONDONTWRITEBYTECODE": "1"}
    paths = os.pathsep.join(sys.path)
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize("module", ["door", "complete", "assembly"])
def test_it_opens_no_socket_starts_no_program_and_writes_no_file(
    module: str, tmp_path: Path
) -> None:
    assert run(WATCHED.replace("MODULE", module), tmp_path) == "[]\n"
    assert list(tmp_path.iterdir()) == []


def test_the_watch_would_see_scapy_without_the_door(tmp_path: Path) -> None:
    without = WATCHED.replace("emu.packet.door", "scapy.all").replace("emu.packet.MODULE", "os")
    assert "socket.__new__" in run(without, tmp_path)
    assert (tmp_path / ".cache").is_dir()


def test_it_opens_too_where_scapy_came_in_before(tmp_path: Path) -> None:
    program = """
import scapy.all
from emu.packet.door import IP, Ether
from emu.packet.frame import Frame
try:
    Frame.of(Ether(dst="ff:ff:ff:ff:ff:ff", src="02:00:00:00:00:01") / IP(dst="127.0.0.1"))
except ValueError as error:
    print(error)
"""
    assert run(program, tmp_path).startswith("IP.src left out: Scapy would look on this machine")


def test_it_leaves_the_vendor_tables_for_others_to_import(tmp_path: Path) -> None:
    program = "import emu.packet.door, scapy.libs.manuf; print(len(scapy.libs.manuf.DATA) > 9999)"
    assert run(program, tmp_path) == "True\n"


@pytest.mark.parametrize("end", ["localhost", "www.example.org", "10.0.0.256"])
@pytest.mark.parametrize("layer", [IP, IPv6])
def test_names_are_not_looked_up(layer: type[IP] | type[IPv6], end: str) -> None:
    with pytest.raises(ValueError, match=f"'{end}' is not an address, and names are not looked up"):
        layer(dst=end)


def test_names_in_lists_of_addresses_are_not_looked_up_either() -> None:
    routing = LAYERS["IPv6ExtHdrRouting"]
    with pytest.raises(OSError, match="illegal IP address"):
        bytes(routing(addresses=["localhost"]))
    assert bytes(routing(addresses=["::1", "::2"]))[-1:] == b"\x02"


def test_interfaces_are_not_looked_for() -> None:
    with pytest.raises(ValueError, match="Interface 'eth0' not found"):
        IPv6(dst="fe80::1%eth0")


def test_a_missing_destination_is_an_error_not_a_question_to_the_network() -> None:
    with pytest.raises(ScapyNoDstMacException):
        bytes(Ether() / IP(dst="10.0.0.1"))


def test_a_missing_source_is_zero_on_every_machine() -> None:
    arp = Ether(bytes(Ether(dst="ff:ff:ff:ff:ff:ff") / ARP()))
    assert {arp.src, arp[ARP].hwsrc} == {"00:00:00:00:00:00"}
    assert {arp[ARP].psrc, IP(bytes(IP(dst="10.0.0.1"))).src} == {"0.0.0.0"}  # noqa: S104


def test_ports_and_protocols_print_as_numbers_on_every_machine() -> None:
    packet = Ether() / IP() / TCP(sport=22, dport=80)
    assert "sport=22 dport=80" in repr(packet)
    assert "proto=6" in repr(packet)
    assert "type=0x800" in repr(packet)
    assert "53" in repr(UDP(sport=53, dport=53))


@pytest.mark.parametrize(
    ("packet", "layer"),
    [
        pytest.param(IP() / UDP(dport=4789) / VXLAN(flags=8, vni=1) / Ether(), VXLAN, id="VXLAN"),
        pytest.param(IP() / UDP(dport=6081) / GENEVE(vni=1) / Ether(), GENEVE, id="GENEVE"),
        pytest.param(IP() / UDP(dport=53) / DNS(qd=DNSQR(qname="a.")), DNS, id="DNS"),
        pytest.param(IP() / UDP(dport=67) / door.BOOTP() / door.DHCP(), door.BOOTP, id="DHCP"),
        pytest.param(IP() / door.GRE(key_present=1, key=42) / Ether(), door.GRE, id="GRE"),
        pytest.param(IP() / IPv6(dst="::2"), IPv6, id="IPv6"),
    ],
)
def test_all_layers_are_there_to_dissect(packet: door.Packet, layer: type[door.Packet]) -> None:
    for header in packet.iterpayloads():
        if isinstance(header, Ether):
            header.dst = header.src = "02:00:00:00:00:01"
    assert layer in IP(bytes(packet))


def test_scapy_is_quiet() -> None:
    assert not logging.getLogger("scapy.runtime").isEnabledFor(logging.WARNING)


def test_the_layers_are_known_by_their_names() -> None:
    assert LAYERS["ARP"] is ARP
    assert all(layer.__name__ == name for name, layer in LAYERS.items())
    assert {"Ether", "Dot1Q", "IPv6", "VXLAN", "GENEVE", "GRE", "DHCP", "DNS", "Raw"} <= {*LAYERS}
    assert not {"Packet", "NoPayload"} & {*LAYERS}


@pytest.mark.parametrize("name", door.__all__)
def test_what_the_door_names_is_there(name: str) -> None:
    assert hasattr(door, name)
