"""Random flow tables."""

from collections.abc import Callable
from random import Random

from tests.conformance.frames import IPV4, IPV6, LABELS, MACS, PORTS, VLANS
from tests.conformance.matches import IP, draw_match

TABLES = 5
LEARNED = 20  # the first of the tables that flows are learned into
_TCP_LIKE = ("tcp", "udp", "sctp", "tcp6", "udp6")
Draw = Callable[[str], str]
_V4 = ("ip", "tcp", "udp", "icmp", "sctp")
_TARGETS = ["reg0[]", "reg1[]", "reg1[0..15]", "reg2[3..10]", "reg7[31]", "xreg2[]", "metadata[]"]


class Tables:
    """Draws the flows and groups of one bridge."""

    def __init__(self, random: Random, ports: list[int], *, is_new: bool, comes_back: bool) -> None:
        self._random = random
        self._ports = ports
        self._is_new = is_new  # OpenFlow 1.3 and later, which has instructions
        self._comes_back = comes_back  # no patch port: a packet may leave by the port it came by
        # The real one dies of a frozen walk with an action set: recirc_alloc_id__()
        self._writes = is_new and random.random() < 0.3
        self._learned = 0
        self.groups = self._draw_groups() if random.random() < 0.4 else []

    def draw(self) -> list[str]:
        """Draw flows: no two in a table have the same priority, but those of a conjunction."""
        random, flows = self._random, []
        for table in range(TABLES):
            priorities = random.sample(range(100, 1000), 12)
            count = random.choice([1, 2, 4, 6, 8] if table else [4, 6, 8, 10])
            flows += [self._flow(table, priorities.pop()) for _ in range(count)]
            if random.random() < 0.1:
                flows += self._conjunction(table, priorities.pop())
            if random.random() < 0.6:
                flows.append(f"table={table},priority=0,actions={self._actions('', table)}")
        for table in range(LEARNED, LEARNED + self._learned):
            if random.random() < 0.5:
                flows.append(f"table={table},priority=0,actions={self._output()}")
        return flows

    def _flow(self, table: int, priority: int) -> str:
        base, match = draw_match(self._random, self._ports)
        head = f"table={table},priority={priority}"
        if self._random.random() < 0.1:
            head += f",cookie={self._random.choice([1, 0x1234, 0xFFFF]):#x}"
        return ",".join(filter(None, (head, match, f"actions={self._actions(base, table)}")))

    def _conjunction(self, table: int, priority: int) -> list[str]:
        random = self._random
        head, number = f"table={table},priority={priority},ip", random.choice([1, 7])
        flows = []
        for at, name in enumerate(("nw_src", "nw_dst")):
            for address in random.sample(IPV4[:5], 2):
                actions = f"conjunction({number},{at + 1}/2)"
                flows.append(f"{head},{name}={address},actions={actions}")
        flows.append(f"{head},conj_id={number},actions={self._actions('ip', table)}")
        return flows

    # --- groups -----------------------------------------------------------------------------------

    def _draw_groups(self) -> list[str]:
        random, groups = self._random, []
        for number in range(1, random.choice([2, 3, 4])):
            kind = random.choice(["all", "all", "select", "indirect", "ff"])
            if kind == "select" and self._writes:
                kind = "all"
            buckets = []
            for _ in range(1 if kind == "indirect" else random.choice([1, 2, 3])):
                head = "bucket="
                if kind == "ff":
                    head += f"watch_port:{random.choice(self._ports)},"
                elif kind == "select" and random.random() < 0.3:
                    head += f"weight:{random.choice([0, 1, 50, 200])},"
                actions = self._actions("", TABLES, inside="group")
                buckets.append(f"{head}actions={actions}")
            method = ""
            if kind == "select" and random.random() < 0.3:
                fields = "fields(ip_src,tcp_dst)" if random.random() < 0.5 else "fields=eth_dst"
                method = f",selection_method=hash,{fields}"
            groups.append(f"group_id={number},type={kind}{method},{','.join(buckets)}")
        return groups

    # --- actions ----------------------------------------------------------------------------------

    def _actions(self, base: str, table: int, inside: str = "") -> str:
        random = self._random
        if random.random() < 0.04 and not inside:
            return "drop"
        count = random.choices([1, 2, 3, 4], [4, 4, 2, 1])[0]
        drawn = [self._action(base, table, inside) for _ in range(count)]
        if not any("output" in action or "resubmit" in action for action in drawn):
            drawn.append(self._output())
        if self._is_new and not inside and table < TABLES - 1 and random.random() < 0.2:
            drawn.append(f"goto_table:{random.randint(table + 1, TABLES - 1)}")
        return ",".join(drawn)

    def _action(self, base: str, table: int, inside: str) -> str:
        random = self._random
        kinds: list[Draw] = [*[self._output] * 6, *[self._edit] * 8]
        kinds += [self._register, self._register]
        kinds += [self._move, self._stack, self._tag, self._plain]
        if base in (*IP, "arp", "mpls", ""):
            kinds.append(self._label)
        kind = random.choice(kinds)
        chance = random.random()
        if chance < 0.22 and table < TABLES:
            return self._resubmit(table)
        if inside:
            return kind(base)
        if chance < 0.30 and base in IP and not self._writes:
            return self._ct(table)
        if chance < 0.34:
            return self._learn(base)
        if chance < 0.38:
            return f"clone({self._actions(base, table, inside='clone')})"
        if chance < 0.41 and self.groups and table < TABLES:
            return f"group:{random.randint(1, len(self.groups))}"
        if chance < 0.44 and self._writes:
            return random.choice(["clear_actions", f"write_actions({self._output()})"])
        return kind(base)

    def _output(self, _base: str = "") -> str:
        random = self._random
        port = random.choice(self._ports)
        choices = [f"output:{port}"] * 8 + [str(port), "NORMAL", "NORMAL", "FLOOD", "ALL"]
        choices += ["IN_PORT"] if self._comes_back else []
        choices += ["LOCAL", "output:reg1[0..15]", f"enqueue:{port}:1"]
        if self._comes_back:  # behind a patch port, it cuts before the tags of the other bridge
            choices.append(f"output(port={port},max_len={random.choice([14, 40, 100])})")
        return random.choice(choices)

    def _resubmit(self, table: int) -> str:
        random = self._random
        later = random.randint(min(table + 1, TABLES - 1), TABLES - 1)
        if random.random() < 0.02:
            later = random.randrange(TABLES)
        port = random.choice(self._ports)
        if self._learned and random.random() < 0.3:
            later = LEARNED + random.randrange(self._learned)
        if later == table:
            return self._output()
        choices = [f"resubmit(,{later})"] * 5
        choices += [f"resubmit({port},{later})"] if self._comes_back else []
        return random.choice(choices)

    def _plain(self, _base: str) -> str:
        choices = ["note:01.02", "exit", "set_queue:2", "pop_queue", "ct_clear"]
        return self._random.choice(choices)

    def _register(self, _base: str) -> str:
        random = self._random
        target = random.choice(_TARGETS)
        value = random.choice([0, 1, *self._ports])
        if target.startswith("reg7"):
            value &= 1
        return random.choice(
            [
                f"load:{value:#x}->NXM_NX_REG1[0..15]",
                f"load:{value:#x}->{target}",
                f"set_field:{random.choice([0, 1, 5, 0x1234, 0xFF]):#x}->reg0",
                f"set_field:{random.choice([1, 0xF0])}/0xff->metadata",
                "set_field:1->pkt_mark",
                "set_field:7->tun_id",
            ]
        )

    def _move(self, base: str) -> str:
        random = self._random
        moves = [
            "move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[]",
            "move:NXM_OF_IN_PORT[]->NXM_NX_REG1[0..15]",
            "move:NXM_NX_REG0[0..15]->NXM_NX_REG2[16..31]",
            "move:NXM_OF_VLAN_TCI[0..11]->NXM_NX_REG2[0..11]",
            "move:NXM_OF_ETH_DST[0..15]->NXM_NX_REG0[8..23]",
        ]
        if base in _V4:
            moves += ["move:NXM_OF_IP_SRC[]->NXM_OF_IP_DST[]", "move:NXM_OF_IP_DST[]->reg0[]"]
        if base == "arp":
            moves += ["move:NXM_NX_ARP_SHA[]->NXM_NX_ARP_THA[]"]
            moves += ["move:NXM_OF_ARP_SPA[]->NXM_OF_ARP_TPA[]"]
        return random.choice(moves)

    def _stack(self, _base: str) -> str:
        field = self._random.choice(["NXM_OF_ETH_SRC[]", "NXM_NX_REG0[]", "NXM_NX_REG1[0..15]"])
        other = self._random.choice(["NXM_NX_REG2[]", "NXM_OF_ETH_DST[]", "NXM_NX_REG1[0..15]"])
        return f"push:{field},pop:{other}"

    def _tag(self, _base: str) -> str:
        random = self._random
        vlan = random.choice(VLANS)
        choices = [f"mod_vlan_vid:{vlan}", "mod_vlan_pcp:3", "strip_vlan", "pop_vlan"]
        if self._is_new:
            choices += [f"push_vlan:0x8100,set_field:{4096 | vlan}->vlan_vid"] * 2
            choices += [f"push_vlan:0x88a8,set_field:{4096 | vlan}->vlan_vid"]
        return random.choice(choices)

    def _label(self, base: str) -> str:
        random = self._random
        if base == "mpls":
            choices = [] if self._writes else ["pop_mpls:0x0800"]
            choices += ["dec_mpls_ttl", "set_mpls_ttl(9)"]
            choices += [f"set_field:{random.choice(LABELS)}->mpls_label", "push_mpls:0x8847"]
            return random.choice(choices)
        if base in ("ip", "ipv6") and random.random() < 0.5:
            return f"push_mpls:0x8847,set_field:{random.choice(LABELS)}->mpls_label"
        return self._output()

    def _edit(self, base: str) -> str:
        random = self._random
        mac, port = random.choice(MACS), random.choice(PORTS)
        choices = [f"mod_dl_src:{mac}", f"mod_dl_dst:{mac}", f"set_field:{mac}->eth_dst"]
        choices.append(f"set_field:{mac}/00:00:00:00:00:ff->eth_src")
        if base in _V4:
            address = random.choice(IPV4[:5])
            choices += [f"mod_nw_src:{address}", f"mod_nw_dst:{address}", "mod_nw_tos:16"]
            choices += [f"set_field:{address}->ip_dst", "set_field:0.0.0.9/0.0.0.255->ip_src"]
        elif base in IP:
            address = random.choice(IPV6[:5])
            choices += [f"set_field:{address}->ipv6_src", f"set_field:{address}->ipv6_dst"]
            choices += ["set_field:0x54321->ipv6_label"]
        if base in IP:
            choices += ["dec_ttl", "dec_ttl", "mod_nw_ttl:9", "mod_nw_ecn:1", "dec_ttl(1,2)"]
        if base in _TCP_LIKE:
            choices += [f"mod_tp_src:{port}", f"mod_tp_dst:{port}"] * 2
        if base == "icmp":
            choices += ["set_field:3->icmp_type", "set_field:1->icmp_code"]
        if base == "arp":
            address = random.choice(IPV4[:5])
            choices += ["set_field:2->arp_op", f"set_field:{address}->arp_tpa"] * 2
            choices += [f"set_field:{mac}->arp_sha", f"set_field:{address}->arp_spa"]
        return random.choice(choices)

    # --- more than one thing ----------------------------------------------------------------------

    def _ct(self, table: int) -> str:
        random = self._random
        words = []
        if random.random() < 0.5:
            words.append(random.choice(["commit", "commit", "commit,force"]))
        if table < TABLES - 1 and (not words or random.random() < 0.6):
            words.append(f"table={random.randint(table + 1, TABLES - 1)}")
        words.append(random.choice(["zone=1", "zone=2", "zone=NXM_NX_REG1[0..15]", ""]))
        has_commit = words[0].startswith("commit")
        if has_commit and random.random() < 0.4:
            inner = ["set_field:1->ct_mark", "set_field:0x2/0xf->ct_mark"]
            inner += ["set_field:0x5->ct_label", "load:1->NXM_NX_CT_MARK[31]"]
            words.append(f"exec({random.choice(inner)})")
        return f"ct({','.join(filter(None, words))})"

    def _learn(self, base: str) -> str:
        random = self._random
        table = LEARNED + self._learned
        self._learned += 1
        specs = ["NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[]", "NXM_OF_VLAN_TCI[0..11]", "in_port=1"]
        chosen = random.sample(specs, random.choice([1, 2]))
        if base in _V4 and random.random() < 0.5:
            chosen.append("eth_type=0x800,NXM_OF_IP_DST[]=NXM_OF_IP_SRC[]")
        done = ["output:NXM_OF_IN_PORT[]", "load:NXM_OF_IN_PORT[]->NXM_NX_REG1[0..15]"]
        done += ["load:0x5->NXM_NX_REG0[]"]
        chosen.append(random.choice(done))
        options = f"table={table},priority={random.randint(1, 99)}"
        if random.random() < 0.2:
            options += f",cookie={random.choice([1, 2])}"
        return f"learn({options},{','.join(chosen)})"
