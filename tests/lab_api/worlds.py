"""Small worlds made by hand, for the tests of the API."""

from emu.lab import Lab
from emu.packet.door import ARP, Ether, Packet

EVERYBODY = "ff:ff:ff:ff:ff:ff"
ONE, TWO = "10.0.0.1", "10.0.0.2"


def two_pcs(latency: str = "5ms") -> Lab:
    """Return pc1 (10.0.0.1) and pc2 (10.0.0.2) on a hub."""
    lab = Lab()
    lab.add("hub1", "hub")
    for name, address in (("pc1", ONE), ("pc2", TWO)):
        lab.add(name, "namespace", addresses=[f"{address}/24"])
        lab.connect(f"{name}/eth0", f"hub1/{name}", latency=latency)
    return lab


def ask(address: str) -> Packet:
    """Return an ARP request without the addresses of who asks."""
    return Ether(dst=EVERYBODY) / ARP(op="who-has", pdst=address)
