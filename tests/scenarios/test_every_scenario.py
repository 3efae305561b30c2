"""What is true of every scenario that comes with emu."""

import csv
from pathlib import Path

import pytest

from emu.capture import read_frames
from emu.report.diff import render_comparison
from emu.scenario.goldens import check_goldens
from tests.capture import judges
from tests.scenarios.conftest import Run
from tests.scenarios.golden import FINGERPRINTS, GOLDENS, REGENERATE, SCENARIOS

MALFORMED_OR_BAD = "_ws.malformed || _ws.expert.severity >= 0x00600000"  # warnings and errors


def test_what_it_expects_happens(run: Run) -> None:
    failed = [
        (step.title, finding.text, finding.details)
        for step in run.recording.outcome.steps
        for finding in step.findings
        if not finding.passed
    ]
    assert failed == []
    assert run.recording.outcome.passed


def test_its_first_line_says_what_it_shows(run: Run) -> None:
    first = run.path.read_text().partition("\n")[0]
    assert first.startswith("# ")
    assert len(first) > 20
    assert run.recording.outcome.name == run.name


def test_its_goldens_are_what_it_does(run: Run) -> None:
    check = check_goldens(GOLDENS / run.name, run.folder)
    found = [*check.differing, *(render_comparison(check.comparison) if check.comparison else ())]
    assert check.passed, "\n".join([REGENERATE, *found])


def test_its_fingerprint_is_the_known_one(run: Run) -> None:
    with FINGERPRINTS.open() as file:
        known = dict(csv.reader(file))
    assert known.get(run.name) == run.recording.fingerprint, REGENERATE


def test_tshark_finds_nothing_malformed_and_no_bad_checksum(run: Run) -> None:
    checks = [f"-o{layer}.check_checksum:TRUE" for layer in ("ip", "udp", "tcp")]
    fields = ["-T", "fields", "-e", "frame.number", "-e", "_ws.expert.message"]
    whole = ["-r", str(run.folder / "run.pcapng"), "-d", "udp.port==8472,vxlan"]
    assert judges.tshark("-n", *checks, *whole, "-Y", MALFORMED_OR_BAD, *fields) == ""


def test_python_pcapng_reads_what_emu_wrote(run: Run) -> None:
    golden = [path for path in (GOLDENS / run.name).iterdir() if path.suffix == ".pcapng"]
    for path in [*golden, *run.folder.glob("*.pcapng")]:
        blocks = judges.packets(path)
        ours = list(read_frames(path))
        assert [bytes(block.packet_data) for block in blocks] == [frame.wire for frame in ours]
        times = [judges.time(block) for block in blocks]
        assert times == [frame.unix for frame in ours]
        assert times == sorted(times)


def test_every_link_has_a_capture_and_every_frame_stands_in_the_one_of_the_run(run: Run) -> None:
    captures = run.recording.captures
    whole = [frame.interface.name for frame in read_frames(run.folder / "run.pcapng")]
    for capture in captures:
        frames = list(read_frames(run.folder / capture.file))
        assert len(frames) == capture.from_a + capture.from_b
        assert whole.count(str(capture.link)) == len(frames)
    assert len(whole) == sum(capture.from_a + capture.from_b for capture in captures)


def test_every_golden_belongs_to_a_scenario() -> None:
    folders = {path.name for path in GOLDENS.iterdir() if path.is_dir()}
    assert folders == {path.stem for path in SCENARIOS.glob("*.yaml")}


@pytest.mark.parametrize("name", [path.stem for path in sorted(SCENARIOS.glob("*.yaml"))])
def test_the_course_leads_to_the_scenario(name: str) -> None:
    assert f"[{name}]({name}.yaml)" in Path(SCENARIOS, "README.md").read_text()
