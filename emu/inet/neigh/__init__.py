"""The neighbour table of a network namespace: ARP's memory."""
