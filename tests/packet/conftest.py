"""How the tests of packets run."""

from hypothesis import settings

# Scapy may take longer than Hypothesis's 200 ms for an example on a busy machine
settings.register_profile("packet", deadline=None)
settings.load_profile("packet")
