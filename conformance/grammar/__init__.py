"""Command lines made from the catalogue's productions: valid, nearly valid, of mutated productions, and hostile."""

from conformance.grammar.classes import CLASSES, LineClass, halves, in_order, interleaved, other_lines
from conformance.grammar.safety import may_be_sent
from conformance.grammar.well_formed import is_well_formed

__all__ = ["CLASSES", "LineClass", "halves", "in_order", "interleaved", "is_well_formed", "may_be_sent", "other_lines"]
