"""The parts of a Linux network namespace: neighbours, FIB, ICMP, applications."""
