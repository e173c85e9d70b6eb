"""Words and their opposites, all known to the trained models: a list made by hand."""

from __future__ import annotations

PAIRS = (
    *("good bad", "best worst", "better worse", "great terrible", "brilliant awful"),
    *("funny unfunny", "fun tedious", "entertaining dull", "interesting boring"),
    *("enjoyable annoying", "smart stupid", "fresh stale", "original familiar", "solid flat"),
    *("beautiful ugly", "charming bland", "moving lifeless", "love hate", "warm cold"),
    *("strong weak", "powerful empty", "rich thin", "success failure", "perfect poor"),
)
OPPOSITE = {one: other for pair in PAIRS for one, other in (pair.split(), reversed(pair.split()))}
