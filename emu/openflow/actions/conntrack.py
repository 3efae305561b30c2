"""Actions on connections: `ct`, `nat` in it, and `ct_clear`."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Final, final

from emu.openflow import layout
from emu.openflow.actions.base import (
    Action,
    Actions,
    Checking,
    Fitness,
    check_actions,
    inconsistent,
    render_actions,
)
from emu.openflow.fields import Needs
from emu.openflow.ports import PortNames
from emu.openflow.subfield import Subfield
from emu.openflow.words import Word, pairs

HELPERS: Final = {"ftp": 21, "tftp": 69}
_CS_INVALID: Final = 0x10

Address = IPv4Address | IPv6Address


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Nat(Action):
    """`nat`, `nat(src=...)`, `nat(dst=...)`: rewrite addresses, or only as the connection says."""

    kind: str = ""  # src, dst, or neither
    first: Address | None = None  # of a range of addresses
    last: Address | None = None
    first_port: int = 0
    last_port: int = 0
    persistent: bool = False
    hash: bool = False
    random: bool = False

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        if not self.kind:
            return "nat"
        words = {"persistent": self.persistent, "hash": self.hash, "random": self.random}
        flags = [word for word, is_set in words.items() if is_set] if self.first else []
        return f"nat({','.join([self.kind + self._range(), *flags])})"

    def _range(self) -> str:
        if self.first is None:
            return ""
        text = self._bracketed(self.first)
        if self.last is not None and self.last != self.first:
            text += f"-{self._bracketed(self.last)}"
        if self.first_port:
            text += f":{self.first_port}"
            if self.last_port not in (0, self.first_port):
                text += f"-{self.last_port}"
        return f"={text}"

    def _bracketed(self, address: Address) -> str:
        bracketed = isinstance(address, IPv6Address) and self.first_port
        return f"[{address}]" if bracketed else str(address)

    def check(self, state: Checking) -> Action:
        """Demand the version of IP that the addresses have."""
        state.demand(Needs.IP)
        if self.first is not None:
            state.demand(Needs.IPV4 if isinstance(self.first, IPv4Address) else Needs.IPV6)
        return self


_V4: Final = r"\d+\.\d+\.\d+\.\d+"
_V6: Final = r"\[[0-9a-fA-F:.]+\]|[0-9a-fA-F:.]+"
_RANGE: Final = re.compile(
    rf"(?:({_V4})(?:-({_V4}))?|({_V6}?)(?:-({_V6}?))?)(?::(\d+)(?:-(\d+))?)?"
)


def parse_nat(whole: Word, _ports: PortNames, _fitness: Fitness) -> Actions:
    """Read what is in the parentheses of `nat(...)`; as parse_NAT()."""
    flags: dict[str, bool] = {}
    spans: dict[str, tuple[Address | None, Address | None, int, int]] = {}
    for key, value in pairs(whole):
        if key.text in ("src", "dst"):
            spans[key.text] = value.read(_parse_range, "ADDRESS[-ADDRESS][:PORT[-PORT]]")
        elif key.text in ("persistent", "hash", "random"):
            flags[key.text] = True
        else:
            raise key.bad(f'invalid key "{key.text}" in "nat" argument')
    if len(spans) > 1:
        raise whole.bad('May only specify one of "src" or "dst".')
    if not spans and flags:
        raise whole.bad('Flags allowed only with "src" or "dst".')
    if "hash" in flags and "random" in flags:
        raise whole.bad('Both "hash" and "random" are not allowed.')
    kind = next(iter(spans), "")
    first, last, first_port, last_port = spans.get(kind, (None, None, 0, 0))
    span = Nat(kind=kind, first=first, last=last, first_port=first_port, last_port=last_port)
    return (
        Nat(
            kind=span.kind,
            first=span.first,
            last=span.last,
            first_port=span.first_port,
            last_port=span.last_port,
            persistent="persistent" in flags,
            hash="hash" in flags,
            random="random" in flags,
        ),
    )


def _parse_range(text: str) -> tuple[Address | None, Address | None, int, int]:
    if not text:
        return None, None, 0, 0
    found = _RANGE.fullmatch(text)
    if found is None:
        raise ValueError(f'invalid nat range "{text}"')
    try:
        first, last = (_address(found[1] or found[3]), _address(found[2] or found[4]))
    except ValueError:
        raise ValueError(f'invalid nat range "{text}"') from None
    first_port, last_port = int(found[5] or 0), int(found[6] or 0)
    backwards = last is not None and first is not None and int(last) < int(first)
    if backwards or (last_port and last_port < first_port) or max(first_port, last_port) > 0xFFFF:
        raise ValueError(f'invalid nat range "{text}"')
    return first, last, first_port, last_port


def _address(text: str | None) -> Address | None:
    if not text:
        return None
    if ":" in text:
        return IPv6Address(text.strip("[]"))
    return IPv4Address(text)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Ct(Action):
    """`ct(...)`: hand the packet to connection tracking."""

    commit: bool = False
    force: bool = False
    table: int | None = None  # where a copy goes on with what is known then
    zone: int | Subfield = 0
    alg: int = 0
    actions: Actions = ()  # nat, and what `exec` does to mark and label

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        first = self.actions[:1] if isinstance(next(iter(self.actions), None), Nat) else ()
        rest = self.actions[len(first) :]
        helpers = {port: name for name, port in HELPERS.items()}
        parts = [
            "commit" if self.commit else "",
            "force" if self.force else "",
            "" if self.table is None else f"table={self.table}",
            f"zone={self.zone}" if self.zone else "",
            *(action.text(ports) for action in first),
            f"exec({render_actions(rest, ports)})" if rest else "",
            f"alg={helpers.get(self.alg, self.alg)}" if self.alg else "",
        ]
        return f"ct({','.join(filter(None, parts))})"

    def check(self, state: Checking) -> Action:
        """Demand IP, and what the parts demand."""
        invalid = layout.CT_STATE.get(state.key) & _CS_INVALID
        protocol = {21: layout.IPPROTO_TCP, 69: layout.IPPROTO_UDP}.get(self.alg)
        wrong_helper = protocol is not None and layout.NW_PROTO.get(state.key) != protocol
        if (invalid and self.commit) or wrong_helper:
            raise inconsistent()
        state.demand(Needs.IP)
        if isinstance(self.zone, Subfield):
            state.demand_source(self.zone)
            return self
        return Ct(
            commit=self.commit,
            force=self.force,
            table=self.table,
            zone=self.zone,
            alg=self.alg,
            actions=check_actions(self.actions, state),
        )


@final
@dataclass(frozen=True, slots=True)
class CtClear(Action):
    """`ct_clear`: forget what connection tracking said."""

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        return "ct_clear"
