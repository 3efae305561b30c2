"""A real ovs-vswitchd with a datapath of its own that touches nothing of the machine.

It needs the programs of Debian's openvswitch-switch, but no privilege: frames come in and go out by
dummy netdevs, and time passes when it is told to.
"""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

PROGRAMS = ("ovsdb-tool", "ovsdb-server", "ovs-vswitchd", "ovs-vsctl", "ovs-ofctl")
SCHEMA = Path("/usr/share/openvswitch/vswitch.ovsschema")
_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


class RealError(Exception):
    """The real one did not want to."""


def is_installed() -> bool:
    """Whether the programs are there."""
    return all(shutil.which(program, path=_PATH) for program in PROGRAMS) and SCHEMA.exists()


class _Control:
    """The socket by which ovs-appctl talks to the daemon."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(path))
        self._read = ""
        self._serial = 0

    def __call__(self, method: str, *arguments: object) -> str:
        self._serial += 1
        request = {"id": self._serial, "method": method, "params": [str(a) for a in arguments]}
        self._socket.sendall(json.dumps(request).encode())
        while True:
            with suppress(ValueError):
                reply, end = json.JSONDecoder().raw_decode(self._read.lstrip())
                self._read = self._read.lstrip()[end:]
                break
            octets = self._socket.recv(65536)
            if not octets:
                raise RealError("the daemon closed its control socket")
            self._read += octets.decode()
        if reply.get("error"):
            raise RealError(f"{method} {arguments}: {reply['error']}")
        return str(reply.get("result") or "")

    def close(self) -> None:
        self._socket.close()


class Daemon:
    """The daemons, while the context lasts."""

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="ovs-"))
        folder = str(self.folder)
        self._environment = {
            **os.environ,
            **dict.fromkeys(("OVS_RUNDIR", "OVS_LOGDIR", "OVS_DBDIR"), folder),
            "PATH": _PATH,
        }
        database, remote = f"{folder}/conf.db", f"{folder}/db.sock"
        self.run("ovsdb-tool", "create", database, str(SCHEMA))
        self._processes = [
            self._start("ovsdb-server", f"--remote=punix:{remote}", "--pidfile", database)
        ]
        self._await(Path(remote))
        self.run("ovs-vsctl", "--no-wait", "init")
        options = ("--enable-dummy", "--disable-system", "--disable-system-route", "--pidfile")
        self._processes.append(self._start("ovs-vswitchd", *options, f"unix:{remote}"))
        pidfile = self.folder / "ovs-vswitchd.pid"
        self._await(pidfile)
        control = self.folder / f"ovs-vswitchd.{pidfile.read_text().strip()}.ctl"
        self._await(control)
        self.control = _Control(control)
        self.run("ovs-vsctl", "--timeout=20", "set", "Open_vSwitch", ".", "external-ids:up=true")
        self.control("time/stop")
        return self

    def __exit__(self, *_: object) -> None:
        self.control.close()
        for process in reversed(self._processes):
            process.terminate()
        for process in self._processes:
            process.wait(timeout=20)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        quiet = ("-vconsole:off", "--no-chdir")
        command = [str(shutil.which(program, path=_PATH)), *quiet, *arguments]
        return subprocess.Popen(command, env=self._environment)

    def _await(self, path: Path) -> None:
        for _ in range(400):
            if path.exists() and (path.suffix != ".pid" or path.read_text().strip()):
                return
            time.sleep(0.05)
        raise RealError(f"{path.name} did not appear")

    def run(self, *command: str, text: str | None = None, check: bool = True) -> str:
        """Run a program, and return what it printed: on stderr, if it failed and may."""
        program = str(shutil.which(command[0], path=_PATH))
        done = subprocess.run(
            [program, *command[1:]],
            env=self._environment,
            input=text,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode and check:
            raise RealError(f"{' '.join(command)}: {done.stderr.strip()}")
        return done.stderr if done.returncode else done.stdout

    def settle(self) -> None:
        """Let the daemon do all that it has to do.

        It answers at most 10 requests in a turn of its main loop, and handles packets between the
        turns.
        """
        for _ in range(32):
            self.control("version")
