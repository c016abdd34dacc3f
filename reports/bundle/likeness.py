"""Texts that may be the same where some of their characters are masked."""

from __future__ import annotations

MASK = "*"


def same(one: str, other: str) -> bool:
    """Whether two texts may be the same: a ``*`` in either matches any character."""
    if one == other:
        return True
    return (MASK in one or MASK in other) and len(one) == len(other) and all(map(_alike, one, other))


def _alike(one: str, other: str) -> bool:
    return one == other or MASK in (one, other)
