"""The Chinese of what the reports say of a record, a bundle or a file that cannot be read or does not hold.

The English of each stands where it is said, in `reports`; by it the Chinese is found. What is in braces stands in both:
bytes, names and numbers as they were, and sentences within sentences.
"""

from __future__ import annotations

from reports.texts.refusals.unheld import UNHELD
from reports.texts.refusals.unreadable import UNREADABLE

REFUSALS: dict[str, str] = UNREADABLE | UNHELD
