"""The profile that comes with emu, as tshark understands it."""

import os
import re
import subprocess
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from emu.capture import write_pcap
from emu.cli.wireshark import CONFIGURATION, PROFILE, arguments
from emu.core.time import Nanoseconds
from emu.net.effects import DropClass, DropReason
from emu.packet.addresses import NO_MAC
from emu.packet.craft import Sender, craft
from emu.scenario import load, record
from emu.scenario.shipped import find

NOBODY = Sender(mac=NO_MAC, address=IPv4Address(0))
TUNNELLED = (
    "Ether(src='02:00:00:00:00:01', dst='02:00:00:00:00:02')/IP(src='10.0.0.1', dst='10.0.0.2')"
    "/UDP(sport=50000, dport=8472)/VXLAN(flags=8, vni=42)"
    "/Ether(src='02:00:00:00:00:0a', dst='ff:ff:ff:ff:ff:ff')"
    "/ARP(hwsrc='02:00:00:00:00:0a', psrc='192.168.0.1', pdst='192.168.0.2')"
)

SEGMENT = (
    "Ether(src='02:00:00:00:00:01', dst='02:00:00:00:00:02')/IP(src='10.0.0.1', dst='10.0.0.2')"
    "/TCP(sport=1000, dport=2000, flags='PA', seq=1)/Raw(load='x')"
)


def tshark(capture: Path, *words: str) -> list[str]:
    """Return the lines that tshark prints with the profile; it must not complain of anything."""
    done = subprocess.run(
        ["tshark", *arguments(capture, several_links=True), *words],
        env={**os.environ, "WIRESHARK_CONFIG_DIR": str(CONFIGURATION)},
        capture_output=True,
        text=True,
        check=True,
    )
    complaints = [line for line in done.stderr.splitlines() if "as user" not in line]
    assert complaints == []
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("profile") / "lb-vlan"
    record(load(find("lb-vlan")), folder)
    return folder / "run.pcapng"


@pytest.fixture
def vxlan(tmp_path: Path) -> Path:
    path = tmp_path / "vxlan.pcap"
    write_pcap(path, [(Nanoseconds(10**18), craft(TUNNELLED, NOBODY).wire)])
    return path


def columns(capture: Path, *names: str) -> list[list[str]]:
    fields = [word for name in names for word in ("-e", f"_ws.col.{name}")]
    return [line.split("\t") for line in tshark(capture, "-T", "fields", *fields)]


def test_columns_say_where_which_way_and_in_which_vlan(run: Path) -> None:
    rows = columns(run, "Link", "Dir", "VLAN", "Protocol")
    assert ["controller/eth1", "Outbound", "100", "ICMP"] in rows
    assert ["compute1/eth1", "Inbound", "100", "ICMP"] in rows
    assert any(link.startswith("compute1/tap") and not vlan for link, _, vlan, _ in rows)


def test_names_are_those_of_the_capture(run: Path) -> None:
    rows = columns(run, "Source", "Destination")
    assert ["cirros-vm1", "cirros-vm2"] in rows
    assert not any(address.startswith("172.16.100.4") for row in rows for address in row)


def test_what_emu_says_of_a_frame_has_a_column(run: Path) -> None:
    (comments,) = zip(*columns(run, "Comment"), strict=True)
    assert any(
        "=" not in comment and "delivered at cirros-vm2/eth0" in comment for comment in comments
    )


def test_port_8472_is_vxlan(vxlan: Path) -> None:
    assert columns(vxlan, "VNI", "Protocol") == [["42", "ARP"]]


def test_wrong_checksums_are_seen(vxlan: Path) -> None:
    octets = bytearray(vxlan.read_bytes())
    octets[24 + 16 + 14 + 10] ^= 1  # of the outer IP header
    vxlan.write_bytes(octets)
    assert tshark(
        vxlan, "-Y", "ip.checksum.status == Bad", "-T", "fields", "-e", "frame.number"
    ) == ["1"]


def test_every_drop_that_is_not_of_normal_class_has_a_colour(run: Path) -> None:
    rules = (CONFIGURATION / "profiles" / PROFILE / "colorfilters").read_text().splitlines()
    dropped = next(line.split("@")[2] for line in rules if line.startswith("@Dropped"))
    named = re.findall(r"[A-Z_]{4,}", dropped)
    normal = [reason.name for reason in DropReason if reason.drop_class is DropClass.NORMAL]
    assert named == sorted(normal)
    assert tshark(run, "-Y", dropped) == []  # in this story all goes well
    everything = dropped.replace("|".join(named), "NOTHING")
    assert tshark(run, "-Y", everything) != []


def test_every_colour_is_one_that_tshark_understands(run: Path) -> None:
    rules = (CONFIGURATION / "profiles" / PROFILE / "colorfilters").read_text().splitlines()
    filters = [line.split("@")[2] for line in rules if line.startswith("@")]
    assert len(filters) == 7
    for rule in filters:
        tshark(run, "-c", "1", "-Y", rule)


def test_segments_that_pass_several_links_are_no_retransmissions(tmp_path: Path) -> None:
    wire = craft(SEGMENT, NOBODY).wire
    path = tmp_path / "tcp.pcap"
    write_pcap(path, [(Nanoseconds(10**18 + n), wire) for n in range(3)])
    assert tshark(path, "-Y", "tcp.analysis.flags") == []
