"""Games: which features of a document are kept, and what the model then says."""

from helpers.games.game import (
    Game,
    PerturbationGame,
    TextGame,
    any_game,
    as_game,
    masks,
    position_game,
    text_game,
    word_game,
)
from helpers.games.pooling import pooling_game
from helpers.games.to_shapiq import shapiq_game

__all__ = [
    "Game",
    "PerturbationGame",
    "TextGame",
    "any_game",
    "as_game",
    "masks",
    "pooling_game",
    "position_game",
    "shapiq_game",
    "text_game",
    "word_game",
]
