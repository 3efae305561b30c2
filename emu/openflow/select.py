"""Which buckets of a group are done; as xlate_group_action__(), ofproto-dpif-xlate.c."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from emu.net.effects import DropReason
from emu.openflow import layout
from emu.openflow.action_set import action_list
from emu.openflow.groups import Bucket, GroupEntry, GroupType
from emu.openflow.hashing import hash_int, hash_octets, hash_u64, symmetric_l4
from emu.openflow.operations import Hash
from emu.openflow.ports import OFPP_CONTROLLER
from emu.openflow.subfield import meets, read
from emu.openflow.walk import Walk

_MAX_LIVENESS: Final = 128  # groups that watch groups: MAX_LIVENESS_RECURSION
_MOST_HASHES: Final = {"": 256, "dp_hash": 1024}  # values that buckets may be spread over
_FORGIVEN: Final = (DropReason.TOO_MANY_MPLS_LABELS,)


def choose_bucket(walk: Walk, group: GroupEntry) -> None:
    """Put the buckets on the stack that are done."""
    if group.type in (GroupType.ALL, GroupType.INDIRECT):
        _do_buckets(walk, iter(group.buckets))
        return
    if group.type is GroupType.FF:
        bucket = _first_live(walk, group, 0)
    else:
        if walk.was_mpls:
            walk.do_again()
            walk.freeze()
            return
        bucket = _select(walk, group)
    if bucket is not None:
        walk.say(f"using bucket {bucket.id}")
        _do_buckets(walk, iter((bucket,)))
    elif not walk.freezing:
        walk.say("no live bucket")


def _do_buckets(walk: Walk, buckets: Iterator[Bucket]) -> None:
    """Do each with the packet as it was before, one after the other."""
    bucket = next(buckets, None)
    if bucket is None:
        return
    key, was_mpls = walk.key, walk.was_mpls
    walk.depth += 1

    def leave() -> None:
        walk.depth -= 1
        walk.freeze_if_asked()
        walk.key, walk.was_mpls = key, was_mpls
        walk.exit = False
        if walk.error in _FORGIVEN:
            walk.error = None
        if walk.error is None:
            _do_buckets(walk, buckets)

    walk.do(action_list(bucket.actions), leave=leave)


# --- which is live -------------------------------------------------------------------------------


def _first_live(walk: Walk, group: GroupEntry, depth: int) -> Bucket | None:
    return next((b for b in group.buckets if _is_live(walk, group, b, depth)), None)


def _is_live(walk: Walk, group: GroupEntry, bucket: Bucket, depth: int) -> bool:
    """As bucket_is_alive()."""
    if depth >= _MAX_LIVENESS:
        walk.say(f"bucket chaining exceeded {_MAX_LIVENESS} links")
        return False
    if group.type is GroupType.SELECT and not bucket.weight:
        return False
    port, number = bucket.watch_port, bucket.watch_group
    if port is None and number is None:
        return True
    if port is not None and port != OFPP_CONTROLLER and walk.switch.is_live(port):
        return True
    watched = None if number is None else walk.switch.tables.groups.get(number)
    if watched is not None and _first_live(walk, watched, depth + 1) is not None:
        return True
    return port == OFPP_CONTROLLER  # a bridge without a controller is alive


# --- which is selected ---------------------------------------------------------------------------


def _select(walk: Walk, group: GroupEntry) -> Bucket | None:
    spread = () if group.selection_method == "hash" else _spread(group)
    if spread:
        return _by_datapath_hash(walk, group, spread)
    if group.fields:
        return _by_fields(walk, group)
    return _best(walk, group, symmetric_l4(walk.key, 0))


def _by_datapath_hash(walk: Walk, group: GroupEntry, spread: tuple[int, ...]) -> Bucket | None:
    """As pick_dp_hash_select_group(): the datapath hashes, and the walk goes on then."""
    value = layout.DP_HASH.get(walk.key)
    if not value:
        param = group.selection_method_param
        symmetric = not group.selection_method or param >> 32 == 1  # OVS_HASH_ALG_SYM_L4
        walk.do_again()
        walk.freeze_with_hash(Hash(param & 0xFFFFFFFF, symmetric))
        return None
    for step in range(len(spread)):
        bucket = group.buckets[spread[value + step & len(spread) - 1]]
        if _is_live(walk, group, bucket, 0):
            return bucket
    return None


@lru_cache(maxsize=256)
def _spread(group: GroupEntry) -> tuple[int, ...]:
    """Return the index of a bucket for each value of the hash, () if there cannot be one.

    As group_setup_dp_hash_table(): Webster's method, by which parliaments share out seats.
    """
    weights = [bucket.weight for bucket in group.buckets]
    total = sum(weights)
    if not total:
        return ()
    slots = -(-total // min(filter(None, weights)))
    count = max(16, 1 << (slots - 1).bit_length())
    if count > _MOST_HASHES[group.selection_method]:
        return ()
    values, divisors = [float(weight) for weight in weights], [1] * len(weights)
    found = []
    for _ in range(count):
        winner = max(range(len(values)), key=values.__getitem__)
        divisors[winner] += 2
        values[winner] = weights[winner] / divisors[winner]
        found.append(winner)
    return tuple(found)


def _by_fields(walk: Walk, group: GroupEntry) -> Bucket | None:
    """As pick_hash_fields_select_group()."""
    basis = hash_u64(group.selection_method_param)
    for field, mask in group.fields:
        if meets(walk.key, field.needs):
            octets = (read(field, walk.key) & mask).to_bytes(field.octets, "big")
            basis = hash_octets(octets, basis)
    return _best(walk, group, basis)


def _best(walk: Walk, group: GroupEntry, basis: int) -> Bucket | None:
    """As group_best_live_bucket()."""
    best, best_score = None, 0
    for bucket in group.buckets:
        if _is_live(walk, group, bucket, 0):
            score = (hash_int(bucket.id, basis) & 0xFFFF) * bucket.weight
            if score >= best_score:
                best, best_score = bucket, score
    return best
