"""What the words of a scenario file mean, and what is said of those that mean nothing."""

from collections.abc import Callable
from fractions import Fraction
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emu.core.time import milliseconds, nanoseconds, seconds
from emu.net.faults import Fault, FaultKind
from emu.neutron.blueprint import NetworkType
from emu.scenario import texts
from emu.scenario.amount import Amount, amount
from emu.scenario.faults import fault
from emu.scenario.texts import Wrong

MINUTE = seconds(60)
MAC = bytes.fromhex("fa163e0000ff")

Parse = Callable[[object], object]


@pytest.mark.parametrize(
    ("parse", "written", "value"),
    [
        (texts.text, "a b", "a b"),
        (texts.prose, "  two\nlines \n", "two\nlines"),
        (texts.prose, None, ""),
        (texts.whole, "0", 0),
        (texts.whole, "-17", -17),
        (texts.whole, "0x10", 16),
        (texts.whole, "0o10", 8),
        (texts.natural, "0", 0),
        (texts.positive, "1", 1),
        (texts.flag, "true", True),
        (texts.flag, "Yes", True),
        (texts.flag, "on", True),
        (texts.flag, "false", False),
        (texts.flag, "no", False),
        (texts.flag, "OFF", False),
        (texts.one_of(NetworkType), "vlan", NetworkType.VLAN),
        (texts.name, "cirros-vm1", "cirros-vm1"),
        (texts.name, "no", "no"),
        (texts.name, "1", "1"),
        (texts.name, "x" * 64, "x" * 64),
        (texts.netdev, "eth1.100", "eth1.100"),
        (texts.netdev, "x" * 15, "x" * 15),
        (texts.duration, "7ns", nanoseconds(7)),
        (texts.duration, "7us", nanoseconds(7_000)),
        (texts.duration, "10ms", milliseconds(10)),
        (texts.duration, "1.5s", milliseconds(1_500)),
        (texts.duration, "5m", 5 * MINUTE),
        (texts.duration, "5 min", 5 * MINUTE),
        (texts.duration, "1h", 60 * MINUTE),
        (texts.duration, "0s", 0),
        (texts.duration, "0.000000001s", 1),
        (texts.rate, "100mbit", 100_000_000),
        (texts.rate, "1Gbit/s", 1_000_000_000),
        (texts.rate, "2.5 kbit", 2_500),
        (texts.rate, "9bit", 9),
        (texts.mac, "fa:16:3e:00:00:FF", MAC),
        (texts.mac, "fa-16-3e-00-00-ff", MAC),
        (texts.address, "172.16.1.3", IPv4Address("172.16.1.3")),
        (texts.interface, "172.16.1.3/24", IPv4Interface("172.16.1.3/24")),
        (texts.cidr, "172.16.1.0/24", IPv4Network("172.16.1.0/24")),
        (texts.cidr, "0.0.0.0/0", IPv4Network("0.0.0.0/0")),
        (fault, "loss 10%", Fault(kind=FaultKind.LOSS, chance=Fraction(1, 10))),
        (fault, "delay 5ms every 3", Fault(kind=FaultKind.DELAY, every=3, by=milliseconds(5))),
        (
            fault,
            "reorder 25% 1s",
            Fault(kind=FaultKind.REORDER, chance=Fraction(1, 4), by=seconds(1)),
        ),
        (fault, "duplicate", Fault(kind=FaultKind.DUPLICATE)),
        (amount, "3", Amount(least=3, most=3)),
        (amount, {"min": "1"}, Amount(least=1, most=None)),
        (amount, {"max": "5"}, Amount(least=0, most=5)),
        (amount, {"min": "2", "max": "2"}, Amount(least=2, most=2)),
    ],
    ids=lambda case: getattr(case, "__name__", repr(case))[:40],
)
def test_what_a_text_means(parse: Parse, written: object, value: object) -> None:
    assert parse(written) == value


@pytest.mark.parametrize(
    ("parse", "written", "said"),
    [
        (texts.text, "", "a text is wanted here, and it is empty"),
        (texts.text, None, "a text is wanted here, not nothing"),
        (texts.text, ["a"], "a text is wanted here, not a list"),
        (texts.text, {"a": "b"}, "a text is wanted here, not a mapping"),
        (texts.prose, ["a"], "a text is wanted here, not a list"),
        (texts.whole, "3.0", '"3.0" is not a whole number'),
        (texts.whole, "1:30", '"1:30" is not a whole number'),
        (texts.whole, "08", '"08" is not a whole number'),
        (texts.whole, "017", '"017" could be a decimal or an octal number'),
        (texts.natural, "-1", "-1 is negative"),
        (texts.positive, "0", "0 is less than 1"),
        (texts.flag, "2", '"2" is neither true nor false'),
        (texts.one_of(NetworkType), "vlans", '"vlans" is none of local, flat, vlan, vxlan, gre'),
        (texts.name, "a/b", '"a/b" cannot be a name'),
        (texts.name, "..", '".." cannot be a name'),
        (texts.name, "a.", '"a." cannot be a name'),
        (texts.name, "x" * 65, f'"{"x" * 57}..." cannot be a name'),
        (texts.name, "vm\n1", r'"vm\n1" cannot be a name'),
        (texts.netdev, "x" * 16, '"xxxxxxxxxxxxxxxx" cannot be the name of an interface'),
        (texts.netdev, "eth/1", '"eth/1" cannot be the name of an interface'),
        (texts.duration, "5", "5 of what? a time needs a unit"),
        (texts.duration, "5 d", '"5 d" is not a time'),
        (texts.duration, "-5s", '"-5s" is not a time'),
        (texts.duration, "0.1ns", '"0.1ns" is finer or longer than emu can count'),
        (texts.duration, "9999999999h", '"9999999999h" is finer or longer than emu can count'),
        (texts.rate, "100", "100 of what? a bandwidth needs a unit"),
        (texts.rate, "0bit", "a link needs a bandwidth above 0"),
        (texts.rate, "5s", '"5s" is not a bandwidth'),
        (texts.mac, "fa:16:3e:00:00", '"fa:16:3e:00:00" is not a MAC address'),
        (texts.address, "::1", '"::1" is IPv6, which is not modelled yet'),
        (texts.address, "vm1", '"vm1" is not an IPv4 address'),
        (texts.interface, "10.0.0.1", '"10.0.0.1" lacks its prefix length'),
        (
            texts.interface,
            "10.0.0.1/33",
            '"10.0.0.1/33" is not an IPv4 address with a prefix length',
        ),
        (texts.cidr, "10.0.0.1/24", '"10.0.0.1/24" is an address in a prefix'),
        (texts.cidr, "10.0.0.0", '"10.0.0.0" lacks its prefix length'),
        (texts.cidr, "10.0.0/24", '"10.0.0/24" is not an IPv4 prefix'),
        (fault, "lose 10%", '"lose" is no fault'),
        (fault, "loss 101%", "a chance is at most 100%"),
        (fault, "loss 5ms", "loss takes no time"),
        (fault, "delay 5%", "delay needs a time"),
        (fault, "loss every", '"every" is not a time'),
        (fault, "loss every 0", "0 is less than 1"),
        (amount, "-1", "-1 is negative"),
        (amount, {"max": "1", "min": "2"}, "no number is at least 2 and at most 1"),
        (amount, {"mix": "1"}, 'a count has "min" and "max", not "mix"'),
        (amount, {}, "a count is a number, or has min, max, or both"),
    ],
    ids=lambda case: getattr(case, "__name__", repr(case))[:40],
)
def test_what_is_said_of_a_text_that_means_nothing(
    parse: Parse, written: object, said: str
) -> None:
    with pytest.raises(Wrong) as raised:
        parse(written)
    assert str(raised.value) == said


@pytest.mark.parametrize(
    ("parse", "written", "fix"),
    [
        (texts.whole, "017", "write 17, or 15 if octal was meant"),
        (texts.whole, "1_000", "write 1000"),
        (texts.whole, "08", "write 8"),
        (texts.whole, "eight", ""),
        (texts.one_of(NetworkType), "Vlann", 'did you mean "vlan"?'),
        (texts.address, "10.0.0.256", "an octet is at most 255"),
        (texts.address, "10.0.0.01", "no octet begins with 0: it could be an octal number"),
        (texts.cidr, "172.16.1.3/24", "the prefix is 172.16.1.0/24"),
        (texts.duration, "5", "as in 10ms, 1.5s, 5m"),
    ],
)
def test_how_to_mend_it(parse: Parse, written: str, fix: str) -> None:
    with pytest.raises(Wrong) as raised:
        parse(written)
    assert raised.value.fix == fix


@pytest.mark.parametrize(
    ("wanted", "in_words", "holds", "fails"),
    [
        pytest.param(Amount(least=3, most=3), "3 frames", [3], [2, 4], id="so many"),
        pytest.param(Amount(least=1, most=1), "1 frame", [1], [0, 2], id="one"),
        pytest.param(Amount(least=0, most=0), "no frames", [0], [1], id="none"),
        pytest.param(Amount(least=1), "at least 1 frame", [1, 9], [0], id="some"),
        pytest.param(Amount(least=2, most=5), "2 to 5 frames", [2, 5], [1, 6], id="from to"),
        pytest.param(Amount(most=5), "at most 5 frames", [0, 5], [6], id="not too many"),
    ],
)
def test_how_many(wanted: Amount, in_words: str, holds: list[int], fails: list[int]) -> None:
    assert wanted.of("frame") == in_words
    assert [wanted.holds(number) for number in holds] == [True] * len(holds)
    assert [wanted.holds(number) for number in fails] == [False] * len(fails)


PARSERS: list[Parse] = [
    *(texts.text, texts.prose, texts.whole, texts.flag, texts.name, texts.netdev, texts.duration),
    *(texts.rate, texts.mac, texts.address, texts.interface, texts.cidr, amount, fault),
]
anything = st.one_of(
    st.none(),
    st.text(),
    st.lists(st.text(), max_size=2),
    st.dictionaries(st.sampled_from(["min", "max", "x"]), st.text(), max_size=2),
)


@given(st.sampled_from(PARSERS), anything)
def test_anything_means_something_or_is_wrong_in_words(parse: Parse, written: object) -> None:
    try:
        parse(written)
    except Wrong as wrong:
        assert str(wrong)  # noqa: PT017 - some of it means something
