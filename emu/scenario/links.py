"""Links made by hand: `[pc1/eth0, hub1/p1]`, or with how they carry frames."""

from dataclasses import replace
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema

from emu.net.link import LinkSettings
from emu.scenario.faults import OneFault
from emu.scenario.shape import Shape
from emu.scenario.texts import NAME, NETDEV, Duration, Flag, Positive, Rate, Wrong, shown, text

IDEAL: Final = LinkSettings()


def end(value: object) -> str:
    """Return the name of a port: `DEVICE/PORT`."""
    written = text(value)
    device, slash, port = written.rpartition("/")
    if not slash:
        raise Wrong(f'"{shown(written)}" lacks its port', f"as in {shown(written)}/eth0")
    if not all(NAME.fullmatch(part) for part in device.split("/")) or not NETDEV.fullmatch(port):
        raise Wrong(f'"{shown(written)}" cannot be a port', "a port is DEVICE/PORT, as in pc1/eth0")
    return written


End = Annotated[
    str, PlainValidator(end), WithJsonSchema({"type": "string", "pattern": "^[^/].*/[^/]+$"})
]
Ends = tuple[End, End]


class Carriage(Shape):
    """How a link carries frames, the same in both directions; what is absent stays as it is."""

    latency: Duration | None = Field(None, description="How long a frame is on its way: 1ms.")
    bandwidth: Rate | None = Field(
        None, description="Bits per second: 100mbit; no limit if absent."
    )
    queue: Positive | None = Field(
        None, description="How many frames wait in one direction for the wire; 1000."
    )
    up: Flag | None = Field(None, description="false: nothing gets through, as with a cut wire.")
    faults: tuple[OneFault, ...] | None = Field(
        None,
        description="What goes wrong, in the words of tc-netem: [loss 10%, delay 5ms every 3].",
    )

    def settings(self, before: LinkSettings = IDEAL) -> LinkSettings:
        """Return how the link carries frames from now on."""
        given = {key: getattr(self, key) for key in CARRIAGE}
        return replace(before, **{key: it for key, it in given.items() if it is not None})


CARRIAGE: Final = tuple(Carriage.model_fields)


class Cable(Carriage):
    """A link between two ports."""

    ends: Ends = Field(description="Both ends: [pc1/eth0, hub1/p1]; the first names the link.")

    def sockets(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """Return device and port of both ends."""
        (a, _, port_a), (b, _, port_b) = [end.rpartition("/") for end in self.ends]
        return (a, port_a), (b, port_b)


def long_form(value: object) -> object:
    """Return the long form of a link that was written as a list of its ends."""
    return {"ends": value} if isinstance(value, list) else value


OneCable = Annotated[Cable, BeforeValidator(long_form, json_schema_input_type=Ends | Cable)]
