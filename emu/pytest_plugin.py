"""pytest with emu: scenario files are tests, and captures are compared with goldens.

Every *.emu.yaml that pytest comes across is a test, and so is every YAML file in a folder that the
setting `emu_scenarios` names. A scenario's goldens are beside it, in goldens/NAME.

The fixture `golden` compares what a test made: frames (octets, Scapy packets, lists of either) or a
capture. Its goldens are beside the test's file, in goldens/FILE/TEST.

`pytest --emu-update` accepts what there is now.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from shlex import quote
from typing import Any, Final, Protocol

import pytest

UPDATE: Final = "--emu-update"
FOLDERS: Final = "emu_scenarios"
UPDATED: Final = "emu_updated"  # a property of the tests that wrote goldens
YAML: Final = (".yaml", ".yml")


class Packet(Protocol):
    """What can be made octets: a Scapy packet is such a thing."""

    def __bytes__(self) -> bytes:
        """Return the octets."""


Frame = bytes | Packet


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what can be said about emu."""
    group = parser.getgroup("emu")
    group.addoption(UPDATE, action="store_true", help="accept what is there now as golden")
    parser.addini(FOLDERS, "folders whose YAML files are scenarios of emu", type="paths")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "ScenarioFile | None":
    """Take scenario files for tests."""
    folders: list[Path] = parent.config.getini(FOLDERS)
    is_there = file_path.suffix in YAML and file_path.parent in folders
    if is_there or file_path.name.endswith((".emu.yaml", ".emu.yml")):
        return ScenarioFile.from_parent(parent, path=file_path)
    return None


class ScenarioFile(pytest.File):
    """A scenario file, which is one test."""

    def collect(self) -> Iterator["ScenarioItem"]:
        """Yield the test."""
        yield ScenarioItem.from_parent(self, name="scenario")


class _Failed(Exception):
    """A scenario does not do what it should."""


class ScenarioItem(pytest.Item):
    """The test that a scenario does what it expects, and what its goldens say."""

    def runtest(self) -> None:
        """Run the scenario."""
        from emu.report.cases import render_failure
        from emu.scenario.cases import run_case

        path = _shown(self.path)
        result = run_case(path, update=self.config.getoption(UPDATE))
        self.user_properties += [(UPDATED, change) for change in result.updated]
        if not result.passed:
            raise _Failed("\n".join(render_failure(result, accept=_accept(self))))

    def repr_failure(
        self,
        excinfo: pytest.ExceptionInfo[BaseException],
        style: Any = None,  # noqa: ANN401 - pytest's own names for it are private
    ) -> str:
        """Return why it failed; emu's own errors are for people, others are bugs."""
        from emu.core.errors import EmuBug, EmuError

        error = excinfo.value
        if isinstance(error, _Failed | EmuError) and not isinstance(error, EmuBug):
            return str(error)
        return str(super().repr_failure(excinfo, style))

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where it is, and what it is called."""
        return self.path, 0, str(_shown(self.path))


class Golden:
    """Compares what a test made with what it made when that was right."""

    def __init__(self, item: pytest.Item) -> None:
        from emu.capture.names import FileNames

        self._item = item
        test = FileNames().claim(item.name)
        self._folder = _shown(item.path.parent / "goldens" / item.path.stem / test)
        self._names = FileNames()

    def check(
        self,
        made: Path | str | Frame | Iterable[Frame],
        name: str = "",
        *,
        ignore: Sequence[str] = (),
        mask: Sequence[str] = (),
    ) -> None:
        """Fail if `made` differs from the golden of that name.

        Args:
            made: A capture, frames, or one frame.
            name: What its golden is called, if a test has several.
            ignore: What does not count, as for `emu diff`: "time", "comment" ...
            mask: Fields that do not count: "ip.id", "icmp.ident" ...
        """
        __tracebackhide__ = True
        from emu.capture.diff import Rules
        from emu.core.errors import EmuError

        try:
            failure = self._compare(made, name, Rules.parse(ignore, mask))
        except EmuError as error:
            failure = [str(error)]
        if failure:
            pytest.fail("\n".join(failure), pytrace=False)

    def _compare(self, made: object, name: str, rules: Any) -> list[str]:  # noqa: ANN401
        from emu.capture.diff import compare
        from emu.report.diff import render_comparison

        suffix, octets = _file_of(made)
        golden = self._folder / (self._names.claim(name or "capture") + suffix)
        if golden.exists() and golden.read_bytes() == octets:
            return []
        if self._item.config.getoption(UPDATE):
            self._update(golden, octets)
            return []
        accept = f"  if this is right: {_accept(self._item)}"
        if not golden.exists():
            return [f"there is no golden {golden}", accept]
        from tempfile import TemporaryDirectory

        with TemporaryDirectory(prefix="emu-") as scratch:
            fresh = Path(scratch, golden.name)
            fresh.write_bytes(octets)
            comparison = compare(golden, fresh, rules)
            if comparison.is_equal:
                return []
            lines = list(render_comparison(comparison))
        return [f"it differs from the golden {golden} (first) now (second):", *lines, accept]

    def _update(self, golden: Path, octets: bytes) -> None:
        from emu.capture.files import writing

        with writing(golden):
            golden.parent.mkdir(parents=True, exist_ok=True)
            change = f"{'changed' if golden.exists() else 'new'}: {golden}"
            beside = golden.with_name(f".{golden.name}.new")
            beside.write_bytes(octets)
            beside.replace(golden)
        self._item.user_properties.append((UPDATED, change))


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Compare captures, frames and Scapy packets with what they were: `golden.check(made)`."""
    return Golden(request.node)


def pytest_terminal_summary(terminalreporter: Any) -> None:  # noqa: ANN401 - it has no public type
    """Say which goldens were written."""
    changes = [
        change
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", "") == "call"
        for key, change in report.user_properties
        if key == UPDATED
    ]
    if changes:
        terminalreporter.section("goldens")
        for change in changes:
            terminalreporter.write_line(change)


def _file_of(made: object) -> tuple[str, bytes]:
    """Return the ending and the octets of the file that holds what was made."""
    from emu.capture.pcap import build_pcap
    from emu.core.errors import EmuError
    from emu.core.time import Nanoseconds

    if isinstance(made, Path | str):
        path = Path(made)
        try:
            return path.suffix or ".pcap", path.read_bytes()
        except OSError as error:
            raise EmuError(f"cannot read {path}: {error.strerror}") from error
    if hasattr(made, "__bytes__"):
        frames: list[Frame] = [made]
    elif isinstance(made, Iterable):
        frames = list(made)
    else:
        raise EmuError(f"{made!r} is neither a capture nor frames")
    return ".pcap", build_pcap((Nanoseconds(0), bytes(frame)) for frame in frames)


def _accept(item: pytest.Item) -> str:
    # a node id begins at the root folder; what a person types, where pytest was started
    _, sign, inside = item.nodeid.partition("::")
    file = os.path.relpath(item.path, item.config.invocation_params.dir)
    return f"pytest {UPDATE} {quote(file + sign + inside)}"


def _shown(path: Path) -> Path:
    """Return `path` as a person calls it who is here."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
