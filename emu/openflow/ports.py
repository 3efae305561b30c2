"""Numbers and names of OpenFlow ports: include/openflow/openflow-1.0.h, lib/ofp-port.c."""

import re
from collections.abc import Mapping
from typing import Final, final

OFPP_MAX: Final = 0xFF00  # real ports are below
OFPP_UNSET: Final = 0xFFF7
OFPP_IN_PORT: Final = 0xFFF8
OFPP_TABLE: Final = 0xFFF9
OFPP_NORMAL: Final = 0xFFFA
OFPP_FLOOD: Final = 0xFFFB
OFPP_ALL: Final = 0xFFFC
OFPP_CONTROLLER: Final = 0xFFFD
OFPP_LOCAL: Final = 0xFFFE
OFPP_NONE: Final = 0xFFFF
_FIRST_RESERVED: Final = OFPP_UNSET

RESERVED: Final = {
    "IN_PORT": OFPP_IN_PORT,
    "TABLE": OFPP_TABLE,
    "NORMAL": OFPP_NORMAL,
    "FLOOD": OFPP_FLOOD,
    "ALL": OFPP_ALL,
    "CONTROLLER": OFPP_CONTROLLER,
    "LOCAL": OFPP_LOCAL,
    "ANY": OFPP_NONE,
    "UNSET": OFPP_UNSET,
}
_NAME_OF: Final = {number: name for name, number in RESERVED.items()}
_OFPP11_OFFSET: Final = 0xFFFF0000  # OpenFlow 1.1 has 32 bits for a port, and reserves the top
_BARE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")  # what namemap_put_name() does not quote


@final
class PortNames:
    """The names of a bridge's ports. A table never changes: another takes its place."""

    def __init__(self, numbers: Mapping[str, int] | None = None) -> None:
        self._numbers = dict(numbers or {})
        self._names = {number: name for name, number in self._numbers.items()}

    def number(self, text: str) -> int | None:
        """Return the port that `text` names, by number or name; None if it names none.

        As ofputil_port_from_string(): a number is decimal, a reserved name has any case.
        """
        if text.isascii() and text.isdigit():
            number = int(text)
            if number <= OFPP_NONE:
                return number
            return number - _OFPP11_OFFSET if number >= _OFPP11_OFFSET + OFPP_MAX else None
        if (reserved := RESERVED.get(text.upper())) is not None:
            return reserved
        if text.upper() == "NONE":
            return OFPP_NONE
        if len(text) > 1 and text[0] == text[-1] == '"':
            text = text[1:-1]
        return self._numbers.get(text)

    def name(self, number: int) -> str:
        """Return what ovs-ofctl calls that port."""
        if (name := _NAME_OF.get(number)) is not None:
            return name
        if (name := self._names.get(number)) is None:
            return str(number)
        return name if _BARE.fullmatch(name) else f'"{name}"'


NO_NAMES: Final = PortNames()
