"""What real Open vSwitch did in many small cases, emu does too."""

from pathlib import Path

import pytest

from tests.conformance.cases import differences, load

CORPUS = Path(__file__).parent.parent / "corpus" / "ovs"
GROUPS = sorted(path.name for path in CORPUS.iterdir() if path.is_dir())


def test_there_are_all_groups_of_cases() -> None:
    assert len(GROUPS) == 19


@pytest.mark.parametrize("group", GROUPS)
def test_every_case_of_the_group_is_as_on_real_open_vswitch(group: str) -> None:
    paths = sorted((CORPUS / group).glob("*.json"))
    found = {path.name: differences(load(path)) for path in paths}
    assert paths
    assert {name: lines for name, lines in found.items() if lines} == {}
