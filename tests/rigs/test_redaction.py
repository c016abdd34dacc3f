"""What is a secret in a line, and what only stands where one would."""

from __future__ import annotations

from rigs.redaction import Redactor


def test_stars_of_the_module_are_no_masked_stretch() -> None:
    assert Redactor().line_spans(b"+ALYDEVICESECRET: ****") == []
    assert Redactor().line_spans(b"+ALYDEVICESECRET:5f4d****cf99") == [(17, 21), (25, 29)]


def test_the_bench_s_own_words_behind_an_empty_argument_stay() -> None:
    said = "AT+ALYDEVICESECRET=: an error with code 708"
    assert Redactor().mask_text(said) == said
