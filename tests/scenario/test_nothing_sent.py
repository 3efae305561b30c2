"""A program that sends nothing proves nothing."""

import pytest

from emu.scenario import load, run

WORLD = """
name: nothing
devices:
  a: {kind: namespace, addresses: [10.0.0.1/24]}
  b: {kind: namespace, addresses: [10.0.0.2/24]}
links: [[a/eth0, b/eth0]]
steps: [{ping: {from: a, to: %s, count: 1}, expect: [%s]}]
"""


@pytest.mark.parametrize(
    ("to", "expected", "passes"),
    [
        pytest.param("10.0.0.9", "{received: 0}", True, id="nobody answers"),
        pytest.param("10.0.0.255", "{received: 0}", False, id="ping did not even start"),
        pytest.param("10.0.0.255", "{exit_status: 2}", True, id="that is what was expected"),
        pytest.param("10.0.0.255", "{printed: Then -b}", True, id="so is what it printed"),
        pytest.param("10.0.0.255", "{sent: 0, received: 0}", True, id="and that nothing is sent"),
    ],
)
def test_whether_a_step_passes(to: str, expected: str, passes: bool) -> None:
    assert run(load(WORLD % (to, expected))).passed is passes


@pytest.mark.parametrize("vlan", ["access: 4095", "trunk: [0]", "trunk: [1], native: 5000"])
def test_a_switch_has_vlans_from_1_to_4094(vlan: str) -> None:
    text = f"name: vlans\ndevices: {{s: {{kind: switch, vlans: {{p1: {{{vlan}}}}}}}}}\n"
    with pytest.raises(Exception, match="is no VLAN: they are 1 to 4094") as caught:
        load(text)
    assert "scenario.yaml:2:" in str(caught.value)
