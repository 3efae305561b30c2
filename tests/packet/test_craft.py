"""A frame from what a person typed."""

import time
from contextlib import suppress
from ipaddress import IPv4Address

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from emu.packet.addresses import parse_mac
from emu.packet.craft import FRAME_LIMIT, Crafted, CraftError, Sender, craft
from emu.packet.door import LAYERS, Ether
from emu.packet.expression import EXPRESSION_LIMIT, HEADERS_LIMIT, TEXT_LIMIT
from tests.packet.specimens import PACKETS
from tests.strategies import valid_wires

MAC = parse_mac("fa:16:3e:00:00:01")
VM1 = Sender(mac=MAC, address=IPv4Address("172.16.100.3"))
NOBODY = Sender(mac=MAC)
ETH = 'Ether(dst="fa:16:3e:00:00:02")'
IP = 'IP(dst="172.16.100.4")'


def evaluated(expression: str) -> bytes:
    """Return what Scapy makes of the expression when Python evaluates it."""
    return bytes(eval(expression, dict(LAYERS)))  # noqa: S307 - what craft must not do, its judge does


@pytest.mark.parametrize(
    ("typed", "filled", "same"),
    [
        pytest.param(
            'Ether()/ARP(pdst="172.16.100.9")',
            "Ether.dst=ff:ff:ff:ff:ff:ff Ether.src=fa:16:3e:00:00:01 "
            "ARP.hwsrc=fa:16:3e:00:00:01 ARP.psrc=172.16.100.3",
            'Ether(dst="ff:ff:ff:ff:ff:ff", src="fa:16:3e:00:00:01")'
            '/ARP(hwsrc="fa:16:3e:00:00:01", psrc="172.16.100.3", pdst="172.16.100.9")',
            id="an ARP request goes to everybody",
        ),
        pytest.param(
            'Ether(dst="fa:16:3e:00:00:02", src="02:00:00:00:00:01")'
            '/ARP(op="is-at", hwsrc="02:00:00:00:00:02", psrc="10.0.0.1", pdst="10.0.0.2")',
            "",
            'Ether(dst="fa:16:3e:00:00:02", src="02:00:00:00:00:01")'
            '/ARP(op=2, hwsrc="02:00:00:00:00:02", psrc="10.0.0.1", pdst="10.0.0.2")',
            id="what is given stays, lies as well",
        ),
        pytest.param(
            f'{ETH}/{IP}/ICMP(id=7, seq=1)/b"abc"',
            "Ether.src=fa:16:3e:00:00:01 IP.src=172.16.100.3",
            'Ether(dst="fa:16:3e:00:00:02", src="fa:16:3e:00:00:01")'
            '/IP(src="172.16.100.3", dst="172.16.100.4")/ICMP(id=7, seq=1)/Raw(b"abc")',
            id="a ping",
        ),
        pytest.param(
            f'{ETH}/Dot1Q(vlan=100, prio=5)/{IP}/UDP(sport=1, dport=2)/"text"',
            "Ether.src=fa:16:3e:00:00:01 IP.src=172.16.100.3",
            'Ether(dst="fa:16:3e:00:00:02", src="fa:16:3e:00:00:01")/Dot1Q(vlan=100, prio=5)'
            '/IP(src="172.16.100.3", dst="172.16.100.4")/UDP(sport=1, dport=2)/Raw(b"text")',
            id="a tag may come before",
        ),
        pytest.param(
            'Ether()/IP(dst="255.255.255.255")/UDP(sport=68, dport=67)',
            "Ether.dst=ff:ff:ff:ff:ff:ff Ether.src=fa:16:3e:00:00:01 IP.src=172.16.100.3",
            'Ether(dst="ff:ff:ff:ff:ff:ff", src="fa:16:3e:00:00:01")'
            '/IP(src="172.16.100.3", dst="255.255.255.255")/UDP(sport=68, dport=67)',
            id="so does a limited broadcast",
        ),
        pytest.param(
            f'{ETH}/{IP}/UDP(dport=4789)/VXLAN(vni=5)/Ether(src="02:00:00:00:00:01", '
            'dst="02:00:00:00:00:02")/IP(src="10.0.0.1", dst="10.0.0.2")',
            "Ether.src=fa:16:3e:00:00:01 IP.src=172.16.100.3 VXLAN.flags=8",
            'Ether(dst="fa:16:3e:00:00:02", src="fa:16:3e:00:00:01")'
            '/IP(src="172.16.100.3", dst="172.16.100.4")/UDP(dport=4789)/VXLAN(flags=8, vni=5)'
            '/Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")'
            '/IP(src="10.0.0.1", dst="10.0.0.2")',
            id="VXLAN is VXLAN, whatever it carries",
        ),
        pytest.param(
            f"{ETH}/{IP}/UDP(dport=4790)/VXLAN(flags=0)/UDP(dport=4790)"
            "/VXLAN(flags=12, NextProtocol=1)",
            "Ether.src=fa:16:3e:00:00:01 IP.src=172.16.100.3",
            'Ether(dst="fa:16:3e:00:00:02", src="fa:16:3e:00:00:01")'
            '/IP(src="172.16.100.3", dst="172.16.100.4")/UDP(dport=4790)/VXLAN(flags=0)'
            "/UDP(dport=4790)/VXLAN(flags=12, NextProtocol=1)",
            id="unless its flags are given",
        ),
        pytest.param(
            f"{ETH}/IP(dst='10.0.0.1', len=5, chksum=0, flags='DF', ttl=0)/UDP(len=0)",
            "Ether.src=fa:16:3e:00:00:01 IP.src=172.16.100.3",
            'Ether(dst="fa:16:3e:00:00:02", src="fa:16:3e:00:00:01")'
            "/IP(src='172.16.100.3', dst='10.0.0.1', len=5, chksum=0, flags='DF', ttl=0)"
            "/UDP(len=0)",
            id="wrong lengths and checksums stay wrong",
        ),
        pytest.param(
            'Dot3(dst="01:80:c2:00:00:00")/LLC()/STP()',
            "Dot3.src=fa:16:3e:00:00:01",
            'Dot3(dst="01:80:c2:00:00:00", src="fa:16:3e:00:00:01")/LLC()/STP()',
            id="802.3",
        ),
        pytest.param(
            f"\n  {ETH} /\n  ({IP} / TCP(dport=80, options=[('MSS', 1460), ('NOP', None)]))\n",
            "Ether.src=fa:16:3e:00:00:01 IP.src=172.16.100.3",
            'Ether(dst="fa:16:3e:00:00:02", src="fa:16:3e:00:00:01")'
            '/IP(src="172.16.100.3", dst="172.16.100.4")'
            "/TCP(dport=80, options=[('MSS', 1460), ('NOP', None)])",
            id="lines and brackets may be anywhere",
        ),
        pytest.param(
            f'{ETH}/IP(dst="172.16.100.4", options=[IPOption_Router_Alert()])/UDP()'
            '/DNS(id=-0, qd=DNSQR(qname="a.example", qtype="AAAA"))',
            "Ether.src=fa:16:3e:00:00:01 IP.src=172.16.100.3",
            'Ether(dst="fa:16:3e:00:00:02", src="fa:16:3e:00:00:01")'
            '/IP(src="172.16.100.3", dst="172.16.100.4", options=[IPOption_Router_Alert()])/UDP()'
            '/DNS(id=0, qd=DNSQR(qname="a.example", qtype=28))',
            id="headers within headers",
        ),
        pytest.param(
            f"{ETH}/IPv6(src='fe80::1', dst='fe80::2')/ICMPv6EchoRequest()",
            "Ether.src=fa:16:3e:00:00:01",
            'Ether(dst="fa:16:3e:00:00:02", src="fa:16:3e:00:00:01")'
            "/IPv6(src='fe80::1', dst='fe80::2')/ICMPv6EchoRequest()",
            id="IPv6",
        ),
    ],
)
def test_an_expression_is_a_frame(typed: str, filled: str, same: str) -> None:
    crafted = craft(typed, VM1)
    assert " ".join(crafted.filled) == filled
    assert crafted.wire == evaluated(same)


@given(valid_wires)
def test_what_scapy_prints_of_a_frame_is_read_as_that_frame(wire: bytes) -> None:
    assert craft(Ether(wire).command(), NOBODY) == Crafted(wire=wire)


@pytest.mark.parametrize("name", PACKETS)
def test_every_kind_of_frame_can_be_typed(name: str) -> None:
    packet = PACKETS[name]
    assert craft(packet.command(), NOBODY).wire == bytes(packet)


@pytest.mark.parametrize(
    "typed",
    [
        "ffffffffffff fa163e000001 0806 0001",
        "ff:ff:ff:ff:ff:ff:fa:16:3e:00:00:01:08:06:00:01",
        "\n  FFFF FFFF FFFF\n  FA16 3E00 0001\n  0806 0001\n",
        "0xff,0xff,0xff,0xff,0xff,0xff, 0xfa163e000001, 0x0806, 0X0001",
    ],
)
def test_hexadecimal_digits_are_a_frame(typed: str) -> None:
    assert craft(typed, VM1) == Crafted(
        wire=bytes.fromhex("fffffffffffffa163e00000108060001"), filled=()
    )


@given(st.binary(min_size=1, max_size=99))
def test_any_octets_can_be_typed(wire: bytes) -> None:
    assert craft(wire.hex(" "), VM1).wire == wire


WRONG = [
    ("", "column 1: there is nothing here"),
    (" \n ", "column 1: there is nothing here"),
    ("fff", "column 1: neither two hexadecimal digits nor a Scapy expression; write"),
    ("ff:ff\nff gg", "line 2, column 4: neither two hexadecimal digits nor"),
    ("ARP", "column 1: neither two hexadecimal digits nor a Scapy expression"),
    ("0x0000:  ffff ffff", "column 1: this looks like a dump with offsets; leave them out"),
    ("0000  ff ff\n0010  ff ff", "column 1: this looks like a dump with offsets"),
    ("Ether/IP()", "column 1: Ether alone is no header; write Ether()"),
    ("Ethr()/IP()", "column 1: there is no header Ethr; did you mean Ether?"),
    ("ether()", "column 1: there is no header ether; did you mean Ether?"),
    ("Packet()/IP()", "column 1: there is no header Packet"),
    ("Ether()/IP(dts='1.1.1.1')", "column 12: IP has no field dts; did you mean dst?"),
    ("Ether()/IP(_pkt=b'x')", "column 12: IP has no field _pkt"),
    (f"{ETH}/Dot1Q(id=1)", "column 38: Dot1Q has no field id; did you mean dei?"),
    ("IP(dst='1.1.1.1')", "column 1: a frame begins with Ether; write Ether()/..."),
    ("b'x'/Ether()", "column 1: neither two hexadecimal"),
    ("(b'x')/Ether()", "column 1: neither two hexadecimal"),
    ("Ether()*3", "column 9: headers are joined by / alone"),
    ("Ether()/('x'*9**9)", "column 14: headers are joined by / alone"),
    ("Ether(src='x'*9)", "column 11: 'x'*9 is not a value that is read here; write a number"),
    ("Ether(src=f'{1}')", "column 11: f'{1}' is not a value that is read here"),
    ("Ether(type=1.5)", "column 12: 1.5 is not a value that is read here"),
    ("Ether(type={})", "column 12: {} is not a value that is read here"),
    ("Ether(type=--1)", "column 12: --1 is not a value that is read here"),
    ("Ether(src=mac)", "column 11: mac is a name, not a value; quote it"),
    ("Ether(src=[a for a in b])", "column 11: [a for a in b] is not a value that is read here"),
    ("Ether(src=RandMAC())", "column 11: there is no header RandMAC"),
    ("__import__('os').system('x')", "column 1: not a header such as IP(...)"),
    ("Ether().__class__()", "column 1: not a header such as IP(...)"),
    ("Ether()/(lambda: 1)", "column 10: not a header such as IP(...)"),
    ("Ether()/1", "column 9: not a header such as IP(...)"),
    ("Ether(b'x')", "column 7: a value without the name of a field; name the field, as in Ether("),
    ("Ether()/Raw(1, 2)", "column 16: a value without the name of a field"),
    ("Ether()/Raw(x)", "column 13: x is a name, not a value; quote it"),
    ("Ether(**{'a': 1})", "column 7: ** is not read here; name each field"),
    ("Ether(src='x', src='y')", "column 16: Ether.src is given twice"),
    ("Ether(", "column 1: a bracket is never closed"),
    ("Ether())", "column 9: a bracket is closed that was not opened"),
    ("Ether()) / (IP()", "column 1: a bracket is closed that was not opened"),
    ("Ether()/", "column 9: this is not an expression; headers are joined by /"),
    ("Ether()/\0", "column 1: a null character"),
    ("Ether()/\n  ARP(pdst='1.1.1.1',\n  hwsrcc='x')", "line 3, column 3: ARP has no field hwsrcc"),
    ("Ether(dst='é')/IP(dst=x)", "column 23: x is a name, not a value"),
    (f"{ETH}/IP()", "column 32: IP.dst must be given"),
    (f"{ETH}/ARP()", "column 32: ARP.pdst must be given"),
    (f"{ETH}/IPv6(src='::1')", "column 32: IPv6.dst must be given"),
    (f"{ETH}/IPv6(dst='::1')", "column 32: IPv6.src must be given"),
    (
        f"Ether()/{IP}",
        "column 1: Ether.dst must be given; write the MAC address of the next hop, or ff:ff:ff:",
    ),
    ("Ether()/ARP(op=2, pdst='1.1.1.1')", "column 1: Ether.dst must be given"),
    (
        f"{ETH}/{IP}/UDP()/VXLAN()/Ether(src='02:00:00:00:00:01')/'x'",
        "column 69: Ether.dst must be given; what is inside another packet is not filled in",
    ),
    (f"{ETH}/{IP}/GRE(proto=0x800)/IP(dst='1.1.1.1')", "column 72: IP.src must be given; what is"),
    (f"{ETH}/{IP}/ICMP(type=13)", "column 55: ICMP.ts_ori must be given"),
    (f"{ETH}/IP(dst='10.0.0.0/30')", "column 35: IP.dst has more than one value"),
    (f"{ETH}/IP(dst=['10.0.0.1'])", "column 35: IP.dst has more than one value"),
    (f"{ETH}/{IP}/TCP(dport=(1, 9))", "column 59: TCP.dport has more than one value"),
    ("Ether(dst='ff:ff')/ARP(pdst='1.1.1.1')", "column 7: Ether.dst: 'ff:ff' is not a MAC"),
    ("Ether(dst=b'abc')/ARP(pdst='1.1.1.1')", "column 7: Ether.dst has 6 octets, not 3"),
    (f"{ETH}/IP(dst='10.1')", "column 35: IP.dst: '10.1' is not an IPv4 address"),
    (f"{ETH}/ARP(pdst='localhost')", "column 36: ARP.pdst: 'localhost' is not an IPv4 address"),
    (f"{ETH}/IP(dst='localhost')", "column 35: IP.dst cannot be 'localhost': 'localhost' is not"),
    (f"{ETH}/IPv6(dst='fe80::1%eth0')", "column 37: IPv6.dst cannot be 'fe80::1%eth0'"),
    (f"{ETH}/{IP}/DHCP(options=[('router', 'a.b')])", "column 60: DHCP.options cannot be"),
    (f"{ETH}/IP(dst='1.1.1.1', ttl=300)", "column 50: IP.ttl cannot be 300; it does not fit"),
    (f"{ETH}/IP(dst='1.1.1.1', ttl=-1)", "column 50: IP.ttl cannot be -1; it does not fit"),
    (f"{ETH}/IP(dst='1.1.1.1', ttl='64')", "column 50: IP.ttl cannot be '64'; write the number"),
    (f"{ETH}/Dot1Q(vlan=4096)/'x'", "column 38: Dot1Q.vlan cannot be 4096; it does not fit"),
    (f"{ETH}/{IP}/UDP()/VXLAN(vni=16777216)", "column 67: VXLAN.vni cannot be 16777216"),
    (f"{ETH}/{IP}/GRE(key=5)", "column 59: GRE.key would not be sent as things stand; add key_pr"),
    (f"{ETH}/{IP}/TCP(dport='http')", "column 59: TCP.dport: what 'http' means differs from"),
    (f"{ETH}/IP(dst='1.1.1.1', proto='udp')", "column 50: IP.proto: what 'udp' means differs"),
    (
        f"{ETH}/ARP(pdst='1.1.1.1', op='who-hass')",
        "column 52: ARP.op cannot be 'who-hass'; did you",
    ),
    (f"{ETH}/{IP}/UDP()/DNS(qd=5)", "column 65: DNS.qd cannot be 5"),
]


@pytest.mark.parametrize(("typed", "words"), WRONG, ids=[typed or "empty" for typed, _ in WRONG])
def test_what_is_no_frame_says_where_and_why(typed: str, words: str) -> None:
    with pytest.raises(CraftError) as caught:
        craft(typed, VM1)
    assert str(caught.value).startswith(words)


def test_an_error_has_its_parts() -> None:
    with pytest.raises(CraftError) as caught:
        craft("Ether()/\nIP(dts='1.1.1.1')", VM1)
    error = caught.value
    assert (error.line, error.column, error.fix) == (2, 4, "did you mean dst?")
    assert error.what == "IP has no field dts"


@pytest.mark.parametrize("layer", ["ARP(pdst='1.1.1.1')", "IP(dst='1.1.1.1')"])
def test_an_interface_without_an_address_fills_in_none(layer: str) -> None:
    with pytest.raises(CraftError, match="src must be given; the interface has no IPv4 address"):
        craft(f"{ETH}/{layer}", NOBODY)


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("(" * 9000 + "Ether()" + ")" * 9000, id="brackets"),
        pytest.param("Ether(src=" + "-" * 60_000 + "1)", id="signs"),
        pytest.param("Ether(src=" + "[" * 17 + "]" * 17 + ")", id="lists in lists"),
        pytest.param("Ether(src=" + "9" * 60_000 + ")", id="a long number"),
        pytest.param("Ether(type=0x" + "f" * 60_000 + ")", id="a longer number"),
        pytest.param("Ether()" + "/Raw()" * HEADERS_LIMIT, id="many headers"),
        pytest.param("Ether()" + "/IP()" * 10_000, id="very many headers"),
        pytest.param(f"{ETH}/{IP}/DNS(qd=" + "DNSQR()/" * 7000 + "DNSQR())", id="many in a field"),
        pytest.param("Ether()/Raw('" + "x" * EXPRESSION_LIMIT + "')", id="a long text"),
        pytest.param("ff" * FRAME_LIMIT + "ff", id="a long frame"),
        pytest.param("ff " * TEXT_LIMIT, id="a longer frame"),
        pytest.param(f"{ETH}/IP(dst='1.1.1.1', options=[" + "[" * 9 + "]" * 9 + "])", id="odd"),
        pytest.param(f"{ETH}/IP(dst='0.0.0.0/0')", id="all addresses"),
        pytest.param(f"{ETH}/{IP}/TCP(dport=(0, {10**30}))", id="all ports and more"),
        pytest.param("Ether()/" + "\\" * 50_000, id="backslashes"),
        pytest.param("Ether(src=" + "'a' " * 15_000 + ")", id="strings side by side"),
    ],
)
def test_what_is_too_much_is_refused_in_no_time(typed: str) -> None:
    begin = time.process_time()
    with pytest.raises(CraftError):
        craft(typed, VM1)
    assert time.process_time() - begin < 2


def test_a_frame_may_be_as_long_as_an_ip_packet_allows() -> None:
    assert len(craft("ff " * FRAME_LIMIT, VM1).wire) == FRAME_LIMIT


def test_as_many_headers_as_are_allowed_are_made_in_no_time() -> None:
    begin = time.process_time()
    tags = "/Dot1Q(vlan=1)" * (HEADERS_LIMIT - 2)
    assert len(craft(f"{ETH}{tags}/ARP(pdst='1.1.1.1')", VM1).wire) == 14 + 28 + 4 * 62
    assert time.process_time() - begin < 2


WORDS = "Ether IP ARP Raw VXLAN Dot1Q ( ) / dst= pdst= op= ttl= (vlan= ' b' 1.1.1.1 , [ ] 0x ff 1 %"
pieces = st.sampled_from([*WORDS.split(" "), " ", "\n", "-", "*", "None", "\u00e9"])


@given(st.lists(pieces | st.characters(), max_size=30).map("".join))
@example("Ether(dst=\ud800)")
def test_any_text_is_a_frame_or_a_craft_error(typed: str) -> None:
    error: CraftError | None = None
    try:
        wire = craft(typed, VM1).wire
    except CraftError as caught:
        wire, error = b"", caught
    assert wire or (error and error.what and min(error.line, error.column) >= 1)


slots = st.sampled_from(
    [(name, field.name) for name, layer in sorted(LAYERS.items()) for field in layer.fields_desc]
)
WILD = (
    "0 -1 300 99999999999 'x' b'x' '' '1.1.1.1' 'a.b' '::1' [] [1] ['a.b'] () (1,2) [('a',1)] None"
)
values = st.sampled_from(
    [*WILD.split(" "), "IP(src='1.1.1.1', dst='2.2.2.2')", "[Ether()]", "'%lo'"]
)


@settings(max_examples=300)
@given(slots, values)
def test_any_value_of_any_field_is_sent_or_a_craft_error(slot: tuple[str, str], value: str) -> None:
    layer, field = slot
    with suppress(CraftError):
        assert craft(f"{ETH}/{layer}({field}={value})", VM1).wire
