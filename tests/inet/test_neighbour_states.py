"""How a neighbour's state changes: the table, and how neighbours go through it.

A step of a life is `MS what`: `use`, `hear MAC`, `answer MAC`, or nothing but time. The numbers are
those of Linux 6.18 with HZ=250.
"""

import pytest

from emu.core.errors import EmuBug
from emu.core.rng import Rng
from emu.core.time import Nanoseconds, milliseconds
from emu.inet.neigh.actions import (
    Action,
    GiveUp,
    Overflow,
    Purge,
    Queue,
    Reject,
    Send,
    Solicit,
    Waiting,
)
from emu.inet.neigh.entry import NeighbourSettings
from emu.inet.neigh.states import TRANSITIONS, Happening, Nud, after
from emu.inet.neigh.table import NeighbourTable
from emu.packet.addresses import MacAddress
from emu.packet.frame import Frame, PacketId

A, B = (MacAddress(bytes((2, 0, 0, 0, 0, last))) for last in (0xA, 0xB))
MACS = {"A": A, "B": B}
ADDRESS = b"\x0a\x00\x00\x02"


def table(**settings: int) -> NeighbourTable:
    made = NeighbourTable(rng=Rng("test"))
    made.set_netdev("eth0", NeighbourSettings(**settings))
    return made


def packet(number: int = 0, size: int = 98) -> Waiting:
    return Waiting("eth0", Frame.new(bytes(size), PacketId(number)), ())


def say(action: Action) -> str:
    match action:
        case Solicit(mac=mac):
            return f"ask {'all' if mac is None else 'AB'[(A, B).index(mac)]}"
        case Send(mac=mac):
            return f"send to {'AB'[(A, B).index(mac)]}"
        case Queue():
            return "wait"
        case GiveUp():
            return "give up"
        case Overflow():
            return "overflow"
        case Purge():
            return "purge"
        case Reject():
            return "reject"


def advance(made: NeighbourTable, now: Nanoseconds) -> list[str]:
    """Let time pass up to `now`, ticking when it is due; return what was done, and when."""
    done = []
    while (due := made.next_deadline()) is not None and due <= now:
        done += [f"{due // 1_000_000} {say(action)}" for action in made.tick(due)]
    return done


def live(made: NeighbourTable, *steps: str) -> list[str]:
    """Take each step in its time; return everything that the table wanted done."""
    done = []
    for step in steps:
        ms, *words = step.split()
        now = milliseconds(int(ms))
        done += advance(made, now)
        match words:
            case ["use"]:
                actions = made.output(now, ADDRESS, packet())
            case ["hear" | "answer" as verb, mac, *more]:
                happening = Happening.HEARD if verb == "hear" else Happening.ANSWERED
                override = more != ["weakly"]
                actions = made.update(now, "eth0", ADDRESS, MACS[mac], happening, override=override)
            case _:
                actions = ()
        done += [f"{ms} {say(action)}" for action in actions]
    return done


def state(made: NeighbourTable) -> str:
    (row,) = made.rows()
    return str(row).removeprefix("10.0.0.2 dev eth0 ").removeprefix("lladdr ")


# --- the table -----------------------------------------------------------------------------------


def test_every_state_says_what_use_makes_of_it() -> None:
    assert {str(state): str(after(state, Happening.USED)) for state in Nud} == {
        "NONE": "INCOMPLETE",
        "INCOMPLETE": "INCOMPLETE",
        "REACHABLE": "REACHABLE",
        "STALE": "DELAY",
        "DELAY": "DELAY",
        "PROBE": "PROBE",
        "FAILED": "INCOMPLETE",
        "PERMANENT": "PERMANENT",
    }


def test_what_a_state_does_not_know_is_a_bug() -> None:
    with pytest.raises(EmuBug, match="a neighbour is STALE, and it does not answer"):
        after(Nud.STALE, Happening.SILENT)


def test_every_state_can_be_reached_and_left() -> None:
    reached = {state for row in TRANSITIONS.values() for state in row.values()}
    assert reached | {Nud.NONE} == set(Nud) == set(TRANSITIONS)


# --- lives ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "done", "end"),
    [
        pytest.param(
            ["10 use", "3500"],
            ["10 wait", "10 ask all", "1024 ask all", "2048 ask all", "3072 give up"],
            "FAILED",
            id="nobody answers three requests",
        ),
        pytest.param(
            ["10 use", "3500", "4000 use"],
            [
                *("10 wait", "10 ask all", "1024 ask all", "2048 ask all", "3072 give up"),
                *("4000 wait", "4000 ask all"),
            ],
            "INCOMPLETE",
            id="then the next packet asks again",
        ),
        pytest.param(
            ["10 use", "11 use", "12 answer A"],
            ["10 wait", "10 ask all", "11 wait", "12 send to A", "12 send to A"],
            "02:00:00:00:00:0a REACHABLE",
            id="an answer lets go what waits, in order",
        ),
        pytest.param(
            ["10 use", "12 hear A"],
            ["10 wait", "10 ask all", "12 send to A"],
            "02:00:00:00:00:0a DELAY",
            id="so does its own request, but it will be asked whether that holds",
        ),
        pytest.param(["10 hear A"], [], "02:00:00:00:00:0a STALE", id="who asks is remembered"),
        pytest.param(
            ["10 hear A", "20 use", "30 use"],
            ["20 send to A", "30 send to A"],
            "02:00:00:00:00:0a DELAY",
            id="and may be used at once",
        ),
        pytest.param(
            ["10 hear A", "20 use", "8400"],
            [
                *("20 send to A", "5120 ask A", "6144 ask A", "7168 ask A"),
            ],
            "FAILED",
            id="which five seconds later is doubted: three probes by unicast, and it failed",
        ),
        pytest.param(
            ["10 hear A", "20 use", "5200", "5300 use", "5400 answer A"],
            ["20 send to A", "5120 ask A", "5300 send to A"],
            "02:00:00:00:00:0a REACHABLE",
            id="while it is probed, packets go on to it; its answer ends the doubt",
        ),
        pytest.param(
            ["10 hear A", "20 use", "30 answer A", "9000"],
            ["20 send to A"],
            "02:00:00:00:00:0a REACHABLE",
            id="an answer in time spares the probe",
        ),
        pytest.param(
            ["10 answer A", "60000"],
            [],
            "02:00:00:00:00:0a STALE",
            id="without use, who is reachable becomes stale",
        ),
        pytest.param(
            ["10 answer A", "20 hear A"],
            [],
            "02:00:00:00:00:0a REACHABLE",
            id="a request from who is reachable changes nothing",
        ),
        pytest.param(
            ["10 answer A", "20 hear B"],
            [],
            "02:00:00:00:00:0b STALE",
            id="unless its MAC is another",
        ),
        pytest.param(
            ["10 answer A", "20 answer B weakly"],
            [],
            "02:00:00:00:00:0a REACHABLE",
            id="a second answer is too late if it may not override",
        ),
        pytest.param(
            ["10 hear A", "20 answer B"],
            [],
            "02:00:00:00:00:0b REACHABLE",
            id="a stale MAC is overridden by an answer",
        ),
        pytest.param(
            ["10 use", "3500", "4000 hear A"],
            ["10 wait", "10 ask all", "1024 ask all", "2048 ask all", "3072 give up"],
            "02:00:00:00:00:0a STALE",
            id="who failed may show up by itself",
        ),
    ],
)
def test_the_life_of_a_neighbour(steps: list[str], done: list[str], end: str) -> None:
    made = table()
    assert live(made, *steps) == done
    assert state(made) == end


def test_reachable_lasts_half_to_one_and_a_half_times_the_base() -> None:
    ends = []
    for seed in map(str, range(40)):
        made = NeighbourTable(rng=Rng(seed))
        made.set_netdev("eth0", NeighbourSettings())
        live(made, "0 answer A")
        due = made.next_deadline()
        assert due is not None
        made.tick(due)
        assert state(made) == "02:00:00:00:00:0a STALE"
        ends.append(due)
    # the wheel rounds up to 256 ms below 16 s, and to 2 s above
    assert milliseconds(15_000) <= min(ends) < milliseconds(20_000)
    assert milliseconds(40_000) < max(ends) <= milliseconds(47_104)


def test_all_neighbours_of_a_netdev_share_its_reachable_time_for_five_minutes() -> None:
    made = table()
    ends = {}
    for began in (0, 100_000, 299_000, 305_000):
        live(made, str(began))
        made.delete("eth0", ADDRESS)
        live(made, f"{began} answer A")
        due = made.next_deadline()
        assert due is not None
        ends[began] = (due // 1_000_000 - began) // 2_048
    assert ends[0] == ends[100_000] == ends[299_000] != ends[305_000]


def test_an_answer_puts_off_the_end_of_reachable() -> None:
    made = table()
    live(made, "0 answer A")
    first = made.next_deadline()
    assert first is not None
    live(made, "14000 answer A")
    made.tick(first)
    assert state(made) == "02:00:00:00:00:0a REACHABLE"
    again = made.next_deadline()
    assert again is not None
    assert again > first


def test_what_is_used_in_its_last_seconds_is_asked_before_it_is_stale() -> None:
    made = table(base_reachable_time=250)  # 1 s: 0.5 to 1.5
    live(made, "0 hear A", "4 use", "8 answer A", "3000")
    assert state(made) == "02:00:00:00:00:0a DELAY"  # only the slow path counts as use


def test_a_permanent_neighbour_is_not_taught_anything() -> None:
    made = table()
    made.set(milliseconds(0), "eth0", ADDRESS, A, permanent=True)
    assert live(made, "10 hear B", "20 answer B", "30 use") == ["30 send to A"]
    assert state(made) == "02:00:00:00:00:0a PERMANENT"
    assert made.next_deadline() is None


# --- what waits ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "fits"),
    [
        pytest.param(14 + 28, 256, id="the smallest packets"),
        pytest.param(14 + 224, 256, id="up to 224 octets"),
        pytest.param(14 + 226, 166, id="from 226 on they cost more"),
        pytest.param(14 + 672, 166, id="up to 672"),
        pytest.param(14 + 676, 92, id="from 676 on still more"),
        pytest.param(14 + 1500, 92, id="full ones"),
        pytest.param(14 + 1728, 48, id="jumbo frames"),
        pytest.param(14 + 4028, 25, id="large ones"),
    ],
)
def test_as_many_packets_wait_as_on_linux_and_the_oldest_leave(size: int, fits: int) -> None:
    made = table()
    left = []
    for number in range(fits + 2):
        actions = made.output(milliseconds(0), ADDRESS, packet(number, size))
        left += [a.packet.frame.packet for a in actions if isinstance(a, Overflow)]
        assert isinstance(actions[-1 if number else -2], Queue)
    assert left == [0, 1]
    sent = made.update(milliseconds(1), "eth0", ADDRESS, A, Happening.ANSWERED)
    numbers = [a.packet.frame.packet for a in sent if isinstance(a, Send)]
    assert numbers == list(range(2, fits + 2))


def test_a_packet_that_alone_is_too_much_waits_all_the_same() -> None:
    made = table(unres_qlen_bytes=1)
    assert live(made, "0 use", "1 use") == ["0 wait", "0 ask all", "1 overflow", "1 wait"]


def test_the_youngest_that_waits_is_asked_for() -> None:
    made = table()
    made.output(milliseconds(0), ADDRESS, packet(1))
    made.output(milliseconds(1), ADDRESS, packet(2))
    due = made.next_deadline()
    assert due is not None
    (asked,) = made.tick(due)
    assert isinstance(asked, Solicit)
    assert asked.packet is not None
    assert asked.packet.frame.packet == 2


def test_who_waits_for_a_netdev_that_goes_down_waits_for_nothing() -> None:
    made = table()
    live(made, "0 use", "1 use")
    assert [say(action) for action in made.flush("eth0")] == ["purge", "purge"]
    assert made.rows() == ()
    assert advance(made, milliseconds(9_000)) == []


def test_a_flush_leaves_other_netdevs_alone() -> None:
    made = table()
    made.set_netdev("eth1", NeighbourSettings())
    made.update(milliseconds(0), "eth1", ADDRESS, A, Happening.HEARD)
    live(made, "0 hear A")
    made.flush("eth0")
    assert [row.netdev for row in made.rows()] == ["eth1"]
    made.remove_netdev("eth1")
    assert made.rows() == ()


def test_who_waits_for_a_neighbour_that_is_deleted_is_told() -> None:
    made = table()
    live(made, "0 use")
    actions = made.delete("eth0", ADDRESS)
    assert actions is not None
    assert [say(action) for action in actions] == ["give up"]
    assert made.delete("eth0", ADDRESS) is None
    assert advance(made, milliseconds(9_000)) == []


# --- more of the same ----------------------------------------------------------------------------


def test_other_settings_count_from_the_next_timer_on() -> None:
    made = table(mcast_solicit=1, retrans_time=25)
    assert live(made, "0 use", "400") == ["0 wait", "0 ask all", "104 give up"]
    made.set_netdev("eth0", NeighbourSettings(mcast_solicit=2, retrans_time=25))
    assert live(made, "400 use", "900")[2:] == ["504 ask all", "608 give up"]


def test_an_entry_is_locked_for_a_second_after_it_changed() -> None:
    made = table()
    assert not made.is_locked(milliseconds(0), "eth0", ADDRESS)
    live(made, "0 hear A")
    locked = [made.is_locked(milliseconds(ms), "eth0", ADDRESS) for ms in (0, 1003, 1004)]
    assert locked == [True, True, False]


def test_a_row_and_its_step_are_the_same_until_they_change() -> None:
    made = table()
    live(made, "0 hear A")
    (row,), why = made.rows(), made.why("eth0", ADDRESS)
    assert [step.rule for step in why] == [row]
    live(made, "10 hear A")
    assert made.rows()[0] is row
    assert made.why("eth0", ADDRESS) is why
    live(made, "20 use")
    assert made.why("eth0", ADDRESS) is not why


def test_below_128_entries_nothing_is_forgotten_and_from_then_on_what_is_old() -> None:
    made = table()
    others = [bytes((10, 0, 1, last)) for last in range(127)]
    for address in others[:126]:
        made.update(milliseconds(0), "eth0", address, A, Happening.HEARD)
    live(made, "0 use", "600000")  # it fails
    assert len(made.rows()) == 127
    assert made.next_deadline() is None
    made.update(milliseconds(600_000), "eth0", others[126], A, Happening.HEARD)
    assert live(made, "615000") == []
    assert [row.address for row in made.rows()] == [others[126]]
    assert made.next_deadline() is None
