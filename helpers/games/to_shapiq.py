"""A game of this book as one of the package shapiq, whose estimators and plots then work on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from helpers.games.game import Game, any_game
from helpers.model.reading import Array, Reading

if TYPE_CHECKING:
    import shapiq


def shapiq_game(game: Game | Reading) -> shapiq.Game:
    """`game` as a `shapiq.Game`: its players are the words, by place, in the order of `labels`.

    shapiq counts from the empty coalition: it subtracts `normalization_value`, here f(0), from all
    values, so that its Shapley values add up to f(1) - f(0), as ours do. Players have the words as
    names if no two words are equal. `value_function` takes booleans (n, d) and returns f, (n,).

    Needs shapiq, which the book does not: `ImportError` without it. Raises `TypeError` for what is
    no game. Source: Muschalik et al., shapiq, NeurIPS 2024.

    >>> from helpers.model.reading import micro_example
    >>> game = shapiq_game(micro_example())
    >>> [round(float(x), 4) for x in game([(), ("good",), ("not", "good")])]
    [0.0, 0.8446, 0.6893]
    """
    game = any_game(game)
    try:
        import shapiq  # takes seconds to import, and only this needs it
    except ImportError:
        raise ImportError("shapiq is not installed: call pip install shapiq first") from None

    class WordGame(shapiq.Game):
        """A game of this book, for shapiq."""

        def value_function(self, coalitions: Array) -> Array:
            return game.value(np.asarray(coalitions, dtype=np.float64))

    d, names = len(game.labels), list(game.labels)
    return WordGame(
        n_players=d,
        normalize=True,
        normalization_value=float(game.value(np.zeros((1, d)))[0]),
        player_names=names if len(set(names)) == d else None,
    )
