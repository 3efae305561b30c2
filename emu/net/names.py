"""Names of netdevs."""

from typing import Final

IFNAMSIZ: Final = 16  # octets of a name, with a zero at the end; include/uapi/linux/if.h


def dev_valid_name(name: str) -> bool:
    """Whether a netdev may have that name, as net/core/dev.c has it."""
    if not 0 < len(name.encode()) < IFNAMSIZ or name in (".", ".."):
        return False
    return not any(char in "/:" or char.isspace() for char in name)
