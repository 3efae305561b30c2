"""A conversation as a ladder, in text and as a picture."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emu.cli.ladder import ladder_file, read_wish
from emu.core.errors import EmuError
from emu.core.time import Nanoseconds, milliseconds, seconds
from emu.net.link import LinkSettings
from emu.packet.frame import Frame, Origin
from emu.report.ladder import (
    Conversation,
    LadderSink,
    Wish,
    render_ladder,
    render_ladder_svg,
)
from emu.report.ladder.conversation import Arrow, Mark, Party
from emu.scenario import load, run
from tests.report.drawings import Picture
from tests.small_worlds import line

HERE = Path(__file__).parent
SHIPPED = HERE.parents[1] / "scenarios"
WIRE = bytes.fromhex("ffffffffffff02000000000a0800") + bytes(46)


def wish(
    *,
    step: int | None = None,
    between: str | None = None,
    only: str | None = None,
    machines: bool = False,
    normal: bool = False,
    limit: int = 60,
) -> Wish:
    return read_wish(
        step=step, between=between, only=only, machines=machines, normal=normal, limit=limit
    )


def talk(scenario: str, wanted: Wish) -> Conversation:
    sink = LadderSink(wanted)
    run(load(SHIPPED / f"{scenario}.yaml"), sinks=[sink])
    sink.close()
    return sink.conversation(scenario)


def names(conversation: Conversation) -> list[str]:
    return [party.name for party in conversation.parties]


def packets(conversation: Conversation) -> list[str]:
    return list(dict.fromkeys([event.packet for event in conversation.events]))


@pytest.mark.parametrize(
    ("wanted", "golden"),
    [
        pytest.param(wish(step=1), "lb-vlan.ladder.txt", id="every device"),
        pytest.param(
            wish(step=2, machines=True), "lb-vlan.machines.ladder.txt", id="machines, with drops"
        ),
    ],
)
def test_the_ladder_of_two_hosts_is_as_it_always_was(wanted: Wish, golden: str) -> None:
    lines = list(render_ladder(talk("lb-vlan", wanted)))
    assert lines == (HERE / "expected" / golden).read_text().splitlines()


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        pytest.param(wish(only="cirros-vm1#3"), ["cirros-vm1#3"], id="one packet"),
        pytest.param(wish(step=1, only="arp"), ["cirros-vm1#2", "cirros-vm2#1"], id="a protocol"),
        pytest.param(
            wish(step=1, only="icmp.type = 0, icmp.seq==2"), ["cirros-vm2#3"], id="fields"
        ),
        pytest.param(
            wish(step=1, only="vlan.id=100,icmp.seq=3"),
            ["cirros-vm1#4", "cirros-vm2#4"],
            id="what a packet was only on its way",
        ),
        pytest.param(wish(between="cirros-vm3"), [], id="whom nobody reached"),
        pytest.param(
            wish(step=2, between="cirros-vm1,cirros-vm2", only="arp", limit=500),
            ["cirros-vm1#6", "cirros-vm1#7", "cirros-vm1#9"],
            id="what both had",
        ),
    ],
)
def test_what_is_wished_for_is_told(wanted: Wish, told: list[str]) -> None:
    assert packets(talk("lb-vlan", wanted)) == told


def test_columns_are_those_who_took_part_in_the_order_of_the_way() -> None:
    assert names(talk("lb-vlan", wish(step=1, machines=True))) == [
        "cirros-vm1",
        "controller",
        "physnet1",
        "compute1",
        "cirros-vm2",
    ]


def test_drops_of_no_interest_are_told_only_if_asked_for() -> None:
    for normal, reasons in ((False, []), (True, ["dropped OTHERHOST"])):
        events = talk("hub", wish(step=1, only="icmp", normal=normal)).events
        assert list({e.reason: 0 for e in events if isinstance(e, Mark)}) == reasons


def test_a_longer_conversation_is_cut_and_that_is_said() -> None:
    whole, cut = talk("lb-vlan", wish(limit=10_000)), talk("lb-vlan", wish(limit=5))
    arrows = [event for event in whole.events if isinstance(event, Arrow)]
    assert [e for e in cut.events if isinstance(e, Arrow)] == arrows[:5]
    assert cut.left_out == len(arrows) - 5
    assert list(render_ladder(cut))[-1].startswith(f"... and {cut.left_out} more frames")
    assert f"... and {cut.left_out} more frames: --limit shows more" in [
        text.what for text in Picture(render_ladder_svg(cut)).texts()
    ]


def test_memory_is_bounded_by_the_limit_and_the_count_stays_right() -> None:
    sink = LadderSink(Wish(limit=2))
    network, origin = line(sink, whims=["forward", "deliver", "deliver"] * 800), Origin("a")
    for _ in range(800):
        network.inject("a", "eth0", Frame.new(WIRE, origin.number()))
        network.settle(seconds(1))
    sink.close()
    assert sink.conversation("").left_out == 800 * 3 - 2


def test_a_long_silence_is_a_break() -> None:
    text = "\n".join(render_ladder(talk("lb-vlan", wish(step=1))))
    assert text.count("~ 1.014530 s ~") == 1
    picture = Picture(render_ladder_svg(talk("lb-vlan", wish(step=1))))
    assert [t.what for t in picture.texts()].count("1.014530 s pass") == 1


def test_what_a_link_lost_and_what_is_on_its_way_is_marked() -> None:
    for up, end in ((False, "lost DEV_READY"), (True, "in flight")):
        sink = LadderSink(Wish())
        network = line(sink, latency=milliseconds(1))
        network.set_link("a", "eth0", LinkSettings(up=up, latency=milliseconds(1)))
        network.inject("a", "eth0", Frame.new(WIRE, Origin("a").number()))
        sink.close()
        conversation = sink.conversation("")
        last = list(render_ladder(conversation))[-1]
        assert f"   {end}" in last
        assert ("X" in last) is not up
        titles = "\n".join(Picture(render_ladder_svg(conversation)).titles())
        assert ("lost DEV_READY" in titles) is not up


@pytest.mark.parametrize("scenario", ["lb-vlan", "lb-flat", "tagged-guest", "hub", "switch-vlans"])
def test_the_picture_says_what_the_text_says_and_nothing_is_in_the_way(scenario: str) -> None:
    conversation = talk(scenario, wish(normal=True, limit=200))
    picture = Picture(render_ladder_svg(conversation))
    texts = [text.what for text in picture.texts()]
    titles = "\n".join(picture.titles())
    assert picture.collisions() == []
    for party in conversation.parties:
        assert party.short in texts
    for event in conversation.events:
        if isinstance(event, Arrow):
            assert event.label in texts
            assert f"{event.packet}: {event.summary}, on {event.link}" in titles
        else:
            said = f"{event.reason}: {event.packet}"
            assert any(text in (said, f"{said} {event.summary}") for text in texts)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 5),
            st.integers(0, 5),
            st.sampled_from(["x", "ARP request, vlan 100", "a label that is rather long"]),
            st.sampled_from([0, 10, 1_000_000_000]),
        ).filter(lambda hop: hop[0] != hop[1]),
        min_size=1,
        max_size=12,
    )
)
@settings(max_examples=30, deadline=None)
def test_whoever_talks_to_whom_it_is_legible(hops: list[tuple[int, int, str, int]]) -> None:
    now, events = 0, []
    for number, (source, target, label, gap) in enumerate(hops):
        now += gap
        events.append(
            Arrow(
                time=Nanoseconds(now),
                source=f"host/device-{source}",
                target=f"host/device-{target}",
                label=label,
                protocol="other",
                packet=f"p#{number}",
                summary=label,
                link="l",
                step="",
            )
        )
    parties = [Party(name=f"host/device-{n}", place="on host") for n in range(6)]
    conversation = Conversation(title="t", parties=tuple(parties), events=tuple(events), left_out=0)
    assert Picture(render_ladder_svg(conversation)).collisions() == []
    rows = [row for row in render_ladder(conversation) if ">" in row or "<" in row]
    for row, (_, _, label, _) in zip(rows, hops, strict=True):
        assert label[:8] in row


def test_the_same_run_gives_the_same_bytes() -> None:
    first, second = talk("lb-flat", wish()), talk("lb-flat", wish())
    assert list(render_ladder(first)) == list(render_ladder(second))
    assert render_ladder_svg(first) == render_ladder_svg(second)


@pytest.mark.parametrize(
    ("wanted", "out", "error"),
    [
        pytest.param({"between": "cirros-vm9"}, None, 'did you mean "cirros-vm', id="a device"),
        pytest.param({"only": "cirros-vm1#999"}, None, "no frames of that kind", id="a packet"),
        pytest.param({"step": 99}, None, "no frames of that kind", id="a step"),
        pytest.param({}, "x.png", "drawn as .svg or .txt", id="a kind of picture"),
        pytest.param({}, "missing/x.svg", "cannot write", id="a folder"),
    ],
)
def test_what_is_not_there_is_an_error(
    tmp_path: Path, wanted: dict[str, object], out: str | None, error: str
) -> None:
    target = tmp_path / out if out else None
    with pytest.raises(EmuError, match=error):
        ladder_file("lb-vlan", wish(**wanted), out=target)  # type: ignore[arg-type]


def test_a_field_that_is_not_there_is_an_error() -> None:
    with pytest.raises(EmuError, match=r"did you mean icmp\.type"):
        wish(only="icmp.typ=8")


def test_a_ladder_goes_to_a_file_or_to_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    golden = (HERE / "expected" / "lb-vlan.ladder.txt").read_text()
    assert ladder_file("lb-vlan", wish(step=1), out=None) == 0
    assert capsys.readouterr().out == golden
    assert ladder_file("lb-vlan", wish(step=1), out=tmp_path / "x.txt") == 0
    assert (tmp_path / "x.txt").read_text() == golden
    assert ladder_file("lb-vlan", wish(step=1), out=tmp_path / "x.svg") == 0
    assert "lb-vlan, step 1" in (tmp_path / "x.svg").read_text()
