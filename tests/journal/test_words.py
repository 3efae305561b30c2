"""What the journal says in words."""

from dataclasses import dataclass
from enum import Enum

import pytest

from emu.journal.words import (
    render_decision,
    render_fate,
    render_ports,
    render_step,
    render_verdict,
    render_why,
)
from emu.net.effects import (
    Deliver,
    Drop,
    DropReason,
    Effect,
    Event,
    Hold,
    Step,
    Transmit,
)
from emu.packet.frame import Frame, PacketId

MINE, OTHER = Frame.new(b"mine", PacketId(1)), Frame.new(b"other", PacketId(2))
FDB = (Step("fdb", "a row"),)
NEIGH = (Step("fib", "default via 10.0.0.1"), Step("neigh", "10.0.0.1 INCOMPLETE"))


class Nud(Enum):
    STALE = "stale"


@dataclass(frozen=True)
class Row:
    def __str__(self) -> str:
        return "fa:16:3e:00:00:01 dev tap1 master br0"


@pytest.mark.parametrize(
    ("step", "words"),
    [
        pytest.param(
            *(Step("fdb", Row()), "fdb: fa:16:3e:00:00:01 dev tap1 master br0"),
            id="a row prints itself",
        ),
        pytest.param(Step("fdb", None), "fdb: no row", id="no row answered"),
        pytest.param(Step("flood", None), "flood", id="no row was asked for"),
        pytest.param(
            *(Step("ttl", "forwarded", 64, 63), "ttl: forwarded (64 -> 63)"),
            id="something was changed",
        ),
        pytest.param(
            *(
                Step("nat", "SNAT", (b"\x0a\x00", 1), (b"\x0b\x00", 2)),
                "nat: SNAT (0a:00, 1 -> 0b:00, 2)",
            ),
            id="octets are hexadecimal",
        ),
        pytest.param(Step("neigh", Nud.STALE), "neigh: stale", id="a state is its name"),
        pytest.param(Step("ct", "new", None, 1), "ct: new (None -> 1)", id="something was made"),
    ],
)
def test_a_step(step: Step, words: str) -> None:
    assert render_step(step) == words


def test_steps_stand_in_a_row_and_the_last_decides() -> None:
    assert render_why(NEIGH) == "fib: default via 10.0.0.1; neigh: 10.0.0.1 INCOMPLETE"
    assert render_decision(NEIGH) == " (neigh: 10.0.0.1 INCOMPLETE)"
    assert (render_why(()), render_decision(())) == ("", "")


@pytest.mark.parametrize(
    ("effects", "words"),
    [
        pytest.param(
            [Transmit("tap1", MINE, FDB), Transmit("eth1.100", MINE, FDB)],
            "forwarded to tap1, eth1.100",
            id="a flood names every port",
        ),
        pytest.param([Deliver("eth0", MINE, ())], "delivered at h1/eth0", id="without a reason"),
        pytest.param(
            [Hold("eth0", MINE, NEIGH)],
            "held at h1/eth0 (neigh: 10.0.0.1 INCOMPLETE)",
            id="with the step that decided",
        ),
        pytest.param(
            [Drop("eth0", MINE, DropReason.NO_TX_TARGET, FDB)],
            "dropped NO_TX_TARGET at h1/eth0 (fdb: a row)",
            id="with the reason of a drop",
        ),
        pytest.param(
            [Deliver("eth0", MINE, ()), Transmit("eth1", MINE, FDB)],
            "forwarded to eth1; delivered at h1/eth0",
            id="both forwarded and delivered",
        ),
        pytest.param(
            [
                Deliver("eth0", MINE, ()),
                Transmit("eth0", OTHER, FDB),
                Drop("eth0", OTHER, DropReason.NEIGH_QUEUEFULL, ()),
                Event("a ping came"),
            ],
            "delivered at h1/eth0",
            id="what follows for other packets is left out",
        ),
        pytest.param(
            [Transmit("eth0", OTHER, FDB), Transmit("eth0", OTHER, FDB)],
            "answered on eth0",
            id="unless nothing else happened",
        ),
        pytest.param([Event("a ping came")], "noted", id="nothing but an event"),
    ],
)
def test_a_verdict(effects: list[Effect], words: str) -> None:
    assert render_verdict("h1/br0", PacketId(1), tuple(effects)) == words


def test_a_fate_names_the_port_as_people_do() -> None:
    assert render_fate("h1/br0", Deliver("LOCAL", MINE, ())) == "delivered at h1/br0"


@pytest.mark.parametrize(
    ("count", "words"),
    [
        pytest.param(0, "", id="none"),
        pytest.param(8, "p0, p1, p2, p3, p4, p5, p6, p7", id="a few are named"),
        pytest.param(9, "p0, p1, p2, p3, p4, p5, p6, p7 and 1 more", id="of many the first are"),
    ],
)
def test_ports(count: int, words: str) -> None:
    assert render_ports([f"p{n}" for n in range(count)]) == words
