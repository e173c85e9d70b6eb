"""How many threads torch uses: one where tensors are small."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch use one thread; afterwards as many as before.

    Threads that share small tensors wait for each other most of the time, and very long if
    another process keeps one of the processor's cores busy.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
