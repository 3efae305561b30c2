"""The picture of a topology: everything is in it, and nothing is in the way of anything."""

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emu.net.link import LOCAL, Link, PortRef
from emu.report.graph import Topology, render_mermaid, render_svg, topology_of
from emu.report.graph.topology import Bridging, Guest, Interface, Machine, Plug
from emu.scenario import Scenario, load, run
from emu.sim.network import Network
from tests.report.drawings import Picture

SHIPPED = Path(__file__).parents[2] / "scenarios"
BY_HAND = """
name: by-hand
devices:
  sw1: {kind: switch, vlans: {p1: {trunk: [10, 20]}, p2: {access: 10}, up: {trunk: [10, 20]}}}
  sw2: {kind: switch, vlans: {down: {trunk: [10, 20]}, p7: {access: 20}}}
  br9: {kind: bridge}
  hv1:
    kind: host
    commands: |
      ip link add br0 type bridge
      ip link add br1 type bridge
      ip link add veth-a type veth peer name veth-b
      ip link set veth-a master br0
      ip link set veth-b master br1
      ip link add link eth0 name eth0.10 type vlan id 10
      ip link set eth0.10 master br0
      ip link add link eth0 name eth0.20 type vlan id 20
      ip link add link eth0.20 name eth0.20.7 type vlan id 7
      ip addr add 10.20.0.1/24 dev eth0.20
      ip addr add 10.10.0.1/24 dev br0
  pc1: {kind: namespace, addresses: [10.10.0.2/24]}
  pc2: {kind: namespace, addresses: [10.20.0.2/24]}
  pc3: {kind: namespace, addresses: [10.30.0.1/24]}
  pc4-with-a-rather-long-name: {kind: namespace, addresses: [10.31.0.2/24]}
  alone: {kind: namespace}
links:
  - [hv1/eth0, sw1/p1]
  - [pc1/eth0, sw1/p2]
  - [sw1/up, sw2/down]
  - [pc2/eth0, sw2/p7]
  - [pc3/eth0, br9/p1]
  - [pc3/eth1, pc4-with-a-rather-long-name/eth0]
steps:
  - advance: 1s
"""

THREE_BRIDGES = """
name: three-bridges
mechanism: linuxbridge
hosts:
  host: {nics: {eth1: physnet1}}
networks:
  a: {type: vlan, physical_network: physnet1, segmentation_id: 100}
  b: {type: vlan, physical_network: physnet1, segmentation_id: 101}
  c: {type: vlan, physical_network: physnet1, segmentation_id: 102}
servers:
  first: {host: host, nics: [{network: a}, {network: b}]}
  vm2: {host: host, nics: [{network: b}]}
  vm3: {host: host, nics: [{network: b}]}
  vm4: {host: host, nics: [{network: b}]}
  far: {host: host, nics: [{network: a}, {network: c}, {network: c}, {network: c}]}
steps:
  - advance: 1s
"""


def cloud(*, hosts: int, servers: int, networks: int = 4, second_nic: bool = False) -> str:
    """Return a scenario with VLANs on one physical network, and some flat ones on another."""
    lines = ["name: generated", "mechanism: linuxbridge", "hosts:"]
    for host in range(hosts):
        second = ", eth2: physnet2" if host % 3 == 0 else ""
        lines.append(f"  host{host}: {{roles: [compute], nics: {{eth1: physnet1{second}}}}}")
    lines.append("networks:")
    for number in range(networks):
        subnet = f"subnets: [{{cidr: 10.0.{number}.0/24}}]"
        vlan = f"type: vlan, physical_network: physnet1, segmentation_id: {100 + number}"
        lines.append(f"  net{number}: {{{vlan}, {subnet}}}")
    lines.append("  storage: {type: flat, physical_network: physnet2}")
    lines.append("servers:" if servers else "servers: {}")
    for server in range(servers):
        turn, host = divmod(server, hosts)
        nics = [f"{{network: net{(server * 7 + turn) % networks}}}"]
        if second_nic and host % 3 == 0 and not turn:  # the others there have one NIC
            nics += ["{network: storage}", f"{{network: net{(server + 1) % networks}}}"]
        lines.append(f"  vm{server}: {{host: host{host}, nics: [{', '.join(nics)}]}}")
    return "\n".join([*lines, "steps:", "  - advance: 1s", ""])


def read(text: str, folder: Path) -> Scenario:
    file = folder / "scenario.yaml"
    file.write_text(text)
    return load(file)


@pytest.fixture(
    params=[
        pytest.param("lb-vlan", id="lb-vlan"),
        pytest.param("lb-flat", id="lb-flat"),
        pytest.param("lb-local-isolation", id="bridges without a NIC"),
        pytest.param("tagged-guest", id="a NIC that is in a bridge and has a VLAN"),
        pytest.param("switch-vlans", id="PCs at a switch"),
        pytest.param("hub", id="PCs at a hub"),
        pytest.param(BY_HAND, id="switches joined, PCs joined directly, veth pairs, QinQ"),
        pytest.param(cloud(hosts=2, servers=3), id="2 hosts"),
        pytest.param(cloud(hosts=20, servers=40, second_nic=True), id="20 hosts with 40 VMs"),
        pytest.param(cloud(hosts=1, servers=30, networks=1), id="30 VMs in one bridge"),
        pytest.param(
            THREE_BRIDGES,
            id="a VM in three bridges among VMs in one",
        ),
        pytest.param(cloud(hosts=3, servers=0), id="hosts without anybody"),
    ]
)
def scenario(request: pytest.FixtureRequest, tmp_path: Path) -> Scenario:
    if "\n" in request.param:
        return read(request.param, tmp_path)
    return load(SHIPPED / f"{request.param}.yaml")


def world(scenario: Scenario) -> Network:
    network = Network(rng=scenario.rng.stream("network"))
    run(scenario.without_steps(), network=network)
    return network


def name_of(link: Link) -> str:
    """Return what the picture must say of a link: that to a bridge's own netdev is the bridge."""
    return link.a.device if LOCAL in (link.a.port, link.b.port) else str(link.a)


def test_every_device_and_every_link_is_named(scenario: Scenario) -> None:
    picture = Picture(render_svg(topology_of(scenario)[0]))
    titles = "\n".join(picture.titles())
    texts = [text.what for text in picture.texts()]
    network = world(scenario)
    for device in network.devices:
        assert device.name.rpartition("/")[2] in texts
        assert device.name in titles
    for link in network.links:
        assert re.search(rf"^{re.escape(name_of(link))}( |:|$)", titles, re.MULTILINE)


def test_nothing_is_in_the_way_of_anything(scenario: Scenario) -> None:
    picture = Picture(render_svg(topology_of(scenario)[0]))
    assert picture.collisions() == []
    assert picture.struck_out() == []
    assert picture.run_through() == []


def test_the_same_scenario_gives_the_same_bytes(scenario: Scenario) -> None:
    first, second = topology_of(scenario)[0], topology_of(scenario)[0]
    assert render_svg(first) == render_svg(second)
    assert render_mermaid(first) == render_mermaid(second)


@given(
    hosts=st.integers(1, 9),
    servers=st.integers(0, 14),
    networks=st.integers(1, 5),
    second_nic=st.booleans(),
)
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_a_cloud_looks_like_it_is_legible(
    tmp_path: Path, *, hosts: int, servers: int, networks: int, second_nic: bool
) -> None:
    text = cloud(hosts=hosts, servers=servers, networks=networks, second_nic=second_nic)
    picture = Picture(render_svg(topology_of(read(text, tmp_path))[0]))
    assert picture.collisions() == []
    assert picture.struck_out() == []
    assert picture.run_through() == []


def test_what_vlans_are_where_is_written_there() -> None:
    texts = [
        text.what
        for name in ("lb-vlan", "switch-vlans")
        for text in Picture(render_svg(topology_of(load(SHIPPED / f"{name}.yaml"))[0])).texts()
    ]
    assert texts.count("VLAN 100") == 3  # eth1.100 on two hosts, and eth0.100
    assert texts.count("vlan101: VLAN 101") == 1
    assert "vlan100: VLAN 100 on physnet1 172.16.100.0/24" in texts
    assert "eth0 172.16.100.4/24" in texts
    assert texts.count("access 100") == 2
    assert "trunk 100,101, native 1" in texts


def patch(index: int, first: str, second: str) -> Link:
    """Return a link between two bridges, its ports named as Neutron names patch ports."""
    ends = [PortRef(f"net/{a}", f"patch-{b[3:]}") for a, b in ((first, second), (second, first))]
    return Link(index=index, a=ends[0], b=ends[1])


def plugged(index: int, guest: str, netdev: str, bridge: str) -> Plug:
    link = Link(index=index, a=PortRef(f"net/{bridge}", netdev), b=PortRef(guest, netdev))
    return Plug(port=netdev, netdev=netdev, bridge=f"net/{bridge}", link=link)


@pytest.fixture
def network_node() -> Topology:
    """Return a host as Open vSwitch would have it: bridges that are linked, and namespaces."""
    router, dhcp = "net/qrouter-5f1a2b3c", "net/qdhcp-5f1a2b3c"
    return Topology(
        name="network node",
        segments=(),
        cores=(),
        cables=(),
        machines=(
            Machine(
                name="net",
                interfaces=(
                    Interface(name="eth0", addresses=("10.0.0.1/24",)),
                    Interface(name="eth1", master="net/br-ex"),
                    Interface(name="eth2", master="net/br-ex"),
                ),
                bridges=tuple(
                    [
                        Bridging(device=f"net/{name}", name=name, kind="Open vSwitch bridge")
                        for name in ("br-int", "br-tun", "br-ex")
                    ]
                ),
                guests=(
                    Guest(
                        name=router,
                        is_vm=False,
                        interfaces=(Interface(name="qr-1"), Interface(name="qg-1")),
                        plugs=(
                            plugged(0, router, "qr-1", "br-int"),
                            plugged(1, router, "qg-1", "br-ex"),
                        ),
                    ),
                    Guest(
                        name=dhcp,
                        is_vm=False,
                        interfaces=(Interface(name="tap1"),),
                        plugs=(plugged(2, dhcp, "tap1", "br-int"),),
                    ),
                    Guest(name="net/lonely", is_vm=False, interfaces=(), plugs=()),
                ),
                ties=(
                    patch(3, "br-int", "br-tun"),
                    patch(4, "br-int", "br-ex"),
                    patch(5, "br-tun", "br-ex"),
                ),
            ),
        ),
    )


def test_linked_bridges_and_namespaces_of_a_host_are_legible_too(network_node: Topology) -> None:
    picture = Picture(render_svg(network_node))
    assert picture.collisions() == []
    assert picture.struck_out() == []
    assert picture.run_through() == []
    texts = [text.what for text in picture.texts()]
    assert {"qrouter-5f1a2b3c", "qdhcp-5f1a2b3c", "lonely", "qg-1"} <= set(texts)
    assert {"patch-tun - patch-int", "patch-int - patch-ex", "patch-tun - patch-ex"} <= set(texts)
    nodes, edges = parse_mermaid(render_mermaid(network_node))
    assert (len(nodes), len(edges)) == (9, 8)


# --- Mermaid -------------------------------------------------------------------------------------

ID = r"n\d+"
TEXT = r'"(?:[^"#`]|#(?:35|96|quot);)*"'
NODE = rf"({ID})(?:\[{TEXT}\]|\[\[{TEXT}\]\]|\(\[{TEXT}\]\)|\[/{TEXT}\\\])"
EDGE = rf"({ID}) ---(?:\|{TEXT}\|)? ({ID})"
SUBGRAPH = rf"subgraph {ID} \[{TEXT}\]"


def parse_mermaid(text: str) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the nodes and edges of a flowchart; fail where it is none."""
    head, lines = text.splitlines()[:4], text.splitlines()[4:]
    assert re.fullmatch(rf"---\ntitle: {TEXT}\n---\nflowchart TB", "\n".join(head))
    nodes: list[str] = []
    edges: list[tuple[str, str]] = []
    inside = False
    for line in lines:
        bare = line.strip()
        if re.fullmatch(SUBGRAPH, bare):
            assert not inside
            inside = True
        elif bare == "end":
            assert inside
            inside = False
        elif node := re.fullmatch(NODE, bare):
            nodes.append(node[1])
        else:
            edge = re.fullmatch(EDGE, bare)
            assert edge, bare
            edges.append((edge[1], edge[2]))
    assert not inside
    return nodes, edges


def test_the_flowchart_is_mermaid_and_has_every_link(scenario: Scenario) -> None:
    text = render_mermaid(topology_of(scenario)[0])
    nodes, edges = parse_mermaid(text)
    assert len(nodes) == len(set(nodes))
    assert [end for edge in edges for end in edge if end not in nodes] == []
    for device in world(scenario).devices:
        assert re.search(rf'"{re.escape(device.name.rpartition("/")[2])}(<br/>|")', text)
    for link in world(scenario).links:
        if LOCAL not in (link.a.port, link.b.port):
            assert link.a.port in text


MERMAID = """\
---
title: "hub"
---
flowchart TB
    n0[["hub1<br/>hub"]]
    subgraph n1 ["pc1"]
        n2(["eth0<br/>192.168.0.1/24"])
    end
    subgraph n3 ["pc2"]
        n4(["eth0<br/>192.168.0.2/24"])
    end
    subgraph n5 ["pc3"]
        n6(["eth0<br/>192.168.0.3/24"])
    end
    n2 ---|"eth0 - p1"| n0
    n4 ---|"eth0 - p2"| n0
    n6 ---|"eth0 - p3"| n0
"""


def test_the_flowchart_of_a_hub() -> None:
    assert render_mermaid(topology_of(load(SHIPPED / "hub.yaml"))[0]) == MERMAID
