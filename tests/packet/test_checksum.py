"""The internet checksum: Scapy adds words in a loop, emu divides once; they must agree."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from emu.packet.checksum import checksum, update
from emu.packet.door import in_checksum

words = st.lists(st.sampled_from([0, 1, 0xFFFE, 0xFFFF]) | st.integers(0, 0xFFFF), min_size=1)


def octets(numbers: list[int]) -> bytes:
    return b"".join(number.to_bytes(2, "big") for number in numbers)


@given(st.binary(max_size=1500))
@example(b"")
@example(bytes(20))
@example(b"\xff\xff" * 10)
@example(b"\xff\xfe\x00\x01")
@example(b"\x01")
def test_the_checksum_is_scapys(summed: bytes) -> None:
    assert checksum(summed) == in_checksum(summed)


@given(words, st.data())
def test_what_holds_its_checksum_sums_to_zero(numbers: list[int], data: st.DataObject) -> None:
    numbers = [0x4500, *numbers, 0]  # what is all zero has no sum, and is no packet
    place = data.draw(st.integers(0, len(numbers) - 1))
    numbers[place] = 0
    numbers[place] = checksum(octets(numbers))
    assert checksum(octets(numbers)) == 0


@given(words, st.data())
def test_an_update_is_what_summing_again_gives(numbers: list[int], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(numbers) - 1))
    new = data.draw(st.lists(words.map(lambda w: w[0]), max_size=len(numbers) - first, min_size=1))
    changed = [0x4500, *numbers[:first], *new, *numbers[first + len(new) :]]
    before = checksum(octets([0x4500, *numbers]))
    old = octets(numbers[first : first + len(new)])
    assert update(before, old, octets(new)) == checksum(octets(changed))


@pytest.mark.parametrize(
    ("old", "new", "before", "after"),
    [
        pytest.param("5555", "3285", 0xDD2F, 0x0000, id="RFC 1624's own example: 0, not 0xFFFF"),
        pytest.param("3285", "5555", 0x0000, 0xDD2F, id="and back again"),
        pytest.param("0000", "ffff", 0x1234, 0x1234, id="both zeros sum to the same"),
        pytest.param(
            "0000", "0000", 0xFFFF, 0x0000, id="where all is zero it gives the other zero"
        ),
    ],
)
def test_the_zeros_of_ones_complement(old: str, new: str, before: int, after: int) -> None:
    assert update(before, bytes.fromhex(old), bytes.fromhex(new)) == after
