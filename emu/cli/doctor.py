"""`emu doctor`: what this machine has, what more would give, and how to get it."""

import json as json_format
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Final

from emu.cli import FAIL, PASS
from emu.cli.colour import paint
from emu.cli.packages import how_to_install
from emu.cli.runs import RUNS
from emu.cli.wireshark import find_wireshark, has_display

PYTHON: Final = (3, 11)

# What pyproject.toml asks for: from this version on, below that one
PACKAGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "scapy": ">=2.6",
        "typer": ">=0.24,<0.29",
        "pydantic": ">=2.7",
        "PyYAML": ">=6.0",
        "rich": ">=13",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked for."""

    name: str
    found: str  # its version, or what is there instead
    ok: bool
    required: bool = False
    gives: str = ""  # if it is not ok: what it would give
    install: str = ""  # and what to type


def examine(*, json: bool) -> int:
    """Print what was found; return 0 if all is there without which emu does not work."""
    checks = list(look())
    healthy = all(check.ok for check in checks if check.required)
    if json:
        rows = [asdict(check) for check in checks]
        print(json_format.dumps({"schema_version": 1, "ok": healthy, "checks": rows}, indent=2))
        return PASS if healthy else FAIL
    for check in checks:
        _print(check)
    missing = sum(not check.ok for check in checks)
    if not healthy:
        print("emu does not work here until what is marked as missing is there")
    elif missing:
        print(f"emu works here; {missing} more thing{'s' * (missing != 1)} would be of use")
    else:
        print("emu works here, and has all that it can use")
    return PASS if healthy else FAIL


def look() -> Iterator[Check]:
    """Yield what is here and what is not."""
    yield _python()
    for package, wanted in PACKAGES.items():
        yield _package(package, wanted)
    yield _libyaml()
    yield _tshark()
    yield _wireshark()
    yield _pytest()
    yield _terminal()
    yield _place()


def _print(check: Check) -> None:
    word = "ok" if check.ok else "MISSING" if check.required else "not here"
    colour = "green" if check.ok else "red" if check.required else "yellow"
    print(f"{paint(word.ljust(8), colour)}  {check.name}  {check.found}".rstrip())
    if check.gives:
        print(f"          {check.gives}")
    if check.install:
        print(f"              {check.install}")


def _python() -> Check:
    ok = sys.version_info >= PYTHON
    return Check(
        name="Python",
        found=".".join(map(str, sys.version_info[:3])),
        ok=ok,
        required=True,
        gives="" if ok else f"emu needs Python {'.'.join(map(str, PYTHON))} or later",
    )


def _package(name: str, wanted: str) -> Check:
    try:
        found = version(name)
    except PackageNotFoundError:
        found = ""
    ok = bool(found) and fits(found, wanted)
    return Check(
        name=name,
        found=found,
        ok=ok,
        required=True,
        gives="" if ok else f"emu needs {name}{wanted}",
        install="" if ok else _pip(f"{name}{wanted}"),
    )


def fits(found: str, wanted: str) -> bool:
    """Whether a version is among those that `>=A,<B` wants."""
    for bound in wanted.split(","):
        sign, limit = bound[:2].rstrip("0123456789"), bound.lstrip("<>=")
        if (_numbers(found) >= _numbers(limit)) != (sign == ">="):
            return False
    return True


def _numbers(written: str) -> tuple[int, ...]:
    """Return the leading numbers of a version: `2.14.3rc1` is 2.14.3 here."""
    numbers: list[int] = []
    for part in written.split("."):
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if not digits:
            break
        numbers.append(int(digits))
    return tuple(numbers)


def _libyaml() -> Check:
    ok = find_spec("yaml") is not None and find_spec("yaml._yaml") is not None
    return Check(
        name="libyaml",
        found="in PyYAML" if ok else "",
        ok=ok,
        gives="" if ok else "large scenario files would be read ten times as fast",
        install="" if ok else _pip("--force-reinstall --only-binary PyYAML PyYAML"),
    )


def _tshark() -> Check:
    path = shutil.which("tshark")
    found = _version_of(path) if path else ""
    return Check(
        name="tshark",
        found=found,
        ok=path is not None,
        gives="" if path else "`emu diff` would name every field that changed, of any protocol",
        install="" if path else how_to_install("tshark"),
    )


def _wireshark() -> Check:
    path = find_wireshark()
    ok = path is not None and has_display()
    gives = "" if ok else "`emu open` would show captures in a window, with emu's columns"
    if path is not None and not ok:
        gives = "there is no display (DISPLAY is not set): `emu open` says what to type instead"
    return Check(
        name="Wireshark",
        found=_version_of(path) if path else "",
        ok=ok,
        gives=gives,
        install="" if path else how_to_install("wireshark"),
    )


def _pytest() -> Check:
    ok = find_spec("pytest") is not None
    return Check(
        name="pytest",
        found=version("pytest") if ok else "",
        ok=ok,
        gives="" if ok else "scenarios and golden captures would be tests of your own repository",
        install="" if ok else _pip("pytest"),
    )


def _terminal() -> Check:
    encoding = (sys.stdout.encoding or "ascii").lower()
    shape = (
        f"{shutil.get_terminal_size().columns} columns" if sys.stdout.isatty() else "no terminal"
    )
    colours = "no colours" if paint("", "red") == "" else "colours"
    ok = encoding.replace("-", "") == "utf8"
    return Check(
        name="output",
        found=f"{shape}, {colours}, {encoding}",
        ok=ok,
        gives="" if ok else "names that are not ASCII would be printed as they are",
        install="" if ok else "export PYTHONUTF8=1",
    )


def _place() -> Check:
    """Look whether runs can be written here."""
    place = RUNS if RUNS.is_dir() else Path()
    try:
        with tempfile.TemporaryDirectory(dir=place):
            ok = True
    except OSError:
        ok = False
    folder = str(Path(os.path.normpath(Path.cwd() / RUNS)))
    return Check(
        name="runs",
        found=f"{folder} can{'' if ok else 'not'} be written",
        ok=ok,
        gives="" if ok else "runs are written there unless another place is named:",
        install="" if ok else "emu run lb-vlan --out /tmp/lb-vlan",
    )


def _version_of(program: str) -> str:
    """Return the version that a program prints: the first number with a dot in its first line."""
    try:
        done = subprocess.run(
            [program, "--version"], capture_output=True, text=True, check=False, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired):
        return "does not start"
    words = done.stdout.partition("\n")[0].replace("(", " ").split()
    dotted = [word for word in words if "." in word and word[0].isdigit()]
    return dotted[0].rstrip(".") if dotted else "of an unknown version"


def _pip(what: str) -> str:
    quoted = f"'{what}'" if any(sign in what for sign in "<>") else what
    return f"{sys.executable} -m pip install {quoted}"
