"""Time two ways of doing one thing, in turns, so that a busy moment of the machine hits both."""

from __future__ import annotations

import gc
import statistics
import time
import tracemalloc
from collections.abc import Callable


def seconds(call: Callable[[], object], calls: int = 1) -> float:
    """Wall-clock seconds of one call, the mean of `calls`, with the garbage collector at rest."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        start = time.perf_counter()
        for _ in range(calls):
            call()
        return (time.perf_counter() - start) / calls
    finally:
        if enabled:
            gc.enable()


def compare(
    ours: Callable[[], object],
    peer: Callable[[], object],
    repeats: int = 7,
    warm_up: int = 1,
    calls: int = 1,
) -> dict[str, float]:
    """Medians of `repeats` timings of each, taken in turns (A B A B …), after `warm_up` of each.

    Returns ``ours_s`` and ``peer_s`` in seconds, ``ratio`` (the median of the quotients peer / ours
    of one turn; above 1, ours is faster), its quartiles ``ratio_low`` and ``ratio_high``, and
    ``repeats``, at least 2. A turn of ours is the mean of `calls`: one call of a millisecond would
    be charged for the processor's caches, which a peer of half a second has left empty.
    """
    for _ in range(warm_up):
        ours()
        peer()
    pairs = [(seconds(ours, calls), seconds(peer)) for _ in range(repeats)]
    ratios = [there / here for here, there in pairs]
    low, _, high = statistics.quantiles(ratios, n=4, method="inclusive")
    return {
        "ours_s": statistics.median(here for here, _ in pairs),
        "peer_s": statistics.median(there for _, there in pairs),
        "ratio": statistics.median(ratios),
        "ratio_low": low,
        "ratio_high": high,
        "repeats": repeats,
    }


def fastest(call: Callable[[], object], times: int = 200) -> float:
    """The shortest of so many timings, in seconds: what a floor is."""
    return min(seconds(call) for _ in range(times))


def peak(call: Callable[[], object]) -> float:
    """Peak memory of one call, in megabytes, as Python's allocator sees it."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()
