"""The commands of the firmware, one function per form; importing the modules registers them."""

from rigs.simulator.commands import general, identity, messages, session, settings
from rigs.simulator.commands.general import one_by_one
from rigs.simulator.commands.registry import COMMANDS, Handler

__all__ = ["COMMANDS", "Handler", "general", "identity", "messages", "one_by_one", "session", "settings"]
