"""The command line of people, `openstack ...`: who asks at run time, and keeps the answers."""

from emu.core.errors import EmuBug
from emu.core.time import Nanoseconds
from emu.net.actor import Actions, Message
from emu.neutron import rpc
from emu.neutron.names import CLIENT


class Client:
    """Keep what is answered; what it asks, others put on the bus in its name."""

    def __init__(self) -> None:
        self.name = CLIENT
        self.answers: tuple[rpc.Reply, ...] = ()  # oldest first

    def on_message(self, now: Nanoseconds, message: Message) -> Actions:
        """Take note of an answer."""
        if not isinstance(message.arguments, rpc.Reply):
            raise EmuBug(f"{self.name} knows no {message.method}")
        self.answers = (*self.answers, message.arguments)
        return ()

    def next_deadline(self) -> None:
        """Return that nothing is ever due."""
        return

    def tick(self, now: Nanoseconds) -> Actions:
        """Do nothing."""
        return ()
