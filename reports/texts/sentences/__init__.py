"""The Chinese of the sentences that the bench makes: what went wrong, who should act, why nothing was judged.

The English of each stands where it is said, in `rigs`, `fixtures` and `conformance`; by it the Chinese is found. What
is in braces stands in both: bytes, names and numbers as they were, and sentences within sentences.
"""

from __future__ import annotations

from reports.texts.sentences.cloud import CLOUD
from reports.texts.sentences.gateway import GATEWAY
from reports.texts.sentences.line import LINE
from reports.texts.sentences.run import RUN
from reports.texts.sentences.unjudged import UNJUDGED

SENTENCES: dict[str, str] = LINE | CLOUD | GATEWAY | RUN | UNJUDGED
