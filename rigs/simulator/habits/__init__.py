"""Legal peculiarities that a real firmware may have: every tolerated alternative, each a patch, combinable.

Importing the modules fills the catalogue.
"""

from rigs.simulator.habits import answers, errors, pace, profile, session, timing, understanding
from rigs.simulator.habits.registry import HABITS, Habit

__all__ = ["HABITS", "Habit", "answers", "errors", "pace", "profile", "session", "timing", "understanding"]
