"""Conversations with an actor, without a bus: what it is told, and what it then does, as text."""

from dataclasses import fields
from typing import assert_never

from emu.core.time import seconds
from emu.net.actor import Action, Actor, Configure, Message, Plug, Send, Unplug
from emu.neutron import rpc
from emu.neutron.errors import NeutronError
from emu.neutron.resources import Network, Port, Subnet

T0 = seconds(0)


def tell(actor: Actor, arguments: rpc.Arguments, sender: str = "somebody") -> list[str]:
    """Return what `actor` does when it is told `arguments`."""
    message = Message(sender, actor.name, arguments.method, arguments)
    return list(map(render, actor.on_message(T0, message)))


def render(action: Action) -> str:
    """Return a command as it is typed; else who is asked or told what."""
    match action:
        case Configure(command=command):
            return command
        case Plug(interface=interface, device=device, port=port):
            return f"plug {interface} into {device}/{port}"
        case Unplug(interface=interface):
            return f"unplug {interface}"
        case Send(message=message):
            return f"{message.to}: {message.method} {said(message.arguments)}".rstrip()
    assert_never(action)


def said(arguments: object) -> str:
    """Return the arguments that are texts, resources by their ids, errors by their kinds."""
    named = [field.name for field in fields(arguments) if field.name != "request"]  # type: ignore[arg-type]
    return " ".join([word for name in named for word in words(getattr(arguments, name))])


def words(value: object) -> list[str]:
    match value:
        case str():
            return [value] if value else []
        case tuple():
            return [word for one in value for word in words(one)]
        case Network(id=id) | Subnet(id=id) | Port(id=id):
            return [id]
        case NeutronError(kind=kind):
            return [kind]
        case rpc.DeviceDetails(device=device) | rpc.UnknownDevice(device=device):
            return [type(value).__name__, device]
    return []
