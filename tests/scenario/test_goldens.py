"""Goldens are where they are said to be, and are written whole or not at all."""

from pathlib import Path

import pytest

from emu.core.errors import EmuError
from emu.scenario import load, record
from emu.scenario.goldens import (
    check_goldens,
    golden_files,
    golden_folder,
    name_of,
    write_goldens,
)
from tests.cli.test_test import LAN


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("lan.yaml", "lan"),
        ("lan.yml", "lan"),
        ("lan.emu.yaml", "lan"),
        ("lan.emu.yml", "lan"),
        ("lan.1.yaml", "lan.1"),
        ("lan", "lan"),
        ("emu.yaml", "emu"),
    ],
)
def test_a_scenario_is_called_as_its_file_without_the_ending(file: str, name: str) -> None:
    assert name_of(Path("labs", file)) == name
    assert golden_folder(Path("labs", file)) == Path("labs", "goldens", name)
    assert golden_folder(Path("labs", file), Path("pcaps")) == Path("pcaps", name)


def test_goldens_are_all_written_or_none(tmp_path: Path) -> None:
    golden = tmp_path / "goldens" / "lan"
    assert write_goldens(golden, {"a.pcapng": b"a", "fates.txt": b"f"}) == (
        f"new: {golden / 'a.pcapng'}",
        f"new: {golden / 'fates.txt'}",
    )
    (golden / ".b.pcapng.new").mkdir()  # so that it cannot be written
    with pytest.raises(EmuError, match=r"cannot write .*goldens/lan: Is a directory"):
        write_goldens(golden, {"a.pcapng": b"A", "b.pcapng": b"B", "fates.txt": b"F"})
    assert (golden / "a.pcapng").read_bytes() == b"a"
    assert (golden / "fates.txt").read_bytes() == b"f"
    assert not (golden / "b.pcapng").exists()


def test_writing_the_same_goldens_changes_nothing(tmp_path: Path) -> None:
    files = {"a.pcapng": b"a", "fates.txt": b"f"}
    write_goldens(tmp_path, files)
    before = (tmp_path / "a.pcapng").stat().st_mtime_ns
    assert write_goldens(tmp_path, files) == ()
    assert (tmp_path / "a.pcapng").stat().st_mtime_ns == before
    assert write_goldens(tmp_path, {"fates.txt": b"g"}) == (
        f"changed: {tmp_path / 'fates.txt'}",
        f"gone: {tmp_path / 'a.pcapng'}",
    )


def test_a_golden_that_differs_in_no_frame_differs_all_the_same(tmp_path: Path) -> None:
    run, golden = tmp_path / "run", tmp_path / "golden"
    record(load(LAN), run)
    files = golden_files(run)
    write_goldens(golden, files)
    assert check_goldens(golden, run).passed
    capture = golden / "pc1.eth0.pcapng"
    capture.write_bytes(capture.read_bytes().replace(b"hub1/p1", b"hub9/p9"))
    check = check_goldens(golden, run)
    assert (check.passed, check.is_missing) == (False, False)
    assert check.differing == ("pc1.eth0.pcapng",)
    assert check.comparison is not None
    assert check.comparison.is_equal


def test_goldens_that_are_not_there_are_missing(tmp_path: Path) -> None:
    record(load(LAN), tmp_path / "run")
    check = check_goldens(tmp_path / "none", tmp_path / "run")
    assert (check.passed, check.is_missing) == (False, True)
