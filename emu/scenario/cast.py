"""Who takes part in a scenario: what steps and expectations can name, before anything is built."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from ipaddress import AddressValueError, IPv4Address
from pathlib import Path
from typing import Final

from emu.scenario.findings import Problem
from emu.scenario.texts import meant, shown
from emu.scenario.watching import is_pattern

HERE: Final = Path()

# Kinds of devices that run programs and understand commands
RUNNERS: Final = ("server", "host", "namespace")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Everybody's names."""

    kinds: Mapping[str, str]  # name -> "server", "host", "hub" ...
    ends: tuple[str, ...]  # of links: `cirros-vm1/eth0`
    growing: tuple[str, ...] = ()  # those whose agents or commands may make more ports
    folder: Path = HERE  # where the scenario file lies

    def check_runner(self, name: str, key: str) -> Iterator[Problem]:
        """Yield what is wrong with `name` as one on whom programs run."""
        runners = [known for known, kind in self.kinds.items() if kind in RUNNERS]
        if name in runners:
            return
        if (kind := self.kinds.get(name)) is not None:
            what = f'"{name}" is a {kind}, on which nothing can be run'
            yield Problem(path=(key,), what=what, fix=self._known(runners))
        else:
            what = f'there is no server, host or device "{shown(name)}"'
            yield Problem(path=(key,), what=what, fix=self._meant(name, runners))

    def check_destination(self, to: str, key: str) -> Iterator[Problem]:
        """Yield what is wrong with `to` as an address, or the name of who has it."""
        if self.kinds.get(to) in RUNNERS:
            return
        try:
            IPv4Address(to)
        except AddressValueError:
            runners = [known for known, kind in self.kinds.items() if kind in RUNNERS]
            what = f'"{shown(to)}" is neither an IPv4 address nor the name of who has one'
            yield Problem(path=(key,), what=what, fix=self._meant(to, runners))

    def check_end(self, end: str, *path: str) -> Iterator[Problem]:
        """Yield what is wrong with `end` as an end of a link."""
        if end in self.ends or any(fnmatchcase(known, end) for known in self.ends):
            return
        device, slash, _ = end.rpartition("/")
        scope = device.partition("/")[0]
        fits = [known for known in self.kinds if fnmatchcase(known, scope)]
        if slash and any(known in self.growing for known in fits):
            return  # perhaps; its agents or commands will tell
        if fits and not slash:
            ends = [known for known in self.ends if known.startswith(f"{fits[0]}/")]
            fix = f"as in {ends[0]}" if ends else ""
            what = f'"{shown(end)}" is a {self.kinds[fits[0]]}, not the end of a link'
            yield Problem(path=path, what=what, fix=fix)
            return
        what = f'no link ends at "{shown(end)}"'
        yield Problem(path=path, what=what, fix=self._meant(end, self.ends))

    def check_port(self, name: str, *path: str | int) -> Iterator[Problem]:
        """Yield what is wrong with `name` as a port that may have no link yet."""
        scope = name.partition("/")[0]
        if scope not in self.kinds:
            what = f'there is no device "{shown(scope)}"'
            yield Problem(path=path, what=what, fix=self._meant(scope, list(self.kinds)))

    def check_place(self, at: str, *path: str) -> Iterator[Problem]:
        """Yield what is wrong with `at` as a device or a port of one."""
        if any(fnmatchcase(known, at) for known in (*self.kinds, *self.ends)):
            return
        scope, slash, _ = at.partition("/")
        if slash and any(fnmatchcase(known, scope) for known in self.growing):
            return
        what = f'there is no device or port "{shown(at)}"'
        yield Problem(path=path, what=what, fix=self._meant(at, [*self.kinds, *self.ends]))

    def _meant(self, written: str, known: list[str] | tuple[str, ...]) -> str:
        if is_pattern(written):
            return self._known(known)
        return meant(written, known) or self._known(known)

    @staticmethod
    def _known(known: list[str] | tuple[str, ...]) -> str:
        if not known:
            return ""
        more = f" and {len(known) - 8} more" if len(known) > 8 else ""
        return f"there are: {', '.join(known[:8])}{more}"
