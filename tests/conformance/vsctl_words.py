"""The words of `ovs-vsctl` that make what a case has."""

from tests.conformance.world import Case

_PROTOCOLS = ",".join(f"OpenFlow1{minor}" for minor in range(6))


def bridge_words(bridge: str, wanted: Case, number: int) -> list[str]:
    """Return what makes a bridge."""
    words = ["--", "add-br", bridge, "--", "set", "bridge", bridge, "datapath-type=dummy"]
    words += [f"fail-mode={wanted.get('fail_mode', 'secure')}", f"protocols={_PROTOCOLS}"]
    words += [f"other-config:datapath-id={0xFEDCBA0000000000 + number:016x}"]
    words += [f"other-config:hwaddr=aa:55:aa:55:{number >> 4:02x}:{(number & 15) * 16:02x}"]
    for name, value in (wanted.get("other_config") or {}).items():
        words.append(f'other-config:{name}="{_text(value)}"')
    if wanted.get("mcast_snooping"):
        words.append("mcast_snooping_enable=true")
    return words


def port_words(bridge: str, port: str, columns: Case) -> list[str]:
    """Return what makes a port; the last words are about its interface."""
    words = ["--", "add-port", bridge, port]
    words += [f"{name}={columns[name]}" for name in ("tag", "vlan_mode") if _has(columns, name)]
    lists = [name for name in ("trunks", "cvlans") if columns.get(name)]
    words += [f"{name}={','.join(map(str, columns[name]))}" for name in lists]
    if columns.get("protected"):
        words.append("protected=true")
    for name, value in (columns.get("other_config") or {}).items():
        words.append(f'other-config:{name}="{_text(value)}"')
    words += ["--", "set", "interface", port]
    if columns.get("ofport") is not None:
        words.append(f"ofport_request={columns['ofport']}")
    for name, value in (columns.get("tunnel") or {}).items():
        words.append(f"type={value}" if name == "type" else f'options:{name}="{_text(value)}"')
    return words


def _has(columns: Case, name: str) -> bool:
    return columns.get(name) is not None


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def mirror_words(bridge: str, mirror: Case) -> list[str]:
    """Return what makes a mirror."""
    ports: list[str] = []
    created = ["--", "--id=@mirror", "create", "mirror", f"name={mirror['name']}"]
    for column in ("select_src_port", "select_dst_port", "output_port"):
        wanted = mirror.get(column) or []
        chosen = [wanted] if isinstance(wanted, str) else wanted
        ports += [port for port in dict.fromkeys(chosen) if port not in ports]
        if chosen:
            created.append(f"{column}={','.join(f'@p{ports.index(port)}' for port in chosen)}")
    if mirror.get("select_all"):
        created.append("select_all=true")
    if mirror.get("select_vlan"):
        created.append(f"select_vlan={','.join(map(str, mirror['select_vlan']))}")
    columns = [column for column in ("output_vlan", "snaplen") if mirror.get(column) is not None]
    created += [f"{column}={mirror[column]}" for column in columns]
    found = [
        word
        for at, port in enumerate(ports)
        for word in ("--", f"--id=@p{at}", "get", "port", port)
    ]
    return [*found, *created, "--", "add", "bridge", bridge, "mirrors", "@mirror"]
