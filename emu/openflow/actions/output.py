"""Actions that send a packet somewhere, or choose how it is queued there."""

from dataclasses import dataclass
from typing import Final, final

from emu.openflow.actions.base import Action, Actions, Checking, Fitness
from emu.openflow.errors import BadFlow
from emu.openflow.ports import (
    OFPP_CONTROLLER,
    OFPP_IN_PORT,
    OFPP_LOCAL,
    OFPP_MAX,
    OFPP_NONE,
    OFPP_UNSET,
    RESERVED,
    PortNames,
)
from emu.openflow.subfield import Subfield, parse_subfield
from emu.openflow.values import parse_u, parse_u_plain
from emu.openflow.words import Word, pairs

WHOLE: Final = 0xFFFF  # octets of a packet for the controller: all
ETH_HEADER_LEN: Final = 14
_PORT: Final = "a port's name or number"
_BAD_OUT_PORT: Final = "actions are invalid with specified match (OFPBAC_BAD_OUT_PORT)"


def _check_port(port: int) -> None:
    """As ofpact_check_output_port()."""
    if port >= OFPP_MAX and (port in (OFPP_NONE, OFPP_UNSET) or port not in RESERVED.values()):
        raise BadFlow(_BAD_OUT_PORT)


@final
@dataclass(frozen=True, slots=True)
class Output(Action):
    """`output:PORT`: send the packet as it is now."""

    port: int
    max_len: int = 0  # octets for the controller

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        name = ports.name(self.port)
        if self.port == OFPP_CONTROLLER:
            return f"{name}:{self.max_len}"
        return f"output:{name}" if self.port < OFPP_MAX else name

    def check(self, _state: Checking) -> Action:
        """Refuse a port that there can never be."""
        _check_port(self.port)
        return self


@final
@dataclass(frozen=True, slots=True)
class OutputReg(Action):
    """`output:REGISTER`: send the packet to the port whose number stands in a field."""

    source: Subfield

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        return f"output:{self.source}"

    def check(self, state: Checking) -> Action:
        """Demand that the packet has the field."""
        state.demand_source(self.source)
        return self


@final
@dataclass(frozen=True, slots=True)
class OutputTrunc(Action):
    """`output(port=PORT,max_len=N)`: send the first octets of the packet."""

    port: int
    max_len: int  # octets

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        return f"output(port={ports.name(self.port)},max_len={self.max_len})"

    def check(self, _state: Checking) -> Action:
        """Refuse a port that there can never be."""
        _check_port(self.port)
        return self


@final
@dataclass(frozen=True, slots=True)
class Group(Action):
    """`group:ID`."""

    group: int

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        return f"group:{self.group}"


@final
@dataclass(frozen=True, slots=True)
class Controller(Action):
    """`controller(...)`: a packet for a controller, of which there is none."""

    max_len: int = WHOLE
    reason: str = "action"
    id: int = 0
    userdata: bytes = b""
    pause: bool = False
    meter: int | None = None

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        parts = [
            f"reason={self.reason}" if self.reason != "action" else "",
            f"max_len={self.max_len}" if self.max_len != WHOLE else "",
            f"id={self.id}" if self.id else "",
            f"userdata={self.userdata.hex('.')}" if self.userdata else "",
            "pause" if self.pause else "",
            "" if self.meter is None else f"meter_id={self.meter}",
        ]
        return f"controller({','.join(filter(None, parts))})"


@final
@dataclass(frozen=True, slots=True)
class SetQueue(Action):
    """`set_queue:N`: what is sent from now on goes into that queue of its port."""

    queue: int

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        return f"set_queue:{self.queue}"


@final
@dataclass(frozen=True, slots=True)
class PopQueue(Action):
    """`pop_queue`: what is sent from now on goes where it went at first."""

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        return "pop_queue"


@final
@dataclass(frozen=True, slots=True)
class Enqueue(Action):
    """`enqueue:PORT:QUEUE`."""

    port: int
    queue: int

    def text(self, ports: PortNames) -> str:
        """Return what ovs-ofctl prints."""
        return f"enqueue:{ports.name(self.port)}:{self.queue}"

    def check(self, _state: Checking) -> Action:
        """Refuse a port that has no queues."""
        if self.port >= OFPP_MAX and self.port not in (OFPP_IN_PORT, OFPP_LOCAL):
            raise BadFlow(_BAD_OUT_PORT)
        return self


# --- parse ---------------------------------------------------------------------------------------


def parse_output(value: Word, ports: PortNames, _fitness: Fitness) -> Actions:
    """Read `output:PORT`, `output:REGISTER` or `output(port=PORT,max_len=N)`."""
    if "port" in value.text and "max_len" in value.text:
        return (_parse_trunc(value, ports),)
    if (port := ports.number(value.text)) is not None:
        return (Output(port, WHOLE if port == OFPP_CONTROLLER else 0),)
    try:
        return (OutputReg(parse_subfield(value.text)),)
    except ValueError:
        raise value.bad(f"{value.text}: output to unknown port", _PORT) from None


def _parse_trunc(whole: Word, ports: PortNames) -> Action:
    port = max_len = 0
    for key, value in pairs(whole):
        if key.text == "port":
            number = ports.number(value.text)
            if number is None:
                raise value.bad(f"output to unknown truncate port: {value.text}", _PORT)
            if number > OFPP_MAX and number not in (OFPP_LOCAL, OFPP_IN_PORT):
                raise value.bad(f"output to unsupported truncate port: {value.text}", _PORT)
            port = number
        elif key.text == "max_len":
            max_len = value.read(lambda text: parse_u_plain(text, 32), "a number")
            if max_len < ETH_HEADER_LEN:
                least = f"max_len {max_len} is less than the minimum value {ETH_HEADER_LEN}"
                raise value.bad(least)
        else:
            raise key.bad(f"invalid key '{key.text}' in output_trunc argument", "port or max_len")
    return OutputTrunc(port, max_len)


def parse_port(word: Word, ports: PortNames) -> Action | None:
    """Read a bare port, such as `NORMAL`; None if there is none of that name."""
    port = ports.number(word.text)
    return None if port is None else Output(port)


def parse_group(value: Word, _ports: PortNames, _fitness: Fitness) -> Actions:
    """Read `group:ID`."""
    return (Group(value.read(lambda text: parse_u_plain(text, 32), "a group's number")),)


_REASONS: Final = (
    *("no_match", "action", "invalid_ttl", "action_set", "group", "packet_out"),
    *("explicit_miss", "implicit_miss"),
)


def parse_controller(whole: Word, _ports: PortNames, _fitness: Fitness) -> Actions:
    """Read `controller`, `controller:N` or `controller(...)`; as parse_CONTROLLER()."""
    if whole.text.isdigit() or not whole.text:
        octets = whole.text or str(WHOLE)
        max_len = Word(octets, whole.at).read(lambda text: parse_u(text, "max_len", 16))
        return (Output(OFPP_CONTROLLER, max_len),)
    found: dict[str, str] = {}
    for key, value in pairs(whole):
        if key.text not in ("reason", "max_len", "id", "userdata", "pause", "meter_id"):
            raise key.bad(f'unknown key "{key.text}" parsing controller action')
        found[key.text] = value.text
    action = whole.read(lambda _text: _controller(found))
    plain = Controller(max_len=action.max_len)
    return (Output(OFPP_CONTROLLER, action.max_len) if action == plain else action,)


def _controller(found: dict[str, str]) -> Controller:
    reason = found.get("reason", "action")
    if reason not in _REASONS:
        raise ValueError(f'unknown reason "{reason}"')
    meter = found.get("meter_id")
    try:
        userdata = bytes.fromhex(found.get("userdata", "").replace(".", " "))
    except ValueError:
        raise ValueError("bad hex digit in `controller' action `userdata'") from None
    return Controller(
        max_len=parse_u(found.get("max_len", str(WHOLE)), "max_len", 16),
        reason=reason,
        id=parse_u(found.get("id", "0"), "id", 16),
        userdata=userdata,
        pause="pause" in found,
        meter=None if meter is None else parse_u_plain(meter, 32),
    )


def parse_enqueue(value: Word, ports: PortNames, _fitness: Fitness) -> Actions:
    """Read `enqueue:PORT:QUEUE`, also with a comma or a `q`."""
    text = value.text.lstrip(":q,")
    end = next((at for at, char in enumerate(text) if char in ":q,"), len(text))
    name, queue = text[:end], text[end + 1 :]
    if not name or not queue:
        syntax = '"enqueue" syntax is "enqueue:PORT:QUEUE" or "enqueue(PORT,QUEUE)"'
        raise value.bad(syntax)
    port = ports.number(name)
    if port is None:
        raise value.bad(f"{name}: enqueue to unknown port", _PORT)
    return (Enqueue(port, value.read(lambda _text: parse_u_plain(queue, 32))),)


def parse_set_queue(value: Word, _ports: PortNames, _fitness: Fitness) -> Actions:
    """Read `set_queue:N`."""
    return (SetQueue(value.read(lambda text: parse_u_plain(text, 32), "a queue's number")),)


def parse_pop_queue(_value: Word, _ports: PortNames, _fitness: Fitness) -> Actions:
    """Read `pop_queue`."""
    return (PopQueue(),)
